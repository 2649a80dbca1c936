/**
 * What DNS has said so far. An audit follows its questions: an SPF record names others, a DMARC record may stand at a parent, a key is an alias. So
 * that all of this stays a matter of values, each protocol's reader is a plain function from a table of answers to facts. Where it needs an answer that is
 * not there it goes on without, and the table notes what was missing; `lookup.ts` asks that, all at once, and calls the reader again
 * with what came, until nothing is missing. It takes as long as the longest chain of questions that depend on each other, and a test is a table.
 */
import type { DnsAnswer, DnsRecordData, DnsStatus, DnsType } from '../dns/client.ts';
import { plainName } from './name.ts';
import type { Asked, Unasked } from './types.ts';

export type Question = { name: string; type: DnsType };

export class Answers {
  readonly #known = new Map<string, DnsAnswer>();
  readonly #missing = new Map<string, Question>();

  /** Null: not asked yet, and noted as missing. */
  get<T extends DnsType>(name: string, type: T): DnsAnswer<T> | null {
    const key = keyOf(name, type);
    const answer = this.#known.get(key);
    if (answer === undefined) this.#missing.set(key, { name, type });
    return (answer as DnsAnswer<T> | undefined) ?? null;
  }

  put(question: Question, answer: DnsAnswer): void {
    this.#known.set(keyOf(question.name, question.type), answer);
  }

  /** Whether everything that was looked for was there. */
  get isComplete(): boolean {
    return this.#missing.size === 0;
  }

  /** What was looked for in vain since the last call. */
  takeMissing(): Question[] {
    const missing = [...this.#missing.values()];
    this.#missing.clear();
    return missing;
  }
}

/** The same question has the same key, however the name is written. */
export function keyOf(name: string, type: DnsType): string {
  return `${type} ${plainName(name)}`;
}

/** Did the answer say anything about the name? SERVFAIL, a refusal and silence do not. A name that cannot stand in DNS is not there. */
export function says(answer: { status: DnsStatus; error?: string }): boolean {
  return (
    answer.status === 'answer' ||
    answer.status === 'nodata' ||
    answer.status === 'nxdomain' ||
    answer.error === 'bad-name'
  );
}

/** The records of an answer, or none. */
export function recordsOf<T extends DnsType>(answer: DnsAnswer<T> | null): DnsRecordData[T][] {
  return answer?.status === 'answer' ? answer.records : [];
}

/** Each TXT record as one text: its strings joined without anything between (RFC 7208 §3.3). */
export function textsOf(answer: DnsAnswer<'TXT'> | null): string[] {
  return recordsOf(answer).map((strings) => strings.join(''));
}

export function askedOf(answer: { status: DnsStatus; error?: string } | null, found: boolean): Asked {
  if (answer === null || !says(answer)) return 'unasked';
  return found ? 'found' : 'none';
}

/** What a page could not be fetched for, as the answer of DNS that it is; null where it is something else. */
export function unaskedStatus({ reason, detail }: { reason: string; detail: string }): string | null {
  // A world that has servers of its own only asks nobody else.
  if (reason === 'server-not-listed') return reason;
  if (reason !== 'lookup-failed') return null;
  return LOOKUP_STATUSES[detail] ?? 'error';
}

const LOOKUP_STATUSES: Record<string, DnsStatus> = { ESERVFAIL: 'servfail', EREFUSED: 'refused', ETIMEOUT: 'timeout' };

/** Questions without an answer, each once. */
export class UnaskedList {
  readonly #list = new Map<string, Unasked>();

  /** @returns the answer, so that a reader can note it while it takes it */
  note<T extends DnsType>(name: string, type: T, answer: DnsAnswer<T> | null): DnsAnswer<T> | null {
    if (answer !== null && !says(answer)) this.#list.set(keyOf(name, type), { name, type, status: answer.status });
    return answer;
  }

  get list(): Unasked[] {
    return [...this.#list.values()];
  }
}
