/** One field for everything: monitors, seeds, senders, domains, campaigns with their audits, runs, and the one probe whose token or Message-ID somebody has in hand. */
import { domainToUnicode } from 'node:url';
import { monitorNames } from '../../db/monitors.ts';
import type { Queries } from '../../db/open.ts';
import {
  type FoundAudit,
  type FoundProbe,
  type FoundRun,
  latestRuns,
  newestAudit,
  probesByPrefix,
  runsByIdPrefix,
  searchAudits,
  searchCampaigns,
  searchDomains,
  searchMonitors,
  searchSeeds,
  searchSenders,
} from '../../db/searches.ts';
import { tagsOf } from '../../db/seeds.ts';
import { iso } from './json/basics.ts';
import { SEARCH_KINDS, type SearchItemJson, searchJson, searchQuery } from './json/search.ts';
import { route } from './route.ts';

/** Words beyond these add nothing but work. */
const MOST_WORDS = 8;
/** Shorter beginnings would find any and mean none; an id begins with the time. */
const SHORTEST_PREFIX = 6;
const SHORTEST_ID = 11;
/** Of so many things that were found, what was done with them last. */
const MOST_FOLLOWED = 5;
/** Of each monitor found by name, so many of its latest runs. */
const RUNS_OF_A_MONITOR = 3;

export const searchRoutes = [
  route({
    method: 'get',
    path: '/api/search',
    summary:
      'Monitors, seeds, senders, domains, campaigns, runs by a word of their name, address, subject, host or tag; probes by token or Message-ID',
    query: searchQuery,
    reply: searchJson,
    handler: async (app, { query }) => ({ items: await search(app.db, query.q, query.limit) }),
  }),
];

/** How well it fits: what is exactly what was typed comes first. */
type Scored = SearchItemJson & { score: number };

export async function search(db: Queries, typed: string, limit: number): Promise<SearchItemJson[]> {
  const text = typed.toLowerCase();
  const words = [...new Set(text.split(/\s+/))].filter((word) => word !== '').slice(0, MOST_WORDS);
  const found: Scored[] = [];
  const monitors = await searchMonitors(db, words, limit);
  for (const monitor of monitors)
    found.push(scored('monitor', monitor.id, monitor.name, monitor.sender, text, { name: monitor.name }));
  const seeds = await searchSeeds(db, words, limit);
  const tags = await tagsOf(
    db,
    seeds.map((seed) => seed.id),
  );
  for (const { id, address, provider, host } of seeds) {
    const tagged = (tags.get(id) ?? []).join(' ');
    found.push(scored('seed', id, address, `${host} ${tagged}`.trim(), text, { address, tag: tagged, provider, host }));
  }
  for (const sender of await searchSenders(db, words, limit))
    found.push(
      scored('sender', sender.id, sender.name, sender.from_address, text, {
        name: sender.name,
        address: sender.from_address,
        host: sender.host,
      }),
    );
  for (const { id, name } of await searchDomains(db, words, limit)) {
    // What DNS calls xn--… has a name that people know.
    const shown = domainToUnicode(name);
    found.push(scored('domain', id, shown, shown === name ? '' : name, text, { name: shown, host: name }));
  }
  const campaigns = await searchCampaigns(db, words, limit);
  for (const { id, name, subject, from_address: from } of campaigns) {
    const host = domainToUnicode((from ?? '').split('@').at(-1) ?? '');
    const fields = { name, subject: subject ?? '', address: from ?? '', host };
    found.push(
      scored('campaign', id, name, subject === null || subject === name ? (from ?? '') : subject, text, fields),
    );
  }
  for (const audit of await searchAudits(db, words, limit))
    found.push({ ...presentAudit(audit, 'subject'), score: fit((audit.subject ?? '').toLowerCase(), text) - 1 });
  for (const { id } of campaigns.slice(0, MOST_FOLLOWED)) {
    const audit = await newestAudit(db, id);
    if (audit) found.push({ ...presentAudit(audit, 'campaign'), score: 1 });
  }
  for (const monitor of monitors.slice(0, MOST_FOLLOWED))
    for (const run of await latestRuns(db, monitor.id, RUNS_OF_A_MONITOR))
      found.push({ ...presentRun(run, monitor.name, 'monitor'), score: 1 });
  found.push(...(await searchHistory(db, text, limit)));
  return found
    .sort((a, b) => b.score - a.score || SEARCH_KINDS.indexOf(a.kind) - SEARCH_KINDS.indexOf(b.kind))
    .filter(({ kind, id }, i, all) => all.findIndex((one) => one.kind === kind && one.id === id) === i)
    .slice(0, limit)
    .map(({ score: _, ...item }) => item);
}

