import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { dkimSign, sealMessage } from 'mailauth';
import { createVerifier, MESSAGE_MAX_BYTES, type Verifier } from '../../server/authentication/verify.ts';
import { type Authority, type Script, startAuthority } from '../dns/authority.ts';

type Key = { pem: string; record: string };
function rsa(bits: number): Key {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const der = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), record: `v=DKIM1; k=rsa; p=${der}` };
}
const strong = rsa(2048);
const weak = rsa(512);
const other = rsa(1024);

const TXT: Record<string, string[]> = {
  'good.test': ['v=spf1 ip4:203.0.113.7 -all'],
  's1._domainkey.good.test': [strong.record],
  'weak._domainkey.good.test': [weak.record],
  'other._domainkey.good.test': [other.record],
  'gone._domainkey.good.test': ['v=DKIM1; p='],
  '_dmarc.good.test': ['v=DMARC1; p=reject'],
  'unlucky.test': ['v=spf1 include:a.unlucky.test -all'],
  'badpolicy.test': ['v=spf1 ip4:203.0.113.7 -all'],
  '_dmarc.badpolicy.test': ['v=DMARC1; p=bogus'],
  'many.test': [`v=spf1 ${Array.from({ length: 11 }, (_, i) => `include:i${i}.many.test`).join(' ')} -all`],
  ...Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`i${i}.many.test`, ['v=spf1 ip4:192.0.2.1 -all']])),
  'two.test': ['v=spf1 -all', 'v=spf1 +all'],
  'esp.test': ['v=spf1 ip4:203.0.113.7 -all'],
  's1._domainkey.esp.test': [strong.record],
};

let dns: Authority;
let verifier: Verifier;
before(async () => {
  dns = await startAuthority((name, type): Script | undefined => {
    const lower = name.toLowerCase();
    if (lower.includes('servfail')) return { rcode: 2 };
    const texts = type === 'TXT' ? TXT[lower] : undefined;
    if (texts) return { answers: texts.map((text) => ({ type: 'TXT', data: text.match(/.{1,255}/g) ?? [''] })) };
    return lower in TXT ? { soaMinimum: 60 } : undefined;
  });
  verifier = createVerifier({ dnsServers: [dns.address], threads: 1, timeoutMs: 20_000 });
});
after(async () => {
  await verifier.close();
  await dns.close();
});

const CLIENT = { ip: '203.0.113.7', helo: 'mail.good.test', envelopeFrom: 'bounce@good.test' };
const plain = (from = 'news@good.test'): string =>
  [
    `From: News <${from}>`,
    'To: seed@example.net',
    'Subject: Hello',
    'Date: Mon, 23 Nov 2026 10:00:00 +0000',
    `Message-ID: <1@good.test>`,
    '',
    'Good morning.',
    '',
  ].join('\r\n');

async function signed(message: string, selector: string, key: Key, domain = 'good.test'): Promise<string> {
  const signer = { signingDomain: domain, selector, privateKey: key.pem };
  const { signatures } = await dkimSign(message, {
    // mailauth's types ask for the first, its code reads the second.
    ...signer,
    signatureData: [signer],
    canonicalization: 'relaxed/relaxed',
  });
  return signatures + message;
}
const verify = (message: string, client: Parameters<Verifier['verify']>[1] = CLIENT) =>
  verifier.verify(Buffer.from(message), client);

test('a good mail passes, with its evidence', async () => {
  const got = await verify(await signed(plain(), 's1', strong));
  assert.equal(got.spf.result, 'pass');
  assert.deepEqual([got.spf.domain, got.spf.aligned, got.spf.clientIp], ['good.test', true, '203.0.113.7']);
  assert.equal(got.spf.record, 'v=spf1 ip4:203.0.113.7 -all');
  assert.equal(got.dkim.result, 'pass');
  assert.deepEqual(
    [got.dkim.domain, got.dkim.selector, got.dkim.keyBits, got.dkim.algorithm, got.dkim.aligned],
    ['good.test', 's1', 2048, 'rsa-sha256', true],
  );
  assert.equal(got.dkim.signatures.length, 1);
  assert.deepEqual(
    [got.dmarc.result, got.dmarc.policy, got.dmarc.domain, got.dmarc.policyDomain, got.dmarc.reason],
    ['pass', 'reject', 'good.test', 'good.test', undefined],
  );
  assert.deepEqual(got.arc, { result: 'none', reason: 'arc-missing' });
});

