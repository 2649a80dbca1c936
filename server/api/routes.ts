/** The whole table. Fixed paths stand before those with parameters, as Express takes the first that fits. */
import type { App } from '../app.ts';
import { aboutRoutes } from './about.ts';
import { backupRoutes } from './backups.ts';
import { delayRoutes } from './delays.ts';
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
import { senderRoutes } from './senders.ts';
import { sessionRoutes } from './sessions.ts';
import { settingRoutes } from './settings.ts';
import { tokenRoutes } from './tokens.ts';
import { wallRoutes } from './walls.ts';

export function allRoutes(app: App, events: Events): { routes: Route[]; measure: Measure } {
  const measure = createMeasure(app, events);
  const routes = [
    ...measure.routes,
    ...sessionRoutes,
    ...tokenRoutes,
    ...settingRoutes,
    ...backupRoutes,
    ...aboutRoutes(app),
    ...wallRoutes(),
    ...presetRoutes,
    ...overviewRoutes,
    ...searchRoutes,
    ...senderRoutes,
    ...seedCsvRoutes,
    ...seedRoutes,
    ...heartbeatRoutes,
    ...monitorRoutes,
    ...delayRoutes,
    ...scheduleRoutes,
    ...runRoutes,
    ...probeRoutes,
    ...eventRoutes(events),
  ];
  return { routes: [...routes, openapiRoute(routes)], measure };
}
