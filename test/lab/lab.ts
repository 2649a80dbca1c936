/**
 * A mail world of software nobody here wrote: Postfix takes mail in with a password and signs it, a second Postfix receives it, rspamd
 * checks SPF, DKIM and DMARC, Dovecot files it with Sieve and serves it over IMAP and POP3. All of it are Debian packages, started as
 * child processes on loopback in a folder of their own, and gone with `stop()`.
 */

import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeCertificates } from '../../server/sandbox/certificates.ts';
import { dkimKeys } from '../../server/sandbox/dkim-keys.ts';
import { startDns } from '../../server/sandbox/dns.ts';
import type { Records, Zones } from '../../server/sandbox/zones.ts';
import { configFiles, type LabPorts, MX_HOST, SEED_DOMAIN, SELECTOR, SENDER_DOMAIN } from './config.ts';
import { type Daemon, freePorts, program, runOnce, startDaemon } from './daemons.ts';

export type LabAccount = { address: string; user: string; password: string };
export type LabServer = { host: '127.0.0.1'; port: number };
export type Lab = {
  /** Mail from here is signed and passes everything. */
  sender: LabAccount & { fromAddress: string };
  seeds: LabAccount[];
  smtps: LabServer;
  /** STARTTLS. */
  submission: LabServer;
  /** Takes mail for the seeds from anybody, as port 25 does. */
  mx: LabServer;
  imaps: LabServer;
  /** STARTTLS. */
  imap: LabServer;
  pop3s: LabServer;
  /** STLS. */
  pop3: LabServer;
  /** The name in the receiving side's Authentication-Results. */
  authservId: string;
  caPem: string;
  /** A PEM file, for TODOKU_EXTRA_CA_FILE. */
  caFile: string;
  /** `127.0.0.1:PORT`, for TODOKU_DNS_SERVERS. */
  dnsServer: string;
  /** The servers' own logs, for the message of a failed test. */
  logs: () => Promise<string>;
  stop: () => Promise<void>;
};

/** Why the lab cannot run on this machine, as the reason of a skipped test; null when it can. */
export function labMissing(): string | null {
  const needed: [string, string][] = [
    ['dovecot', 'dovecot-imapd, dovecot-pop3d, dovecot-lmtpd'],
    ['sievec', 'dovecot-sieve'],
    ['postfix', 'postfix'],
    ['rspamd', 'rspamd'],
    ['setpriv', 'util-linux'],
  ];
  const missing = needed.filter(([name]) => program(name) === null).map(([, packages]) => packages);
  if (missing.length > 0) return `needs ${missing.join(', ')}`;
  return process.getuid?.() === 0 ? null : 'needs root: Postfix drops its rights itself';
}

/**
 * Starts everything; takes a few seconds.
 * @throws Error with the server's own words when one does not start; nothing is left running then
 */
export async function startLab(seedCount = 3): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'todoku-lab-'));
  const daemons: Daemon[] = [];
  const keys = await dkimKeys();
  const dns = await startDns(zones(keys.strong.record));
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    await dns.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const ports = await labPorts();
    const account = (address: string): LabAccount => ({ address, user: address, password: 'lab password' });
    const sender = account(`sender@${SENDER_DOMAIN}`);
    const seeds = Array.from({ length: seedCount }, (_, index) => account(`seed${index + 1}@${SEED_DOMAIN}`));
    const certificates = makeCertificates([MX_HOST, `smtp.${SENDER_DOMAIN}`], Date.now());

    const files = {
      ...configFiles({ folder, ports, dns: dns.address, accounts: [sender, ...seeds] }),
      'ca.pem': certificates.caPem,
      'cert.pem': certificates.good.cert,
      'key.pem': certificates.good.key,
      'dkim.key': keys.strong.privateKey,
    };
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await prepare(folder);
    runOnce('sievec', ['-c', `${folder}/dovecot.conf`, `${folder}/junk.sieve`]);

    // Dovecot first: submission asks it for passwords. The rest may come up side by side.
    const start = async (name: string, parameters: string[], listensOn: number[]): Promise<void> => {
      daemons.push(await startDaemon(name, parameters, listensOn));
    };
    const started = await Promise.allSettled([
      start('dovecot', ['-F', '-c', `${folder}/dovecot.conf`], [ports.imaps, ports.imap, ports.pop3s, ports.pop3]),
      start('rspamd', rspamdParameters(folder), [ports.milter]),
      start('master', ['-s', '-c', `${folder}/submission`], [ports.smtps, ports.submission]),
      start('master', ['-s', '-c', `${folder}/mx`], [ports.mx]),
    ]);
    for (const one of started) if (one.status === 'rejected') throw one.reason;

    const at = (port: number): LabServer => ({ host: '127.0.0.1', port });
    return {
      sender: { ...sender, fromAddress: sender.address },
      seeds,
      smtps: at(ports.smtps),
      submission: at(ports.submission),
      mx: at(ports.mx),
      imaps: at(ports.imaps),
      imap: at(ports.imap),
      pop3s: at(ports.pop3s),
      pop3: at(ports.pop3),
      authservId: MX_HOST,
      caPem: certificates.caPem,
      caFile: join(folder, 'ca.pem'),
      dnsServer: dns.address,
      logs: () => readLogs(folder),
      stop,
    };
  } catch (error) {
    const logs = await readLogs(folder);
    await stop();
    throw new Error(`the lab did not start: ${error instanceof Error ? error.message : error}\n${logs}`);
  }
}

