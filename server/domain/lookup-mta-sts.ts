/** Asks for a domain's MTA-STS record, fetches its policy, and looks at the mail servers that it speaks of; adds nothing. */
import { UnaskedList } from './answers.ts';
import { gatherMx } from './lookup-mx.ts';
import { gatherTexts } from './lookup-text.ts';
import { MAX_POLICY_BYTES, readStsPolicy, readStsRecord } from './mta-sts.ts';
import { judgeMtaSts, type PolicyFetch, type StsFacts } from './mta-sts-judge.ts';
import type { Reach } from './reach.ts';
import type { Known } from './types.ts';

export const STS_BEGINS = /^v=STSv1[ \t]*(?:;|$)/;

export async function gatherMtaSts({ domain }: Pick<Known, 'domain'>, reach: Reach): Promise<StsFacts> {
  const unasked = new UnaskedList();
  const name = `_mta-sts.${domain}`;
  const url = `https://mta-sts.${domain}/.well-known/mta-sts.txt`;
  const [texts, mx] = await Promise.all([
    gatherTexts(reach, name, domain, STS_BEGINS, unasked),
    gatherMx({ domain }, reach),
  ]);
  const { asked, records, others, misplaced } = texts;
  // Without a record too: a policy that no record announces is a common slip. Not where senders would not look either.
  const wanted = asked !== 'unasked' && records.length <= 1;
  // RFC 8461 §3.3: redirects are not followed.
  const page = wanted ? await reach.fetch(url, { maxBytes: MAX_POLICY_BYTES, accept: 'text/plain' }) : null;
  const served = page?.ok === true && page.status === 200;
  return {
    asked,
    shown: {
      name,
      url,
      records,
      others,
      misplaced,
      record: records.length === 1 ? readStsRecord(records[0] ?? '') : null,
      fetched: page === null ? null : fetchedFrom(page),
      policy: served ? readStsPolicy(page.body.toString('utf8')) : null,
    },
    unasked: unasked.list,
    domain,
    hosts: mx.shown.hosts,
    hostsAsked: mx.asked,
  };
}

function fetchedFrom(page: Awaited<ReturnType<Reach['fetch']>>): PolicyFetch {
  if (!page.ok) return { got: false, reason: page.reason, detail: page.detail };
  const { status, contentType, certificateExpires } = page;
  return { got: true, status, contentType, bytes: page.body.length, certificateExpires };
}

export const mtaSts = { protocol: 'mta-sts', gather: gatherMtaSts, judge: judgeMtaSts } as const;
