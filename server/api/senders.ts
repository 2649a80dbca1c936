/** Senders over the API. Passwords are sealed on the way in and never leave. */
import { addMark } from '../../db/marks.ts';
import { monitorsOfSender } from '../../db/monitors.ts';
import { releaseProbes } from '../../db/probes.ts';
import type { SenderTable } from '../../db/schema.ts';
import {
  countUses,
  deleteSender,
  findSender,
  insertSender,
  listSenders,
  releaseSender,
  sendersOverBudget,
  updateSender,
} from '../../db/senders.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { newId } from '../id.ts';
import type { SenderDraft } from '../sender/csv.ts';
import { defaultBudget, presetForHost } from '../sender/presets.ts';
import type { SenderCheck, SenderPresetId, SendReason } from '../sender/types.ts';
import { idParams, iso, isoOrNull } from './json/basics.ts';
import {
  type SenderCheckJson,
  type SenderJson,
  senderCheckJson,
  senderInput,
  senderJson,
  senderPatch,
  sendersJson,
  sendersQuery,
} from './json/senders.ts';
import { pageOf } from './page.ts';
import { nextPlaces, plannedPerDay } from './plan.ts';
import { route } from './route.ts';
import { checkSenderNow } from './sender-check.ts';

const DAY_MS = 86_400_000;

