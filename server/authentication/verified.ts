/**
 * From mailauth's results to ours: one word, one reason from the closed set, and the evidence. mailauth tells why in English comments; the
 * patterns here are those of 7.1 in strict mode, and whatever they do not know keeps its comment and gets the broader reason.
 */
import type { ARCResult, AuthenticateResult, DKIMResult, DMARCResult, SPFResult } from 'mailauth';
import { type Author, domainOf, isAligned } from './alignment.ts';
import { bestSignature } from './reported.ts';
import {
  AUTHENTICATION_RESULTS,
  type AuthenticationReason,
  type AuthenticationResult,
  type DkimResult,
  type MechanismResult,
  type SmtpClient,
  type VerifiedAuthentication,
} from './types.ts';

/** What is known beside mailauth's results. */
export type VerifyContext = {
  /** Null: the hop is not known, SPF was not evaluated. */
  client: SmtpClient | null;
  /** Only the header was there: nothing that covers the body can be said. */
  headerOnly: boolean;
  author: Author;
  /** A `_dmarc` record exists although mailauth used none. */
  dmarcRecordIgnored: boolean;
};

export function readVerified(found: AuthenticateResult, context: VerifyContext): VerifiedAuthentication {
  const from = context.author.domain;
  const dmarcFound = found.dmarc === false ? null : found.dmarc;
  const spf = readSpf(found.spf, dmarcFound, from, context);
  const dkim = readDkim(found.dkim.results, from, context);
  return { spf, dkim, dmarc: readDmarc(found, spf, dkim, context), arc: readArc(found.arc, context) };
}

/** The same reason for all four, for mail that was never handed to mailauth or that it gave up on. */
export function notVerified(reason: AuthenticationReason, client: SmtpClient | null): VerifiedAuthentication {
  const result: AuthenticationResult = reason === 'verify-timeout' || reason === 'verify-failed' ? 'temperror' : 'none';
  const one = (): MechanismResult => ({ result, reason });
  const spf: MechanismResult = isRecheckable(client) ? one() : { result: 'none', reason: 'spf-not-recheckable' };
  return { spf, dkim: { ...one(), signatures: [] }, dmarc: one(), arc: one() };
}

/** SPF needs the address and the envelope sender; `null` for the sender means nobody knows, `''` means a bounce. */
export function isRecheckable(client: SmtpClient | null): client is SmtpClient & { envelopeFrom: string } {
  return client !== null && client.envelopeFrom !== null;
}

function readSpf(
  spf: SPFResult | false,
  dmarc: DMARCResult | null,
  from: string | null,
  context: VerifyContext,
): MechanismResult {
  if (!isRecheckable(context.client) || spf === false) return { result: 'none', reason: 'spf-not-recheckable' };
  const { client } = context;
  const out: MechanismResult = { result: wordOf(spf.status.result), domain: spf.domain, clientIp: client.ip };
  out.identity = client.envelopeFrom === '' ? 'helo' : 'mailfrom';
  if (client.envelopeFrom !== '') out.envelopeFrom = client.envelopeFrom;
  if (client.helo !== null) out.helo = client.helo;
  if (spf.rr) out.record = spf.rr;
  if (spf.lookups) {
    out.lookups = spf.lookups.count;
    out.voidLookups = spf.lookups.void;
  }
  if (from !== null) {
    const walked = dmarc?.alignment?.spf?.result;
    out.aligned = out.result === 'pass' && dmarc?.alignment ? Boolean(walked) : isAligned(spf.domain, from);
  }
  return explained(out, spfReason(out.result, commentOf(spf.status)), commentOf(spf.status));
}

function spfReason(result: AuthenticationResult, comment: string): AuthenticationReason | null {
  if (result === 'temperror') return 'dns-temporary';
  if (result === 'fail' || result === 'softfail') return 'spf-ip-not-permitted';
  if (result === 'none') return /invalid domain/i.test(comment) ? 'spf-domain-invalid' : 'spf-record-missing';
  if (result !== 'permerror') return null;
  if (/too many DNS requests/i.test(comment)) return 'spf-too-many-lookups';
  if (/too many void/i.test(comment)) return 'spf-too-many-void-lookups';
  if (/multiple SPF records/i.test(comment)) return 'spf-multiple-records';
  if (/no SPF records found/i.test(comment)) return 'spf-include-missing';
  if (/invalid domain/i.test(comment)) return 'spf-domain-invalid';
  return 'spf-syntax';
}

function readDkim(results: readonly DKIMResult[], from: string | null, context: VerifyContext): DkimResult {
  const signatures = results
    .filter((result) => result.signingDomain !== undefined || result.status.result !== 'none')
    .map((result) => readSignature(result, from, context.headerOnly));
  if (signatures.length === 0) return { result: 'none', reason: 'dkim-not-signed', signatures: [] };
  return bestSignature(signatures);
}

function readSignature(found: DKIMResult, from: string | null, headerOnly: boolean): MechanismResult {
  const out: MechanismResult = { result: headerOnly ? 'none' : wordOf(found.status.result) };
  if (found.signingDomain) out.domain = found.signingDomain.toLowerCase();
  if (found.selector) out.selector = found.selector;
  if (found.algo) out.algorithm = found.algo;
  if (found.modulusLength) out.keyBits = found.modulusLength;
  if (found.rr) out.record = found.rr.slice(0, 2000);
  if (from !== null && out.domain !== undefined) {
    out.aligned = out.result === 'pass' ? Boolean(found.status.aligned) : isAligned(out.domain, from);
  }
  if (headerOnly) return { ...out, reason: 'message-too-large' };
  return explained(out, dkimReason(found), commentOf(found.status));
}

