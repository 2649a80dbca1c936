/**
 * Healthy seeds and hostile ones in one run: servers that stall, flood or lie, in clear, over TLS and on the way there, over IMAP and POP3. The healthy ones
 * are found as always, the others end as unknown with a typed reason, and the memory of the program, a process of its own, stays bounded. Beside it
 * servers that take a mail and hide it: each mail is taken once and found.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Certificate } from '../../server/sandbox/certificates.ts';
import type { SeedReason } from '../../server/seed/types.ts';
import { type Client, certificates, flood, type Script, startScript } from '../seed/script.ts';
import { imap, onImap, onPop3, pop3, said } from '../seed/tame.ts';
import { startVictimWorld, type VictimWorld } from './victim-world.ts';
import { addMonitor, addSeed, addSender, type Run, startRun, waitForRun } from './world.ts';

type Hostile = [
  what: string,
  over: ['imap' | 'pop3', 'tls' | 'starttls' | 'none'],
  /** A script, or a port of the sandbox where nobody should log in. */
  talk: ((client: Client) => void) | 'expired' | 'selfSigned' | 'wrongHost',
  reason: SeedReason | SeedReason[],
  /** What a script shows where TLS is due; a good one when not said, null: it speaks in clear. */
  shows?: Certificate | null,
];

/** On a busy machine the clock may end a flood before the limit of bytes does. */
const FLOODED: SeedReason[] = ['answer-too-large', 'timeout'];
const mute = () => undefined;
const pour = (client: Client) => flood(client, Buffer.alloc(65_536, 0x41));
const STARTTLS = onImap(/CAPABILITY/, (tag) => `* CAPABILITY IMAP4rev1 STARTTLS\r\n${tag} OK done`);
const NO_TOP = onPop3(/^TOP/, () => '-ERR unknown command');