/** Runs and probes by what identifies them; text with spaces identifies nothing. */
async function searchHistory(db: Queries, text: string, limit: number): Promise<Scored[]> {
  // As it stands in a header: Message-ID: <token@domain>
  const word = text.replace(/^message-id:\s*/, '').replace(/^<|>$/g, '');
  if (word.length < SHORTEST_PREFIX || /\s/.test(word)) return [];
  const isId = word.length >= SHORTEST_ID;
  const runs = isId ? await runsByIdPrefix(db, word, limit) : [];
  const probes: [SearchItemJson['match'], FoundProbe[]][] = [
    ['id', isId ? await probesByPrefix(db, 'id', word, limit) : []],
    ['token', await probesByPrefix(db, 'token', word, limit)],
    ['message-id', await probesByPrefix(db, 'message_id', word, limit)],
  ];
  const names = await monitorNames(db, [...new Set(runs.map((run) => run.monitor_id))]);
  const weight = (whole: string): number => (whole === word ? 10 : 4);
  return [
    ...runs.map((run) => ({
      ...presentRun(run, names.get(run.monitor_id) ?? '', 'id' as const),
      score: weight(run.id),
    })),
    ...probes.flatMap(([match, found]) =>
      found.map((probe) => ({
        kind: 'probe' as const,
        id: probe.id,
        title: probe.address,
        detail: probe.subject ?? '',
        at: iso(probe.queued_at),
        match,
        score: weight(probe.text),
      })),
    ),
  ];
}

function presentAudit({ id, campaign_name: name, subject, created_at: at }: FoundAudit, match: 'subject' | 'campaign') {
  return {
    kind: 'audit' as const,
    id,
    title: name,
    detail: subject === name ? '' : (subject ?? ''),
    at: iso(at),
    match,
  };
}

function presentRun(run: FoundRun, monitorName: string, match: 'monitor' | 'id'): SearchItemJson {
  return { kind: 'run', id: run.id, title: monitorName, detail: run.state, at: iso(run.started_at), match };
}

/** @param fields the first is what the thing is called */
function scored(
  kind: SearchItemJson['kind'],
  id: string,
  title: string,
  detail: string,
  text: string,
  fields: Partial<Record<SearchItemJson['match'], string>>,
): Scored {
  const fits = Object.entries(fields).map(([match, value], i) => ({
    match: match as SearchItemJson['match'],
    // What a thing is called weighs more than where it lives.
    score: fit(value.toLowerCase(), text) - i * 0.1,
  }));
  const [best] = fits.sort((a, b) => b.score - a.score);
  return { kind, id, title, detail, at: null, match: best?.match ?? 'name', score: best?.score ?? 0 };
}

/** The whole, its beginning, the beginning of a word in it, somewhere in it, or only some of the words. */
function fit(value: string, text: string): number {
  if (value === text) return 9;
  if (value.startsWith(text)) return 7;
  const at = value.indexOf(text);
  if (at > 0) return /[\s@.\-_(]/.test(value[at - 1] ?? '') ? 6 : 5;
  return text.split(/\s+/).some((word) => value.includes(word)) ? 2 : 0;
}
