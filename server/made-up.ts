/**
 * The senders, seeds, monitors and domains of a made-up world, as the demo and the trial have them. Nothing in it is made up but the accounts: the mails are
 * sent, filtered, filed and read like any other. Everything is set up over the API, as a person would.
 */
import type { Call } from './api/perform.ts';
import type { Sandbox } from './sandbox/sandbox.ts';

export type Plan = {
  /** Null: only by hand. */
  cron: string | null;
  deadlines: { lateAfterSeconds: number; missingAfterSeconds: number; watchSeconds: number };
  /** True for the address of a seed that is not wanted. */
  without?: (address: string) => boolean;
  /** Called after each step. */
  onStep?: (progress: { done: number; of: number }) => void;
};

/** The seeds: address, protocol, tags. The local part says what the world does to the mail. */
const SEEDS: readonly (readonly [address: string, protocol: 'imap' | 'pop3', tags: string[]])[] = [
  ['inbox@gmail.test', 'imap', ['customers', 'b2c']],
  ['promotions@gmail.test', 'imap', ['customers', 'b2c']],
  ['updates@gmail.test', 'imap', ['receipts', 'b2c']],
  ['spam@gmail.test', 'imap', ['customers', 'b2c']],
  ['inbox@outlook.test', 'imap', ['customers', 'receipts', 'b2b']],
  ['spam@outlook.test', 'imap', ['customers', 'b2b']],
  ['imap-down@outlook.test', 'imap', ['customers', 'b2b']],
  ['inbox@yahoo.test', 'imap', ['customers', 'receipts', 'b2c']],
  ['slow-8s@yahoo.test', 'imap', ['customers', 'b2c']],
  ['inbox@yahoo-japan.test', 'imap', ['customers', 'japan']],
  ['spam@yahoo-japan.test', 'imap', ['japan']],
  ['inbox-pop@yahoo-japan.test', 'pop3', ['customers', 'japan']],
  ['inbox@plain.test', 'imap', ['customers', 'receipts', 'office']],
  ['inbox-pop@plain.test', 'pop3', ['office']],
  ['other@plain.test', 'imap', ['office']],
  ['missing@plain.test', 'imap', ['customers', 'office']],
  ['550@plain.test', 'imap', ['customers', 'office']],
  ['bounce@plain.test', 'imap', ['customers', 'office']],
  ['defer-1@plain.test', 'imap', ['office']],
  // The office's own filter decides here, by what SPF, DKIM and DMARC say.
  ['anna@plain.test', 'imap', ['receipts', 'customers', 'old-system', 'office']],
  ['ben@outlook.test', 'imap', ['old-system', 'b2b']],
  ['chie@yahoo-japan.test', 'imap', ['old-system', 'japan']],
  ['dora@gmail.test', 'imap', ['old-system', 'b2c']],
];

/** The sending systems: their domains differ in what they publish. */
const SENDERS = [
  { key: 'news', domain: 'good.test', name: 'Newsletter (good.test)' },
  { key: 'shop', domain: 'no-dmarc.test', name: 'Shop receipts (no-dmarc.test)' },
  { key: 'old', domain: 'spoofed.test', name: 'Old system (spoofed.test)' },
] as const;

const MONITORS = [
  {
    name: 'Weekly newsletter',
    sender: 'news',
    tags: ['customers'],
    message: { template: 'newsletter', language: 'en' },
  },
  {
    name: '注文確認メール',
    sender: 'shop',
    tags: ['receipts', 'office', 'japan'],
    message: { template: 'one-link', language: 'ja' },
  },
  { name: 'Old system', sender: 'old', tags: ['old-system'], message: { template: 'plain', language: 'en' } },
] as const;

/** Good and bad to look at. Those that probes are sent from need no selector and no address: the probes show them. */
const DOMAINS: readonly { name: string; selectors?: string[]; ips?: string[] }[] = [
  { name: 'good.test' },
  { name: 'no-dmarc.test' },
  { name: 'broken-spf.test', selectors: ['s1'], ips: ['203.0.113.12'] },
  { name: 'weak-key.test', selectors: ['s1', 'old'], ips: ['203.0.113.13'] },
  { name: 'spoofed.test' },
];

/** What the DNS of this world gives as addresses of mail servers: documentation networks, where nobody is (RFC 5737). */
export const MADE_UP_NETWORK = '198.51.100.0/24';

/** `host:port` of all mail servers of this world, the only ones that may be connected to from within. */
export function ownServers({ submission, ports }: Pick<Sandbox, 'submission' | 'ports'>): string[] {
  const listening = [
    submission.tlsPort,
    submission.starttlsPort,
    ...Object.values(ports).flatMap(({ imap, imaps, pop3, pop3s }) => [imap, imaps, pop3, pop3s]),
  ];
  return listening.map((port) => `127.0.0.1:${port}`);
}

/**
 * Senders, seeds, monitors and domains, and a first run of each monitor.
 * @returns the ids of the runs
 */
export async function setUp(call: Call, sandbox: Sandbox, plan: Plan): Promise<string[]> {
  const seeds = SEEDS.filter(([address]) => !plan.without?.(address));
  // Each sender has a mailbox too, each monitor a first run.
  const of = 2 * SENDERS.length + seeds.length + 2 * MONITORS.length + DOMAINS.length;
  let done = 0;
  const add = async (path: string, body?: unknown): Promise<string> => {
    const { id } = (await call('POST', path, body)) as { id: string };
    plan.onStep?.({ done: ++done, of });
    return id;
  };
  plan.onStep?.({ done, of });

  const senders = new Map<string, string>();
  for (const { key, domain, name } of SENDERS) {
    const { fromAddress, fromName, smtp } = sandbox.sender(domain);
    senders.set(
      key,
      await add('/api/senders', { name, fromAddress, fromName, smtp, dailyLimit: 100_000, minGapSeconds: 0 }),
    );
  }
  for (const [address, protocol, tags] of seeds) await add('/api/seeds', { ...sandbox.seed(address, protocol), tags });
  // Bounces come back to the senders' own mailboxes.
  for (const { domain } of SENDERS)
    await add('/api/seeds', { ...sandbox.seed(sandbox.sender(domain).fromAddress, 'imap'), tags: ['returns'] });
  const monitors: string[] = [];
  for (const { name, sender, tags, message } of MONITORS)
    monitors.push(
      await add('/api/monitors', {
        name,
        senderId: senders.get(sender),
        seedTags: tags,
        message,
        schedule:
          plan.cron === null ? null : { cron: plan.cron, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
        ...plan.deadlines,
      }),
    );
  const runs: string[] = [];
  for (const monitor of monitors) runs.push(await add(`/api/monitors/${monitor}/runs`));
  for (const domain of DOMAINS) await add('/api/domains', domain);
  return runs;
}
