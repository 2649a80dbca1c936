/**
 * DNSSEC as it really is: Knot signs a root, `test.` and zones under it, Unbound validates from that root, and the check asks Unbound. One zone is as it should be, one
 * has a DS record above that fits no key, one is not signed at all, one is signed without the zone above knowing. Needs knot and unbound.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createDnsClient, type DnsClient } from '../../server/dns/client.ts';
import { dane } from '../../server/domain/lookup-dane.ts';
import { dnssec } from '../../server/domain/lookup-dnssec.ts';
import { createReach } from '../../server/domain/reach.ts';
import type { Known } from '../../server/domain/types.ts';

const missing = ['knotd', 'keymgr', 'unbound'].find((program) => !isInstalled(program));
const skip = missing === undefined ? false : 'needs knot and unbound';
const ZONES = ['signed.test', 'bogus.test', 'unsigned.test', 'island.test'];

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

describe('a validating resolver', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-dnssec-'));
  const running: ChildProcess[] = [];
  let dns: DnsClient;

  before(async () => {
    // A port that was free may be taken a moment later: then both are started on others.
    for (let attempt = 0; attempt < 3; attempt++) {
      const own = join(folder, String(attempt));
      mkdirSync(own);
      const [knot, unbound] = [await freePort(), await freePort()];
      startKnot(own, knot, running);
      // Unbound remembers for minutes who did not answer it, so it begins when there is an answer.
      const authority = createDnsClient({ servers: [`127.0.0.1:${knot}`], timeoutMs: 1000 });
      const isUp = await answers(authority);
      authority.close();
      if (isUp) {
        startUnbound(own, knot, unbound, running);
        dns = createDnsClient({ servers: [`127.0.0.1:${unbound}`], timeoutMs: 3000 });
        if (await answers(dns)) return;
        dns.close();
      }
      await stop();
    }
    assert.fail('knot and unbound do not answer');
  });
  after(async () => {
    dns?.close();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function answers(client: DnsClient): Promise<boolean> {
    const until = Date.now() + 15_000;
    while ((await client.query('signed.test', 'SOA')).status !== 'answer') {
      if (Date.now() > until) return false;
      await new Promise((done) => setTimeout(done, 100));
    }
    return true;
  }

  async function stop(): Promise<void> {
    await Promise.all(
      running.splice(0).map(async (child) => {
        if (child.exitCode !== null) return;
        child.kill();
        await once(child, 'exit');
      }),
    );
  }

  async function check(domain: string) {
    const known: Known = {
      domain,
      now: Date.now(),
      selectors: [],
      ips: [],
      history: { keysSince: {}, policyNoneSince: null },
      observed: [],
    };
    const config = { allowedNetworks: ['127.0.0.0/8'], onlyServers: null, extraCa: null, blocklists: [] };
    const reach = createReach({ dns, now: Date.now, config }, undefined, { greet: false });
    const [facts, tlsa] = await Promise.all([dnssec.gather(known, reach), dane.gather(known, reach)]);
    return {
      shown: facts.shown,
      dnssec: dnssec.judge(facts).map(({ id, evidence }) => [id, evidence.cause ?? null]),
      dane: dane.judge(tlsa).map(({ id }) => id),
      tlsa,
    };
  }

  test('a signed zone holds, and its TLSA records count', async () => {
    const { shown, dnssec: found, dane: tlsa, tlsa: facts } = await check('signed.test');
    assert.deepEqual(found, []);
    assert.deepEqual([shown.zone, shown.secure, shown.ds.length, shown.keys.length], ['signed.test', true, 1, 1]);
    // What Knot publishes above is what we make of the key.
    const [ds] = shown.ds;
    assert.equal(shown.keys[0]?.ds, `${ds?.keyTag} ${ds?.algorithm} ${ds?.digestType} ${ds?.digest}`);
    assert.deepEqual([facts.validated, facts.mxSecure, facts.shown.hosts[0]?.secure], [true, true, true]);
    assert.deepEqual(tlsa, ['dane-tls-unasked']);
  });
  test('a name below the top of a zone belongs to it', async () => {
    const { shown, dnssec: found } = await check('news.signed.test');
    assert.deepEqual([shown.zone, shown.secure, found], ['signed.test', true, []]);
  });
  test('a zone whose DS fits no key is forged to every resolver that checks', async () => {
    const { shown, dnssec: found } = await check('bogus.test');
    assert.deepEqual(found, [['dnssec-bogus', 'key-not-in-ds']]);
    assert.deepEqual(shown.bogus?.types, ['SOA', 'MX', 'TXT']);
  });
  test('a zone that is not signed', async () => {
    const { shown, dnssec: found, dane: tlsa } = await check('unsigned.test');
    assert.deepEqual([found, shown.secure], [[['dnssec-missing', null]], false]);
    assert.deepEqual(tlsa, ['dane-unsigned', 'dane-tls-unasked']);
  });
  test('a zone that the one above does not know to be signed', async () => {
    const { dnssec: found } = await check('island.test');
    assert.deepEqual(found, [['dnssec-ds-missing', null]]);
  });
});

function zoneText(zone: string, more: readonly string[]): string {
  const top = zone === '.' ? '.' : `${zone}.`;
  const below = zone === '.' ? 'ns.' : `ns.${zone}.`;
  return [
    '$TTL 60',
    `${top} SOA ${below} h.${zone === '.' ? '' : `${zone}.`} 1 60 60 3600 60`,
    `${top} NS ${below}`,
    `${below} A 127.0.0.1`,
    ...more,
    '',
  ].join('\n');
}

/** Keys first, so that each zone can be written with the DS records of those below it. */
function startKnot(folder: string, port: number, running: ChildProcess[]): void {
  const config = join(folder, 'knot.conf');
  for (const part of ['run', 'db']) mkdirSync(join(folder, part));
  const signed = ['.', 'test', ...ZONES.filter((zone) => zone !== 'unsigned.test')];
  const all = [...signed, 'unsigned.test'];
  const file = (zone: string): string => join(folder, zone === '.' ? 'root.zone' : `${zone}.zone`);
  writeFileSync(
    config,
    [
      `server:\n  listen: 127.0.0.1@${port}\n  rundir: ${folder}/run`,
      `database:\n  storage: ${folder}/db`,
      'policy:\n  - id: by-hand\n    manual: on\n    single-type-signing: on',
      'template:',
      '  - id: default',
      '    zonefile-sync: -1',
      '    journal-content: none',
      'zone:',
      ...all.map((zone) => {
        const lines = [`  - domain: "${zone}"`, `    file: ${file(zone)}`];
        return [
          ...lines,
          ...(signed.includes(zone) ? ['    dnssec-signing: on', '    dnssec-policy: by-hand'] : []),
        ].join('\n');
      }),
      '',
    ].join('\n'),
  );
  const keymgr = (...args: string[]): string =>
    execFileSync('keymgr', ['-c', config, ...args], { encoding: 'utf8', stdio: 'pipe' });
  const ds = new Map<string, string>();
  for (const zone of signed) {
    keymgr(zone, 'generate', 'algorithm=ECDSAP256SHA256', 'ksk=yes', 'zsk=yes');
    const line = keymgr(zone, 'ds')
      .split('\n')
      .find((text) => / DS \d+ 13 2 /.test(text));
    ds.set(zone, line?.replace(/^.* DS /, '') ?? '');
  }
  const domain = (zone: string): string =>
    zoneText(zone, [
      `${zone}. MX 10 mx.${zone}.`,
      `${zone}. TXT "v=spf1 -all"`,
      `mx.${zone}. A 127.0.0.2`,
      `news.${zone}. TXT "v=spf1 -all"`,
      `_25._tcp.mx.${zone}. TLSA 3 1 1 ${'00'.repeat(32)}`,
      `_25._tcp.mx.${zone}. TLSA 3 1 1 ${'11'.repeat(32)}`,
    ]);
  const wrong = (text = ''): string => text.replace(/^\d+/, (tag) => String((Number(tag) + 1) % 65_536));
  writeFileSync(file('.'), zoneText('.', ['test. NS ns.test.', 'ns.test. A 127.0.0.1', `test. DS ${ds.get('test')}`]));
  writeFileSync(
    file('test'),
    zoneText('test', [
      ...ZONES.flatMap((zone) => [`${zone}. NS ns.${zone}.`, `ns.${zone}. A 127.0.0.1`]),
      `signed.test. DS ${ds.get('signed.test')}`,
      `bogus.test. DS ${wrong(ds.get('bogus.test'))}`,
    ]),
  );
  for (const zone of ZONES) writeFileSync(file(zone), domain(zone));
  writeFileSync(join(folder, 'root.ds'), `. IN DS ${ds.get('.')}\n`);
  running.push(spawn('knotd', ['-c', config], { stdio: 'ignore' }));
}

