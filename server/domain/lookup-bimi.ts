/** Asks for a domain's BIMI record, and fetches the logo and the mark certificate that it names; adds nothing. */
import { getDomain } from 'tldts';
import type { Fetched } from '../net/http.ts';
import { UnaskedList } from './answers.ts';
import { BIMI_BEGINS, type BimiLocation, DEFAULT_SELECTOR, readBimiRecord } from './bimi.ts';
import { readMarkCertificate, sha256 } from './bimi-certificate.ts';
import { type BimiFacts, judgeBimi, type PolicyForBimi, type ServedFile } from './bimi-judge.ts';
import { readLogo } from './bimi-logo.ts';
import { gatherTexts } from './lookup-text.ts';
import type { Reach } from './reach.ts';

/** A logo may have 32 KB; one that is larger is still read, to say what else is wrong. */
const MAX_FILE_BYTES = 256 * 1024;
/** Receivers follow a few. */
const REDIRECTS = 3;

export async function gatherBimi(reach: Reach, { domain, now }: { domain: string; now: number }): Promise<BimiFacts> {
  const unasked = new UnaskedList();
  const organization = getDomain(domain, { allowPrivateDomains: true }) ?? domain;
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
  const [logo, certificate] = await Promise.all([
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
  };
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

export const bimi = {
  protocol: 'bimi',
  gather: gatherBimi,
  /** `policy`: the DMARC policy that applies; left out when not known. */
  judge: (facts: BimiFacts, { now, policy }: { now: number; policy?: PolicyForBimi }) => judgeBimi(facts, now, policy),
} as const;
