/** Stored passwords open with the right key, in the right place, and not otherwise. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { openDatabase } from '../../db/open.ts';
import { AppError } from '../../server/errors.ts';
import { checkVault, openVault } from '../../server/vault.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'todoku-vault-'));
  folders.push(made);
  return made;
}
const KEY = 'k'.repeat(40);
const isConfig = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'config' && !error.message.includes('\n');

test('what is sealed opens again, whatever it is', () => {
  const vault = openVault({ secretKey: KEY, dataDir: '/nowhere' });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, row) => {
      const sealed = vault.seal(text, 'seeds', row, 'password_sealed');
      // Lone surrogates are no text: UTF-8 cannot carry them.
      assert.equal(vault.open(sealed, 'seeds', row, 'password_sealed'), text.toWellFormed());
      assert.ok(text.length < 4 || !sealed.includes(text));
    }),
  );
});

test('each sealing differs, and moved elsewhere none opens', () => {
  const vault = openVault({ secretKey: KEY, dataDir: '/nowhere' });
  const sealed = vault.seal('secret', 'seeds', 'a', 'password_sealed');
  assert.notEqual(sealed, vault.seal('secret', 'seeds', 'a', 'password_sealed'));
  for (const [table, row, column] of [
    ['senders', 'a', 'password_sealed'],
    ['seeds', 'b', 'password_sealed'],
    ['seeds', 'a', 'oauth_sealed'],
  ] as const)
    assert.throws(() => vault.open(sealed, table, row, column), isConfig);
});

test('no change of a sealed value opens', () => {
  const vault = openVault({ secretKey: KEY, dataDir: '/nowhere' });
  const sealed = vault.seal('secret', 'seeds', 'a', 'password_sealed');
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, letter) => {
      const other = sealed.slice(0, at) + letter + sealed.slice(at + 1);
      // base64url has spare bits in its last letter: only a value that decodes differently must fail.
      const bytes = (text: string): string => Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex');
      if (other === sealed || (bytes(other) === bytes(sealed) && other.slice(0, 12) === sealed.slice(0, 12))) return;
      assert.throws(() => vault.open(other, 'seeds', 'a', 'password_sealed'), isConfig);
    }),
  );
  for (const broken of ['', 'v1', 'v1..', 'v2.00000000.AAAA', 'not sealed at all', '__proto__'])
    assert.throws(() => vault.open(broken, 'seeds', 'a', 'x'), isConfig);
});

test('the key file is made once, for its owner alone', () => {
  const dataDir = join(folder(), 'new');
  const first = openVault({ secretKey: null, dataDir });
  const file = join(dataDir, 'secret.key');
  assert.equal(first.madeKeyFile, file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const text = readFileSync(file, 'utf8');
  const second = openVault({ secretKey: null, dataDir });
  assert.equal(second.madeKeyFile, null);
  assert.equal(readFileSync(file, 'utf8'), text);
  assert.equal(second.open(first.seal('x', 'a', 'b', 'c'), 'a', 'b', 'c'), 'x');
});

test('a key file that others may read is closed to them', () => {
  const dataDir = folder();
  openVault({ secretKey: null, dataDir });
  chmodSync(join(dataDir, 'secret.key'), 0o644);
  assert.equal(openVault({ secretKey: null, dataDir }).repairedMode, true);
  assert.equal(statSync(join(dataDir, 'secret.key')).mode & 0o777, 0o600);
});

test('an empty key file is no key', () => {
  const dataDir = folder();
  writeFileSync(join(dataDir, 'secret.key'), '\n', { mode: 0o600 });
  assert.throws(() => openVault({ secretKey: null, dataDir }), isConfig);
});

test('with another key the start is refused and not a row is changed', async () => {
  const dataDir = folder();
  const file = join(dataDir, 'db.sqlite');
  let db = await openDatabase(file);
  await checkVault(openVault({ secretKey: KEY, dataDir }), db, 1);
  await checkVault(openVault({ secretKey: KEY, dataDir }), db, 2);
  const before = await db.selectFrom('settings').selectAll().execute();
  await db.destroy();

  db = await openDatabase(file);
  // The key file got lost, so that a new one is made: it may not stay and look like the right one.
  const vault = openVault({ secretKey: null, dataDir });
  await assert.rejects(
    checkVault(vault, db, 3),
    (error: unknown) => isConfig(error) && /another key/.test((error as Error).message),
  );
  assert.ok(!existsSync(join(dataDir, 'secret.key')));
  assert.deepEqual(await db.selectFrom('settings').selectAll().execute(), before);
  await db.destroy();
});