export const senderRoutes = [
  route({
    method: 'get',
    path: '/api/senders',
    summary: 'Senders, oldest first',
    query: sendersQuery,
    reply: sendersJson,
    handler: async (app, { query }) => {
      const { rows, nextCursor } = pageOf(await listSenders(app.db, { ...query, limit: query.limit + 1 }), query.limit);
      return { items: await present(app, rows), nextCursor };
    },
  }),
  route({
    method: 'post',
    path: '/api/senders',
    summary: 'Add a sender: a From address and the SMTP route it leaves by',
    body: senderInput,
    reply: senderJson,
    status: 201,
    handler: async (app, { body }) => {
      const budget = defaultBudget(body.smtp.host, body.fromAddress);
      const { host, port, security, user, password } = body.smtp;
      const sender = await addSender(app, {
        name: body.name,
        fromAddress: body.fromAddress,
        fromName: body.fromName ?? '',
        preset: body.preset ?? presetForHost(host).id,
        host,
        port,
        security,
        user: user || null,
        password: password || null,
        dailyLimit: body.dailyLimit ?? budget.dailyLimit,
        minGapSeconds: body.minGapSeconds ?? budget.minGapMs / 1000,
      });
      app.announce({ topic: 'sender', id: sender.id });
      return presentOne(app, sender);
    },
  }),
  route({
    method: 'get',
    path: '/api/senders/:id',
    summary: 'One sender',
    params: idParams,
    reply: senderJson,
    handler: async (app, { params }) => presentOne(app, await require(app, params.id)),
  }),
  route({
    method: 'patch',
    path: '/api/senders/:id',
    summary: 'Change a sender; what is left out stays',
    params: idParams,
    body: senderPatch,
    reply: senderJson,
    handler: async (app, { params, body }) => {
      const before = await require(app, params.id);
      const now = app.now();
      const { smtp } = body;
      const after: SenderTable = {
        ...before,
        name: body.name ?? before.name,
        from_address: body.fromAddress ?? before.from_address,
        from_name: body.fromName ?? before.from_name,
        preset: body.preset ?? (smtp?.host === undefined ? before.preset : presetForHost(smtp.host).id),
        host: smtp?.host ?? before.host,
        port: smtp?.port ?? before.port,
        security: smtp?.security ?? before.security,
        user_name: smtp?.user === undefined ? before.user_name : smtp.user || null,
        password_sealed:
          smtp?.password === undefined
            ? before.password_sealed
            : smtp.password === null
              ? null
              : seal(app, before.id, smtp.password),
        daily_limit: body.dailyLimit ?? before.daily_limit,
        min_gap_ms: body.minGapSeconds === undefined ? before.min_gap_ms : Math.round(body.minGapSeconds * 1000),
        paused_at: body.paused === undefined ? before.paused_at : body.paused ? (before.paused_at ?? now) : null,
        updated_at: now,
      };
      requireUserForPassword(after);
      requireNewPasswordForNewHost(before, after, smtp?.password !== undefined);
      const resumed = before.paused_at !== null && after.paused_at === null;
      const paused = before.paused_at === null && after.paused_at !== null;
      const mended = smtp !== undefined && before.held_until !== null;
      const roomier = after.daily_limit > before.daily_limit;
      await app.db.transaction().execute(async (tx) => {
        await updateSender(tx, before.id, after);
        if (body.held === false || mended) await releaseSender(tx, before.id, now);
        if (body.held === false || mended || resumed) await releaseProbes(tx, before.id, now);
        else if (roomier) await releaseProbes(tx, before.id, now, 'daily-budget-used');
        if (paused || resumed) {
          const reason = paused ? 'sender-paused' : 'sender-resumed';
          await addMark(tx, { at: now, reason, name: after.name, sender_id: before.id, evidence: {} });
        }
      });
      app.announce({ topic: 'sender', id: before.id });
      return presentOne(app, await require(app, before.id));
    },
  }),
  route({
    method: 'delete',
    path: '/api/senders/:id',
    summary: 'Delete a sender that no monitor uses',
    params: idParams,
    handler: async (app, { params }) => {
      const sender = await require(app, params.id);
      const users = await monitorsOfSender(app.db, [sender.id]);
      if (users.length > 0)
        throw new AppError(
          'conflict',
          `${sender.name} is used by ${users.length === 1 ? 'the monitor' : 'the monitors'} ${users.map((monitor) => monitor.name).join(', ')}: delete or change ${users.length === 1 ? 'it' : 'them'} first.`,
          { monitors: users.map(({ id, name }) => ({ id, name })) },
        );
      await deleteSender(app.db, sender.id);
      app.announce({ topic: 'sender', id: sender.id });
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/api/senders/:id/checks',
    summary: 'Log in without sending anything, and say what was seen',
    params: idParams,
    reply: senderCheckJson,
    long: true,
    handler: async (app, { params }) => presentCheck(await checkSenderNow(app, await require(app, params.id))),
  }),
];

/** Stores a new sender. Tells nobody: an import tells once. */
export async function addSender(app: App, draft: SenderDraft): Promise<SenderTable> {
  const now = app.now();
  const id = newId(now);
  const sender: SenderTable = {
    id,
    name: draft.name,
    from_address: draft.fromAddress,
    from_name: draft.fromName,
    preset: draft.preset,
    host: draft.host,
    port: draft.port,
    security: draft.security,
    user_name: draft.user,
    password_sealed: draft.password === null ? null : seal(app, id, draft.password),
    oauth_sealed: null,
    daily_limit: draft.dailyLimit,
    min_gap_ms: Math.round(draft.minGapSeconds * 1000),
    paused_at: null,
    held_until: null,
    held_reason: null,
    held_reply: null,
    checked_at: null,
    check_json: null,
    created_at: now,
    updated_at: now,
  };
  requireUserForPassword(sender);
  await insertSender(app.db, sender);
  return sender;
}

async function require(app: App, id: string): Promise<SenderTable> {
  const sender = await findSender(app.db, id);
  if (!sender) throw new AppError('not-found', 'There is no such sender.');
  return sender;
}

function seal(app: App, id: string, password: string): string {
  return app.vault.seal(password, 'senders', id, 'password_sealed');
}

function requireUserForPassword(sender: SenderTable): void {
  if (sender.password_sealed !== null && sender.user_name === null)
    throw new AppError('invalid', 'A password needs a user name to go with it.', {
      errors: [{ path: 'smtp.user', message: 'is missing' }],
    });
}

/**
 * A stored password was given for one server. Whoever may change settings but does not know it could otherwise have it sent to a
 * server of his own.
 */
export function requireNewPasswordForNewHost(
  before: { host: string; password_sealed: string | null },
  after: { host: string; password_sealed: string | null },
  given: boolean,
): void {
  if (given || before.host === after.host || after.password_sealed === null) return;
  throw new AppError('invalid', 'The server is another one: type the password again.', {
    errors: [{ path: 'password', message: 'must be typed again for another server' }],
  });
}

async function presentOne(app: App, sender: SenderTable): Promise<SenderJson> {
  const [shown] = await present(app, [sender]);
  if (!shown) throw new AppError('not-found', 'There is no such sender.');
  return shown;
}

async function present(app: App, senders: SenderTable[]): Promise<SenderJson[]> {
  const ids = senders.map((sender) => sender.id);
  const now = app.now();
  const used = await countUses(app.db, ids, now - DAY_MS);
  const planned = await plannedPerDay(app.db, ids, null);
  const free = await nextPlaces(app.db, senders, used, now);
  const waiting = new Map((await sendersOverBudget(app.db, now)).map((one) => [one.id, one.waiting]));
  return senders.map((sender) => ({
    id: sender.id,
    name: sender.name,
    fromAddress: sender.from_address,
    fromName: sender.from_name,
    preset: sender.preset as SenderPresetId,
    smtp: {
      host: sender.host,
      port: sender.port,
      security: sender.security,
      user: sender.user_name,
      hasPassword: sender.password_sealed !== null,
    },
    dailyLimit: sender.daily_limit,
    usedLast24Hours: used.get(sender.id) ?? 0,
    plannedPerDay: planned.get(sender.id) ?? 0,
    freeAt: isoOrNull(free.get(sender.id) ?? null),
    waiting: waiting.get(sender.id) ?? 0,
    minGapSeconds: sender.min_gap_ms / 1000,
    pausedAt: isoOrNull(sender.paused_at),
    held:
      sender.held_until !== null && sender.held_until > now
        ? {
            until: iso(sender.held_until),
            reason: (sender.held_reason ?? 'retry-later') as SendReason,
            reply: sender.held_reply,
          }
        : null,
    checkedAt: isoOrNull(sender.checked_at),
    check: sender.check_json === null ? null : presentCheck(JSON.parse(sender.check_json) as SenderCheck),
    createdAt: iso(sender.created_at),
    updatedAt: iso(sender.updated_at),
  }));
}

function presentCheck(check: SenderCheck): SenderCheckJson {
  return {
    ...check,
    at: iso(check.at),
    tls: check.tls && { ...check.tls, certificateExpires: isoOrNull(check.tls.certificateExpires) },
    dialogue: check.dialogue.map((line) => ({ ...line, at: iso(line.at) })),
  };
}
