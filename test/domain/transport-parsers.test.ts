/** Parsers of everything about transport: tables of what they must make of records and files, and texts at random, which must never throw and never take long. */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readBimiRecord } from '../../server/domain/bimi.ts';
import { isMadeOutTo, readMarkCertificate } from '../../server/domain/bimi-certificate.ts';
import { isGenericTitle, readLogo } from '../../server/domain/bimi-logo.ts';
import { BLOCKLISTS } from '../../server/domain/blocklist-table.ts';
import { chooseLists, questionFor, readListAnswer, removalLink, testNames } from '../../server/domain/blocklists.ts';
import { extensionOf, findTag, readDer, readObjectId } from '../../server/domain/der.ts';
import { causeOf, readZoneKey } from '../../server/domain/dnssec.ts';
import { MARK_ROOTS } from '../../server/domain/mark-roots.ts';
import { coversHost, readStsPolicy, readStsRecord } from '../../server/domain/mta-sts.ts';
import { mxNameProblem } from '../../server/domain/mx.ts';
import { heloProblem, looksGeneric } from '../../server/domain/ptr.ts';
import { readRptRecord } from '../../server/domain/tls-rpt.ts';
import { fitsChain, readTlsa, tlsaFor } from '../../server/domain/tlsa.ts';
import { newAuthority } from '../net/certificates.ts';
import { markCertificate } from './marks.ts';

const DAY = 86_400_000;

describe('MTA-STS', () => {
  const policy = (...lines: string[]): string => lines.join('\r\n');
  const good = ['version: STSv1', 'mode: enforce', 'mx: mx.a.test', 'max_age: 604800'];
  const cases: [string, string, string[]][] = [
    ['as it should be', policy(...good, ''), []],
    ['with plain line ends and blanks', good.map((line) => `${line} \n`).join(''), []],
    ['in another order, with a field of the future', policy('max_age:1', 'x-later: 1', ...good.slice(0, 3)), []],
    ['mode none needs no servers', policy('version: STSv1', 'mode: none', 'max_age: 0'), []],
    ['empty', '', ['version-missing', 'mode-missing', 'max-age-missing', 'mx-missing']],
    [
      'a web page',
      '<!doctype html>\n<title>x</title>',
      ['not-a-field', 'not-a-field', 'version-missing', 'mode-missing', 'max-age-missing', 'mx-missing'],
    ],
    ['another version', policy('version: STSv2', ...good.slice(1)), ['version-unknown']],
    ['another mode', policy('version: STSv1', 'mode: Enforce', ...good.slice(2)), ['mode-unknown']],
    ['forever', policy(...good.slice(0, 3), 'max_age: 31557601'), ['max-age-invalid']],
    ['a negative age', policy(...good.slice(0, 3), 'max_age: -1'), ['max-age-invalid']],
    ['an age with a point', policy(...good.slice(0, 3), 'max_age: 1.5'), ['max-age-invalid']],
    ['a star in the middle', policy(...good.slice(0, 2), 'mx: mx.*.test', 'max_age: 1'), ['mx-invalid']],
    ['an address', policy(...good.slice(0, 2), 'mx: 192.0.2.1', 'max_age: 1'), ['mx-invalid']],
  ];
  for (const [name, text, expected] of cases)
    test(`policy: ${name}`, () => {
      assert.deepEqual(
        readStsPolicy(text).faults.map(({ problem }) => problem),
        expected,
      );
    });
  test('records', () => {
    for (const [record, id, valid] of [
      ['v=STSv1; id=20261101', '20261101', true],
      ['v=STSv1;id=a1;', 'a1', true],
      ['v=STSv1; id=', '', false],
      ['v=STSv1;', null, false],
      [`v=STSv1; id=${'a'.repeat(33)}`, 'a'.repeat(33), false],
    ] as const) {
      const read = readStsRecord(record);
      assert.deepEqual([read.id, read.idValid], [id, valid], record);
    }
  });
  test('a pattern stands for one label', () => {
    for (const [pattern, host, covers] of [
      ['mx.a.test', 'MX.a.test.', true],
      ['mx.a.test', 'mx2.a.test', false],
      ['*.a.test', 'mx.a.test', true],
      ['*.a.test', 'a.test', false],
      ['*.a.test', 'x.mx.a.test', false],
      ['*.a.test', 'mxa.test', false],
      ['a.test', 'evil-a.test', false],
    ] as const)
      assert.equal(coversHost(pattern, host), covers, `${pattern} ${host}`);
  });
});

