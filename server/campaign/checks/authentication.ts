/**
 * The DKIM signatures in the file, as they are written and as they were verified. SPF is a matter of the connection, which a file does not have; what the domains publish
 * is judged apart (`server/domain/`). Pure.
 */
import { isAligned } from '../../authentication/alignment.ts';
import type { MechanismResult, VerifiedAuthentication } from '../../authentication/types.ts';
import { readParameters } from '../fields.ts';
import { raise } from '../findings.ts';
import type { Facts, Finding } from '../types.ts';

export type Signature = {
  domain: string;
  selector: string;
  line: number;
  /** `l=` is given: what follows its length is not signed. */
  limited: boolean;
};

const MAX_SIGNATURES = 20;

export function signaturesIn(facts: Facts): Signature[] {
  return facts.fields
    .filter(({ key }) => key === 'dkim-signature')
    .slice(0, MAX_SIGNATURES)
    .map(({ value, line }) => {
      const { parameters } = readParameters(`;${value}`);
      const tag = (name: string): string =>
        (parameters.get(name) ?? '')
          .toLowerCase()
          .replace(/\s+|\.$/g, '')
          .slice(0, 255);
      return { domain: tag('d'), selector: tag('s'), line, limited: parameters.has('l') };
    });
}

/** @param verified null: not asked @param fromDomain the domain that the mail is to be judged by */
export function checkAuthentication(
  facts: Facts,
  fromDomain: string | null,
  verified: VerifiedAuthentication | null,
  offline: boolean,
): Finding[] {
  const signatures = signaturesIn(facts);
  const [first] = signatures;
  if (first === undefined) return [raise('authentication-unsigned', { from: fromDomain })];
  const found: Finding[] = [];
  const place = { line: first.line, column: 1 };
  const limited = signatures.find((one) => one.limited);
  if (limited !== undefined)
    found.push(raise('authentication-partly-signed', { line: limited.line, column: 1, domain: limited.domain }));
  const results = verified?.dkim.signatures ?? [];
  const known = results.filter(({ result }) => !['temperror', 'none'].includes(result));
  if (verified === null || known.length === 0) {
    const reason = offline ? 'offline' : (verified?.dkim.reason ?? results[0]?.reason ?? 'verify-failed');
    found.push(raise('authentication-unverified', { ...place, reason, domain: first.domain }));
    // Whose name it is signed in needs no asking.
    if (fromDomain !== null && signatures.every(({ domain }) => !isAligned(domain, fromDomain)))
      found.push(raise('authentication-unaligned', { ...place, domain: first.domain, from: fromDomain }));
    return found;
  }
  return [...found, ...verifiedFindings(known, fromDomain, signatures)];
}

function verifiedFindings(
  results: readonly MechanismResult[],
  from: string | null,
  signatures: readonly Signature[],
): Finding[] {
  const lineOf = ({ domain, selector }: MechanismResult): number =>
    signatures.find((one) => one.domain === domain && one.selector === selector)?.line ?? signatures[0]?.line ?? 1;
  const evidence = (one: MechanismResult): Record<string, string | number | null> => ({
    line: lineOf(one),
    column: 1,
    domain: one.domain ?? null,
    selector: one.selector ?? null,
    reason: one.reason ?? null,
  });
  const passing = results.filter(({ result }) => result === 'pass');
  const [broken] = results.filter(({ result }) => result !== 'pass');
  const [pass] = passing;
  if (pass === undefined)
    return broken === undefined ? [] : [raise('authentication-signature-broken', evidence(broken))];
  const found: Finding[] = [];
  if (broken !== undefined) found.push(raise('authentication-signature-one-broken', evidence(broken)));
  if (from !== null && passing.every(({ domain = '' }) => !isAligned(domain, from)))
    found.push(raise('authentication-unaligned', { ...evidence(pass), from }));
  const short = passing.find(
    ({ algorithm = '', keyBits = 0 }) => algorithm.startsWith('rsa') && keyBits < 2048 && keyBits > 0,
  );
  if (short !== undefined)
    found.push(raise('authentication-key-short', { ...evidence(short), bits: short.keyBits ?? null }));
  return found;
}
