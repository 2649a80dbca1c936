/** What a change on the server means for what this page has fetched. */
import type { Change } from '../server/app.ts';

/** Which cached answers a change makes old. */
export function keysOf(change: Change): string[][] {
  switch (change.topic) {
    case 'probe':
      return [
        ['probes', change.id],
        ...(change.runId === undefined ? [] : [['runs', change.runId]]),
        ['runs', 'list'],
        ['overview'],
        ...(change.monitorId === undefined
          ? []
          : [
              ['monitors', change.monitorId, 'placement'],
              ['monitors', change.monitorId, 'delays'],
            ]),
        ['heartbeats'],
        // It may be a mail of a placement test, or a copy that was watched for.
        ['audits'],
        ['watches'],
      ];
    case 'run':
      return [['runs'], ['overview'], ['monitors'], ['heartbeats']];
    case 'monitor':
      return [['monitors'], ['overview'], ['heartbeats']];
    case 'seed':
      return [['seeds'], ['overview']];
    case 'sender':
      return [['senders'], ['overview']];
    case 'domain':
      // A record that changed is a mark on the charts of whoever sends from there.
      return [['domains'], ['overview'], ['monitors']];
    case 'campaign':
      return [['campaigns']];
    case 'audit':
      return [['audits', change.id], ['campaigns'], ['watches']];
    case 'setting':
      return [['settings'], ['sessions'], ['tokens'], ['wall-links']];
    case 'backup':
      return [['backups'], ['overview']];
    case 'restore':
      // Another database: whatever is on screen.
      return [[]];
    case 'trial':
      return [['trial']];
    default:
      return [];
  }
}

/** Reads one event's data; null for what is not a change, so that a newer server cannot break an older page. */
export function readChange(data: string): Change | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { topic, id } = value as Record<string, unknown>;
  return typeof topic === 'string' && typeof id === 'string' ? (value as Change) : null;
}

/** Whether something changed after this page began to load, and before its stream was there to tell. */
export function changedSinceStart(hello: string, ageMs = performance.now()): boolean {
  try {
    const { quietMs } = JSON.parse(hello) as { quietMs?: unknown };
    return typeof quietMs === 'number' && quietMs <= ageMs;
  } catch (error) {
    console.error('The greeting of the live line cannot be read', error);
    return true;
  }
}