test('TLS reporting addresses', () => {
  for (const [rua, expected] of [
    ['mailto:a@b.test', [null]],
    ['mailto:a@b.test,https://c.test/r', [null, null]],
    ['mailto:a@b.test?subject=x', [null]],
    ['a@b.test', ['not-a-uri']],
    ['http://c.test/', ['scheme']],
    ['mailto:a', ['not-an-address']],
    ['mailto:a@b..test', ['not-an-address']],
    ['https://localhost/', ['not-a-url']],
    ['https:///', ['not-a-url']],
  ] as const)
    assert.deepEqual(
      readRptRecord(`v=TLSRPTv1; rua=${rua}`).addresses.map(({ problem }) => problem),
      expected,
      rua,
    );
});

test('names of mail servers', () => {
  for (const [name, problem] of [
    ['mx.a.test', null],
    ['xn--bcher-kva.test', null],
    ['192.0.2.1', 'address-literal'],
    ['[192.0.2.1]', 'address-literal'],
    ['2001:db8::1', 'address-literal'],
    ['mx_1.a.test', 'not-a-host-name'],
    ['-mx.a.test', 'not-a-host-name'],
    ['mx', 'not-a-host-name'],
    ['mx.a.123', 'not-a-host-name'],
    ['mail server.test', 'not-a-host-name'],
  ] as const)
    assert.equal(mxNameProblem(name), problem, name);
});

test('names in HELO', () => {
  for (const [name, problem] of [
    ['mail.a.test', null],
    ['mail.a.test.', null],
    ['localhost', 'not-full'],
    ['mail', 'not-full'],
    ['mail.local', 'not-full'],
    ['server.internal', 'not-full'],
    ['192.0.2.1', 'address'],
    ['[192.0.2.1]', 'address'],
    ['[IPv6:2001:db8::1]', 'address'],
    ['a b', 'not-a-host-name'],
    ['', 'not-a-host-name'],
  ] as const)
    assert.equal(heloProblem(name), problem, name);
});

test('reverse names that providers give', () => {
  for (const [name, ip, generic] of [
    ['mail.example.com', '203.0.113.7', false],
    ['mx7.example.com', '203.0.113.7', false],
    ['o1.email.example.com', '203.0.113.1', false],
    ['203-0-113-7.pool.isp.test', '203.0.113.7', true],
    ['203.0.113.7.static.isp.test', '203.0.113.7', true],
    ['7.113.0.203.dsl.isp.test', '203.0.113.7', true],
    ['host-203-000-113-007.isp.test', '203.0.113.7', true],
    ['cb007107.isp.test', '203.0.113.7', true],
    ['c-113-7.dyn.isp.test', '203.0.113.7', true],
    ['113-7.example.com', '203.0.113.7', false],
    ['mail.example.com', '2001:db8::7', false],
    ['20010db8000000000000000000000007.isp.test', '2001:db8::7', true],
  ] as const)
    assert.equal(looksGeneric(name, ip), generic, name);
});