function dkimReason(found: DKIMResult): AuthenticationReason | null {
  const comment = commentOf(found.status);
  const { result } = found.status;
  const rules = found.status.policy?.['dkim-rules'];
  if (result === 'pass') return found.status.underSized ? 'dkim-body-partly-signed' : null;
  if (rules === 'weak-key') return 'dkim-key-weak';
  if (rules === 'weak-algorithm') return 'dkim-algorithm-weak';
  if (result === 'temperror') return 'dns-temporary';
  if (/body hash/i.test(comment)) return 'dkim-body-changed';
  if (found.status.testing) return 'dkim-testing';
  if (/bad signature/i.test(comment)) return 'dkim-header-changed';
  if (/expired/i.test(comment)) return 'dkim-expired';
  if (/^no key/i.test(comment)) return 'dkim-key-missing';
  // An empty p= is a revoked key (RFC 6376 §3.6.1); mailauth calls it invalid.
  if (/invalid public key/i.test(comment)) return isRevoked(found.rr) ? 'dkim-key-revoked' : 'dkim-key-invalid';
  if (/key/i.test(comment) || /inappropriate/i.test(comment)) return 'dkim-key-invalid';
  return 'dkim-syntax';
}

function isRevoked(record: string | undefined): boolean {
  return record !== undefined && /(?:^|;)\s*p\s*=\s*(?:;|$)/.test(record.slice(0, 4000));
}

function readDmarc(
  found: AuthenticateResult,
  spf: MechanismResult,
  dkim: DkimResult,
  context: VerifyContext,
): MechanismResult {
  const { author } = context;
  const from = author.domain;
  if (from === null) {
    const nobody = author.problems.every((problem) => problem === 'no-from' || problem === 'no-address');
    const reason = nobody ? 'dmarc-no-author' : 'dmarc-from-ambiguous';
    return { result: 'none', reason, comment: author.problems.join(', ') };
  }
  if (found.dmarc === false) {
    const reason = found.dmarcSkipReason === 'no-author-domain' ? 'dmarc-no-author' : 'dmarc-from-ambiguous';
    return {
      result: 'none',
      reason,
      domain: from,
      ...(found.dmarcSkipReason ? { comment: found.dmarcSkipReason } : {}),
    };
  }
  const { dmarc } = found;
  const read = domainOf(dmarc.status.header?.from ?? from);
  const out: MechanismResult = { result: wordOf(dmarc.status.result), domain: read };
  if (dmarc.policy) out.policy = dmarc.policy;
  if (dmarc.policyDomain) out.policyDomain = dmarc.policyDomain;
  if (dmarc.rr) out.record = dmarc.rr;
  const comment = commentOf(dmarc.status);
  // Two readings of one From are an attack, whoever is right.
  if (read !== from) return { ...out, result: 'none', reason: 'dmarc-from-ambiguous', comment: `${from}, ${read}` };
  if (out.result === 'temperror') return explained(out, 'dns-temporary', comment);
  if (out.result === 'none') {
    return explained(out, context.dmarcRecordIgnored ? 'dmarc-record-invalid' : 'dmarc-record-missing', comment);
  }
  const spfUnknown = spf.reason === 'spf-not-recheckable';
  if (out.result === 'pass') return explained(out, spfUnknown ? 'dmarc-from-dkim-alone' : null, comment);
  // What could not be checked might have passed: that is no failure.
  if (context.headerOnly && dkim.signatures.length > 0) return { ...out, result: 'none', reason: 'message-too-large' };
  if (spfUnknown) return { ...out, result: 'none', reason: 'spf-not-recheckable' };
  const passed = spf.result === 'pass' || dkim.signatures.some((one) => one.result === 'pass');
  return explained(out, passed ? 'dmarc-not-aligned' : 'dmarc-nothing-passed', comment);
}

function readArc(arc: ARCResult | false, context: VerifyContext): MechanismResult {
  if (arc === false || arc.status.result === 'none') return { result: 'none', reason: 'arc-missing' };
  const out: MechanismResult = { result: wordOf(arc.status.result) };
  const seal = arc.signature === false ? undefined : arc.signature;
  if (seal?.signingDomain) {
    out.domain = seal.signingDomain.toLowerCase();
    if (seal.selector) out.selector = seal.selector;
    if (seal.modulusLength) out.keyBits = seal.modulusLength;
  }
  if (context.headerOnly) return { ...out, result: 'none', reason: 'message-too-large' };
  const comment = commentOf(arc.status);
  if (out.result === 'pass') return explained(out, null, comment);
  // mailauth calls every trouble a failure and names each kind but one: the key could not be asked for.
  if (comment === '' && arc.status.policy === undefined)
    return { ...out, result: 'temperror', reason: 'dns-temporary' };
  return explained(out, 'arc-broken', comment);
}

function wordOf(result: string): AuthenticationResult {
  return AUTHENTICATION_RESULTS.find((word) => word === result) ?? 'neutral';
}

/** mailauth puts our own name before its comments; nobody needs to read it. */
function commentOf(status: { comment?: string | boolean }): string {
  return typeof status.comment === 'string' ? status.comment.replace(/^localhost: /, '').slice(0, 500) : '';
}

function explained(out: MechanismResult, reason: AuthenticationReason | null, comment: string): MechanismResult {
  if (reason !== null) out.reason = reason;
  if (comment !== '') out.comment = comment;
  return out;
}