test('each kind of DKIM failure has its reason', async () => {
  const good = await signed(plain(), 's1', strong);
  const table: [string, string, string, string][] = [
    ['body', good.replace('Good morning', 'Bad morning'), 'fail', 'dkim-body-changed'],
    ['header', good.replace('Subject: Hello', 'Subject: Hallo'), 'fail', 'dkim-header-changed'],
    ['weak', await signed(plain(), 'weak', weak), 'policy', 'dkim-key-weak'],
    ['missing', await signed(plain(), 'nowhere', strong), 'neutral', 'dkim-key-missing'],
    ['revoked', await signed(plain(), 'gone', strong), 'neutral', 'dkim-key-revoked'],
    ['another key', await signed(plain(), 'other', strong), 'fail', 'dkim-header-changed'],
    ['unsigned', plain(), 'none', 'dkim-not-signed'],
    ['syntax', `DKIM-Signature: v=1; a=rsa-sha256; b=x\r\n${plain()}`, 'neutral', 'dkim-syntax'],
  ];
  for (const [name, message, result, reason] of table) {
    const { dkim } = await verify(message);
    assert.deepEqual([name, dkim.result, dkim.reason], [name, result, reason]);
  }
  const lost = await verify(await signed(plain(), 's1', strong, 'servfail.test'));
  assert.deepEqual([lost.dkim.result, lost.dkim.reason], ['temperror', 'dns-temporary']);
});

test('the aligned signature speaks for the mail, all are kept', async () => {
  const twice = await signed(await signed(plain(), 's1', strong), 's1', strong, 'esp.test');
  const { dkim } = await verify(twice);
  assert.deepEqual([dkim.domain, dkim.result, dkim.aligned], ['good.test', 'pass', true]);
  assert.deepEqual(
    dkim.signatures.map((one) => [one.domain, one.aligned]),
    [
      ['esp.test', false],
      ['good.test', true],
    ],
  );
});

test('each kind of SPF trouble has its reason', async () => {
  const table: [string, string, string | undefined, string | undefined][] = [
    ['x@good.test', '203.0.113.7', 'pass', undefined],
    ['x@good.test', '203.0.113.8', 'fail', 'spf-ip-not-permitted'],
    ['x@esp2.test', '203.0.113.7', 'none', 'spf-record-missing'],
    ['x@many.test', '203.0.113.7', 'permerror', 'spf-too-many-lookups'],
    ['x@two.test', '203.0.113.7', 'permerror', 'spf-multiple-records'],
    ['x@unlucky.test', '203.0.113.7', 'permerror', 'spf-include-missing'],
    ['x@servfail.test', '203.0.113.7', 'temperror', 'dns-temporary'],
  ];
  for (const [envelopeFrom, ip, result, reason] of table) {
    const { spf } = await verify(plain(), { ip, helo: 'mail.good.test', envelopeFrom });
    assert.deepEqual([envelopeFrom, spf.result, spf.reason], [envelopeFrom, result, reason]);
  }
});

test('without the hop SPF is not re-checkable, and DMARC never fails for it', async () => {
  for (const client of [null, { ...CLIENT, envelopeFrom: null }]) {
    const unsigned = await verify(plain(), client);
    assert.deepEqual(unsigned.spf, { result: 'none', reason: 'spf-not-recheckable' });
    assert.deepEqual([unsigned.dmarc.result, unsigned.dmarc.reason], ['none', 'spf-not-recheckable']);
    const withDkim = await verify(await signed(plain(), 's1', strong), client);
    assert.deepEqual([withDkim.dmarc.result, withDkim.dmarc.reason], ['pass', 'dmarc-from-dkim-alone']);
  }
});

test('DMARC: not aligned, nothing passed, record invalid or missing', async () => {
  const foreign = await verify(await signed(plain(), 's1', strong, 'esp.test'), {
    ...CLIENT,
    envelopeFrom: 'b@esp.test',
  });
  assert.deepEqual([foreign.dmarc.result, foreign.dmarc.reason], ['fail', 'dmarc-not-aligned']);
  assert.deepEqual([foreign.spf.result, foreign.spf.aligned], ['pass', false]);
  const nothing = await verify(plain(), { ...CLIENT, ip: '198.51.100.1' });
  assert.deepEqual(
    [nothing.dmarc.result, nothing.dmarc.reason, nothing.dmarc.policy],
    ['fail', 'dmarc-nothing-passed', 'reject'],
  );
  const bogus = await verify(plain('a@badpolicy.test'));
  assert.deepEqual([bogus.dmarc.result, bogus.dmarc.reason], ['none', 'dmarc-record-invalid']);
  const none = await verify(plain('a@esp.test'));
  assert.deepEqual([none.dmarc.result, none.dmarc.reason], ['none', 'dmarc-record-missing']);
});

test('a From that can be read in two ways never passes DMARC', async () => {
  const froms = [
    'From: a@good.test\r\nFrom: b@esp.test',
    'From: a@good.test, b@esp.test',
    'From: <a@good.test>, <b@esp.test>',
    'From : a@good.test\r\nFrom: b@esp.test',
    'From: <@esp.test,@two.test:a@good.test>',
    'From: a@good.test\x00@esp.test',
    'From: "unfinished <a@good.test>',
  ];
  for (const from of froms) {
    const message = await signed(
      plain().replace(/^From:.*$/m, () => from),
      's1',
      strong,
    );
    const { dmarc } = await verify(message);
    assert.deepEqual([from, dmarc.result, dmarc.reason], [from, 'none', 'dmarc-from-ambiguous']);
  }
  const { dmarc } = await verify(plain().replace(/^From:.*\r\n/m, ''));
  assert.deepEqual([dmarc.result, dmarc.reason], ['none', 'dmarc-no-author']);
});

