/** How the mail is put together: parts, delimiters, character sets, encodings, line lengths, size, attachments. Pure. */

import { type FindingId, raise } from '../findings.ts';
import type { Facts, Finding, Fix, Part, Text } from '../types.ts';

/** RFC 5322 §2.1.1, without the line end. */
export const MAX_LINE = 998;
/** Gmail shows the first 102 KB of a message and hides the rest behind a link, and with it whatever counts opens and unsubscribes (November 2026). */
export const GMAIL_CLIPS = 102 * 1024;
const LARGE = 1024 * 1024;

/** Kinds that Gmail and Outlook refuse to deliver or to open. */
const DANGEROUS =
  /\.(?:ade|adp|apk|appx|bat|cab|chm|cmd|com|cpl|diagcab|dll|dmg|ex|exe|hta|ins|iso|isp|jar|jnlp|js|jse|lib|lnk|mde|mjs|msc|msi|msix|msp|mst|nsh|pif|ps1|scr|sct|shb|sys|vb|vbe|vbs|vhd|vxd|wsc|wsf|wsh|xll)$/i;

export function checkStructure(facts: Facts): Finding[] {
  const { text, source, parts } = facts;
  return [
    ...tree(facts),
    ...(text === null && source === null && !facts.tooDeep ? [raise('structure-empty')] : []),
    ...(text === null && source !== null ? [raise('structure-text-missing')] : []),
    ...alternatives(facts),
    ...[text, source].flatMap((one) => (one === null ? [] : textFaults(one, parts))),
    ...wire(facts),
    ...attachments(parts),
  ];
}

function tree({ parts, partCount, tooDeep }: Facts): Finding[] {
  const multiparts = parts.filter(({ type }) => type.startsWith('multipart/'));
  const missing = multiparts.find(({ boundary, opened }) => boundary === null || !opened);
  const unclosed = multiparts.find(({ opened, closed }) => opened && !closed);
  const where = ({ path, line, type }: Part): Record<string, string | number> => ({ path, line, type });
  return [
    ...(tooDeep ? [raise('structure-nested-deeply', { limit: 50 })] : []),
    ...(partCount > 500 ? [raise('structure-parts-many', { count: partCount, limit: 500 })] : []),
    ...(missing && !tooDeep ? [raise('structure-boundary-missing', where(missing))] : []),
    ...(unclosed && !tooDeep ? [raise('structure-boundary-unclosed', where(unclosed))] : []),
  ];
}

function alternatives({ parts, text, source, html }: Facts): Finding[] {
  if (text === null || source === null || html === null) return [];
  const order = parts.findIndex(({ path }) => path === source.part) < parts.findIndex(({ path }) => path === text.part);
  const alternative = parts.some(({ type }) => type === 'multipart/alternative');
  const found = order && alternative ? [raise('structure-alternative-order', { part: source.part })] : [];
  if (text.text.trim() === '') return [...found, raise('structure-text-empty', { part: text.part })];
  const share = overlap(text.text, html.text);
  if (share !== null && share < 0.3)
    found.push(raise('structure-text-differs', { part: text.part, percent: Math.round(share * 100) }));
  return found;
}

/** The share of the shorter text's words (of Japanese: pairs of signs) that the other has too; null where there is too little to tell. */
export function overlap(a: string, b: string): number | null {
  const [first, second] = [wordsOf(a), wordsOf(b)];
  const [less, more] = first.size < second.size ? [first, second] : [second, first];
  if (less.size < 8) return null;
  let both = 0;
  for (const word of less) if (more.has(word)) both++;
  return both / less.size;
}

function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  const bare = text.slice(0, 100_000).replace(/https?:\/\/\S+/g, ' ');
  for (const [word] of bare.matchAll(/[\p{L}\p{N}]{2,}/gu)) {
    if (!/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(word)) words.add(word.toLowerCase());
    else for (let at = 0; at + 1 < word.length; at++) words.add(word.slice(at, at + 2));
    if (words.size > 20_000) break;
  }
  return words;
}

const FAULTS = {
  'charset-missing': 'structure-charset-missing',
  'charset-unknown': 'structure-charset-unknown',
  'charset-invalid': 'structure-charset-invalid',
  'escape-open': 'structure-escape-open',
  'escape-foreign': 'structure-escape-foreign',
  'encoding-unknown': 'structure-encoding-unknown',
  'encoding-invalid': 'structure-encoding-invalid',
} as const satisfies Record<string, FindingId>;

function textFaults(text: Text, parts: readonly Part[]): Finding[] {
  const part = parts.find(({ path }) => path === text.part);
  const common = { part: text.part, type: part?.type ?? '', charset: text.charset, encoding: part?.encoding ?? '' };
  const fix: Fix = { header: 'Content-Type', value: `${part?.type ?? 'text/plain'}; charset=utf-8` };
  return text.faults.map((fault) =>
    raise(
      FAULTS[fault.kind],
      'line' in fault ? { ...common, line: fault.line, column: 1 } : common,
      fault.kind === 'charset-missing' ? fix : null,
    ),
  );
}

function wire(facts: Facts): Finding[] {
  const { longestLine, nulAt, mixedAt, source, html, bytes, parts } = facts;
  const eightBit = parts.find((part) => part.eightBit && !['8bit', 'binary'].includes(part.encoding));
  const clipped = source !== null && html !== null && html.bytes > GMAIL_CLIPS;
  return [
    ...(eightBit === undefined
      ? []
      : [raise('structure-eight-bit', { path: eightBit.path, line: eightBit.line, encoding: eightBit.encoding })]),
    ...(longestLine.bytes > MAX_LINE
      ? [raise('structure-line-too-long', { line: longestLine.line, column: MAX_LINE + 1, bytes: longestLine.bytes })]
      : []),
    ...(mixedAt === null ? [] : [raise('structure-line-ends-mixed', { line: mixedAt })]),
    ...(nulAt === null ? [] : [raise('structure-nul', { line: nulAt })]),
    ...(clipped
      ? [raise('structure-clipped', { part: source.part, kilobytes: kilobytes(html.bytes), limit: 102 })]
      : []),
    ...(bytes > LARGE ? [raise('structure-large', { kilobytes: kilobytes(bytes) })] : []),
  ];
}

const kilobytes = (bytes: number): number => Math.round(bytes / 1024);

function attachments(parts: readonly Part[]): Finding[] {
  const attached = parts.filter(
    (part) =>
      !part.type.startsWith('multipart/') &&
      part.contentId === null &&
      (part.disposition === 'attachment' || part.name !== null) &&
      part.path !== '0',
  );
  const dangerous = attached.find(({ name }) => name !== null && DANGEROUS.test(name.trim()));
  const names = attached.slice(0, 10).map(({ name, type }) => name ?? type);
  if (dangerous !== undefined)
    return [
      raise('structure-attachment-dangerous', { path: dangerous.path, line: dangerous.line, name: dangerous.name }),
    ];
  return attached.length === 0 ? [] : [raise('structure-attachment', { names, count: attached.length })];
}