const HOSTILE: Hostile[] = [
  ['says nothing', ['imap', 'none'], mute, 'timeout'],
  ['hangs up at once', ['imap', 'none'], (client) => client.socket.end(), 'connection-lost'],
  ['resets', ['imap', 'none'], (client) => client.socket.resetAndDestroy(), 'connection-lost'],
  ['floods before the greeting', ['imap', 'none'], pour, FLOODED],
  [
    'floods untagged answers',
    ['imap', 'none'],
    imap((_tag, _line, client) => said(flood(client, '* 1 EXISTS\r\n'.repeat(4_000)))),
    FLOODED,
  ],
  [
    'announces a literal of a gigabyte',
    ['imap', 'none'],
    imap(
      onImap(/ LIST /, (_tag, _line, client) => {
        client.send('* LIST () "/" {1073741824}\r\n');
        return said(pour(client));
      }),
    ),
    'answer-too-large',
  ],
  ['greets and says no more', ['imap', 'none'], imap(() => null), 'timeout'],
  ['speaks SMTP', ['imap', 'none'], imap(() => '250 OK', '220 mail.example ESMTP'), ['protocol-error', 'timeout']],
  [
    'says every folder is gone',
    ['imap', 'none'],
    imap(onImap(/ EXAMINE /, (tag) => `${tag} NO [NONEXISTENT] Mailbox doesn't exist`)),
    'folder-missing',
  ],
  [
    'names millions in each line and says no more',
    ['imap', 'none'],
    imap(
      onImap(/ SEARCH /, (_tag, _line, client) =>
        said(client.send('* VANISHED (EARLIER) 1:16777216\r\n* ESEARCH UID ALL 1:16777216\r\n'.repeat(50))),
      ),
    ),
    'timeout',
  ],

  ['says nothing once it is secure', ['imap', 'tls'], mute, 'timeout'],
  ['never shakes hands', ['imap', 'tls'], mute, 'timeout', null],
  ['greets in clear where TLS is due', ['imap', 'tls'], imap(), 'tls-failed', null],
  ['floods before the greeting', ['imap', 'tls'], pour, FLOODED],
  [
    'never ends a line',
    ['imap', 'tls'],
    imap(onImap(/ SEARCH /, (_tag, _line, client) => said(pour(client)))),
    FLOODED,
  ],
  [
    'fetches without end',
    ['imap', 'tls'],
    imap(
      onImap(/HEADER\.FIELDS/, (_tag, _line, client) =>
        said(flood(client, '* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X)] {8}\r\nX: 12\r\n\r\n)\r\n'.repeat(300))),
      ),
    ),
    FLOODED,
  ],
  [
    'stalls inside a literal',
    ['imap', 'tls'],
    imap(onImap(/HEADER\.FIELDS/, () => '* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X)] {5000}\r\nX-Todoku-Probe: x')),
    'timeout',
  ],
  [
    'dies inside a literal',
    ['imap', 'tls'],
    imap(
      onImap(/HEADER\.FIELDS/, (_tag, _line, client) =>
        said(client.socket.end('* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X)] {5000}\r\nX-Todoku-Probe: x')),
      ),
    ),
    'connection-lost',
  ],
  ['has a certificate that ran out', ['imap', 'tls'], 'expired', 'certificate-expired'],
  ['has a certificate nobody signed', ['imap', 'tls'], 'selfSigned', 'certificate-untrusted'],
  ['has the certificate of another host', ['imap', 'tls'], 'wrongHost', 'certificate-wrong-host'],
  ['does not offer TLS', ['imap', 'starttls'], imap(), 'tls-not-offered'],
  [
    'slips in an answer before the handshake',
    ['imap', 'starttls'],
    imap((tag, line, client) =>
      / STARTTLS/.test(line) ? `${tag} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN` : STARTTLS(tag, line, client),
    ),
    'tls-failed',
  ],

  ['says nothing once it is secure', ['pop3', 'tls'], mute, 'timeout'],
  ['floods before the greeting', ['pop3', 'tls'], pour, FLOODED],
  ['greets in another language', ['pop3', 'tls'], pop3(undefined, '* OK IMAP4rev1'), 'protocol-error'],
  ['never ends a line', ['pop3', 'tls'], pop3(onPop3(/^UIDL/, (_line, client) => said(pour(client)))), FLOODED],
  [
    'never ends a message',
    ['pop3', 'tls'],
    pop3((line, client) => {
      if (line === 'LIST') return '+OK\r\n1 20000000\r\n.';
      return /^RETR/.test(line) ? said(flood(client, `+OK\r\n${'x'.repeat(65_000)}\r\n`)) : NO_TOP(line, client);
    }),
    FLOODED,
  ],
  [
    'dies inside a message',
    ['pop3', 'tls'],
    pop3((line, client) =>
      /^RETR/.test(line) ? said(client.socket.end('+OK\r\nX-Todoku-Probe: x')) : NO_TOP(line, client),
    ),
    'connection-lost',
  ],
  ['stalls inside a message', ['pop3', 'tls'], pop3(onPop3(/^TOP/, () => '+OK\r\nX-Todoku-Probe: x')), 'timeout'],
  ['has a certificate that ran out', ['pop3', 'tls'], pop3(), 'certificate-expired', certificates.expired],
  ['has the certificate of another host', ['pop3', 'tls'], pop3(), 'certificate-wrong-host', certificates.wrongHost],
  ['does not offer TLS', ['pop3', 'starttls'], pop3(onPop3(/^STLS/, () => '-ERR no')), 'tls-not-offered'],
  [
    'slips in an answer before the handshake',
    ['pop3', 'starttls'],
    pop3(onPop3(/^STLS/, () => '+OK begin\r\n+OK gotcha')),
    'tls-failed',
  ],
  [
    'has a message of dots without end',
    ['pop3', 'none'],
    pop3(onPop3(/^TOP 1 0/, (_line, client) => said(flood(client, `+OK\r\n${'..\r\n'.repeat(15_000)}`)))),
    FLOODED,
  ],
];

/** Scripts that may be logged in to: their certificate is good, and they let it come to that. */
const TRUSTED = HOSTILE.filter(
  ([, [, security], talk, , shows]) => security === 'tls' && shows === undefined && typeof talk !== 'string',
);
const MB = 1_048_576;
/** What one hostile seed among twenty may cost; here all of them together must not cost more. */
const MEMORY_BAR = 150 * MB;

