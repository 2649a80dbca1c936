/** What runs here, how large it is, and whether its work goes on. */
import { listInstances } from '../../db/instances.ts';
import { sqliteVersion } from '../../db/open.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { App } from '../app.ts';
import { aboutJson } from './json/about.ts';
import { iso, isoOrNull } from './json/basics.ts';
import { type Route, route } from './route.ts';

/** @param app is being started now */
export function aboutRoutes(app: App): Route[] {
  const startedAt = app.now();
  return [
    route({
      method: 'get',
      path: '/api/about',
      summary: 'Versions, sizes, and how the work goes',
      reply: aboutJson,
      long: true,
      handler: async () => {
        const { sizes, disk } = await app.backups.space();
        const measured = await app.backups.measure();
        const { messageBytes, messages, freeBytes, oldestRunAt, oldestCampaignAt, newestRunAt, ...counts } = measured;
        const { lastTickAt, storage } = app.health;
        return {
          version: packageJson.version,
          startedAt: iso(startedAt),
          node: process.versions.node,
          sqlite: await sqliteVersion(app.db),
          database: {
            ...sizes,
            ...counts,
            freeBytes,
            messageBytes,
            messages,
            oldestRunAt: isoOrNull(oldestRunAt),
            oldestCampaignAt: isoOrNull(oldestCampaignAt),
            newestRunAt: isoOrNull(newestRunAt),
          },
          scheduler: {
            lastTickAt: isoOrNull(lastTickAt),
            storage,
            instances: (await listInstances(app.db)).map(({ host, pid, started_at, seen_at }) => ({
              host,
              pid,
              startedAt: iso(started_at),
              seenAt: iso(seen_at),
            })),
          },
          key: { source: app.config.secretKey === null ? 'file' : 'setting', id: app.vault.keyId },
          disk: { freeBytes: disk },
        } as const;
      },
    }),
  ];
}