describe('TLSA', () => {
  const authority = newAuthority();
  const identity = authority.issue(['mx.a.test']);
  const own = new X509Certificate(identity.cert);
  const ca = new X509Certificate(authority.ca);
  const chain = [own.raw, ca.raw];
  const record = (text: string) => {
    const [usage = '', selector = '', matchingType = '', data = ''] = text.split(' ');
    return readTlsa({
      usage: Number(usage),
      selector: Number(selector),
      matchingType: Number(matchingType),
      certificate: Buffer.from(data, 'hex'),
    });
  };
  const hash = (bytes: Buffer, algorithm = 'sha256'): string => createHash(algorithm).update(bytes).digest('hex');
  const key = own.publicKey.export({ type: 'spki', format: 'der' });

  test('what is wrong with a record', () => {
    for (const [text, problem] of [
      [`3 1 1 ${'00'.repeat(32)}`, null],
      [`3 1 2 ${'00'.repeat(64)}`, null],
      [`3 1 1 ${'00'.repeat(31)}`, 'length'],
      [`3 1 2 ${'00'.repeat(32)}`, 'length'],
      [`1 1 1 ${'00'.repeat(32)}`, 'usage-unused'],
      [`4 1 1 ${'00'.repeat(32)}`, 'usage-unknown'],
      [`3 2 1 ${'00'.repeat(32)}`, 'selector-unknown'],
      [`3 1 3 ${'00'.repeat(32)}`, 'matching-unknown'],
      ['3 1 0 00', 'not-der'],
      [`3 0 0 ${own.raw.toString('hex')}`, null],
    ] as const)
      assert.equal(record(text).problem, problem, text.slice(0, 30));
  });
  test('what fits a server', () => {
    const now = Date.now();
    for (const [text, host, at, fits] of [
      [tlsaFor(own.raw), 'mx.a.test', now, true],
      [tlsaFor(own.raw), 'other.test', now + 400 * DAY, true], // usage 3: neither name nor date matter
      [`3 0 1 ${hash(own.raw)}`, 'mx.a.test', now, true],
      [`3 0 2 ${hash(own.raw, 'sha512')}`, 'mx.a.test', now, true],
      [`3 1 0 ${key.toString('hex')}`, 'mx.a.test', now, true],
      [`3 1 1 ${hash(own.raw)}`, 'mx.a.test', now, false],
      [`3 0 1 ${hash(ca.raw)}`, 'mx.a.test', now, false],
      [`2 0 1 ${hash(ca.raw)}`, 'mx.a.test', now, true],
      [`2 0 1 ${hash(ca.raw)}`, 'other.test', now, false],
      [`2 0 1 ${hash(ca.raw)}`, 'mx.a.test', now + 400 * DAY, false],
      [`2 0 1 ${'00'.repeat(32)}`, 'mx.a.test', now, false],
      [`1 1 1 ${hash(key)}`, 'mx.a.test', now, false],
    ] as const)
      assert.equal(fitsChain(record(text), chain, host, at), fits, `${text.slice(0, 12)} ${host}`);
    const stranger = new X509Certificate(newAuthority().ca);
    assert.equal(fitsChain(record(`2 0 1 ${hash(stranger.raw)}`), [own.raw, stranger.raw], 'mx.a.test', now), false);
    assert.equal(fitsChain(record(tlsaFor(own.raw)), [], 'mx.a.test', now), false);
  });
});

describe('DNSSEC', () => {
  test('key tag and digest of RFC 4034 §5.4', () => {
    const key = readZoneKey('dskey.example.com.', {
      flags: 256,
      algorithm: 5,
      key: Buffer.from(
        'AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==',
        'base64',
      ),
    });
    assert.equal(key.keyTag, 60485);
    assert.equal(key.entry, false);
    // The example of RFC 4509 §2.3.
    assert.equal(key.ds, '60485 5 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a');
  });
  test('why a zone does not hold', () => {
    const now = Date.parse('2026-11-25T00:00:00Z');
    const seconds = now / 1000;
    const key = { keyTag: 1, algorithm: 13, entry: true, ds: '' };
    const ds = { keyTag: 1, algorithm: 13, digestType: 2, digest: '' };
    const signature = (inception: number, expiration: number) => [
      { inception: seconds + inception, expiration: seconds + expiration },
    ];
    assert.equal(causeOf([ds], [], [], now), 'no-key');
    assert.equal(causeOf([{ ...ds, keyTag: 2 }], [key], [], now), 'key-not-in-ds');
    assert.equal(causeOf([ds], [key], signature(-100, -1), now), 'signature-expired');
    assert.equal(causeOf([ds], [key], signature(100, 200), now), 'signature-not-yet-valid');
    assert.equal(causeOf([ds], [key], signature(-100, 100), now), 'unknown');
  });
});

