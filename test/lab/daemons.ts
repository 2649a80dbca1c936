/**
 * Starting and ending other people's servers. Each is a child process in the foreground, tied to this one (it is told to end when
 * this process dies, however it dies) and ended by its own process id.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Daemon = { name: string; stop: () => Promise<void> };

const PATHS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/lib/postfix/sbin'];

/** The full path of a program, or null when it is not installed. */
export function program(name: string): string | null {
  return PATHS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path)) ?? null;
}

/** Runs a program to its end. @throws Error with what it printed when it fails */
export function runOnce(name: string, parameters: string[]): void {
  const done = spawnSync(program(name) ?? name, parameters, { encoding: 'utf8', timeout: 60_000 });
  if (done.status !== 0)
    throw new Error(`${name} ${parameters.join(' ')}: ${done.error ?? ''}${done.stdout}${done.stderr}`);
}

/**
 * A shell stands between this process and the daemon. The kernel tells the shell when this process dies; a daemon that changes its user
 * loses that mark, so the shell passes TERM on (and INT as KILL) and stays until the daemon is gone.
 */
const KEEPER = `trap 'kill -TERM "$p"' TERM; trap 'kill -KILL "$p"' INT; "$@" & p=$!
while ! wait "$p" && kill -0 "$p" 2>/dev/null; do :; done`;

/**
 * Starts a program that stays in the foreground and waits until it listens on `ports`.
 * @throws Error with what it printed when it ends early or does not listen within 30 s
 */
export async function startDaemon(name: string, parameters: string[], ports: number[]): Promise<Daemon> {
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'TERM', 'sh', '-c', KEEPER, 'sh', program(name) ?? name, ...parameters],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: a signal to ours must not end the shell before the daemon.
      detached: true,
      env: { PATH: PATHS.join(':'), LANG: 'C.UTF-8' },
    },
  );
  let printed = '';
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString('utf8')).slice(-8_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let failure: Error | null = null;
  child.on('error', (error) => {
    failure = error;
  });
  const deadline = Date.now() + 30_000;
  for (const port of ports)
    while (!(await listens(port))) {
      if (failure !== null || child.exitCode !== null || Date.now() > deadline) {
        await end(child);
        throw new Error(`${name} does not listen on ${port}: ${failure ?? ''}${printed}`);
      }
      await sleep(50);
    }
  return { name, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGINT'), 8_000);
  await gone;
  clearTimeout(patience);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer());
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
