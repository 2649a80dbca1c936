/**
 * What is wrong with a domain's DKIM keys. A key behind an alias belongs to the sending service: what is wrong with it is said, but a record to publish
 * instead would only break the alias.
 */
import { createPublicKey } from 'node:crypto';
import { parseDkim } from './dkim.ts';
import type { DkimFacts, DkimKey } from './dkim-facts.ts';
import { type FindingId, raise } from './findings.ts';
import { parseTags, writeTags } from './tags.ts';
import type { Evidence, Finding, Fix, Known } from './types.ts';

/** Google, Yahoo and RFC 8301 §3.2 take no less. */
const LEAST_BITS = 1024;
/** What all of them advise. */
const GOOD_BITS = 2048;
/** RFC 8301 §3.2: verifiers need not take more. */
const MOST_BITS = 4096;
const YEAR_MS = 365 * 24 * 3_600_000;

export function judgeDkim(facts: DkimFacts, known: Known): Finding[] {
  return [...judgeWhole(facts, known), ...facts.shown.flatMap((key) => judgeKey(key, known)), ...judgeTogether(facts)];
}

function judgeWhole(facts: DkimFacts, { domain }: Known): Finding[] {
  const found: Finding[] = [];
  // Selectors that were given are told one by one.
  const [lost] = facts.unasked.filter((one) => !facts.shown.some((key) => key.name === one.name));
  // One usual selector that gives no answer says little beside keys that were found.
  if (lost && facts.asked !== 'found')
    found.push(raise('dkim-unasked', { name: lost.name, status: lost.status, count: facts.unasked.length }));
  if (facts.wildcard !== null)
    found.push(raise('dkim-wildcard', { name: `*._domainkey.${domain}`, record: facts.wildcard }));
  if (facts.asked !== 'none' || facts.sendsNoMail || facts.shown.length > 0) return found;
  const name = `_domainkey.${domain}`;
  if (facts.below === 'none') found.push(raise('dkim-missing', { domain, name, count: facts.tried }));
  if (facts.below === 'found') found.push(raise('dkim-selector-unknown', { domain, name, count: facts.tried }));
  return found;
}

function judgeKey(key: DkimKey, known: Known): Finding[] {
  const base: Evidence = {
    selector: key.selector,
    name: key.name,
    record: key.record,
    provider: key.provider,
    alias: key.cnames.at(-1) ?? null,
  };
  const found: Finding[] = [];
  const type = key.cnames.length > 0 ? 'CNAME' : 'TXT';
  /** Without a value only whoever holds the private key can know what belongs there. */
  const add = (id: FindingId, more: Evidence = {}, value: string | null = null): void => {
    const fix: Fix = { name: key.name, type, value: type === 'CNAME' ? null : value };
    found.push(raise(id, { ...base, ...more }, fix));
  };
  if (key.asked === 'unasked')
    return key.source === 'usual' ? [] : [raise('dkim-unasked', { name: key.name, status: key.status, count: 1 })];
  if (key.asked === 'none') {
    if (key.cnames.length > 0) add('dkim-alias-dangling', { status: key.status });
    else add('dkim-selector-missing', { status: key.status, source: key.source });
    return found;
  }
  if (key.record === null) {
    add('dkim-multiple', { count: key.records.length, records: key.records });
    return found;
  }
  const record = key.record;
  const mended = rewrite(record, (tags) => tags);
  if (key.versionWrong) add('dkim-syntax', { ...place(record, 'v'), problem: 'version' }, mended);
  else if (key.problems[0]) {
    const { start, end, problem, text } = key.problems[0];
    add('dkim-syntax', { start, end, problem, term: text, count: key.problems.length }, mended);
  }
  if (key.revoked) add('dkim-key-revoked', place(record, 'p'));
  if (key.keyProblem !== null)
    add('dkim-key-invalid', { ...place(record, 'p'), problem: key.keyProblem }, repairKey(key));
  if (key.type === 'rsa' && key.bits !== null) {
    const size = { bits: key.bits, ...place(record, 'p') };
    if (key.bits < LEAST_BITS) add('dkim-key-too-short', { ...size, limit: LEAST_BITS });
    else if (key.bits < GOOD_BITS) add('dkim-key-short', { ...size, limit: GOOD_BITS });
    else if (key.bits > MOST_BITS) add('dkim-key-too-long', { ...size, limit: MOST_BITS });
  }
  if (key.testing)
    add(
      'dkim-testing',
      place(record, 't'),
      rewrite(record, (tags) => withoutFlag(tags, 't', (flag) => flag !== 'y')),
    );
  if (key.services !== null && !key.services.some((service) => service === '*' || service === 'email'))
    add(
      'dkim-service-not-email',
      { ...place(record, 's'), value: key.services.join(':') },
      rewrite(record, without('s')),
    );
  if (key.hashes !== null && !key.hashes.includes('sha256'))
    add('dkim-hash-outdated', { ...place(record, 'h'), value: key.hashes.join(':') }, rewrite(record, without('h')));
  if ('g' in key.tags)
    add('dkim-tag-outdated', { ...place(record, 'g'), term: `g=${key.tags.g}` }, rewrite(record, without('g')));
  if (key.since !== null && known.now - key.since > YEAR_MS)
    add('dkim-key-never-rotated', {
      since: new Date(key.since).toISOString(),
      days: Math.floor((known.now - key.since) / 86_400_000),
    });
  return found;
}