describe('BIMI', () => {
  test('records', () => {
    for (const [record, logo, certificate, declined] of [
      ['v=BIMI1; l=https://a.test/l.svg; a=https://a.test/c.pem', null, null, false],
      ['v=BIMI1; l=; a=', undefined, undefined, true],
      ['v=BIMI1;', undefined, undefined, true],
      ['v=BIMI1; l=http://a.test/l.svg', 'not-https', undefined, false],
      ['v=BIMI1; l=a.test/l.svg', 'not-a-url', undefined, false],
      ['v=BIMI1; l=https://localhost/l.svg', 'no-host', undefined, false],
      ['v=BIMI1; l=https://u@a.test/l.svg', 'no-host', undefined, false],
    ] as const) {
      const read = readBimiRecord(record);
      assert.deepEqual(
        [read.logo?.problem, read.certificate?.problem, read.declined],
        [logo, certificate, declined],
        record,
      );
    }
  });

  const svg = (inner: string, attributes = ''): string =>
    `<svg version="1.2" baseProfile="tiny-ps" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"${attributes}><title>A</title>${inner}</svg>`;
  test('logos that are none', () => {
    for (const [text, problem] of [
      ['', 'empty'],
      ['GIF89a', 'not-xml'],
      ['<svg', 'not-xml'],
      ['<html xmlns="http://www.w3.org/1999/xhtml"></html>', 'not-svg'],
      ['<svg></svg>', 'not-svg'],
      [
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg/>',
        'doctype',
      ],
      ['<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><svg>&c;</svg>', 'doctype'],
      ['<?xml-stylesheet href="https://evil.test/x.css"?><svg/>', 'doctype'],
      [svg('<g>').replace('</svg>', ''), 'not-xml'],
      [svg('<a __proto__="1"/>'), 'not-xml'],
      [svg(`${'<g>'.repeat(150)}${'</g>'.repeat(150)}`), 'not-xml'],
    ] as const)
      assert.equal(readLogo(text).problem, problem, text.slice(0, 60));
  });
  test('what is in a logo', () => {
    const cases: [string, { elements?: string[]; attributes?: string[]; references?: string[] }][] = [
      [svg('<g><path d="M0 0"/></g><use xlink:href="#a"/><rect fill="url(#b)"/>'), {}],
      [svg('<svg:path xmlns:svg="http://www.w3.org/2000/svg"/>'), {}],
      [svg('<metadata><rdf:RDF><cc:Work/></rdf:RDF></metadata>'), {}],
      [
        svg('<script/><style/><image/><a/><animate/><foreignObject/>'),
        { elements: ['foreignObject', 'animate', 'a', 'image', 'style', 'script'] },
      ],
      [svg('<sodipodi:namedview/>'), { elements: ['sodipodi:namedview'] }],
      [svg('<rect onclick="x"/>'), { attributes: ['onclick="x"'] }],
      [svg('', ' x="0" zoomAndPan="magnify" focusable="false"'), { attributes: ['x="0"', 'zoomAndPan="magnify"'] }],
      [svg('<rect x="1" y="1"/>'), {}],
      [svg('<use href="https://evil.test/a.svg#b"/>'), { references: ['https://evil.test/a.svg#b'] }],
      [svg('<rect style="fill:url( \'//evil.test/a\' )"/>'), { references: ['//evil.test/a'] }],
      [svg('<use xlink:href="javascript:alert(1)"/>'), { references: ['javascript:alert(1)'] }],
    ];
    for (const [text, expected] of cases) {
      const read = readLogo(text);
      assert.ok(read.problem === null, text);
      const { elements, attributes, references } = read;
      assert.deepEqual(
        { elements, attributes, references },
        { elements: [], attributes: [], references: [], ...expected },
        text,
      );
    }
  });
  test('titles that nobody wrote', () => {
    for (const title of ['Untitled', 'Untitled-1', 'logo', 'Layer 1', 'Artboard 2', 'bimi-svg-tiny-ps'])
      assert.equal(isGenericTitle(title), true, title);
    for (const title of ['Logo Design GmbH', 'Example, Inc.', 'SVG Experts', 'テスト株式会社', 'Logo 12 x'])
      assert.equal(isGenericTitle(title), false, title);
  });

  test('the authorities are those that their issuers publish', () => {
    const roots = MARK_ROOTS.map((pem) => new X509Certificate(pem));
    assert.deepEqual(
      roots.map((root) => root.fingerprint256.replaceAll(':', '').slice(0, 16)),
      ['504386C9EE8932FE', 'CD122CB877C6928B', '1B82E7F491' + '0B51E3', '8F9D1B7698886782', '7831D95A47D42508'],
    );
    for (const root of roots) {
      assert.ok(root.ca && root.checkIssued(root) && root.verify(root.publicKey), root.subject);
      assert.ok(Date.parse(root.validTo) > Date.parse('2035-01-01'));
    }
  });
  test('mark certificates', () => {
    const authority = newAuthority();
    const now = Date.now();
    const read = (pem: string, roots: string[] = [authority.ca]) => readMarkCertificate(pem, roots, now);
    const good = read(markCertificate(authority, { logo: '<svg>x</svg>' }));
    assert.ok(good.problem === null);
    assert.deepEqual(
      [good.kind, good.organization, good.names, good.forMarks, good.chain, good.dates, good.logo?.sha256],
      [
        'VMC',
        'Good Marks, Inc.',
        ['good.test'],
        true,
        'trusted',
        'valid',
        createHash('sha256').update('<svg>x</svg>').digest('hex'),
      ],
    );
    const kinds = ['Prior Use Mark', 'Modified Registered Mark', 'Government Mark', null].map((kind) => {
      const mark = read(markCertificate(authority, { kind }));
      return mark.problem === null ? mark.kind : mark.problem;
    });
    assert.deepEqual(kinds, ['CMC', 'CMC', 'VMC', null]);
    assert.deepEqual(read('hello'), { problem: 'not-pem' });
    assert.deepEqual(read('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'), { problem: 'unreadable' });
    // A logo that unpacks to a megabyte is none.
    const bomb = read(markCertificate(authority, { logo: `<svg>${'x'.repeat(1_000_000)}</svg>` }));
    assert.equal(bomb.problem === null ? bomb.logo : bomb.problem, null);
    const forged = newAuthority();
    const chained = read(markCertificate(forged) + forged.ca);
    assert.equal(chained.problem === null ? chained.chain : '', 'unknown-issuer');
  });
  // Certificates as issuers really make them come with a library that is here anyway.
  const folder = new URL('../../node_modules/@postalsys/vmc/test/fixtures/', import.meta.url);
  const real: [string, string, string, string, number][] = [
    ['paypal_vmc.pem', 'paypal.com', 'PayPal, Inc.', '2025-01-15', 1],
    ['globalsign-vmc.pem', 'globalsign.com', 'GMO GlobalSign Pte. Ltd.', '2026-01-15', 1],
    ['xometry_cmc.pem', 'xometry.com', 'XOMETRY, INC.', '2025-05-15', 1],
    ['cnn.pem', 'cnn.com', 'Cable News Network, Inc.', '2022-01-15', 1],
  ];
  for (const [file, domain, organization, day] of real)
    test(`a mark certificate of an issuer: ${file}`, {
      skip: existsSync(new URL(file, folder)) ? false : 'needs the certificates that @postalsys/vmc brings along',
    }, () => {
      const read = readMarkCertificate(readFileSync(new URL(file, folder), 'utf8'), MARK_ROOTS, Date.parse(day));
      assert.ok(read.problem === null);
      assert.deepEqual(
        [read.organization, read.chain, read.dates, read.forMarks],
        [organization, 'trusted', 'valid', true],
      );
      assert.ok(isMadeOutTo(read.names, domain, domain, 'default'));
      assert.ok((read.logo?.bytes ?? 0) > 200);
      const late = readMarkCertificate(
        readFileSync(new URL(file, folder), 'utf8'),
        MARK_ROOTS,
        Date.parse('2030-01-01'),
      );
      assert.equal(late.problem === null ? late.dates : '', 'expired');
    });
  test('whom a certificate is made out to', () => {
    for (const [names, domain, organization, expected] of [
      [['a.test'], 'a.test', 'a.test', true],
      [['a.test'], 'news.a.test', 'a.test', true],
      [['default._bimi.a.test'], 'a.test', 'a.test', true],
      [['news.a.test'], 'a.test', 'a.test', false],
      [['b.test'], 'a.test', 'a.test', false],
      [[], 'a.test', 'a.test', false],
    ] as const)
      assert.equal(isMadeOutTo(names, domain, organization, 'default'), expected, `${names.join()} ${domain}`);
  });
});

