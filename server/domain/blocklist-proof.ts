/**
 * Is a blocklist alive, and does it answer us? Its two test entries tell. What they tell is kept for an hour, and a list that has failed them
 * twice in a row is retired: it is only asked once a day whether it has come back. Pure.
 */
import type { DnsStatus } from '../dns/client.ts';
import type { Blocklist } from './blocklist-table.ts';
import { type Refusal, readListAnswer } from './blocklists.ts';

export const DEAD_CAUSES = ['test-entry-missing', 'lists-everything', 'strange-answers'] as const;
export type ListState =
  | { state: 'alive' }
  | { state: 'refused'; why: Refusal }
  | { state: 'dead'; cause: (typeof DEAD_CAUSES)[number] }
  | { state: 'unasked'; status: DnsStatus };

export type TestAnswer = { status: DnsStatus; addresses: readonly string[] };

export function stateOf(list: Blocklist, listed: TestAnswer, unlisted: TestAnswer): ListState {
  for (const { status } of [listed, unlisted]) {
    if (status === 'refused') return { state: 'refused', why: 'other' };
    if (status === 'servfail' || status === 'timeout' || status === 'error') return { state: 'unasked', status };
  }
  const [there, notThere] = [listed, unlisted].map(({ addresses }) => readListAnswer(list, addresses));
  for (const answer of [there, notThere]) {
    if (answer?.meaning === 'refused') return { state: 'refused', why: answer.why };
    if (answer?.meaning === 'nonsense') return { state: 'dead', cause: 'strange-answers' };
  }
  if (there?.meaning !== 'listed') return { state: 'dead', cause: 'test-entry-missing' };
  return notThere?.meaning === 'listed' ? { state: 'dead', cause: 'lists-everything' } : { state: 'alive' };
}

export type Proof = {
  is: ListState;
  /** Epoch ms. */
  at: number;
  /** Times in a row that it was dead. */
  deaths: number;
};

const MINUTE = 60_000;
const RETIRED_AFTER = 2;

/** @param before what was known of the list */
export function proofFrom(is: ListState, before: Proof | null, now: number): Proof {
  return { is, at: now, deaths: is.state === 'dead' ? (before?.deaths ?? 0) + 1 : 0 };
}

/** Until when it is believed. What could not be asked is asked again soon. */
export function goodUntil({ is, at, deaths }: Proof): number {
  if (is.state === 'unasked') return at + 5 * MINUTE;
  return at + (deaths >= RETIRED_AFTER ? 24 * 60 : 60) * MINUTE;
}

export function isRetired({ deaths }: Proof): boolean {
  return deaths >= RETIRED_AFTER;
}
