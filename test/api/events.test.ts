/** The live line: its greeting says how long nothing has changed, so that a page that came meanwhile knows whether it missed something. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type House, openHouse } from './house.ts';

describe('the greeting of the live line', () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  async function greeting(): Promise<{ quietMs: number | null }> {
    const stop = new AbortController();
    const answer = await fetch(`${house.todoku.url}/api/events`, {
      headers: { authorization: `Bearer ${house.token}` },
      signal: stop.signal,
    });
    const { value } = (await answer.body?.getReader().read()) ?? {};
    stop.abort();
    const [, data = ''] = /^event: hello\ndata: (.*)$/m.exec(Buffer.from(value ?? []).toString()) ?? [];
    return JSON.parse(data) as { quietMs: number | null };
  }

  test('nothing yet; then how long ago, whether anybody listened or not', async () => {
    assert.equal((await greeting()).quietMs, null);
    const began = performance.now();
    await house.api('PATCH', '/api/settings', { language: 'ja' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { quietMs } = await greeting();
    assert.ok(quietMs !== null && quietMs >= 40 && quietMs <= performance.now() - began, String(quietMs));
  });
});
