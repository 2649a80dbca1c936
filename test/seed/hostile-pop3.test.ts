/** POP3 servers that stall, lie, flood and strip. Each ends in time, with the reason that fits. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openSeed } from '../../server/seed/session.ts';
import type { SeedReason } from '../../server/seed/types.ts';
import { type Client, certificates, drip, flood, OPTIONS, PASSWORD, routeTo, startScript } from './script.ts';
import { POP3_MESSAGE as MESSAGE, onPop3 as on, type Pop3Answer, pop3, POP3_STUFFED as STUFFED, said } from './tame.ts';
import { watchTurns } from './turns.ts';

async function outcome(talk: (client: Client) => void, over = {}, options = OPTIONS) {
  const server = await startScript(talk);
  try {
    const session = await openSeed(routeTo(server, { protocol: 'pop3', ...over }), 'other', null, options);
    if ('failure' in session) return { at: 'open', ...session.failure, heard: server.heard };
    const answer = await session.look({ folder: 'INBOX', tokens: ['tok1'], messageIds: [''], since: 0, cursor: null });
    await session.close();
    if ('failure' in answer) return { at: 'look', ...answer.failure, heard: server.heard };
    return { at: 'done', reason: null, reply: null, heard: server.heard, answer };
  } finally {
    await server.stop();
  }
}

test('messages come byte for byte, and nothing that changes a maildrop is said', async () => {
  const { at, answer, heard } = await outcome(pop3());
  assert.equal(at, 'done');
  assert.equal(answer?.found[0]?.message.raw?.toString(), MESSAGE);
  assert.equal(answer?.found[0]?.message.uid, 'abc');
  assert.doesNotMatch(heard, /DELE|RETR/);
  assert.match(heard, /QUIT/);
});

test('byte by byte, and cut anywhere, it is the same message', async () => {
  const whole = `+OK\r\n${STUFFED}.\r\n`;
  for (let cut = 1; cut < whole.length; cut++) {
    const { answer } = await outcome(
      pop3(
        on(/^TOP 1 9/, (_line, client) => {
          client.socket.setNoDelay(true);
          client.send(whole.slice(0, cut));
          setImmediate(() => client.send(whole.slice(cut)));
          return null;
        }),
      ),
    );
    assert.equal(answer?.found[0]?.message.raw?.toString(), MESSAGE, `cut at ${cut}`);
  }
});

test('a server without TOP, UIDL and CAPA is read all the same, and left without a goodbye', async () => {
  const { answer, heard } = await outcome(pop3(on(/^(TOP|UIDL|CAPA)/, () => '-ERR unknown command')));
  assert.equal(answer?.found[0]?.message.raw?.toString(), MESSAGE);
  assert.match(heard, /RETR/);
  assert.doesNotMatch(heard, /QUIT/);
});

test('a server that only has SASL is logged in to with AUTH PLAIN', async () => {
  const { at, heard } = await outcome(
    pop3((line) => {
      if (line === 'CAPA') return '+OK\r\nSASL LOGIN PLAIN\r\nTOP\r\nUIDL\r\n.';
      return line === 'AUTH PLAIN' ? '+ ' : undefined;
    }),
  );
  assert.equal(at, 'done');
  assert.ok(heard.includes(Buffer.from(`\0one@seed.test\0${PASSWORD}`).toString('base64')));
});

/** On a busy machine the clock may end a flood before the limit of bytes does. */
const FLOODED: SeedReason[] = ['answer-too-large', 'timeout'];

