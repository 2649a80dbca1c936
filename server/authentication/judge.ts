/**
 * Everything that the headers of one delivered mail tell, by the provider's own word: what it reported, the way the mail took, and the
 * hop where it came in. Pure: the same headers and rules always give the same judgement.
 */
import { readAuthor } from './alignment.ts';
import { findBoundary } from './boundary.ts';
import { readHeaders } from './headers.ts';
import { readHops } from './received.ts';
import { readReported } from './reported.ts';
import { selectBelieved } from './trust.ts';
import type { Judgement, TrustRules } from './types.ts';

/**
 * @param raw the raw header block, or the whole message
 * @param rules whose words count (the provider table has them)
 */
export function judgeHeaders(raw: Uint8Array, rules: TrustRules): Judgement {
  const { fields, tooLarge } = readHeaders(raw);
  const finding = findBoundary(fields, rules);
  const believed = selectBelieved(fields, rules, finding);
  const reported = readReported(believed, readAuthor(fields).domain);
  return {
    reported,
    hops: readHops(fields),
    // A header cut at the limit may hide the line; what was found above the cut still stands.
    boundary:
      tooLarge && !('ip' in finding.boundary)
        ? { reason: 'spf-not-recheckable', why: 'header-too-large' }
        : finding.boundary,
    ignored: believed.ignored,
  };
}
