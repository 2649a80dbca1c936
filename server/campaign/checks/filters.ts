/** What spam filters said, in their own words. It is their view and nobody else's: Gmail and Outlook use neither. Pure. */

import type { FilterView, Views } from '../filter.ts';
import { raise } from '../findings.ts';
import type { Finding } from '../types.ts';

export function checkFilters(views: Views): Finding[] {
  const { rspamd, spamassassin } = views;
  if (rspamd === null && spamassassin === null) return [raise('filters-none')];
  return [
    ...(rspamd === null ? [] : judged('rspamd', rspamd)),
    ...(spamassassin === null ? [] : judged('spamassassin', spamassassin)),
  ];
}

function judged(filter: 'rspamd' | 'spamassassin', view: FilterView): Finding[] {
  if (!view.answered) return [raise('filters-unreachable', { filter, reason: view.reason })];
  const symbols = view.symbols
    .filter(({ score }) => score > 0)
    .slice(0, 8)
    .map(({ name, score }) => `${name} (${score})`);
  const evidence = { filter, score: view.score, limit: view.limit, action: view.action, symbols };
  if (view.spam) return [raise(filter === 'rspamd' ? 'filters-rspamd-spam' : 'filters-spamassassin-spam', evidence)];
  return filter === 'rspamd' && view.action !== null && !['no action', 'clean'].includes(view.action)
    ? [raise('filters-rspamd-suspicious', evidence)]
    : [];
}
