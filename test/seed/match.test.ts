import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fieldValues, headerBlock, isDeliveryReport, matcherOf } from '../../server/seed/match.ts';

const match = matcherOf(['tokA', 'tokB', 'tokC'], ['<a@x>', 'b@x', '']);
const ROWS: [header: string, token: string | null][] = [
  ['X-Todoku-Probe: tokA\r\n\r\n', 'tokA'],
  ['x-todoku-probe:TOKA \r\n\r\n', 'tokA'],
  ['X-Todoku-Probe:\r\n\ttokb\r\n\r\n', 'tokB'],
  ['X-Todoku-Probe : tokC\n\n', 'tokC'],
  ['X-Todoku-Probe: tokAx\r\n\r\n', null],
  ['X-Todoku-Probe: stranger\r\nX-Todoku-Probe: tokB\r\n\r\n', 'tokB'],
  ['X-Todoku-Probe-Not: tokA\r\n\r\n', null],
  ['Subject: tokA\r\n\r\n', null],
  ['Subject: x\r\n X-Todoku-Probe: tokA\r\n\r\n', null],
  ['Subject: x\r\n\r\nX-Todoku-Probe: tokA\r\n', null],
  ['Message-ID: <A@X>\r\n\r\n', 'tokA'],
  ['Message-Id:\r\n <b@x>\r\n\r\n', 'tokB'],
  ['Message-ID: <new@google>\r\nX-Google-Original-Message-ID: <b@x>\r\n\r\n', 'tokB'],
  ['In-Reply-To: <a@x>\r\nReferences: <a@x>\r\n\r\n', null],
  ['Message-ID: <a@x>\r\nX-Todoku-Probe: tokB\r\n\r\n', 'tokB'],
  ['Message-ID: \r\n\r\n', null],
  ['', null],
];
for (const [header, token] of ROWS) {
  test(`matches ${JSON.stringify(header)}`, () => assert.equal(match(Buffer.from(header)), token));
}

test('delivery reports', () => {
  const yes = [
    'multipart/report; report-type=delivery-status; boundary=x',
    'Multipart/Report;\r\n report-type="delivery-status"',
  ];
  const no = [
    'multipart/report; report-type=feedback-report',
    'text/plain; name="multipart/report; report-type=delivery-status"',
  ];
  for (const type of yes) assert.ok(isDeliveryReport(Buffer.from(`Content-Type: ${type}\r\n\r\n`)), type);
  for (const type of no) assert.ok(!isDeliveryReport(Buffer.from(`Content-Type: ${type}\r\n\r\n`)), type);
});

test('header blocks end at the first empty line, whatever ends a line', () => {
  assert.equal(headerBlock(Buffer.from('a: b\r\n\r\nbody\n\n'), 99).toString(), 'a: b\r\n\r\n');
  assert.equal(headerBlock(Buffer.from('a: b\n\nbody\r\n\r\n'), 99).toString(), 'a: b\n\n');
  assert.equal(headerBlock(Buffer.from('a: b\r\n'), 99).toString(), 'a: b\r\n');
  assert.equal(headerBlock(Buffer.from('a: b\r\n\r\n'), 3).toString(), 'a: ');
});

test('any bytes are read, and a hundred thousand folded lines at once', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => void match(Buffer.from(bytes))));
  const folded = Buffer.from(`Content-Type: x\r\n${' y\r\n'.repeat(100_000)}X-Todoku-Probe: tokA\r\n\r\n`);
  assert.equal(match(folded), 'tokA');
  assert.equal(fieldValues(folded, 'content-type').length, 1);
});
