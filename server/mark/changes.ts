/** Which marks a change makes: what is told of a monitor before and after, and of a sender's pause. Pure. */
import type { MarkReason } from './types.ts';

export type Change = { reason: MarkReason; evidence: Record<string, unknown> };

/** The parts of a monitor that decide what its numbers mean. */
export type Watched = {
  message: { template?: string | undefined; subject?: string | undefined };
  /** By id; a seed reached by hand and by tag is one. */
  seeds: ReadonlySet<string>;
  sender: { id: string; name: string };
  schedule: { cron: string; timeZone: string } | null;
  paused: boolean;
};

export function monitorChanges(before: Watched, after: Watched): Change[] {
  const changes: Change[] = [];
  if (JSON.stringify(before.message) !== JSON.stringify(after.message)) {
    const { template, subject } = after.message;
    // Of a built-in message its name, of one's own its subject: texts are long and may hold anything.
    changes.push({
      reason: 'monitor-message-changed',
      evidence: { ...(template === undefined ? {} : { template }), ...(subject === undefined ? {} : { subject }) },
    });
  }
  const added = [...after.seeds].filter((id) => !before.seeds.has(id)).length;
  const removed = [...before.seeds].filter((id) => !after.seeds.has(id)).length;
  if (added + removed > 0) changes.push(seedsChanged(added, removed));
  if (before.sender.id !== after.sender.id)
    changes.push({
      reason: 'monitor-sender-changed',
      evidence: { before: before.sender.name, after: after.sender.name },
    });
  if (told(before.schedule) !== told(after.schedule))
    changes.push({
      reason: 'monitor-schedule-changed',
      evidence: { before: told(before.schedule), after: told(after.schedule) },
    });
  if (before.paused !== after.paused)
    changes.push({ reason: after.paused ? 'monitor-paused' : 'monitor-resumed', evidence: {} });
  return changes;
}

export function seedsChanged(added: number, removed: number): Change {
  return {
    reason: 'monitor-seeds-changed',
    evidence: { ...(added > 0 ? { added } : {}), ...(removed > 0 ? { removed } : {}) },
  };
}

/** Null: by hand only. */
function told(schedule: Watched['schedule']): string | null {
  return schedule === null ? null : `${schedule.cron} (${schedule.timeZone})`;
}
