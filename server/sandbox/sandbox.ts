/**
 * The sandbox: a small internet of mail on loopback. Real servers on free ports (DNS, submission, five providers' MX, IMAP and
 * POP3), so that the program can be tried and tested without an account anywhere, through the very code that talks to Gmail.
 *
 *   program ──SMTP──► submission ──signs, relays──► MX of the provider ──judges, files──► account ──IMAP/POP3──► program
 *
 * The *recipient* says what happens (fate.ts), the *sender's domain* what stands in DNS (zones.ts). An address that names a place
 * (`inbox@`, `spam@`, `promotions@`) gets it whatever the filter thinks; any other mail that fails DMARC under a policy of quarantine
 * or reject goes to spam. `defer@` is put off once, `defer-3@` three times, `defer-always@` for ever.
 *
 * Several sandboxes may run in one process; nothing is shared but the DKIM keys.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Account, createAccounts, deliverInto, PASSWORD, renumber, type Stats } from './accounts.ts';
import { startBadTls } from './bad-tls.ts';
import { makeCertificates } from './certificates.ts';
import { dkimKeys } from './dkim-keys.ts';
import { startDns } from './dns.ts';
import { startExchange } from './exchange.ts';
import { fateOf } from './fate.ts';
import { startImap } from './imap.ts';
import { startPop3 } from './pop3.ts';
import { startSubmission } from './submission.ts';
import { buildZones, type ProviderName, SENDER_DOMAINS, senderDomain } from './zones.ts';

export type { Stats } from './accounts.ts';
export type { ProviderName } from './zones.ts';

export type SandboxSeed = {
  address: string;
  provider: ProviderName;
  protocol: 'imap' | 'pop3';
  host: '127.0.0.1';
  port: number;
  security: 'tls' | 'starttls';
  user: string;
  password: string;
};

export type SandboxSender = {
  name: string;
  fromAddress: string;
  fromName: string;
  smtp: { host: '127.0.0.1'; port: number; security: 'tls' | 'starttls'; user: string; password: string };
};

export type SandboxOptions = {
  /** Where the CA file is written; without it a temporary folder, removed at the end. */
  folder?: string;
  log?: (line: string) => void;
  /** Fixed ports for submission (implicit TLS, STARTTLS), so that a client finds a restarted sandbox again. Else free ones. */
  submissionPort?: number;
  submissionStarttlsPort?: number;
  /** Largest mail submission takes, bytes. Gmail's own limit if not given. */
  size?: number;
  /** The clock, epoch ms: dates of headers and of mails. */
  now?: () => number;
  /** Called for each mail a provider took. */
  onAccepted?: (messageId: string, recipient: string) => void;
};

export type SandboxMessage = { raw: Buffer; flags: Set<string>; internalDate: number };

export type ProviderPorts = { imap: number; imaps: number; pop3: number; pop3s: number; mx: number };

export type Sandbox = {
  /** `127.0.0.1:PORT`, for TODOKU_DNS_SERVERS. */
  dnsServer: string;
  /** PEM file of the sandbox's authority, for TODOKU_EXTRA_CA_FILE. */
  caFile: string;
  submission: { host: '127.0.0.1'; tlsPort: number; starttlsPort: number };
  /** IMAP ports whose certificate must be refused. */
  badTls: { expired: number; selfSigned: number; wrongHost: number };
  ports: Record<ProviderName, ProviderPorts>;
  /** A sender of one of the zones: `good.test` (as probe@good.test) or an address. Throws for a domain the sandbox has not. */
  sender(domainOrAddress: string, security?: 'tls' | 'starttls'): SandboxSender;
  /** How to read an account; it is made at its first mention. Throws for a domain the sandbox has not. */
  seed(address: string, protocol?: 'imap' | 'pop3', security?: 'tls' | 'starttls'): SandboxSeed;
  /** Message-ID → how often a provider's MX took it. */
  accepted: Map<string, number>;
  /** Puts a mail into a folder directly, past all servers; INBOX if not said. Folders by name, or `spam`, `promotions`, `other` … */
  deliver(address: string, raw: Buffer, folder?: string): void;
  /** Makes all folders of an account anew: the same mails, other UIDs, another UIDVALIDITY, as after a restore from a backup. */
  renumber(address: string): void;
  /** What lies in an account now: copies of flags, the very bytes. */
  folders(address: string): Map<string, SandboxMessage[]>;
  /** What was done to an account so far. */
  stats(address: string): Stats;
  /** Lets logins of an account fail from now on as one named like `fate` would (`imap-down`, `throttled` …); null: all is well. */
  setFate(address: string, fate: string | null): void;
  /** Lets an account's IMAP server take so long (ms) to open each folder. */
  setLag(address: string, ms: number): void;
  stop(): Promise<void>;
};

