/** Reads what a domain published, out of the answers of a check that has just been made; asks nothing that it did not ask. */
import { organizationalDomain } from '../authentication/alignment.ts';
import type { DnsAnswer, DnsType } from '../dns/client.ts';
import { recordsOf, says, textsOf } from './answers.ts';
import type { DomainCheck } from './audit.ts';
import { BIMI_BEGINS, DEFAULT_SELECTOR } from './bimi.ts';
import { USUAL_SELECTORS } from './dkim-selectors.ts';
import { isDmarcRecord, looksLikeDmarc } from './dmarc.ts';
import { STS_BEGINS } from './lookup-mta-sts.ts';
import { RPT_BEGINS } from './lookup-tls-rpt.ts';
import { isUnder, plainName } from './name.ts';
import { readAddress, reverseName } from './network.ts';
import { isAlwaysAsked, otherKeys, type Published } from './published.ts';
import type { Reach } from './reach.ts';
import { isSpfRecord, looksLikeSpf } from './spf.ts';
import type { SpfNode } from './spf-tree.ts';
import { readTlsa, writeTlsa } from './tlsa.ts';
import type { Protocol } from './types.ts';

/** @param before of keys under usual selectors a check tells only where they are: those that were there before may be gone */
export async function readPublished(
  reach: Pick<Reach, 'ask'>,
  check: DomainCheck,
  before: readonly Published[] | null,
): Promise<Published[]> {
  const { domain, records } = check;
  const found: Published[] = [];
  const read = async <T extends DnsType>(
    protocol: Protocol,
    name: string,
    type: T,
    write: (answer: DnsAnswer<T>) => string[],
  ): Promise<void> => {
    const answer = await reach.ask(name, type);
    found.push({ protocol, name, type, values: says(answer) ? write(answer) : null });
  };
  const texts = (protocol: Protocol, name: string, belongs: (text: string) => boolean): Promise<void> =>
    read(protocol, name, 'TXT', (answer) => textsOf(answer).filter(belongs));

  // What others publish is theirs to change; the parts that this organization wrote itself are its own.
  const organization = organizationalDomain(domain);
  const spfNames = new Set([domain, ...nodesOf(records.spf).filter((name) => isUnder(name, organization))]);
  for (const name of spfNames) await texts('spf', name, (text) => isSpfRecord(text) || looksLikeSpf(text));

  const keyNames = new Set([
    ...(records.dkim ?? []).map(({ name }) => name),
    ...(before ?? []).flatMap((one) => (isAlwaysAsked(domain, one) ? [one.name] : [])),
  ]);
  for (const name of keyNames) {
    await texts('dkim', name, () => true);
    const answer = await reach.ask(name, 'TXT');
    const alias = answer.cnames.slice(0, 1).map(plainName);
    found.push({ protocol: 'dkim', name, type: 'CNAME', values: says(answer) ? alias : null });
  }

  const usual = Object.keys(USUAL_SELECTORS).map((selector) => reach.ask(`${selector}._domainkey.${domain}`, 'TXT'));
  const allSaid = (await Promise.all(usual)).every(says);
  found.push({ protocol: 'dkim', name: otherKeys(domain), type: 'TXT', values: allSaid ? [] : null });

  const policyDomain = records.dmarc?.policyDomain ?? domain;
  for (const name of new Set([domain, policyDomain]))
    await texts('dmarc', `_dmarc.${name}`, (text) => isDmarcRecord(text) || looksLikeDmarc(text));

  await read('mx', domain, 'MX', (answer) =>
    recordsOf(answer).map(({ priority, exchange }) => `${priority} ${plainName(exchange) || '.'}`),
  );
  for (const { ip } of records.ptr?.addresses ?? []) {
    const address = readAddress(ip);
    if (address !== null) await read('ptr', reverseName(address), 'PTR', (answer) => recordsOf(answer).map(plainName));
  }

  if (records.mtaSts) {
    await texts('mta-sts', records.mtaSts.name, (text) => STS_BEGINS.test(text));
    found.push({ protocol: 'mta-sts', name: records.mtaSts.url, type: 'POLICY', values: policyLines(records.mtaSts) });
  }
  if (records.tlsRpt) await texts('tls-rpt', records.tlsRpt.name, (text) => RPT_BEGINS.test(text));
  if (records.bimi) await texts('bimi', `${DEFAULT_SELECTOR}._bimi.${domain}`, (text) => BIMI_BEGINS.test(text));
  for (const { name } of records.dane?.hosts ?? [])
    await read('dane', name, 'TLSA', (answer) => recordsOf(answer).map((record) => writeTlsa(readTlsa(record))));
  // By the check itself where the zone's signatures do not hold: then only an unchecked answer has them.
  if (records.dnssec?.zone && check.asked.dnssec !== 'unasked') {
    const values = records.dnssec.ds.map((ds) => `${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${ds.digest}`);
    found.push({ protocol: 'dnssec', name: records.dnssec.zone, type: 'DS', values });
  }
  return found;
}

/** The names in the tree of includes. */
function nodesOf(node: SpfNode | null | undefined): string[] {
  return (node?.terms ?? []).flatMap((term) => (term.node ? [plainName(term.node.domain), ...nodesOf(term.node)] : []));
}

/** Null: it could not be fetched, which says nothing about what it is. */
function policyLines({ fetched, policy }: NonNullable<DomainCheck['records']['mtaSts']>): string[] | null {
  if (fetched === null) return null;
  if (!fetched.got) return fetched.reason === 'host-not-found' ? [] : null;
  if (fetched.status === 404 || fetched.status === 410) return [];
  if (fetched.status !== 200 || policy === null) return null;
  return [
    `mode: ${policy.mode ?? 'unreadable'}`,
    `max_age: ${policy.maxAge ?? 'unreadable'}`,
    ...policy.mx.map((pattern) => `mx: ${pattern}`),
  ];
}
