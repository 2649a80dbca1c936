/** A whole check: what nobody answers is never taken for missing, hostile zones end, and nothing that is published makes it throw. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import {
  createDnsClient,
  type DnsAnswer,
  type DnsClient,
  type DnsStatus,
  type DnsType,
} from '../../server/dns/client.ts';
import { auditDomain, type DomainCheck } from '../../server/domain/audit.ts';
import { USUAL_SELECTORS } from '../../server/domain/dkim-selectors.ts';
import { FINDINGS } from '../../server/domain/findings.ts';
import { createReach } from '../../server/domain/reach.ts';
import type { Known } from '../../server/domain/types.ts';
import { parseZone, serveZone } from './zone.ts';

const open: { close: () => unknown }[] = [];
after(() => Promise.all(open.map((thing) => thing.close())));

const known = (more: Partial<Known> = {}): Known => ({
  domain: 'example.test',
  now: Date.UTC(2026, 10, 25),
  selectors: [],
  ips: [],
  history: { keysSince: {}, policyNoneSince: null },
  observed: [],
  ...more,
});

/** Whole, but for mail servers and blocklists, which would be asked for outside. */
function audit(dns: Pick<DnsClient, 'query'>, of: Known): Promise<DomainCheck> {
  const config = { allowedNetworks: [], onlyServers: [], extraCa: null, blocklists: ['off'] };
  return auditDomain(createReach({ dns, now: () => of.now, config }), of);
}

/** As a DNS client, from a table of texts: TXT by name, everything else not there. */
function table(texts: Record<string, string[]>, fails: (name: string, type: DnsType) => DnsStatus | null = () => null) {
  const asked: string[] = [];
  const query = async <T extends DnsType>(name: string, type: T): Promise<DnsAnswer<T>> => {
    asked.push(`${type} ${name.toLowerCase()}`);
    const failure = fails(name, type);
    const records = type === 'TXT' ? (texts[name] ?? []).map((text) => [text]) : [];
    const status = failure ?? (records.length > 0 ? 'answer' : 'nodata');
    const answer = {
      status,
      rcode: '',
      ad: false,
      ttl: 0,
      cnames: [],
      server: '',
      records: status === 'answer' ? records : [],
    };
    return answer as unknown as DnsAnswer<T>;
  };
  return { query, asked };
}

const KEY = 'v=DKIM1; k=ed25519; p=7OlKMGn2VNwIS7TecHnmvn3nnoUSczPp++zczeL0+aE=';
const GOOD = {
  'example.test': ['v=spf1 include:esp.test a:mail.example.test mx -all'],
  'esp.test': ['v=spf1 include:more.esp.test ~all'],
  'more.esp.test': ['v=spf1 ip4:192.0.2.0/24 ~all'],
  '_dmarc.example.test': ['v=DMARC1; p=reject; rua=mailto:dmarc@example.test,mailto:x@reports.test'],
  'example.test._report._dmarc.reports.test': ['v=DMARC1'],
  's1._domainkey.example.test': [KEY],
};
/** What a judge says of something that is not there. */
const ABSENT = Object.keys(FINDINGS).filter(
  (id) =>
    /missing|dangling|unknown$|undeliverable|unauthorized/.test(id) &&
    !/all-missing|policy-missing|tag-unknown/.test(id),
);

test('a resolver that answers nothing: everything is unasked, nothing is missing', async () => {
  for (const status of ['servfail', 'refused', 'timeout', 'error'] as const) {
    const check = await audit(
      table(GOOD, () => status),
      known({ selectors: [{ selector: 's1', source: 'given' }], ips: ['192.0.2.1'] }),
    );
    const { blocklists, ...asked } = check.asked;
    assert.deepEqual([...new Set(Object.values(asked))], ['unasked']);
    assert.deepEqual([Object.keys(asked).length, blocklists], [10, 'none']);
    assert.ok(check.findings.every((finding) => finding.id.endsWith('-unasked') && finding.severity === 'info'));
    assert.ok(check.unasked.length > 0);
  }
});

