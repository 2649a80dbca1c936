import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createDnsClient, type DnsClient, type DnsClientOptions, systemDnsServers } from '../../server/dns/client.ts';
import { parseDnsServer } from '../../server/dns/exchange.ts';
import { type Authority, type Script, startAuthority } from './authority.ts';

const open: { close: () => unknown }[] = [];
after(() => Promise.all(open.map((thing) => thing.close())));

async function world(
  script: (name: string, type: string) => Script | undefined,
  options: Partial<DnsClientOptions> = {},
): Promise<{ authority: Authority; dns: DnsClient }> {
  const authority = await startAuthority(script);
  const dns = createDnsClient({ servers: [authority.address], timeoutMs: 2000, ...options });
  open.push(authority, dns);
  return { authority, dns };
}

const TXT = (...data: string[]): Script => ({ answers: [{ type: 'TXT', data }] });

test('six kinds of answer are six statuses', async () => {
  const { dns } = await world(
    (name) =>
      ({
        'a.test': { answers: [{ type: 'A', data: '192.0.2.1', ttl: 77 }], ad: true },
        'nodata.test': { soaMinimum: 30 },
        'servfail.test': { rcode: 2 },
        'refused.test': { rcode: 5 },
        'silent.test': { silent: true },
        'notimp.test': { rcode: 4 },
      })[name],
    { timeoutMs: 250 },
  );
  const table: [string, string, string, number][] = [
    ['a.test', 'answer', 'NOERROR', 77],
    ['nodata.test', 'nodata', 'NOERROR', 30],
    ['gone.test', 'nxdomain', 'NXDOMAIN', 60],
    ['servfail.test', 'servfail', 'SERVFAIL', 0],
    ['refused.test', 'refused', 'REFUSED', 0],
    ['silent.test', 'timeout', '', 0],
    ['notimp.test', 'error', 'NOTIMP', 0],
  ];
  for (const [name, status, rcode, ttl] of table) {
    const answer = await dns.query(name, 'A');
    assert.deepEqual([name, answer.status, answer.rcode, answer.ttl], [name, status, rcode, ttl]);
  }
  const good = await dns.query('a.test', 'A');
  assert.deepEqual(good.records, ['192.0.2.1']);
  assert.equal(good.ad, true, 'a resolver on loopback is believed');
});

test('that an answer was validated is believed from loopback, and from servers that are named', async () => {
  // 127.0.0.1 under its IPv6 name is an address like any other to the client: it stands for a server across a network.
  const authority = await startAuthority((name) => ({
    ...TXT('x'),
    ad: name !== 'forged.test',
    ...(name === 'alias.test' ? { answers: [{ type: 'CNAME', data: 'forged.test' }] } : {}),
  }));
  const port = authority.address.replace(/^.*:/, '');
  const far = `[::ffff:127.0.0.1]:${port}`;
  const clients = {
    near: createDnsClient({ servers: [authority.address] }),
    far: createDnsClient({ servers: [far] }),
    named: createDnsClient({ servers: [far], validators: [far] }),
    otherNamed: createDnsClient({ servers: [far], validators: ['192.0.2.1:53'] }),
  };
  open.push(authority, ...Object.values(clients));
  const said: Record<string, boolean> = {};
  for (const [key, dns] of Object.entries(clients)) {
    const answer = await dns.query('x.test', 'TXT');
    assert.equal(answer.status, 'answer', key);
    said[key] = answer.ad;
  }
  assert.deepEqual(said, { near: true, far: false, named: true, otherNamed: false });
  assert.equal((await clients.near.query('alias.test', 'TXT')).ad, false, 'every link of a chain must be validated');
});

test('a server that points elsewhere has not said that there is nothing', async () => {
  const lame = await startAuthority(() => ({ referTo: 'test' }));
  const good = await startAuthority((name) => (name === 'x.test' ? TXT('x') : undefined));
  const dns = createDnsClient({ servers: [lame.address, good.address] });
  const alone = createDnsClient({ servers: [lame.address] });
  open.push(lame, good, dns, alone);
  assert.deepEqual((await dns.query('x.test', 'TXT')).records, [['x']]);
  assert.equal((await dns.query('gone.test', 'TXT')).status, 'nxdomain');
  const answer = await alone.query('x.test', 'TXT');
  assert.deepEqual([answer.status, answer.error, answer.ttl], ['error', 'referral', 0]);
});

