/**
 * What the domain in a probe's From publishes, where it is watched: the third witness, beside what the receiver reported and what was verified. The records of the last
 * check, as they are now; the mail may have been sent when they were others, and the domain's history tells.
 */
import { domainsNamed, findFacts } from '../../db/domains.ts';
import { findSender } from '../../db/senders.ts';
import type { App } from '../app.ts';
import { domainOf } from '../authentication/alignment.ts';
import type { ReportedAuthentication, VerifiedAuthentication } from '../authentication/types.ts';
import type { DomainCheck } from '../domain/audit.ts';
import { plainName } from '../domain/name.ts';
import type { PublishedJson } from './json/probes.ts';

type Witnesses = { reported: ReportedAuthentication | null; verified: VerifiedAuthentication | null };

/** Null: the domain is not watched, or was never checked. */
export async function readPublished(
  app: Pick<App, 'db'>,
  senderId: string,
  { reported, verified }: Witnesses,
): Promise<PublishedJson | null> {
  const seen = verified?.dmarc.domain ?? reported?.dmarc.domain;
  const from = seen ?? domainOf((await findSender(app.db, senderId))?.from_address ?? '');
  const [domain] = await domainsNamed(app.db, [plainName(from)]);
  const facts = domain === undefined ? null : await findFacts(app.db, domain.id);
  if (domain === undefined || facts === null) return null;
  const { checkedAt, records } = JSON.parse(facts.check) as DomainCheck;
  const signatures = [verified, reported].flatMap((one) => one?.dkim.signatures ?? []);
  const used = new Set(
    signatures.filter((one) => plainName(one.domain ?? '') === domain.name).map((one) => plainName(one.selector ?? '')),
  );
  return {
    domainId: domain.id,
    domain: domain.name,
    checkedAt,
    spf: { asked: records.spf?.asked ?? 'unasked', record: records.spf?.record ?? null },
    dkim: (records.dkim ?? [])
      .filter(({ selector }) => used.has(selector))
      .map(({ selector, asked, record }) => ({ selector, asked, record })),
    dmarc: {
      asked: records.dmarc?.asked ?? 'unasked',
      record: records.dmarc?.record ?? null,
      policyDomain: records.dmarc?.policyDomain ?? null,
      policy: records.dmarc?.readings.newer?.policy ?? null,
    },
  };
}
