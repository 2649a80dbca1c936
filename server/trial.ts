/**
 * The trial: "look around with made-up mailboxes". A second world in the same process, for people who have no account to try the program with: mail servers on
 * loopback and, in a folder of its own, a database and a key. The program works on it as it does on the real one, so what the pages show is measured, not
 * drawn; nothing of it ever mixes with real results, because it has nothing in common with them but the process and the door. To remove it is to delete its folder.
 *
 * It reaches its own mail servers and nothing else, whatever somebody types into its forms: else a world that may talk to loopback would be a way to everything
 * that listens there.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { callInside } from './api/perform.ts';
import { worldRoutes } from './api/routes.ts';
import type { Trial } from './api/trial.ts';
import type { Change } from './app.ts';
import type { Config } from './config.ts';
import { AppError } from './errors.ts';
import { MADE_UP_NETWORK, ownServers, setUp } from './made-up.ts';
import type { OpenWorld } from './main.ts';
import type { Sandbox } from './sandbox/sandbox.ts';

/** Nobody has asked for anything in so long: it ends. */
const UNASKED_MS = 2 * 3_600_000;
/** A page left open asks for ever, and its mail servers keep every mail in memory: nobody looks around for longer than this. */
const LONGEST_MS = 6 * 3_600_000;
const LOOK_MS = 60_000;
/** The folder of a trial that lives is touched with each look; another machine's is dead after so long. */
const DEAD_AFTER_MS = 15 * 60_000;

const CRON = '*/5 * * * *';
const DEADLINES = { lateAfterSeconds: 6, missingAfterSeconds: 60, watchSeconds: 600 };

/** `trial-<machine>-<process>-<chance>`: whose it is stands in the name, so no start deletes what another still uses. */
const FOLDER = /^trial-([0-9a-f]{8})-(\d+)-\w{6}$/;
const MACHINE = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
/** Folders of trials that live in this process. */
const living = new Set<string>();

export type RunningTrial = Trial & {
  /** Ends the streams of whoever may not be here any more. */
  recheck: () => void;
  /** Does what is due now: its own work, and its end when nobody has asked for it in long. */
  tick: () => Promise<void>;
  /** Removes it, and lets none start again. */
  stop: () => Promise<void>;
};

export type TrialOptions = {
  /** Of the installation; the trial takes its limits from here, and a folder inside the data folder. */
  config: Config;
  log: Logger;
  now: () => number;
  /** `openWorld` of main.ts. */
  open: (config: Config, options: { log: Logger; now: () => number; schedule: boolean }) => Promise<OpenWorld>;
  /** Tells open browsers, of the installation itself. */
  announce: (change: Change) => void;
};

/** What there is of it so far; a start that fails half way leaves nothing. */
type Parts = { folder: string | null; sandbox: Sandbox | null; world: OpenWorld | null };
type Running = { parts: Parts; world: OpenWorld; folder: string; startedAt: number; askedAt: number };
type Starting = { done: Promise<void>; stop: AbortController; progress: { done: number; of: number } };

