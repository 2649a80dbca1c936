/** Seeds over the API: one by one, as CSV, with their tags and checks. Passwords are sealed on the way in and never leave. */
import { addMark } from '../../db/marks.ts';
import { monitorsReaching } from '../../db/monitors.ts';
import type { Queries } from '../../db/open.ts';
import { markReadable } from '../../db/readings.ts';
import type { SeedTable } from '../../db/schema.ts';
import {
  deleteSeed,
  findSeed,
  findSeedByAddress,
  forgetFolders,
  insertSeed,
  listSeeds,
  listTags,
  setTags,
  tagsOf,
  updateSeed,
} from '../../db/seeds.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { newId } from '../id.ts';
import { seedsChanged } from '../mark/changes.ts';
import { seedRoute } from '../probe/locate.ts';
import { checkSeed } from '../seed/check.ts';
import type { SeedDraft } from '../seed/csv.ts';
import type { Protocol, SeedCheck, SeedReason } from '../seed/types.ts';
import { idParams, iso, isoOrNull } from './json/basics.ts';
import {
  type SeedCheckJson,
  type SeedJson,
  seedCheckJson,
  seedInput,
  seedJson,
  seedPatch,
  seedsJson,
  seedsQuery,
  tagsJson,
} from './json/seeds.ts';
import { pageOf } from './page.ts';
import { route } from './route.ts';
import { requireNewPasswordForNewHost } from './senders.ts';

