/** What the monitors of a sender plan to send in a day, and whether another plan still fits its budget. Asked before a monitor is saved. */
import { monitorsOfSender, reachOf } from '../../db/monitors.ts';
import type { Queries } from '../../db/open.ts';
import { senderUses } from '../../db/probes.ts';
import type { MonitorTable, SenderTable } from '../../db/schema.ts';
import { AppError } from '../errors.ts';
import { runsPerDay } from '../monitor/schedule.ts';
import type { MonitorSchedule } from '../monitor/types.ts';
import { DAY_MS, mayStart, type PlanVerdict, planUse } from '../sender/quota.ts';

const MOST_REMEMBERED = 500;
const remembered = new Map<string, number>();

/** Runs a day of a cron text, remembered: counting a pattern of every minute takes a tenth of a second. It depends on nothing but the text. */
export function runsADay(cron: string): number {
  const known = remembered.get(cron);
  if (known !== undefined) return known;
  // A fixed moment: the answer may not change from one day to the next.
  const runs = runsPerDay({ cron, timeZone: 'UTC' }, Date.UTC(2026, 0, 1));
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(cron, runs);
  return runs;
}

export function scheduleOf(monitor: Pick<MonitorTable, 'cron' | 'time_zone'>): MonitorSchedule | null {
  return monitor.cron !== null && monitor.time_zone !== null
    ? { cron: monitor.cron, timeZone: monitor.time_zone }
    : null;
}

/** Recipients per day of all monitors of each sender; paused ones and those without a schedule plan nothing. */
export async function plannedPerDay(
  db: Queries,
  senderIds: string[],
  exceptMonitor: string | null,
): Promise<Map<string, number>> {
  const planned = new Map<string, number>();
  const monitors = (await monitorsOfSender(db, senderIds)).filter(
    (monitor) => monitor.id !== exceptMonitor && monitor.paused_at === null && monitor.cron !== null,
  );
  const reach = await reachOf(
    db,
    monitors.map((monitor) => monitor.id),
  );
  for (const monitor of monitors) {
    const perDay = (reach.get(monitor.id)?.seedCount ?? 0) * runsADay(monitor.cron ?? '');
    planned.set(monitor.sender_id, (planned.get(monitor.sender_id) ?? 0) + perDay);
  }
  return planned;
}

/** When senders whose budget is used up may send one more, as far as the budget goes. @param used recipients in the last 24 hours */
export async function nextPlaces(
  db: Queries,
  senders: SenderTable[],
  used: ReadonlyMap<string, number>,
  now: number,
): Promise<Map<string, number>> {
  const free = new Map<string, number>();
  for (const { id, daily_limit: dailyLimit } of senders) {
    if ((used.get(id) ?? 0) < dailyLimit) continue;
    const uses = (await senderUses(db, id, now - DAY_MS)).map((at) => ({ at, count: 1 }));
    free.set(id, mayStart(uses, { dailyLimit, reserve: 0, minGapMs: 0 }, now).mayStartAt ?? now + DAY_MS);
  }
  return free;
}

/** How a plan stands against its sender's budget. `monitorId`: the monitor being changed, whose present plan does not count. */
export async function weighPlan(
  db: Queries,
  sender: SenderTable,
  plan: { seeds: number; cron: string | null; monitorId: string | null },
): Promise<PlanVerdict> {
  const others = await plannedPerDay(db, [sender.id], plan.monitorId);
  return planUse(
    {
      seeds: plan.seeds,
      runsPerDay: plan.cron === null ? 0 : runsADay(plan.cron),
      othersPerDay: others.get(sender.id) ?? 0,
    },
    { dailyLimit: sender.daily_limit, reserve: 0, minGapMs: sender.min_gap_ms },
  );
}

/** @throws AppError `budget-exceeded` with the numbers */
export async function requireBudget(
  db: Queries,
  sender: SenderTable,
  plan: { seeds: number; cron: string | null; monitorId: string | null },
): Promise<void> {
  // By hand only: such probes wait for the budget, and nothing is planned ahead.
  if (plan.cron === null) return;
  const { result, reason, evidence } = await weighPlan(db, sender, plan);
  if (result !== 'exceeds') return;
  const { seeds, runsPerDay: runs, perDay, othersPerDay, limit, mostRunsPerDay, runTakesMs } = evidence;
  const sum = `${seeds} seeds × ${runs} runs = ${perDay} mails a day`;
  const others = othersPerDay > 0 ? ` besides the ${othersPerDay} of its other monitors` : '';
  throw new AppError(
    'budget-exceeded',
    reason === 'plan-exceeds-budget'
      ? `${sum}${others}, but ${sender.name} may send ${limit} in 24 hours. At most ${mostRunsPerDay} runs a day fit.`
      : `${sum}, but at the pace of ${sender.name} one run takes ${Math.round(runTakesMs / 1000)} s: ${runs} runs do not fit into a day.`,
    { reason, ...evidence },
  );
}