test('any part of DNS out of order: what was there is found or unasked, never missing', async () => {
  const whole = await audit(table(GOOD), known());
  const there = Object.entries(whole.asked).flatMap(([key, asked]) => (asked === 'found' ? [key] : []));
  assert.deepEqual(there, ['spf', 'dkim', 'dmarc']);
  const status = fc.constantFrom<DnsStatus>('servfail', 'refused', 'timeout', 'error');
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.tuple(fc.boolean(), status)), async (dice) => {
      const rolled = new Map<string, DnsStatus | null>();
      const fails = (name: string, type: DnsType): DnsStatus | null => {
        const key = `${type} ${name}`;
        const [bad, how] = dice.next().value ?? [false, 'servfail'];
        if (!rolled.has(key)) rolled.set(key, bad ? how : null);
        return rolled.get(key) ?? null;
      };
      const check = await audit(table(GOOD, fails), known({ selectors: [{ selector: 's1', source: 'seen' }] }));
      for (const [key, asked] of Object.entries(check.asked)) assert.ok(asked !== 'none' || !there.includes(key), key);
      const wholeIds = new Set(whole.findings.map((finding) => finding.id));
      for (const { id } of check.findings) assert.ok(!ABSENT.includes(id) || wholeIds.has(id), id);
      // What failed is named, so that whoever keeps verdicts can keep the one before.
      const failed = [...rolled].filter(([key, how]) => how !== null && /^(?:TXT|MX|A|AAAA) /.test(key));
      if (check.unasked.length === 0)
        assert.ok(
          failed.every(([key]) => /_domainkey\.example\.test$|^TXT todoku-/.test(key)),
          failed.join(),
        );
    }),
    { numRuns: 500 },
  );
});

test('whatever is published, a check comes to findings of the catalogue, and asks each question once', async () => {
  const piece = fc.constantFrom(
    ...[
      'v=spf1',
      ' ',
      ' include:b.test',
      ' a:c.test',
      ' mx',
      ' redirect=b.test',
      ' exists:%{i}.b.test',
      ' +all',
      ' -all',
      ' ip4:10.0.0.0/8',
      ' exp=c.test',
      ' oops',
    ],
    ...[
      'v=DMARC1',
      ';',
      ' p=none',
      ' p=x',
      ' sp=reject',
      ' rua=mailto:a@c.test',
      ' rua=a',
      ' psd=y',
      ' pct=5',
      ' t=y',
      ' fo=9',
    ],
    ...['v=DKIM1', ' k=rsa', ' p=', ' p=AAAA', ' t=y', ' h=sha1', ' s=x', ' g=*', '"', '\u00e9', '\t'],
  );
  const text = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''));
  const names = [
    'example.test',
    'b.test',
    'c.test',
    '_dmarc.example.test',
    '_dmarc.test',
    's1._domainkey.example.test',
    'todoku-no-such-selector._domainkey.example.test',
  ];
  const zone = fc
    .tuple(...names.map(() => fc.array(text, { maxLength: 2 })))
    .map((lists) => Object.fromEntries(names.map((name, i) => [name, lists[i] ?? []])));
  await fc.assert(
    fc.asyncProperty(zone, async (texts) => {
      const dns = table(texts);
      const check = await audit(dns, known({ ips: ['192.0.2.1', '2001:db8::1'] }));
      assert.equal(dns.asked.length, new Set(dns.asked).size);
      assert.deepEqual(JSON.parse(JSON.stringify(check)), check);
      for (const { id, severity, evidence } of check.findings) {
        assert.equal(FINDINGS[id as keyof typeof FINDINGS].severity, severity);
        const { record, start, end } = evidence;
        if (typeof record === 'string' && typeof start === 'number' && typeof end === 'number')
          assert.ok(0 <= start && start <= end && end <= record.length, `${id} ${JSON.stringify(evidence)}`);
      }
    }),
    { numRuns: 500 },
  );
});

async function real(lines: string[]): Promise<{ check: DomainCheck; asked: number }> {
  const authority = await serveZone(parseZone(lines.join('\n')));
  const dns = createDnsClient({ servers: [authority.address] });
  open.push(authority, dns);
  return { check: await audit(dns, known()), asked: authority.asked.length };
}

test('a tree without end is left after a hundred terms', async () => {
  const { check, asked } = await real([
    'example.test TXT "v=spf1 include:a.tree.test include:b.tree.test -all"',
    ...['a', 'b', 'c', 'd', 'e', 'f'].map(
      (letter) =>
        `${letter}.tree.test TXT "v=spf1 ${['a', 'b', 'c', 'd', 'e', 'f'].map((other) => `include:${other}.tree.test`).join(' ')} -all"`,
    ),
    `wide.test TXT "v=spf1 -all"`,
  ]);
  assert.equal(check.records.spf?.truncated, true);
  assert.ok((check.records.spf?.lookups ?? 0) > 10);
  assert.ok(check.findings.some((finding) => finding.id === 'spf-too-many-lookups'));
  assert.ok(asked < 200, `${asked} questions`);
  const wide = Array.from({ length: 400 }, (_, i) => `a:h${i}.test`).join(' ');
  const strings = (`v=spf1 ${wide} -all`.match(/.{1,250}/g) ?? []).map((part) => `"${part}"`).join(' ');
  const second = await real([`example.test TXT ${strings}`]);
  assert.ok(second.asked < 400, `${second.asked} questions`);
  assert.ok(second.check.records.spf?.truncated);
});

