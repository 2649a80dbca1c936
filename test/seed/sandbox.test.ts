/** Providers' habits that no server on Debian has: Gmail's tabs, labels and Japanese folders, Yahoo without IDLE, POP3 without spam. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { checkSeed } from '../../server/seed/check.ts';
import { foldersToLookInto } from '../../server/seed/folders.ts';
import { openSeed, type ReadOptions } from '../../server/seed/session.ts';
import type { ProviderId } from '../../server/seed/types.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

const options = (): ReadOptions => ({
  allowedNetworks: ['127.0.0.0/8'],
  extraCa: readFileSync(sandbox.caFile, 'utf8'),
  now: Date.now,
  timeouts: { open: 5_000, look: 5_000 },
});
const mail = (token: string) =>
  Buffer.from(`X-Todoku-Probe: ${token}\r\nMessage-ID: <${token}@x.test>\r\nSubject: x\r\n\r\nhello\r\n`);

/** Where each token is found, as `folder role tab`, in all folders worth looking into. */
async function whereabouts(
  address: string,
  provider: ProviderId,
  tokens: string[],
  protocol: 'imap' | 'pop3' = 'imap',
) {
  const session = await openSeed(sandbox.seed(address, protocol), provider, null, options());
  assert.ok(!('failure' in session), JSON.stringify(session));
  const places: Record<string, string[]> = {};
  for (const { path } of foldersToLookInto(session.folders)) {
    const answer = await session.look({
      folder: path,
      tokens,
      messageIds: tokens.map(() => ''),
      since: Date.now() - 60_000,
      cursor: null,
    });
    assert.ok(!('failure' in answer), JSON.stringify(answer));
    for (const { token, message } of answer.found) {
      places[token] = [...(places[token] ?? []), `${message.folder} ${message.role} ${message.tab}`];
      assert.equal(message.raw?.toString(), mail(token).toString());
    }
  }
  await session.close();
  return places;
}

test('Gmail: tabs, a Japanese Junk, and All Mail that does not count INBOX twice', async () => {
  const address = 'tabs-reader@gmail.test';
  sandbox.deliver(address, mail('primary'));
  for (const place of ['promotions', 'social', 'updates', 'forums', 'spam'])
    sandbox.deliver(address, mail(place), place);
  const before = [...sandbox.folders(address)].map(([path, messages]) => [
    path,
    messages.map(({ flags }) => [...flags]),
  ]);
  const places = await whereabouts(address, 'gmail', ['primary', 'promotions', 'social', 'updates', 'forums', 'spam']);
  for (const tab of ['primary', 'promotions', 'social', 'updates', 'forums'])
    assert.deepEqual(places[tab], [`INBOX inbox ${tab}`]);
  assert.deepEqual(places.spam, ['[Gmail]/迷惑メール junk null']);
  assert.deepEqual(
    [...sandbox.folders(address)].map(([path, messages]) => [path, messages.map(({ flags }) => [...flags])]),
    before,
  );
  const check = await checkSeed(sandbox.seed(address), 'gmail', null, options());
  assert.deepEqual(check.junk, { path: '[Gmail]/迷惑メール', source: 'special-use' });
  assert.deepEqual(check.warnings, []);
});

test('reading writes nothing, opens nothing for writing, and takes one connection', async () => {
  for (const protocol of ['imap', 'pop3'] as const) {
    const address = `still-${protocol}@gmail.test`;
    sandbox.deliver(address, mail('still'));
    await whereabouts(address, 'gmail', ['still', 'absent'], protocol);
    const { writes, selects, maxConnections, connections } = sandbox.stats(address);
    assert.deepEqual(
      { writes, selects, maxConnections, connections },
      { writes: 0, selects: 0, maxConnections: 1, connections: 0 },
    );
  }
});

test('a session without IDLE outlasts a long wait', async () => {
  const address = 'patient@yahoo.test';
  const quick = { ...options(), timeouts: { silence: 200, open: 2_000, look: 2_000 } };
  for (const protocol of ['imap', 'pop3'] as const) {
    const session = await openSeed(sandbox.seed(address, protocol), 'yahoo', null, quick);
    assert.ok(!('failure' in session), JSON.stringify(session));
    assert.equal(session.canWait, false);
    const ask = { folder: 'INBOX', tokens: [`patient-${protocol}`], messageIds: [''], since: 0 };
    const first = await session.look({ ...ask, cursor: null });
    assert.ok(!('failure' in first));
    sandbox.deliver(address, mail(`patient-${protocol}`));
    assert.equal(await session.waitForNews(Date.now() + 1_000, new AbortController().signal), 'timeout');
    const second = await session.look({ ...ask, cursor: first.cursor });
    assert.ok(!('failure' in second), JSON.stringify(second));
    assert.equal(second.found.length, 1);
    await session.close();
  }
});