test('records come in the shape of their type', async () => {
  const { dns } = await world((_name, type) => {
    if (type === 'MX') return { answers: [{ type, data: { preference: 10, exchange: 'mx.test' } }] };
    if (type === 'TXT')
      return {
        answers: [
          { type, data: ['', 'two', ''] },
          { type, data: [] },
          { type, data: ['é'] },
        ],
      };
    if (type === 'AAAA') return { answers: [{ type, data: '2001:db8::7' }] };
    if (type === 'CAA') return { answers: [{ type, data: { flags: 0, tag: 'issue', value: 'ca.test' } }] };
    if (type === 'TLSA') {
      const data = { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.alloc(32, 7) };
      return { answers: [{ type, data }] };
    }
    return undefined;
  });
  assert.deepEqual((await dns.query('x.test', 'MX')).records, [{ priority: 10, exchange: 'mx.test' }]);
  assert.deepEqual((await dns.query('x.test', 'TXT')).records, [['', 'two', ''], [], ['é']]);
  assert.deepEqual((await dns.query('x.test', 'AAAA')).records, ['2001:db8::7']);
  assert.equal((await dns.query('x.test', 'CAA')).records[0]?.value, 'ca.test');
  assert.equal((await dns.query('x.test', 'TLSA')).records[0]?.certificate.length, 32);
});

test('an answer too long for UDP is fetched over TCP', async () => {
  const { authority, dns } = await world(() => ({ ...TXT('x'.repeat(255), 'y'.repeat(255)), truncate: true }));
  const answer = await dns.query('long.test', 'TXT');
  assert.equal(answer.records[0]?.join('').length, 510);
  assert.deepEqual(
    authority.asked.map((question) => question.tcp),
    [false, true],
  );
});

test('a server that knows no EDNS is asked again without', async () => {
  const authority = await startAuthority((_name, _type, asked) =>
    asked.edns ? { rcode: 1, noQuestion: true } : TXT('plain'),
  );
  const dns = createDnsClient({ servers: [authority.address], timeoutMs: 2000 });
  open.push(authority, dns);
  assert.deepEqual((await dns.query('old.test', 'TXT')).records, [['plain']]);
});

test('aliases are followed, within one reply and across replies; loops end', async () => {
  const { dns } = await world((name, type) => {
    if (name === 'one.test')
      return {
        answers: [
          { type: 'CNAME', data: 'Two.test' },
          { name: 'two.TEST', type: 'TXT', data: ['x'], ttl: 5 },
        ],
      };
    if (name === 'far.test') return { answers: [{ type: 'CNAME', data: 'end.test', ttl: 9 }] };
    if (name === 'end.test') return TXT('end');
    if (name === 'loop.test') return { answers: [{ type: 'CNAME', data: 'pool.test' }] };
    if (name === 'pool.test') return { answers: [{ type: 'CNAME', data: 'loop.test' }] };
    if (name === 'dangling.test') return { rcode: 3, answers: [{ type: 'CNAME', data: 'gone.test' }], soaMinimum: 5 };
    if (name === 'empty.test') return { answers: [{ type: 'CNAME', data: 'nothing.test' }], soaMinimum: 5 };
    if (name.startsWith('n')) return { answers: [{ type: 'CNAME', data: `n${name}` }] };
    return type === 'TXT' ? undefined : { soaMinimum: 5 };
  });
  const one = await dns.query('one.test', 'TXT');
  assert.deepEqual([one.status, one.records, one.cnames, one.ttl], ['answer', [['x']], ['Two.test'], 5]);
  const far = await dns.query('far.test', 'TXT');
  assert.deepEqual([far.status, far.records, far.cnames, far.ttl], ['answer', [['end']], ['end.test'], 9]);
  const loop = await dns.query('loop.test', 'TXT');
  assert.deepEqual([loop.status, loop.error], ['error', 'cname-loop']);
  assert.equal((await dns.query('n.test', 'TXT')).error, 'cname-loop', 'an endless chain is a loop too');
  assert.equal((await dns.query('dangling.test', 'TXT')).status, 'nxdomain');
  assert.equal((await dns.query('empty.test', 'TXT')).status, 'nodata');
  assert.deepEqual((await dns.query('far.test', 'CNAME')).records, ['end.test'], 'the alias itself can be asked for');
});

