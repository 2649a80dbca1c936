/** The same promises on a real Dovecot, over IMAP and POP3, with implicit TLS and after STARTTLS. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkSeed } from '../../server/seed/check.ts';
import { type LookAnswer, openSeed, type ReadOptions, type SeedSession } from '../../server/seed/session.ts';
import type { SeedRoute } from '../../server/seed/types.ts';
import { type Dovecot, PASSWORD, startDovecot } from './dovecot.ts';

const here = ['/usr/sbin/dovecot', '/usr/local/sbin/dovecot', '/usr/bin/dovecot'].some(existsSync);

describe('a real Dovecot', { skip: here ? false : 'needs dovecot' }, () => {
  let dovecot: Dovecot;
  before(async () => {
    const started = await startDovecot();
    assert.ok(started);
    dovecot = started;
  });
  after(() => dovecot?.stop());

  const options = (): ReadOptions => ({
    allowedNetworks: ['127.0.0.0/8', '::1/128'],
    extraCa: dovecot.ca,
    now: Date.now,
    maxMessageBytes: 100_000,
  });
  const route = (
    user: string,
    protocol: SeedRoute['protocol'] = 'imap',
    security: SeedRoute['security'] = 'tls',
  ): SeedRoute => {
    const name = `${protocol}${security === 'tls' ? 's' : ''}` as keyof Dovecot['ports'];
    return {
      protocol,
      host: '127.0.0.1',
      port: dovecot.ports[name],
      security,
      user: `${user}@seed.test`,
      password: PASSWORD,
    };
  };
  const open = async (to: SeedRoute): Promise<SeedSession> => {
    const session = await openSeed(to, 'dovecot', null, options());
    assert.ok(!('failure' in session), JSON.stringify(session));
    return session;
  };
  const look = async (
    session: SeedSession,
    folder: string,
    tokens: string[],
    cursor: string | null = null,
  ): Promise<LookAnswer> => {
    const messageIds = tokens.map((token) => `<${token}@sender.test>`);
    const answer = await session.look({ folder, tokens, messageIds, since: Date.now() - 60_000, cursor });
    assert.ok(!('failure' in answer), JSON.stringify(answer));
    return answer;
  };
  const mail = (token: string, body = 'hello\r\n') =>
    `Received: from x by y; Mon, 1 Nov 2026 00:00:00 +0000\r\nX-Todoku-Probe:\r\n ${token.toUpperCase()}\r\nMessage-ID: <${token}@sender.test>\r\nSubject: another token\r\n\r\n${body}`;

  test('every way in is a readable seed, and a wrong password is one', async () => {
    dovecot.deliver('one', '迷惑メール', mail('aaa'));
    for (const [protocol, security] of [
      ['imap', 'tls'],
      ['imap', 'starttls'],
      ['pop3', 'tls'],
      ['pop3', 'starttls'],
    ] as const) {
      const check = await checkSeed(route('one', protocol, security), 'dovecot', null, options());
      assert.equal(check.reason, 'readable');
      assert.match(check.tls?.version ?? '', /^TLSv1\.[23]$/);
      assert.ok((check.tls?.certificateExpires ?? 0) > Date.now());
      assert.deepEqual(check.junk, protocol === 'imap' ? { path: '迷惑メール', source: 'name' } : null);
      assert.deepEqual(check.warnings, protocol === 'imap' ? [] : ['pop3-inbox-only']);
      const wrong = await checkSeed(
        { ...route('one', protocol, security), password: 'not this one' },
        'dovecot',
        null,
        options(),
      );
      assert.equal(wrong.reason, 'wrong-password');
    }
  });

  test('reading changes nothing', async () => {
    dovecot.deliver('two', '', mail('bbb'));
    dovecot.deliver('two', 'Junk', mail('ccc'));
    // Dovecot moves new mail from new/ to cur/ and numbers it when a folder is first opened: that is before.
    for (const protocol of ['imap', 'pop3'] as const) {
      const first = await open(route('two', protocol));
      for (const { path } of first.folders) await look(first, path, ['zzz']);
      await first.close();
    }
    const state = () => [
      ...dovecot.files('two', ''),
      '|',
      ...dovecot.files('two', 'Junk'),
      '|',
      readFileSync(join(dovecot.folderPath('two', ''), 'dovecot-uidlist'), 'latin1'),
    ];
    const was = state();
    for (const to of [route('two'), route('two', 'pop3')]) {
      const session = await open(to);
      for (const { path } of session.folders) await look(session, path, ['bbb', 'ccc']);
      await session.close();
    }
    assert.deepEqual(state(), was);
    assert.ok(
      was.every((name) => !/:2,.*S/.test(name)),
      'nothing is marked as read',
    );
  });

  test('found by header, by Message-ID, folded and in any case; never by subject', async () => {
    dovecot.deliver('three', '', mail('ddd'));
    dovecot.deliver(
      'three',
      '',
      'Message-ID: <EEE@sender.test>\r\nSubject: x\r\n\r\nthe header was dropped on the way\r\n',
    );
    dovecot.deliver('three', '', 'Message-ID: <f@x>\r\nSubject: fff\r\n\r\nX-Todoku-Probe: fff\r\n');
    dovecot.deliver('three', '', mail('ggg', 'x'.repeat(70).concat('\r\n').repeat(3_000)));
    const report = 'multipart/report; report-type=delivery-status; boundary=b';
    dovecot.deliver('three', '', `Content-Type: ${report}\r\nSubject: Undelivered\r\n\r\n--b--\r\n`);
    for (const protocol of ['imap', 'pop3'] as const) {
      const session = await open(route('three', protocol));
      const { found, reports } = await look(session, 'INBOX', ['ddd', 'eee', 'fff', 'ggg']);
      assert.deepEqual(found.map(({ token }) => token).sort(), ['ddd', 'eee', 'ggg'], protocol);
      const byToken = new Map(found.map(({ token, message }) => [token, message]));
      assert.equal(byToken.get('ddd')?.raw?.toString(), mail('ddd'));
      assert.equal(byToken.get('ddd')?.header.toString(), mail('ddd', ''));
      assert.equal(byToken.get('ggg')?.raw, null, 'over the limit: header only');
      assert.equal(byToken.get('ggg')?.header.toString(), mail('ggg', ''));
      assert.equal(reports.length, 1);
      await session.close();
    }
  });

  test('later looks see what is new, each copy once, and follow a message that moves', async () => {
    for (const protocol of ['imap', 'pop3'] as const) {
      const token = `move-${protocol}`;
      const session = await open(route('one', protocol));
      let { cursor, found } = await look(session, 'INBOX', [token]);
      assert.deepEqual(found, []);
      const file = dovecot.deliver('one', '', mail(token));
      ({ cursor, found } = await look(session, 'INBOX', [token], cursor));
      assert.deepEqual(
        found.map((one) => one.token),
        [token],
      );
      ({ cursor, found } = await look(session, 'INBOX', [token], cursor));
      assert.deepEqual(found, [], 'seen before');
      // A token that was not asked for before is looked for among what is there already.
      dovecot.deliver('one', '', mail(`late-${protocol}`));
      ({ cursor, found } = await look(session, 'INBOX', [token], cursor));
      ({ cursor, found } = await look(session, 'INBOX', [token, `late-${protocol}`], cursor));
      assert.deepEqual(
        found.map((one) => one.token).filter((one) => one !== token),
        [`late-${protocol}`],
      );
      if (protocol === 'imap') {
        const junk = await look(session, '迷惑メール', [token]);
        assert.deepEqual(junk.found, []);
        // As another mail program moves it: a new file there, gone here.
        for (const sub of ['cur', 'new']) {
          const from = join(dovecot.folderPath('one', ''), sub);
          for (const name of readdirSync(from).filter((one) => one.startsWith(file))) {
            renameSync(join(from, name), join(dovecot.folderPath('one', '迷惑メール'), 'new', file));
          }
        }
        const moved = await look(session, '迷惑メール', [token], junk.cursor);
        assert.deepEqual(
          moved.found.map((one) => [one.token, one.message.role]),
          [[token, 'junk']],
        );
      }
      await session.close();
    }
  });

  test('a folder made anew (UIDVALIDITY) is searched anew', async () => {
    dovecot.deliver('two', 'Other', mail('hhh'));
    const session = await open(route('two'));
    const first = await look(session, 'Other', ['hhh']);
    assert.equal(first.found.length, 1);
    const list = join(dovecot.folderPath('two', 'Other'), 'dovecot-uidlist');
    writeFileSync(list, readFileSync(list, 'latin1').replace(/ V\d+/, ' V2000000000'), 'latin1');
    for (const file of readdirSync(dovecot.folderPath('two', 'Other'))) {
      if (file.startsWith('dovecot.index')) rmSync(join(dovecot.folderPath('two', 'Other'), file));
    }
    // A session that had it open is cut off.
    const cut = await session.look({
      folder: 'Other',
      tokens: ['hhh'],
      messageIds: [''],
      since: 0,
      cursor: first.cursor,
    });
    assert.equal('failure' in cut && cut.failure.reason, 'connection-lost');
    const again = await open(route('two'));
    const second = await look(again, 'Other', ['hhh'], first.cursor);
    assert.equal(second.found.length, 1, 'found again in the new generation');
    assert.notEqual(second.found[0]?.message.uidValidity, first.found[0]?.message.uidValidity);
    await again.close();
  });

  test('IDLE tells of news, an abort ends a wait, and a look goes before it', async () => {
    const session = await open(route('three'));
    assert.equal(session.canWait, true);
    const { cursor } = await look(session, 'INBOX', ['iii']);
    const news = session.waitForNews(Date.now() + 20_000, new AbortController().signal);
    setTimeout(() => dovecot.deliver('three', '', mail('iii')), 50);
    assert.equal(await news, 'news');
    assert.equal((await look(session, 'INBOX', ['iii'], cursor)).found.length, 1);
    // What came between a look and the wait is news at once.
    dovecot.deliver('three', '', mail('jjj'));
    assert.equal(await session.waitForNews(Date.now() + 20_000, new AbortController().signal), 'news');
    await look(session, 'INBOX', ['jjj']);
    const abort = new AbortController();
    const aborted = session.waitForNews(Date.now() + 20_000, abort.signal);
    abort.abort();
    assert.equal(await aborted, 'timeout');
    const interrupted = session.waitForNews(Date.now() + 20_000, new AbortController().signal);
    assert.equal((await look(session, 'INBOX', ['jjj'])).found.length, 1);
    assert.equal(await interrupted, 'timeout');
    assert.equal(await session.waitForNews(Date.now() - 1, new AbortController().signal), 'timeout');
    await session.close();
    assert.equal(await session.waitForNews(Date.now() + 20_000, new AbortController().signal), 'closed');
    const late = await session.look({ folder: 'INBOX', tokens: [], messageIds: [], since: 0, cursor: null });
    assert.equal('failure' in late && late.failure.reason, 'connection-lost');
  });
});
