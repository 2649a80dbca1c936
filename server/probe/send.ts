/**
 * Hands probes to their sender's server. The intent, with its Message-ID, is committed before the connection opens; only a reply may move the probe
 * on; a connection that dies after DATA had begun is settled by looking in the seed. So nothing is ever sent twice, whatever dies when.
 *
 * Long because one hand-over is one story: may the sender, claim, send, settle, and what a dead instance left of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { findPlan } from '../../db/monitors.ts';
import {
  addDialogue,
  claimForSending,
  countUses,
  dueProbesOfSender,
  findProbe,
  orphanedProbes,
  postponeProbes,
  sendersWithDueProbes,
  senderUses,
  stepProbe,
} from '../../db/probes.ts';
import type { ProbeTable, SenderTable } from '../../db/schema.ts';
import { findSender, holdSender } from '../../db/senders.ts';
import type { App } from '../app.ts';
import { newId } from '../id.ts';
import { mayStart, type Permission } from '../sender/quota.ts';
import { openTransport, type SenderTransport, type SendingNews } from '../sender/smtp.ts';
import type { SendResult, SmtpRoute } from '../sender/types.ts';
import { storageTrouble } from '../storage.ts';
import { afterInterruption, afterLateReply, afterSending, type Deadlines, deadlinesOf } from './life.ts';
import { composeMail } from './mail.ts';
import { tell } from './record.ts';

const DAY_MS = 86_400_000;
/** A paused sender is asked again this often whether it still is. */
const PAUSED_RECHECK_MS = 60_000;
/** Waits shorter than this are waited out in place; longer ones go back into the row. */
const SHORT_WAIT_MS = 3_000;
/** Hand-overs at a time per sender, when its pace asks for no gap. */
const PARALLEL = 2;
/** A probe that cannot even be composed or claimed waits this long, so that one bad row does not stop the others. */
const POISON_WAIT_MS = 3_600_000;
/** A refused password is not tried again before then, unless the sender is changed or checked: accounts are locked for less. */
const CREDENTIALS_WAIT_MS = 3_600_000;
const CLOSE_WITHIN_MS = 7_000;
/** What a server answered is offered to a full disk again this often. */
const STORE_AGAIN_MS = 1_000;

export type Sending = {
  /** Starts work on every sender that has something due; returns at once. */
  sendDue(): Promise<void>;
  /** Turns what dead instances left in `sending` into something that is looked for. */
  adoptOrphans(alive: string[]): Promise<void>;
  /** Waits for what is under way and closes the connections. */
  close(): Promise<void>;
};

export type SendingOptions = {
  instance: string;
  /** A probe may now be in this seed: look soon. */
  onSent: (seedId: string) => void;
  /** Called before the first mail of a sender leaves, so that the return mailbox is known up to now. */
  beforeFirst: (sender: SenderTable) => Promise<void>;
};

type Route = { key: string; transport: SenderTransport; proven: boolean };

