/** The built pages as they go over the line: each asset as the browser wants it, kept for good; the page itself asked for anew every time. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type House, openHouse } from './house.ts';

const DIST = new URL('../../web/dist/', import.meta.url).pathname;

describe('pages', { skip: existsSync(`${DIST}index.html`) ? false : 'needs the built pages: npm run build' }, () => {
  let house: House;
  const scripts = globSync('assets/*.js', { cwd: DIST });
  const script = scripts.find((file) => statSync(`${DIST}${file}`).size > 10_000) ?? '';
  const style = globSync('assets/*.css', { cwd: DIST })[0] ?? '';
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  const cases: [accepts: string | null, encoding: string | undefined, decode: (bytes: Buffer) => Buffer][] = [
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['gzip, deflate', 'gzip', gunzipSync],
    ['br;q=0, gzip', 'gzip', gunzipSync],
    ['gzip;q=0, identity', undefined, (bytes) => bytes],
    ['identity', undefined, (bytes) => bytes],
    [null, undefined, (bytes) => bytes],
  ];
  for (const [accepts, encoding, decode] of cases)
    test(`Accept-Encoding: ${accepts ?? '(none)'}`, async () => {
      for (const [file, type] of [
        [script, /javascript/],
        [style, /^text\/css/],
      ] as const) {
        const { answer, body } = await ask(`/${file}`, accepts);
        assert.equal(answer.statusCode, 200);
        assert.equal(answer.headers['content-encoding'], encoding);
        assert.match(answer.headers['content-type'] ?? '', type);
        assert.match(answer.headers.vary ?? '', /Accept-Encoding/i);
        assert.match(answer.headers['cache-control'] ?? '', /immutable/);
        assert.ok(decode(body).equals(readFileSync(`${DIST}${file}`)));
        if (encoding !== undefined) assert.equal(Number(answer.headers['content-length']), body.length);
      }
    });

  test('every asset has its twins, and they are smaller', () => {
    for (const file of globSync('assets/*.{js,css}', { cwd: DIST }))
      for (const ending of ['.gz', '.br']) assert.ok(existsSync(`${DIST}${file}${ending}`), `${file}${ending}`);
    const size = (ending: string) => statSync(`${DIST}${script}${ending}`).size;
    assert.ok(size('.br') < size('.gz') && size('.gz') < size(''));
  });

  test('what is not there is not there in any form', async () => {
    for (const path of ['/assets/none.js', '/assets/..%2f..%2fpackage.json', '/.vite/manifest.json'])
      assert.equal((await ask(path, 'br')).answer.statusCode, 404, path);
  });

  test('any path of a page is the page, and it is asked for anew', async () => {
    const { answer, body } = await ask('/monitors/some-id', null);
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['cache-control'], 'no-cache');
    assert.match(body.toString(), /<div id="root">/);
  });

  /** Over node:http, because fetch unpacks what it gets. */
  function ask(path: string, accepts: string | null): Promise<{ answer: IncomingMessage; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const headers = { accept: '*/*', ...(accepts === null ? {} : { 'accept-encoding': accepts }) };
      get(house.todoku.url + path, { headers }, async (answer) => {
        const parts: Buffer[] = [];
        for await (const part of answer) parts.push(part as Buffer);
        resolve({ answer, body: Buffer.concat(parts) });
      }).on('error', reject);
    });
  }
});
