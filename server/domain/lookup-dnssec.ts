/** Asks what DNSSEC needs of a domain: its zone, keys, the digests above, and whether a validating resolver is content; adds nothing. */
import type { DnsRecordData, DnsType } from '../dns/client.ts';
import { askedOf, recordsOf, says, UnaskedList } from './answers.ts';
import { causeOf, type DnssecFacts, type DnssecShown, type DsRecord, judgeDnssec, readZoneKey } from './dnssec.ts';
import type { Ask } from './lookup.ts';
import type { Reach } from './reach.ts';
import type { Known } from './types.ts';

/** What mail needs of a domain; if resolvers refuse one of them, mail is lost. */
const NEEDED = ['SOA', 'MX', 'TXT'] as const satisfies readonly DnsType[];

export async function gatherDnssec({ domain, now }: Pick<Known, 'domain' | 'now'>, reach: Reach): Promise<DnssecFacts> {
  const unasked = new UnaskedList();
  const [root, types] = await Promise.all([reach.ask('.', 'SOA'), typesThatFail(reach, domain, unasked)]);
  const ask = types.length > 0 ? uncheckedOrBefore(reach) : reach.ask;
  const zone = await zoneOf(ask, domain, unasked);
  const shown: DnssecShown = { zone, secure: false, ds: [], keys: [], bogus: null };
  const facts = { domain, validated: root.ad };
  if (zone === null)
    return { ...facts, asked: unasked.list.length > 0 ? 'unasked' : 'none', shown, unasked: unasked.list };
  const [soa, ds, keys] = await Promise.all([reach.ask(zone, 'SOA'), ask(zone, 'DS'), ask(zone, 'DNSKEY')]);
  unasked.note(zone, 'DS', ds);
  unasked.note(zone, 'DNSKEY', keys);
  shown.secure = soa.ad;
  shown.ds = recordsOf(ds).map(readDs);
  shown.keys = recordsOf(keys).map((key) => readZoneKey(zone, key));
  // Only a zone that the one above vouches for can be found false.
  if (types.length > 0 && shown.ds.length > 0) {
    const signatures = recordsOf(await reach.askUnchecked(zone, 'RRSIG'));
    shown.bogus = { cause: causeOf(shown.ds, shown.keys, signatures, now), types };
  } else for (const type of types) unasked.note(domain, type, await reach.ask(domain, type));
  const asked = askedOf(ds, shown.ds.length > 0 || shown.keys.length > 0);
  return { ...facts, asked, shown, unasked: unasked.list };
}

/** What a resolver gives when told not to check; where it gives nothing even then, what was known before. */
function uncheckedOrBefore(reach: Reach): Ask {
  return async (name, type) => {
    const now = await reach.askUnchecked(name, type);
    return says(now) ? now : (reach.recall(name, type) ?? now);
  };
}

/** So often a resolver must refuse a type, while it gives it unchecked: a server that stumbles now and then is not a forgery. */
const REFUSALS = 4;

/** Types that a resolver answers only when told not to check. */
async function typesThatFail(reach: Reach, domain: string, unasked: UnaskedList): Promise<DnsType[]> {
  const failing = await Promise.all(
    NEEDED.map(async (type) => {
      const answer = await reach.askNow(domain, type);
      if (answer.status !== 'servfail') return [];
      const unchecked = await reach.askUnchecked(domain, type);
      if (says(unchecked) && (await refusesAgain(reach, domain, type))) return [type];
      unasked.note(domain, type, await reach.ask(domain, type));
      return [];
    }),
  );
  return failing.flat();
}

async function refusesAgain(reach: Reach, domain: string, type: DnsType): Promise<boolean> {
  for (let refusals = 1; refusals < REFUSALS; refusals++)
    if ((await reach.askAgain(domain, type)).status !== 'servfail') return false;
  return true;
}

/** The zone that a name lies in: the nearest name above, or itself, that has an SOA record. Null: not found, or not asked. */
async function zoneOf(ask: Ask, domain: string, unasked: UnaskedList): Promise<string | null> {
  const labels = domain.split('.');
  for (let at = 0; at < labels.length; at++) {
    const name = labels.slice(at).join('.');
    const answer = await ask(name, 'SOA');
    if (answer.status === 'answer') return name;
    if (says(answer)) continue;
    unasked.note(name, 'SOA', answer);
    return null;
  }
  return null;
}

function readDs({ keyTag, algorithm, digestType, digest }: DnsRecordData['DS']): DsRecord {
  return { keyTag, algorithm, digestType, digest: Buffer.from(digest).toString('hex') };
}

export const dnssec = { protocol: 'dnssec', gather: gatherDnssec, judge: judgeDnssec } as const;
