/**
 * When domains are checked: each when its time has come, a few at a time, and sooner when probes show something new of its mail: a selector, an address it leaves from.
 */
import { checkDomainSoon, domainsNamed, dueDomains, findLearned, sendersOfMonitors } from '../../db/domains.ts';
import { domainOf } from '../authentication/alignment.ts';
import { type CheckApp, checkDomain, stopChecks } from './check.ts';
import { isNews, learn } from './learned.ts';
import { observeDomain, readLearned } from './lookup-known.ts';

/** Each asks a hundred questions or two, and DNS lets fifty out at a time. */
const MOST_AT_ONCE = 3;
/** Probes come in by the dozen: what they showed is looked at together. */
const LEARN_EVERY_MS = 15_000;
/** News of a domain of which nothing was known yet is checked at once; else not before so long: a sending service may use another address for every mail. */
const NEWS_AFTER_MS = 3_600_000;

export type Checking = {
  /** Starts what is due; does not wait for it. */
  checkDue(): Promise<void>;
  /** A probe of this monitor was found. */
  touchMonitor(monitorId: string): void;
  close(): Promise<void>;
};

export function createChecking(app: CheckApp): Checking {
  const running = new Set<string>();
  const touched = new Set<string>();
  let learnedAt = 0;
  let learning: Promise<void> | null = null;
  let closed = false;

  async function learnNews(monitors: string[]): Promise<void> {
    const names = (await sendersOfMonitors(app.db, monitors)).flatMap(({ from_address }) =>
      above(domainOf(from_address)),
    );
    for (const domain of await domainsNamed(app.db, [...new Set(names)])) {
      // A first check that has not been made yet will look for itself.
      if (domain.checked_at === null || domain.next_check_at === null) continue;
      const now = app.now();
      const before = readLearned(await findLearned(app.db, domain.id));
      const isBlank = Object.keys(before.selectors).length + Object.keys(before.ips).length === 0;
      if (!isBlank && now - domain.checked_at < NEWS_AFTER_MS) continue;
      if (isNews(before, learn(before, await observeDomain(app, domain), now)))
        await checkDomainSoon(app.db, domain.id, now);
    }
  }

  return {
    async checkDue() {
      const now = app.now();
      const free = MOST_AT_ONCE - running.size;
      if (closed || free <= 0) return;
      for (const { id } of await dueDomains(app.db, now, free)) {
        if (running.has(id)) continue;
        running.add(id);
        void checkDomain(app, id)
          .catch((error: unknown) => app.log.error({ err: error, domain: id }, 'a domain could not be checked'))
          .finally(() => running.delete(id));
      }
      if (touched.size === 0 || learning !== null || (now - learnedAt < LEARN_EVERY_MS && now >= learnedAt)) return;
      learnedAt = now;
      const monitors = [...touched];
      touched.clear();
      learning = learnNews(monitors)
        .catch((error: unknown) => app.log.error({ err: error }, 'what probes showed could not be looked at'))
        .finally(() => {
          learning = null;
        });
    },
    touchMonitor: (monitorId) => void touched.add(monitorId),
    async close() {
      closed = true;
      await Promise.all([stopChecks(app), learning]);
    },
  };
}

/** The name and all above it that a domain may have. */
function above(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(0, -1).map((_label, i) => labels.slice(i).join('.'));
}