describe('blocklists', () => {
  test('what the setting chooses', () => {
    assert.deepEqual(chooseLists(['off', 'default']), []);
    assert.deepEqual(chooseLists([]), []);
    assert.deepEqual(chooseLists(['default']), BLOCKLISTS);
    const zones = chooseLists(['default', '-b.barracudacentral.org', 'ip4:bl.example.org', 'ip:zen.spamhaus.org']).map(
      ({ zone }) => zone,
    );
    assert.equal(zones.length, BLOCKLISTS.length);
    assert.ok(!zones.includes('b.barracudacentral.org') && zones.includes('bl.example.org'));
    const [keyed] = chooseLists(['ip:k3y.zen.dq.spamhaus.net']);
    assert.deepEqual([keyed?.name, keyed?.kinds], ['Spamhaus ZEN', ['ip4', 'ip6']]);
  });
  test('questions and test entries', () => {
    const [zen, dbl] = BLOCKLISTS;
    assert.ok(zen && dbl);
    assert.equal(questionFor(zen, '203.0.113.7', 'a.test')?.name, '7.113.0.203.zen.spamhaus.org');
    assert.equal(questionFor(zen, '::ffff:203.0.113.7', 'a.test')?.name, '7.113.0.203.zen.spamhaus.org');
    assert.match(
      questionFor(zen, '2001:db8::7', 'a.test')?.name ?? '',
      /^7\.(0\.){23}8\.b\.d\.0\.1\.0\.0\.2\.zen\.spamhaus\.org$/,
    );
    assert.equal(questionFor(zen, 'a.test', 'a.test'), null);
    assert.equal(questionFor(dbl, 'news.a.test', 'a.test')?.name, 'news.a.test.dbl.spamhaus.org');
    for (const ip of [
      '10.0.0.1',
      '127.0.0.1',
      '192.168.0.1',
      '172.16.0.1',
      '169.254.1.1',
      '100.64.0.1',
      '::1',
      'fd00::1',
      'fe80::1',
    ])
      assert.equal(questionFor(zen, ip, 'a.test'), null, ip);
    assert.deepEqual(testNames(zen, 'ip4'), {
      listed: '2.0.0.127.zen.spamhaus.org',
      unlisted: '1.0.0.127.zen.spamhaus.org',
    });
    assert.match(testNames(zen, 'ip6').listed, /^2\.0\.0\.0\.0\.0\.f\.7\.f\.f\.f\.f\.(0\.){20}zen\.spamhaus\.org$/);
    assert.deepEqual(testNames(dbl, 'domain'), {
      listed: 'dbltest.com.dbl.spamhaus.org',
      unlisted: 'invalid.dbl.spamhaus.org',
    });
  });
  test('what answers mean', () => {
    const list = (zone: string) => BLOCKLISTS.find((one) => one.zone === zone) ?? BLOCKLISTS[0];
    const cases: [string, string[], string, string][] = [
      ['zen.spamhaus.org', [], 'clean', ''],
      ['zen.spamhaus.org', ['127.0.0.2', '127.0.0.10'], 'listed', 'major SBL, PBL'],
      ['zen.spamhaus.org', ['127.0.0.11'], 'listed', 'policy PBL'],
      ['zen.spamhaus.org', ['127.0.0.77'], 'listed', 'usual '],
      ['zen.spamhaus.org', ['127.255.255.254'], 'refused', 'resolver'],
      ['zen.spamhaus.org', ['127.0.0.2', '127.255.255.255'], 'refused', 'volume'],
      ['zen.spamhaus.org', ['127.255.255.250'], 'refused', 'other'],
      ['zen.spamhaus.org', ['93.184.216.34'], 'nonsense', ''],
      ['dbl.spamhaus.org', ['127.0.1.103'], 'listed', 'usual abused'],
      ['dbl.spamhaus.org', ['127.0.1.255'], 'refused', 'other'],
      ['multi.surbl.org', ['127.0.0.80'], 'listed', 'usual malware, abuse'],
      ['multi.surbl.org', ['127.0.0.1'], 'refused', 'other'],
      ['multi.uribl.com', ['127.0.0.4'], 'listed', 'minor grey'],
      ['multi.uribl.com', ['127.0.0.6'], 'listed', 'usual black, grey'],
      ['dnsbl-3.uceprotect.net', ['127.0.0.2'], 'listed', 'network '],
    ];
    for (const [zone, addresses, meaning, detail] of cases) {
      const of = list(zone);
      assert.ok(of);
      const read = readListAnswer(of, addresses);
      const shown =
        read.meaning === 'listed'
          ? `${read.weight} ${read.names.join(', ')}`
          : read.meaning === 'refused'
            ? read.why
            : '';
      assert.deepEqual([read.meaning, shown], [meaning, detail], `${zone} ${addresses.join()}`);
    }
  });
  test('links name what is listed, safely', () => {
    const [zen] = BLOCKLISTS;
    assert.ok(zen);
    assert.equal(removalLink(zen, '2001:db8::7'), 'https://check.spamhaus.org/results/?query=2001%3Adb8%3A%3A7');
    for (const list of BLOCKLISTS) assert.ok(URL.parse(removalLink(list, 'a b"<'))?.protocol === 'https:', list.zone);
  });
});

