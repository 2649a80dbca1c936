/**
 * The keys that can be found: under the selectors that are known, and under those that sending services usually set up. That there is none under a usual one
 * means nothing; a wildcard that answers for every name must not look like sixty keys; and where not even `_domainkey` exists, nothing can exist
 * beneath it (RFC 8020).
 */
import type { DnsStatus } from '../dns/client.ts';
import { type Answers, askedOf, recordsOf, says, textsOf, UnaskedList } from './answers.ts';
import { type DkimRecord, looksLikeDkim, parseDkim } from './dkim.ts';
import { providerOf, USUAL_SELECTORS } from './dkim-selectors.ts';
import { plainName } from './name.ts';
import { isSpfRecord } from './spf.ts';
import type { Asked, Gathered, Known, SelectorSource } from './types.ts';

export type DkimKey = Omit<DkimRecord, 'tags'> & {
  selector: string;
  /** Where the record stands. */
  name: string;
  source: SelectorSource;
  /** The sending service whose key it is, as far as names tell. */
  provider: string | null;
  asked: Asked;
  status: DnsStatus;
  /** Null where there is none, or more than one. */
  record: string | null;
  records: string[];
  /** The record as its strings. */
  strings: string[];
  /** The aliases on the way to it. */
  cnames: string[];
  tags: Record<string, string>;
  /** Since when our own checks have seen this very key, epoch ms; null: no earlier check saw it. */
  since: number | null;
};

export type DkimFacts = Gathered<DkimKey[]> & {
  /** Is there anything under `_domainkey`? */
  below: Asked;
  /** A name nobody uses has this record or alias: a wildcard answers. */
  wildcard: string | null;
  /** Selectors, and for how many there was an answer by now. */
  tried: number;
  answered: number;
  /** SPF says that no mail comes from here, so no key is needed. */
  sendsNoMail: boolean;
};

/** A selector nobody has. */
const NOBODYS = 'todoku-no-such-selector';
const NOTHING = parseDkim('');

export function readDkim(known: Known, answers: Answers): DkimFacts {
  const unasked = new UnaskedList();
  const nameOf = (selector: string): string => `${selector}._domainkey.${known.domain}`;
  const top = answers.get(`_domainkey.${known.domain}`, 'TXT');
  const nobody = answers.get(nameOf(NOBODYS), 'TXT');
  const wildcard = nobody?.cnames.at(-1) ?? textsOf(nobody)[0] ?? null;
  const spf = textsOf(answers.get(known.domain, 'TXT')).filter(isSpfRecord);

  const sources = new Map<string, SelectorSource>();
  for (const { selector, source } of known.selectors)
    if (!sources.has(plainName(selector))) sources.set(plainName(selector), source);
  for (const selector of Object.keys(USUAL_SELECTORS)) if (!sources.has(selector)) sources.set(selector, 'usual');

  const keys: DkimKey[] = [];
  let answered = 0;
  for (const [selector, source] of sources) {
    const answer = unasked.note(nameOf(selector), 'TXT', answers.get(nameOf(selector), 'TXT'));
    if (answer === null) continue;
    answered++;
    const all = textsOf(answer);
    const meant = all.filter(looksLikeDkim);
    const records = meant.length > 0 || source === 'usual' ? meant : all;
    const byWildcard = wildcard !== null && (answer.cnames.at(-1) === wildcard || all[0] === wildcard);
    const dangling = says(answer) && records.length === 0 && answer.cnames.length > 0;
    if (source === 'usual' && (byWildcard || (records.length === 0 && !dangling))) continue;
    const [record] = records;
    const single = records.length === 1 && record !== undefined;
    const read = single ? parseDkim(record) : NOTHING;
    const before = Object.hasOwn(known.history.keysSince, selector) ? known.history.keysSince[selector] : undefined;
    keys.push({
      ...read,
      keyProblem: single ? read.keyProblem : null,
      selector,
      name: nameOf(selector),
      source,
      provider: providerOf(selector, answer.cnames),
      asked: askedOf(answer, records.length > 0),
      status: answer.status,
      record: single ? record : null,
      records,
      strings: single ? (recordsOf(answer).find((strings) => strings.join('') === record) ?? []) : [],
      cnames: answer.cnames,
      tags: Object.fromEntries(read.tags.map((tag) => [tag.name, tag.value])),
      since: before !== undefined && before.fingerprint === read.fingerprint ? before.since : null,
    });
  }
  const found = keys.some((key) => key.asked === 'found');
  return {
    asked: found ? 'found' : unasked.list.length > 0 ? 'unasked' : 'none',
    shown: keys,
    unasked: unasked.list,
    below: askedOf(top, top !== null && top.status !== 'nxdomain'),
    wildcard,
    tried: sources.size,
    answered,
    sendsNoMail: spf.length === 1 && /^v=spf1 +-all *$/i.test(spf[0] ?? ''),
  };
}