test('ARC: a sealed mail passes, a changed one does not', async () => {
  const message = await signed(plain(), 's1', strong);
  const seal = await sealMessage(Buffer.from(message), {
    signingDomain: 'esp.test',
    selector: 's1',
    privateKey: strong.pem,
    authResults: 'mx.esp.test; dkim=pass header.d=good.test',
    cv: 'none',
  });
  const sealed = seal.toString() + message;
  const { arc } = await verify(sealed);
  assert.deepEqual([arc.result, arc.domain, arc.reason], ['pass', 'esp.test', undefined]);
  const changed = await verify(sealed.replace('Good morning', 'Bad morning'));
  assert.deepEqual([changed.arc.result, changed.arc.reason], ['fail', 'arc-broken']);
});

test('headers alone: SPF is judged, signatures are not called broken', async () => {
  const message = await signed(plain(), 's1', strong);
  const header = message.slice(0, message.indexOf('\r\n\r\n') + 4);
  const got = await verifier.verify(Buffer.from(header), CLIENT, { headerOnly: true });
  assert.equal(got.spf.result, 'pass');
  assert.deepEqual([got.dkim.result, got.dkim.reason, got.dkim.domain], ['none', 'message-too-large', 'good.test']);
  assert.equal(got.dmarc.result, 'pass');
  const far = await verifier.verify(Buffer.from(header), { ...CLIENT, ip: '198.51.100.1' }, { headerOnly: true });
  assert.deepEqual([far.dmarc.result, far.dmarc.reason], ['none', 'message-too-large'], 'DKIM might have passed');
  const huge = Buffer.concat([Buffer.from(message), Buffer.alloc(MESSAGE_MAX_BYTES, 0x61)]);
  const cut = await verifier.verify(huge, CLIENT);
  assert.deepEqual([cut.spf.result, cut.dkim.reason], ['pass', 'message-too-large']);
});

test('a mail with a thousand signatures asks no thousand questions', async () => {
  const digest = createHash('sha256').update('x\r\n').digest('base64');
  const fields = Array.from(
    { length: 1000 },
    (_, i) => `DKIM-Signature: v=1; a=rsa-sha256; d=d${i}.test; s=s; h=from; bh=${digest}; b=AAAA\r\n`,
  );
  const before = dns.asked.length;
  const { dkim } = await verify(`${fields.join('')}From: a@good.test\r\n\r\nx\r\n`);
  assert.ok(dns.asked.length - before <= 310, `${dns.asked.length - before} questions`);
  assert.ok(dkim.signatures.length <= 51);
});

test('a header made to be slow is refused before it is parsed', async () => {
  const attack = Buffer.from(`From: a@good.test\r\nX: y${'\r\n z'.repeat(100_000)}\r\n\r\nbody`);
  const got = await verifier.verify(attack, CLIENT);
  for (const one of [got.spf, got.dkim, got.dmarc, got.arc]) assert.equal(one.reason, 'header-too-large');
  assert.notEqual(got.spf.result, 'fail');
});

test('while a mail is verified the main thread goes on', async () => {
  // 5,000 folded lines are let through; mailauth works on them elsewhere.
  const heavy = Buffer.from(`From: a@good.test\r\nX: y${`\r\n ${'z'.repeat(45)}`.repeat(4990)}\r\n\r\nbody`);
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  const got = await verifier.verify(heavy, CLIENT);
  clearInterval(ticking);
  assert.equal(got.spf.result, 'pass');
  assert.ok(turns > 5, `${turns} turns of the main loop`);
});

test('a mail that holds its thread is given up, and the next one is judged', async () => {
  // Under the header caps, but its DNS never answers in time: the clock is what ends it.
  const silent = await startAuthority(() => ({ silent: true }));
  const impatient = createVerifier({ dnsServers: [silent.address], threads: 1, timeoutMs: 1500 });
  try {
    // The first start of a thread takes part of the time; both mails must end by the clock.
    const both = await Promise.all([1, 2].map(() => impatient.verify(Buffer.from(plain()), CLIENT)));
    for (const got of both) assert.deepEqual([got.dmarc.result, got.dmarc.reason], ['temperror', 'verify-timeout']);
  } finally {
    await impatient.close();
    await silent.close();
  }
  assert.equal((await verify(plain())).spf.result, 'pass');
});

test('closing ends what is under way', async () => {
  const silent = await startAuthority(() => ({ silent: true }));
  const short = createVerifier({ dnsServers: [silent.address], threads: 1 });
  const waiting = short.verify(Buffer.from(plain()), CLIENT);
  await new Promise((resolve) => setImmediate(resolve));
  await short.close();
  assert.equal((await waiting).dkim.reason, 'verify-failed');
  assert.equal((await short.verify(Buffer.from(plain()), CLIENT)).dkim.reason, 'verify-failed');
  await silent.close();
});
