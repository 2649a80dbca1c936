/** Whole mails: golden pairs (`<case>.eml`, and `<case>.json` with the preview), and mails that are built to do harm to whoever opens them. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createPreviews, type Previews } from '../../server/preview/previews.ts';
import { readPreview } from '../../server/preview/read.ts';
import type { Preview } from '../../server/preview/types.ts';
import { watchTurns } from '../seed/turns.ts';

const mails = globSync(new URL('../golden/preview/*.eml', import.meta.url).pathname).sort();

describe('golden previews', () => {
  test('there are some', () => assert.ok(mails.length >= 6));
  for (const path of mails)
    test(path.slice(path.lastIndexOf('/') + 1, -'.eml'.length), async () => {
      const raw = readFileSync(path);
      const expected = JSON.parse(readFileSync(path.replace(/\.eml$/, '.json'), 'utf8')) as Preview;
      assert.deepEqual(await readPreview(raw), expected);
    });
});

describe('mails built to do harm', () => {
  let previews: Previews;
  before(() => {
    previews = createPreviews();
  });
  after(() => previews.close());

  const html = (body: string) => `Subject: x\r\nContent-Type: text/html\r\n\r\n${body}`;
  const deep = (depth: number): string => {
    let mail = 'Content-Type: text/plain\r\n\r\nx\r\n';
    for (let at = 0; at < depth; at++)
      mail = `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n${mail}--b${at}--\r\n`;
    return mail;
  };
  const cases: [string, () => string][] = [
    [
      'ten thousand parts',
      () => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(10_000)}`,
    ],
    ['nested a thousand deep', () => deep(1_000)],
    ['a header of two megabytes', () => `Subject: ${'x\r\n '.repeat(500_000)}\r\n\r\nx`],
    ['elements a hundred thousand deep', () => html('<div>'.repeat(100_000))],
    [
      'a hundred thousand attributes',
      () => html(`<p ${Array.from({ length: 100_000 }, (_, at) => `a${at}=1`).join(' ')}>x`),
    ],
    ['a million brackets', () => html('<'.repeat(1_000_000))],
    ['quotes without end', () => html('<a href="'.repeat(100_000))],
    ['comments without end', () => html('<!--'.repeat(200_000))],
    ['styles without end', () => html('<style>a{'.repeat(100_000))],
    ['entities', () => html('&amp'.repeat(250_000))],
    ['frames in frames', () => html('<iframe>'.repeat(100_000))],
    ['a long address', () => html(`<img src="data:image/png;base64,${'A'.repeat(900_000)}">`)],
    [
      'base64 that is none',
      () => `Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n${'!'.repeat(2_000_000)}`,
    ],
    ['twenty megabytes of lines', () => `Subject: x\r\n\r\n${'x\r\n'.repeat(7_000_000)}`],
    ['names of prototypes', () => html('<p __proto__=x constructor=y style="__proto__:z">x</p><constructor>')],
  ];
  for (const [name, make] of cases)
    test(name, async () => {
      const gzip = gzipSync(make());
      const turns = watchTurns();
      const started = performance.now();
      const preview = await previews.make(gzip);
      const took = performance.now() - started;
      const { longestMs } = turns.stop();
      // The clock gives it five seconds; a busy machine needs some more to start and end the thread.
      assert.ok(took < 10_000, `took ${took} ms`);
      // Whatever happens to the mail, everybody else is answered meanwhile.
      assert.ok(longestMs < 200, `the main thread stood for ${longestMs} ms`);
      assert.equal(({} as Record<string, unknown>).x, undefined);
      // The dearest sign is a quote, which becomes six.
      assert.ok((preview.html?.length ?? 0) <= 6_000_000);
    });

  test('what takes too long is given up, and the next one is made', async () => {
    const hasty = createPreviews({ timeoutMs: 1 });
    const slow = await hasty.make(gzipSync(html('<div>'.repeat(100_000))));
    assert.equal(slow.reason, 'preview-timeout');
    assert.equal(slow.html, null);
    await hasty.close();
    const fine = await previews.make(gzipSync(html('<p>fine</p>')));
    assert.deepEqual([fine.html?.trim(), fine.reason], ['<p>fine</p>', null]);
  });

  test('what is not even a stored mail is said to be broken', async () => {
    assert.equal((await previews.make(Buffer.from('no gzip'))).reason, 'preview-failed');
  });

  test('longer than what is shown is said', async () => {
    const long = await previews.make(gzipSync(html(`<p>${'x'.repeat(1_200_000)}`)));
    assert.equal(long.cut, true);
    assert.equal(long.reason, null);
  });
});