let world: VictimWorld;
const scripts = new Map<Hostile, Script>();
/** Bytes that the program held more at its peak, while all of them were read. */
let grown: number | null = null;
before(async () => {
  world = await startVictimWorld(certificates.caPem);
});
after(async () => {
  await world?.stop();
  for (const script of scripts.values()) await script.stop();
});

describe('beside each other', { concurrency: true }, () => {
  test('hostile seeds among healthy ones', async () => {
    const sender = await addSender(world, 'good.test');
    const healthy: string[] = [];
    for (let i = 0; i < 10; i++)
      healthy.push(
        await addSeed(world, `inbox-healthy${i}@${i % 2 ? 'gmail' : 'plain'}.test`, i === 6 ? 'pop3' : 'imap'),
      );
    // A calm round first: what is loaded at its first use is in memory before anything hostile is, and the pace of this machine is known.
    const calm = await waitForRun(world, await startRun(world, await addMonitor(world, sender, healthy)), (now) =>
      now.probes.every((probe) => probe.outcome === 'placed'),
    );

    const hostile: string[] = [];
    for (const [at, row] of HOSTILE.entries()) hostile.push(await addHostile(`inbox-hostile${at}@plain.test`, row));
    const memory = await watchMemory(world.victim.child.pid);
    const run = await startRun(world, await addMonitor(world, sender, [...healthy, ...hostile]));
    const found = await waitForRun(world, run, (now) =>
      now.probes.every(({ seed, outcome }) => seed.includes('hostile') || outcome === 'placed'),
    );
    const [calmly, among] = [calm, found].map(usuallyFoundAfter);
    assert.ok(Number(among) <= 2_000 + 3 * Number(calmly), `found after ${among} ms, and after ${calmly} ms before`);
    const over = await waitForRun(
      world,
      run,
      (now) => now.probes.every(({ outcome }) => outcome === 'placed' || outcome === 'unknown'),
      60_000,
    );
    for (const { seed, outcome, reason } of over.probes.filter((probe) => probe.seed.includes('hostile')))
      assert.deepEqual([seed, outcome, reason], [seed, 'unknown', 'seed-unreadable']);
    grown = (await memory?.()) ?? null;

    const shown = await world.call<Unreadable>('GET', '/api/seeds?unreadable=true&limit=100');
    const told = new Map(
      shown.items
        .filter(({ address }) => address.includes('hostile'))
        .map(({ address, unreadable }) => [address, unreadable]),
    );
    assert.equal(told.size, HOSTILE.length);
    for (const [at, row] of HOSTILE.entries()) {
      const why = told.get(`inbox-hostile${at}@plain.test`);
      assert.ok(
        [row[3]].flat().some((reason) => reason === why?.reason),
        `${named(row)}: ${why?.reason} ${why?.reply}`,
      );
    }
    // Whoever has not shown who he is hears no password, and the others do.
    for (const [row, { heard }] of scripts)
      if (row[1][1] !== 'none' && !TRUSTED.includes(row)) assert.doesNotMatch(heard, SECRET, named(row));
    assert.ok(TRUSTED.filter((row) => SECRET.test(scripts.get(row)?.heard ?? '')).length >= 8);

    // One connection each, and none left over from the attempts before.
    for (const [row, script] of scripts) assert.ok(script.open() <= 1, `${named(row)}: ${script.open()} connections`);
  });

  test('a server that tells of news without end is looked into a few times a second', async () => {
    let mails = 1;
    let looks = 0;
    const script = await startScript(
      imap((tag, line) => {
        if (/ CAPABILITY/.test(line)) return `* CAPABILITY IMAP4rev1 IDLE\r\n${tag} OK done`;
        if (/ SEARCH /.test(line)) return `* SEARCH\r\n${tag} OK done`;
        if (!/ EXAMINE INBOX/.test(line)) return undefined;
        looks++;
        mails++;
        return `* ${mails} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT ${mails + 1}] ok\r\n${tag} OK done`;
      }),
    );
    try {
      const seed = await addSeed(world, 'inbox-news@plain.test', 'imap', { port: script.port, security: 'none' });
      const run = await startRun(world, await addMonitor(world, await addSender(world, 'weak-key.test'), [seed]));
      await waitForRun(world, run, () => looks > 0);
      const began = performance.now();
      const before = looks;
      await waitForRun(world, run, (now) => now.probes.every(({ outcome }) => outcome === 'missing'));
      const perSecond = (1_000 * (looks - before)) / (performance.now() - began);
      // Each look opens INBOX twice: to look, and to wait.
      assert.ok(perSecond > 0.1 && perSecond < 10, `INBOX was opened ${perSecond} times a second`);
    } finally {
      await script.stop();
    }
  });

  test('servers that take a mail and hide it: taken once, placed once', async () => {
    const sender = await addSender(world, 'no-dmarc.test');
    const seeds: string[] = [];
    for (const fate of ['drop-after-dot', 'rst-after-dot', 'late-250-6s'])
      for (let i = 0; i < 4; i++) seeds.push(await addSeed(world, `${fate}-a${i}@plain.test`));
    const monitor = await addMonitor(world, sender, seeds, { missingAfterSeconds: 300, watchSeconds: 600 });
    const run = await startRun(world, monitor);
    await waitForRun(world, run, (now) => now.probes.every((probe) => probe.outcome === 'placed'), 60_000);
    const taken = [...(await world.accepted())].filter(([id]) => id.endsWith('@no-dmarc.test>'));
    assert.deepEqual(
      taken.map(([, times]) => times),
      seeds.map(() => 1),
    );
  });
});

