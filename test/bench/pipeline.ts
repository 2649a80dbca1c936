/**
 * (a) Probes per second through the whole pipeline beside a bare loop of nodemailer, imapflow and mailauth that does the same against the same servers, without
 * plan, proof or storage. Both send over two connections, read each seed over one, fetch each mail whole and verify it; the sandbox runs in a
 * process of its own.
 */
import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';
import { authenticate } from 'mailauth';
import nodemailer from 'nodemailer';
import { createDnsClient } from '../../server/dns/client.ts';
import { callApi } from '../flow/world.ts';
import { type BenchWorld, startBenchWorld } from './bench-world.ts';
import type { Row } from './row.ts';

const SEEDS = 30;
/** Enough that the first look and the last straggler weigh little. */
const ROUNDS = 20;

type Measure = { seconds: number; cpuMs: number };

export async function benchPipeline(): Promise<Row[]> {
  const world = await startBenchWorld();
  const count = SEEDS * ROUNDS;
  try {
    const addresses = Array.from({ length: SEEDS }, (_, i) => `inbox-p${i}@plain.test`);
    await bare(world, addresses, 1);
    const loop = await bare(world, addresses, ROUNDS);
    const whole = await pipeline(world, addresses);
    const perSecond = (measure: Measure) => count / measure.seconds;
    const ratio = perSecond(whole) / perSecond(loop);
    return [
      { what: `bare loop, ${count} probes`, value: `${perSecond(loop).toFixed(1)} /s`, bar: '', good: null },
      { what: `whole pipeline, ${count} probes`, value: `${perSecond(whole).toFixed(1)} /s`, bar: '', good: null },
      {
        what: 'throughput, pipeline against bare loop',
        value: `${ratio.toFixed(2)} ×`,
        bar: 'at least 0.7 ×',
        good: ratio >= 0.7,
      },
      { what: 'CPU per probe, bare loop', value: `${(loop.cpuMs / count).toFixed(1)} ms`, bar: '', good: null },
      { what: 'CPU per probe, whole pipeline', value: `${(whole.cpuMs / count).toFixed(1)} ms`, bar: '', good: null },
      {
        what: 'CPU, pipeline against bare loop',
        value: `${(whole.cpuMs / loop.cpuMs).toFixed(2)} ×`,
        bar: '',
        good: null,
      },
    ];
  } finally {
    await world.stop();
  }
}

async function measured(work: () => Promise<void>): Promise<Measure> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const used = process.cpuUsage(cpu);
  return { seconds: (performance.now() - start) / 1000, cpuMs: (used.user + used.system) / 1000 };
}

async function pipeline(world: BenchWorld, addresses: string[]): Promise<Measure> {
  const call = <T>(method: string, path: string, body?: unknown) =>
    callApi<T>(world.todoku.url, world.token, method, path, body);
  const sender = await world.sandbox.sender('good.test');
  const { id: senderId } = await call<{ id: string }>('POST', '/api/senders', {
    ...sender,
    name: 'bench',
    dailyLimit: 100_000,
    minGapSeconds: 0,
  });
  const seedIds: string[] = [];
  for (const address of addresses)
    seedIds.push((await call<{ id: string }>('POST', '/api/seeds', await world.sandbox.seed(address))).id);
  const monitors: string[] = [];
  for (let i = 0; i < ROUNDS; i++)
    monitors.push(
      (
        await call<{ id: string }>('POST', '/api/monitors', {
          name: `bench ${i}`,
          senderId,
          seedIds,
          message: { template: 'plain', language: 'en' },
          schedule: null,
        })
      ).id,
    );
  const runAll = async (wanted: string[]) => {
    for (const monitor of wanted) await call<{ id: string }>('POST', `/api/monitors/${monitor}/runs`);
    for (;;) {
      const open = await world.todoku.app.db
        .selectFrom('probes')
        .select('id')
        .where('outcome', '<>', 'placed')
        .limit(1)
        .executeTakeFirst();
      if (!open) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  // Warm like the bare loop: modules loaded, threads started, code compiled.
  await runAll(monitors.slice(0, 1));
  return measured(() => runAll(monitors));
}

/** The same without us: send all, then read each seed and verify each mail. */
async function bare(world: BenchWorld, addresses: string[], rounds: number): Promise<Measure> {
  const sender = await world.sandbox.sender('good.test');
  const ca = readFileSync(world.sandbox.caFile, 'utf8');
  const dns = createDnsClient({ servers: [world.sandbox.dnsServer] });
  const mark = Math.random().toString(36).slice(2);
  const measure = await measured(async () => {
    const transport = nodemailer.createTransport({
      pool: true,
      maxConnections: 2,
      maxMessages: 100_000,
      host: sender.smtp.host,
      port: sender.smtp.port,
      secure: sender.smtp.security === 'tls',
      auth: { user: sender.smtp.user, pass: sender.smtp.password },
      tls: { ca },
    });
    const wanted = new Map<string, number>();
    const sending: Promise<unknown>[] = [];
    for (let round = 0; round < rounds; round++)
      for (const to of addresses) {
        wanted.set(to, (wanted.get(to) ?? 0) + 1);
        sending.push(
          transport.sendMail({
            from: sender.fromAddress,
            to,
            subject: 'Bench',
            text: 'Hello, this is the monthly note.\n'.repeat(20),
            html: '<p>Hello</p>',
            headers: { 'X-Bench': mark },
          }),
        );
      }
    const reading = addresses.map(async (address) => {
      const seed = await world.sandbox.seed(address);
      const client = new ImapFlow({
        host: seed.host,
        port: seed.port,
        secure: true,
        auth: { user: seed.user, pass: seed.password },
        logger: false,
        tls: { ca },
        disableAutoIdle: true,
      });
      await client.connect();
      const lock = await client.getMailboxLock('INBOX', { readOnly: true });
      const seen = new Set<number>();
      while (seen.size < (wanted.get(address) ?? 0)) {
        const uids = (await client.search({ header: { 'X-Bench': mark } }, { uid: true })) || [];
        for (const uid of uids) {
          if (seen.has(uid)) continue;
          seen.add(uid);
          const mail = await client.fetchOne(String(uid), { source: true, internalDate: true }, { uid: true });
          if (mail && 'source' in mail && mail.source)
            await authenticate(mail.source, {
              ip: '203.0.113.11',
              helo: 'out.good.test',
              sender: sender.fromAddress,
              resolver: dns.resolver as NonNullable<NonNullable<Parameters<typeof authenticate>[1]>['resolver']>,
              strict: true,
            });
        }
        if (seen.size < (wanted.get(address) ?? 0)) await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      lock.release();
      await client.logout();
    });
    await Promise.all([...sending, ...reading]);
    transport.close();
  });
  dns.close();
  return measure;
}
