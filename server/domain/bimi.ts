/**
 * BIMI (draft-brand-indicators-for-message-identification): a domain names a logo, and a mark certificate that says whose it is, and mailbox providers show it beside
 * mail that passed DMARC under a policy that refuses forgeries. Nothing is refused for want of it; but a record with any fault shows nothing, and nobody says why. Pure.
 */
import { parseTags, type TagProblem, tagOf } from './tags.ts';

export const BIMI_BEGINS = /^v[ \t]*=[ \t]*BIMI1[ \t]*(?:;|$)/;
/** Senders may choose another one per mail, in the header BIMI-Selector; this one is always looked for. */
export const DEFAULT_SELECTOR = 'default';

export type BimiLocation = {
  tag: 'l' | 'a';
  url: string;
  problem: 'not-a-url' | 'not-https' | 'no-host' | null;
};
export type BimiRecord = {
  record: string;
  logo: BimiLocation | null;
  certificate: BimiLocation | null;
  /** `l=` and `a=` are both empty: the domain wants no logo shown. */
  declined: boolean;
  problems: TagProblem[];
};

/** Never throws. Unknown tags are passed over. */
export function readBimiRecord(record: string): BimiRecord {
  const list = parseTags(record);
  const [l, a] = [tagOf(list, 'l')?.value ?? '', tagOf(list, 'a')?.value ?? ''];
  return {
    record,
    logo: l === '' ? null : { tag: 'l', url: l, problem: problemOf(l) },
    certificate: a === '' ? null : { tag: 'a', url: a, problem: problemOf(a) },
    declined: l === '' && a === '',
    problems: list.problems,
  };
}

function problemOf(text: string): BimiLocation['problem'] {
  const url = URL.parse(text);
  if (url === null) return 'not-a-url';
  if (url.protocol !== 'https:') return 'not-https';
  return url.hostname.includes('.') && url.username === '' ? null : 'no-host';
}
