/**
 * The thread in which a stranger's mail is verified. mailauth is fast on honest mail, but a hostile one can hold a thread for minutes;
 * here it holds only this one, which verify.ts ends and replaces when its time is up.
 */
import { authenticate } from 'mailauth';
import { createDnsClient, type DnsClient } from '../dns/client.ts';
import { organizationalDomain, readAuthor } from './alignment.ts';
import { readHeaderFields } from './headers.ts';
import type { SmtpClient, VerifiedAuthentication } from './types.ts';
import { isRecheckable, readVerified } from './verified.ts';

export type VerifyTask = {
  raw: Uint8Array;
  client: SmtpClient | null;
  headerOnly: boolean;
  dnsServers: readonly string[];
};

/** One DNS client per list of servers, so that its cache serves one mail after the other. */
const clients = new Map<string, DnsClient>();

function clientFor(servers: readonly string[]): DnsClient {
  const key = servers.join(' ');
  const known = clients.get(key);
  if (known) return known;
  const created = createDnsClient({ servers, timeoutMs: 2000, deadlineMs: 6000, cacheSize: 2000 });
  clients.set(key, created);
  return created;
}

/**
 * Questions one mail may cause. SPF at its limits needs about 120, each signature one, DMARC eight per domain; a mail with thousands of
 * signatures must not make us flood a resolver (or a victim's name servers).
 */
const MAX_QUESTIONS = 300;

function budgeted(dns: DnsClient): DnsClient['resolver'] {
  let asked = 0;
  return (name, rrtype) => {
    if (++asked > MAX_QUESTIONS) {
      return Promise.reject(Object.assign(new Error('Too many DNS questions for one message'), { code: 'ESERVFAIL' }));
    }
    return dns.resolver(name, rrtype);
  };
}

/** Called by piscina by its name. */
export async function verifyMessage(task: VerifyTask): Promise<VerifiedAuthentication> {
  const raw = Buffer.from(task.raw.buffer, task.raw.byteOffset, task.raw.byteLength);
  const dns = clientFor(task.dnsServers);
  const { client } = task;
  const found = await authenticate(raw, {
    strict: true,
    disableBimi: true,
    // A fixed name: the machine's own has no business in a stored result.
    mta: 'localhost',
    resolver: budgeted(dns) as NonNullable<NonNullable<Parameters<typeof authenticate>[1]>['resolver']>,
    ...(isRecheckable(client)
      ? { ip: client.ip, sender: client.envelopeFrom, ...(client.helo === null ? {} : { helo: client.helo }) }
      : {}),
  });
  const author = readAuthor(readHeaderFields(raw));
  const noRecord = found.dmarc !== false && found.dmarc.status.result === 'none' && author.domain !== null;
  const dmarcRecordIgnored = noRecord && (await hasDmarcText(dns, author.domain ?? ''));
  return readVerified(found, { client, headerOnly: task.headerOnly, author, dmarcRecordIgnored });
}

/** Tells "no record" from "a record that counts for nothing" (RFC 9989 §4.10.1): the answers are in the cache already. */
async function hasDmarcText(dns: DnsClient, domain: string): Promise<boolean> {
  for (const name of new Set([domain, organizationalDomain(domain)])) {
    const answer = await dns.query(`_dmarc.${name}`, 'TXT');
    if (answer.records.some((strings) => /^\s*v\s*=\s*DMARC1/i.test(strings.join('')))) return true;
  }
  return false;
}
