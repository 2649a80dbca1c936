/** Servers that stall, lie, flood and strip. Each ends in time, with the reason that fits, in bounded memory, and without the password where it must not be said. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import tls from 'node:tls';
import { openSeed } from '../../server/seed/session.ts';
import type { SeedReason } from '../../server/seed/types.ts';
import { type Client, certificates, drip, flood, OPTIONS, PASSWORD, routeTo, startScript } from './script.ts';
import { imap, IMAP_MESSAGE as MESSAGE, onImap as on, said } from './tame.ts';
import { watchTurns } from './turns.ts';

async function outcome(talk: (client: Client) => void, over = {}, folder = 'INBOX') {
  const server = await startScript(talk);
  try {
    const session = await openSeed(routeTo(server, over), 'other', null, OPTIONS);
    if ('failure' in session) return { at: 'open', ...session.failure, heard: server.heard };
    const answer = await session.look({ folder, tokens: ['tok1'], messageIds: ['<a@b>'], since: 0, cursor: null });
    await session.close();
    if ('failure' in answer) return { at: 'look', ...answer.failure, heard: server.heard };
    return { at: 'done', reason: null, reply: null, heard: server.heard, answer };
  } finally {
    await server.stop();
  }
}

test('a tame server is read', async () => {
  const { at, answer } = await outcome(imap());
  assert.equal(at, 'done');
  assert.equal(answer?.found[0]?.token, 'tok1');
  assert.equal(answer?.found[0]?.message.raw?.toString(), MESSAGE);
});

const LOGIN = /^\S+ (LOGIN|AUTHENTICATE)/;
/** On a busy machine the clock may end a flood before the limit of bytes does. */
const FLOODED: SeedReason[] = ['answer-too-large', 'timeout'];

