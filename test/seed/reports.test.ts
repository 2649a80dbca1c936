/** Delivery reports come in heaps when a run goes wrong: one look hands back a part, says that there is more, and nothing is left out or handed back twice. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { READ_LIMITS } from '../../server/seed/limits.ts';
import { type LookAnswer, openSeed, type SeedSession } from '../../server/seed/session.ts';
import { failureReport } from '../probe/reports.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

const report = (name: string) =>
  failureReport({ token: name, messageId: `${name}@good.test`, recipient: 'nobody@plain.test' });
const mail = (token: string) => Buffer.from(`X-Todoku-Probe: ${token}\r\nSubject: x\r\n\r\nhello\r\n`);
const named = ({ header }: { header: Buffer }) => /^Message-ID: <report-(\w+)@/m.exec(header.toString())?.[1] ?? '';

async function open(address: string, protocol: 'imap' | 'pop3'): Promise<SeedSession> {
  const session = await openSeed(sandbox.seed(address, protocol), 'dovecot', null, {
    allowedNetworks: ['127.0.0.0/8'],
    extraCa: readFileSync(sandbox.caFile, 'utf8'),
    now: Date.now,
  });
  assert.ok(!('failure' in session), JSON.stringify(session));
  return session;
}

/** Looks until there is no more. @returns what was handed back, look by look, and where the next look goes on */
async function lookThrough(session: SeedSession, cursor: string | null, tokens: string[] = [], reports = true) {
  const looks: LookAnswer[] = [];
  let at = cursor;
  for (;;) {
    const answer = await session.look({
      folder: 'INBOX',
      tokens,
      messageIds: tokens.map(() => ''),
      since: Date.now() - 60_000,
      cursor: at,
      reports,
    });
    assert.ok(!('failure' in answer), JSON.stringify(answer));
    looks.push(answer);
    at = answer.cursor;
    if (!answer.more) return { looks, cursor: at, reports: looks.flatMap((look) => look.reports.map(named)) };
    assert.ok(looks.length < 20, 'there is always more');
  }
}

for (const protocol of ['imap', 'pop3'] as const)
  test(`over ${protocol} sixty reports among other mail are handed back once each`, async () => {
    const address = `reports-${protocol}@plain.test`;
    const expected: string[] = [];
    const deliver = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        expected.push(`r${i}`);
        sandbox.deliver(address, mail(`other${i}`));
        sandbox.deliver(address, report(`r${i}`));
      }
    };
    deliver(0, 45);
    const session = await open(address, protocol);
    const first = await lookThrough(session, null, ['other0']);
    assert.ok(first.looks.every((look) => look.reports.length <= READ_LIMITS.reports));
    assert.deepEqual([...first.reports].sort(), [...expected].sort());
    deliver(45, 105);
    const second = await lookThrough(session, first.cursor, ['other0', 'other104']);
    assert.deepEqual([...first.reports, ...second.reports].sort(), [...expected].sort());
    assert.ok(second.looks.some((look) => look.found.some(({ token }) => token === 'other104')));
    // A new token is searched for in all of the folder: that makes no report new.
    const third = await lookThrough(session, second.cursor, ['other3', 'nowhere']);
    assert.deepEqual(third.reports, []);
    await session.close();
  });

test('the first look into a mailbox that has no probes of its own finds the reports that are there', async () => {
  for (const protocol of ['imap', 'pop3'] as const) {
    const address = `return-${protocol}@plain.test`;
    for (let i = 0; i < 25; i++) sandbox.deliver(address, report(`b${i}`));
    const session = await open(address, protocol);
    const { reports } = await lookThrough(session, null);
    assert.equal(new Set(reports).size, 25);
    await session.close();
  }
});

test('a look that is for probes alone hands back no reports', async () => {
  for (const protocol of ['imap', 'pop3'] as const) {
    const address = `unasked-${protocol}@plain.test`;
    for (let i = 0; i < 30; i++) sandbox.deliver(address, report(`u${i}`));
    sandbox.deliver(address, mail('here'));
    const session = await open(address, protocol);
    const { looks, reports } = await lookThrough(session, null, ['here'], false);
    assert.deepEqual([looks.length, reports.length, looks[0]?.found.length], [1, 0, 1]);
    await session.close();
  }
});
