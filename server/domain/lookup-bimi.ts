/** Asks for a domain's BIMI record, and fetches the logo and the mark certificate that it names; adds nothing. */
import { organizationalDomain } from '../authentication/alignment.ts';
import type { Fetched } from '../net/http.ts';
import { UnaskedList } from './answers.ts';
import { BIMI_BEGINS, type BimiLocation, DEFAULT_SELECTOR, readBimiRecord } from './bimi.ts';
import { readMarkCertificate, sha256 } from './bimi-certificate.ts';
import { type BimiFacts, judgeBimi, type ServedFile } from './bimi-judge.ts';
import { readLogo } from './bimi-logo.ts';
import { readDmarc } from './dmarc-facts.ts';
import { lookUp } from './lookup.ts';
import { gatherTexts } from './lookup-text.ts';
import type { Reach } from './reach.ts';
import type { Known } from './types.ts';

/** A logo may have 32 KB; one that is larger is still read, to say what else is wrong. */
const MAX_FILE_BYTES = 256 * 1024;
/** Receivers follow a few. */
const REDIRECTS = 3;

export async function gatherBimi(known: Known, reach: Reach): Promise<BimiFacts> {
  const { domain, now } = known;
  const unasked = new UnaskedList();
  const organization = organizationalDomain(domain);
  const selector = DEFAULT_SELECTOR;
  let name = `${selector}._bimi.${domain}`;
  let texts = await gatherTexts(reach, name, domain, BIMI_BEGINS, unasked);
  if (texts.asked === 'none' && organization !== domain && texts.misplaced.length === 0) {
    // The record of the organizational domain stands in.
    const above = `${selector}._bimi.${organization}`;
    const there = await gatherTexts(reach, above, organization, BIMI_BEGINS, unasked);
    if (there.asked !== 'none') [name, texts] = [above, there];
  }
  const { asked, records, others, misplaced } = texts;
  const record = records.length === 1 ? readBimiRecord(records[0] ?? '') : null;
  const [policy, logo, certificate] = await Promise.all([
    record === null || record.declined ? ('unknown' as const) : policyOf(known, reach),
    serve(reach, record?.logo ?? null, 'image/svg+xml', (body) => readLogo(body.toString('utf8'))),
    serve(reach, record?.certificate ?? null, 'application/pem-certificate-chain', (body) =>
      readMarkCertificate(body.toString('latin1'), reach.markRoots, now),
    ),
  ]);
  return {
    asked,
    shown: { name, records, others, misplaced, record, logo, certificate },
    unasked: unasked.list,
    domain,
    organization,
    selector,
    policy,
  };
}

/** From the very record that the DMARC check reads; nothing is asked again. */
async function policyOf(known: Known, reach: Reach): Promise<BimiFacts['policy']> {
  const { asked, shown, parsed } = await lookUp(reach.ask, (answers) => readDmarc(known, answers));
  if (asked === 'unasked') return 'unknown';
  const policies = parsed?.policies ?? null;
  const policy = shown.readings.newer?.policy ?? null;
  return policies === null || policy === null
    ? null
    : { policy, subdomains: policies.sp ?? policies.p, testing: parsed?.testing ?? false };
}

async function serve<Reading>(
  reach: Reach,
  location: BimiLocation | null,
  accept: string,
  read: (body: Buffer) => Reading,
): Promise<ServedFile<Reading> | null> {
  if (location === null || location.problem !== null) return null;
  const page: Fetched = await reach.fetch(location.url, { maxBytes: MAX_FILE_BYTES, redirects: REDIRECTS, accept });
  if (!page.ok) return { got: false, reason: page.reason, detail: page.detail };
  const { status, contentType, body } = page;
  const good = status === 200;
  return { got: true, status, contentType, bytes: body.length, sha256: sha256(body), read: good ? read(body) : null };
}

export const bimi = { protocol: 'bimi', gather: gatherBimi, judge: judgeBimi } as const;
