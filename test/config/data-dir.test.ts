/** A data folder that cannot be stops the start at once, with one line that names the setting. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeDataDir } from '../../server/data-dir.ts';
import { AppError } from '../../server/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'todoku-data-dir-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('all that is missing is made, for its owner alone', () => {
  const deep = join(folder, 'a', 'b', 'c');
  makeDataDir(deep);
  makeDataDir(deep);
  assert.equal(statSync(deep).mode & 0o077, 0);
});

const file = join(folder, 'file');
writeFileSync(file, '');
for (const place of [file, join(file, 'below'), '/dev/null/x', '/proc/x', '/proc/x/y'])
  test(`${place.replace(folder, '…')} is refused at once`, () => {
    assert.throws(
      () => makeDataDir(place),
      (error: unknown) => {
        assert.ok(error instanceof AppError && error.code === 'config');
        assert.ok(error.message.startsWith('TODOKU_DATA_DIR ') && !error.message.includes('\n'), error.message);
        assert.equal(error.detail.setting, 'TODOKU_DATA_DIR');
        return true;
      },
    );
    assert.ok(place === file || !existsSync(place));
  });
