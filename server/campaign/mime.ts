/**
 * A mail is a tree of parts (MIME, RFC 2046): a multipart names a line that stands between its parts, and any of them may be a multipart again. The tree is read in one
 * pass over the lines, however deep it goes: all open delimiters are in one table, so a thousand levels cost no more than one. What a stranger builds beyond the limits
 * is counted and not followed. Pure.
 */
import { type FieldBlock, firstOf, hasEightBit, readFields, readParameters, startOf } from './fields.ts';
import type { Field, Part } from './types.ts';

const MAX_PARTS = 500;
const MAX_DEPTH = 50;

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;

/** A part and where its body stands in the file. */
export type Placed = Part & { from: number; to: number; bodyLine: number };

export type Tree = {
  fields: Field[];
  headerBytes: number;
  headerCut: boolean;
  stray: number[];
  parts: Placed[];
  /** Of all, also those that were not followed. */
  count: number;
  tooDeep: boolean;
  lines: number;
  longestLine: { bytes: number; line: number };
};

type Open = { part: Placed; boundary: string; children: number };

export function readTree(raw: Buffer): Tree {
  const start = startOf(raw);
  const header = readFields(raw, start.at, raw.length, start.line);
  const root = partOf(header, null, start.line);
  const tree: Tree = {
    fields: header.fields,
    headerBytes: header.end - start.at,
    headerCut: header.cut,
    stray: header.stray,
    parts: [root],
    count: 1,
    tooDeep: false,
    lines: header.line - 1,
    longestLine: { bytes: 0, line: header.line },
  };
  const stack: Open[] = [];
  const byBoundary = new Map<string, number>();
  /** The part whose body is read now; null: between parts. */
  let leaf: Placed | null = root;
  let line = header.line;
  let at = header.end;

  const open = (part: Placed): void => {
    if (part.boundary === null || !part.type.startsWith('multipart/')) return;
    if (stack.length >= MAX_DEPTH) {
      tree.tooDeep = true;
      return;
    }
    // An inner multipart with the delimiter of an outer one could never be told apart from it: the outer one keeps it.
    if (byBoundary.has(part.boundary)) return;
    byBoundary.set(part.boundary, stack.length);
    stack.push({ part, boundary: part.boundary, children: 0 });
  };
  const close = (depth: number, end: number): void => {
    while (stack.length > depth) {
      const ended = stack.pop();
      if (ended === undefined) break;
      byBoundary.delete(ended.boundary);
      finish(ended.part, raw, end);
    }
  };
  /** A part may end within its header. */
  const isDelimiter = (content: Buffer): boolean => {
    if (content.length < 3 || content.length > 202 || content[0] !== DASH || content[1] !== DASH) return false;
    const text = content.toString('latin1', 2).trimEnd();
    return byBoundary.has(text) || (text.endsWith('--') && byBoundary.has(text.slice(0, -2)));
  };
  open(root);

  while (at < raw.length) {
    const lf = raw.indexOf(LF, at);
    const end = lf === -1 ? raw.length : lf;
    const bare = end > at && raw[end - 1] === CR ? end - 1 : end;
    const length = bare - at;
    if (length > tree.longestLine.bytes) tree.longestLine = { bytes: length, line };
    const start = at;
    at = end + 1;
    line++;
    if (stack.length === 0 || length < 3 || length > 202 || raw[start] !== DASH || raw[start + 1] !== DASH) continue;
    const text = raw.toString('latin1', start + 2, bare).trimEnd();
    let depth = byBoundary.get(text);
    const last = depth === undefined && text.endsWith('--');
    if (last) depth = byBoundary.get(text.slice(0, -2));
    const parent = depth === undefined ? undefined : stack[depth];
    if (depth === undefined || parent === undefined) continue;
    if (leaf !== null) finish(leaf, raw, start);
    leaf = null;
    close(depth + 1, start);
    parent.part.opened = true;
    if (last) {
      parent.part.closed = true;
      close(depth, start);
      continue;
    }
    tree.count++;
    parent.children++;
    if (tree.parts.length >= MAX_PARTS) continue;
    const block = readFields(raw, at, raw.length, line, isDelimiter);
    leaf = partOf(block, { path: parent.part.path, depth: depth + 1, index: parent.children }, line);
    tree.parts.push(leaf);
    at = block.end;
    line = block.line;
    open(leaf);
  }
  if (leaf !== null) finish(leaf, raw, raw.length);
  close(0, raw.length);
  tree.lines = line - 1;
  return tree;
}

function finish(part: Placed, raw: Buffer, end: number): void {
  // The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
  let to = end;
  if (to < raw.length && to > part.from && raw[to - 1] === LF) to--;
  if (to < raw.length && to > part.from && raw[to - 1] === CR) to--;
  part.to = Math.max(part.from, to);
  part.bytes = part.to - part.from;
  part.size = part.encoding === 'base64' ? Math.floor((part.bytes * 73) / 100) : part.bytes;
  if (!part.type.startsWith('multipart/')) part.eightBit = hasEightBit(raw.subarray(part.from, part.to));
}

function partOf(
  block: FieldBlock,
  parent: { path: string; depth: number; index: number } | null,
  line: number,
): Placed {
  const type = readParameters(firstOf(block.fields, 'content-type')?.value ?? 'text/plain');
  const disposition = readParameters(firstOf(block.fields, 'content-disposition')?.value ?? '');
  const name = disposition.parameters.get('filename') ?? type.parameters.get('name') ?? null;
  const contentId = firstOf(block.fields, 'content-id')?.value.replace(/^<|>$/g, '') ?? null;
  const path = parent === null ? '0' : parent.path === '0' ? `${parent.index}` : `${parent.path}.${parent.index}`;
  return {
    path,
    depth: parent?.depth ?? 0,
    type: /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/.test(type.value) ? type.value : 'text/plain',
    charset: type.parameters.get('charset')?.toLowerCase().slice(0, 60) ?? null,
    encoding: (firstOf(block.fields, 'content-transfer-encoding')?.value ?? '7bit').toLowerCase().slice(0, 60),
    disposition: disposition.value === 'attachment' ? 'attachment' : disposition.value === 'inline' ? 'inline' : null,
    name: name?.slice(0, 300) ?? null,
    contentId: contentId?.slice(0, 300) ?? null,
    boundary: type.parameters.get('boundary')?.slice(0, 200) ?? null,
    opened: false,
    closed: false,
    line,
    bytes: 0,
    size: 0,
    eightBit: false,
    from: block.end,
    to: block.end,
    bodyLine: block.line,
  };
}