export const seedRoutes = [
  route({
    method: 'get',
    path: '/api/seeds',
    summary: 'Seeds, oldest first',
    query: seedsQuery,
    reply: seedsJson,
    handler: async (app, { query }) => {
      const { rows, nextCursor } = pageOf(await listSeeds(app.db, { ...query, limit: query.limit + 1 }), query.limit);
      return { items: await present(app, rows), nextCursor };
    },
  }),
  route({
    method: 'post',
    path: '/api/seeds',
    summary: 'Add a seed: an account that is read to see where probes land',
    body: seedInput,
    reply: seedJson,
    status: 201,
    handler: async (app, { body }) => {
      await requireNew(app, body.address, body.protocol, null);
      const seed = await addSeed(app, { ...body, junkFolder: body.junkFolder ?? null, tags: body.tags ?? [] });
      app.announce({ topic: 'seed', id: seed.id });
      return presentOne(app, seed);
    },
  }),
  route({
    method: 'get',
    path: '/api/seeds/:id',
    summary: 'One seed',
    params: idParams,
    reply: seedJson,
    handler: async (app, { params }) => presentOne(app, await require(app, params.id)),
  }),
  route({
    method: 'patch',
    path: '/api/seeds/:id',
    summary: 'Change a seed; what is left out stays',
    params: idParams,
    body: seedPatch,
    reply: seedJson,
    handler: async (app, { params, body }) => {
      const before = await require(app, params.id);
      const now = app.now();
      const after: SeedTable = {
        ...before,
        address: body.address ?? before.address,
        provider: body.provider ?? before.provider,
        protocol: body.protocol ?? before.protocol,
        host: body.host ?? before.host,
        port: body.port ?? before.port,
        security: body.security ?? before.security,
        user_name: body.user ?? before.user_name,
        password_sealed: body.password === undefined ? before.password_sealed : seal(app, before.id, body.password),
        junk_folder: body.junkFolder === undefined ? before.junk_folder : body.junkFolder,
        paused_at: body.paused === undefined ? before.paused_at : body.paused ? (before.paused_at ?? now) : null,
        updated_at: now,
      };
      await requireNew(app, after.address, after.protocol, before.id);
      requireNewPasswordForNewHost(before, after, body.password !== undefined);
      const changed = (names: (keyof SeedTable)[]): boolean => names.some((name) => before[name] !== after[name]);
      const otherAccount = changed(['address', 'protocol', 'host', 'user_name']);
      // Somebody mended it: it is tried at once, not when the back-off says so.
      if (otherAccount || changed(['port', 'security', 'password_sealed']))
        Object.assign(after, { failures: 0, next_attempt_at: 0 });
      const { reader: _reader, reader_until: _until, ...change } = after;
      const { tags } = body;
      await app.db.transaction().execute(async (tx) => {
        await updateSeed(tx, before.id, change);
        if (otherAccount || changed(['junk_folder', 'provider'])) await forgetFolders(tx, before.id);
        if (tags !== undefined)
          await marked(tx, before.id, now, async () => {
            await setTags(tx, before.id, tags);
          });
      });
      app.announce({ topic: 'seed', id: before.id });
      return presentOne(app, await require(app, before.id));
    },
  }),
  route({
    method: 'delete',
    path: '/api/seeds/:id',
    summary: 'Delete a seed; its results stay',
    params: idParams,
    handler: async (app, { params }) => {
      const seed = await require(app, params.id);
      const now = app.now();
      await app.db.transaction().execute((tx) => marked(tx, seed.id, now, () => deleteSeed(tx, seed.id, now)));
      app.announce({ topic: 'seed', id: seed.id });
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/api/seeds/:id/checks',
    summary: 'Log in, list folders, find Junk, read nothing; and say what was seen',
    params: idParams,
    reply: seedCheckJson,
    long: true,
    handler: async (app, { params }) => presentCheck(await checkSeedNow(app, await require(app, params.id))),
  }),
  route({
    method: 'get',
    path: '/api/tags',
    summary: 'Tags of seeds with how many seeds have them',
    reply: tagsJson,
    handler: async (app) => ({ items: await listTags(app.db) }),
  }),
];

/** Checks a seed and keeps what was seen. A seed that can be read again is read again at once. */
export async function checkSeedNow(app: App, seed: SeedTable): Promise<SeedCheck> {
  const check = await checkSeed(seedRoute(app, seed), seed.provider, seed.junk_folder, {
    allowedNetworks: app.config.allowedNetworks,
    onlyServers: app.config.onlyServers,
    extraCa: app.config.extraCa,
    now: app.now,
    onStep: (step) => app.announce({ topic: 'check', id: seed.id, step }),
  });
  await updateSeed(app.db, seed.id, { checked_at: check.at, check_json: JSON.stringify(check), updated_at: app.now() });
  if (check.ok && seed.unreadable_since !== null)
    await app.db.transaction().execute((tx) => markReadable(tx, seed, JSON.stringify(check.folders), app.now()));
  app.announce({ topic: 'seed', id: seed.id });
  return check;
}

/** Stores a new seed with its tags. Tells nobody: an import tells once. */
export async function addSeed(app: App, draft: SeedDraft): Promise<SeedTable> {
  const now = app.now();
  const id = newId(now);
  const seed: SeedTable = {
    id,
    address: draft.address,
    provider: draft.provider,
    protocol: draft.protocol,
    host: draft.host,
    port: draft.port,
    security: draft.security,
    user_name: draft.user,
    password_sealed: seal(app, id, draft.password),
    oauth_sealed: null,
    junk_folder: draft.junkFolder,
    paused_at: null,
    unreadable_since: null,
    unreadable_reason: null,
    unreadable_reply: null,
    failures: 0,
    next_attempt_at: 0,
    last_read_at: null,
    reader: null,
    reader_until: 0,
    folders_json: null,
    checked_at: null,
    check_json: null,
    created_at: now,
    updated_at: now,
  };
  await app.db.transaction().execute((tx) =>
    marked(tx, id, now, async () => {
      await insertSeed(tx, seed);
      await setTags(tx, id, draft.tags);
    }),
  );
  return seed;
}

/** Changes a seed so that monitors may gain or lose it, and marks the monitors that do. */
async function marked(tx: Queries, seedId: string, now: number, change: () => Promise<void>): Promise<void> {
  const reaching = async () => monitorsReaching(tx, seedId, (await tagsOf(tx, [seedId])).get(seedId) ?? []);
  const before = await reaching();
  await change();
  const after = await reaching();
  const ids = (monitors: typeof before) => new Set(monitors.map((monitor) => monitor.id));
  const gained = after
    .filter(({ id }) => !ids(before).has(id))
    .map((monitor) => [monitor, seedsChanged(1, 0)] as const);
  const lost = before.filter(({ id }) => !ids(after).has(id)).map((monitor) => [monitor, seedsChanged(0, 1)] as const);
  for (const [{ id, name, sender_id }, { reason, evidence }] of [...gained, ...lost])
    await addMark(tx, { at: now, reason, name, monitor_id: id, sender_id, evidence });
}

async function require(app: App, id: string): Promise<SeedTable> {
  const seed = await findSeed(app.db, id);
  if (!seed) throw new AppError('not-found', 'There is no such seed.');
  return seed;
}

async function requireNew(app: App, address: string, protocol: Protocol, self: string | null): Promise<void> {
  const known = await findSeedByAddress(app.db, address, protocol);
  if (known && known.id !== self)
    throw new AppError(
      'conflict',
      `${known.address} over ${protocol === 'imap' ? 'IMAP' : 'POP3'} is a seed already.`,
      { id: known.id },
    );
}

function seal(app: App, id: string, password: string): string {
  return app.vault.seal(password, 'seeds', id, 'password_sealed');
}

async function presentOne(app: App, seed: SeedTable): Promise<SeedJson> {
  const [shown] = await present(app, [seed]);
  if (!shown) throw new AppError('not-found', 'There is no such seed.');
  return shown;
}

async function present(app: App, seeds: SeedTable[]): Promise<SeedJson[]> {
  const tags = await tagsOf(
    app.db,
    seeds.map((seed) => seed.id),
  );
  const now = app.now();
  return seeds.map((seed) => ({
    id: seed.id,
    address: seed.address,
    provider: seed.provider,
    protocol: seed.protocol,
    host: seed.host,
    port: seed.port,
    security: seed.security,
    user: seed.user_name,
    hasPassword: seed.password_sealed !== '',
    junkFolder: seed.junk_folder,
    tags: tags.get(seed.id) ?? [],
    pausedAt: isoOrNull(seed.paused_at),
    unreadable:
      seed.unreadable_since === null
        ? null
        : {
            since: iso(seed.unreadable_since),
            reason: (seed.unreadable_reason ?? 'protocol-error') as SeedReason,
            reply: seed.unreadable_reply,
            nextAttemptAt: seed.next_attempt_at > now ? iso(seed.next_attempt_at) : null,
          },
    lastReadAt: isoOrNull(seed.last_read_at),
    checkedAt: isoOrNull(seed.checked_at),
    check: seed.check_json === null ? null : presentCheck(JSON.parse(seed.check_json) as SeedCheck),
    createdAt: iso(seed.created_at),
    updatedAt: iso(seed.updated_at),
  }));
}

function presentCheck(check: SeedCheck): SeedCheckJson {
  return {
    ...check,
    at: iso(check.at),
    tls: check.tls && { ...check.tls, certificateExpires: isoOrNull(check.tls.certificateExpires) },
  };
}
