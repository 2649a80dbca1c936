/**
 * Aggregate reports of DMARC (RFC 9990, formerly RFC 7489 appendix C) as a source of DKIM selectors: receivers name the selector of each signature they checked, and so tell of senders
 * that no probe goes through. Only signatures of the domain that a receiver found good count: whoever forges mail can write any selector into it. Reports are strangers' files: document types are
 * refused before anything is parsed, sizes are limited before and after unpacking. Pure; never throws.
 */
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { isSelector } from './dkim.ts';
import { isUnder, readDomain } from './name.ts';

export const REPORT_PROBLEMS = ['too-large', 'archive-broken', 'not-xml', 'not-a-report', 'other-domain'] as const;
export type ReportReading =
  | { problem: (typeof REPORT_PROBLEMS)[number]; detail: string }
  | {
      problem: null;
      /** Who wrote it. */
      reporter: string;
      /** What it is about, A-labels. */
      domain: string;
      /** The period that it covers, epoch ms. */
      from: number;
      to: number;
      /** Mails in it. */
      mails: number;
      /** Of good signatures of the domain, with how many mails had them; the most used first. */
      selectors: { selector: string; mails: number }[];
    };

/** Bytes of the file, and of the XML in it: large receivers send some hundred kilobytes. */
export const REPORT_LIMITS = { file: 5_000_000, xml: 20_000_000, records: 100_000, selectors: 50 } as const;

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  isArray: (name) => name === 'record' || name === 'dkim',
});

/** @param about the domain whose selectors are wanted: the report is about it, one below it, or the one above whose policy it has */
export function readAggregateReport(file: Buffer, about: string): ReportReading {
  const unpacked = unpack(file);
  if (typeof unpacked !== 'string') return unpacked;
  // How a small XML becomes a large one; no report needs it.
  if (/<!DOCTYPE|<!ENTITY/i.test(unpacked)) return { problem: 'not-a-report', detail: 'DOCTYPE' };
  const valid = XMLValidator.validate(unpacked);
  if (valid !== true) return { problem: 'not-xml', detail: `${valid.err.line}: ${valid.err.msg}`.slice(0, 200) };
  let feedback: unknown;
  try {
    feedback = (parser.parse(unpacked) as Tree).feedback;
  } catch (error) {
    // What the validator lets pass and the parser does not: nested too deeply, a name that is none.
    return { problem: 'not-xml', detail: String((error as Error).message).slice(0, 200) };
  }
  const domain = readDomain(textAt(feedback, 'policy_published', 'domain'));
  const from = Number(textAt(feedback, 'report_metadata', 'date_range', 'begin')) * 1000;
  const to = Number(textAt(feedback, 'report_metadata', 'date_range', 'end')) * 1000;
  const records = listAt(feedback, 'record');
  if (domain === null || !isTime(from) || !isTime(to)) return { problem: 'not-a-report', detail: '' };
  if (records.length > REPORT_LIMITS.records) return { problem: 'too-large', detail: '' };
  if (!isUnder(domain, about) && !isUnder(about, domain)) return { problem: 'other-domain', detail: domain };

  const found = new Map<string, number>();
  let mails = 0;
  for (const record of records) {
    const count = Math.max(1, Math.min(1e9, Number.parseInt(textAt(record, 'row', 'count'), 10) || 1));
    mails += count;
    const signatures = listAt(at(record, 'auth_results'), 'dkim').filter(
      (one) => textAt(one, 'result') === 'pass' && readDomain(textAt(one, 'domain')) === about,
    );
    for (const selector of new Set(signatures.map((one) => textAt(one, 'selector').toLowerCase())))
      if (isSelector(selector)) found.set(selector, (found.get(selector) ?? 0) + count);
  }
  return {
    problem: null,
    reporter: textAt(feedback, 'report_metadata', 'org_name').slice(0, 200),
    domain,
    from,
    to,
    mails,
    selectors: [...found]
      .map(([selector, mails]) => ({ selector, mails }))
      .sort((a, b) => b.mails - a.mails || (a.selector < b.selector ? -1 : 1))
      .slice(0, REPORT_LIMITS.selectors),
  };
}

/** As receivers send them: plain, gzip, or one file in a ZIP archive. */
function unpack(file: Buffer): string | { problem: 'too-large' | 'archive-broken'; detail: string } {
  if (file.length > REPORT_LIMITS.file) return { problem: 'too-large', detail: '' };
  const limit = { maxOutputLength: REPORT_LIMITS.xml };
  try {
    if (file[0] === 0x1f && file[1] === 0x8b) return gunzipSync(file, limit).toString('utf8');
    if (file.subarray(0, 4).equals(ZIPPED)) return unzipFirst(file, limit).toString('utf8');
    return file.toString('utf8').replace(/^\ufeff/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'archive-broken', detail: code ?? '' };
  }
}

const ZIPPED = Buffer.from([0x50, 0x4b, 0x03, 0x04]);

/** The first file of a ZIP archive, by the directory at its end: the header before a file need not know its length (APPNOTE 6.3.3, 4.3.12). */
function unzipFirst(file: Buffer, limit: { maxOutputLength: number }): Buffer {
  const entry = file.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
  if (entry === -1) throw new RangeError('no directory');
  const method = file.readUInt16LE(entry + 10);
  const size = file.readUInt32LE(entry + 20);
  const local = file.readUInt32LE(entry + 42);
  const begin = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
  const packed = file.subarray(begin, begin + size);
  if (packed.length !== size) throw new RangeError('cut off');
  if (method === 0) return packed;
  if (method !== 8) throw new RangeError('packed in another way');
  return inflateRawSync(packed, limit);
}

type Tree = Record<string, unknown>;

function at(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null && Object.hasOwn(from, name) ? (from as Tree)[name] : undefined;
}

function textAt(from: unknown, ...names: string[]): string {
  const value = names.reduce(at, from);
  return typeof value === 'string' ? value.trim() : '';
}

function listAt(from: unknown, name: string): unknown[] {
  const value = at(from, name);
  return Array.isArray(value) ? value : [];
}

function isTime(ms: number): boolean {
  return Number.isFinite(ms) && ms > 0 && ms < 4e12;
}
