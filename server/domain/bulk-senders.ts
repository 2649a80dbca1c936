/**
 * What the large mailbox providers ask of whoever sends much: Google and Yahoo since February 2024, Microsoft (outlook.com, hotmail.com) since May 2025, from about 5,000 mails a day
 * to them. Each requirement is answered from what is published and from what probes showed. Two of them nobody outside can see, and that is said instead of guessed. As
 * the providers had it in November 2026. Pure.
 */
import type { DomainCheck, Records } from './audit.ts';
import { countAlignment } from './dmarc-alignment.ts';
import type { Observed, Witness } from './observed.ts';
import type { Asked } from './types.ts';

export const BULK_PROVIDERS = ['google', 'yahoo', 'microsoft'] as const;
export type BulkProvider = (typeof BULK_PROVIDERS)[number];
export type Level = 'required' | 'advised';

/** `unseen`: cannot be seen from here. `unasked`: DNS gave no answer. */
export const ANSWERS = ['met', 'not-met', 'unseen', 'unasked'] as const;
export type Answer = (typeof ANSWERS)[number];

export const REQUIREMENTS = [
  'spf',
  'dkim',
  'dkim-size',
  'dmarc',
  'alignment',
  'ptr',
  'tls',
  'takes-mail',
  'one-click',
  'complaints',
] as const;
export type RequirementId = (typeof REQUIREMENTS)[number];

export type Requirement = {
  id: RequirementId;
  /** Who asks for it, and how firmly; providers left out do not. */
  providers: Partial<Record<BulkProvider, Level>>;
  answer: Answer;
  /** What the answer rests on. */
  source: 'dns' | 'probes' | 'both' | null;
  evidence: Record<string, string | number>;
  /** Findings of the check that say more. */
  findings: string[];
};

const ALL = { google: 'required', yahoo: 'required', microsoft: 'required' } as const;
const WHO: Record<RequirementId, Partial<Record<BulkProvider, Level>>> = {
  spf: ALL,
  dkim: ALL,
  'dkim-size': { google: 'required', yahoo: 'required' },
  dmarc: ALL,
  alignment: ALL,
  ptr: { google: 'required', yahoo: 'required', microsoft: 'advised' },
  tls: { google: 'required' },
  'takes-mail': { yahoo: 'advised', microsoft: 'advised' },
  'one-click': { google: 'required', yahoo: 'required', microsoft: 'advised' },
  complaints: { google: 'required', yahoo: 'required', microsoft: 'advised' },
};

type Seen = Pick<DomainCheck, 'domain' | 'records' | 'asked' | 'findings'>;
type Answered = Pick<Requirement, 'answer' | 'source'> & Partial<Pick<Requirement, 'evidence'>>;

/** @param observed null: no probes were sent from this domain */
export function bulkChecklist(check: Seen, observed: Observed | null): Requirement[] {
  return REQUIREMENTS.map((id) => {
    const answered = ANSWER[id](check, observed);
    const findings = check.findings.filter((finding) => RELATED[id]?.test(finding.id)).map((finding) => finding.id);
    return { id, providers: WHO[id], evidence: {}, ...answered, findings: [...new Set(findings)] };
  });
}

/** Faults after which receivers get no pass from the record, whatever the address. */
const SPF_BROKEN =
  /^spf-(?:missing|not-recognised|multiple|syntax|too-many-(?:lookups|void-lookups|mx)|include-(?:loop|missing|broken))$/;
const RELATED: Partial<Record<RequirementId, RegExp>> = {
  spf: /^spf-(?!unasked)/,
  dkim: /^dkim-(?:missing|selector-|alias|multiple|syntax|key-(?:invalid|revoked)|testing|service|hash|ed25519)/,
  'dkim-size': /^dkim-key-(?:too-)?short$/,
  dmarc: /^dmarc-(?:missing|multiple|not-recognised|wrong-place|policy-(?:invalid|missing))$/,
  alignment: /^dmarc-alignment-/,
  ptr: /^ptr-/,
  'takes-mail': /^mx-(?:missing|null|unresolved|private-address|bad-name|address-literal)/,
};