test('a copy is handed back once, and not again because another token is searched for', async () => {
  for (const protocol of ['imap', 'pop3'] as const) {
    const address = `once-${protocol}@plain.test`;
    sandbox.deliver(address, mail('first'));
    const session = await openSeed(sandbox.seed(address, protocol), 'dovecot', null, options());
    assert.ok(!('failure' in session), JSON.stringify(session));
    const look = async (tokens: string[], cursor: string | null) => {
      const ask = { folder: 'INBOX', tokens, messageIds: tokens.map(() => ''), since: 0, cursor };
      const answer = await session.look(ask);
      assert.ok(!('failure' in answer), JSON.stringify(answer));
      return { found: answer.found.map(({ token }) => token), cursor: answer.cursor };
    };
    const one = await look(['first'], null);
    const two = await look(['first', 'second'], one.cursor);
    sandbox.deliver(address, mail('second'));
    sandbox.deliver(address, mail('first'));
    const three = await look(['first', 'second'], two.cursor);
    assert.deepEqual([one.found, two.found, three.found], [['first'], [], ['second', 'first']]);
    const afresh = await look(['first', 'second'], null);
    assert.deepEqual(new Set(afresh.found), new Set(['first', 'second']));
    await session.close();
  }
});

test('POP3 sees the inbox and nothing else', async () => {
  const address = 'pop-reader@gmail.test';
  sandbox.deliver(address, mail('inboxed'));
  sandbox.deliver(address, mail('spammed'), 'spam');
  assert.deepEqual(await whereabouts(address, 'gmail', ['inboxed', 'spammed'], 'pop3'), {
    inboxed: ['INBOX inbox null'],
  });
});

test('Yahoo tells nothing by itself; Outlook and others have their Junk', async () => {
  const yahoo = await checkSeed(sandbox.seed('reader@yahoo.test'), 'yahoo', null, options());
  assert.deepEqual(yahoo.warnings, ['no-idle', 'search-unreliable']);
  assert.equal(yahoo.junk?.path, yahoo.folders.find(({ role }) => role === 'junk')?.path);
  const outlook = await checkSeed(sandbox.seed('reader@outlook.test'), 'outlook', null, options());
  assert.ok(outlook.junk);
  assert.deepEqual(outlook.warnings, ['search-unreliable']);
});

test('where SEARCH misses messages their headers are compared here, and nothing is searched', async () => {
  for (const [address, provider] of [
    ['unsearched@yahoo.test', 'yahoo'],
    ['unsearched@outlook.test', 'outlook'],
  ] as const) {
    for (let i = 0; i < 120; i++) sandbox.deliver(address, mail(`other${i}`));
    assert.deepEqual(await whereabouts(address, provider, ['other0']), { other0: ['INBOX inbox null'] });
    assert.equal(sandbox.stats(address).commands['UID SEARCH'], undefined);
  }
});

test('eight checks of one account at once are one: one connection, one answer', async () => {
  for (const protocol of ['imap', 'pop3'] as const) {
    const address = `many-checks-${protocol}@plain.test`;
    const seed = sandbox.seed(address, protocol);
    const checks = await Promise.all(Array.from({ length: 8 }, () => checkSeed(seed, 'dovecot', null, options())));
    for (const check of checks) assert.deepEqual([check.ok, check], [true, checks[0]]);
    const { maxConnections, logins } = sandbox.stats(address);
    assert.deepEqual([maxConnections, logins], [1, 1]);
  }
});

test('checks of one account with other settings come one after the other, each with its own answer', async () => {
  const address = 'other-settings@plain.test';
  const seed = sandbox.seed(address);
  const [first, wrong, chosen] = await Promise.all([
    checkSeed(seed, 'dovecot', null, options()),
    checkSeed({ ...seed, password: 'not this one' }, 'dovecot', null, options()),
    checkSeed(seed, 'dovecot', 'Newsletters', options()),
  ]);
  assert.deepEqual([first.junk?.path, wrong.reason, chosen.junk?.path], ['Junk', 'wrong-password', 'Newsletters']);
  assert.equal(sandbox.stats(address).maxConnections, 1);
  await checkSeed(seed, 'dovecot', null, options());
  assert.equal(sandbox.stats(address).logins, 3, 'a later check asks anew');
});

test('accounts that cannot be read say why', async () => {
  const down = await checkSeed(sandbox.seed('imap-down@gmail.test'), 'gmail', null, options());
  assert.equal(down.ok, false);
  assert.notEqual(down.reason, 'protocol-error');
  const { expired, selfSigned, wrongHost } = sandbox.badTls;
  for (const [port, reason] of [
    [expired, 'certificate-expired'],
    [selfSigned, 'certificate-untrusted'],
    [wrongHost, 'certificate-wrong-host'],
  ] as const) {
    const seed = { ...sandbox.seed('reader@gmail.test'), port, security: 'tls' as const };
    assert.equal((await checkSeed(seed, 'gmail', null, options())).reason, reason);
  }
});
