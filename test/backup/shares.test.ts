/** Links to reports across a restore: what was withdrawn, or ran out, opens nothing again, whatever the backup says. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDatabase } from '../../db/open.ts';
import type { AuditJson, NewShareJson, SharesJson } from '../../server/api/json/audits.ts';
import type { NewBackupJson } from '../../server/api/json/backups.ts';
import type { CampaignJson } from '../../server/api/json/campaigns.ts';
import { createVerifier } from '../../server/authentication/verify.ts';
import { hangDoorIn } from '../../server/backup/restore.ts';
import { createAuditing } from '../../server/campaign/work.ts';
import { asPage, type House, openHouse, setPassword } from '../api/house.ts';

const DAY_MS = 86_400_000;
/** Without links, so that nobody is asked. */
const MAIL = 'From: Shop <news@good.test>\r\nSubject: Hello\r\nContent-Type: text/plain\r\n\r\nA few words.\r\n';
let house: House;
let cookie: string;
before(async () => {
  house = await openHouse({ TODOKU_DNS_SERVERS: '127.0.0.1:9' });
  cookie = await setPassword(house);
});
after(() => house.close());

async function audited(): Promise<string> {
  const headers = { authorization: `Bearer ${house.token}`, 'content-type': 'message/rfc822' };
  const { json: campaign } = await house.raw<CampaignJson>('POST', '/api/campaigns', headers, MAIL);
  const { id } = (await house.api<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, {})).json;
  const verifier = createVerifier({ dnsServers: ['127.0.0.1:9'], threads: 1 });
  const auditing = createAuditing(house.todoku.app, { instance: 'test', verifier, alive: () => ['test'] });
  for (let tries = 0; tries < 400; tries++) {
    await auditing.workDue();
    if ((await house.api<AuditJson>('GET', `/api/audits/${id}`)).json.state === 'done') break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await Promise.all([auditing.close(), verifier.close()]);
  return id;
}

const share = async (audit: string, days: number): Promise<NewShareJson> => {
  const body = { name: 'Client', language: 'en', days };
  const made = await asPage<NewShareJson>(house, cookie, 'POST', `/api/audits/${audit}/shares`, body);
  assert.equal(made.status, 201, made.text);
  return made.json;
};
const opens = async ({ path }: NewShareJson): Promise<number> => (await house.raw('GET', path, {})).status;

test('revoked stays revoked, what ran out stays so, and the link of an audit that is not there any more opens nothing', async () => {
  const audit = await audited();
  const [lasting, withdrawn, short] = [await share(audit, 30), await share(audit, 30), await share(audit, 1)];
  const { backup } = (await house.api<NewBackupJson>('POST', '/api/backups')).json;
  assert.deepEqual([await opens(lasting), await opens(withdrawn), await opens(short)], [200, 200, 200]);

  assert.equal((await asPage(house, cookie, 'DELETE', `/api/shares/${withdrawn.id}`)).status, 204);
  const later = await audited();
  const [young, gone] = [await share(audit, 30), await share(later, 30)];
  house.wait(2 * DAY_MS);
  const restored = await asPage(house, cookie, 'POST', '/api/restores', { name: backup?.name });
  assert.equal(restored.status, 200, restored.text);
  assert.deepEqual(
    [await opens(lasting), await opens(withdrawn), await opens(short), await opens(young), await opens(gone)],
    [200, 404, 404, 200, 404],
  );
  const { items } = (await house.api<SharesJson>('GET', `/api/audits/${audit}/shares`)).json;
  assert.deepEqual(
    items.map(({ id, revokedAt }) => [id, revokedAt !== null]),
    [
      [young.id, false],
      [short.id, false],
      [withdrawn.id, true],
      [lasting.id, false],
    ],
  );
});

test('where no database was left to say what was revoked, every link is, and can be seen to be', async () => {
  const audit = await audited();
  const given = await share(audit, 30);
  const { backup } = (await house.api<NewBackupJson>('POST', '/api/backups')).json;
  const folder = mkdtempSync(join(tmpdir(), 'todoku-shares-'));
  try {
    const incoming = join(folder, 'incoming.db');
    copyFileSync(join(house.folder, 'backups', backup?.name ?? ''), incoming);
    await hangDoorIn(incoming, null, 5_000);
    const db = await openDatabase(incoming);
    const row = await db.selectFrom('shares').selectAll().where('id', '=', given.id).executeTakeFirstOrThrow();
    await db.destroy();
    assert.equal(row.revoked_at, 5_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
