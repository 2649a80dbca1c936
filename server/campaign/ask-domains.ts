/**
 * What the domains in a mail publish: that of From, that bounces go to, those that signed it, and those its links lead to, each about what matters in its role. And the
 * checklist of large providers for the sender's domain, with this one mail as what was seen of it.
 */
import type { VerifiedAuthentication } from '../authentication/types.ts';
import { auditDomain, type DomainCheck } from '../domain/audit.ts';
import { bulkChecklist, type Requirement } from '../domain/bulk-senders.ts';
import { readDomain } from '../domain/name.ts';
import { type Observed, observe, type SeenProbe } from '../domain/observed.ts';
import type { Reach } from '../domain/reach.ts';
import type { Protocol } from '../domain/types.ts';
import { signaturesIn } from './checks/authentication.ts';
import { linkDomains } from './checks/links.ts';
import { oneClick } from './checks/unsubscribe.ts';
import { firstOf } from './fields.ts';
import { inSentences } from './findings.ts';
import type { Facts, Finding } from './types.ts';

export type Role = 'from' | 'envelope' | 'signer' | 'link';

const MAX_LINK_DOMAINS = 10;
const MAX_SIGNERS = 5;
const MAX_IPS = 5;

export type AskedDomain = { domain: string; role: Role; check: DomainCheck };

/**
 * Each domain once, in its weightiest role, about what matters in that role.
 * @param copies of the mail that were delivered: they tell the addresses it leaves from
 */
export async function askDomains(
  facts: Facts,
  from: string | null,
  reach: Reach,
  { now, copies }: { now: number; copies: readonly SeenProbe[] },
): Promise<AskedDomain[]> {
  const signatures = signaturesIn(facts);
  const envelope = /@([^@<>\s]+)>?\s*$/.exec(firstOf(facts.fields, 'return-path')?.value ?? '')?.[1] ?? null;
  const wanted = new Map<string, { role: Role; protocols: Protocol[] }>();
  const want = (name: string | null, role: Role, protocols: Protocol[]): void => {
    const domain = name === null ? null : readDomain(name);
    if (domain !== null && !wanted.has(domain)) wanted.set(domain, { role, protocols });
  };
  const author = from === null ? null : readDomain(from);
  const seen = author === null ? null : observe(author, copies, 0);
  const ips = [...(seen?.ips ?? [])].sort(([, a], [, b]) => b.at - a.at).slice(0, MAX_IPS);
  want(from, 'from', ['spf', 'dkim', 'dmarc', 'mx', 'blocklists', ...(ips.length > 0 ? ['ptr' as const] : [])]);
  want(envelope, 'envelope', ['spf', 'blocklists']);
  for (const { domain } of signatures.slice(0, MAX_SIGNERS)) want(domain, 'signer', ['dkim', 'blocklists']);
  for (const domain of linkDomains(facts).slice(0, MAX_LINK_DOMAINS)) want(domain, 'link', ['blocklists']);
  return Promise.all(
    [...wanted].map(async ([domain, { role, protocols }]) => {
      const own = signatures.filter((one) => one.domain === domain && one.selector !== '');
      const known = {
        domain,
        now,
        selectors: own.map(({ selector }) => ({ selector, source: 'seen' as const })),
        ips: role === 'from' ? ips.map(([ip]) => ip) : [],
        helos: Object.fromEntries(ips.flatMap(([ip, { helo }]) => (helo === null ? [] : [[ip, helo]]))),
        history: { keysSince: {}, policyNoneSince: null },
        observed: role === 'from' ? (seen?.mails ?? []) : [],
      };
      return { domain, role, check: await auditDomain(reach, known, protocols) };
    }),
  );
}

/** That a blocklist turns us away is no news about a mail, and once is enough. */
const NO_NEWS = /^blocklist(?:s-unasked|-refused|-dead)/;

export function domainFindings(domains: readonly AskedDomain[]): Finding[] {
  return domains.flatMap(({ domain, role, check }) =>
    check.findings
      .filter(({ id }) => !NO_NEWS.test(id))
      .map(
        ({ id, severity, evidence, fix }): Finding => ({
          id,
          check: 'domain',
          severity,
          evidence: inSentences({ domain, ...evidence, role }),
          fix,
        }),
      ),
  );
}

/** The checklist of the domain, with this one mail and its delivered copies as what was seen of it. */
export function checklistFor(
  check: DomainCheck,
  facts: Facts,
  verified: VerifiedAuthentication | null,
  copies: readonly SeenProbe[],
): Requirement[] {
  return bulkChecklist(check, observedOf(check.domain, verified, copies)).map((requirement) => {
    if (requirement.id !== 'one-click') return requirement;
    return { ...requirement, answer: oneClick(facts.fields) ? 'met' : 'not-met', source: 'probes', evidence: {} };
  });
}

function observedOf(
  domain: string,
  verified: VerifiedAuthentication | null,
  copies: readonly SeenProbe[],
): Observed | null {
  const own = observedIn(domain, verified);
  if (copies.length === 0) return own;
  const seen = observe(domain, copies, 0);
  // Where SPF is known of no copy, a signature that holds still carries the mail.
  return { ...seen, mails: seen.mails.length > 0 ? seen.mails : (own?.mails ?? []) };
}

function observedIn(domain: string, verified: VerifiedAuthentication | null): Observed | null {
  const signatures = verified?.dkim.signatures ?? [];
  const known = signatures.filter(({ result }) => result !== 'temperror' && result !== 'none');
  if (verified === null || known.length === 0) return null;
  const holds = known.some(({ result, aligned }) => result === 'pass' && aligned === true);
  return {
    // What SPF will say is not known, so a mail that DKIM does not carry may still be carried.
    mails: holds
      ? [
          {
            fromDomain: domain,
            spf: null,
            dkim: known.map(({ domain = '', selector = '', result }) => ({ domain, selector, result })),
            count: 1,
          },
        ]
      : [],
    selectors: new Map(),
    ips: new Map(),
    witnesses: [
      { mechanism: 'dkim', verified: [{ result: verified.dkim.result, probes: 1, probeId: '' }], reported: [] },
    ],
    transport: { encrypted: 0, plain: 0 },
    probes: 1,
  };
}
