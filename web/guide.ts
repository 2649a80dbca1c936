/** How far somebody is with the first four steps, told from what is there and not from a memory of its own: whoever sets up a seed elsewhere is as far. Pure. */
import type { MonitorJson } from '../server/api/json/monitors.ts';
import type { SeedJson } from '../server/api/json/seeds.ts';
import type { SenderJson } from '../server/api/json/senders.ts';
import { seedStateOf } from './pages/seeds/standing.ts';

export const GUIDE_STEPS = ['sender', 'seeds', 'monitor', 'run'] as const;
export type GuideStep = (typeof GUIDE_STEPS)[number];

export type SetUp = { senders: readonly SenderJson[]; seeds: readonly SeedJson[]; monitors: readonly MonitorJson[] };

/** Its last check went well. */
export function worksAsSender(sender: Pick<SenderJson, 'check'>): boolean {
  return sender.check?.ok === true;
}

export function isReadable(seed: Parameters<typeof seedStateOf>[0]): boolean {
  return seedStateOf(seed) === 'readable';
}

/** `there`: a step further on can be taken. `works`: it was shown by a real server that it is right. */
export type Standing = 'missing' | 'there' | 'works';

export function standingOf({ senders, seeds, monitors }: SetUp): Record<GuideStep, Standing> {
  const standing = (there: boolean, works: boolean): Standing => (works ? 'works' : there ? 'there' : 'missing');
  return {
    sender: standing(senders.length > 0, senders.some(worksAsSender)),
    seeds: standing(seeds.length > 0, seeds.some(isReadable)),
    monitor: standing(monitors.length > 0, monitors.length > 0),
    run: standing(latestRun(monitors) !== null, (latestRun(monitors)?.state ?? 'running') !== 'running'),
  };
}

/** The first step that is not shown to work; the last one when all are. */
export function stepToTake(standing: Record<GuideStep, Standing>): GuideStep {
  return GUIDE_STEPS.find((step) => standing[step] !== 'works') ?? 'run';
}

/** Whether all that a step stands on is there. */
export function mayOpen(step: GuideStep, standing: Record<GuideStep, Standing>): boolean {
  return GUIDE_STEPS.slice(0, GUIDE_STEPS.indexOf(step)).every((before) => standing[before] !== 'missing');
}

/** The newest run of all monitors. */
export function latestRun(monitors: readonly MonitorJson[]): NonNullable<MonitorJson['lastRun']> | null {
  return monitors.reduce<MonitorJson['lastRun']>(
    (latest, { lastRun }) => (lastRun && (latest === null || lastRun.startedAt > latest.startedAt) ? lastRun : latest),
    null,
  );
}

/** The sender's own address, when no seed reads it: a mail that comes back would only look missing. */
export function unreadReturnAddress(
  sender: Pick<SenderJson, 'fromAddress'>,
  seeds: readonly SeedJson[],
): string | null {
  const address = sender.fromAddress.toLowerCase();
  const isRead = seeds.some((seed) => seed.address.toLowerCase() === address && seed.pausedAt === null);
  return isRead ? null : sender.fromAddress;
}
