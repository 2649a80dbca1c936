/**
 * The sandbox's IMAP beside a real one: the same questions go to every personality and, where it is installed, to a Dovecot that runs
 * as an ordinary user on loopback. What they have in common must be the same answer.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificates } from '../../server/sandbox/certificates.ts';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { dial, encrypt, type Line, read, until } from './world.ts';

type Server = {
  name: string;
  caFile: string;
  imaps: number;
  imap: number;
  user: string;
  password: string;
  junk: string;
};

const DOVECOT = '/usr/sbin/dovecot';
let sandbox: Sandbox;
let dovecot: { server: Server; stop(): Promise<void> } | null = null;
const domains = ['gmail.test', 'outlook.test', 'yahoo.test', 'yahoo-japan.test', 'plain.test'];

before(async () => {
  sandbox = await startSandbox();
  if (existsSync(DOVECOT)) dovecot = await startDovecot();
});
after(async () => {
  await sandbox.stop();
  await dovecot?.stop();
});

const PLAIN = Buffer.from(
  'From: "Anna (A.)" <anna@good.test>\r\nTo: seed@plain.test, b@x.test\r\nSubject: =?UTF-8?B?5bGK44GP?= first\r\n' +
    'Message-ID: <one@good.test>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nX-Todoku-Probe: Token-ABC\r\n' +
    'X-Folded: a\r\n\tb\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello there\r\n.dot\r\n\r\nend without a line end',
);
const MULTIPART = Buffer.from(
  'From: bob@good.test\r\nSubject: second\r\nMessage-ID: <two@good.test>\r\nX-Todoku-Probe: token-def\r\nMIME-Version: 1.0\r\n' +
    'Content-Type: multipart/mixed; boundary="b1"\r\n\r\npreamble\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n' +
    'Content-Transfer-Encoding: base64\r\n\r\naGlkZGVuIHdvcmRz\r\n--b1\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n' +
    'From: c@d.test\r\n\r\ninner body\r\n--b1--\r\n',
);

function serversOf(): Server[] {
  const own = domains.map((domain): Server => {
    const seed = sandbox.seed(`table@${domain}`);
    const starttls = sandbox.seed(`table@${domain}`, 'imap', 'starttls');
    const names: Record<string, string> = {
      'gmail.test': '[Gmail]/&j,dg0TDhMPww6w-',
      'outlook.test': '"Junk Email"',
      'yahoo.test': 'Bulk',
      'yahoo-japan.test': '&j,dg0TDhMPww6w-',
    };
    return {
      name: domain,
      caFile: sandbox.caFile,
      imaps: seed.port,
      imap: starttls.port,
      user: seed.user,
      password: seed.password,
      junk: names[domain] ?? 'Junk',
    };
  });
  return dovecot === null ? own : [...own, dovecot.server];
}

async function logIn(server: Server): Promise<Line> {
  const line = await dial(server, server.imaps, true);
  await line.expect(/^\* OK .*\r\n/);
  line.send(`l LOGIN ${server.user} ${server.password}\r\n`);
  await line.expect(/^l OK .*\r\n/m);
  return line;
}

let tags = 0;
async function ask(line: Line, command: string): Promise<string> {
  const tag = `t${++tags}`;
  line.send(`${tag} ${command}\r\n`);
  const answer = await line.expect(new RegExp(`^${tag} (OK|NO|BAD)[^\\n]*\\n`, 'm'));
  return answer.replace(`${tag} `, '');
}

async function append(line: Line, folder: string, raw: Buffer): Promise<void> {
  line.send(`ap APPEND ${folder} "23-Nov-2026 10:00:00 +0000" {${raw.length}}\r\n`);
  await line.expect(/^\+.*\r\n/m);
  line.send(Buffer.concat([raw, Buffer.from('\r\n')]));
  await line.expect(/^ap OK .*\r\n/m);
}

/** What is compared: untagged lines of one kind, in their order. */
const only = (answer: string, word: string) =>
  answer.split('\r\n').filter((each) => each.startsWith('*') && each.includes(word));

