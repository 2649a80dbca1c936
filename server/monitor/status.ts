/**
 * The state of a run follows from its probes. `running` means that some answer is still due; it does not hold back the next run, which waits only
 * until everything of this one is handed over: an hourly monitor with one missing mail must not stand still for six hours.
 */
import type { RunState } from './types.ts';

export type RunProgress = {
  /** Probes without an answer whose deadline has not passed. */
  undecided: number;
  /** Probes that will be looked for again. */
  watched: number;
};

export function runState(progress: RunProgress): RunState {
  if (progress.undecided > 0) return 'running';
  return progress.watched > 0 ? 'watching' : 'complete';
}
