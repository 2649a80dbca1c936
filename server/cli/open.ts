/** What commands need of the program: settings, key and rows, without a server. */

import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { listInstances } from '../../db/instances.ts';
import { openDatabase } from '../../db/open.ts';
import type { InstanceTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import { createBackups } from '../backup/backups.ts';
import { createReader } from '../campaign/reader.ts';
import { type Config, databaseFile, readConfig } from '../config.ts';
import { createDnsClient, type DnsClient, systemDnsServers } from '../dns/client.ts';
import { AppError } from '../errors.ts';
import { createGate } from '../gate.ts';
import { createLog } from '../log.ts';
import { createPreviews } from '../preview/previews.ts';
import { checkVault, openVault } from '../vault.ts';

/** An instance that was not seen for this long does not run any more. */
const DEAD_AFTER_MS = 20_000;

export function config(): Config {
  return readConfig(process.env);
}

/**
 * Opens the database and the key, hands the app to `work`, and closes again.
 * @throws AppError `config`
 */
export async function withApp<Result>(settings: Config, work: (app: App) => Promise<Result>): Promise<Result> {
  const vault = openVault(settings);
  const db = await openDatabase(databaseFile(settings));
  const dns = openDns(settings);
  const previews = createPreviews();
  const reader = createReader();
  try {
    await checkVault(vault, db, Date.now());
    const core: Omit<App, 'backups'> = {
      config: settings,
      db,
      dns,
      vault,
      // A command is watched by a person: only what matters.
      log: createLog(settings.logLevel === 'info' ? 'warn' : settings.logLevel),
      now: Date.now,
      announce: () => undefined,
      health: { lastTickAt: null, storage: 'ok' },
      previews,
      reader,
      gate: createGate(),
      // `todoku restore` works on a database that nobody has open.
      exchange: () => Promise.reject(new AppError('conflict', 'A command cannot exchange the database it works on.')),
    };
    const backups = createBackups(core);
    try {
      return await work(Object.assign(core, { backups }));
    } finally {
      await backups.close();
    }
  } finally {
    await Promise.all([previews.close(), reader.close()]);
    dns.close();
    await db.destroy();
  }
}

/** The DNS servers of the settings; close it when done. */
export function openDns(settings: Config): DnsClient {
  return createDnsClient({
    servers: settings.dnsServers.length > 0 ? settings.dnsServers : systemDnsServers(),
    validators: settings.dnsValidators,
    now: Date.now,
  });
}

/** Servers that run on this database now. */
export function runningInstances(instances: readonly InstanceTable[], now: number): InstanceTable[] {
  return instances.filter(
    (instance) =>
      now - instance.seen_at < DEAD_AFTER_MS && !(instance.host === hostname() && !processLives(instance.pid)),
  );
}

export async function serverRuns(app: App): Promise<boolean> {
  return runningInstances(await listInstances(app.db), app.now()).length > 0;
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}

/** Where this installation is reached, as far as the settings tell. */
export function addressOf(settings: Config): string {
  if (settings.baseUrl !== null) return settings.baseUrl;
  const anywhere = settings.host === '0.0.0.0' || settings.host === '::';
  const host = anywhere ? 'localhost' : settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return `http://${host}:${settings.port}`;
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Rows as text in columns; the first row is the heading. Wide characters count as two. */
export function table(rows: string[][]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function width(text: string): number {
  let sum = 0;
  for (const character of text)
    sum += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      character,
    )
      ? 2
      : 1;
  return sum;
}

/** Text of foreign origin for a terminal: no control characters, which a terminal would obey. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
}

/** A file that was named on the command line. @throws AppError that says why it cannot be read */
export async function readGiven(file: string, mostBytes: number): Promise<Buffer> {
  const info = await stat(file).catch((error: Error & { code?: string }) => {
    throw new AppError('invalid', `${plain(file)} cannot be read (${error.code ?? 'unknown'}).`);
  });
  if (!info.isFile()) throw new AppError('invalid', `${plain(file)} is no file.`);
  if (info.size > mostBytes)
    throw new AppError(
      'too-large',
      `${plain(file)} has ${Math.round(info.size / 1e6)} MB; more than ${Math.round(mostBytes / 1e6)} MB are not read.`,
    );
  return readFile(file);
}
