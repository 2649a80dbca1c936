/** Seeds in and out as a table: what each line of a file would do, adding those that are sound, and all seeds without their passwords. */
import { listSeeds, seedIdentities, tagsOf } from '../../db/seeds.ts';
import type { App } from '../app.ts';
import { readSeedCsv, type SeedDraft, writeSeedCsv } from '../seed/csv.ts';
import { csvFile, everyRow, importTable } from './csv.ts';
import { type ImportJson, importInput, importJson } from './json/imports.ts';
import { route } from './route.ts';
import { addSeed } from './seeds.ts';

export const seedCsvRoutes = [
  route({
    method: 'post',
    path: '/api/seeds/imports',
    summary: 'Add seeds from CSV; with dryRun each line only gets its verdict',
    body: importInput,
    takesCsv: true,
    reply: importJson,
    handler: async (app, { body }) => importSeeds(app, body.csv, body.dryRun ?? false),
  }),
  route({
    method: 'get',
    path: '/api/seeds/export',
    summary: 'All seeds as CSV, without passwords',
    text: 'text/csv',
    handler: async (app) => csvFile('todoku-seeds.csv', writeSeedCsv(await exported(app))),
  }),
];

async function importSeeds(app: App, csv: string, dryRun: boolean): Promise<ImportJson> {
  const reply = await importTable(readSeedCsv(csv, await seedIdentities(app.db)), {
    dryRun,
    add: (draft) => addSeed(app, draft),
    noun: 'seed',
    heading: 'address',
  });
  if (reply.added > 0) app.announce({ topic: 'seed', id: 'import' });
  return reply;
}

async function exported(app: App): Promise<Omit<SeedDraft, 'password'>[]> {
  const seeds = await everyRow((page) => listSeeds(app.db, page));
  const tags = new Map<string, string[]>();
  for (let at = 0; at < seeds.length; at += 500)
    for (const [id, of] of await tagsOf(
      app.db,
      seeds.slice(at, at + 500).map((seed) => seed.id),
    ))
      tags.set(id, of);
  return seeds.map((seed) => ({
    address: seed.address,
    provider: seed.provider,
    protocol: seed.protocol,
    host: seed.host,
    port: seed.port,
    security: seed.security,
    user: seed.user_name,
    junkFolder: seed.junk_folder,
    tags: tags.get(seed.id) ?? [],
  }));
}
