/** A house that takes campaigns and audits them, with a DNS server that does not answer: nothing leaves this machine. */
import type { AuditJson } from '../../server/api/json/audits.ts';
import type { CampaignJson } from '../../server/api/json/campaigns.ts';
import { createVerifier } from '../../server/authentication/verify.ts';
import { createAuditing } from '../../server/campaign/work.ts';
import type { Environment } from '../../server/config.ts';
import { type Answer, type House, openHouse } from './house.ts';

const DNS = '127.0.0.1:9';

/** Without links, so that nobody is asked. */
export const QUIET = Buffer.from(
  'From: Shop <news@good.test>\r\nTo: a@example.net\r\nSubject: Hello <b>you</b>\r\nDate: Thu, 26 Nov 2026 02:00:00 +0000\r\nMessage-ID: <1@good.test>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nA few words.\r\n',
);

export type CampaignHouse = {
  house: House;
  /** A mail as a new campaign. */
  post: <Reply = CampaignJson>(raw: Buffer, query?: string) => Promise<Answer<Reply>>;
  /** Does what the scheduler would, until an audit is over. */
  audited: (id: string) => Promise<AuditJson>;
  close: () => Promise<void>;
};

export async function openCampaignHouse(env: Environment = {}): Promise<CampaignHouse> {
  const house = await openHouse({ TODOKU_DNS_SERVERS: DNS, ...env });
  const verifier = createVerifier({ dnsServers: [DNS], threads: 1 });
  return {
    house,
    async post<Reply>(raw: Buffer, query = '') {
      const answer = await fetch(`${house.todoku.url}/api/campaigns${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${house.token}`, 'content-type': 'message/rfc822' },
        body: new Uint8Array(raw),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, json: JSON.parse(text) as Reply };
    },
    async audited(id) {
      const auditing = createAuditing(house.todoku.app, { instance: 'test', verifier, alive: () => ['test'] });
      try {
        for (let tries = 0; tries < 600; tries++) {
          await auditing.workDue();
          const { json } = await house.api<AuditJson>('GET', `/api/audits/${id}`);
          if (['done', 'refused', 'failed'].includes(json.state)) return json;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error('the audit did not end');
      } finally {
        await auditing.close();
      }
    },
    async close() {
      await verifier.close();
      await house.close();
    },
  };
}
