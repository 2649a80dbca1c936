/**
 * The wall: one summary for a screen in the office. A wall link's key opens it and nothing else. What it shows are counts, rates and names of monitors; no address, no
 * message, no reason of a failure. Many screens with one key cost no more than one: an answer serves all who ask within a few seconds.
 */
import { findMonitor, listMonitors } from '../../db/monitors.ts';
import type { WallLinkTable } from '../../db/schema.ts';
import { readSetting } from '../../db/settings.ts';
import { listWallLinks, revokeWallLink } from '../../db/walls.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { createWallLink } from '../owner/walls.ts';
import { PROVIDERS } from '../seed/providers.ts';
import { readHeartbeats } from './heartbeats.ts';
import { idParams, iso, isoOrNull } from './json/basics.ts';
import {
  newWallLinkJson,
  type WallJson,
  type WallLinkJson,
  wallJson,
  wallLinkInput,
  wallLinksJson,
  wallQuery,
} from './json/walls.ts';
import { readOverview } from './overview.ts';
import { createPace } from './pace.ts';
import { periodOf } from './placement.ts';
import { type Route, route } from './route.ts';
import { languageOf, timeZoneOf } from './settings.ts';

const POLL_SECONDS = 15;
const PER_MINUTE = 60;
/** One answer serves all who ask for the same within this. */
const FRESH_MS = 5_000;
const MOST_MONITORS = 24;
const RUNS_OF_A_MONITOR = 20;
const HOURS = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 } as const;

type Shown = Omit<WallJson, 'name'>;

export function wallRoutes(): Route[] {
  const pace = createPace(PER_MINUTE);
  const fresh = new Map<string, { at: number; shown: Promise<Shown> }>();

  return [
    route({
      method: 'get',
      path: '/api/wall-links',
      summary: 'Wall links, the revoked ones too; never the key itself',
      access: 'session',
      reply: wallLinksJson,
      handler: async (app) => ({ items: (await listWallLinks(app.db)).map(presentLink), nextCursor: null }),
    }),
    route({
      method: 'post',
      path: '/api/wall-links',
      summary: 'Make a wall link, of everything or of one monitor; its key is shown in this answer and never again',
      access: 'session',
      body: wallLinkInput,
      reply: newWallLinkJson,
      status: 201,
      handler: async (app, { body }) => {
        if (body.monitorId !== null && !(await findMonitor(app.db, body.monitorId)))
          throw new AppError('invalid', 'There is no such monitor.', {
            errors: [{ path: 'monitorId', message: 'is none of ours' }],
          });
        const { key, row } = await createWallLink(app, body.name, body.monitorId);
        app.announce({ topic: 'setting', id: 'wall-links' });
        return { ...presentLink(row), key };
      },
    }),
    route({
      method: 'delete',
      path: '/api/wall-links/:id',
      summary: 'Revoke a wall link',
      access: 'session',
      params: idParams,
      handler: async (app, { params }) => {
        if (!(await revokeWallLink(app.db, params.id, app.now())))
          throw new AppError('not-found', 'There is no such wall link.');
        app.announce({ topic: 'setting', id: 'wall-links' });
        return undefined;
      },
    }),
    route({
      method: 'get',
      path: '/api/wall',
      summary: 'How things stand, for a screen on the wall: counts, rates and names of monitors, no addresses',
      access: 'wall',
      query: wallQuery,
      reply: wallJson,
      handler: async (app, { query }, { identity }) => {
        const now = app.now();
        if (!identity) throw new AppError('not-signed-in', 'Send the key of a wall link.');
        pace.take(identity.id, now);
        const monitorId = identity.kind === 'wall' ? identity.monitorId : null;
        const { period, timeZone } = query;
        const what = JSON.stringify([monitorId, period, timeZone]);
        for (const [key, { at }] of fresh) if (Math.abs(now - at) >= FRESH_MS) fresh.delete(key);
        const known = fresh.get(what) ?? { at: now, shown: readWall(app, monitorId, period, timeZone) };
        fresh.set(what, known);
        // What failed is asked again.
        known.shown.catch(() => fresh.delete(what));
        return { name: identity.kind === 'wall' ? identity.name : '', ...(await known.shown) };
      },
    }),
  ];
}

async function readWall(
  app: App,
  monitorId: string | null,
  length: keyof typeof HOURS,
  zone: string | undefined,
): Promise<Shown> {
  const now = app.now();
  const timeZone = zone ?? timeZoneOf(await readSetting(app.db, 'time-zone')) ?? 'UTC';
  const from = iso(now - HOURS[length] * 3_600_000);
  const period = periodOf({ from, to: iso(now), timeZone, bucket: 'auto' }, now);
  const chosen = monitorId === null ? undefined : await findMonitor(app.db, monitorId);
  const overview = await readOverview(app, period, monitorId === null ? {} : { monitorId });
  const monitors = monitorId === null ? await listMonitors(app.db, { limit: MOST_MONITORS }) : chosen ? [chosen] : [];
  const { items } = await readHeartbeats(app.db, monitorId ?? undefined, RUNS_OF_A_MONITOR);
  const beats = new Map(items.map((item) => [item.monitorId, item]));
  const kinds = Map.groupBy(overview.attention, (item) => item.kind);
  return {
    monitor: chosen ? { id: chosen.id, name: chosen.name } : null,
    version: packageJson.version,
    at: iso(now),
    pollSeconds: POLL_SECONDS,
    language: languageOf(await readSetting(app.db, 'language')),
    from: overview.from,
    to: overview.to,
    timeZone: overview.timeZone,
    bucket: overview.bucket,
    now: overview.now,
    before: overview.before,
    verdict: overview.verdict,
    buckets: overview.buckets,
    providers: overview.providers.map((one) => ({ ...one, name: PROVIDERS[one.provider].name })),
    monitors: monitors.map(({ id, name, paused_at }) => ({
      id,
      name,
      paused: paused_at !== null,
      runs: beats.get(id)?.runs ?? [],
    })),
    attention: {
      count: overview.attention.length,
      kinds: [...kinds].map(([kind, items]) => ({ kind, count: items.length })),
    },
  };
}

function presentLink(row: WallLinkTable): WallLinkJson {
  return {
    id: row.id,
    name: row.name,
    monitorId: row.monitor_id,
    createdAt: iso(row.created_at),
    lastUsedAt: isoOrNull(row.last_used_at),
    revokedAt: isoOrNull(row.revoked_at),
  };
}
