/**
 * The program in a process of its own (victim.ts) beside a sandbox in another: it can be killed at any instant and started again on the same data
 * while the world around it goes on and counts, and its memory is its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readAccepted, type SandboxProcess, spawnSandbox } from '../../server/sandbox/process.ts';
import { type Call, callApi } from './world.ts';

/** Where it listens, the token it takes, and a link that signs a browser in. */
export type Door = { url: string; token: string; signInLink: string };

export type Victim = {
  child: ChildProcess;
  /** Once it is ready; null when it ended before. */
  ready: Promise<Door | null>;
};

export type VictimWorld = {
  call: Call;
  sandbox: SandboxProcess;
  /** The folder of the program's data. */
  data: string;
  /** The program as it runs now, or ran last. */
  victim: Victim;
  /** Message-ID → how often a provider's MX took it. */
  accepted: () => Promise<Map<string, number>>;
  /** Starts the program again on the same data; returns at once, `call` waits until it is ready. */
  launch: () => void;
  end: (signal: NodeJS.Signals) => Promise<void>;
  stop: () => Promise<void>;
};

/** @param extraCa PEM text of an authority that the program trusts beside the sandbox's */
export async function startVictimWorld(extraCa = ''): Promise<VictimWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'todoku-victim-'));
  const acceptedFile = join(folder, 'accepted.jsonl');
  const data = join(folder, 'data');
  const sandbox = await spawnSandbox({ acceptedFile });
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, (await readFile(sandbox.caFile, 'utf8')) + extraCa);
  const spawned = () => spawnVictim({ ...sandbox, caFile }, data);
  const world: VictimWorld = {
    sandbox,
    data,
    victim: spawned(),
    async call(method, path, body) {
      const door = await world.victim.ready;
      if (!door) throw new Error('the program ended before it was ready');
      return callApi(door.url, door.token, method, path, body);
    },
    accepted: () => readAccepted(acceptedFile),
    launch() {
      world.victim = spawned();
    },
    end: (signal) => endVictim(world.victim, signal),
    async stop() {
      await endVictim(world.victim, 'SIGKILL');
      await sandbox.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/**
 * @param sandbox null: as strangers start it, without a world around it
 * @param settings of the program, over those that lead it into the sandbox
 */
export function spawnVictim(
  sandbox: { dnsServer: string; caFile: string } | null,
  data: string,
  settings: Record<string, string> = {},
): Victim {
  const child = spawn(process.execPath, [fileURLToPath(new URL('victim.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      TODOKU_DATA_DIR: data,
      ...(sandbox && {
        TODOKU_DNS_SERVERS: sandbox.dnsServer,
        TODOKU_EXTRA_CA_FILE: sandbox.caFile,
        TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
      }),
      TODOKU_LOG_LEVEL: 'fatal',
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...settings,
    },
  });
  const { promise, resolve } = Promise.withResolvers<Door | null>();
  createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
  child.once('exit', () => resolve(null));
  return { child, ready: promise };
}

export async function endVictim({ child }: Victim, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
