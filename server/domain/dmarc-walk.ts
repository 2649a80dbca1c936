/**
 * The DNS tree walk (RFC 9989 §4.10): a receiver looks for a record at the domain itself, then at each domain above it, eight names at most. What it finds decides
 * two things: which record's policy applies, and where the *organizational domain* is, the highest name that still belongs to the same
 * owner, to which SPF and DKIM must belong as well. Before, a public list of suffixes decided that.
 */
import type { DnsStatus } from '../dns/client.ts';
import { type Answers, says, textsOf, type UnaskedList } from './answers.ts';
import { type DmarcRecord, isDmarcRecord, parseDmarc } from './dmarc.ts';

/** Names with eight labels or more lose all but seven at the first step. */
const MOST_LABELS = 7;

export type WalkStep = {
  /** `_dmarc.example.com`. */
  name: string;
  domain: string;
  status: DnsStatus | null;
  /** `several` are discarded, all of them. */
  result: 'record' | 'none' | 'several' | 'unasked';
  record: string | null;
  /** All that begin as a DMARC record does. */
  records: string[];
  /** The record stands elsewhere: this name is an alias for that one. */
  alias: string | null;
  /** `psd=y` or `psd=n`: the walk ends here. */
  stops: boolean;
};
export type Walk = {
  steps: WalkStep[];
  found: { domain: string; text: string; record: DmarcRecord }[];
  /** False: a name gave no answer, so what lies above it is not known. */
  complete: boolean;
  /** The organizational domain; null where the walk is not complete. */
  organization: string | null;
};

/** The names whose records are asked for, in order. */
export function walkNames(domain: string): string[] {
  const names = [domain];
  let labels = domain.split('.');
  for (;;) {
    labels = labels.length > MOST_LABELS ? labels.slice(-MOST_LABELS) : labels.slice(1);
    if (labels.length === 0) return names;
    names.push(labels.join('.'));
  }
}

export function walkTree(domain: string, answers: Answers, unasked: UnaskedList): Walk {
  const steps: WalkStep[] = [];
  const found: Walk['found'] = [];
  // All are asked at once; that a record lower down ends the walk only means that the others are not looked at.
  const asked = walkNames(domain).map((one) => ({ one, answer: answers.get(`_dmarc.${one}`, 'TXT') }));
  for (const { one, answer } of asked) {
    const name = `_dmarc.${one}`;
    const records = textsOf(unasked.note(name, 'TXT', answer)).filter(isDmarcRecord);
    const [text] = records;
    const step: WalkStep = {
      name,
      domain: one,
      status: answer?.status ?? null,
      result: 'none',
      record: null,
      records,
      alias: answer?.cnames.at(-1) ?? null,
      stops: false,
    };
    steps.push(step);
    if (answer === null || !says(answer)) step.result = 'unasked';
    else if (records.length > 1) step.result = 'several';
    else if (text !== undefined) {
      const record = parseDmarc(text);
      found.push({ domain: one, text, record });
      Object.assign(step, { result: 'record', record: text, stops: record.psd !== 'u' });
      if (step.stops) break;
    }
  }
  const complete = steps.every((step) => step.result !== 'unasked');
  return { steps, found, complete, organization: complete ? organizationOf(domain, found) : null };
}

/** §4.10.2, from the longest name to the shortest. */
function organizationOf(domain: string, found: Walk['found']): string {
  for (const { domain: name, record } of found) {
    if (record.psd === 'n') return name;
    if (record.psd === 'y' && name !== domain) {
      const labels = name.split('.').length + 1;
      return domain.split('.').slice(-labels).join('.');
    }
  }
  return found.at(-1)?.domain ?? domain;
}

/** §4.10.1: the domain's own record, else that of its organization, else that of the public suffix above. */
export function policyRecord(domain: string, walk: Walk): Walk['found'][number] | null {
  const own = walk.found.find((one) => one.domain === domain);
  if (own) return own;
  if (walk.organization === null) return null;
  const last = walk.found.at(-1);
  return walk.found.find((one) => one.domain === walk.organization) ?? (last?.record.psd === 'y' ? last : null);
}