test('a record or a tree of 64 KB of the worst kind is judged in time, and what is stored of it has an end', async () => {
  const fill = (part: string, size = 60_000): string => part.repeat(Math.floor(size / part.length));
  const tree = (domain: string, record: string): Record<string, string[]> => ({
    'example.test': [`v=spf1 ${Array.from({ length: 99 }, (_, i) => `include:n${i}.${domain}`).join(' ')} -all`],
    ...Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`n${i}.${domain}`, [record]])),
  });
  const networks = Array.from({ length: 1000 }, (_, i) => `ip4:192.${i >> 8}.${i & 255}.1`).join(' ');
  const worst: [string, Record<string, string[]>][] = [
    ...['ptr ', 'a=b ', 'ip4:10.0.0.1 ', 'x '].flatMap((part): [string, Record<string, string[]>][] => [
      [part, { 'example.test': [`v=spf1 ${fill(part)}-all`] }],
      [`${part}, as long as is read`, { 'example.test': [`v=spf1 ${fill(part, 16_000)}-all`] }],
    ]),
    ['a tree of networks', tree('esp.test', `v=spf1 ${networks} -all`)],
    ['a tree of its own', tree('example.test', `v=spf1 ${networks} -all`)],
    ['a tree of pointers', tree('example.test', `v=spf1 ${fill('ptr ', 16_000)}-all`)],
    ['semicolons for TLS-RPT', { '_smtp._tls.example.test': [`v=TLSRPTv1;${fill(';')}`] }],
    ['semicolons for MTA-STS', { '_mta-sts.example.test': [`v=STSv1;${fill(';')}`] }],
    ['semicolons for BIMI', { 'default._bimi.example.test': [`v=BIMI1;${fill(';')}`] }],
    [
      'report addresses',
      {
        '_smtp._tls.example.test': [
          `v=TLSRPTv1; rua=${Array.from({ length: 3000 }, (_, i) => `mailto:a@b${i}.test`).join(',')}`,
        ],
      },
    ],
  ];
  for (const [name, texts] of worst) {
    const dns = table(texts);
    const began = process.cpuUsage();
    const check = await audit(dns, known({ ips: ['203.0.113.7', '203.0.113.8'] }));
    const { user, system } = process.cpuUsage(began);
    const size = JSON.stringify(check).length;
    assert.ok((user + system) / 1000 < 3000, `${name}: ${(user + system) / 1000} ms`);
    assert.ok(size < 12_000_000, `${name}: ${size} characters`);
    assert.ok(dns.asked.length < 500, `${name}: ${dns.asked.length} questions`);
    assert.ok(
      check.findings.some(({ severity }) => severity !== 'info'),
      name,
    );
  }
});

test('a check takes as many turns as its longest chain of questions, however many there are', async () => {
  const texts: Record<string, string[]> = {
    'example.test': ['v=spf1 include:one.test include:other.test mx -all'],
    'one.test': ['v=spf1 include:two.test -all'],
    'two.test': ['v=spf1 include:three.test -all'],
    'three.test': ['v=spf1 a:four.test -all'],
    'other.test': ['v=spf1 ip4:192.0.2.0/24 -all'],
    '_dmarc.example.test': ['v=DMARC1; p=reject; rua=mailto:a@reports.test'],
    's1._domainkey.example.test': [KEY],
  };
  // Every question that is out is answered at once, and that is a turn.
  let out: (() => void)[] = [];
  const dns = table(texts);
  const slow = {
    query: async <T extends DnsType>(name: string, type: T): Promise<DnsAnswer<T>> => {
      await new Promise<void>((resolve) => out.push(resolve));
      return dns.query(name, type);
    },
  };
  let check: DomainCheck | null = null;
  void audit(slow, known({ ips: ['192.0.2.1', '198.51.100.1'] })).then((done) => {
    check = done;
  });
  let turns = 0;
  for (; check === null && turns < 50; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    const answered = out;
    out = [];
    for (const answer of answered) answer();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(dns.asked.length > Object.keys(USUAL_SELECTORS).length);
  assert.deepEqual(
    (check as DomainCheck | null)?.records.spf?.evaluations.map(({ result }) => result),
    ['pass', 'fail'],
  );
  // example.test, one.test, two.test, three.test, four.test.
  assert.equal(turns, 5);
});
