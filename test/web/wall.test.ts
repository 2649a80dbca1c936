/** What a screen on a wall is told by its address, and what it works out by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourIn, isOld, keyOf, schemeAt, screenSearch } from '../../web/pages/wall/screen.ts';

test('the address says what to show; what makes no sense is left out', () => {
  assert.deepEqual(screenSearch({ period: '7d', language: 'ja', theme: 'dark', key: 'k' }), {
    ...{ key: 'k', period: '7d', language: 'ja', theme: 'dark' },
  });
  const none = { key: undefined, period: undefined, language: undefined, theme: undefined };
  assert.deepEqual(screenSearch({}), none);
  assert.deepEqual(screenSearch({ period: '90d', language: 'fr', theme: 'auto', key: 7 }), none);
});

test('the key stands behind the #, or for want of that in the query', () => {
  const cases: [hash: string, key: string | undefined, expected: string | undefined][] = [
    ['#key=a', undefined, 'a'],
    ['#key=a', 'b', 'a'],
    ['', 'b', 'b'],
    ['#', undefined, undefined],
    ['#key=', undefined, undefined],
    [`#key=${'x'.repeat(999)}`, undefined, 'x'.repeat(200)],
  ];
  for (const [hash, key, expected] of cases) assert.equal(keyOf(hash, { key }), expected, hash);
});

test('it is dark where asked for, where the system is, and at night', () => {
  for (let hour = 0; hour < 24; hour++) {
    const night = hour < 7 || hour >= 19;
    assert.equal(schemeAt(undefined, false, hour), night ? 'dark' : 'light', `${hour} o’clock`);
    assert.equal(schemeAt(undefined, true, hour), 'dark');
    assert.equal(schemeAt('light', true, hour), 'light');
    assert.equal(schemeAt('dark', false, hour), 'dark');
  }
});

test('the hour is that of the zone, through clock changes too', () => {
  assert.equal(hourIn('Asia/Tokyo', Date.UTC(2026, 10, 23, 15, 30)), 0);
  assert.equal(hourIn('Europe/Berlin', Date.UTC(2026, 9, 25, 0, 30)), 2);
  assert.equal(hourIn('Europe/Berlin', Date.UTC(2026, 9, 25, 1, 30)), 2);
  assert.equal(hourIn('UTC', Date.UTC(2026, 0, 1, 23, 59)), 23);
});

test('one late answer is no news, three are', () => {
  assert.equal(isOld(0, 15, 16_000), false);
  assert.equal(isOld(0, 15, 45_000), false);
  assert.equal(isOld(0, 15, 45_001), true);
});
