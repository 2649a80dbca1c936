import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { looksIntoInbox, nextLookAt, nextSeedLookAt, type Watched } from '../../server/seed/polling.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const probe = (over: Partial<Watched> = {}): Watched => ({
  sentAt: 0,
  missingAt: 6 * HOUR,
  watchUntil: 48 * HOUR,
  placedAt: null,
  ...over,
});

/** All looks at a probe, each made exactly when it is due. */
function looks(watched: Watched, floorMs = 0): number[] {
  const times: number[] = [];
  let last: number | null = null;
  for (let i = 0; i < 2_000; i++) {
    const at = nextLookAt(watched, last, floorMs);
    if (at === null) return times;
    times.push(at);
    last = at;
  }
  assert.fail('never ends');
}

test('starts at seconds, backs off to minutes, looks at the deadlines, ends with the watch', () => {
  const times = looks(probe());
  assert.deepEqual(
    times.slice(0, 8).map((at) => at / 1_000),
    [1, 2, 3, 5, 8, 13, 20, 30],
  );
  assert.ok(times.includes(6 * HOUR) && times.at(-1) === 48 * HOUR);
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  assert.ok(gaps.every((gap) => gap > 0 && gap <= 30 * MINUTE));
  assert.ok(times.length < 300, `${times.length} looks`);
});

test('the floor of the provider holds', () => {
  const times = looks(probe(), 10_000);
  assert.ok(times.slice(1).every((at, i) => at - (times[i] ?? 0) >= 10_000));
});

test('a placed probe is looked at again after an hour and a day, and no more', () => {
  assert.deepEqual(looks(probe({ placedAt: 5_000 })), [HOUR + 5_000, 24 * HOUR + 5_000]);
  assert.deepEqual(looks(probe({ placedAt: 47.5 * HOUR })), []);
  // A look that came late counts for the one that was due.
  assert.equal(nextLookAt(probe({ placedAt: 0 }), 30 * HOUR, 0), null);
});

test('a seed is looked into for the probe that is due first', () => {
  assert.equal(nextSeedLookAt([], null, 0), null);
  assert.equal(nextSeedLookAt([probe({ placedAt: 0 }), probe({ sentAt: 7_000 })], 6_000, 0), 8_000);
});

test('any plan moves on and ends', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e8), fc.nat(1e9), fc.nat(60_000), (sentAt, missing, watch, floor) => {
      const watched = probe({ sentAt, missingAt: sentAt + missing, watchUntil: sentAt + missing + watch });
      const times: number[] = [];
      let last: number | null = null;
      for (
        let at = nextLookAt(watched, last, floor);
        at !== null && times.length < 3_000;
        at = nextLookAt(watched, last, floor)
      ) {
        assert.ok(last === null || at > last);
        times.push(at);
        last = at;
      }
      assert.ok(times.length < 3_000);
    }),
  );
});

test('INBOX with IDLE: on news, and once a minute in case the server forgets', () => {
  assert.equal(looksIntoInbox('news', true, 0, 1), true);
  assert.equal(looksIntoInbox('plan', true, 0, 59_000), false);
  assert.equal(looksIntoInbox('plan', true, 0, 60_000), true);
  assert.equal(looksIntoInbox('plan', true, null, 1), true);
  assert.equal(looksIntoInbox('plan', false, 0, 1), true);
});
