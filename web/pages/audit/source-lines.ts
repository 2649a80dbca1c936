/** Which lines of a long source are drawn: its beginning and those around each place; or, on wish, as many as a browser bears. */
import type { Found } from './found.ts';
import { lengthAt, linesOf, placeOf, type ShownLine, shownLine } from './place.ts';

export type SourceLine = { line: ShownLine; number: number | undefined } | { gap: number; from: number };

const AROUND = 6;
const AT_FIRST = 60;
const MOST = 5000;

/** @param found those that point into this text */
export function sourceLines(text: string, found: readonly Found[], whole: boolean): SourceLine[] {
  const lines = linesOf(text);
  const places = new Map<number, { column: number; length: number; number: number }>();
  for (const { finding, number } of found) {
    const place = placeOf(finding);
    if (place === null || number === null || place.line > lines.length || places.has(place.line)) continue;
    const line = lines[place.line - 1] ?? '';
    places.set(place.line, { column: place.column, length: lengthAt(line, place.column, finding.evidence), number });
  }
  const near = (at: number): boolean => {
    for (let line = at - AROUND; line <= at + AROUND; line++) if (places.has(line)) return true;
    return false;
  };
  const shown: SourceLine[] = [];
  let gap = 0;
  let drawn = 0;
  const close = (before: number): void => {
    if (gap > 0) shown.push({ gap, from: before - gap });
    gap = 0;
  };
  for (let at = 1; at <= lines.length; at++) {
    if (drawn >= MOST || !(whole || at <= AT_FIRST || near(at))) {
      gap++;
      continue;
    }
    close(at);
    drawn++;
    const place = places.get(at);
    shown.push({
      line: shownLine(at, lines[at - 1] ?? '', place ? [place.column - 1, place.length] : null),
      number: place?.number,
    });
  }
  close(lines.length + 1);
  return shown;
}
