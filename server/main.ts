/**
 * The wiring, read top to bottom: config → key → database → app → scheduler → API → shutdown.
 */

import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { openDatabase } from '../db/open.ts';
import { createApi } from './api/api.ts';
import { createEvents } from './api/events.ts';
import type { App, Change } from './app.ts';
import { type Config, databaseFile } from './config.ts';
import { createDnsClient, systemDnsServers } from './dns/client.ts';
import { AppError } from './errors.ts';
import { createLog } from './log.ts';
import { startScheduler } from './scheduler.ts';
import { checkVault, openVault } from './vault.ts';

/** After this long a shutdown no longer waits for browsers and slow mail servers. */
const STOP_WITHIN_MS = 9_000;

export type Todoku = {
  app: App;
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

/**
 * Starts the whole program.
 * @throws AppError `config` when a setting, the key, the database or the port is not usable
 */
export async function startTodoku(config: Config, options: StartOptions = {}): Promise<Todoku> {
  const log = options.log ?? createLog(config.logLevel);
  const now = options.now ?? Date.now;
  // Mail and accounts are nobody else's business on a shared machine.
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
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
  const app: App = {
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
  };
  const scheduler = options.schedule === false ? null : await startScheduler(app);
  if (scheduler)
    listeners.push((change) => {
      if (change.runId) scheduler.touchRun(change.runId);
      if (change.topic === 'seed') scheduler.touchSeed(change.id);
      // A new run or a mended sender does not wait for the next second.
      if (change.topic === 'run' || change.topic === 'sender') void scheduler.tick();
    });
  const server = createServer(createApi(app, events));
  const port = await listen(server, config);

  return {
    app,
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    port,
    tick: async () => scheduler?.tick(),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      events.close();
      server.closeIdleConnections();
      const patience = setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS);
      await scheduler?.stop();
      server.closeAllConnections();
      await closed;
      clearTimeout(patience);
      dns.close();
      await db.destroy();
    },
  };
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
