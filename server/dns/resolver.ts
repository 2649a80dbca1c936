/** Our answers in the shape that mailauth wants from a resolver, which is that of Node's own: records, or an error with a code. */
import type { DnsAnswer, DnsStatus } from './client.ts';

/** Throws an Error with `code` ENOTFOUND, ENODATA, ESERVFAIL, EREFUSED, ETIMEOUT, EBADNAME or EBADRESP. */
export type MailauthResolver = (
  name: string,
  rrtype: string,
) => Promise<string[][] | string[] | { exchange: string; priority: number }[]>;

const CODES: Record<Exclude<DnsStatus, 'answer'>, string> = {
  nodata: 'ENODATA',
  nxdomain: 'ENOTFOUND',
  servfail: 'ESERVFAIL',
  refused: 'EREFUSED',
  timeout: 'ETIMEOUT',
  error: 'EBADRESP',
};

export function resolverAnswer(name: string, rrtype: string, answer: DnsAnswer): Awaited<ReturnType<MailauthResolver>> {
  // mailauth asks only for TXT, A, AAAA, PTR, MX and CNAME; the shapes are those of Node's resolver.
  if (answer.status === 'answer') return answer.records as string[][] | string[];
  const code = answer.error === 'bad-name' ? 'EBADNAME' : CODES[answer.status];
  throw Object.assign(new Error(`DNS ${rrtype} ${name}: ${answer.error ?? answer.status}`), { code });
}
