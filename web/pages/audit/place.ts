/**
 * Where a finding points: a line and a column of the mail's source become a piece of text to underline, and, where it is an element of the HTML, the same element in
 * the preview. The preview was written anew by the server without its places, so an element is found again by its name and its rank among those of that name; when
 * the ranks cannot be told (some were taken out), nothing is marked rather than something else.
 */
import { MARK } from '../../components/mail-frame.ts';

/** From 1, in characters. */
export type Place = { line: number; column: number };
export type Finding = { evidence: Record<string, unknown> };
/** A line in pieces; `number`: of the finding that points at the piece, null: none does. `cutBefore`, `cutAfter`: the line goes on there. */
export type ShownLine = {
  number: number;
  pieces: { text: string; mark: number | null }[];
  cutBefore: boolean;
  cutAfter: boolean;
};
/** Where a line is marked, in characters from 0 */
export type Mark = { start: number; length: number; number: number };

/** Minified HTML stands in one line of any length. */
const ROOM = 140;
const LONGEST_MARK = 240;

/** Null: the finding is about the mail as a whole. @returns `part`: of the mail, or null for its file */
export function placeOf({ evidence }: Finding): (Place & { part: string | null }) | null {
  const { line, column, part } = evidence;
  if (typeof line !== 'number' || !Number.isInteger(line) || line < 1) return null;
  return {
    line,
    column: typeof column === 'number' && column >= 1 ? column : 1,
    part: typeof part === 'string' ? part : null,
  };
}

export function linesOf(source: string): string[] {
  return source.split(/\r\n|\n|\r/);
}

/** Evidence that quotes the mail; other values (a field's name, a domain) may stand there by chance. */
const QUOTED = ['placeholder', 'what', 'href', 'url', 'text', 'src'];

/**
 * What is meant on the line: what the evidence quotes, the tag that begins there, the whole of a header field's line, else the word.
 * @returns where it begins, from 0, and how long it is
 */
export function rangeAt(
  line: string,
  column: number,
  evidence: Record<string, unknown>,
): [start: number, length: number] {
  const start = column - 1;
  const rest = line.slice(start);
  for (const key of QUOTED) {
    const value = evidence[key];
    if (typeof value !== 'string' || value.length < 2 || rest.startsWith('<')) continue;
    // A header field is named as a whole; what it quotes stands somewhere in it.
    const at = rest.indexOf(value);
    if (at === 0 || (at > 0 && column === 1)) return [start + at, Math.min(value.length, LONGEST_MARK)];
  }
  if (rest.startsWith('<')) {
    const end = rest.indexOf('>');
    return [start, Math.min(end === -1 ? rest.length : end + 1, LONGEST_MARK)];
  }
  if (column === 1) return [start, Math.min(rest.length, LONGEST_MARK)];
  return [start, Math.min(/^\S+/.exec(rest)?.[0].length ?? rest.length, LONGEST_MARK)];
}

/** The line of a place with some around it. Empty where the source has no such line. @param number of the finding */
export function excerpt(
  lines: readonly string[],
  place: Place,
  evidence: Record<string, unknown>,
  number: number,
  around = 1,
): ShownLine[] {
  if (place.line > lines.length) return [];
  const from = Math.max(1, place.line - around);
  const to = Math.min(lines.length, place.line + around);
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const text = lines[from + at - 1] ?? '';
    if (from + at !== place.line) return shownLine(from + at, text, []);
    const [start, length] = rangeAt(text, place.column, evidence);
    return shownLine(from + at, text, [{ start, length, number }]);
  });
}

/** Of a long line, what is around its marks. Marks that lie across an earlier one begin behind it. */
export function shownLine(number: number, text: string, marks: readonly Mark[]): ShownLine {
  const sorted = marks.toSorted((a, b) => a.start - b.start);
  const first = Math.min(sorted[0]?.start ?? 0, text.length);
  const last = Math.max(first, ...sorted.map(({ start, length }) => Math.min(start + length, text.length)));
  const from = first > ROOM ? first - ROOM : 0;
  const to = Math.min(text.length, Math.max(last + ROOM, 2 * ROOM));
  const pieces: ShownLine['pieces'] = [];
  let at = from;
  for (const { start, length, number: mark } of sorted) {
    const begin = Math.max(at, Math.min(start, text.length));
    const end = Math.max(begin, Math.min(start + length, text.length));
    if (begin > at) pieces.push({ text: text.slice(at, begin), mark: null });
    pieces.push({ text: text.slice(begin, end), mark });
    at = end;
  }
  if (to > at || pieces.length === 0) pieces.push({ text: text.slice(at, to), mark: null });
  return { number, pieces, cutBefore: from > 0, cutAfter: to < text.length };
}

/** What is no element although it looks like one: comments (those for Outlook among them), style sheets, scripts. Each sign becomes a blank, so that places stay. */
function withoutCode(html: string): string {
  return html.replace(/<!--[\s\S]*?-->|<(style|script|title|textarea|svg|math)\b[\s\S]*?<\/\1\s*>/gi, (found) =>
    found.replace(/[^\n]/g, ' '),
  );
}

/** The element that begins at a place, and the how manieth of its name it is, from 0; null where none begins. */
export function elementAt(source: string, place: Place): { name: string; rank: number; of: number } | null {
  const lines = linesOf(source);
  if (place.line > lines.length) return null;
  const joined = lines.join('\n');
  const offset = lines.slice(0, place.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + place.column - 1;
  const name = /^<([a-z][a-z0-9]*)/i.exec(joined.slice(offset, offset + 40))?.[1]?.toLowerCase();
  if (name === undefined) return null;
  const starts = startsOf(withoutCode(joined), name);
  const rank = starts.indexOf(offset);
  return rank === -1 ? null : { name, rank, of: starts.length };
}

function startsOf(html: string, name: string): number[] {
  return [...html.matchAll(new RegExp(`<${name}(?=[\\s/>])`, 'gi'))].map(({ index }) => index);
}

/** @param html as the server cleaned it @returns null where the element cannot be told */
export function markElement(html: string, source: string, place: Place): string | null {
  const element = elementAt(source, place);
  if (element === null) return null;
  const starts = startsOf(withoutCode(html), element.name);
  const start = starts[element.rank];
  if (start === undefined || starts.length !== element.of) return null;
  const behind = start + 1 + element.name.length;
  return `${html.slice(0, behind)} ${MARK}=""${html.slice(behind)}`;
}