const rows: [what: string, talk: (client: Client) => void, at: string, reason: SeedReason | SeedReason[]][] = [
  ['says nothing', () => undefined, 'open', 'timeout'],
  ['refuses to talk', pop3(undefined, '-ERR [SYS/TEMP] come back later'), 'open', 'login-unavailable'],
  ['has too many connections', pop3(undefined, '-ERR Too many connections from your IP'), 'open', 'rate-limited'],
  ['greets in another language', pop3(undefined, '* OK IMAP4rev1'), 'open', 'protocol-error'],
  ['greets without end', (client) => flood(client, 'x'.repeat(65_536)), 'open', FLOODED],
  ['drips its greeting', (client) => drip(client, `+OK ${'x'.repeat(500)}`, 50), 'open', 'timeout'],
  ['hangs up at once', (client) => client.socket.destroy(), 'open', 'connection-lost'],
  ['resets', (client) => client.socket.resetAndDestroy(), 'open', 'connection-lost'],
  ['refuses the password', pop3(on(/^PASS/, () => '-ERR [AUTH] Authentication failed.')), 'open', 'wrong-password'],
  ['echoes the password', pop3(on(/^PASS/, (line) => `-ERR bad ${line}`)), 'open', 'wrong-password'],
  ['is in use', pop3(on(/^PASS/, () => '-ERR [IN-USE] maildrop locked')), 'open', 'account-in-use'],
  [
    'wants a pause',
    pop3(on(/^PASS/, () => '-ERR [LOGIN-DELAY] minimum time between mail checks')),
    'open',
    'rate-limited',
  ],
  [
    'wants an app password',
    pop3(on(/^PASS/, () => '-ERR [AUTH] Application-specific password required')),
    'open',
    'app-password-needed',
  ],
  [
    'has POP switched off',
    pop3(on(/^PASS/, () => '-ERR [SYS/PERM] Your account is not enabled for POP access. Please visit your settings')),
    'open',
    'login-disabled',
  ],
  [
    'never ends its capabilities',
    pop3(on(/^CAPA/, (_line, client) => said(flood(client, '+OK\r\nX\r\n'.repeat(9_000))))),
    'open',
    FLOODED,
  ],
  [
    'never ends its list',
    pop3(on(/^UIDL/, (_line, client) => said(flood(client, `+OK\r\n${'1 abcdefgh\r\n'.repeat(9_000)}`)))),
    'look',
    FLOODED,
  ],
  ['never ends a line', pop3(on(/^LIST/, (_line, client) => said(flood(client, 'x'.repeat(65_536))))), 'look', FLOODED],
  [
    'never ends a message',
    pop3(on(/^TOP 1 9/, (_line, client) => said(flood(client, `+OK\r\n${'x'.repeat(65_000)}\r\n`)))),
    'look',
    FLOODED,
  ],
  ['stalls inside a message', pop3(on(/^TOP 1 9/, () => '+OK\r\nSubject: x')), 'look', 'timeout'],
  [
    'drips a message',
    pop3(on(/^TOP 1 9/, (_line, client) => said(drip(client, `+OK\r\n${'x'.repeat(900)}`, 20)))),
    'look',
    'timeout',
  ],
  [
    'dies inside a message',
    pop3(on(/^TOP 1 9/, (_line, client) => said(client.socket.end('+OK\r\nSubject: x')))),
    'look',
    'connection-lost',
  ],
  ['talks nonsense', pop3(on(/^LIST/, () => 'HTTP/1.1 200 OK')), 'look', 'protocol-error'],
  ['refuses to list', pop3(on(/^LIST/, () => '-ERR [SYS/TEMP] later')), 'look', 'login-unavailable'],
];
async function expectEnd([, talk, at, reason]: (typeof rows)[number]) {
  const ended = await outcome(talk);
  assert.equal(ended.at, at, JSON.stringify(ended));
  assert.ok([reason].flat().includes(ended.reason as SeedReason), `${ended.reason} (${ended.reply})`);
  assert.ok(!(ended.reply ?? '').includes(PASSWORD));
}

describe('a server that', { concurrency: 8 }, () => {
  for (const row of rows.filter(([, , , reason]) => reason !== FLOODED)) test(row[0], () => expectEnd(row));
});

