/** How a check looks in a terminal: colours by severity, a record with its faulty parts marked beneath, and what stands under each protocol. */
import { styleText } from 'node:util';
import type { RecordKey, Records } from '../domain/audit.ts';
import type { Asked, Finding, Severity } from '../domain/types.ts';
import { plain } from './open.ts';

/** One protocol: what it comes to in a few words, and the lines beneath. */
export type Section<Key extends RecordKey> = (
  shown: Records[Key],
  findings: readonly Finding[],
  width: number,
  asked: Asked,
) => { head: string; lines: string[] };

const COLOURS: Record<Severity, Parameters<typeof styleText>[0]> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  info: 'gray',
};

export const coloured = (severity: Severity, text: string): string =>
  styleText(COLOURS[severity], text, { stream: process.stdout });
export const bold = (text: string): string => styleText('bold', text, { stream: process.stdout });
export const faint = (text: string): string => styleText('gray', text, { stream: process.stdout });

export function absent(asked: Asked): string {
  return asked === 'unasked' ? 'could not be asked' : asked === 'found' ? 'no usable record' : 'no record';
}

/** The record in lines, and under each the places that findings are about. */
export function marked(record: string | null, findings: readonly Finding[], width: number): string[] {
  if (record === null) return [];
  const marks = findings.flatMap(({ evidence, severity }) =>
    evidence.record === record && typeof evidence.start === 'number' && typeof evidence.end === 'number'
      ? [{ start: evidence.start, end: evidence.end, severity }]
      : [],
  );
  const lines: string[] = [];
  for (let from = 0; from < record.length; ) {
    const room = width - 4;
    const space = record.lastIndexOf(' ', from + room);
    const to = record.length - from <= room ? record.length : space > from ? space + 1 : from + room;
    lines.push(plain(record.slice(from, to)));
    const places = Array.from({ length: to - from }, (_, i) =>
      marks.find((mark) => mark.start <= from + i && from + i < mark.end),
    );
    if (places.some((place) => place !== undefined))
      lines.push(
        places
          .map((place) => (place ? coloured(place.severity, '^') : ' '))
          .join('')
          .trimEnd(),
      );
    from = to;
  }
  return lines;
}

/** Words in lines. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
