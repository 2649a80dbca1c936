/**
 * The wiring, read top to bottom: config → key → database → app → scheduler, which together are a world; then the trial that may
 * stand beside it → API → shutdown.
 */

import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { openDatabase } from '../db/open.ts';
import { createApi } from './api/api.ts';
import { createEvents } from './api/events.ts';
import type { World } from './api/trial.ts';
import type { App, Change } from './app.ts';
import { createBackups } from './backup/backups.ts';
import { createReader } from './campaign/reader.ts';
import { type Config, databaseFile } from './config.ts';
import { makeDataDir } from './data-dir.ts';
import { createDnsClient, systemDnsServers } from './dns/client.ts';
import { AppError } from './errors.ts';
import { createGate } from './gate.ts';
import { createLog } from './log.ts';
import { createPreviews } from './preview/previews.ts';
import { startScheduler } from './scheduler.ts';
import { createTrial, type RunningTrial } from './trial.ts';
import { checkVault, openVault } from './vault.ts';

/** After this long a shutdown no longer waits for browsers and slow mail servers. */
const STOP_WITHIN_MS = 9_000;
/** A restore waits this long for requests that are being answered; what is left then is talking to a mail server. */
const DRAIN_MS = 10_000;
/** A scheduler that could not be started again (the disk is full) is tried again after this. */
const RESUME_MS = 5_000;
/** A backup may be large and its way here slow; the header must still come within a minute. */
const REQUEST_WITHIN_MS = 3_600_000;

export type Todoku = {
  app: App;
  /** The world with made-up mailboxes, if somebody started it. */
  trial: RunningTrial;
  /** `http://127.0.0.1:4125` */
  url: string;
  port: number;
  /** Does what is due now instead of with the next second. */
  tick: () => Promise<void>;
  stop: () => Promise<void>;
};

export type StartOptions = {
  log?: Logger;
  now?: () => number;
  /** False: only the API, nothing is sent or read (restore drills, tests of the API alone). */
  schedule?: boolean;
};

/** A data folder with all that works on it. */
export type OpenWorld = World & {
  /** Is told of every change. */
  listen: (listener: (change: Change) => void) => void;
  tick: () => Promise<void>;
  /** Ends streams and work. Questions are still answered. */
  stop: () => Promise<void>;
  /** Lets go of DNS and database, when nobody asks any more. */
  close: () => Promise<void>;
};

/**
 * Starts the whole program.
 * @throws AppError `config` when a setting, the key, the database or the port is not usable
 */
export async function startTodoku(config: Config, options: StartOptions = {}): Promise<Todoku> {
  const log = options.log ?? createLog(config.logLevel);
  const now = options.now ?? Date.now;
  const world = await openWorld(config, { log, now, schedule: options.schedule ?? true });
  const { app } = world;
  const trial = await createTrial({ config, log, now, open: openWorld, announce: app.announce });
  // Who is signed in here is who may be there.
  world.listen((change) => {
    if (change.topic === 'setting') trial.recheck();
  });
  const server = createServer(createApi(app, world.events, trial));
  server.requestTimeout = REQUEST_WITHIN_MS;
  const port = await listen(server, config);

  return {
    app,
    trial,
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    port,
    async tick() {
      await world.tick();
      await trial.tick();
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      world.events.close();
      server.closeIdleConnections();
      const patience = setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS);
      await Promise.all([world.stop(), trial.stop()]);
      server.closeAllConnections();
      await closed;
      clearTimeout(patience);
      await world.close();
    },
  };
}

/** @throws AppError `config` when the key or the database is not usable */
export async function openWorld(
  config: Config,
  { log, now, schedule }: { log: Logger; now: () => number; schedule: boolean },
): Promise<OpenWorld> {
  makeDataDir(config.dataDir);
  const vault = openVault(config);
  const db = await openDatabase(databaseFile(config));
  await checkVault(vault, db, now());
  const dns = createDnsClient({
    servers: config.dnsServers.length > 0 ? config.dnsServers : systemDnsServers(),
    validators: config.dnsValidators,
    now,
  });
  const events = createEvents(log);
  const listeners: ((change: Change) => void)[] = [events.announce];
  const core: Omit<App, 'backups'> = {
    config,
    db,
    dns,
    vault,
    log,
    now,
    announce: (change) => {
      for (const listener of listeners) listener(change);
    },
    health: { lastTickAt: null, storage: 'ok' },
    previews: createPreviews(),
    reader: createReader(),
    gate: createGate(),
    exchange,
  };
  const app: App = Object.assign(core, { backups: createBackups(core) });
  let scheduler = schedule ? await startScheduler(app) : null;
  let stopped = false;
  listeners.push((change) => {
    if (!scheduler) return;
    if (change.runId) scheduler.touchRun(change.runId);
    if (change.topic === 'seed') scheduler.touchSeed(change.id);
    if (change.topic === 'probe' && change.monitorId) scheduler.touchMonitor(change.monitorId);
    // A new run, a mended sender or a new domain does not wait for the next second.
    if (['run', 'sender', 'domain', 'campaign'].includes(change.topic)) void scheduler.tick();
  });
  return {
    app,
    events,
    listen: (listener) => void listeners.push(listener),
    tick: async () => scheduler?.tick(),
    async stop() {
      stopped = true;
      events.close();
      await app.backups.close();
      await scheduler?.stop();
    },
    async close() {
      await Promise.all([app.previews.close(), app.reader.close()]);
      dns.close();
      await app.db.destroy();
    },
  };

  /** The work stops first, while pages can still be read; the gate is closed only for the moment itself. */
  async function exchange(replace: Parameters<App['exchange']>[0]): Promise<void> {
    const before = scheduler;
    scheduler = null;
    await before?.stop();
    await app.gate.close(DRAIN_MS);
    try {
      const { db: next, failure } = await replace(app.db);
      app.db = next;
      if (failure !== null) throw failure;
    } finally {
      app.gate.open();
      if (before) await resume();
    }
  }

  async function resume(): Promise<void> {
    if (stopped) return;
    try {
      scheduler = await startScheduler(app);
    } catch (error) {
      log.error({ err: error }, 'the scheduler could not be started again');
      setTimeout(() => void resume(), RESUME_MS).unref();
    }
  }
}

function listen(server: Server, config: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `Port ${config.port} on ${config.host} is taken: stop the other program or set PORT to another number.`
          : `Cannot listen on ${config.host}:${config.port}: ${error.message}`;
      reject(new AppError('config', why));
    });
    server.listen(config.port, config.host, () => resolve((server.address() as AddressInfo).port));
  });
}
