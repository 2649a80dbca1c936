/**
 * The whole program beside its sandbox, for flow tests: real sockets, real files, everything on loopback and gone afterwards. Tests speak to
 * it over the API, as people's scripts do.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku, type Todoku } from '../../server/main.ts';
import { createToken } from '../../server/owner/tokens.ts';
import type { SandboxProcess } from '../../server/sandbox/process.ts';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';

export type Call = <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>;

/** What it takes to set something up: the API of a program, and a sandbox, here or (victim-world.ts) in a process of its own. */
export type Stage = { call: Call; sandbox: Pick<Sandbox | SandboxProcess, 'sender' | 'seed'> };

export type World = {
  call: Call;
  sandbox: Sandbox;
  todoku: Todoku;
  config: Config;
  token: string;
  /** Stops the program and starts it again on the same data. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
};

export type Probe = {
  id: string;
  seed: string;
  seedId: string;
  provider: string;
  protocol: string;
  outcome: string;
  placement: { kind: string; tab?: string; folder: string } | null;
  reason: string;
  late: boolean;
  sentAt: string | null;
  firstSeenAt: string | null;
  delayMs: number | null;
  authentication: {
    reported: Record<string, { result: string }> | null;
    verified: Record<string, { result: string; reason?: string }> | null;
  };
};
export type Run = { id: string; monitorId: string; state: string; probes: Probe[] };

/** @param now the clock of the program and of the sandbox, epoch ms: a test that moves it lets hours pass */
export async function startWorld(settings: Record<string, string> = {}, now: () => number = Date.now): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'todoku-flow-'));
  const sandbox = await startSandbox({ now });
  const config = readConfig({
    PORT: '0',
    TODOKU_DATA_DIR: folder,
    TODOKU_DNS_SERVERS: sandbox.dnsServer,
    TODOKU_EXTRA_CA_FILE: sandbox.caFile,
    TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8,::1/128',
    ...settings,
  });
  const log = createLog((process.env.TODOKU_TEST_LOG as 'silent' | undefined) ?? 'silent');
  const todoku = await startTodoku(config, { log, now });
  const token = await createToken(todoku.app, 'flow test');
  const world: World = {
    sandbox,
    todoku,
    config,
    token,
    call: (method, path, body) => callApi(world.todoku.url, token, method, path, body),
    async restart() {
      await world.todoku.stop();
      world.todoku = await startTodoku(config, { log, now });
    },
    async stop() {
      await world.todoku.stop();
      await sandbox.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

export async function callApi<T>(url: string, token: string, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok)
    throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${text}`), {
      status: answer.status,
      body: text,
    });
  return (text === '' ? null : JSON.parse(text)) as T;
}

export async function addSender(stage: Stage, domain: string, change: Record<string, unknown> = {}): Promise<string> {
  const { fromAddress, fromName, smtp } = await stage.sandbox.sender(domain);
  const made = await stage.call<{ id: string }>('POST', '/api/senders', {
    name: domain,
    fromAddress,
    fromName,
    smtp,
    dailyLimit: 10_000,
    minGapSeconds: 0,
    ...change,
  });
  return made.id;
}

export async function addSeed(
  stage: Stage,
  address: string,
  protocol: 'imap' | 'pop3' = 'imap',
  change: Record<string, unknown> = {},
): Promise<string> {
  const made = await stage.call<{ id: string }>('POST', '/api/seeds', {
    ...(await stage.sandbox.seed(address, protocol)),
    ...change,
  });
  return made.id;
}

export async function addMonitor(
  stage: Stage,
  senderId: string,
  seedIds: string[],
  change: Record<string, unknown> = {},
): Promise<string> {
  const made = await stage.call<{ id: string }>('POST', '/api/monitors', {
    name: 'flow',
    senderId,
    seedIds,
    message: { template: 'plain', language: 'en' },
    schedule: null,
    lateAfterSeconds: 4,
    missingAfterSeconds: 9,
    watchSeconds: 30,
    ...change,
  });
  return made.id;
}

export async function startRun(stage: Stage, monitorId: string): Promise<string> {
  return (await stage.call<{ id: string }>('POST', `/api/monitors/${monitorId}/runs`)).id;
}

/** Waits until `done` says so; throws with the last state after `withinMs`. */
export async function waitForRun(
  stage: Stage,
  runId: string,
  done: (run: Run) => boolean,
  withinMs = 40_000,
): Promise<Run> {
  const until = Date.now() + withinMs;
  for (;;) {
    const run = await stage.call<Run>('GET', `/api/runs/${runId}`);
    if (done(run)) return run;
    if (Date.now() > until)
      throw new Error(
        `run not done in time: ${JSON.stringify(run.probes.map((p) => [p.seed, p.outcome, p.reason, p.placement?.kind]))}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
export const decided = (run: Run) => run.state !== 'running';
