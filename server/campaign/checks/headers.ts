/** What the header says and how: who writes, when, to whom, and a subject that people can read. Pure. */
import { isAligned, readAuthor } from '../../authentication/alignment.ts';
import { firstOf } from '../fields.ts';
import { raise } from '../findings.ts';
import type { Facts, Field, Finding } from '../types.ts';
import { MAX_LINE } from './structure.ts';

/** RFC 5322 §3.6 and what mail clients add to it: more than one of these is read differently by different readers. */
const ONCE = [
  ...['from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'message-id', 'in-reply-to', 'references', 'subject', 'date'],
  ...['mime-version', 'content-type', 'content-transfer-encoding', 'list-unsubscribe', 'list-unsubscribe-post'],
];
const MAX_HEADER = 32 * 1024;
const MAX_SHOWN_RECIPIENTS = 20;
const DAY_MS = 86_400_000;
/** Columns that an inbox on a phone shows; a Japanese sign takes two. */
const SUBJECT_COLUMNS = 70;

/** @param now epoch milliseconds */
export function checkHeaders(facts: Facts, now: number): Finding[] {
  return [...author(facts), ...once(facts.fields), ...moments(facts, now), ...writing(facts), ...subject(facts)];
}

const where = ({ line }: Field): { line: number; column: number } => ({ line, column: 1 });

function author({ author, fields, from }: Facts): Finding[] {
  const field = firstOf(fields, 'from');
  const place = field === null ? {} : where(field);
  const { problems } = author;
  if (problems.includes('no-from') || problems.includes('no-address')) return [raise('headers-from-missing', place)];
  const grave = problems.filter((problem) => problem !== 'address-in-display-name');
  const found: Finding[] = [];
  if (grave.length > 0) found.push(raise('headers-from-ambiguous', { ...place, problems: grave }));
  if (problems.includes('address-in-display-name'))
    found.push(raise('headers-from-name-address', { ...place, name: from.name, address: from.address }));
  if (from.name === '' && grave.length === 0)
    found.push(raise('headers-from-name-missing', { ...place, address: from.address }));
  for (const [key, id] of [
    ['reply-to', 'headers-reply-to-elsewhere'],
    ['sender', 'headers-sender-elsewhere'],
  ] as const) {
    const other = firstOf(fields, key);
    const domain = other === null ? null : domainIn(other);
    if (other !== null && domain !== null && from.domain !== null && !isAligned(domain, from.domain))
      found.push(raise(id, { ...where(other), domain, from: from.domain }));
  }
  return found;
}

/** Read as carefully as From. */
function domainIn(field: Field): string | null {
  return readAuthor([{ ...field, key: 'from' }]).domain;
}

function once(fields: readonly Field[]): Finding[] {
  return ONCE.flatMap((key) => {
    const [, second] = fields.filter((field) => field.key === key);
    return second === undefined ? [] : [raise('headers-duplicate', { ...where(second), field: second.name })];
  });
}

function moments({ fields }: Facts, now: number): Finding[] {
  const date = firstOf(fields, 'date');
  const id = firstOf(fields, 'message-id');
  const found: Finding[] = [];
  if (date === null) found.push(raise('headers-date-missing'));
  else {
    const time = readDate(date.value);
    if (time === null) found.push(raise('headers-date-invalid', { ...where(date), value: date.value }));
    else if (time > now + DAY_MS || time < now - 31 * DAY_MS)
      found.push(raise('headers-date-off', { ...where(date), value: date.value }));
  }
  if (id === null) found.push(raise('headers-message-id-missing'));
  else if (!/^<[^<>@\s]+@[^<>@\s]+>$/.test(id.value) || /@\.|\.>|\.@/.test(id.value))
    found.push(raise('headers-message-id-invalid', { ...where(id), value: id.value.slice(0, 200) }));
  return found;
}

/** RFC 5322 §3.3, and the zone names of before. Epoch milliseconds, or null. */
export function readDate(value: string): number | null {
  const bare = value.replace(/\([^()]{0,100}\)/g, ' ').trim();
  const form =
    /^(?:(?:mon|tue|wed|thu|fri|sat|sun),?\s+)?\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\s+\d{4}\s+\d{1,2}:\d{2}(?::\d{2})?\s+(?:[+-]\d{4}|gmt|ut|utc|[ecmp][sd]t)$/i;
  if (!form.test(bare)) return null;
  const time = Date.parse(bare.replace(/\but\b/i, 'UTC'));
  return Number.isNaN(time) ? null : time;
}

function writing({ fields, headerBytes, headerCut, strayLines }: Facts): Finding[] {
  const long = fields.find(({ longest }) => longest > MAX_LINE);
  const eightBit = fields.find((field) => field.eightBit);
  const broken = fields.find(({ value }) => value.includes('=?') && hasBrokenWord(value));
  const shown = fields
    .filter(({ key }) => key === 'to' || key === 'cc')
    .reduce((sum, { value }) => sum + (value.match(/@/g)?.length ?? 0), 0);
  const [stray] = strayLines;
  return [
    ...(long === undefined
      ? []
      : [raise('headers-line-too-long', { line: long.line, field: long.name, bytes: long.longest })]),
    ...(eightBit === undefined ? [] : [raise('headers-eight-bit', { ...where(eightBit), field: eightBit.name })]),
    ...(broken === undefined ? [] : [raise('headers-encoded-word-broken', { ...where(broken), field: broken.name })]),
    ...(headerCut || headerBytes > MAX_HEADER
      ? [raise('headers-too-large', { kilobytes: Math.round(headerBytes / 1024), limit: 32 })]
      : []),
    ...(stray === undefined ? [] : [raise('headers-unreadable', { line: stray, column: 1, count: strayLines.length })]),
    ...(shown > MAX_SHOWN_RECIPIENTS ? [raise('headers-recipients-many', { count: shown })] : []),
  ];
}

/** RFC 2047 §2: at most 75 signs, a known character set, `B` or `Q`, no blanks inside. */
function hasBrokenWord(value: string): boolean {
  const words = value.slice(0, 20_000).match(/=\?[^?\s]{1,60}\?[bq]\?[^?\s]*\?=/gi) ?? [];
  const begun = value.slice(0, 20_000).match(/=\?[^?\s]{1,60}\?./g) ?? [];
  if (words.length < begun.length) return true;
  return words.some((word) => {
    const [, charset = '', encoding = '', text = ''] = word.split('?');
    if (word.length > 75 || !isCharset(charset.split('*')[0] ?? '')) return true;
    return /b/i.test(encoding) ? !/^[A-Za-z0-9+/]*={0,2}$/.test(text) : /=(?![0-9A-F]{2})/i.test(text);
  });
}

function isCharset(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function subject({ subject, fields }: Facts): Finding[] {
  const field = firstOf(fields, 'subject');
  if (field === null || subject === null || subject.trim() === '') return [raise('headers-subject-missing')];
  const place = { ...where(field), subject };
  const columns = [...subject].reduce((sum, sign) => sum + (isWide(sign) ? 2 : 1), 0);
  const letters = subject.replace(/[^\p{Lu}\p{Ll}]/gu, '');
  const capitals = letters.replace(/\p{Ll}/gu, '').length;
  const emoji = subject.match(/\p{Extended_Pictographic}/gu)?.length ?? 0;
  const answers = firstOf(fields, 'in-reply-to') !== null || firstOf(fields, 'references') !== null;
  return [
    ...(columns > SUBJECT_COLUMNS
      ? [raise('headers-subject-long', { ...place, columns, limit: SUBJECT_COLUMNS })]
      : []),
    ...(letters.length >= 10 && capitals / letters.length > 0.7 ? [raise('headers-subject-capitals', place)] : []),
    ...(/[!！?？]{2,}|[$¥￥€£]{2,}/.test(subject) || emoji > 3 ? [raise('headers-subject-signs', place)] : []),
    ...(!answers && /^\s*(?:re|fwd?|aw|wg|sv|返信|転送)\s*(?:\[\d+\])?\s*[:：]/i.test(subject)
      ? [raise('headers-subject-reply', place)]
      : []),
  ];
}

function isWide(sign: string): boolean {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(sign);
}
