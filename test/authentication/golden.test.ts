/** Golden pairs: `<case>.eml` is a delivered mail, `<case>.json` holds the trust rules and the whole judgement expected. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { judgeHeaders } from '../../server/authentication/judge.ts';
import type { Judgement, TrustRules } from '../../server/authentication/types.ts';

const mails = globSync(new URL('../golden/authentication/*.eml', import.meta.url).pathname).sort();

test('there are golden mails', () => assert.ok(mails.length >= 10));

for (const path of mails) {
  const name = path.slice(path.lastIndexOf('/') + 1, -'.eml'.length);
  test(`golden: ${name}`, () => {
    const raw = readFileSync(path);
    const expected = JSON.parse(readFileSync(path.replace(/\.eml$/, '.json'), 'utf8')) as {
      rules: TrustRules;
      judgement: Judgement;
    };
    assert.deepEqual(judgeHeaders(raw, expected.rules), expected.judgement);
    // Line ends are the store's business: CRLF and LF must read alike.
    const crlf = Buffer.from(raw.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    assert.deepEqual(judgeHeaders(crlf, expected.rules), expected.judgement);
  });
}
