/** Senders in and out as a table: what each line of a file would do, adding those that are sound, and all senders without their passwords. */
import { listSenders, senderIdentities } from '../../db/senders.ts';
import type { App } from '../app.ts';
import { readSenderCsv, type SenderDraft, writeSenderCsv } from '../sender/csv.ts';
import type { SenderPresetId } from '../sender/types.ts';
import { csvFile, everyRow, importTable } from './csv.ts';
import { type ImportJson, importInput, importJson } from './json/imports.ts';
import { route } from './route.ts';
import { addSender } from './senders.ts';

export const senderCsvRoutes = [
  route({
    method: 'post',
    path: '/api/senders/imports',
    summary: 'Add senders from CSV; with dryRun each line only gets its verdict',
    body: importInput,
    takesCsv: true,
    reply: importJson,
    handler: async (app, { body }) => importSenders(app, body.csv, body.dryRun ?? false),
  }),
  route({
    method: 'get',
    path: '/api/senders/export',
    summary: 'All senders as CSV, without passwords',
    text: 'text/csv',
    handler: async (app) => csvFile('todoku-senders.csv', writeSenderCsv(await exported(app))),
  }),
];

async function importSenders(app: App, csv: string, dryRun: boolean): Promise<ImportJson> {
  const reply = await importTable(readSenderCsv(csv, await senderIdentities(app.db)), {
    dryRun,
    add: (draft) => addSender(app, draft),
    noun: 'sender',
    heading: 'fromAddress',
  });
  if (reply.added > 0) app.announce({ topic: 'sender', id: 'import' });
  return reply;
}

async function exported(app: App): Promise<Omit<SenderDraft, 'password'>[]> {
  const senders = await everyRow((page) => listSenders(app.db, page));
  return senders.map((sender) => ({
    name: sender.name,
    fromAddress: sender.from_address,
    fromName: sender.from_name,
    preset: sender.preset as SenderPresetId,
    host: sender.host,
    port: sender.port,
    security: sender.security,
    user: sender.user_name,
    dailyLimit: sender.daily_limit,
    minGapSeconds: sender.min_gap_ms / 1000,
  }));
}
