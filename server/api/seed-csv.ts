/** Seeds in and out as a table: what each line of a file would do, adding those that are sound, and all seeds without their passwords. */
import { listSeeds, seedIdentities, tagsOf } from '../../db/seeds.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { type CsvReading, type LineVerdict, readSeedCsv, type SeedDraft, writeSeedCsv } from '../seed/csv.ts';
import { explain } from '../words/words.ts';
import { type SeedImportJson, seedImportInput, seedImportJson } from './json/seeds.ts';
import { route } from './route.ts';
import { addSeed } from './seeds.ts';

export const seedCsvRoutes = [
  route({
    method: 'post',
    path: '/api/seeds/imports',
    summary: 'Add seeds from CSV; with dryRun each line only gets its verdict',
    body: seedImportInput,
    takesCsv: true,
    reply: seedImportJson,
    handler: async (app, { body }) => importSeeds(app, body.csv, body.dryRun ?? false),
  }),
  route({
    method: 'get',
    path: '/api/seeds/export',
    summary: 'All seeds as CSV, without passwords',
    text: 'text/csv',
    handler: async (app) => ({
      contentType: 'text/csv; charset=utf-8',
      // A byte order mark: without it spreadsheets read Japanese folder names as nonsense.
      body: `\ufeff${writeSeedCsv(await exported(app))}`,
      headers: { 'Content-Disposition': 'attachment; filename="todoku-seeds.csv"' },
    }),
  }),
];

async function importSeeds(app: App, csv: string, dryRun: boolean): Promise<SeedImportJson> {
  const reading = readSeedCsv(csv, await seedIdentities(app.db));
  if (!reading.ok) throw new AppError('invalid', UNREADABLE_CSV[reading.reason], { reason: reading.reason });
  const lines: SeedImportJson['lines'] = [];
  for (const verdict of reading.lines) lines.push(await importLine(app, verdict, dryRun));
  const added = lines.filter((line) => line.ok).length;
  if (!dryRun && added > 0) app.announce({ topic: 'seed', id: 'import' });
  return { dryRun, added: dryRun ? 0 : added, refused: lines.length - added, lines };
}

const UNREADABLE_CSV: Record<Extract<CsvReading, { ok: false }>['reason'], string> = {
  empty: 'The file is empty.',
  'heading-missing': 'The first line must name the columns; one of them is address.',
  'heading-twice': 'The first line names the same column twice.',
  'too-large': 'The file is too large.',
  'too-many-lines': 'The file has too many lines.',
};

async function importLine(app: App, verdict: LineVerdict, dryRun: boolean): Promise<SeedImportJson['lines'][number]> {
  const { line } = verdict;
  if (verdict.verdict === 'error') {
    const { address } = verdict;
    const { title, meaning } = explain(verdict.reason, verdict.column === null ? {} : { column: verdict.column }, 'en');
    return { line, address, ok: false, reason: verdict.reason, detail: meaning || title, id: null };
  }
  if (verdict.verdict === 'duplicate')
    return {
      line,
      address: verdict.address,
      ok: false,
      reason: 'duplicate',
      detail: verdict.of === 'existing' ? 'This seed is there already.' : `The same seed stands in line ${verdict.of}.`,
      id: null,
    };
  const { address } = verdict.seed;
  if (dryRun) return { line, address, ok: true, reason: 'ok', detail: 'Can be added.', id: null };
  return { line, address, ok: true, reason: 'ok', detail: 'Added.', id: (await addSeed(app, verdict.seed)).id };
}

async function exported(app: App): Promise<Omit<SeedDraft, 'password'>[]> {
  const rows: Omit<SeedDraft, 'password'>[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listSeeds(app.db, { cursor, limit: 500 });
    const tags = await tagsOf(
      app.db,
      page.map((seed) => seed.id),
    );
    for (const seed of page)
      rows.push({
        address: seed.address,
        provider: seed.provider,
        protocol: seed.protocol,
        host: seed.host,
        port: seed.port,
        security: seed.security,
        user: seed.user_name,
        junkFolder: seed.junk_folder,
        tags: tags.get(seed.id) ?? [],
      });
    cursor = page.at(-1)?.id;
    if (page.length < 500) return rows;
  }
}
