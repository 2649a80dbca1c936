/**
 * What probes showed of a domain's mail: which selectors sign it, from which addresses it leaves and what the servers there say in HELO, what the receivers reported and
 * what was verified. It feeds the checks, and stands beside what is published. Only what can be relied on counts: a mail that came in over a forwarder says nothing about
 * the sender's addresses, and where SPF could not be checked again and the receiver said nothing, nothing is said about it. Pure.
 */
import type {
  AuthenticationReason,
  AuthenticationResult,
  Boundary,
  Disagreement,
  Hop,
  MechanismResult,
  ReportedAuthentication,
  VerifiedAuthentication,
} from '../authentication/types.ts';
import { isUnder, plainName } from './name.ts';
import { contains, readAddress, readNetwork } from './network.ts';
import type { ObservedMail } from './types.ts';

/** The facts of one delivered probe. */
export type SeenProbe = {
  probeId: string;
  provider: string;
  /** Epoch ms. */
  seenAt: number;
  /** Of the sender's address; used where the mail itself does not tell. */
  fromDomain: string;
  verified: VerifiedAuthentication | null;
  reported: ReportedAuthentication | null;
  boundary: Boundary | null;
  hops: readonly Hop[];
  disagreements: readonly Disagreement[];
};

export const WITNESSED = ['spf', 'dkim', 'dmarc'] as const;
/** The newest probe stands for those that are alike. */
type Word = { result: AuthenticationResult; probes: number; probeId: string };
export type Witness = {
  mechanism: (typeof WITNESSED)[number];
  verified: Word[];
  reported: (Word & { provider: string })[];
};

export type Observed = {
  mails: ObservedMail[];
  /** Selectors of signatures in the name of exactly this domain, and when each was seen last. */
  selectors: Map<string, number>;
  /** Where mail came from, what the server there said in HELO, and when it was seen last. */
  ips: Map<string, { at: number; helo: string | null }>;
  witnesses: Witness[];
  /** How the mail was handed to the receivers, as far as their headers tell. */
  transport: { encrypted: number; plain: number };
  /** How many there were since the moment asked for. */
  probes: number;
};

/** Nothing can be said of these: they are about us, or about a moment. */
const UNCHECKED: ReadonlySet<AuthenticationReason> = new Set<AuthenticationReason>([
  'not-reported',
  'not-checked',
  'dns-temporary',
  'verify-timeout',
  'verify-failed',
  'header-too-large',
  'message-too-large',
  'spf-not-recheckable',
]);

