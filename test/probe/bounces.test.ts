/** Reports that are written to be read for ever, or not at all: they end in time as no bounce, and the next one is read. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type BounceReader, createBounceReader } from '../../server/probe/bounces.ts';
import { nestedReport } from './reports.ts';

const honest = readFileSync(new URL('../golden/bounce/postfix-unknown-user.eml', import.meta.url));
const expected = JSON.parse(
  readFileSync(new URL('../golden/bounce/postfix-unknown-user.json', import.meta.url), 'utf8'),
) as unknown;
const head = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n';

let reader: BounceReader;
before(() => {
  reader = createBounceReader();
});
after(() => reader.close());

test('an honest report is read, even when the mail it quotes makes it larger than is worth reading', async () => {
  assert.deepEqual(await reader.read(honest), { bounce: expected, unread: null });
  const text = honest.toString('latin1');
  const end = text.lastIndexOf('\r\n--') === -1 ? text.lastIndexOf('\n--') : text.lastIndexOf('\r\n--');
  const large = Buffer.from(`${text.slice(0, end)}\r\n\r\n${'x'.repeat(70)}\r\n`.padEnd(3_000_000, 'y\r\n'), 'latin1');
  assert.deepEqual(await reader.read(large), { bounce: expected, unread: null });
});

const HOSTILE: [what: string, raw: string][] = [
  ['nested deeper than the parser goes', nestedReport(25)],
  ['a megabyte of empty lines', `${head}Content-Type: text/plain\r\n\r\n${'\r\n'.repeat(500_000)}`],
  [
    'a megabyte of parts',
    head + 'Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n--b\r\n'.repeat(16_000),
  ],
  ['a megabyte of header fields', head + 'A: b\r\n'.repeat(160_000)],
  ['nothing at all', ''],
];
for (const [what, raw] of HOSTILE)
  test(`${what}: no bounce, and the main thread stays free`, async () => {
    const before = performance.eventLoopUtilization();
    const { bounce } = await reader.read(Buffer.from(raw, 'latin1'));
    assert.equal(bounce, null);
    const { active } = performance.eventLoopUtilization(before);
    assert.ok(active < 200, `${Math.round(active)} ms of the main thread`);
    assert.deepEqual(await reader.read(honest), { bounce: expected, unread: null });
  });
