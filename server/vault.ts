/**
 * Credentials of senders and seeds must be stored in a form we can use again (a server wants the password itself), so they are encrypted, not hashed:
 * AES-256-GCM with a key that lives outside the database. Each sealed value is bound to its table, row and column by the AAD: moved elsewhere, it
 * does not open. Who steals the database alone reads nothing.
 *
 * Sealed form: `v1.<key id>.<base64url of iv(12) + ciphertext + tag(16)>`. The key id tells a wrong key from a damaged value.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../db/open.ts';
import { readSetting, writeSetting } from '../db/settings.ts';
import type { Config } from './config.ts';
import { makeDataDir } from './data-dir.ts';
import { AppError } from './errors.ts';

export type Vault = {
  keyId: string;
  /** The key file that this very start has made, or null. */
  madeKeyFile: string | null;
  /** True when the key file could be read by others and was closed to them: worth a warning. */
  repairedMode: boolean;
  seal: (text: string, table: string, row: string, column: string) => string;
  /** @throws AppError `config` when it was sealed with another key, for another place, or is damaged */
  open: (sealed: string, table: string, row: string, column: string) => string;
};

const KEY_FILE = 'secret.key';
const CHECK_WORD = 'todoku';

/**
 * Takes the key from the configuration, or from the key file in the data folder, which is made where it is missing.
 * @throws AppError `config` when the key file cannot be read or written, or holds no key
 */
export function openVault(config: Pick<Config, 'secretKey' | 'dataDir'>): Vault {
  if (config.secretKey !== null) return vaultOf(config.secretKey, null, false);
  makeDataDir(config.dataDir);
  const file = join(config.dataDir, KEY_FILE);
  try {
    const made = makeKeyFile(file);
    const open = (statSync(file).mode & 0o077) !== 0;
    if (open) chmodSync(file, 0o600);
    const secret = readFileSync(file, 'utf8').trim();
    if (secret.length < 32) throw new AppError('config', `The key file ${file} holds no key. Put the right one back.`);
    return vaultOf(secret, made ? file : null, open);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = (error as { code?: string }).code ?? (error as Error).message;
    throw new AppError('config', `TODOKU_DATA_DIR ${config.dataDir} cannot be used: ${code} at ${file}.`);
  }
}

function makeKeyFile(file: string): boolean {
  try {
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600, flush: true });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false;
    throw error;
  }
}

function vaultOf(secret: string, madeKeyFile: string | null, repairedMode: boolean): Vault {
  const derive = (info: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'utf8'), 'todoku', info, length));
  const key = derive('credentials v1', 32);
  const keyId = derive('key id v1', 4).toString('hex');

  function seal(text: string, table: string, row: string, column: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    cipher.setAAD(Buffer.from(`${table}:${row}:${column}`, 'utf8'));
    const body = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v1.${keyId}.${body.toString('base64url')}`;
  }

  function open(sealed: string, table: string, row: string, column: string): string {
    const [version, id, text, ...rest] = sealed.split('.');
    const body = Buffer.from(text ?? '', 'base64url');
    const damaged = new AppError('config', `A stored credential (${table}, ${column}) is damaged: enter it again.`, {
      table,
      row,
      column,
    });
    if (version !== 'v1' || rest.length > 0 || body.length < 28) throw damaged;
    if (id !== keyId)
      throw new AppError(
        'config',
        `A stored credential (${table}, ${column}) was sealed with another key (${id}, not ${keyId}).`,
        { table, row, column },
      );
    const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(`${table}:${row}:${column}`, 'utf8'));
    decipher.setAuthTag(body.subarray(-16));
    try {
      return Buffer.concat([decipher.update(body.subarray(12, -16)), decipher.final()]).toString('utf8');
    } catch {
      throw damaged;
    }
  }

  return { keyId, madeKeyFile, repairedMode, seal, open };
}

/**
 * Proves at the start that the key is the one this database was sealed with; the first start seals the proof. Nothing is written when it is not.
 * @throws AppError `config`
 */
export async function checkVault(vault: Vault, db: Database, now: number): Promise<void> {
  const proof = await readSetting(db, 'vault-check');
  if (proof === null) {
    await writeSetting(db, 'vault-check', vault.seal(CHECK_WORD, 'settings', 'vault-check', 'value'), now);
    return;
  }
  if (keyFits(vault, proof)) return;
  // A key made a moment ago for a database that had another would only hide that the right one is gone.
  if (vault.madeKeyFile !== null) rmSync(vault.madeKeyFile, { force: true });
  const wanted = String(proof).split('.')[1] ?? 'unknown';
  throw new AppError(
    'config',
    `This database was sealed with another key (key id ${wanted}, not ${vault.keyId}): set TODOKU_SECRET_KEY or put secret.key back as it was. Nothing was changed.`,
  );
}

/** Was this proof sealed with our key? */
export function keyFits(vault: Vault, proof: unknown): boolean {
  try {
    return vault.open(String(proof), 'settings', 'vault-check', 'value') === CHECK_WORD;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return false;
  }
}