const ANSWER: Record<RequirementId, (check: Seen, observed: Observed | null) => Answered> = {
  spf: ({ records, asked, findings }, observed) => {
    const seen = passes(observed, 'spf');
    const broken = findings.some((finding) => SPF_BROKEN.test(finding.id));
    if (seen !== null) return { ...byMail(seen, !broken && records.spf?.record !== null), evidence: seen };
    return byRecord(asked.spf, records.spf?.record !== null && !broken);
  },
  dkim: ({ records, asked }, observed) => {
    const seen = passes(observed, 'dkim');
    const usable = usableKeys(records.dkim).length > 0;
    if (seen !== null) return { ...byMail(seen, usable), evidence: seen };
    if (usable) return { answer: 'met', source: 'dns' };
    // Keys may exist under selectors that nobody knows of here.
    return asked.dkim === 'unasked' ? { answer: 'unasked', source: null } : { answer: 'unseen', source: null };
  },
  'dkim-size': ({ records }) => {
    const sizes = usableKeys(records.dkim).flatMap(({ type, bits }) => (type === 'rsa' && bits !== null ? [bits] : []));
    if (sizes.length === 0) return { answer: usableKeys(records.dkim).length > 0 ? 'met' : 'unseen', source: null };
    const bits = Math.min(...sizes);
    return { answer: bits >= 1024 ? 'met' : 'not-met', source: 'dns', evidence: { bits } };
  },
  dmarc: ({ records, asked }) => {
    const policy = records.dmarc?.readings.newer?.policy ?? null;
    return { ...byRecord(asked.dmarc, policy !== null), evidence: policy === null ? {} : { policy } };
  },
  alignment: ({ domain, records }, observed) => {
    const tags = records.dmarc?.tags ?? {};
    const mode = (value: string | undefined): 'r' | 's' => (value?.toLowerCase() === 's' ? 's' : 'r');
    const { total, failing } = countAlignment(domain, observed?.mails ?? [], {
      adkim: mode(tags.adkim),
      aspf: mode(tags.aspf),
      organization: records.dmarc?.organizationalDomain ?? null,
    });
    if (total === 0) return { answer: 'unseen', source: null };
    const evidence = { passed: total - failing.count, of: total };
    return { answer: failing.count > 0 ? 'not-met' : 'met', source: 'probes', evidence };
  },
  ptr: ({ records, findings }) => {
    const addresses = records.ptr?.addresses ?? [];
    if (addresses.length === 0) return { answer: 'unseen', source: null };
    if (findings.some(({ id }) => id === 'ptr-missing' || id === 'ptr-unconfirmed'))
      return { answer: 'not-met', source: 'dns', evidence: { of: addresses.length } };
    const unasked = addresses.some(
      (one) => one.asked === 'unasked' || one.names.some((name) => name.asked === 'unasked'),
    );
    return unasked
      ? { answer: 'unasked', source: null }
      : { answer: 'met', source: 'dns', evidence: { of: addresses.length } };
  },
  tls: (_check, observed) => {
    const { encrypted, plain } = observed?.transport ?? { encrypted: 0, plain: 0 };
    if (encrypted + plain === 0) return { answer: 'unseen', source: null };
    const evidence = { passed: encrypted, of: encrypted + plain };
    return { answer: plain > 0 ? 'not-met' : 'met', source: 'probes', evidence };
  },
  'takes-mail': ({ asked, findings }) => {
    if (asked.mx === 'unasked') return { answer: 'unasked', source: null };
    const takesNone = findings.some(({ id }) => id === 'mx-missing' || id === 'mx-null');
    return { answer: takesNone ? 'not-met' : 'met', source: 'dns' };
  },
  // It is a matter of the mails that are really sent, and of the people who get them.
  'one-click': () => ({ answer: 'unseen', source: null }),
  complaints: () => ({ answer: 'unseen', source: null }),
};

function byRecord(asked: Asked | undefined, good: boolean): Answered {
  if (asked === 'unasked') return { answer: 'unasked', source: null };
  return { answer: good ? 'met' : 'not-met', source: 'dns' };
}

/** What was seen decides; what is published stands beside it. */
function byMail({ passed, of }: { passed: number; of: number }, published: boolean): Answered {
  return { answer: passed === of && published ? 'met' : 'not-met', source: 'both' };
}

/** Of the mails that were verified here or, where none could be, reported. A moment without DNS is no failure. Null: none. */
function passes(observed: Observed | null, mechanism: Witness['mechanism']): { passed: number; of: number } | null {
  const witness = observed?.witnesses.find((one) => one.mechanism === mechanism);
  for (const words of [witness?.verified ?? [], witness?.reported ?? []]) {
    const known = words.filter(({ result }) => result !== 'temperror');
    const of = known.reduce((sum, { probes }) => sum + probes, 0);
    if (of > 0)
      return { passed: known.reduce((sum, { result, probes }) => sum + (result === 'pass' ? probes : 0), 0), of };
  }
  return null;
}

function usableKeys(keys: Records['dkim'] | undefined): Records['dkim'] {
  return (keys ?? []).filter(
    ({ record, revoked, keyProblem, type }) => record !== null && !revoked && keyProblem === null && type !== null,
  );
}