// One after the other, for what each takes of memory.
describe('a server that floods', () => {
  for (const row of rows.filter(([, , , reason]) => reason === FLOODED)) {
    test(row[0], async () => {
      const before = process.memoryUsage().rss;
      await expectEnd(row);
      const grown = process.memoryUsage().rss - before;
      assert.ok(grown < 150_000_000, String(grown));
    });
  }
});

test('a maildrop of two hundred thousand, and a message of dots alone, hold up nobody', async () => {
  const numbers = Array.from({ length: 200_000 }, (_, at) => at + 1);
  const lines = (tell: (number: number) => string) => Buffer.from(`+OK\r\n${numbers.map(tell).join('\r\n')}\r\n.\r\n`);
  const sizes = lines((number) => `${number} 24`);
  const names = lines((number) => `${number} ${'n'.repeat(58)}${number}`);
  const dots = Buffer.from(`+OK\r\nX-Todoku-Probe: tok1\r\n\r\n${'..\r\n'.repeat(6_000_000)}.\r\n`);
  const header = '+OK\r\nX-Todoku-Probe: tok1\r\n\r\n.';
  const dropped: [what: string, odd: Pop3Answer][] = [
    ['200,000', (line) => ({ LIST: sizes, UIDL: names, 'TOP 200000 0': header, 'TOP 200000 99999999': header })[line]],
    ['dots', (line) => ({ LIST: '+OK\r\n1 20000000\r\n.', 'TOP 1 0': header, 'TOP 1 99999999': dots })[line]],
  ];
  for (const [what, odd] of dropped) {
    const before = process.memoryUsage().rss;
    const turns = watchTurns();
    const { at, reason, answer } = await outcome(pop3(odd), {}, { ...OPTIONS, timeouts: {} });
    const { longestMs } = turns.stop();
    assert.deepEqual([at, reason, answer?.found.length], ['done', null, 1], what);
    assert.ok(longestMs < 500, `${what}: the program stood still for ${longestMs} ms`);
    assert.ok(process.memoryUsage().rss - before < 150e6, what);
  }
});

test('the password is never said in cleartext where TLS is asked for', async () => {
  const attacks: [string, (client: Client) => void, SeedReason | SeedReason[]][] = [
    ['STLS is refused', pop3(on(/^STLS/, () => '-ERR no')), 'tls-not-offered'],
    ['injection', pop3(on(/^STLS/, () => '+OK begin\r\n+OK gotcha')), 'tls-failed'],
    [
      'cleartext after STLS',
      pop3(
        on(/^STLS/, () => '+OK begin'),
        '+OK',
      ),
      ['tls-failed', 'timeout', 'connection-lost'],
    ],
  ];
  for (const [what, talk, reason] of attacks) {
    const ended = await outcome(talk, { security: 'starttls' });
    assert.equal(ended.at, 'open', what);
    assert.ok([reason].flat().includes(ended.reason as SeedReason), `${what}: ${ended.reason} ${ended.reply}`);
    assert.doesNotMatch(ended.heard, /USER|PASS|AUTH/, what);
  }
});

test('certificates that must not be believed', async () => {
  for (const [kind, reason] of [
    ['expired', 'certificate-expired'],
    ['selfSigned', 'certificate-untrusted'],
    ['wrongHost', 'certificate-wrong-host'],
  ] as const) {
    const server = await startScript(pop3(), certificates[kind]);
    const route = routeTo(server, { protocol: 'pop3', security: 'tls', host: 'localhost' });
    const session = await openSeed(route, 'other', null, OPTIONS);
    assert.equal('failure' in session && session.failure.reason, reason);
    assert.equal(server.heard, '');
    await server.stop();
  }
});

test('a line break in a credential is no command', async () => {
  for (const over of [{ user: 'a\r\nDELE 1' }, { password: 'a\nDELE 1' }, { password: 'a\0b' }]) {
    const ended = await outcome(pop3(), over);
    assert.equal(ended.reason, 'wrong-password');
    assert.equal(ended.heard, '');
  }
});