test('records of other names in a reply are not taken', async () => {
  const { dns } = await world(() => ({
    answers: [{ name: 'evil.test', type: 'TXT', data: ['planted'] }],
    soaMinimum: 1,
  }));
  assert.equal((await dns.query('good.test', 'TXT')).status, 'nodata');
});

test('names that SPF macros make are asked as they are', async () => {
  const names = [
    'foo:bar/baz.e11.test',
    'a b"c\\d.test',
    "o'neil+tag=1.test",
    'ünï.test',
    `${'x'.repeat(63)}.test`,
    '_dmarc.test',
    '(:;,@<>[]).test',
  ];
  const { authority, dns } = await world(() => TXT('ok'));
  for (const name of names) {
    const answer = await dns.query(name, 'TXT');
    assert.deepEqual([name, answer.status], [name, 'answer']);
  }
  assert.deepEqual(
    authority.asked.map((question) => question.name),
    names,
  );
});

test('names that cannot be asked are an error, not an absence', async () => {
  const { authority, dns } = await world(() => TXT('ok'));
  for (const name of ['a..test', '.test', `${'x'.repeat(64)}.test`, `${'x.'.repeat(140)}test`]) {
    const answer = await dns.query(name, 'TXT');
    assert.deepEqual([answer.status, answer.error], ['error', 'bad-name']);
    await assert.rejects(dns.resolver(name, 'TXT'), { code: 'EBADNAME' });
  }
  assert.equal(authority.asked.length, 0);
});

test('forged and broken packets are not believed', async () => {
  const wrongId = (good: Buffer): Buffer[] => {
    const bad = Buffer.from(good);
    bad.writeUInt16BE((good.readUInt16BE(0) + 1) & 0xffff, 0);
    return [bad];
  };
  const { dns } = await world(
    (name) => {
      const says = TXT('true');
      if (name === 'id.test') return { ...says, mangle: (good) => [...wrongId(good), Buffer.alloc(5), good] };
      if (name === 'onlyid.test') return { ...says, mangle: wrongId };
      if (name === 'question.test') {
        return { ...says, mangle: (good) => [Buffer.from(good.map((byte, i) => (i === 13 ? 0x7a : byte)))] };
      }
      if (name === 'query.test')
        return { ...says, mangle: (good) => [Buffer.from(good.map((b, i) => (i === 2 ? 0 : b)))] };
      if (name === 'cut.test') return { ...says, mangle: (good) => [good.subarray(0, good.length - 3)] };
      return says;
    },
    { timeoutMs: 250, rounds: 1 },
  );
  assert.deepEqual((await dns.query('id.test', 'TXT')).records, [['true']], 'the true answer after forged ones counts');
  assert.equal((await dns.query('onlyid.test', 'TXT')).status, 'timeout');
  assert.equal((await dns.query('question.test', 'TXT')).status, 'timeout');
  assert.equal((await dns.query('query.test', 'TXT')).status, 'timeout', 'a query is no answer');
  const cut = await dns.query('cut.test', 'TXT');
  assert.deepEqual([cut.status, cut.error], ['error', 'malformed']);
});

test('the next server is asked when one fails; the best excuse is told', async () => {
  const bad = await startAuthority(() => ({ rcode: 2 }));
  const good = await startAuthority((name) => (name === 'x.test' ? TXT('x') : { silent: true }));
  const dns = createDnsClient({ servers: [bad.address, good.address], timeoutMs: 250 });
  open.push(bad, good, dns);
  const answer = await dns.query('x.test', 'TXT');
  assert.deepEqual([answer.status, answer.server], ['answer', good.address]);
  assert.equal((await dns.query('silent.test', 'TXT')).status, 'servfail');
  assert.equal(bad.asked.length, 2, 'a server that has said no is not asked the same again');
});

