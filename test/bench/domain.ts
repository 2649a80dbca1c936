/**
 * (e) Domains. A full check of a domain with forty records against a server with 50 ms of delay takes at most one and a half times its longest chain of dependent
 * questions, and asks no question twice. Five hundred domains in one go, as the schedule does it and all at the same time: no false time-out, and memory stays where it was.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../server/config.ts';
import { createDnsClient } from '../../server/dns/client.ts';
import { auditDomain } from '../../server/domain/audit.ts';
import { checkDomain } from '../../server/domain/check.ts';
import { createReach } from '../../server/domain/reach.ts';
import { createChecking } from '../../server/domain/schedule.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku, type Todoku } from '../../server/main.ts';
import { createToken } from '../../server/owner/tokens.ts';
import { type Authority, startAuthority } from '../dns/authority.ts';
import { answerFrom, parseZone, type Zone } from '../domain/zone.ts';
import { callApi } from '../flow/world.ts';
import { heap, ms, percentile, type Row } from './row.ts';

const DELAY_MS = 50;
const TIMES = 9;
const DOMAINS = 500;
const MB = 1e6;

const KEY = (i: number): string => `v=DKIM1; k=ed25519; p=${Buffer.alloc(32, i + 1).toString('base64')}`;

/** The longest chain: the record, four includes deep, and the addresses of a host there. Everything else is shorter. */
const CHAIN = 6;
const RECORDS = [
  'big.test TXT "v=spf1 include:one.big.test include:esp.test mx ip4:192.0.2.0/24 -all"',
  'one.big.test TXT "v=spf1 include:two.big.test ~all"',
  'two.big.test TXT "v=spf1 include:three.big.test ~all"',
  'three.big.test TXT "v=spf1 include:four.big.test ~all"',
  'four.big.test TXT "v=spf1 a:host.big.test ~all"',
  'host.big.test A 192.0.2.50',
  'host.big.test AAAA 2001:db8::50',
  'esp.test TXT "v=spf1 ip4:198.51.100.0/24 ~all"',
  '_dmarc.big.test TXT "v=DMARC1; p=reject; rua=mailto:a@big.test,mailto:b@reports.test"',
  'big.test._report._dmarc.reports.test TXT "v=DMARC1"',
  'reports.test MX 10 mx.reports.test',
  'mx.reports.test A 192.0.2.60',
  'big.test SOA yes',
  ...[1, 2, 3, 4].flatMap((i) => [
    `big.test MX ${i}0 mx${i}.big.test`,
    `mx${i}.big.test A 192.0.2.${i}`,
    `mx${i}.big.test AAAA 2001:db8::${i}`,
  ]),
  ...[1, 2, 3, 4, 5, 6, 7].map((i) => `k${i}._domainkey.big.test TXT "${KEY(i)}"`),
  '7.2.0.192.in-addr.arpa PTR out.big.test',
  'out.big.test A 192.0.2.7',
  '_mta-sts.big.test TXT "v=STSv1; id=20261125"',
  'mta-sts.big.test A 127.0.0.1',
  '_smtp._tls.big.test TXT "v=TLSRPTv1; rua=mailto:tls@big.test"',
  'default._bimi.big.test TXT "v=BIMI1; l=; a="',
  'big.test A 192.0.2.80',
  'big.test TXT "some-verification=1"',
];

export async function benchDomain(): Promise<Row[]> {
  return [...(await oneDomain()), ...(await manyDomains())];
}

async function oneDomain(): Promise<Row[]> {
  const zone = parseZone(RECORDS.join('\n'));
  const authority = await startAuthority((name, type, asked) => ({
    ...answerFrom(zone, name.toLowerCase(), type, asked),
    delayMs: DELAY_MS,
  }));
  const took: number[] = [];
  let questions: string[] = [];
  let unasked = 0;
  try {
    for (let i = 0; i < TIMES; i++) {
      authority.asked.length = 0;
      const dns = createDnsClient({ servers: [authority.address] });
      const config = { allowedNetworks: ['127.0.0.0/8'], onlyServers: null, extraCa: null, blocklists: ['off'] };
      // What stands behind ports 25 and 443 is no question of DNS.
      const reach = createReach({ dns, now: Date.now, config }, undefined, { greet: false, httpsPort: 1 });
      const began = performance.now();
      const check = await auditDomain(reach, {
        domain: 'big.test',
        now: Date.now(),
        selectors: [1, 2, 3, 4, 5, 6, 7].map((n) => ({ selector: `k${n}`, source: 'given' })),
        ips: ['192.0.2.7'],
        history: { keysSince: {}, policyNoneSince: null },
        observed: [],
      });
      took.push(performance.now() - began);
      unasked += check.unasked.length;
      questions = authority.asked.map(({ type, name, tcp }) => `${type} ${name.toLowerCase()}${tcp ? ' tcp' : ''}`);
      dns.close();
    }
  } finally {
    await authority.close();
  }
  const middle = percentile(took, 0.5);
  const bar = 1.5 * CHAIN * DELAY_MS;
  const twice = questions.length - new Set(questions).size;
  return [
    {
      what: `full check, ${RECORDS.length} records, ${questions.length} questions, chain of ${CHAIN}`,
      value: ms(middle),
      bar: `at most ${bar} ms`,
      good: middle <= bar,
    },
    { what: 'questions asked twice in it', value: String(twice), bar: 'none', good: twice === 0 },
    { what: 'questions without an answer', value: String(unasked), bar: 'none', good: unasked === 0 },
  ];
}

