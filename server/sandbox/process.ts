/**
 * Starts the sandbox of child.ts and talks to it: the same world, with answers that are promises. It ends
 * with the process that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type {
  ProviderName,
  ProviderPorts,
  Sandbox,
  SandboxMessage,
  SandboxSeed,
  SandboxSender,
  Stats,
} from './sandbox.ts';

/** The first line child.ts prints. */
export type SandboxFacts = Pick<Sandbox, 'dnsServer' | 'caFile' | 'submission' | 'badTls'> & {
  pid: number;
  ports: Record<ProviderName, ProviderPorts>;
  /** One sender of each sending domain, and `inbox@` of each provider over IMAP and POP3. */
  senders: SandboxSender[];
  seeds: SandboxSeed[];
};

export type SandboxProcess = SandboxFacts & {
  sender(domainOrAddress: string, security?: 'tls' | 'starttls'): Promise<SandboxSender>;
  seed(address: string, protocol?: 'imap' | 'pop3', security?: 'tls' | 'starttls'): Promise<SandboxSeed>;
  deliver(address: string, raw: Buffer, folder?: string): Promise<void>;
  renumber(address: string): Promise<void>;
  folders(address: string): Promise<Map<string, SandboxMessage[]>>;
  stats(address: string): Promise<Stats>;
  setFate(address: string, fate: string | null): Promise<void>;
  /** Message-ID → how often a provider's MX took it. */
  accepted(): Promise<Map<string, number>>;
  stop(): Promise<void>;
};

type Waiting = { done: (value: unknown) => void; fail: (error: Error) => void };
type Answer = { id: number; value?: unknown; error?: string };

/** @param options as child.ts takes them. Throws when the child ends before it is ready. */
export async function spawnSandbox(options: { acceptedFile?: string; folder?: string } = {}): Promise<SandboxProcess> {
  const args = [
    '--end-with-input',
    ...(options.acceptedFile === undefined ? [] : ['--accepted', options.acceptedFile]),
    ...(options.folder === undefined ? [] : ['--folder', options.folder]),
  ];
  const child = spawn(process.execPath, [fileURLToPath(new URL('child.ts', import.meta.url)), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, Waiting>();
  const facts = await new Promise<SandboxFacts>((done, fail) => {
    let ready = false;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (ready) return settle(waiting, JSON.parse(line) as Answer);
      ready = true;
      done(JSON.parse(line) as SandboxFacts);
    });
    child.on('error', fail);
    child.on('exit', (code, signal) => {
      const error = new Error(`the sandbox ended (${signal ?? code})`);
      fail(error);
      for (const each of waiting.values()) each.fail(error);
      waiting.clear();
    });
  });
  child.stdin.on('error', () => child.stdin.destroy());
  let last = 0;
  const ask = async <T>(call: string, given: (string | undefined | null)[]): Promise<T> => {
    const id = ++last;
    const value = await new Promise<unknown>((done, fail) => {
      if (child.exitCode !== null || child.signalCode !== null) return fail(new Error('the sandbox has ended'));
      waiting.set(id, { done, fail });
      child.stdin.write(`${JSON.stringify({ id, call, arguments: given })}\n`);
    });
    // The child is ours and of the same version: its answers have the shape of the call.
    return value as T;
  };
  return {
    ...facts,
    sender: (name, security) => ask('sender', [name, security]),
    seed: (address, protocol, security) => ask('seed', [address, protocol, security]),
    deliver: (address, raw, folder) => ask('deliver', [address, raw.toString('base64'), folder]),
    renumber: (address) => ask('renumber', [address]),
    async folders(address) {
      const found = await ask<[string, { raw: string; flags: string[]; internalDate: number }[]][]>('folders', [
        address,
      ]);
      return new Map(
        found.map(([path, messages]) => [
          path,
          messages.map(({ raw, flags, internalDate }) => ({
            raw: Buffer.from(raw, 'base64'),
            flags: new Set(flags),
            internalDate,
          })),
        ]),
      );
    },
    stats: (address) => ask('stats', [address]),
    setFate: (address, fate) => ask('setFate', [address, fate]),
    accepted: async () => new Map(await ask<[string, number][]>('accepted', [])),
    stop: () => stopChild(child),
  };
}

function settle(waiting: Map<number, Waiting>, { id, value, error }: Answer): void {
  const asked = waiting.get(id);
  waiting.delete(id);
  if (error !== undefined) asked?.fail(new Error(error));
  else asked?.done(value);
}

function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once('exit', () => done());
    child.kill('SIGTERM');
  });
}

/** The file of `acceptedFile`, read: Message-ID → how often it was taken. A last line cut short is left out. */
export async function readAccepted(file: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    if (!line.endsWith('}')) continue;
    const { messageId } = JSON.parse(line) as { messageId: string };
    counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
  }
  return counts;
}