async function labPorts(): Promise<LabPorts> {
  const [smtps = 0, submission = 0, mx = 0, imaps = 0, imap = 0, pop3s = 0, pop3 = 0, milter = 0] = await freePorts(8);
  return { smtps, submission, mx, imaps, imap, pop3s, pop3, milter };
}

/** Each server runs as the user its package made for it, and wants folders that user may write into. */
async function prepare(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  await chmod(join(folder, 'key.pem'), 0o600);
  const owned: [string, string][] = [
    ['mail', 'mail'],
    ['rspamd-run', '_rspamd'],
    ['submission-data', 'postfix'],
    ['mx-data', 'postfix'],
    ['submission-queue', 'root'],
    ['mx-queue', 'root'],
    ['dovecot', 'root'],
  ];
  for (const [name, user] of owned) {
    await mkdir(join(folder, name), { recursive: true });
    await chown(join(folder, name), idOf(user, '-u'), idOf(user, '-g'));
  }
  await writeFile(join(folder, 'rspamd.log'), '');
  for (const file of ['rspamd.log', 'dkim.key'])
    await chown(join(folder, file), idOf('_rspamd', '-u'), idOf('_rspamd', '-g'));
  // Makes the folders of the queues.
  for (const name of ['submission', 'mx']) runOnce('postfix', ['-c', join(folder, name), 'check']);
}

function idOf(user: string, what: '-u' | '-g'): number {
  return Number(spawnSync('id', [what, user], { encoding: 'utf8' }).stdout);
}

function rspamdParameters(folder: string): string[] {
  return [
    ...['-f', '-u', '_rspamd', '-g', '_rspamd', '-c', join(folder, 'rspamd.conf')],
    ...['DBDIR', 'RUNDIR', 'LOGDIR'].map((name) => `--var=${name}=${join(folder, 'rspamd-run')}`),
  ];
}

/** What the world knows about the lab's domains. `bank.test` is what forgers like: it says that nobody may send for it from here. */
function zones(dkimRecord: string): Zones {
  const records: [string, Records][] = [
    [
      SENDER_DOMAIN,
      {
        A: ['127.0.0.1'],
        MX: [{ preference: 10, exchange: `mx.${SENDER_DOMAIN}` }],
        TXT: ['v=spf1 ip4:127.0.0.1 -all'],
      },
    ],
    [`out.${SENDER_DOMAIN}`, { A: ['127.0.0.1'], TXT: ['v=spf1 a -all'] }],
    [`mx.${SENDER_DOMAIN}`, { A: ['127.0.0.1'] }],
    [`${SELECTOR}._domainkey.${SENDER_DOMAIN}`, { TXT: [dkimRecord] }],
    [`_dmarc.${SENDER_DOMAIN}`, { TXT: ['v=DMARC1; p=reject'] }],
    [
      'bank.test',
      { A: ['192.0.2.55'], MX: [{ preference: 10, exchange: 'mx.bank.test' }], TXT: ['v=spf1 ip4:192.0.2.55 -all'] },
    ],
    ['mx.bank.test', { A: ['192.0.2.55'] }],
    ['_dmarc.bank.test', { TXT: ['v=DMARC1; p=reject'] }],
    [SEED_DOMAIN, { MX: [{ preference: 10, exchange: MX_HOST }], TXT: ['v=spf1 -all'] }],
    [MX_HOST, { A: ['127.0.0.1'] }],
  ];
  return new Map(records);
}

async function readLogs(folder: string): Promise<string> {
  const texts = await Promise.all(
    ['dovecot.log', 'submission.log', 'mx.log', 'rspamd.log'].map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8').catch((error: Error) => error.message);
      return `--- ${name}\n${text.slice(-4_000)}`;
    }),
  );
  return texts.join('\n');
}