function zoneOf(domain: string): Zone {
  return parseZone(`
${domain} TXT "v=spf1 include:_spf.${domain} include:esp.test -all"
_spf.${domain} TXT "v=spf1 ip4:192.0.2.0/24 a:out.${domain} ~all"
esp.test TXT "v=spf1 ip4:198.51.100.0/24 ~all"
out.${domain} A 192.0.2.7
_dmarc.${domain} TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@${domain}"
${domain} MX 10 mx.${domain}
mx.${domain} A 192.0.2.8
s1._domainkey.${domain} TXT "${KEY(3)}"
_smtp._tls.${domain} TXT "v=TLSRPTv1; rua=mailto:tls@${domain}"`);
}

async function manyDomains(): Promise<Row[]> {
  const zones = new Map<string, Zone>();
  const zoneFor = (name: string): Zone => {
    const domain = /[^.]+\.test$/.exec(name)?.[0] ?? 'other.test';
    const zone = zones.get(domain) ?? zoneOf(domain);
    zones.set(domain, zone);
    return zone;
  };
  const authority = await startAuthority((name, type, asked) =>
    answerFrom(zoneFor(name.toLowerCase()), name.toLowerCase(), type, asked),
  );
  const folder = await mkdtemp(join(tmpdir(), 'todoku-bench-'));
  const config = readConfig({
    PORT: '0',
    TODOKU_DATA_DIR: folder,
    TODOKU_DNS_SERVERS: authority.address,
    TODOKU_BLOCKLISTS: 'off',
  });
  // The clock is turned between the two, so that all of them are due again.
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const todoku = await startTodoku(config, { log: createLog('silent'), schedule: false, now });
  try {
    const token = await createToken(todoku.app, 'bench');
    const ids: string[] = [];
    for (let i = 0; i < DOMAINS; i++)
      ids.push(
        (
          await callApi<{ id: string }>(todoku.url, token, 'POST', '/api/domains', {
            name: `d${i}.test`,
            selectors: ['s1'],
          })
        ).id,
      );
    const first = await onSchedule(todoku, authority);
    ahead += 7 * 3_600_000;
    const second = await onSchedule(todoku, authority);
    const highest = process.resourceUsage().maxRSS / 1e3;
    ahead += 7 * 3_600_000;
    const together = await atOnce(todoku, authority, ids);
    const growth = second.heapAfter - first.heapAfter;
    return [
      {
        what: `${DOMAINS} domains on schedule, per domain`,
        value: ms(second.tookMs / DOMAINS),
        bar: '',
        good: null,
      },
      {
        what: 'of them with a question that was not answered',
        value: String(first.unasked + second.unasked),
        bar: 'none',
        good: first.unasked + second.unasked === 0,
      },
      {
        what: `heap after another ${DOMAINS}, more than after the first`,
        value: `${(growth / MB).toFixed(1)} MB`,
        bar: 'at most 5 MB',
        good: growth <= 5 * MB,
      },
      {
        what: `${DOMAINS} domains at the same time, in all`,
        value: ms(together.tookMs),
        bar: '',
        good: null,
      },
      {
        what: 'of them with a question that was not answered',
        value: String(together.unasked),
        bar: 'none',
        good: together.unasked === 0,
      },
      {
        what: 'heap when they are done, more than before',
        value: `${((together.heapAfter - second.heapAfter) / MB).toFixed(1)} MB`,
        bar: 'at most 5 MB',
        good: together.heapAfter - second.heapAfter <= 5 * MB,
      },
      {
        what: 'memory at its highest: on schedule, and with all at the same time',
        value: `${highest.toFixed(0)}, ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB`,
        bar: '',
        good: null,
      },
    ];
  } finally {
    await todoku.stop();
    await authority.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Round = { tookMs: number; unasked: number; heapAfter: number };

/** All that is due, a few at a time. */
async function onSchedule(todoku: Todoku, authority: Authority): Promise<Round> {
  const { app } = todoku;
  const startedAt = app.now();
  const checking = createChecking(app);
  const began = performance.now();
  for (;;) {
    await checking.checkDue();
    const left = await app.db
      .selectFrom('domains')
      .select('id')
      .where((eb) => eb.or([eb('checked_at', 'is', null), eb('checked_at', '<', startedAt)]))
      .limit(1)
      .execute();
    if (left.length === 0) break;
    authority.asked.length = 0;
    await sleep(5);
  }
  const tookMs = performance.now() - began;
  await checking.close();
  return { tookMs, unasked: await countUnasked(todoku), heapAfter: await heap() };
}

async function atOnce(todoku: Todoku, authority: Authority, ids: readonly string[]): Promise<Round> {
  const began = performance.now();
  const forget = setInterval(() => {
    authority.asked.length = 0;
  }, 50);
  const ends = await Promise.all(ids.map((id) => checkDomain(todoku.app, id)));
  clearInterval(forget);
  if (ends.some(({ end }) => end !== 'done')) throw new Error('a check was not made');
  const tookMs = performance.now() - began;
  return { tookMs, unasked: await countUnasked(todoku), heapAfter: await heap() };
}

async function countUnasked({ app }: Todoku): Promise<number> {
  return (await app.db.selectFrom('domains').select('id').where('unasked_since', 'is not', null).execute()).length;
}
