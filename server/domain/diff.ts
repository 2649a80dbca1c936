/**
 * Two versions of a record beside each other: what stayed, what went, what came. Records are compared by their parts (terms of SPF, tags of the others), because that is
 * what a person changes; a key is one part. Pure.
 */
import type { Protocol } from './types.ts';

export type DiffPart = { kind: 'same' | 'removed' | 'added'; text: string };
/** `changed`: one value became another, and `parts` says where; else it has one part. */
export type DiffLine = { kind: 'same' | 'removed' | 'added' | 'changed'; parts: DiffPart[] };

/** More parts than these are compared as a whole. */
const MOST_PARTS = 400;

export function diffRecords(protocol: Protocol, before: readonly string[], after: readonly string[]): DiffLine[] {
  const gone = before.filter((value) => !after.includes(value));
  const come = after.filter((value) => !before.includes(value));
  const stayed = before.filter((value) => after.includes(value)).map((text) => whole('same', text));
  const [from, to] = [gone[0], come[0]];
  if (gone.length === 1 && come.length === 1 && from !== undefined && to !== undefined)
    return [...stayed, { kind: 'changed', parts: diffParts(partsOf(protocol, from), partsOf(protocol, to)) }];
  return [...stayed, ...gone.map((text) => whole('removed', text)), ...come.map((text) => whole('added', text))];
}

function whole(kind: DiffPart['kind'], text: string): DiffLine {
  return { kind, parts: [{ kind, text }] };
}

/** Whatever stands between parts belongs to the part before it: joined they are the record. */
function partsOf(protocol: Protocol, record: string): string[] {
  const parts = record.match(protocol === 'spf' || protocol === 'mx' ? /\S+\s*|\s+/g : /[^;]*;\s*|[^;]+$/g) ?? [];
  return parts.length > MOST_PARTS ? [record] : parts;
}

/** The longest common run of parts stays. A part is the same whatever white space and separator follow it. */
function diffParts(before: readonly string[], after: readonly string[]): DiffPart[] {
  const [old, young] = [before.map(bare), after.map(bare)];
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = old[i] === young[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const parts: DiffPart[] = [];
  const push = (kind: DiffPart['kind'], text: string): void => {
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [gone, come] = [before[i], after[j]];
    if (gone !== undefined && come !== undefined && old[i] === young[j]) {
      push('same', come);
      i++;
      j++;
    } else if (gone !== undefined && (come === undefined || at(i + 1, j) >= at(i, j + 1))) {
      push('removed', gone);
      i++;
    } else if (come !== undefined) {
      push('added', come);
      j++;
    }
  }
  return parts;
}

/** By hand: a pattern would look at each of many blanks in the middle of a part as if the end began there. */
function bare(part: string): string {
  let end = part.length;
  while (end > 0 && /[\s;]/.test(part.charAt(end - 1))) end--;
  return part.slice(0, end);
}
