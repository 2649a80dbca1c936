import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBounce } from '../../server/probe/bounce.ts';

const FOLDER = new URL('../golden/bounce/', import.meta.url);

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.eml')))
  test(`bounce ${file}`, async () => {
    const raw = readFileSync(new URL(file, FOLDER));
    const expected = JSON.parse(readFileSync(new URL(file.replace(/eml$/, 'json'), FOLDER), 'utf8'));
    assert.deepEqual(await parseBounce(raw), expected);
  });

test('whatever stands in a mail, reading it as a bounce does not throw', async () => {
  const sample = readFileSync(new URL('postfix-unknown-user.eml', FOLDER), 'latin1');
  await fc.assert(
    fc.asyncProperty(fc.nat(sample.length), fc.nat(200), fc.string(), async (at, cut, text) => {
      const raw = Buffer.from(sample.slice(0, at) + text + sample.slice(at + cut), 'latin1');
      const bounce = await parseBounce(raw);
      if (bounce) assert.ok(bounce.token !== null || bounce.messageId !== null);
    }),
    { numRuns: 200 },
  );
});
