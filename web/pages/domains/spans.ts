/** A record cut where findings point into it. Several may point at the same place, and places may lie across each other. */
import type { FindingJson } from '../../../server/api/json/domains.ts';

/** `start`, `end`: characters of the record, the end exclusive. `number`: of the finding on its card, from 1. */
export type Span = { start: number; end: number; number: number };
/** `marks`: the findings that point here. `ends`: those whose place ends here, where their numbers are written. */
export type Piece = { text: string; marks: number[]; ends: number[] };

export function cutAt(record: string, spans: readonly Span[]): Piece[] {
  const inside = spans
    .map(({ start, end, number }) => ({ start: Math.max(0, start), end: Math.min(record.length, end), number }))
    .filter(({ start, end }) => start < end);
  const cuts = [...new Set([0, record.length, ...inside.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  );
  return cuts.slice(0, -1).map((from, at) => {
    const to = cuts[at + 1] ?? record.length;
    const here = inside.filter(({ start, end }) => start <= from && end >= to);
    const numbers = (list: typeof inside) => [...new Set(list.map(({ number }) => number))].sort((a, b) => a - b);
    return { text: record.slice(from, to), marks: numbers(here), ends: numbers(here.filter(({ end }) => end === to)) };
  });
}

/** Where findings point into one record. @param findings of one card, in order */
export function spansIn(record: string, findings: readonly Pick<FindingJson, 'evidence'>[]): Span[] {
  return findings.flatMap(({ evidence }, at) =>
    evidence.record === record && typeof evidence.start === 'number' && typeof evidence.end === 'number'
      ? [{ start: evidence.start, end: evidence.end, number: at + 1 }]
      : [],
  );
}
