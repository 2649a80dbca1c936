/** Whether a page that opens its live line late has to fetch again what it has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedSinceStart } from '../../web/changes.ts';

const CASES: [greeting: string, age: number, missed: boolean][] = [
  ['{"quietMs":null}', 5_000, false],
  ['{"quietMs":60000}', 5_000, false],
  ['{"quietMs":4000}', 5_000, true],
  ['{"quietMs":0}', 0, true],
  // A server of an earlier version says nothing of it.
  ['{}', 5_000, false],
];
for (const [greeting, age, missed] of CASES)
  test(`${greeting}, ${age} ms after the page began: ${missed ? 'fetch again' : 'nothing missed'}`, () => {
    assert.equal(changedSinceStart(greeting, age), missed);
  });