const rows: [what: string, talk: (client: Client) => void, at: string, reason: SeedReason | SeedReason[]][] = [
  ['says nothing', () => undefined, 'open', 'timeout'],
  ['greets with a goodbye', imap(undefined, '* BYE overloaded'), 'open', 'connection-lost'],
  [
    'greets with too many connections',
    imap(undefined, '* BYE Too many simultaneous connections. (Failure)'),
    'open',
    'rate-limited',
  ],
  ['greets in another language', imap(undefined, '220 smtp.example ESMTP'), 'open', ['protocol-error', 'timeout']],
  ['greets without end', (client) => flood(client, 'x'.repeat(65_536)), 'open', FLOODED],
  ['drips its greeting', (client) => drip(client, `* OK ${'x'.repeat(500)}`, 50), 'open', 'timeout'],
  ['hangs up at once', (client) => client.socket.destroy(), 'open', 'connection-lost'],
  ['resets', (client) => client.socket.resetAndDestroy(), 'open', 'connection-lost'],
  [
    'refuses the login',
    imap(on(LOGIN, (tag) => `${tag} NO [AUTHENTICATIONFAILED] Invalid credentials`)),
    'open',
    'wrong-password',
  ],
  [
    'wants an app password',
    imap(on(LOGIN, (tag) => `${tag} NO [ALERT] Application-specific password required: https://support.google.com/x`)),
    'open',
    'app-password-needed',
  ],
  [
    'wants a browser',
    imap(on(LOGIN, (tag) => `${tag} NO [WEBALERT https://x] Please log in via your web browser: https://x (Failure)`)),
    'open',
    'app-password-needed',
  ],
  [
    'is unavailable at login',
    imap(on(LOGIN, (tag) => `${tag} NO [UNAVAILABLE] Temporary authentication failure.`)),
    'open',
    'login-unavailable',
  ],
  ['is over its limit', imap(on(LOGIN, (tag) => `${tag} NO [LIMIT] LOGIN Rate limit hit`)), 'open', 'rate-limited'],
  [
    'has IMAP switched off',
    imap(on(LOGIN, (tag) => `${tag} NO [ALERT] Your account is not enabled for IMAP use. Please visit settings`)),
    'open',
    'login-disabled',
  ],
  [
    'hangs up after the login',
    imap(on(LOGIN, (_tag, _line, client) => said(client.socket.destroy()))),
    'open',
    'connection-lost',
  ],
  ['stalls at login', imap(on(LOGIN, () => null)), 'open', 'timeout'],
  ['answers with a wrong tag', imap(on(/EXAMINE/, () => 'ZZZ9 OK done')), 'look', ['protocol-error', 'timeout']],
  [
    'lists without end',
    imap(on(/ LIST /, (_tag, _line, client) => said(flood(client, '* LIST () "/" abcdefgh\r\n'.repeat(500))))),
    'open',
    FLOODED,
  ],
  [
    'has no such folder',
    imap(on(/EXAMINE/, (tag) => `${tag} NO [NONEXISTENT] Unknown mailbox`)),
    'look',
    'folder-missing',
  ],
  [
    'is over quota',
    imap(on(/EXAMINE/, (tag) => `${tag} NO [OVERQUOTA] Account exceeded command or bandwidth limits.`)),
    'look',
    'rate-limited',
  ],
  [
    'announces a gigabyte',
    imap(on(/BODY\.PEEK\[\]/, () => '* 1 FETCH (UID 1 BODY[]<0> {1073741824}')),
    'look',
    'answer-too-large',
  ],
  [
    'stalls inside a literal',
    imap(on(/BODY\.PEEK\[\]/, () => '* 1 FETCH (UID 1 BODY[]<0> {5000}\r\nSubject: x')),
    'look',
    'timeout',
  ],
  [
    'dies inside a literal',
    imap(
      on(/BODY\.PEEK\[\]/, (_tag, _line, client) =>
        said(client.socket.end('* 1 FETCH (UID 1 BODY[]<0> {5000}\r\nSubject: x')),
      ),
    ),
    'look',
    'connection-lost',
  ],
  [
    'drips a literal',
    imap(
      on(/BODY\.PEEK\[\]/, (_tag, _line, client) =>
        said(drip(client, `* 1 FETCH (UID 1 BODY[]<0> {5000}\r\n${'x'.repeat(5000)}`, 30)),
      ),
    ),
    'look',
    'timeout',
  ],
  [
    'never ends a line',
    imap(on(/SEARCH/, (_tag, _line, client) => said(flood(client, Buffer.alloc(65_536, '1 '))))),
    'look',
    FLOODED,
  ],
  [
    'finds four billion',
    imap(on(/SEARCH/, (_tag, _line, client) => said(flood(client, `* SEARCH ${'4294967295 '.repeat(5_000)}\r\n`)))),
    'look',
    FLOODED,
  ],
  [
    'talks without end',
    imap(on(/SEARCH/, (_tag, _line, client) => said(flood(client, '* OK still here\r\n'.repeat(1_000))))),
    'look',
    FLOODED,
  ],
  [
    'fetches without end',
    imap(
      on(/HEADER\.FIELDS/, (_tag, _line, client) =>
        said(
          flood(
            client,
            '* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X)] {24}\r\nX-Todoku-Probe: tok1\r\n\r\n)\r\n'.repeat(300),
          ),
        ),
      ),
    ),
    'look',
    FLOODED,
  ],
  [
    'answers deeply',
    imap(on(/HEADER\.FIELDS/, (tag) => `* 1 FETCH ${'('.repeat(200_000)}\r\n${tag} OK done`)),
    'look',
    ['protocol-error', 'answer-too-large', 'timeout'],
  ],
  [
    'is throttled',
    imap(on(/SEARCH/, (tag) => `${tag} BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds`)),
    'look',
    'rate-limited',
  ],
  [
    'is throttled while fetching',
    imap(on(/HEADER\.FIELDS/, (tag) => `${tag} BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds`)),
    'look',
    'rate-limited',
  ],
  [
    'says goodbye in the middle',
    imap(on(/SEARCH/, (_tag, _line, client) => said(client.socket.end('* BYE [UNAVAILABLE] shutting down\r\n')))),
    'look',
    ['connection-lost', 'login-unavailable'],
  ],
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

test('messages that were not asked for, or are others than they seemed, are not found', async () => {
  const other = (uid: number, token: string) => (tag: string) => {
    const text = `X-Todoku-Probe: ${token}\r\n\r\n`;
    return `* 1 FETCH (UID ${uid} RFC822.SIZE 99 BODY[]<0> {${text.length}}\r\n${text})\r\n${tag} OK done`;
  };
  for (const answer of [other(99, 'tok1'), other(1, 'tok2'), (tag: string) => `${tag} OK done`]) {
    const { at, answer: read } = await outcome(imap(on(/BODY\.PEEK\[\]/, answer)));
    assert.equal(at, 'done');
    assert.deepEqual(read?.found, []);
  }
});

test('a server whose SEARCH is refused or finds nothing is read all the same', async () => {
  const reading = on(
    /^\S+ FETCH 1:1 /,
    (tag) =>
      `* 1 FETCH (UID 1 RFC822.SIZE 64 BODY[HEADER.FIELDS (X)] {24}\r\nX-Todoku-Probe: TOK1\r\n\r\n)\r\n${tag} OK done`,
  );
  for (const said of ['NO cannot', 'BAD what', 'OK none']) {
    const { answer } = await outcome(
      imap((tag, line, client) =>
        /SEARCH/.test(line) ? `${said === 'OK none' ? '* SEARCH\r\n' : ''}${tag} ${said}` : reading(tag, line, client),
      ),
    );
    assert.equal(answer?.found[0]?.token, 'tok1', said);
  }
});

test('a range is not walked through, however many a server names and whenever it does', async () => {
  const millions =
    '* VANISHED (EARLIER) 1:16777216\r\n* 3 VANISHED 1:16777216\r\n* ESEARCH UID ALL 1:16777216\r\n'.repeat(100);
  const before = process.memoryUsage().rss;
  const turns = watchTurns();
  const { at, answer, reason } = await outcome(
    imap((tag, line, client) => {
      if (!LOGIN.test(line)) client.send(millions);
      if (/EXAMINE/.test(line))
        return `* 16777216 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 16777217] ok\r\n${tag} OK [READ-ONLY] done`;
      return /SEARCH/.test(line) ? `${tag} OK done` : undefined;
    }),
  );
  const { longestMs } = turns.stop();
  assert.deepEqual([at, reason, answer?.found], ['done', null, []]);
  assert.ok(longestMs < 500, `the program stood still for ${longestMs} ms`);
  assert.ok(process.memoryUsage().rss - before < 150e6);
});

test('nothing but looking is ever said', async () => {
  const { heard } = await outcome(imap());
  assert.match(heard, /EXAMINE/);
  assert.doesNotMatch(heard, /\b(SELECT|STORE|EXPUNGE|MOVE|COPY|APPEND|DELETE|CREATE|RENAME|CLOSE|SUBSCRIBE)\b/i);
  assert.doesNotMatch(heard, /BODY\[|RFC822[^.]/, 'always PEEK');
});

test('the password is never said in cleartext where TLS is asked for', async () => {
  const attacks: [string, (client: Client) => void, SeedReason | SeedReason[]][] = [
    ['STARTTLS is not offered', imap(), 'tls-not-offered'],
    [
      'STARTTLS is refused',
      imap((tag, line) =>
        /CAPABILITY/.test(line)
          ? `* CAPABILITY IMAP4rev1 STARTTLS\r\n${tag} OK done`
          : /STARTTLS/.test(line)
            ? `${tag} NO not now`
            : undefined,
      ),
      'tls-not-offered',
    ],
    ['PREAUTH', imap(undefined, '* PREAUTH welcome back'), 'tls-not-offered'],
    [
      'injection',
      imap((tag, line) =>
        /CAPABILITY/.test(line)
          ? `* CAPABILITY IMAP4rev1 STARTTLS\r\n${tag} OK done`
          : /STARTTLS/.test(line)
            ? `${tag} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN`
            : undefined,
      ),
      'tls-failed',
    ],
    [
      'cleartext after STARTTLS',
      imap((tag, line) =>
        /CAPABILITY/.test(line)
          ? `* CAPABILITY IMAP4rev1 STARTTLS\r\n${tag} OK done`
          : /STARTTLS/.test(line)
            ? `${tag} OK begin`
            : 'nonsense',
      ),
      ['tls-failed', 'timeout', 'connection-lost'],
    ],
  ];
  for (const [what, talk, reason] of attacks) {
    const ended = await outcome(talk, { security: 'starttls' });
    assert.equal(ended.at, 'open', what);
    assert.ok([reason].flat().includes(ended.reason as SeedReason), `${what}: ${ended.reason} ${ended.reply}`);
    assert.doesNotMatch(ended.heard, /LOGIN|AUTHENTICATE/, what);
    assert.ok(!ended.heard.includes(PASSWORD), what);
  }
});

test('cleartext is refused off loopback, and private addresses unless allowed', async () => {
  const far = await openSeed({ ...routeTo({ port: 9 }), host: '192.0.2.1' }, 'other', null, {
    ...OPTIONS,
    allowedNetworks: ['192.0.2.0/24'],
  });
  assert.deepEqual(far, { failure: { reason: 'cleartext-refused', reply: null } });
  const near = await openSeed(routeTo({ port: 9 }), 'other', null, { ...OPTIONS, allowedNetworks: [] });
  assert.equal('failure' in near && near.failure.reason, 'private-address');
});

test('certificates that must not be believed', async () => {
  const { good, expired, selfSigned, wrongHost } = certificates;
  const rows: [keyof typeof certificates, typeof good, SeedReason | null][] = [
    ['good', good, null],
    ['expired', expired, 'certificate-expired'],
    ['selfSigned', selfSigned, 'certificate-untrusted'],
    ['wrongHost', wrongHost, 'certificate-wrong-host'],
  ];
  for (const [what, certificate, reason] of rows) {
    for (const upgrade of [false, true]) {
      const talk = imap();
      const offer = imap((tag, line, client) => {
        if (/CAPABILITY/.test(line)) return `* CAPABILITY IMAP4rev1 STARTTLS\r\n${tag} OK done`;
        if (!/STARTTLS/.test(line)) return undefined;
        client.send(`${tag} OK begin\r\n`);
        client.socket.removeAllListeners('data');
        const secured = new tls.TLSSocket(client.socket, { isServer: true, ...certificate });
        secured.on('error', () => secured.destroy());
        const lines: Client = {
          ...client,
          socket: secured,
          send: (text) => secured.write(text),
          onLine: (answer) => {
            secured.on('data', (chunk: Buffer) => {
              for (const one of chunk.toString().split('\r\n').filter(Boolean)) {
                server.heard += one;
                const reply = answer(one, lines);
                if (reply) secured.write(`${reply}\r\n`);
              }
            });
          },
        };
        imap(undefined, '')(lines);
        return null;
      });
      const server = await startScript(upgrade ? offer : talk, upgrade ? undefined : certificate);
      const session = await openSeed(
        routeTo(server, { security: upgrade ? 'starttls' : 'tls', host: 'localhost' }),
        'other',
        null,
        OPTIONS,
      );
      if ('failure' in session) {
        assert.equal(session.failure.reason, reason, `${what} ${upgrade}: ${session.failure.reply}`);
        assert.ok(!server.heard.includes('LOGIN'), `${what} ${upgrade}`);
      } else {
        assert.equal(reason, null, `${what} ${upgrade}`);
        await session.close();
      }
      await server.stop();
    }
  }
});
