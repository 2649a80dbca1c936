/** Which lines of a long source are drawn: its beginning and those around each place; or, on wish, as many as a browser bears. */
import type { Found } from './found.ts';
import { linesOf, type Mark, placeOf, rangeAt, type ShownLine, shownLine } from './place.ts';

export type SourceLine = ShownLine | { gap: number; from: number };

const AROUND = 6;
const AT_FIRST = 60;
const MOST = 5000;

/** @param found those that point into this text */
export function sourceLines(text: string, found: readonly Found[], whole: boolean): SourceLine[] {
  const lines = linesOf(text);
  const places = new Map<number, Mark[]>();
  for (const { finding, number } of found) {
    const place = placeOf(finding);
    if (place === null || number === null || place.line > lines.length) continue;
    const [start, length] = rangeAt(lines[place.line - 1] ?? '', place.column, finding.evidence);
    places.set(place.line, [...(places.get(place.line) ?? []), { start, length, number }]);
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
    shown.push(shownLine(at, lines[at - 1] ?? '', places.get(at) ?? []));
  }
  close(lines.length + 1);
  return shown;
}