test('the program grew by no more than a bounded amount', (t) => {
  if (!existsSync(CLEAR_REFS('self'))) return t.skip('needs /proc to measure the memory of a process');
  assert.ok(grown !== null, 'it was measured');
  t.diagnostic(`${Math.round(grown / MB)} MB more at the peak`);
  assert.ok(grown <= MEMORY_BAR, `${Math.round(grown / MB)} MB more`);
});

type Unreadable = { items: { address: string; unreadable: { reason: string; reply: string | null } | null }[] };

/** How long after it was taken a healthy seed's mail was seen, in ms: the median. */
function usuallyFoundAfter(run: Run): number {
  const waits = run.probes
    .filter(({ seed }) => seed.includes('healthy'))
    .map(({ sentAt, firstSeenAt }) => Date.parse(firstSeenAt ?? '') - Date.parse(sentAt ?? ''))
    .sort((a, b) => a - b);
  return waits[Math.floor(waits.length / 2)] ?? Number.NaN;
}

/** Any command that has a user or a password behind it. */
const SECRET = /\b(LOGIN|AUTHENTICATE|AUTH|USER|PASS)\b/;

function named([what, [protocol, security]]: Hostile): string {
  return `a server that ${what} (${protocol}, ${security})`;
}

async function addHostile(address: string, row: Hostile): Promise<string> {
  const [, [protocol, security], talk, , shows] = row;
  if (typeof talk === 'string')
    return addSeed(world, address, protocol, { port: world.sandbox.badTls[talk], security });
  const script = await startScript(talk, (TRUSTED.includes(row) ? certificates.good : shows) ?? undefined);
  scripts.set(row, script);
  return addSeed(world, address, protocol, { port: script.port, security });
}

/** A 5 written there begins VmHWM anew. */
const CLEAR_REFS = (pid: number | 'self') => `/proc/${pid}/clear_refs`;

/**
 * Watches the memory of a process from now on (Linux, proc(5): VmRSS, and its high-water mark VmHWM, which begins anew).
 * @returns how much more it held at its peak, in bytes; null where there is no /proc
 */
async function watchMemory(pid: number | undefined): Promise<(() => Promise<number>) | null> {
  if (pid === undefined || !existsSync(CLEAR_REFS(pid))) return null;
  const read = async (field: 'VmRSS' | 'VmHWM') => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    assert.ok(kilobytes, `${field} in ${status}`);
    return Number(kilobytes) * 1_024;
  };
  await writeFile(CLEAR_REFS(pid), '5');
  const before = await read('VmRSS');
  return async () => (await read('VmHWM')) - before;
}