/** Where a mail never comes from on the internet: a hop inside, or a test. */
const INSIDE = [
  ...['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  ...['::1', 'fc00::/7', 'fe80::/10'],
].flatMap((network) => readNetwork(network) ?? []);

/** @param since mail seen before then does not count as mail of today's records */
export function observe(domain: string, probes: readonly SeenProbe[], since: number): Observed {
  const own = probes.filter((probe) => isUnder(fromOf(probe), domain));
  const recent = own.filter(({ seenAt }) => seenAt >= since);
  const mails = new Map<string, ObservedMail>();
  const selectors = new Map<string, number>();
  const ips = new Map<string, { at: number; helo: string | null }>();
  const transport = { encrypted: 0, plain: 0 };
  for (const probe of own) {
    for (const { domain: signer, selector } of signaturesOf(probe))
      if (signer === domain && selector !== '')
        selectors.set(selector, Math.max(selectors.get(selector) ?? 0, probe.seenAt));
    const client = clientOf(probe);
    if (client !== null && (ips.get(client.ip)?.at ?? 0) <= probe.seenAt)
      ips.set(client.ip, { at: probe.seenAt, helo: client.helo ?? ips.get(client.ip)?.helo ?? null });
    const encrypted = encryptionOf(probe);
    if (encrypted !== null) transport[encrypted ? 'encrypted' : 'plain']++;
    const mail = probe.seenAt < since ? null : mailOf(probe);
    if (mail === null) continue;
    const key = JSON.stringify(mail);
    const alike = mails.get(key);
    if (alike) alike.count++;
    else mails.set(key, mail);
  }
  return {
    mails: [...mails.values()],
    selectors,
    ips,
    witnesses: witnessesOf(recent),
    transport,
    probes: recent.length,
  };
}

function fromOf({ verified, reported, fromDomain }: SeenProbe): string {
  return plainName(verified?.dmarc.domain ?? reported?.dmarc.domain ?? fromDomain);
}

function isForwarded({ disagreements }: SeenProbe): boolean {
  return disagreements.some(({ reason }) => reason === 'forwarded');
}

function signaturesOf({ verified, reported }: SeenProbe): { domain: string; selector: string; result: string }[] {
  const signatures = verified !== null && isKnown(verified.dkim) ? verified.dkim.signatures : [];
  // Our own look failed for want of an answer: the receiver's counts.
  const useful =
    signatures.length > 0 && signatures.every(isKnown) ? signatures : (reported?.dkim.signatures ?? signatures);
  return useful.map(({ domain = '', selector = '', result }) => ({
    domain: plainName(domain),
    selector: plainName(selector),
    result,
  }));
}

function isKnown({ result, reason }: MechanismResult): boolean {
  return result !== 'temperror' && (reason === undefined || !UNCHECKED.has(reason));
}

function clientOf(probe: SeenProbe): { ip: string; helo: string | null } | null {
  const { boundary } = probe;
  if (boundary === null || !('ip' in boundary) || isForwarded(probe)) return null;
  const address = readAddress(boundary.ip);
  if (address === null || INSIDE.some((network) => contains(network, address))) return null;
  return { ip: boundary.ip, helo: boundary.helo };
}

/** Null: the receiver's line does not tell. */
function encryptionOf({ boundary, hops }: SeenProbe): boolean | null {
  if (boundary === null || !('ip' in boundary)) return null;
  const hop = hops.find((one) => one.headerIndex === boundary.headerIndex && one.fromIp === boundary.ip);
  const tls = (hop ?? hops.find((one) => one.fromIp === boundary.ip))?.tls;
  return tls === undefined || tls === 'unknown' ? null : tls !== null;
}

/** Null where SPF or DKIM is not known: what is not known does not fail. */
function mailOf(probe: SeenProbe): ObservedMail | null {
  if (isForwarded(probe)) return null;
  const spf = [probe.verified?.spf, probe.reported?.spf].find((one) => one?.domain !== undefined && isKnown(one));
  const dkim = [probe.verified?.dkim, probe.reported?.dkim].find((one) => one !== undefined && isKnown(one));
  if (spf?.domain === undefined || dkim === undefined) return null;
  const signatures = signaturesOf(probe);
  if (signatures.some(({ result }) => result === 'temperror')) return null;
  return {
    fromDomain: fromOf(probe),
    spf: { domain: plainName(spf.domain), result: spf.result },
    dkim: signatures,
    count: 1,
  };
}

function witnessesOf(probes: readonly SeenProbe[]): Witness[] {
  const newestFirst = [...probes].sort((a, b) => b.seenAt - a.seenAt);
  return WITNESSED.map((mechanism) => {
    const verified = new Map<string, Word>();
    const reported = new Map<string, Word & { provider: string }>();
    for (const { probeId, provider, ...probe } of newestFirst) {
      const ours = probe.verified?.[mechanism];
      if (ours !== undefined && (ours.reason === undefined || !UNCHECKED.has(ours.reason)))
        count(verified, ours.result, { result: ours.result, probes: 0, probeId });
      const theirs = probe.reported?.[mechanism];
      if (theirs !== undefined && theirs.reason !== 'not-reported')
        count(reported, `${provider} ${theirs.result}`, { provider, result: theirs.result, probes: 0, probeId });
    }
    return { mechanism, verified: [...verified.values()], reported: [...reported.values()] };
  });
}

function count<Counted extends { probes: number }>(into: Map<string, Counted>, key: string, fresh: Counted): void {
  const known = into.get(key) ?? fresh;
  known.probes++;
  into.set(key, known);
}
