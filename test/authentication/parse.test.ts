/** Tables and properties of the parsers: what each hand writes, and that no text whatever can stop or slow them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAligned, organizationalDomain, readAuthor } from '../../server/authentication/alignment.ts';
import {
  decodeWords,
  HEADER_MAX_BYTES,
  HEADER_MAX_LINES,
  type HeaderField,
  readHeaders,
} from '../../server/authentication/headers.ts';
import { addressOf, isPrivateAddress, matchesHost } from '../../server/authentication/host.ts';
import { judgeHeaders } from '../../server/authentication/judge.ts';
import { parseMailDate, parseReceived, readHops } from '../../server/authentication/received.ts';
import { parseAuthenticationResults, parseReceivedSpf } from '../../server/authentication/results.ts';
import { AUTHENTICATION_RESULTS, BOUNDARY_STYLES, type TrustRules } from '../../server/authentication/types.ts';

const from = (...values: string[]): HeaderField[] =>
  values.map((value, index) => ({ name: 'From', key: 'from', value, index }));

test('headers: order, folding, strange names, what ends them', () => {
  const block = readHeaders(
    Buffer.from(
      'From x@y Mon Nov 23\nSubject: a\r\n b\n\tc\nno colon here\n__proto__: 1\nconstructor : 2\nÄ: bad name\nEmpty:\nJa: 日本\n\nBody: x',
    ),
  );
  assert.deepEqual(
    block.fields.map((field) => [field.index, field.key, field.value]),
    [
      [0, 'subject', 'a b\tc'],
      [1, '__proto__', '1'],
      [2, 'constructor', '2'],
      [3, 'empty', ''],
      [4, 'ja', '日本'],
    ],
  );
  assert.equal(block.tooLarge, false);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('headers: the limits hold to the byte and the line', () => {
  const lines = (n: number): Buffer => Buffer.from(`${'A: b\r\n'.repeat(n)}\r\nbody`);
  assert.equal(readHeaders(lines(HEADER_MAX_LINES)).tooLarge, false);
  assert.equal(readHeaders(lines(HEADER_MAX_LINES + 1)).tooLarge, true);
  const long = (n: number): Buffer => Buffer.from(`A: ${'b'.repeat(n - 5)}\r\n\r\n${'x'.repeat(1000)}`);
  assert.equal(readHeaders(long(HEADER_MAX_BYTES)).tooLarge, false);
  assert.equal(readHeaders(long(HEADER_MAX_BYTES + 10)).tooLarge, true);
  assert.equal(readHeaders(Buffer.alloc(5_000_000, 0x61)).tooLarge, true);
  const cut = readHeaders(Buffer.concat([Buffer.from('Top: 1\n'), Buffer.alloc(300_000, 0x61)]));
  assert.deepEqual([cut.tooLarge, cut.fields[0]?.value], [true, '1']);
});

test('encoded words', () => {
  const table: [string, string][] = [
    ['=?UTF-8?B?5bGK44GP?=', '届く'],
    ['=?ISO-2022-JP?B?GyRCRk8kLxsoQg==?=', '届く'],
    ['=?utf-8?Q?a_b=3Dc?= d', 'a b=c d'],
    ['=?utf-8?B?5bGK?= =?utf-8?B?44GP?=', '届く'],
    ['=?utf-8?B?5bE=?= =?utf-8?B?iuOBjw==?=', '届く'],
    ['=?utf-8?Q?a?= x =?utf-8?Q?b?=', 'a x b'],
    ['=?nonsense?B?AAAA?=', '=?nonsense?B?AAAA?='],
    ['=?utf-8*en?Q?hi?=', 'hi'],
    ['plain', 'plain'],
  ];
  for (const [encoded, text] of table) assert.equal(decodeWords(encoded), text);
});

test('Authentication-Results as they are written', () => {
  const table: [string, string | null, [string, string, Record<string, string>][]][] = [
    ['example.org 1; none', 'example.org', []],
    [
      'example.com; spf=pass smtp.mailfrom=example.net',
      'example.com',
      [['spf', 'pass', { 'smtp.mailfrom': 'example.net' }]],
    ],
    [
      'example.com; dkim/1 = pass (good (nested \\) signature)) reason="a;b (c" header.i="odd one"@example.com ; spf = none',
      'example.com',
      [
        ['dkim', 'pass', { 'header.i': 'odd one@example.com' }],
        ['spf', 'none', {}],
      ],
    ],
    [
      'spf=pass (sender IP is 203.0.113.7) smtp.mailfrom=a.example; dkim=pass header.d=a.example;dmarc=bestguesspass action=none header.from=a.example;compauth=pass reason=109',
      null,
      [
        ['spf', 'pass', { 'smtp.mailfrom': 'a.example' }],
        ['dkim', 'pass', { 'header.d': 'a.example' }],
        ['dmarc', 'bestguesspass', { action: 'none', 'header.from': 'a.example' }],
        ['compauth', 'pass', {}],
      ],
    ],
    [
      'mta1.mail.yahoo.com  from=a.example; domainkeys=neutral (no sig);  from=a.example; dkim=pass (ok); header.i=@a.example',
      'mta1.mail.yahoo.com',
      [
        ['domainkeys', 'neutral', {}],
        ['from', 'a.example', {}],
        ['dkim', 'pass', { 'header.i': '@a.example' }],
      ],
    ],
    [
      'a.example; dkim=pass header.b=ab/c==; dmarc=pass(p=NONE) header.from=x.example',
      'a.example',
      [
        ['dkim', 'pass', { 'header.b': 'ab/c==' }],
        ['dmarc', 'pass', { 'header.from': 'x.example' }],
      ],
    ],
    [
      'a.example; spf=pass dkim=fail',
      'a.example',
      [
        ['spf', 'pass', {}],
        ['dkim', 'fail', {}],
      ],
    ],
    ['"quoted.example"; spf=pass', 'quoted.example', [['spf', 'pass', {}]]],
    ['(comment first) a.example; spf=pass', 'a.example', [['spf', 'pass', {}]]],
    [
      'a.example; __proto__=pass constructor.prototype=x',
      'a.example',
      [['__proto__', 'pass', { 'constructor.prototype': 'x' }]],
    ],
    ['', null, []],
    [';;;', null, []],
  ];
  for (const [text, id, results] of table) {
    const got = parseAuthenticationResults(text);
    assert.equal(got.authservId, id, text);
    assert.deepEqual(
      got.results.map((one) => [one.method, one.result, Object.fromEntries(one.properties)]),
      results,
      text,
    );
  }
  assert.equal(parseAuthenticationResults('a; x=y reason="a;b (c"').results[0]?.reason, 'a;b (c');
});

test('Received-SPF', () => {
  const got = parseReceivedSpf(
    'Pass (mx.example: domain of a@b.example designates 203.0.113.7 as permitted sender) client-ip=203.0.113.7; envelope-from="a@b.example"; helo=mail.b.example;',
  );
  assert.deepEqual(
    [got?.result, got?.clientIp, got?.pairs.get('envelope-from'), got?.pairs.get('helo')],
    ['pass', '203.0.113.7', 'a@b.example', 'mail.b.example'],
  );
  assert.equal(
    parseReceivedSpf('fail (domain of x does not designate 2001:db8::7 as permitted sender)')?.clientIp,
    '2001:db8::7',
  );
  assert.equal(parseReceivedSpf('key=value'), null);
});

test('Received lines in every hand', () => {
  type Line = [string, string | null, string | null, string | null, string | null, unknown];
  const table: Line[] = [
    // Postfix
    [
      'from helo.example (rdns.example [203.0.113.7]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by mx.example (Postfix) with ESMTPS id 4Tab; Mon, 23 Nov 2026 10:00:00 +0000',
      'helo.example',
      'rdns.example',
      '203.0.113.7',
      'mx.example',
      { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
    ],
    [
      'from [10.9.9.9] (unknown [203.0.113.7]) by mx.example (Postfix) with ESMTP id 4Tab; x',
      '[10.9.9.9]',
      null,
      '203.0.113.7',
      'mx.example',
      null,
    ],
    [
      'from h.example (h.example [IPv6:2001:db8::25]) by mx.example (Postfix) with ESMTPSA id 1; x',
      'h.example',
      'h.example',
      '2001:db8::25',
      'mx.example',
      {},
    ],
    [
      'from h.example (unknown [203.0.113.7]) (Authenticated sender: x@[198.51.100.1]) by mx.example with ESMTPA id 1; x',
      'h.example',
      null,
      '203.0.113.7',
      'mx.example',
      null,
    ],
    [
      'from h.example (r.example [203.0.113.7]) (using TLSv1.2 with cipher X-Y-Z (1/1 bits)) (Client CN "[198.51.100.1]", Issuer "x" (verified OK)) by mx.example with ESMTPS id 1; x',
      'h.example',
      'r.example',
      '203.0.113.7',
      'mx.example',
      { version: 'TLSv1.2', cipher: 'X-Y-Z' },
    ],
    // Exim
    [
      'from [203.0.113.7] (helo=helo.example) by mx.example with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.98) id 1t; x',
      'helo.example',
      null,
      '203.0.113.7',
      'mx.example',
      { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
    ],
    [
      'from rdns.example ([203.0.113.7]:4711 helo=[198.51.100.1]) by mx.example with esmtp (Exim 4.98) id 1t; x',
      '[198.51.100.1]',
      'rdns.example',
      '203.0.113.7',
      'mx.example',
      null,
    ],
    [
      'from rdns.example ([203.0.113.7]) by mx.example with esmtps (TLS1.2:ECDHE-RSA-AES128-GCM-SHA256:128) id 1t; x',
      'rdns.example',
      null,
      '203.0.113.7',
      'mx.example',
      { version: 'TLSv1.2', cipher: 'ECDHE-RSA-AES128-GCM-SHA256' },
    ],
    // Sendmail
    [
      'from helo.example (rdns.example [203.0.113.7] (may be forged)) by mx.example (8.18.1/8.18.1) with ESMTPS id 4AN (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NO); x',
      'helo.example',
      null,
      '203.0.113.7',
      'mx.example',
      { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
    ],
    [
      'from helo.example (IDENT:user@rdns.example [203.0.113.7]) by mx.example with SMTP id 4AN; x',
      'helo.example',
      'rdns.example',
      '203.0.113.7',
      'mx.example',
      null,
    ],
    // qmail
    [
      'from unknown (HELO helo.example) (user@203.0.113.7) by mx.example with SMTP; 23 Nov 2026 10:00:00 -0000',
      'helo.example',
      null,
      '203.0.113.7',
      'mx.example',
      null,
    ],
    [
      'from rdns.example (HELO helo.example) (203.0.113.7) by mx.example with SMTP; x',
      'helo.example',
      'rdns.example',
      '203.0.113.7',
      'mx.example',
      null,
    ],
    ['(qmail 12345 invoked from network); 23 Nov 2026 10:00:00 -0000', null, null, null, null, 'unknown'],
    // Outlook
    [
      'from helo.example (203.0.113.7) by X.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20; x',
      'helo.example',
      null,
      '203.0.113.7',
      'X.mail.protection.outlook.com',
      { version: 'TLSv1.2', cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384' },
    ],
    // Yahoo
    [
      'from 127.0.0.1  (EHLO helo.example) (203.0.113.7)   by mta1.mail.bf1.yahoo.com with SMTP; x',
      'helo.example',
      null,
      '203.0.113.7',
      'mta1.mail.bf1.yahoo.com',
      null,
    ],
    [
      'from 203.0.113.7 (EHLO helo.example) by 10.253.1.1 with SMTPs (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256); x',
      'helo.example',
      null,
      '203.0.113.7',
      '10.253.1.1',
      { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
    ],
    // hostile
    ['from by (by [203.0.113.7]) by mx.example with id', 'by', 'by', '203.0.113.7', 'mx.example', 'unknown'],
    ['', null, null, null, null, 'unknown'],
    ['from', null, null, null, null, 'unknown'],
    ['from ((((', '', null, null, null, 'unknown'],
  ];
  for (const [text, helo, name, ip, by, tls] of table) {
    const line = parseReceived(text);
    const helpful = [line.from ?? (helo === '' ? '' : null), line.fromName, line.fromIp, line.by, line.tls];
    assert.deepEqual(helpful, [helo, name, ip, by, tls], text);
  }
});

test('the way: from the first step to the last, delays never negative', () => {
  const received = (value: string, index: number): HeaderField => ({ name: 'Received', key: 'received', value, index });
  const hops = readHops([
    received('by c.example with LMTP; Mon, 23 Nov 2026 19:00:30 +0900', 0),
    received('from b by b.example with ESMTP; Mon, 23 Nov 2026 09:59:50 GMT', 1),
    received('from a by a.example with ESMTP; no date', 2),
    received('from x by a.example with ESMTP; Mon, 23 Nov 2026 10:00:00 +0000', 3),
  ]);
  assert.deepEqual(
    hops.map((hop) => [hop.by, hop.delayMs, hop.note]),
    [
      ['a.example', null, undefined],
      ['a.example', null, undefined],
      ['b.example', 0, 'clock-behind'],
      ['c.example', 30_000, undefined],
    ],
  );
});

test('dates', () => {
  const table: [string, string | null][] = [
    ['Mon, 23 Nov 2026 10:00:00 +0000', '2026-11-23T10:00:00.000Z'],
    ['Mon, 23 Nov 2026 02:00:04 -0800 (PST)', '2026-11-23T10:00:04.000Z'],
    ['23 Nov 26 10:00 JST', '2026-11-23T01:00:00.000Z'],
    ['Tue,  3 Nov 2026 10:00:00 GMT', '2026-11-03T10:00:00.000Z'],
    ['Mon, 23 Nov 2026 10:00:00.123456 +0530', '2026-11-23T04:30:00.000Z'],
    ['tomorrow', null],
    ['32 Foo 2026 10:00:00', null],
    ['1 Jan 2026 25:00:00 +0000', null],
  ];
  for (const [text, iso] of table) {
    const at = parseMailDate(text);
    assert.equal(at === null ? null : new Date(at).toISOString(), iso, text);
  }
});

test('addresses and names', () => {
  const table: [string, string | null][] = [
    ['[203.0.113.7]', '203.0.113.7'],
    ['[IPv6:2001:DB8::7]', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:25', '203.0.113.7'],
    ['[203.0.113.7]:4711', '203.0.113.7'],
    ['203.0.113.256', null],
    ['203.0.113.07', null],
    ['1:2:3:4:5:6:7', null],
    ['1::2::3', null],
    ['::', '::'],
    ['mail.example', null],
    ['', null],
  ];
  for (const [text, ip] of table) assert.equal(addressOf(text), ip, text);
  for (const ip of [
    '10.0.0.1',
    '127.0.0.1',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '::1',
    'fd00::1',
    'fe80::1',
    '2002:a05:6a11::',
  ]) {
    assert.equal(isPrivateAddress(ip), true, ip);
  }
  for (const ip of ['203.0.113.7', '172.32.0.1', '100.128.0.1', '2001:db8::1', '2603:10b6::1']) {
    assert.equal(isPrivateAddress(ip), false, ip);
  }
  assert.equal(matchesHost('MX.Google.com.', ['mx.google.com']), true);
  assert.equal(matchesHost('a.mail.yahoo.com', ['*.yahoo.com']), true);
  assert.equal(matchesHost('yahoo.com', ['*.yahoo.com']), true);
  assert.equal(matchesHost('notyahoo.com', ['*.yahoo.com']), false);
  assert.equal(matchesHost('mx.google.com.evil.example', ['mx.google.com', '*.google.com']), false);
});

test('alignment', () => {
  const table: [string, string, boolean, boolean][] = [
    ['example.com', 'example.com', true, true],
    ['mail.example.com', 'example.com', true, false],
    ['Example.COM.', 'example.com', true, true],
    ['a.example.co.uk', 'b.example.co.uk', true, false],
    ['example.co.uk', 'other.co.uk', false, false],
    ['a.github.io', 'b.github.io', false, false],
    ['badexample.com', 'example.com', false, false],
    ['', 'example.com', false, false],
  ];
  for (const [domain, author, relaxed, strict] of table) {
    assert.equal(isAligned(domain, author), relaxed, `${domain} ${author}`);
    assert.equal(isAligned(domain, author, 'strict'), strict, `${domain} ${author} strict`);
  }
  assert.equal(
    isAligned('a.corp.example', 'b.corp.example', 'relaxed', 'b.corp.example'),
    false,
    'the tree walk decides',
  );
  assert.equal(organizationalDomain('a.b.example.co.jp'), 'example.co.jp');
  assert.equal(organizationalDomain('mail.good.test'), 'good.test');
});

test('the author, and every way to blur it', () => {
  const clear: [string, string][] = [
    ['a@x.example', 'x.example'],
    ['Name <a@X.Example>', 'x.example'],
    ['"a, b" <a@x.example>', 'x.example'],
    ['a@x.example (b)', 'x.example'],
    ['"odd@local"@x.example', 'x.example'],
    ['a@x.example, b@x.example', 'x.example'],
    ['Group: a@x.example, b@x.example;', 'x.example'],
    ['=?utf-8?B?5bGK44GP?= <a@x.example>', 'x.example'],
  ];
  for (const [value, domain] of clear) {
    const author = readAuthor(from(value));
    assert.deepEqual([value, author.domain, author.problems], [value, domain, []]);
  }
  const blurred: [string[], string][] = [
    [[], 'no-from'],
    [['a@x.example', 'b@y.example'], 'several-from-fields'],
    [['a@x.example', 'a@x.example'], 'several-from-fields'],
    [['just a name'], 'no-address'],
    [['a@x.example, b@y.example'], 'several-domains'],
    [['<a@x.example> <b@y.example>'], 'several-domains'],
    [['a@x.example@y.example'], 'several-domains'],
    [['<@r.example:a@x.example>'], 'source-route'],
    [['a@x.example\x00@y.example'], 'control-characters'],
    [['"a <a@x.example>'], 'unbalanced'],
    [['(a <a@x.example>'], 'unbalanced'],
    [['=?utf-8?Q?a=40y.example?= , <a@x.example>'], 'several-domains'],
    [['<=?utf-8?Q?a=40y.example?=@x.example>'], 'encoded-address'],
  ];
  for (const [values, problem] of blurred) {
    const author = readAuthor(from(...values));
    assert.equal(author.domain, null, values.join(' | '));
    assert.ok(
      author.problems.some((one) => one === problem),
      `${values.join(' | ')}: ${author.problems}`,
    );
  }
  const dressed = readAuthor(from('"boss@bank.example" <x@evil.example>'));
  assert.deepEqual([dressed.domain, dressed.problems], ['evil.example', ['address-in-display-name']]);
});

const RULES: TrustRules[] = BOUNDARY_STYLES.map((boundary) => ({
  authservIds: boundary === 'outlook' ? [] : ['mx.example'],
  style: boundary === 'outlook' ? 'outlook' : 'rfc8601',
  boundary,
}));
const soup = fc.array(
  fc.oneof(
    fc.constantFrom(
      'Received: from a (b [203.0.113.7]) by mx.example with ESMTP; Mon, 23 Nov 2026 10:00:00 +0000\n',
      'Received: by 2002:a05:: with SMTP; x\n',
      'Authentication-Results: mx.example; dkim=pass header.d=x.example; spf=fail\n',
      'Authentication-Results: spf=pass (sender IP is 203.0.113.7)\n',
      'Received-SPF: pass client-ip=203.0.113.7;\n',
      'From: a@x.example\n',
      'Return-Path: <>\n',
      'X-Forefront-Antispam-Report: CIP:203.0.113.7;\n',
      '\n',
    ),
    fc.string({ unit: fc.constantFrom(...' \t\r\n;:=()[]<>"\\@,.aspfdkim=?_é\0') }),
    fc.string({ unit: 'binary' }),
  ),
  { maxLength: 30 },
);

test('property: no header whatever makes a judgement throw, and results are words of RFC 8601', () => {
  fc.assert(
    fc.property(soup, fc.constantFrom(...RULES), (parts, rules) => {
      const judged = judgeHeaders(Buffer.from(parts.join('')), rules);
      const words: readonly string[] = AUTHENTICATION_RESULTS;
      for (const one of [judged.reported?.spf, judged.reported?.dkim, judged.reported?.dmarc]) {
        if (one) assert.ok(words.includes(one.result));
      }
      for (const hop of judged.hops) assert.ok(hop.delayMs === null || hop.delayMs >= 0);
      assert.deepEqual(JSON.parse(JSON.stringify(judged)), judged, 'plain data');
    }),
    { numRuns: 3000 },
  );
});

test('property: nothing that comes with a mail makes its reported results better', () => {
  const results =
    'Authentication-Results: mx.example; dkim=fail header.d=x.example; spf=fail smtp.mailfrom=x.example; dmarc=fail header.from=x.example\n';
  const received =
    'Received: from evil (evil.example [198.51.100.66]) by mx.example with ESMTP id 1; Mon, 23 Nov 2026 10:00:00 +0000\n';
  // Written above the Received line, or beneath it, as filters behind Postfix do.
  const hands: [string, TrustRules][] = [
    [results + received, { authservIds: ['mx.example'], style: 'rfc8601' }],
    [received + results, { authservIds: ['mx.example'], style: 'rfc8601', beneathBoundary: true }],
  ];
  for (const [genuine, rules] of hands) {
    const alone = judgeHeaders(Buffer.from(`${genuine}From: a@x.example\n`), rules);
    assert.ok(alone.reported);
    fc.assert(
      fc.property(soup, (parts) => {
        // A sender writes what it likes, but its text begins on a line of its own and is no folding of the receiver's.
        const sent = parts.join('').replace(/^[ \t]+/, '');
        const judged = judgeHeaders(Buffer.from(genuine + sent), rules);
        const { spf, dkim, dmarc, sources } = judged.reported ?? alone.reported ?? assert.fail();
        assert.deepEqual([spf.result, dkim.result, dmarc.result], ['fail', 'fail', 'fail']);
        assert.deepEqual(judged.boundary, alone.boundary);
        assert.deepEqual(sources, alone.reported?.sources);
      }),
      { numRuns: 1000 },
    );
  }
});

test('property: a header that was written is read back', () => {
  const token = fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-'),
    minLength: 1,
    maxLength: 20,
  });
  const property = fc.record({ name: token, value: fc.string({ maxLength: 60 }) });
  fc.assert(
    fc.property(
      token,
      fc.array(fc.record({ result: token, props: fc.array(property, { maxLength: 4 }) }), { maxLength: 8 }),
      (id, results) => {
        const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;
        const text = [
          id,
          ...results.map((one, i) =>
            [`m${i}=${one.result}`, ...one.props.map((p) => `x.${p.name}=${quote(p.value)}`)].join(' (a; b) '),
          ),
        ].join(';');
        const got = parseAuthenticationResults(text);
        assert.equal(got.authservId, id);
        assert.deepEqual(
          got.results.map((one) => [one.method, one.result]),
          results.map((one, i) => [`m${i}`, one.result]),
        );
        for (const [i, one] of results.entries()) {
          const expected = new Map<string, string>();
          for (const p of one.props) if (!expected.has(`x.${p.name}`)) expected.set(`x.${p.name}`, p.value);
          assert.deepEqual(got.results[i]?.properties, expected);
        }
      },
    ),
  );
});

test('cost grows with size, not with its square: eight times the text takes far less than sixty-four times as long', () => {
  const hostile: [string, (text: string) => unknown, string][] = [
    ['results, folded', parseAuthenticationResults, ';\n '],
    ['results, open brackets', parseAuthenticationResults, '('],
    ['results, backslashes', parseAuthenticationResults, 'a; b="\\'],
    ['results, equals', parseAuthenticationResults, '='],
    ['results, quotes', parseAuthenticationResults, '"'],
    ['results, pairs', parseAuthenticationResults, 'a=b '],
    ['results, dkim', parseAuthenticationResults, 'dkim=pass (x);'],
    ['spf', parseReceivedSpf, 'pass (a) b=c;'],
    ['received', parseReceived, 'from (a [1.2.3.4] '],
    ['words', decodeWords, '=?utf-8?Q?a?= '],
    ['words, cut', decodeWords, '=?'],
    ['words, long', decodeWords, '=?a?b?'],
    ['author', (text) => readAuthor(from(text)), '@:,<"('],
    ['author, at', (text) => readAuthor(from(text)), '@a:'],
    ['date', parseMailDate, '1 '],
    ['headers', (text) => readHeaders(Buffer.from(text)), 'a: b\r\n c\r\n'],
    [
      'judge',
      (text) => judgeHeaders(Buffer.from(text), RULES[6] ?? { authservIds: [], style: 'rfc8601' }),
      'Received: from a (b [1.2.3.4]) by mx.example;\n',
    ],
  ];
  const cost = (parse: (text: string) => unknown, text: string): number => {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i++) {
      const start = process.cpuUsage();
      parse(text);
      const used = process.cpuUsage(start);
      best = Math.min(best, used.user + used.system);
    }
    return best;
  };
  for (const [name, parse, unit] of hostile) {
    const small = unit.repeat(Math.ceil(150_000 / unit.length));
    const big = unit.repeat(Math.ceil(1_200_000 / unit.length));
    parse(small);
    // The floor keeps clocks and collections of garbage out of it; a quadratic parser is far above.
    const ratio = cost(parse, big) / Math.max(cost(parse, small), 4000);
    assert.ok(ratio < 32, `${name}: ${ratio.toFixed(1)}`);
  }
});
