/** How far a check is: counted in what people count, the longest wait named, and never past its end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDnsClient } from '../../server/dns/client.ts';
import { auditDomain } from '../../server/domain/audit.ts';
import { createProgress, longestWait, type ProgressPart } from '../../server/domain/progress.ts';
import { createReach } from '../../server/domain/reach.ts';
import { PROTOCOLS } from '../../server/domain/types.ts';
import { parseZone, serveZone } from './zone.ts';

describe('progress', () => {
  test('counts answers, and says what has been waited for longest', () => {
    let now = 1000;
    const progress = createProgress(() => now);
    const part = progress.begin('dmarc');
    const first = part.asks('TXT _dmarc.a.test');
    now = 1500;
    const second = part.asks('MX b.test');
    now = 4000;
    assert.deepEqual(progress.parts(), [
      {
        protocol: 'dmarc',
        done: false,
        unit: 'questions',
        count: 0,
        of: 2,
        waiting: { what: 'TXT _dmarc.a.test', ms: 3000 },
      },
    ]);
    first();
    first();
    const [after] = progress.parts();
    assert.deepEqual([after?.count, after?.waiting], [1, { what: 'MX b.test', ms: 2500 }]);
    second();
    part.end();
    assert.deepEqual(
      progress.parts().map(({ done, count, waiting }) => [done, count, waiting]),
      [[true, 2, null]],
    );
  });

  test('is told in the units of the protocol, in the order of the protocols', () => {
    const progress = createProgress(() => 0);
    const mx = progress.begin('mx');
    mx.asks('MX a.test')();
    mx.asks('mx.a.test', true);
    const spf = progress.begin('spf');
    spf.asks('TXT a.test')();
    spf.tell('lookups', 3, 10);
    assert.deepEqual(
      progress.parts().map(({ protocol, unit, count, of }) => [protocol, unit, count, of]),
      [
        ['spf', 'lookups', 3, 10],
        ['mx', 'servers', 0, 1],
      ],
    );
  });

  const WAITS: [waits: (number | null)[], least: number, found: number | null][] = [
    [[], 0, null],
    [[null, null], 0, null],
    [[100, 3000, 2000], 1500, 3000],
    [[100], 1500, null],
  ];
  for (const [waits, least, found] of WAITS)
    test(`of waits of ${waits.join() || 'nobody'} the longest from ${least} ms on is ${found}`, () => {
      const parts = waits.map((ms) => ({ waiting: ms === null ? null : { what: 'x', ms } }) as ProgressPart);
      assert.equal(longestWait(parts, least)?.ms ?? null, found);
    });

  test('of a real check never goes back, and ends with all of it done', async () => {
    const zone = parseZone(`
      a.test TXT "v=spf1 include:b.test include:c.test -all"
      b.test TXT "v=spf1 include:c.test -all"
      c.test TXT "v=spf1 a:d.test -all"
      d.test A 192.0.2.1
      a.test MX 10 mx.a.test
      mx.a.test A 127.0.0.9
    `);
    const server = await serveZone(zone, 30);
    const dns = createDnsClient({ servers: [server.address] });
    const progress = createProgress(Date.now);
    const config = { allowedNetworks: ['127.0.0.0/8'], onlyServers: null, extraCa: null, blocklists: ['off'] };
    const seen: ProgressPart[][] = [];
    try {
      const known = { domain: 'a.test', now: Date.now(), selectors: [], ips: [], observed: [] };
      const history = { keysSince: {}, policyNoneSince: null };
      const reach = createReach({ dns, now: Date.now, config }, undefined, { smtpPort: 1, httpsPort: 1 });
      let over = false;
      const check = auditDomain(reach, { ...known, history }, null, progress).finally(() => {
        over = true;
      });
      while (!over) {
        seen.push(progress.parts());
        await sleep(5);
      }
      await check;
    } finally {
      dns.close();
      await server.close();
    }
    const last = progress.parts();
    assert.deepEqual(
      last.map(({ protocol }) => protocol),
      [...PROTOCOLS],
    );
    assert.ok(last.every(({ done, waiting }) => done && waiting === null));
    assert.deepEqual(
      last.filter(({ unit }) => unit !== 'questions').map(({ protocol, unit }) => [protocol, unit]),
      [
        ['spf', 'lookups'],
        ['dkim', 'selectors'],
        ['mx', 'servers'],
      ],
    );
    const [spf, dkim] = last;
    assert.deepEqual([spf?.count, spf?.of], [5, 10]);
    assert.ok(dkim !== undefined && dkim.of > 40 && dkim.count === dkim.of);
    for (const { protocol, unit } of last) {
      const counts = seen.flatMap((parts) => parts.filter((part) => part.protocol === protocol && part.unit === unit));
      assert.deepEqual(
        counts.map(({ count }) => count),
        counts.map(({ count }) => count).toSorted((a, b) => a - b),
        protocol,
      );
    }
    const steps = new Set(seen.flatMap((parts) => parts.find(({ protocol }) => protocol === 'spf')?.count ?? []));
    assert.ok(steps.size > 2, `SPF was told in steps: ${[...steps]}`);
  });
});