const GMAIL_SIZE = 35_882_577;

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  const log = options.log ?? (() => undefined);
  const keys = await dkimKeys();
  const zones = buildZones(keys);
  const certificates = makeCertificates(hostNames(), Date.now());
  const folder = options.folder ?? (await mkdtemp(path.join(os.tmpdir(), 'todoku-sandbox-')));
  if (options.folder !== undefined) await mkdir(folder, { recursive: true });
  const caFile = path.join(folder, 'ca.pem');
  await writeFile(caFile, certificates.caPem);

  const accounts = createAccounts(now);
  const accepted = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };
  const stops: (() => Promise<void>)[] = [];
  const started = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    stops.push(() => server.stop());
    return server;
  };
  const stop = async () => {
    for (const timer of timers) clearTimeout(timer);
    await Promise.all(stops.map((each) => each()));
    await (options.folder === undefined ? rm(folder, { recursive: true, force: true }) : rm(caFile, { force: true }));
  };

  try {
    const dns = await started(startDns(zones));
    const tls = certificates.good;
    const startProvider = async (provider: ProviderName): Promise<[ProviderName, ProviderPorts]> => {
      const shared = { provider, accounts, tls, now, log };
      const onAccepted = (messageId: string, recipient: string) => {
        accepted.set(messageId, (accepted.get(messageId) ?? 0) + 1);
        options.onAccepted?.(messageId, recipient);
      };
      const [imap, imaps, pop3, pop3s, mx] = await Promise.all([
        started(startImap({ ...shared, secure: false })),
        started(startImap({ ...shared, secure: true })),
        started(startPop3({ ...shared, secure: false })),
        started(startPop3({ ...shared, secure: true })),
        started(startExchange({ ...shared, zones, onAccepted, later })),
      ]);
      return [provider, { imap: imap.port, imaps: imaps.port, pop3: pop3.port, pop3s: pop3s.port, mx: mx.port }];
    };
    const [gmail, outlook, yahoo, yahooJapan, dovecot] = await Promise.all([
      startProvider('gmail'),
      startProvider('outlook'),
      startProvider('yahoo'),
      startProvider('yahoo-japan'),
      startProvider('dovecot'),
    ]);
    const byProvider = new Map([gmail, outlook, yahoo, yahooJapan, dovecot]);
    const exchanges = new Map([...byProvider].map(([provider, { mx }]) => [provider, mx]));
    const submissionOf = (secure: boolean, port: number) =>
      started(
        startSubmission({
          ...{ secure, port, accounts, keys, tls, exchanges, deferred, now, log, later },
          size: options.size ?? GMAIL_SIZE,
        }),
      );
    const deferred = new Map<string, number>();
    const [tlsSubmission, starttlsSubmission, badTls] = await Promise.all([
      submissionOf(true, options.submissionPort ?? 0),
      submissionOf(false, options.submissionStarttlsPort ?? 0),
      started(startBadTls(certificates)),
    ]);
    const account = (address: string): Account => {
      const found = accounts.open(address);
      if (found === null) throw new Error(`the sandbox has no accounts for ${address}`);
      return found;
    };
    return {
      dnsServer: dns.address,
      caFile,
      submission: { host: '127.0.0.1', tlsPort: tlsSubmission.port, starttlsPort: starttlsSubmission.port },
      badTls: badTls.ports,
      ports: {
        gmail: gmail[1],
        outlook: outlook[1],
        yahoo: yahoo[1],
        'yahoo-japan': yahooJapan[1],
        dovecot: dovecot[1],
      },
      sender: (name, security = 'tls') =>
        senderOf(name, security, security === 'tls' ? tlsSubmission.port : starttlsSubmission.port),
      seed(address, protocol = 'imap', security = 'tls') {
        const { provider, address: user } = account(address);
        return seedOf(user, provider, protocol, security, byProvider);
      },
      accepted,
      deliver: (address, raw, into = 'INBOX') => deliverInto(account(address), raw, into, now()),
      renumber: (address) => renumber(account(address), now()),
      folders(address) {
        const found = new Map<string, SandboxMessage[]>();
        for (const { path: name, messages, selectable } of account(address).folders.values()) {
          if (!selectable) continue;
          found.set(
            name,
            messages.map(({ item: { raw, flags, internalDate } }) => ({ raw, flags: new Set(flags), internalDate })),
          );
        }
        return found;
      },
      stats: (address) => structuredClone(account(address).stats),
      setFate(address, fate) {
        account(address).login = fate === null ? 'ok' : fateOf(fate).login;
      },
      setLag(address, ms) {
        account(address).lagMs = ms;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function hostNames(): string[] {
  return SENDER_DOMAINS.flatMap(({ domain }) => [
    domain,
    `mx.${domain}`,
    `smtp.${domain}`,
    `imap.${domain}`,
    `pop.${domain}`,
  ]);
}

function senderOf(name: string, security: 'tls' | 'starttls', port: number): SandboxSender {
  const address = (name.includes('@') ? name : `probe@${name}`).toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (senderDomain(domain) === undefined) throw new Error(`the sandbox has no domain ${domain}`);
  return {
    name: domain,
    fromAddress: address,
    fromName: 'Todoku',
    smtp: { host: '127.0.0.1', port, security, user: address, password: PASSWORD },
  };
}

function seedOf(
  address: string,
  provider: ProviderName,
  protocol: 'imap' | 'pop3',
  security: 'tls' | 'starttls',
  ports: Map<ProviderName, ProviderPorts>,
): SandboxSeed {
  const listening = ports.get(provider);
  if (listening === undefined) throw new Error(`no servers for ${provider}`);
  const port = listening[security === 'tls' ? (`${protocol}s` as const) : protocol];
  return { address, provider, protocol, host: '127.0.0.1', port, security, user: address, password: PASSWORD };
}