const QUESTIONS: [command: string, look: (answer: string) => unknown, expected: unknown][] = [
  ['UID SEARCH ALL', (a) => only(a, 'SEARCH'), ['* SEARCH 1 2']],
  ['UID SEARCH HEADER X-Todoku-Probe token-abc', (a) => only(a, 'SEARCH'), ['* SEARCH 1']],
  ['UID SEARCH HEADER x-todoku-probe TOKEN', (a) => only(a, 'SEARCH'), ['* SEARCH 1 2']],
  ['UID SEARCH HEADER X-Todoku-Probe ""', (a) => only(a, 'SEARCH'), ['* SEARCH 1 2']],
  ['UID SEARCH HEADER X-Nothing ""', (a) => only(a, 'SEARCH').map((each) => each.trim()), ['* SEARCH']],
  [
    'UID SEARCH OR HEADER Message-ID <two@good.test> HEADER Message-ID <nine@good.test>',
    (a) => only(a, 'SEARCH'),
    ['* SEARCH 2'],
  ],
  ['UID SEARCH NOT SUBJECT second', (a) => only(a, 'SEARCH'), ['* SEARCH 1']],
  ['UID SEARCH CHARSET UTF-8 SUBJECT {6+}\r\n届く', (a) => only(a, 'SEARCH'), ['* SEARCH 1']],
  ['UID SEARCH FROM anna SINCE 22-Nov-2026 BEFORE 24-Nov-2026', (a) => only(a, 'SEARCH'), ['* SEARCH 1']],
  ['UID SEARCH SINCE 24-Nov-2026', (a) => only(a, 'SEARCH').map((each) => each.trim()), ['* SEARCH']],
  ['UID SEARCH BODY "hidden words"', (a) => only(a, 'SEARCH'), ['* SEARCH 2']],
  ['UID SEARCH TEXT x-todoku-probe', (a) => only(a, 'SEARCH'), ['* SEARCH 1 2']],
  ['UID SEARCH UID 2:* UNSEEN', (a) => only(a, 'SEARCH'), ['* SEARCH 2']],
  ['UID SEARCH UID 7:*', (a) => only(a, 'SEARCH'), ['* SEARCH 2']],
  ['SEARCH 1', (a) => only(a, 'SEARCH'), ['* SEARCH 1']],
  ['UID SEARCH (SUBJECT first UNDELETED)', (a) => only(a, 'SEARCH'), ['* SEARCH 1']],
  ['UID SEARCH CHARSET KLINGON SUBJECT x', (a) => /^(NO|BAD)/m.test(a), true],
  ['UID SEARCH NONSENSE', (a) => /^BAD/m.test(a), true],
  ['FETCH 9 FLAGS', (a) => /^BAD/m.test(a), true],
  ['UID FETCH 9 FLAGS', (a) => [only(a, 'FETCH'), /^OK/m.test(a)], [[], true]],
  [
    'UID FETCH 1 (RFC822.SIZE)',
    (a) => only(a, 'FETCH').map((each) => /RFC822\.SIZE \d+/.exec(each)?.[0]),
    [`RFC822.SIZE ${PLAIN.length}`],
  ],
  [
    'UID FETCH 1 (INTERNALDATE)',
    (a) => Date.parse((/INTERNALDATE "([^"]+)"/.exec(a)?.[1] ?? '').replace(/^ ?(\d+)-(\w+)-(\d+)/, '$1 $2 $3')),
    Date.UTC(2026, 10, 23, 10),
  ],
  [
    'UID FETCH 1 (BODY[HEADER.FIELDS (x-todoku-probe X-FOLDED)])',
    (a) => /\{(\d+)\}\r\n([\s\S]*?\r\n\r\n)/.exec(a)?.[2],
    'X-Todoku-Probe: Token-ABC\r\nX-Folded: a\r\n\tb\r\n\r\n',
  ],
  [
    'UID FETCH 1 (BODY.PEEK[]<6.10>)',
    (a) =>
      /BODY\[\]<6> \{10\}\r\n([\s\S]{10})/.exec(a)?.[1] ??
      /BODY\[\]<6> "(.{11,14})"/.exec(a)?.[1]?.replaceAll('\\', ''),
    '"Anna (A.)',
  ],
  ['UID FETCH 1 (BODY.PEEK[]<99999.10>)', (a) => /BODY\[\]<99999> (\{0\}|"")/.test(a), true],
  ['UID FETCH 2 (BODY.PEEK[1])', (a) => /aGlkZGVuIHdvcmRz/.test(a) && !/preamble/.test(a), true],
  ['UID FETCH 2 (BODY.PEEK[1.MIME])', (a) => /Content-Transfer-Encoding: base64\r\n\r\n/.test(a), true],
  ['UID FETCH 2 (BODY.PEEK[2.HEADER])', (a) => /\{\d+\}\r\nSubject: inner\r\nFrom: c@d\.test\r\n\r\n/.test(a), true],
  [
    'UID FETCH 2 (BODY.PEEK[2.TEXT])',
    (a) => /\{(\d+)\}\r\n([\s\S]*?)\)\r\n/.exec(a)?.[2] ?? /"([^"]*)"/.exec(a)?.[1],
    'inner body',
  ],
  [
    'UID FETCH 2 (BODY.PEEK[TEXT])',
    (a) => /\{(\d+)\}/.exec(a)?.[1],
    String(MULTIPART.length - MULTIPART.indexOf('\r\n\r\n') - 4),
  ],
  [
    'UID FETCH 1 (ENVELOPE)',
    (a) =>
      /"Mon, 23 Nov 2026 09:00:00 \+0000" "=\?UTF-8\?B\?5bGK44GP\?= first" \(\("Anna \(A\.\)" NIL "anna" "good\.test"\)\)/.test(
        a,
      ) && /\(\(NIL NIL "seed" "plain\.test"\)\(NIL NIL "b" "x\.test"\)\) NIL NIL NIL "<one@good\.test>"\)/.test(a),
    true,
  ],
  [
    'UID FETCH 2 (BODY)',
    (a) =>
      /BODY \(\("text" "plain" \("charset" "utf-8"\) NIL NIL "base64" 16 \d+\)\("message" "rfc822" NIL NIL NIL "7bit" \d+ \(/i.test(
        a,
      ) && /"mixed"\)/i.test(a),
    true,
  ],
  ['UID FETCH 1:2 FLAGS', (a) => a.includes('\\Seen'), false],
  ['STORE 1 +FLAGS (\\Seen)', (a) => /^NO|^OK/m.test(a) && !a.includes('\\Seen)'), true],
  [
    'STATUS INBOX (MESSAGES UNSEEN UIDNEXT)',
    (a) => [/MESSAGES 2/, /UNSEEN 2/, /UIDNEXT 3/].every((each) => each.test(a)),
    true,
  ],
  ['NOOP', (a) => /^OK/m.test(a), true],
];

describe('the same questions, the same answers', () => {
  test('to every personality and to Dovecot', async (t) => {
    for (const server of serversOf()) {
      await t.test(server.name, async () => {
        const line = await logIn(server);
        await append(line, 'INBOX', PLAIN);
        await append(line, 'INBOX', MULTIPART);
        const opened = await ask(line, 'EXAMINE INBOX');
        for (const pattern of [
          /^\* 2 EXISTS\r$/m,
          /\[UIDVALIDITY [1-9]\d*\]/,
          /\[UIDNEXT 3\]/,
          /^OK \[READ-ONLY\]/m,
          /^\* FLAGS \(/m,
        ])
          assert.match(opened, pattern);
        for (const [command, look, expected] of QUESTIONS) {
          const answer = await ask(line, command);
          assert.deepEqual(look(answer), expected, `${server.name}: ${command}\n${answer}`);
        }
        // Byte for byte, also with a body that does not end in a line end.
        for (const [uid, raw] of [
          [1, PLAIN],
          [2, MULTIPART],
        ] as const) {
          const whole = await ask(line, `UID FETCH ${uid} BODY[]`);
          const start = whole.indexOf(`{${raw.length}}\r\n`) + `{${raw.length}}\r\n`.length;
          assert.equal(whole.slice(start, start + raw.length), raw.toString('latin1'));
        }
        assert.equal((await ask(line, 'FETCH 1:2 FLAGS')).includes('\\Seen'), false, 'EXAMINE sets no flag');
        const junk = await ask(line, `EXAMINE ${server.junk}`);
        assert.match(junk, /^\* 0 EXISTS\r$/m);
        assert.match(await ask(line, 'SELECT NoSuchFolder'), /^NO/m);
        assert.match(await ask(line, 'FETCH 1 FLAGS'), /^BAD/m);
        line.send('z LOGOUT\r\n');
        assert.match(await line.rest(), /^\* BYE[\s\S]*^z OK/m);
      });
    }
    if (dovecot === null) t.diagnostic('needs dovecot: compared among the personalities only');
  });

  test('writing: flags, copies, moves, expunges', async (t) => {
    for (const server of serversOf()) {
      await t.test(server.name, async () => {
        const line = await logIn({
          ...server,
          user: server.name === 'dovecot' ? 'writer@rl.test' : server.user.replace('table', 'writer'),
        });
        const canMove = / MOVE[ \r]/.test(await ask(line, 'CAPABILITY'));
        for (const raw of [PLAIN, MULTIPART, PLAIN]) await append(line, 'INBOX', raw);
        assert.match(await ask(line, 'SELECT INBOX'), /^OK \[READ-WRITE\]/m);
        assert.match(await ask(line, 'FETCH 1 BODY[TEXT]'), /FLAGS \([^)]*\\Seen/);
        assert.match(await ask(line, 'STORE 2 +FLAGS (\\Flagged $Work)'), /^\* 2 FETCH \(.*\\Flagged.*\$Work/m);
        assert.doesNotMatch(await ask(line, 'STORE 2 -FLAGS.SILENT (\\Flagged)'), /FETCH/);
        assert.match(await ask(line, `UID COPY 1 ${server.junk}`), /^OK \[COPYUID \d+ 1 1\]/m);
        if (canMove) {
          const moved = await ask(line, `UID MOVE 1 ${server.junk}`);
          assert.match(moved, /\* OK \[COPYUID \d+ 1 2\]/);
          assert.match(moved, /^\* 1 EXPUNGE\r$/m);
        } else {
          await ask(line, 'STORE 1 +FLAGS (\\Deleted)');
          assert.match(await ask(line, 'EXPUNGE'), /^\* 1 EXPUNGE\r$/m);
        }
        await ask(line, 'UID STORE 3 +FLAGS (\\Deleted)');
        assert.match(await ask(line, 'EXPUNGE'), /^\* 2 EXPUNGE\r$/m);
        assert.match(await ask(line, 'UID SEARCH KEYWORD $Work'), /^\* SEARCH 2\r$/m);
        line.close();
      });
    }
  });
});

describe('personalities', () => {
  test('capabilities, before and after the login', async () => {
    const told: Record<string, [before: RegExp[], not: RegExp[], after: RegExp[], never: RegExp[]]> = {
      'gmail.test': [[/X-GM-EXT-1/, /SASL-IR/], [/SPECIAL-USE/], [/SPECIAL-USE/, /IDLE/, /X-GM-EXT-1/, /ESEARCH/], []],
      'outlook.test': [[/IDLE/], [], [/IDLE/, /MOVE/], [/SPECIAL-USE/, /X-GM/, /ESEARCH/]],
      'yahoo.test': [[/ID/], [/\bIDLE\b/], [/MOVE/], [/\bIDLE\b/, /SPECIAL-USE/]],
      'yahoo-japan.test': [[/IMAP4rev1/], [/\bIDLE\b/], [/UIDPLUS/], [/\bIDLE\b/, /SPECIAL-USE/, /\bMOVE\b/]],
      'plain.test': [[/IDLE/], [], [/IDLE/, /SPECIAL-USE/, /MOVE/], [/X-GM/]],
    };
    for (const [domain, [early, notYet, late, never]] of Object.entries(told)) {
      const seed = sandbox.seed(`caps@${domain}`, 'imap', 'starttls');
      const line = await dial(sandbox, seed.port, false);
      const greeting = await line.expect(/\r\n/);
      assert.match(greeting, /STARTTLS LOGINDISABLED/);
      for (const pattern of early) assert.match(greeting, pattern);
      for (const pattern of notYet) assert.doesNotMatch(greeting, pattern);
      assert.match(await ask(line, `LOGIN ${seed.user} ${seed.password}`), /^NO \[PRIVACYREQUIRED\]/m);
      assert.match(await ask(line, 'STARTTLS'), /^OK/m);
      const secure = await encrypt(sandbox, line);
      assert.doesNotMatch(await ask(secure, 'CAPABILITY'), /STARTTLS|LOGINDISABLED/);
      const login = await ask(
        secure,
        `AUTHENTICATE PLAIN ${Buffer.from(`\0${seed.user}\0${seed.password}`).toString('base64')}`,
      );
      for (const pattern of late) assert.match(login, pattern);
      for (const pattern of never) assert.doesNotMatch(login, pattern);
      secure.close();
    }
  });
  test('imapflow finds the junk folder as a client would', async () => {
    const found: Record<string, [string, string | undefined]> = {
      'gmail.test': ['[Gmail]/迷惑メール', 'extension'],
      'outlook.test': ['Junk Email', 'name'],
      'yahoo.test': ['Bulk', 'attribute only'],
      'yahoo-japan.test': ['迷惑メール', 'name'],
      'plain.test': ['Junk', 'extension'],
    };
    for (const [domain, expected] of Object.entries(found)) {
      for (const security of ['tls', 'starttls'] as const) {
        const client = await read(sandbox, sandbox.seed(`junk@${domain}`, 'imap', security));
        const folders = await client.list();
        // Yahoo says \\Junk without announcing SPECIAL-USE: imapflow keeps the attribute, but draws no conclusion from it.
        const junk = folders.find(({ specialUse, flags }) => specialUse === '\\Junk' || flags.has('\\Junk'));
        assert.deepEqual([junk?.path, junk?.specialUseSource ?? 'attribute only'], expected);
        await client.logout();
      }
    }
  });
  test('Gmail: tabs by X-GM-RAW, labels, and "All Mail" without spam', async () => {
    for (const into of ['INBOX', 'promotions', 'social', 'spam']) sandbox.deliver('labels@gmail.test', PLAIN, into);
    const client = await read(sandbox, sandbox.seed('labels@gmail.test'));
    const inbox = await client.getMailboxLock('INBOX', { readOnly: true });
    for (const [raw, uids] of [
      ['category:promotions', [2]],
      ['category:social', [3]],
      ['category:updates', []],
      ['category:primary', [1]],
      ['-category:primary', [2, 3]],
      ['rfc822msgid:one@good.test in:anywhere', [1, 2, 3]],
      ['category:promotions rfc822msgid:<one@good.test>', [2]],
      ['in:spam', []],
      ['subject:"届く first"', [1, 2, 3]],
    ] as const) {
      assert.deepEqual(await client.search({ gmraw: raw }, { uid: true }), uids, raw);
    }
    inbox.release();
    const all = await client.getMailboxLock('[Gmail]/すべてのメール', { readOnly: true });
    const messages = await client.fetchAll('1:*', { uid: true, labels: true });
    assert.deepEqual(
      messages.map(({ labels }) => [...(labels ?? [])]),
      [['\\Inbox'], ['\\Inbox'], ['\\Inbox']],
    );
    all.release();
    await client.logout();
    const stats = sandbox.stats('labels@gmail.test');
    assert.deepEqual([stats.writes, stats.selects, stats.maxConnections], [0, 0, 1]);
  });
  test('others know nothing of X-GM-RAW', async () => {
    const { user, password, port } = sandbox.seed('raw@plain.test');
    const line = await logIn({ name: '', caFile: sandbox.caFile, imaps: port, imap: 0, user, password, junk: '' });
    await ask(line, 'EXAMINE INBOX');
    assert.match(await ask(line, 'SEARCH X-GM-RAW category:promotions'), /^BAD/m);
    line.close();
  });
  test('IDLE tells of new mail, and of mail that goes', async () => {
    for (const domain of ['gmail.test', 'outlook.test', 'plain.test']) {
      const address = `idle@${domain}`;
      const client = await read(sandbox, sandbox.seed(address));
      const lock = await client.getMailboxLock('INBOX', { readOnly: true });
      const counts: number[] = [];
      client.on('exists', ({ count }: { count: number }) => counts.push(count));
      const idling = client.idle();
      await until(() => sandbox.stats(address).commands.IDLE === 1);
      sandbox.deliver(address, PLAIN);
      await until(() => counts.length === 1);
      sandbox.deliver(address, MULTIPART);
      await until(() => counts.length === 2);
      assert.deepEqual(counts, [1, 2]);
      lock.release();
      await client.logout();
      await idling;
    }
  });
  test('folders made anew: other numbers, a greater UIDVALIDITY, and open sessions are cut off', async () => {
    for (const domain of ['gmail.test', 'yahoo.test', 'plain.test']) {
      const address = `anew@${domain}`;
      const { user, password, port } = sandbox.seed(address);
      const server = { name: domain, caFile: sandbox.caFile, imaps: port, imap: 0, user, password, junk: '' };
      const uidValidity = (opened: string) => Number(/\[UIDVALIDITY (\d+)\]/.exec(opened)?.[1]);
      for (const raw of [PLAIN, MULTIPART, PLAIN]) sandbox.deliver(address, raw);
      const line = await logIn(server);
      await ask(line, 'SELECT INBOX');
      await ask(line, 'UID STORE 1 +FLAGS (\\Deleted)');
      await ask(line, 'EXPUNGE');
      const names = async () => {
        const pop3 = await dial(sandbox, sandbox.seed(address, 'pop3').port, true);
        pop3.send(`USER ${user}\r\nPASS ${password}\r\nUIDL\r\nQUIT\r\n`);
        return (await pop3.rest()).match(/^\d \w{16}$/gm);
      };
      const namesBefore = await names();
      const before = uidValidity(await ask(line, 'EXAMINE INBOX'));
      sandbox.renumber(address);
      line.send('x NOOP\r\n');
      assert.match(await line.rest(), /^\* BYE [^\n]*\r\n$/, 'nothing else is said, as with Dovecot');

      const again = await logIn(server);
      const opened = await ask(again, 'EXAMINE INBOX');
      assert.ok(uidValidity(opened) > before, `${before}: ${opened}`);
      assert.match(opened, /\[UIDNEXT 3\]/);
      assert.match(await ask(again, 'UID SEARCH ALL'), /^\* SEARCH 1 2\r$/m);
      assert.match(await ask(again, 'UID SEARCH SUBJECT second'), /^\* SEARCH 1\r$/m);
      assert.equal(namesBefore?.length, 2);
      if (domain === 'gmail.test') assert.deepEqual(await names(), namesBefore);
      else assert.ok((await names())?.every((name) => !namesBefore?.includes(name)));
      again.close();

      if (domain === 'yahoo.test') continue;
      const idle = await logIn(server);
      await ask(idle, 'EXAMINE INBOX');
      idle.send('i IDLE\r\n');
      await idle.expect(/^\+ [^\n]*\r\n/m);
      sandbox.renumber(address);
      assert.match(await idle.rest(), /^\* BYE [^\n]*\r\n$/);
      await until(() => sandbox.stats(address).connections === 0);
    }
  });
  test('NOOP tells where there is no IDLE', async () => {
    const client = await read(sandbox, sandbox.seed('noop@yahoo.test'));
    const lock = await client.getMailboxLock('INBOX', { readOnly: true });
    sandbox.deliver('noop@yahoo.test', PLAIN);
    await client.noop();
    assert.equal(client.mailbox !== false && client.mailbox.exists, 1);
    lock.release();
    await client.logout();
  });
  test('logins that fail, each in its words', async () => {
    const cases: [string, RegExp][] = [
      ['imap-down@gmail.test', /^NO \[UNAVAILABLE\]/m],
      ['imap-down@outlook.test', /^NO \[UNAVAILABLE\]/m],
      ['wrong-password@gmail.test', /^NO \[AUTHENTICATIONFAILED\] Invalid credentials/m],
      ['throttled@gmail.test', /^NO \[OVERQUOTA\]/m],
      ['throttled@yahoo.test', /^NO \[LIMIT\]/m],
      ['throttled@outlook.test', /^NO \[THROTTLED\]/m],
      ['app-password-needed@gmail.test', /^NO \[ALERT\] Application-specific password required/m],
    ];
    for (const [address, pattern] of cases) {
      const { user, password, port } = sandbox.seed(address);
      const line = await dial(sandbox, port, true);
      await line.expect(/\r\n/);
      assert.match(await ask(line, `LOGIN ${user} ${password}`), pattern);
      assert.equal(sandbox.stats(address).failedLogins, 1);
      line.close();
    }
    const { user, port } = sandbox.seed('inbox@gmail.test');
    const line = await dial(sandbox, port, true);
    await line.expect(/\r\n/);
    assert.match(await ask(line, `LOGIN ${user} wrong`), /^NO \[AUTHENTICATIONFAILED\]/m);
    assert.match(await ask(line, 'LOGIN nobody@nowhere.test x'), /^NO \[AUTHENTICATIONFAILED\]/m);
    assert.match(await ask(line, 'LOGIN inbox@plain.test sandbox-password'), /BYE[\s\S]*^NO/m);
  });
  test('a fate can come and go', async () => {
    sandbox.setFate('weather@plain.test', 'imap-down');
    const seed = sandbox.seed('weather@plain.test');
    await assert.rejects(read(sandbox, seed));
    sandbox.setFate('weather@plain.test', null);
    const client = await read(sandbox, seed);
    await client.logout();
    const { logins, failedLogins } = sandbox.stats('weather@plain.test');
    assert.deepEqual([logins, failedLogins], [1, 1]);
  });
  test('one connection too many is refused', async () => {
    const seed = sandbox.seed('crowd@plain.test');
    const clients = await Promise.all(Array.from({ length: 10 }, () => read(sandbox, seed)));
    await assert.rejects(read(sandbox, seed));
    assert.equal(sandbox.stats('crowd@plain.test').connections, 10);
    await Promise.all(clients.map((client) => client.logout()));
    await until(() => sandbox.stats('crowd@plain.test').connections === 0);
    assert.equal(sandbox.stats('crowd@plain.test').maxConnections, 10);
  });
  test('certificates nobody should trust', async () => {
    const codes: string[] = [];
    for (const port of Object.values(sandbox.badTls)) {
      await assert.rejects(
        dial(sandbox, port, true),
        (error: NodeJS.ErrnoException) => codes.push(error.code ?? '') > 0,
      );
    }
    assert.deepEqual(codes, ['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID']);
  });
});

/** Dovecot 2.3 without root: all its users are ours, all its ports free ones. */
async function startDovecot(): Promise<{ server: Server; stop(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'todoku-dovecot-'));
  const { caPem, good } = makeCertificates([], Date.now());
  const [imap, imaps] = [await freePort(), await freePort()];
  const root = process.getuid?.() === 0;
  // Dovecot's mail processes refuse to run as root: nobody does then.
  const id = root ? 65534 : (process.getuid?.() ?? 0);
  const gid = root ? 65534 : (process.getgid?.() ?? 0);
  const user = root ? 'nobody' : os.userInfo().username;
  await mkdir(path.join(folder, 'mail'), { recursive: true });
  await writeFile(path.join(folder, 'ca.pem'), caPem);
  await writeFile(path.join(folder, 'cert.pem'), good.cert);
  await writeFile(path.join(folder, 'key.pem'), good.key);
  await writeFile(path.join(folder, 'users'), 'table@rl.test:{PLAIN}pw\nwriter@rl.test:{PLAIN}pw\n');
  const service = (name: string, listeners: string) => `service ${name} {\n  chroot =\n${listeners}}\n`;
  const listener = (name: string, port: number, ssl: boolean) =>
    `  inet_listener ${name} {\n    port = ${port}\n${ssl ? '    ssl = yes\n' : ''}  }\n`;
  const group = root ? 'nogroup' : String(gid);
  await writeFile(
    path.join(folder, 'dovecot.conf'),
    `base_dir = ${folder}/run\nstate_dir = ${folder}/run\nlog_path = /dev/null\ndefault_internal_user = ${user}\ndefault_login_user = ${user}\n` +
      `default_internal_group = ${group}\nfirst_valid_uid = ${id}\nmail_uid = ${id}\nmail_gid = ${gid}\nprotocols = imap\nlisten = 127.0.0.1\nssl = yes\n` +
      `ssl_cert = <${folder}/cert.pem\nssl_key = <${folder}/key.pem\ndisable_plaintext_auth = yes\nmail_location = maildir:${folder}/mail/%u\n` +
      `mail_home = ${folder}/mail/%u\nauth_mechanisms = plain login\npassdb {\n  driver = passwd-file\n  args = ${folder}/users\n}\n` +
      `userdb {\n  driver = static\n  args = uid=${id} gid=${gid}\n}\nnamespace inbox {\n  inbox = yes\n  separator = /\n` +
      `  mailbox Junk {\n    auto = subscribe\n    special_use = \\Junk\n  }\n}\n` +
      service('anvil', '') +
      service('stats', '') +
      service('imap-login', listener('imap', imap, false) + listener('imaps', imaps, true)),
  );
  const child = await launch(folder, root ? [id, gid] : null);
  const server = {
    name: 'dovecot',
    caFile: path.join(folder, 'ca.pem'),
    imaps,
    imap,
    user: 'table@rl.test',
    password: 'pw',
    junk: 'Junk',
  };
  await until(
    () =>
      new Promise<boolean>((done) => {
        const socket = net.connect(imaps, '127.0.0.1');
        socket.on('connect', () => done(socket.destroy() !== undefined));
        socket.on('error', () => done(false));
      }),
  );
  return {
    server,
    async stop() {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string, as: [number, number] | null): Promise<ChildProcess> {
  if (as !== null) {
    const { chown } = await import('node:fs/promises');
    for (const name of ['', 'mail', 'ca.pem', 'cert.pem', 'key.pem', 'users', 'dovecot.conf'])
      await chown(path.join(folder, name), ...as);
  }
  return spawn(DOVECOT, ['-c', path.join(folder, 'dovecot.conf'), '-F'], {
    stdio: 'ignore',
    ...(as === null ? {} : { uid: as[0], gid: as[1] }),
  });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = net.createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? done(address.port) : fail(new Error('no port')),
      );
    });
  });
}
