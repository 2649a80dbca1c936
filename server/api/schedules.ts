/** A schedule as it is being typed: is it one, when would it fire, and would the sender's budget carry it? Nothing is stored. */
import { findSender } from '../../db/senders.ts';
import { checkSchedule, nextRuns } from '../monitor/schedule.ts';
import { iso } from './json/basics.ts';
import { scheduleCheckInput, scheduleCheckJson } from './json/monitors.ts';
import { runsADay, weighPlan } from './plan.ts';
import { route } from './route.ts';

export const scheduleRoutes = [
  route({
    method: 'post',
    path: '/api/schedule-checks',
    summary: 'Check a schedule as typed: the next five runs, and what they would need of a budget',
    body: scheduleCheckInput,
    reply: scheduleCheckJson,
    handler: async (app, { body }) => {
      const schedule = { cron: body.cron, timeZone: body.timeZone };
      const verdict = checkSchedule(schedule, app.now());
      if (!verdict.ok)
        return { ok: false, field: verdict.field, error: verdict.error, nextRuns: [], runsPerDay: 0, budget: null };
      const sender = body.senderId === undefined ? undefined : await findSender(app.db, body.senderId);
      const weighed =
        sender && body.seeds !== undefined
          ? await weighPlan(app.db, sender, { seeds: body.seeds, cron: body.cron, monitorId: body.monitorId ?? null })
          : null;
      return {
        ok: true,
        field: null,
        error: null,
        nextRuns: nextRuns(schedule, app.now(), 5).map(iso),
        runsPerDay: runsADay(body.cron),
        budget: weighed && {
          limit: weighed.evidence.limit,
          others: weighed.evidence.othersPerDay,
          wanted: weighed.evidence.perDay,
          fits: weighed.result !== 'exceeds',
        },
      };
    },
  }),
];