/** Prepares one without starting it, and removes what a killed process left behind. */
export async function createTrial(options: TrialOptions): Promise<RunningTrial> {
  const { config, now } = options;
  // Accounts that cannot be read belong to it; only what should never happen goes into the log.
  const quiet = options.log.isLevelEnabled('error') ? 'error' : options.log.level;
  const log = options.log.child({ world: 'trial' }, { level: quiet });
  let starting: Starting | null = null;
  let running: Running | null = null;
  let ending: Promise<void> = Promise.resolve();
  let stopped = false;

  async function build(start: Starting): Promise<Running> {
    const parts: Parts = { folder: null, sandbox: null, world: null };
    const { signal } = start.stop;
    try {
      await removeLeftBehind(config.dataDir, options.log);
      const folder = await mkdtemp(join(config.dataDir, `trial-${MACHINE}-${process.pid}-`));
      parts.folder = folder;
      living.add(folder);
      // Loaded only now: who never looks around pays nothing for it.
      const { startSandbox } = await import('./sandbox/sandbox.ts');
      const sandbox = await startSandbox({ folder: join(folder, 'servers'), now });
      parts.sandbox = sandbox;
      signal.throwIfAborted();
      const world = await options.open(await configOf(config, folder, sandbox), { log, now, schedule: true });
      parts.world = world;
      const call = callInside(
        world.app,
        worldRoutes(() => world.events),
      );
      await setUp(call, sandbox, {
        cron: CRON,
        deadlines: DEADLINES,
        onStep: (progress) => {
          signal.throwIfAborted();
          start.progress = progress;
        },
      });
      return { parts, world, folder, startedAt: now(), askedAt: now() };
    } catch (error) {
      await tearDown(parts, log);
      throw error;
    }
  }

  function tell(): void {
    options.announce({ topic: 'trial', id: 'trial' });
  }

  async function begin(start: Starting): Promise<void> {
    tell();
    try {
      await ending;
      running = await build(start);
    } finally {
      starting = null;
      tell();
    }
  }

  async function remove(): Promise<void> {
    const start = starting;
    start?.stop.abort(new AppError('conflict', 'The made-up mailboxes were removed while they were being started.'));
    // How the start ended is said to whoever asked for it.
    if (start) await Promise.allSettled([start.done]);
    const gone = running;
    running = null;
    if (gone) {
      ending = tearDown(gone.parts, log);
      tell();
    }
    await ending;
  }

  async function look(): Promise<void> {
    if (!running) return;
    const at = now();
    running.askedAt = Math.min(running.askedAt, at);
    if (at - running.askedAt >= UNASKED_MS || at - running.startedAt >= LONGEST_MS) return remove();
    const real = new Date();
    await utimes(running.folder, real, real);
  }

  const timer = setInterval(() => {
    look().catch((error: unknown) => log.error({ err: error }, 'the trial could not be looked after'));
  }, LOOK_MS);
  timer.unref();
  await removeLeftBehind(config.dataDir, options.log);

  return {
    look: () => ({
      state: running ? 'on' : starting ? 'starting' : 'off',
      startedAt: running?.startedAt ?? null,
      progress: starting?.progress ?? null,
    }),
    start() {
      if (stopped) throw new AppError('busy', 'Todoku is stopping.');
      if (running) return Promise.resolve();
      if (!starting) {
        const start: Starting = {
          done: Promise.resolve(),
          stop: new AbortController(),
          progress: { done: 0, of: 1 },
        };
        starting = start;
        start.done = begin(start);
      }
      return starting.done;
    },
    remove,
    enter() {
      if (!running) return null;
      running.askedAt = now();
      return running.world;
    },
    recheck: () => void running?.world.events.recheck(),
    async tick() {
      await running?.world.tick();
      await look();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await remove();
    },
  };
}

/** Nothing in common with the installation but its limits. */
async function configOf(config: Config, folder: string, sandbox: Sandbox): Promise<Config> {
  return {
    ...config,
    dataDir: folder,
    secretKey: null,
    dnsServers: [sandbox.dnsServer],
    extraCa: await readFile(sandbox.caFile, 'utf8'),
    blocklists: ['off'],
    allowedNetworks: ['127.0.0.1/32', MADE_UP_NETWORK],
    onlyServers: ownServers(sandbox),
  };
}

/** Never throws: what cannot be deleted now is deleted by the next start. */
async function tearDown({ folder, sandbox, world }: Parts, log: Logger): Promise<void> {
  const steps = [
    () => world?.stop(),
    () => sandbox?.stop(),
    () => world?.close(),
    () => (folder === null ? undefined : rm(folder, { recursive: true, force: true, maxRetries: 3 })),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      log.error({ err: error }, 'a part of the trial could not be removed');
    }
  }
  if (folder !== null) living.delete(folder);
}

/** Deletes the folders of trials whose process was killed; of that kind only, and none that still lives. */
async function removeLeftBehind(dataDir: string, log: Logger): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const [, machine, pid] = FOLDER.exec(name) ?? [];
    const folder = join(dataDir, name);
    if (machine === undefined || living.has(folder)) continue;
    try {
      const entry = await lstat(folder);
      if (!entry.isDirectory()) continue;
      const untouched = Date.now() - entry.mtimeMs > DEAD_AFTER_MS;
      if (!untouched && (machine !== MACHINE || lives(Number(pid)))) continue;
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      log.info({ folder: name }, 'what a killed process left of a trial was removed');
    } catch (error) {
      // Another instance may be at it too.
      log.warn({ err: error, folder: name }, 'what was left of a trial could not be removed');
    }
  }
}

/** Whether a process of this machine lives that may still use its folder. This one would know. */
function lives(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}
