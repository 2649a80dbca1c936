/**
 * How far checks of senders, seeds and domains are, as the live line tells it. It tells the latest step only (several may pass within one packet), and a check may be
 * over before anything was told: so a step means that all before it are done, and none means nothing.
 */
import { useSyncExternalStore } from 'react';
import type { Change } from '../server/app.ts';

/** The steps in their order, as in server/net/steps.ts. */
export const CHECK_STEPS = ['finding', 'connecting', 'securing', 'signing-in', 'listing'] as const;
export type CheckStep = (typeof CHECK_STEPS)[number];

/** How far a protocol of a domain is. */
export type ProgressPart = NonNullable<Change['progress']>[number];

const latest = new Map<string, CheckStep | readonly ProgressPart[]>();
const listeners = new Set<() => void>();

/** The live line heard of a step. A word that a newer server has is not shown. */
export function heardStep(id: string, step: string | undefined): void {
  const known = CHECK_STEPS.find((one) => one === step);
  if (known) keep(id, known);
}

/** The live line heard how far a domain is. */
export function heardProgress(id: string, parts: readonly ProgressPart[]): void {
  keep(id, parts);
}

/** Before a check starts, or when it is over: what was told of the one before is old. */
export function forgetStep(id: string): void {
  keep(id, undefined);
}

function keep(id: string, step: CheckStep | readonly ProgressPart[] | undefined): void {
  if (step === undefined) latest.delete(id);
  else latest.set(id, step);
  for (const listener of listeners) listener();
}

function useLatest(id: string | undefined): CheckStep | readonly ProgressPart[] | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => (id === undefined ? undefined : latest.get(id)),
  );
}

export function useStep(id: string | undefined): CheckStep | undefined {
  const step = useLatest(id);
  return typeof step === 'string' ? step : undefined;
}

/** Null: nothing was heard. */
export function useProgress(id: string): readonly ProgressPart[] | null {
  const parts = useLatest(id);
  return typeof parts === 'object' ? parts : null;
}

/** Which steps a check of this kind has. */
export function stepsOf(kind: 'smtp' | 'imap' | 'pop3', security: 'tls' | 'starttls' | 'none'): CheckStep[] {
  return CHECK_STEPS.filter(
    (step) => (step !== 'listing' || kind === 'imap') && (step !== 'securing' || security !== 'none'),
  );
}
