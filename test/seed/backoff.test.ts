import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FailureRecord, nextAttemptAt, recordFailure } from '../../server/seed/backoff.ts';
import { SEED_REASONS, type SeedReason } from '../../server/seed/types.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** When attempts are made that always fail for this reason, in ms since the first. */
function attempts(reason: SeedReason, count: number, jitter = 0): number[] {
  let record: FailureRecord | null = null;
  let at = 0;
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    times.push(at);
    record = recordFailure(record, reason, at);
    at = nextAttemptAt(record, jitter);
  }
  return times;
}

for (const reason of ['wrong-password', 'app-password-needed', 'login-disabled'] as const) {
  test(`${reason}: three logins in the first hour, then an hour or more, doubling to a day`, () => {
    for (const jitter of [0, 0.5, 1]) {
      const times = attempts(reason, 14, jitter);
      assert.ok(times.filter((at) => at < HOUR).length <= 3);
      const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
      assert.ok(gaps.slice(2).every((gap) => gap >= HOUR));
      assert.ok((gaps.at(-1) ?? 0) >= 24 * HOUR && (gaps.at(-1) ?? 0) <= 29 * HOUR);
    }
    assert.deepEqual(
      attempts(reason, 6).map((at) => at / MINUTE),
      [0, 10, 20, 80, 200, 440],
    );
  });
}

test('limits: an hour or more from the start', () => {
  const times = attempts('rate-limited', 8);
  assert.ok(times.slice(1).every((at, i) => at - (times[i] ?? 0) >= HOUR));
});

test('network: seconds at first, a quarter of an hour at most', () => {
  const times = attempts('connection-lost', 60);
  assert.equal(times[1], 5_000);
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  assert.equal(Math.max(...gaps), 15 * MINUTE);
  assert.equal(attempts('login-unavailable', 2)[1], 2 * MINUTE);
});

test('network trouble between does not buy more logins', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<SeedReason>('wrong-password', 'connection-lost', 'timeout'), {
        minLength: 1,
        maxLength: 60,
      }),
      (reasons) => {
        let record: FailureRecord | null = null;
        let at = 0;
        const logins: number[] = [];
        for (const reason of reasons) {
          if (reason === 'wrong-password') logins.push(at);
          record = recordFailure(record, reason, at);
          at = nextAttemptAt(record, 0);
        }
        for (const from of logins) assert.ok(logins.filter((one) => one >= from && one < from + HOUR).length <= 3);
      },
    ),
  );
});

test('every reason has its wait, finite and ahead, and jitter never shortens it', () => {
  for (const reason of SEED_REASONS) {
    for (const count of [0, 1, 2, 3, 10, 10_000, Number.MAX_SAFE_INTEGER]) {
      const record = { count, firstAt: 0, lastAt: 1_000, reason };
      const least = nextAttemptAt(record, 0);
      assert.ok(Number.isFinite(least) && least > 1_000);
      assert.ok(nextAttemptAt(record, 0.999) >= least);
    }
  }
});