describe('any text', () => {
  /** CI does this many; each must come back at once. */
  const RUNS = 10_000;
  const words = fc.constantFrom(
    ...[
      'v=STSv1',
      'v=TLSRPTv1',
      'v=BIMI1',
      'id=1',
      'rua=mailto:a@b.c',
      'l=https://a.b/',
      ';',
      '=',
      ',',
      ' ',
      '\t',
      '\r\n',
      ':',
    ],
    ...[
      'version: STSv1',
      'mode: enforce',
      'mx: *.a.b',
      'max_age: 1',
      '__proto__',
      'constructor',
      '\0',
      '\u202e',
      '😀',
      '%',
    ],
    ...[
      '<svg',
      '>',
      '</svg>',
      '<title>',
      '"',
      "'",
      'xlink:href="',
      'url(',
      ')',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&',
      '<?xml',
      '?>',
    ],
    ...[
      '-----BEGIN CERTIFICATE-----',
      '-----END CERTIFICATE-----',
      'MIIB',
      '127.0.0.2',
      '203-0-113-7',
      'xmlns="http://www.w3.org/2000/svg"',
    ],
  );
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
  );
  const quick = (name: string, run: (text: string) => unknown): void => {
    test(name, () => {
      let slowest = 0;
      fc.assert(
        fc.property(texts, (text) => {
          const began = cpuMs();
          const read = run(text);
          slowest = Math.max(slowest, cpuMs() - began);
          // Plain data, and nothing of it leaks into all objects.
          JSON.stringify(read);
          assert.equal(({} as Record<string, unknown>).polluted, undefined);
        }),
        { numRuns: RUNS },
      );
      assert.ok(slowest < 200, `${slowest} ms`);
    });
  };
  quick('MTA-STS record', readStsRecord);
  quick('MTA-STS policy', readStsPolicy);
  quick('TLS reporting record', readRptRecord);
  quick('BIMI record', readBimiRecord);
  quick('logo', (text) => [readLogo(text), readLogo(`<svg xmlns="http://www.w3.org/2000/svg">${text}</svg>`)]);
  quick('mark certificate', (text) => readMarkCertificate(text, [], 0));
  quick('names', (text) => [
    mxNameProblem(text),
    heloProblem(text),
    looksGeneric(text, '203.0.113.7'),
    looksGeneric('a', text),
    isGenericTitle(text),
    coversHost(text, text),
  ]);
  quick('TLSA', (text) =>
    readTlsa({
      usage: text.length % 5,
      selector: text.length % 3,
      matchingType: text.length % 4,
      certificate: Buffer.from(text),
    }),
  );
  quick('zone key', (text) => readZoneKey(text, { flags: 257, algorithm: 13, key: Buffer.from(text) }));
  quick('blocklist', (text) =>
    BLOCKLISTS.map((list) => [
      questionFor(list, text, 'a.test'),
      readListAnswer(list, [text]),
      removalLink(list, text),
    ]),
  );
  quick('DER', (text) => {
    const bytes = Buffer.from(text, 'latin1');
    return [readDer(bytes), extensionOf(bytes, '1.2.3'), findTag(bytes, 0x16), readObjectId(bytes)];
  });

  test('damaged certificates are read or refused, never more', () => {
    const authority = newAuthority();
    const der = new X509Certificate(markCertificate(authority)).raw;
    fc.assert(
      // The last bytes are the signature itself, of which some bits mean nothing.
      fc.property(fc.nat(der.length - 90), fc.nat(255), fc.nat(der.length), (at, value, length) => {
        const broken = Buffer.from(der);
        broken[at] = value;
        const cut = broken.subarray(0, length);
        extensionOf(cut, '1.3.6.1.5.5.7.1.12');
        findTag(broken, 0x16);
        const pem = `-----BEGIN CERTIFICATE-----\n${broken.toString('base64')}\n-----END CERTIFICATE-----`;
        const read = readMarkCertificate(pem, [authority.ca], Date.now());
        if (read.problem === null && read.chain === 'trusted') assert.ok(broken.equals(der));
      }),
      { numRuns: 2000 },
    );
  });
  test('the largest inputs there can be come back at once', () => {
    // Records and policies have 64 KB at most, files that are fetched 256 KB.
    const [record, file] = [64 * 1024, 256 * 1024];
    const fill = (part: string, size: number): string => part.repeat(Math.ceil(size / part.length)).slice(0, size);
    const svg = (inner: string): string => `<svg xmlns="http://www.w3.org/2000/svg">${inner}</svg>`;
    const cases: [string, (text: string) => unknown, string[]][] = [
      ['MTA-STS record', readStsRecord, [fill('a=1;', record), fill(';', record), fill(' ', record)]],
      ['MTA-STS policy', readStsPolicy, [fill('mx: a.b\n', record), fill('mode: none\n', record), fill('a', record)]],
      ['TLS reporting record', readRptRecord, [`v=TLSRPTv1; rua=${fill('mailto:a@b.c,', record)}`]],
      ['BIMI record', readBimiRecord, [`v=BIMI1; l=https://${fill('a.', record)}`]],
      [
        'logo',
        readLogo,
        [
          svg(fill('<g/>', file)),
          svg(fill('<rect fill="url(x)"/>', file).replace(/<[^>]*$/, '')),
          fill('<', file),
          `<svg><!--${fill('-', file)}`,
          fill(' ', file),
          svg(fill('&amp;', file)),
        ],
      ],
      ['title of a logo', isGenericTitle, [`logo${fill('1', file)}x`, `logo${fill('-', file)}x`, fill('logo 1', file)]],
      [
        'mark certificate',
        (text) => readMarkCertificate(text, [], 0),
        [fill('-----BEGIN CERTIFICATE-----\nMIIB\n', file), fill('-----BEGIN CERTIFICATE-----', file)],
      ],
    ];
    for (const [name, run, texts] of cases)
      for (const text of texts) {
        const began = cpuMs();
        run(text);
        assert.ok(cpuMs() - began < 1000, `${name}: ${cpuMs() - began} ms for ${text.slice(0, 40)}`);
      }
  });
});

/** What this process has computed: unlike a clock on the wall it does not count the work of others. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