test('a question is asked once: in flight, and while its TTL lasts', async () => {
  let now = 1_000_000;
  const { authority, dns } = await world(
    (name) =>
      name.toLowerCase() === 'kept.test'
        ? { answers: [{ type: 'TXT', data: ['x'], ttl: 60 }], delayMs: 20 }
        : { rcode: 2 },
    { now: () => now },
  );
  await Promise.all(['kept.test', 'KEPT.test', 'kept.test.'].map((name) => dns.query(name, 'TXT')));
  assert.equal(authority.asked.length, 1);
  now += 59_000;
  const kept = await dns.query('kept.test', 'TXT');
  assert.deepEqual([kept.ttl, authority.asked.length], [1, 1]);
  kept.records.push(['edited']);
  assert.deepEqual((await dns.query('kept.test', 'TXT')).records, [['x']], 'callers get their own copy');
  now += 1001;
  await dns.query('kept.test', 'TXT');
  assert.equal(authority.asked.length, 2);
  await dns.query('servfail.test', 'TXT');
  await dns.query('servfail.test', 'TXT');
  assert.equal(authority.asked.length, 4, 'failures are not kept');
});

test('the cache stays within its size', async () => {
  const { authority, dns } = await world(() => TXT('x'), { cacheSize: 3 });
  for (const name of ['a.test', 'b.test', 'c.test', 'd.test', 'd.test', 'a.test']) await dns.query(name, 'TXT');
  assert.deepEqual(
    authority.asked.map((question) => question.name),
    ['a.test', 'b.test', 'c.test', 'd.test', 'a.test'],
  );
});

test('a thousand questions at once keep to the limit and all come back', async () => {
  let out = 0;
  let most = 0;
  const { dns } = await world(() => {
    out++;
    most = Math.max(most, out);
    setTimeout(() => out--, 4);
    return { ...TXT('x'), delayMs: 5 };
  });
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => dns.query(`n${i}.test`, 'TXT')));
  assert.equal(answers.filter((answer) => answer.status === 'answer').length, 1000);
  assert.ok(most <= 50, `${most} at once`);
});

test('close gives up what is in flight', async () => {
  const { dns } = await world(() => ({ silent: true }), { timeoutMs: 60_000, deadlineMs: 60_000, concurrency: 1 });
  const waiting = [dns.query('a.test', 'TXT'), dns.query('b.test', 'TXT')];
  await new Promise((resolve) => setImmediate(resolve));
  dns.close();
  for (const answer of await Promise.all(waiting)) assert.deepEqual([answer.status, answer.error], ['error', 'closed']);
});

test('the resolver speaks in the codes that mailauth knows', async () => {
  const { dns } = await world(
    (name, type) =>
      name === 'ok.test' && type === 'TXT'
        ? TXT('v=spf1 -all')
        : (
            {
              'nodata.test': { soaMinimum: 1 },
              'servfail.test': { rcode: 2 },
              'refused.test': { rcode: 5 },
              'silent.test': { silent: true },
            } as Record<string, Script>
          )[name],
    { timeoutMs: 250 },
  );
  assert.deepEqual(await dns.resolver('ok.test', 'TXT'), [['v=spf1 -all']]);
  const codes = {
    'gone.test': 'ENOTFOUND',
    'nodata.test': 'ENODATA',
    'servfail.test': 'ESERVFAIL',
    'refused.test': 'EREFUSED',
    'silent.test': 'ETIMEOUT',
  };
  for (const [name, code] of Object.entries(codes)) await assert.rejects(dns.resolver(name, 'TXT'), { code });
});

test('nobody listening is an error at once, not a time-out', async () => {
  const authority = await startAuthority(() => undefined);
  await authority.close();
  const dns = createDnsClient({ servers: [authority.address], timeoutMs: 5000 });
  open.push(dns);
  const answer = await dns.query('x.test', 'TXT');
  assert.deepEqual([answer.status, answer.error], ['error', 'ECONNREFUSED']);
});

test('server addresses', () => {
  const table: [string, string][] = [
    ['127.0.0.1:5353', '127.0.0.1:5353'],
    ['9.9.9.9', '9.9.9.9:53'],
    ['[::1]:53', '[::1]:53'],
    ['[2001:db8::1]', '[2001:db8::1]:53'],
    ['2001:db8::1', '[2001:db8::1]:53'],
    ['::1', '[::1]:53'],
    ['dns.example:53', 'dns.example:53'],
  ];
  for (const [text, label] of table) assert.equal(parseDnsServer(text).label, label);
  for (const bad of ['', 'a b', '1.2.3.4:0', '1.2.3.4:99999', ':53', '[x']) {
    assert.throws(() => parseDnsServer(bad), TypeError, bad);
  }
  for (const server of systemDnsServers()) assert.match(server, /:\d+$/);
});
