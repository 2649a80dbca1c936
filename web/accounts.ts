/** What can be done with senders and with seeds alike, many at once or from a table: in which words, where, and by which request. */
import type { ImportInput, ImportJson } from '../server/api/json/imports.ts';
import type { SeedJson } from '../server/api/json/seeds.ts';
import type { SenderJson } from '../server/api/json/senders.ts';
import { api } from './api.ts';

/** As lists of what is to be checked name one: a sender by its name, a seed by its address. */
export type Named = { id: string; name: string };
type Check = { ok: boolean; reason: string; reply: string | null };

export type Accounts<Item extends { id: string } = never> = {
  /** Of its words in `many` and `imports`. */
  kind: 'seed' | 'sender';
  /** The list is asked for under this name and stands at this path. */
  list: 'seeds' | 'senders';
  check: (id: string) => Promise<Check>;
  import: (body: ImportInput) => Promise<ImportJson>;
  exportPath: string;
  /** A file to begin with. */
  example: string;
  nameOf: (item: Item) => string;
  mayPause: (item: Item) => boolean;
  mayResume: (item: Item) => boolean;
  pause: (item: Item) => Promise<unknown>;
  resume: (item: Item) => Promise<unknown>;
  remove: (item: Item) => Promise<unknown>;
};

export const SEEDS: Accounts<SeedJson> = {
  kind: 'seed',
  list: 'seeds',
  check: api.seeds.check,
  import: api.seeds.import,
  exportPath: api.seeds.exportPath,
  example:
    'address,provider,protocol,password,tags\r\nyour.seed@gmail.com,gmail,imap,app-password,news\r\nyour.seed@yahoo.co.jp,yahoo-japan,pop3,password,news|japan\r\n',
  nameOf: (seed) => seed.address,
  mayPause: (seed) => seed.pausedAt === null,
  mayResume: (seed) => seed.pausedAt !== null,
  pause: (seed) => api.seeds.change(seed.id, { paused: true }),
  resume: (seed) => api.seeds.change(seed.id, { paused: false }),
  remove: (seed) => api.seeds.remove(seed.id),
};

export const SENDERS: Accounts<SenderJson> = {
  kind: 'sender',
  list: 'senders',
  check: api.senders.check,
  import: api.senders.import,
  exportPath: api.senders.exportPath,
  example:
    'name,fromAddress,fromName,preset,host,port,security,user,password,dailyLimit\r\nNewsletter,news@example.com,Example News,,smtp.example.com,587,starttls,news@example.com,password,2000\r\nReceipts,shop@example.com,Example Shop,sendgrid,,,,,api-key,\r\nGmail,your.name@gmail.com,,gmail,,,,,app-password,\r\n',
  nameOf: (sender) => sender.name,
  mayPause: (sender) => sender.pausedAt === null,
  // One that its server holds back goes on in the same way.
  mayResume: (sender) => sender.pausedAt !== null || sender.held !== null,
  pause: (sender) => api.senders.change(sender.id, { paused: true }),
  resume: (sender) =>
    api.senders.change(sender.id, {
      ...(sender.pausedAt === null ? {} : { paused: false }),
      ...(sender.held === null ? {} : { held: false }),
    }),
  remove: (sender) => api.senders.remove(sender.id),
};
