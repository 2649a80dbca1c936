/**
 * Two witnesses: the receiver, at the moment the mail came in, and we, later, from the same text. Where they differ the difference has
 * a cause, and the usual ones can be told apart: the mail was forwarded, DNS changed since, the text was altered on the way into the
 * mailbox, the receiver has rules of its own, or it reads the standard more kindly than we do.
 */
import type {
  Boundary,
  Disagreement,
  DisagreementReason,
  Mechanism,
  MechanismResult,
  ReportedAuthentication,
  VerifiedAuthentication,
} from './types.ts';

/**
 * One entry per mechanism on which the two disagree; none where the receiver said nothing. A softer word for the same
 * (`fail` and `softfail`; `none`, `neutral`, `policy` and `permerror` among themselves) is no disagreement for DKIM and SPF.
 */
export function compareAuthentication(
  reported: ReportedAuthentication,
  verified: VerifiedAuthentication,
  context: { boundary: Boundary },
): Disagreement[] {
  const pairs: [Mechanism, MechanismResult | undefined, MechanismResult][] = [
    ['spf', reported.spf, verified.spf],
    ['dkim', reported.dkim, matchingSignature(reported, verified)],
    ['dmarc', reported.dmarc, verified.dmarc],
    ['arc', reported.arc, verified.arc],
  ];
  const out: Disagreement[] = [];
  for (const [mechanism, theirs, ours] of pairs) {
    if (!theirs || theirs.reason === 'not-reported' || sameMeaning(theirs, ours)) continue;
    out.push({
      mechanism,
      reported: theirs.result,
      verified: ours.result,
      reason: explain(mechanism, theirs, ours, reported, verified, context.boundary),
      evidence: gather(theirs, ours, context.boundary),
    });
  }
  return out;
}

/** The signature that the receiver speaks of, not just our best one. */
function matchingSignature(reported: ReportedAuthentication, verified: VerifiedAuthentication): MechanismResult {
  const { domain, selector } = reported.dkim;
  if (domain === undefined) return verified.dkim;
  const same = verified.dkim.signatures.filter(
    (one) =>
      one.domain?.toLowerCase() === domain.toLowerCase() &&
      (selector === undefined || one.selector === undefined || one.selector.toLowerCase() === selector.toLowerCase()),
  );
  return same.find((one) => one.result === reported.dkim.result) ?? same[0] ?? verified.dkim;
}

function sameMeaning(a: MechanismResult, b: MechanismResult): boolean {
  return meaning(a) === meaning(b);
}

function meaning(one: MechanismResult): string {
  if (one.original === 'bestguesspass') return 'guess';
  if (one.result === 'pass' || one.result === 'temperror') return one.result;
  if (one.result === 'fail' || one.result === 'softfail') return 'fail';
  // A signature whose text changed is "fail" to some and "neutral" to others (RFC 8601 §2.7.1 leaves room).
  if (one.reason === 'dkim-body-changed' || one.reason === 'dkim-header-changed') return 'fail';
  return 'unproven';
}

const UNCHECKED = new Set(['verify-timeout', 'verify-failed', 'header-too-large', 'message-too-large', 'not-checked']);

function explain(
  mechanism: Mechanism,
  theirs: MechanismResult,
  ours: MechanismResult,
  reported: ReportedAuthentication,
  verified: VerifiedAuthentication,
  boundary: Boundary,
): DisagreementReason {
  if (ours.reason !== undefined && UNCHECKED.has(ours.reason)) return 'not-verified';
  if (theirs.result === 'temperror' || ours.result === 'temperror') return 'temporary-dns';
  if (mechanism === 'spf' && ours.reason === 'spf-not-recheckable') return 'spf-not-recheckable';
  if (theirs.original !== undefined) return 'receiver-has-own-rules';
  if (mechanism === 'spf') {
    const ip = 'ip' in boundary ? boundary.ip : null;
    if (theirs.clientIp !== undefined && ip !== null && theirs.clientIp !== ip) return 'forwarded';
    if (isStrictReading(ours)) return 'strict-reading';
    return 'dns-changed-since';
  }
  if (mechanism === 'dkim') {
    if (ours.reason === 'dkim-body-changed' || ours.reason === 'dkim-header-changed') return 'body-altered';
    if (isStrictReading(ours)) return 'strict-reading';
    if (ours.reason?.startsWith('dkim-key') || theirs.reason?.startsWith('dkim-key')) return 'dns-changed-since';
    if (theirs.reason === 'dkim-body-changed' || theirs.reason === 'dkim-header-changed')
      return 'receiver-has-own-rules';
    return 'unexplained';
  }
  if (mechanism === 'dmarc') return explainDmarc(theirs, ours, reported, verified, boundary);
  return ours.reason === 'arc-broken' ? 'body-altered' : 'unexplained';
}

/** DMARC stands on the other two: where one of them differs, that is the cause. */
function explainDmarc(
  theirs: MechanismResult,
  ours: MechanismResult,
  reported: ReportedAuthentication,
  verified: VerifiedAuthentication,
  boundary: Boundary,
): DisagreementReason {
  if (ours.reason === 'dmarc-from-ambiguous' || ours.reason === 'dmarc-no-author') return 'strict-reading';
  if (ours.reason === 'spf-not-recheckable') return 'spf-not-recheckable';
  const recordMatters = (theirs.result === 'none') !== (ours.result === 'none');
  if (recordMatters) return ours.reason === 'dmarc-record-invalid' ? 'strict-reading' : 'dns-changed-since';
  if (verified.spf.reason === 'spf-not-recheckable' && reported.spf.result === 'pass') return 'spf-not-recheckable';
  const dkim = matchingSignature(reported, verified);
  if (!sameMeaning(reported.dkim, dkim) && reported.dkim.reason !== 'not-reported') {
    return explain('dkim', reported.dkim, dkim, reported, verified, boundary);
  }
  if (!sameMeaning(reported.spf, verified.spf) && reported.spf.reason !== 'not-reported') {
    return explain('spf', reported.spf, verified.spf, reported, verified, boundary);
  }
  return 'receiver-has-own-rules';
}

/** Limits and syntax that many receivers overlook. */
const STRICT_REASONS = new Set([
  'strict-reading',
  'spf-too-many-lookups',
  'spf-too-many-void-lookups',
  'spf-syntax',
  'spf-multiple-records',
  'spf-include-missing',
  'spf-domain-invalid',
  'dkim-syntax',
  'dkim-algorithm-weak',
  'dkim-key-weak',
  'dkim-expired',
]);

function isStrictReading(ours: MechanismResult): boolean {
  return ours.reason !== undefined && STRICT_REASONS.has(ours.reason);
}

function gather(theirs: MechanismResult, ours: MechanismResult, boundary: Boundary): Disagreement['evidence'] {
  const evidence: Disagreement['evidence'] = {};
  const put = (key: string, value: string | number | boolean | undefined | null): void => {
    if (value !== undefined && value !== null && value !== '') evidence[key] = value;
  };
  put('domain', ours.domain ?? theirs.domain);
  put('selector', ours.selector ?? theirs.selector);
  put('why', ours.reason);
  put('receiverSays', theirs.original ?? theirs.comment);
  put('receiverReason', theirs.reason);
  put('receiverIp', theirs.clientIp);
  put('ip', 'ip' in boundary ? boundary.ip : ours.clientIp);
  put('record', ours.record);
  return evidence;
}
