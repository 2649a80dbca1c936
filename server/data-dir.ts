/** The folder that holds the database and the key. Mail and accounts are nobody else's business on a shared machine, so only its owner may look into it. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from './errors.ts';

/**
 * Makes the folder with all that is missing above it. Folder by folder and not `recursive`, which in Node goes round for ever beneath places like /proc
 * where a folder can neither be made nor found.
 * @throws AppError `config` when it cannot be made
 */
export function makeDataDir(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  try {
    for (const one of missing) mkdirSync(one, { mode: 0o700 });
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
  } catch (error) {
    const code = (error as { code?: string }).code ?? (error as Error).message;
    throw new AppError(
      'config',
      `TODOKU_DATA_DIR must be a folder that exists or can be made, but ${code} (it is ${JSON.stringify(folder)}).`,
      { setting: 'TODOKU_DATA_DIR' },
    );
  }
}
