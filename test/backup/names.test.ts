/** What backups are called, which are too many, and when the next is due. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BACKUP_KINDS, backupName, backupSettingOf, dailyIsDue, readName, tooMany } from '../../server/backup/names.ts';

const at = (text: string): number => Date.parse(text);

describe('names', () => {
  test('say when and why', () => {
    assert.equal(backupName('daily', at('2026-11-23T09:15:07.999Z')), 'todoku-2026-11-23-091507-daily.sqlite');
    assert.deepEqual(readName('todoku-2026-11-23-091507-before-restore.sqlite'), {
      kind: 'before-restore',
      at: at('2026-11-23T09:15:07Z'),
    });
  });
  test('what is written is read, to the second', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BACKUP_KINDS.filter((kind) => kind !== 'other')),
        fc.integer({ min: 0, max: 4e12 }),
        (kind, moment) => {
          assert.deepEqual(readName(backupName(kind as 'daily', moment)), {
            kind,
            at: Math.floor(moment / 1000) * 1000,
          });
        },
      ),
    );
  });
  const OTHERS = [
    'mine.sqlite',
    'todoku-2026-11-23-091507-weekly.sqlite',
    'todoku-2026-13-45-991507-daily.sqlite',
    'todoku-2026-11-23-091507-other.sqlite',
  ];
  for (const name of OTHERS)
    test(`${name} is somebody's own`, () => assert.deepEqual(readName(name), { kind: 'other', at: null }));
  const NONE = [
    '../todoku.sqlite',
    '..',
    'a/b.sqlite',
    'a\\b.sqlite',
    '.partial-1-abc.sqlite',
    'a.sqlite\0',
    'a.sqlite\n',
    'a b.sqlite',
    'a"b.sqlite',
    'ä.sqlite',
    'secret.key',
    'todoku.sqlite-wal',
    `${'a'.repeat(200)}.sqlite`,
    '.sqlite',
    '',
  ];
  for (const name of NONE) test(`${JSON.stringify(name)} is no backup`, () => assert.equal(readName(name), null));
  test('no name that is taken leads out of its folder', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        if (readName(`${name}.sqlite`) !== null) assert.match(name, /^[\w][\w.-]*$/);
      }),
    );
  });
});

describe('keeping', () => {
  const daily = (day: number): string => backupName('daily', at(`2026-11-${String(day).padStart(2, '0')}T03:00:00Z`));
  const CASES: [what: string, names: string[], keep: number, gone: string[]][] = [
    ['none', [], 7, []],
    ['few', [daily(1), daily(2)], 2, []],
    ['the oldest go, in whatever order they are found', [daily(3), daily(1), daily(2)], 1, [daily(1), daily(2)]],
    [
      'only daily ones',
      [daily(1), backupName('manual', 1), backupName('uploaded', 2), backupName('before-restore', 3), 'mine.sqlite'],
      1,
      [],
    ],
  ];
  for (const [what, names, keep, gone] of CASES) test(what, () => assert.deepEqual(tooMany(names, keep), gone));

  const HOUR = 3_600_000;
  const DUE: [what: string, latest: number | null, installed: number, now: number, due: boolean][] = [
    ['a fresh installation', null, 1000 * HOUR, 1001 * HOUR, false],
    ['an installation of a day', null, 1000 * HOUR, 1024 * HOUR, true],
    ['one of this morning', 1000 * HOUR, 0, 1023 * HOUR, false],
    ['one of yesterday', 1000 * HOUR, 0, 1024 * HOUR, true],
    ['one from the future, by a clock that was set back', 2000 * HOUR, 0, 1024 * HOUR, false],
  ];
  for (const [what, latest, installed, now, due] of DUE)
    test(`${what}: ${due ? 'due' : 'not yet'}`, () => assert.equal(dailyIsDue(latest, installed, now), due));

  test('on and seven, unless set', () => {
    assert.deepEqual(backupSettingOf(null), { daily: true, keep: 7 });
    assert.deepEqual(backupSettingOf({ daily: false }), { daily: false, keep: 7 });
    assert.deepEqual(backupSettingOf({ daily: 'yes', keep: 'many' }), { daily: true, keep: 7 });
  });
});