export function createSending(app: App, options: SendingOptions): Sending {
  const slots = pLimit(app.config.maxConcurrentSends);
  const busy = new Map<string, Promise<void>>();
  const routes = new Map<string, Route>();
  const prepared = new Set<string>();
  /** Probes this instance is handing over right now: any other of ours in `sending` was left there by an error. */
  const underWay = new Set<string>();
  /** Hand-overs that stepped aside: only their replies are still to come. */
  const waitedFor = new Set<Promise<void>>();
  let closing = false;

  /** One pooled transport per sender; a changed setting makes a new one. */
  function transportOf(sender: SenderTable): SenderTransport {
    const key = JSON.stringify([sender.host, sender.port, sender.security, sender.user_name, sender.password_sealed]);
    const known = routes.get(sender.id);
    if (known?.key === key) return known.transport;
    // Gives what is under way its time; nothing of it is awaited here.
    void known?.transport.close();
    const transport = openTransport(smtpRoute(app, sender), smtpOptions(app, sender));
    routes.set(sender.id, { key, transport, proven: false });
    return transport;
  }

  async function drain(senderId: string): Promise<void> {
    while (!closing) {
      const sender = await findSender(app.db, senderId);
      if (!sender) return dropProbesOf(senderId);
      const now = app.now();
      if (sender.paused_at !== null) return postpone(sender.id, now + PAUSED_RECHECK_MS, 'sender-paused');
      if (sender.held_until !== null && sender.held_until > now)
        return postpone(sender.id, sender.held_until, sender.held_reason ?? 'sender-paused');
      const due = await dueProbesOfSender(app.db, sender.id, now, 50);
      if (due.length === 0) return;
      if (!prepared.has(sender.id)) {
        prepared.add(sender.id);
        await options.beforeFirst(sender);
      }
      const may = await permission(app, sender, now);
      const startAt = may.mayStartAt ?? now + DAY_MS;
      if (startAt > now + SHORT_WAIT_MS)
        return postpone(sender.id, startAt, may.reason === 'daily-budget-used' ? may.reason : 'waiting-to-be-sent');
      if (startAt > now) await sleep(startAt - now);
      const batch = sender.min_gap_ms > 0 ? due.slice(0, 1) : due.slice(0, Math.max(1, Math.min(due.length, may.left)));
      // One goes ahead until the server has taken something: two wrong passwords at once are one more than is needed.
      const proven = routes.get(sender.id)?.proven === true && sender.min_gap_ms === 0;
      await inParallel(proven ? batch : batch.slice(0, 1), PARALLEL, (probe) => takeTurn(sender, probe));
    }
  }

  /**
   * Hands one probe over. Its place among all senders is free for another as soon as the server has the message, and its place in the sender's own
   * queue when the reply is slow to come: then this resolves, and the reply is waited for beside.
   */
  async function takeTurn(sender: SenderTable, probe: ProbeTable): Promise<void> {
    const aside = Promise.withResolvers<void>();
    const over = inSlot((handedOver) => handOver(sender, probe, { handedOver, aside: aside.resolve }))
      .catch(async (error: unknown) => {
        // Not the probe's fault: it is tried again as soon as something can be stored.
        if (storageTrouble(error)) throw error;
        app.log.error({ err: error, probe: probe.id }, 'a probe could not be handed over');
        await putOff(probe, app.now() + POISON_WAIT_MS);
      })
      .finally(() => underWay.delete(probe.id));
    const beside = aside.promise.then(() => {
      const waited = over
        .catch((error: unknown) => app.log.error({ err: error, probe: probe.id }, 'a late answer was not stored'))
        .finally(() => waitedFor.delete(waited));
      waitedFor.add(waited);
    });
    await Promise.race([over, beside]);
  }

  /** Works in one of the places that all senders share, until the work says that it needs none any more. */
  async function inSlot(work: (leave: () => void) => Promise<void>): Promise<void> {
    const left = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    await slots(async () => {
      work(left.resolve).then(over.resolve, over.reject);
      await Promise.race([left.promise, Promise.allSettled([over.promise])]);
    });
    return over.promise;
  }

  /** All that waits for a sender, put off at once; and pages that show it are told once. */
  async function postpone(senderId: string, until: number, reason: string): Promise<void> {
    for (const { run_id: id, monitor_id } of await postponeProbes(app.db, senderId, until, reason, app.now()))
      app.announce({ topic: 'run', id, runId: id, monitorId: monitor_id });
  }

  /** Their sender was deleted before they left: they never will. */
  async function dropProbesOf(senderId: string): Promise<void> {
    for (const probe of await dueProbesOfSender(app.db, senderId, Number.MAX_SAFE_INTEGER, 10_000)) {
      const step = { outcome: 'unknown', reason: 'sender-deleted', next_send_at: null, updated_at: app.now() } as const;
      const after = await app.db.transaction().execute((tx) => stepProbe(tx, probe.id, ['queued', 'deferred'], step));
      if (after) tell(app, after);
    }
  }

  /** Whether the sender still may: its settings are those the drain began with, and nobody, the server included, has said stop. */
  async function mayGoOn(sender: SenderTable): Promise<boolean> {
    if (closing) return false;
    const now = await findSender(app.db, sender.id);
    if (!now || now.paused_at !== null) return false;
    return (now.held_until === null || now.held_until <= app.now()) && now.updated_at === sender.updated_at;
  }

  async function putOff(probe: ProbeTable, until: number): Promise<void> {
    await app.db
      .transaction()
      .execute((tx) => stepProbe(tx, probe.id, ['queued', 'deferred'], { next_send_at: until, updated_at: app.now() }));
  }

  async function handOver(sender: SenderTable, probe: ProbeTable, news: SendingNews): Promise<void> {
    if (!(await mayGoOn(sender))) return;
    const plan = await findPlan(app.db, probe.monitor_id);
    if (!plan) return;
    const deadlines = deadlinesOf(plan);
    const { raw, subject } = await composeMail(app, plan, probe, sender);
    const startedAt = app.now();
    underWay.add(probe.id);
    const claimed = await claimForSending(app.db, probe, {
      instance: options.instance,
      useId: newId(startedAt),
      subject,
      dailyLimit: sender.daily_limit,
      now: startedAt,
    });
    if (!claimed) return;
    tell(app, claimed);
    const envelope = { from: sender.from_address, to: probe.address };
    const result = await transportOf(sender).send({ envelope, raw }, news);
    const route = routes.get(sender.id);
    if (route && result.end === 'accepted') route.proven = true;
    // What the server answered is kept until it can be stored, and the sender sends nothing else meanwhile.
    for (;;) {
      try {
        return await settle(sender, claimed, result, startedAt, deadlines);
      } catch (error) {
        if (closing || !storageTrouble(error)) throw error;
        app.log.error({ err: error, probe: probe.id, end: result.end }, 'an answer could not be stored yet');
        await sleep(STORE_AGAIN_MS);
      }
    }
  }

  async function settle(
    sender: SenderTable,
    probe: ProbeTable,
    result: SendResult,
    startedAt: number,
    deadlines: Deadlines,
  ): Promise<void> {
    const now = app.now();
    const step = afterSending(result, probe.send_tries, startedAt, now, deadlines);
    const { after, taken } = await app.db.transaction().execute(async (tx) => {
      const stepped = await stepProbe(tx, probe.id, ['sending'], step);
      const moved = stepped ? undefined : await findProbe(tx, probe.id);
      // Deleted meanwhile, with its monitor.
      if (!stepped && !moved) return { after: null, taken: false };
      await addDialogue(tx, {
        id: newId(now),
        probe_id: probe.id,
        attempt: probe.send_tries,
        at: startedAt,
        end: result.end,
        reason: result.reason,
        lines_json: JSON.stringify(result.dialogue),
      });
      if (!moved) return { after: stepped, taken: true };
      const known = JSON.parse(moved.evidence_json) as Record<string, unknown>;
      return {
        after: await stepProbe(tx, moved.id, [moved.outcome], afterLateReply(result, known, now)),
        taken: false,
      };
    });
    if (result.act === 'pause-sender' || result.act === 'fix-credentials') {
      const until = now + Math.max(result.waitMs, result.act === 'fix-credentials' ? CREDENTIALS_WAIT_MS : 0);
      const hold = { until, reason: result.reason, reply: result.reply, now };
      await app.db.transaction().execute((tx) => holdSender(tx, sender.id, hold));
      app.announce({ topic: 'sender', id: sender.id });
      app.log.warn({ sender: sender.id, reason: result.reason, until }, 'sender held');
    }
    if (!after) return;
    tell(app, after);
    if (taken && after.next_look_at !== null) options.onSent(after.seed_id);
  }

  return {
    async sendDue() {
      if (closing) return;
      for (const senderId of await sendersWithDueProbes(app.db, app.now())) {
        if (busy.has(senderId)) continue;
        const work = drain(senderId)
          .catch((error: unknown) => app.log.error({ err: error, sender: senderId }, 'sending stopped'))
          .finally(() => busy.delete(senderId));
        busy.set(senderId, work);
      }
    },

    async adoptOrphans(alive) {
      const others = alive.filter((id) => id !== options.instance);
      for (const orphan of await orphanedProbes(app.db, others)) {
        if (underWay.has(orphan.id)) continue;
        const plan = await findPlan(app.db, orphan.monitor_id);
        if (!plan) continue;
        const now = app.now();
        const step = afterInterruption(orphan.sending_at ?? now, now, deadlinesOf(plan));
        const after = await app.db.transaction().execute((tx) => stepProbe(tx, orphan.id, ['sending'], step));
        if (!after) continue;
        app.log.warn({ probe: orphan.id }, 'a probe was left between intent and reply: looking for it');
        tell(app, after);
        options.onSent(after.seed_id);
      }
    },

    async close() {
      closing = true;
      // A server that is slow to answer the final dot does not hold the shutdown: its probe stays in `sending` and is looked for at the next start.
      const over = Promise.all([...busy.values(), ...waitedFor]);
      await Promise.race([over, sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
      await Promise.all([...routes.values()].map((route) => route.transport.close(0)));
      routes.clear();
    },
  };
}

/** The sender's route with its password in clear. */
export function smtpRoute(app: Pick<App, 'vault'>, sender: SenderTable): SmtpRoute {
  return {
    host: sender.host,
    port: sender.port,
    security: sender.security,
    user: sender.user_name,
    password:
      sender.password_sealed === null
        ? null
        : app.vault.open(sender.password_sealed, 'senders', sender.id, 'password_sealed'),
  };
}

/** What a session of this sender needs to know of this installation. */
export function smtpOptions(app: Pick<App, 'config' | 'now'>, sender: Pick<SenderTable, 'from_address'>) {
  return {
    allowedNetworks: app.config.allowedNetworks,
    onlyServers: app.config.onlyServers,
    extraCa: app.config.extraCa,
    heloName: sender.from_address.split('@').at(-1) ?? 'localhost',
    now: app.now,
  };
}

/** Far from the limit a count is enough; near it the moments themselves decide when the next place gets free. */
async function permission(app: App, sender: SenderTable, now: number): Promise<Permission> {
  const budget = { dailyLimit: sender.daily_limit, reserve: 0, minGapMs: sender.min_gap_ms };
  const { count, latest } = await countUses(app.db, sender.id, now - DAY_MS);
  if (count < sender.daily_limit)
    return {
      ...mayStart(latest === null ? [] : [{ at: latest, count: 1 }], budget, now),
      left: sender.daily_limit - count,
    };
  const uses = await senderUses(app.db, sender.id, now - DAY_MS);
  return mayStart(
    uses.map((at) => ({ at, count: 1 })),
    budget,
    now,
  );
}

async function inParallel<T>(items: T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
