/**
 * From the bytes of a mail to the facts that all checks judge. A mail is written by strangers even when it is one's own: newsletter systems put together what templates,
 * editors and databases gave them. So there are limits on everything here, and a wall clock around it (reader.ts). Pure.
 */
import { readAuthor } from '../authentication/alignment.ts';
import { decodeWords } from '../authentication/headers.ts';
import { readText } from './decode.ts';
import { firstOf } from './fields.ts';
import { readHtml } from './html.ts';
import { languagesOf } from './language.ts';
import { type Placed, readTree } from './mime.ts';
import type { Facts, Part } from './types.ts';

const LF = 0x0a;
const CR = 0x0d;

export function readMessage(raw: Buffer): Facts {
  const tree = readTree(raw);
  const { fields } = tree;
  const text = pick(tree.parts, 'text/plain');
  const source = pick(tree.parts, 'text/html');
  const readPlain = text === null ? null : readText(raw, text);
  const readSource = source === null ? null : readText(raw, source);
  const html = readSource === null ? null : readHtml(readSource);
  const subject = firstOf(fields, 'subject');
  const author = readAuthor(fields);
  const from = firstOf(fields, 'from')?.value ?? '';
  return {
    bytes: raw.length,
    lines: tree.lines,
    longestLine: tree.longestLine,
    ...lineEndsOf(raw),
    nulAt: lineOf(raw, raw.indexOf(0)),
    fields,
    headerBytes: tree.headerBytes,
    headerCut: tree.headerCut,
    strayLines: tree.stray,
    parts: tree.parts.map(withoutPlace),
    partCount: tree.count,
    tooDeep: tree.tooDeep,
    author,
    from: {
      address: author.addresses[0] ?? null,
      name: nameIn(from),
      domain: author.domain,
    },
    subject: subject === null ? null : decodeWords(subject.value).slice(0, 10_000),
    text: readPlain,
    source: readSource,
    html,
    languages: languagesOf(`${html?.text ?? ''}\n${readPlain?.text ?? ''}`),
  };
}

/** The first that is shown, not attached. */
function pick(parts: readonly Placed[], type: string): Placed | null {
  return parts.find((part) => part.type === type && part.disposition !== 'attachment') ?? null;
}

function withoutPlace({ from: _from, to: _to, bodyLine: _line, ...part }: Placed): Part {
  return part;
}

/** What stands before the address in From. */
function nameIn(from: string): string {
  const bracket = from.slice(0, 2000).lastIndexOf('<');
  const name = bracket === -1 ? '' : from.slice(0, bracket);
  return decodeWords(
    name
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replace(/\\(.)/g, '$1'),
  ).trim();
}

/** Byte by byte: fifty megabytes of short lines would be millions of searches. */
function lineEndsOf(raw: Buffer): Pick<Facts, 'lineEnds' | 'mixedAt'> {
  let crlf = false;
  let other = false;
  let line = 1;
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at];
    if (byte === LF) {
      if (at > 0 && raw[at - 1] === CR) crlf = true;
      else other = true;
    } else if (byte === CR && raw[at + 1] !== LF) crlf = other = true;
    if (crlf && other) return { lineEnds: 'mixed', mixedAt: line };
    if (byte === LF) line++;
  }
  return { lineEnds: crlf ? 'crlf' : 'lf', mixedAt: null };
}

function lineOf(raw: Buffer, offset: number): number | null {
  if (offset === -1) return null;
  let line = 1;
  for (let at = raw.indexOf(LF); at !== -1 && at < offset; at = raw.indexOf(LF, at + 1)) line++;
  return line;
}
