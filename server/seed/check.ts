/**
 * A check answers "can this seed be read, and would we see a probe in its spam folder?" before anybody relies on it. It logs in, lists
 * folders and leaves; it opens no message and changes nothing.
 *
 * Providers count connections, and lock accounts that have too many. A seed has at most two of ours: the session that reads it, and one check.
 */
import { createHash } from 'node:crypto';
import { junkOf } from './folders.ts';
import { openImap } from './imap.ts';
import { openPop3 } from './pop3.ts';
import { PROVIDERS } from './providers.ts';
import type { ReadOptions } from './session.ts';
import type { ProviderId, SeedCheck, SeedFolder, SeedRoute, SeedWarning } from './types.ts';

const SOON_MS = 21 * 24 * 60 * 60_000;

/** Account → the check under way, and what it was asked for. */
const underWay = new Map<string, { question: string; answer: Promise<SeedCheck> }>();

/**
 * Never throws for what a server does: a seed that cannot be read is `ok: false` with a reason. One check of an account at a time: who asks the same
 * meanwhile shares its answer, who asks with other settings waits for its end.
 * @param junkFolder the folder the user chose as Junk, or null
 */
export async function checkSeed(
  route: SeedRoute,
  provider: ProviderId,
  junkFolder: string | null,
  options: ReadOptions,
): Promise<SeedCheck> {
  const account = JSON.stringify([route.protocol, route.host.toLowerCase(), route.port, route.user]);
  const { allowedNetworks, extraCa } = options;
  // Hashed: it holds a password, and lives as long as a slow server wants.
  const question = createHash('sha256')
    .update(JSON.stringify([route, provider, junkFolder, allowedNetworks, extraCa]))
    .digest('base64');
  for (let other = underWay.get(account); other !== undefined; other = underWay.get(account)) {
    if (other.question === question) return other.answer;
    // How it ends is for whoever asked; here it only has to end.
    await Promise.allSettled([other.answer]);
  }
  const answer = ask(route, provider, junkFolder, options).finally(() => underWay.delete(account));
  underWay.set(account, { question, answer });
  return answer;
}

async function ask(
  route: SeedRoute,
  provider: ProviderId,
  junkFolder: string | null,
  options: ReadOptions,
): Promise<SeedCheck> {
  const at = options.now();
  const session =
    route.protocol === 'imap' ? await openImap(route, provider, junkFolder, options) : await openPop3(route, options);
  if ('failure' in session) {
    const { reason, reply } = session.failure;
    return {
      ok: false,
      at,
      reason,
      reply,
      tls: null,
      capabilities: [],
      folders: [],
      junk: null,
      // What is most likely to be in the way, said where it may help.
      warnings:
        PROVIDERS[provider].quirks.includes('imap-off-by-default') && MAY_BE_SWITCHED_OFF.has(reason)
          ? ['imap-off-by-default']
          : [],
    };
  }
  await session.close();
  const { folders, capabilities } = session;
  return {
    ok: true,
    at,
    reason: 'readable',
    reply: null,
    tls: session.tls,
    capabilities,
    folders: folders.slice(0, 500),
    junk: junkOf(folders),
    warnings: warningsFor({
      route,
      provider,
      junkFolder,
      folders,
      canWait: session.canWait,
      gmail: capabilities.includes('X-GM-EXT-1'),
      certificateExpires: session.tls?.certificateExpires ?? null,
      now: at,
    }),
  };
}

const MAY_BE_SWITCHED_OFF: ReadonlySet<string> = new Set(['wrong-password', 'login-disabled', 'app-password-needed']);

/** What to warn of, given what a session showed. Pure. */
export function warningsFor(seen: {
  route: Pick<SeedRoute, 'protocol'>;
  provider: ProviderId;
  junkFolder: string | null;
  folders: readonly SeedFolder[];
  canWait: boolean;
  /** Whether the server speaks Gmail's IMAP extensions. */
  gmail: boolean;
  certificateExpires: number | null;
  now: number;
}): SeedWarning[] {
  const preset = PROVIDERS[seen.provider];
  const warnings: SeedWarning[] = [];
  if (seen.certificateExpires !== null && seen.certificateExpires - seen.now < SOON_MS) {
    warnings.push('certificate-expires-soon');
  }
  if (seen.route.protocol === 'pop3') return ['pop3-inbox-only', ...warnings];
  const junk = junkOf(seen.folders);
  if (seen.junkFolder !== null && junk?.source !== 'user') warnings.push('chosen-junk-missing');
  if (junk === null) {
    const hides = preset.quirks.includes('spam-may-be-hidden-in-imap');
    warnings.push(hides ? 'spam-hidden-in-imap' : 'no-junk-folder');
  }
  if (!seen.canWait) warnings.push('no-idle');
  if (preset.quirks.includes('search-unreliable')) warnings.push('search-unreliable');
  if (preset.tabs !== null && !seen.gmail) warnings.push('tabs-unknown');
  return warnings;
}
