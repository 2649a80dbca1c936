/** You send, we watch: a second program sends the campaign by its own system, and Todoku finds the copies in its seeds and audits the first. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import nodemailer from 'nodemailer';
import type { AuditJson } from '../../server/api/json/audits.ts';
import type { CampaignJson, WatchJson } from '../../server/api/json/campaigns.ts';
import { newsletter, waitForAudit } from './campaign-world.ts';
import { addSeed, startWorld, type World } from './world.ts';

/** The user's own system: it knows nothing of Todoku. */
async function sendElsewhere(world: World, raw: Buffer, to: string[]): Promise<void> {
  const { smtp, fromAddress } = await world.sandbox.sender('good.test');
  const transport = nodemailer.createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.security === 'tls',
    tls: { rejectUnauthorized: false },
    ...(smtp.user ? { auth: { user: smtp.user, pass: smtp.password } } : {}),
  });
  for (const one of to) await transport.sendMail({ envelope: { from: fromAddress, to: one }, raw });
  transport.close();
}

async function waitForWatch(world: World, id: string, seen: number): Promise<WatchJson> {
  const until = Date.now() + 40_000;
  for (;;) {
    const watch = await world.call<WatchJson>('GET', `/api/watches/${id}`);
    if (watch.seenCount >= seen) return watch;
    assert.ok(Date.now() < until, JSON.stringify(watch.seeds));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('watching', () => {
  let world: World;
  let inbox: string;
  let spam: string;
  let pop: string;
  let silent: string;
  before(async () => {
    world = await startWorld();
    inbox = await addSeed(world, 'inbox@gmail.test');
    spam = await addSeed(world, 'spam@outlook.test');
    pop = await addSeed(world, 'inbox@plain.test', 'pop3');
    silent = await addSeed(world, 'inbox@yahoo.test');
  });
  after(() => world.stop());

  const campaignToWatch = () => world.call<CampaignJson>('POST', '/api/campaigns', { name: 'Summer' });
  const places = (audit: AuditJson) =>
    Object.fromEntries(
      (audit.result?.placement?.landings ?? []).map((one) => [one.seedId, one.placement?.kind ?? one.reason]),
    );

  test('by a token in the header: from the first copy to the verdict', async () => {
    const campaign = await campaignToWatch();
    assert.deepEqual([campaign.source, campaign.size], ['watch', null]);
    const watch = await world.call<WatchJson>('POST', `/api/campaigns/${campaign.id}/watches`, {
      seedIds: [inbox, spam, pop, silent],
      windowSeconds: 600,
    });
    assert.deepEqual(watch.seedList.split('\n').length, 4);
    const list = await fetch(`${world.todoku.url}/api/watches/${watch.id}/seed-list`, {
      headers: { authorization: `Bearer ${world.token}` },
    });
    assert.match(await list.text(), /^email,provider\r\n(?:[^,]+@[^,]+,[a-z-]+\r\n){4}$/);
    const waiting = await world.call<AuditJson>('GET', `/api/audits/${watch.auditId}`);
    assert.deepEqual([waiting.state, waiting.result], ['watching', null]);

    const raw = newsletter('news@good.test', { header: watch.header ?? '' });
    await sendElsewhere(world, raw, ['inbox@gmail.test', 'spam@outlook.test', 'inbox@plain.test']);
    const seen = await waitForWatch(world, watch.id, 3);
    assert.deepEqual(
      seen.seeds.map(({ address, seen: was, placement, reason }) => [address, was, placement?.kind ?? reason]).sort(),
      [
        ['inbox@gmail.test', true, 'inbox'],
        ['inbox@plain.test', true, 'inbox'],
        ['inbox@yahoo.test', false, 'watched'],
        ['spam@outlook.test', true, 'spam'],
      ],
    );
    const tested = await waitForAudit(world, watch.auditId, ({ state }) => state === 'testing');
    assert.equal(tested.result?.placement?.state, 'open');
    assert.equal(tested.result?.verdict === 'go', false);
    await world.call('DELETE', `/api/watches/${watch.id}`);
    const audit = await waitForAudit(world, watch.auditId);
    // Nobody knows whether anything was sent to the fourth: it is not seen, and in no rate.
    assert.deepEqual(places(audit), { [inbox]: 'inbox', [spam]: 'spam', [pop]: 'inbox', [silent]: 'not-seen' });
    const { campaign: arm } = audit.result?.placement ?? {};
    assert.deepEqual([arm?.mails, arm?.decided, arm?.unknown, arm?.missing.count], [4, 3, 1, 0]);
    // The copy is the mail as it really left: signed, from a real address.
    assert.deepEqual(audit.result?.authentication.holds, { spf: true, dkim: true, dmarc: true });
    assert.equal(audit.result?.message.subject, 'The summer catalogue');
    const landed = audit.result?.placement?.landings.find(({ seedId }) => seedId === inbox);
    assert.ok(landed && (landed.delayMs ?? 0) < 30_000 && landed.sentAt !== null);
  });

  const WAYS: [name: string, recognise: object | null, mail: (token: string) => Buffer][] = [
    ['a token in the subject', null, (token) => newsletter('news@good.test', { subject: `Catalogue ${token}` })],
    ['a token in the text', null, (token) => newsletter('news@good.test', { body: ` (${token})` })],
    [
      'a header that the system sets',
      { by: 'header', name: 'X-Campaign-ID', value: 'Summer-42' },
      () => newsletter('news@good.test', { header: 'X-Campaign-ID: summer-42; list=7' }),
    ],
    [
      'From and subject',
      { by: 'from', from: 'good.test', subject: '夏のカタログ' },
      () =>
        newsletter('news@good.test', {
          subject: `=?UTF-8?B?${Buffer.from('【新着】夏のカタログ').toString('base64')}?=`,
        }),
    ],
  ];
  for (const [name, recognise, mail] of WAYS)
    test(`by ${name}, over IMAP and POP3`, async () => {
      const campaign = await campaignToWatch();
      const watch = await world.call<WatchJson>('POST', `/api/campaigns/${campaign.id}/watches`, {
        seedIds: [inbox, spam, pop],
        windowSeconds: 300,
        ...(recognise === null ? {} : { recognise }),
      });
      await sendElsewhere(world, newsletter('news@good.test', { subject: 'Something else' }), ['spam@outlook.test']);
      await sendElsewhere(world, mail(watch.token ?? ''), [
        'inbox@gmail.test',
        'spam@outlook.test',
        'inbox@plain.test',
      ]);
      await waitForWatch(world, watch.id, 3);
      // With the last seed the watch is over.
      const audit = await waitForAudit(world, watch.auditId);
      assert.deepEqual([audit.state, places(audit)], ['done', { [inbox]: 'inbox', [spam]: 'spam', [pop]: 'inbox' }]);
    });

  const RIVALS: [name: string, loser: object, winner: object | null, mail: (token: string) => Buffer][] = [
    [
      'a token in the text goes before From',
      { by: 'from', from: 'good.test', subject: 'rival one' },
      null,
      (token) => newsletter('news@good.test', { subject: 'Rival one', body: ` (${token})` }),
    ],
    [
      'a header goes before From and subject',
      { by: 'from', from: 'good.test', subject: 'rival two' },
      { by: 'header', name: 'X-job', value: '91' },
      () => newsletter('news@good.test', { subject: 'Rival two', header: 'X-job: 91' }),
    ],
    [
      'of two alike the newer one',
      { by: 'header', name: 'X-job', value: '92' },
      { by: 'header', name: 'X-job', value: '92' },
      () => newsletter('news@good.test', { header: 'X-job: 92' }),
    ],
  ];
  for (const [name, loses, wins, mail] of RIVALS)
    test(`two watches that fit one mail: ${name}, and the other says so`, async () => {
      const open = async (recognise: object | null): Promise<WatchJson> => {
        const campaign = await campaignToWatch();
        return world.call<WatchJson>('POST', `/api/campaigns/${campaign.id}/watches`, {
          seedIds: [inbox, pop],
          windowSeconds: 300,
          ...(recognise === null ? {} : { recognise }),
        });
      };
      const loser = await open(loses);
      const winner = await open(wins);
      await sendElsewhere(world, mail(winner.token ?? ''), ['inbox@gmail.test', 'inbox@plain.test']);
      await waitForWatch(world, winner.id, 2);
      assert.equal((await world.call<WatchJson>('GET', `/api/watches/${loser.id}`)).seenCount, 0);
      await world.call('DELETE', `/api/watches/${loser.id}`);
      const ended = await world.call<WatchJson>('GET', `/api/watches/${loser.id}`);
      assert.deepEqual(
        ended.seeds.map(({ reason }) => reason),
        ['counted-elsewhere', 'counted-elsewhere'],
      );
    });

  test('nothing that came before, or from others, is taken for it; and nothing seen is said so, across a restart', async () => {
    await sendElsewhere(world, newsletter('news@good.test', { header: 'X-job: 77' }), ['spam@outlook.test']);
    const campaign = await campaignToWatch();
    const watch = await world.call<WatchJson>('POST', `/api/campaigns/${campaign.id}/watches`, {
      seedIds: [spam],
      windowSeconds: 30,
      recognise: { by: 'header', name: 'X-job', value: '78' },
    });
    await world.restart();
    const open = await world.call<WatchJson>('GET', `/api/watches/${watch.id}`);
    assert.deepEqual([open.state, open.seenCount], ['open', 0]);
    const audit = await waitForAudit(world, watch.auditId);
    assert.deepEqual([audit.state, audit.refusal], ['refused', 'nothing-seen']);
    const closed = await world.call<WatchJson>('GET', `/api/watches/${watch.id}`);
    assert.deepEqual([closed.state, closed.seeds.map(({ reason }) => reason)], ['closed', ['not-seen']]);
  });
});
