/** Packets as bytes: what a hostile server may send must not throw, hang or be taken for an answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { answersQuestion, decodeReply, encodeName, encodeQuestion } from '../../server/dns/wire.ts';

const name = encodeName('example.test') ?? Buffer.alloc(0);
const query = encodeQuestion(0x1234, name, 'TXT', { edns: true, dnssec: false });
const good = encode({
  type: 'response',
  id: 0x1234,
  flags: 0x0180,
  questions: [{ name: 'example.test', type: 'TXT' }],
  answers: [
    { name: 'example.test', type: 'CNAME', ttl: 5, data: 'a.example.test' },
    { name: 'a.example.test', type: 'TXT', ttl: 0xffffffff, data: ['v=spf1 -all', ''] },
    { name: 'a.example.test', type: 'MX', ttl: 5, data: { preference: 1, exchange: 'mx.test' } },
  ],
} as Packet);

test('a good reply is read', () => {
  assert.equal(answersQuestion(good, query, name.length + 4), true);
  const reply = decodeReply(good);
  assert.deepEqual(
    reply?.answers.map((record) => [record.type, record.ttl, record.data]),
    [
      ['CNAME', 5, 'a.example.test'],
      ['TXT', 0, ['v=spf1 -all', '']],
      ['MX', 5, { priority: 1, exchange: 'mx.test' }],
    ],
    'a TTL with the top bit set is zero (RFC 2181)',
  );
});

test('a question asks for recursion, AD and EDNS, and nothing else', () => {
  assert.equal(query.readUInt16BE(0), 0x1234);
  assert.equal(query.readUInt16BE(2), 0x0120);
  assert.deepEqual(
    [4, 6, 8, 10].map((at) => query.readUInt16BE(at)),
    [1, 0, 0, 1],
  );
  assert.equal(encodeQuestion(1, name, 'A', { edns: false, dnssec: false }).readUInt16BE(10), 0);
});

test('property: any bytes are read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      decodeReply(Buffer.from(bytes));
      assert.equal(answersQuestion(Buffer.from(bytes), query, name.length + 4), false);
    }),
    { numRuns: 2000 },
  );
});

test('property: a good reply with bytes changed or cut is read or refused, never thrown at', () => {
  const change = fc.tuple(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), fc.integer({ min: 0, max: good.length }), (changes, length) => {
      const bytes = Buffer.from(good.subarray(0, length));
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
      const reply = decodeReply(bytes);
      for (const record of reply?.answers ?? []) assert.ok(record.ttl >= 0 && record.ttl <= 0x7fffffff);
    }),
    { numRuns: 5000 },
  );
});

test('property: every name either cannot stand in DNS or comes back as it was', () => {
  const label = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => !text.includes('.'));
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 12 }), (labels) => {
      const wire = encodeName(labels.join('.'));
      if (wire === null) {
        const size = labels.reduce((sum, one) => sum + Buffer.byteLength(one) + 1, 1);
        assert.ok(size > 255 || labels.some((one) => Buffer.byteLength(one) > 63));
        return;
      }
      const back: string[] = [];
      for (let at = 0; wire[at]; at += 1 + (wire[at] ?? 0)) {
        back.push(wire.toString('utf8', at + 1, at + 1 + (wire[at] ?? 0)));
      }
      assert.deepEqual(
        back,
        labels.map((one) => Buffer.from(one).toString('utf8')),
      );
    }),
  );
});
