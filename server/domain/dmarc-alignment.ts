/**
 * Mail that was seen, by what carries it through DMARC: SPF and DKIM both, one of them alone, or neither. What counts is not that something passed but that it passed
 * in the name of the domain in From (RFC 9989 §4.10.2). Pure.
 */
import { isAligned } from '../authentication/alignment.ts';
import { isUnder } from './name.ts';
import type { ObservedMail } from './types.ts';

export type Aligned = {
  count: number;
  /** `SPF esp.example pass`: what was seen on these mails. */
  seen: ReadonlySet<string>;
};
export type Alignment = { total: number; both: Aligned; spfOnly: Aligned; dkimOnly: Aligned; failing: Aligned };

/** `organization`: as a tree walk found it; null where it did not. */
export type AlignmentModes = { adkim: 'r' | 's'; aspf: 'r' | 's'; organization: string | null };

/** @param domain only mail with this domain, or one below, in From */
export function countAlignment(domain: string, observed: readonly ObservedMail[], modes: AlignmentModes): Alignment {
  const empty = () => ({ count: 0, seen: new Set<string>() });
  const kinds = { both: empty(), spfOnly: empty(), dkimOnly: empty(), failing: empty() };
  let total = 0;
  for (const mail of observed) {
    if (!isUnder(mail.fromDomain, domain)) continue;
    const aligned = (name: string, mode: 'r' | 's'): boolean =>
      isAligned(name, mail.fromDomain, mode === 's' ? 'strict' : 'relaxed', modes.organization ?? undefined);
    const spf = mail.spf?.result === 'pass' && aligned(mail.spf.domain, modes.aspf);
    const dkim = mail.dkim.some((signature) => signature.result === 'pass' && aligned(signature.domain, modes.adkim));
    const kind = kinds[spf ? (dkim ? 'both' : 'spfOnly') : dkim ? 'dkimOnly' : 'failing'];
    total += mail.count;
    kind.count += mail.count;
    if (mail.spf) kind.seen.add(`SPF ${mail.spf.domain} ${mail.spf.result}`);
    for (const signature of mail.dkim) kind.seen.add(`DKIM ${signature.domain} ${signature.result}`);
  }
  return { total, ...kinds };
}