function judgeTogether({ shown }: DkimFacts): Finding[] {
  const usable = shown.filter(
    (key) => key.record !== null && !key.revoked && key.keyProblem === null && key.type !== null,
  );
  const found: Finding[] = [];
  const byKey = Map.groupBy(usable, (key) => key.fingerprint);
  for (const [fingerprint, keys] of byKey)
    if (fingerprint !== null && keys.length > 1)
      found.push(
        raise('dkim-key-reused', { selectors: keys.map((key) => key.selector), fingerprint, count: keys.length }),
      );
  if (usable.length > 0 && usable.every((key) => key.type === 'ed25519'))
    found.push(raise('dkim-ed25519-alone', { selectors: usable.map((key) => key.selector), count: usable.length }));
  return found;
}

function place(record: string, name: string): Evidence {
  const tag = parseTags(record).tags.find((one) => one.name === name);
  return tag ? { start: tag.start, end: tag.end } : {};
}

type Pair = { name: string; value: string };

/** The record with its tags changed, `v=DKIM1` in front; null where even that would hold no key. */
function rewrite(record: string, change: (tags: Pair[]) => Pair[]): string | null {
  const tags = change(parseTags(record).tags.filter((tag) => tag.name !== 'v'));
  const text = writeTags([{ name: 'v', value: 'DKIM1' }, ...tags]);
  const read = parseDkim(text);
  return read.keyProblem === null && !read.revoked && read.problems.length === 0 ? text : null;
}

const without =
  (name: string) =>
  (tags: Pair[]): Pair[] =>
    tags.filter((tag) => tag.name !== name);

function withoutFlag(tags: Pair[], name: string, keep: (flag: string) => boolean): Pair[] {
  return tags.flatMap((tag) => {
    if (tag.name !== name) return [tag];
    const value = tag.value
      .split(':')
      .filter((flag) => keep(flag.trim()))
      .join(':');
    return value === '' ? [] : [{ name, value }];
  });
}

/** Some broken keys still hold the whole key: with quotes left in, or not wrapped as verifiers want it. */
function repairKey(key: DkimKey): string | null {
  if (key.record === null) return null;
  const value = (key.tags.p ?? '').replace(/["'\\ \t\r\n]/g, '');
  const attempt = (p: string): string | null =>
    rewrite(key.record ?? '', (tags) => tags.map((tag) => (tag.name === 'p' ? { name: 'p', value: p } : tag)));
  if (key.keyProblem === 'quotes-in-key') return attempt(value);
  const bytes = Buffer.from(value, 'base64');
  // The wrapping of an Ed25519 key (RFC 8410) is twelve bytes, always the same.
  if (key.keyProblem === 'wrong-length' && bytes.length === 44) return attempt(bytes.subarray(12).toString('base64'));
  if (key.keyProblem === 'bare-rsa-key')
    return attempt(
      createPublicKey({ key: bytes, format: 'der', type: 'pkcs1' })
        .export({ format: 'der', type: 'spki' })
        .toString('base64'),
    );
  return null;
}
