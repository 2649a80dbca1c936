/** The whole table. Fixed paths stand before those with parameters, as Express takes the first that fits. */
import type { App } from '../app.ts';
import { aboutRoutes } from './about.ts';
import { auditRoutes } from './audits.ts';
import { backupRoutes } from './backups.ts';
import { campaignRoutes } from './campaigns.ts';
import { delayRoutes } from './delays.ts';
import { domainReportRoutes } from './domain-reports.ts';
import { domainRoutes } from './domains.ts';
import { type Events, eventRoutes } from './events.ts';
import { createMeasure, type Measure } from './health.ts';
import { heartbeatRoutes } from './heartbeats.ts';
import { monitorRoutes } from './monitors.ts';
import { openapiRoute } from './openapi.ts';
import { overviewRoutes } from './overview.ts';
import { presetRoutes } from './presets.ts';
import { probeRoutes } from './probes.ts';
import type { Route } from './route.ts';
import { runRoutes } from './runs.ts';
import { scheduleRoutes } from './schedules.ts';
import { searchRoutes } from './search.ts';
import { seedCsvRoutes } from './seed-csv.ts';
import { seedRoutes } from './seeds.ts';
import { senderCsvRoutes } from './sender-csv.ts';
import { senderRoutes } from './senders.ts';
import { sessionRoutes } from './sessions.ts';
import { settingRoutes } from './settings.ts';
import { shareRoutes } from './shares.ts';
import { tokenRoutes } from './tokens.ts';
import { type Trial, trialRoutes } from './trial.ts';
import { wallRoutes } from './walls.ts';

/** What there is once in an installation: its owner, its health, and all of every world's own. */
export function allRoutes(app: App, events: Events, trial: Trial): { routes: Route[]; measure: Measure } {
  const measure = createMeasure(app, events);
  const routes = [
    ...measure.routes,
    ...sessionRoutes,
    ...tokenRoutes,
    ...settingRoutes,
    ...backupRoutes,
    ...aboutRoutes(app),
    ...wallRoutes(),
    ...trialRoutes(trial),
    ...shareRoutes(),
    ...worldRoutes(() => events),
  ];
  return { routes: [...routes, openapiRoute(routes)], measure };
}

/** What each world has of its own, the trial too: mailboxes, monitors, sending domains, and what comes of them. */
export function worldRoutes(events: () => Events): Route[] {
  return [
    ...presetRoutes,
    ...overviewRoutes,
    ...searchRoutes,
    ...senderCsvRoutes,
    ...senderRoutes,
    ...seedCsvRoutes,
    ...seedRoutes,
    ...heartbeatRoutes,
    ...monitorRoutes,
    ...delayRoutes,
    ...scheduleRoutes,
    ...runRoutes,
    ...probeRoutes,
    ...domainRoutes,
    ...domainReportRoutes,
    ...campaignRoutes,
    ...auditRoutes,
    ...eventRoutes(events),
  ];
}