function startUnbound(folder: string, knot: number, port: number, running: ChildProcess[]): void {
  const config = join(folder, 'unbound.conf');
  writeFileSync(
    config,
    [
      'server:',
      `  interface: 127.0.0.1@${port}`,
      '  do-daemonize: no',
      '  do-ip6: no',
      '  use-syslog: no',
      '  chroot: ""',
      '  username: ""',
      `  directory: "${folder}"`,
      '  pidfile: ""',
      '  do-not-query-localhost: no',
      '  local-zone: "test." nodefault',
      `  trust-anchor-file: "${folder}/root.ds"`,
      'remote-control:\n  control-enable: no',
      ...['.', 'test', ...ZONES].map(
        (zone) => `stub-zone:\n  name: "${zone}"\n  stub-addr: 127.0.0.1@${knot}\n  stub-prime: no`,
      ),
      '',
    ].join('\n'),
  );
  running.push(spawn('unbound', ['-c', config], { stdio: 'ignore' }));
}

/** Free for TCP and UDP, at this moment. */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    const tcp = createServer();
    await once(tcp.listen(0, '127.0.0.1'), 'listening');
    const address = tcp.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const udp = createSocket('udp4');
    const free = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false));
      udp.bind(port, '127.0.0.1', () => resolve(true));
    });
    if (free) udp.close();
    await new Promise((done) => tcp.close(done));
    if (free) return port;
  }
  throw new Error('no free port');
}
