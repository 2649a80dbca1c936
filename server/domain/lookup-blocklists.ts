/**
 * Asks blocklists about a domain and its sending addresses, after each has passed its test entries; adds nothing. What the test entries said belongs to the resolver
 * they were asked through (a list may refuse one and answer another), so it is kept with the DNS client.
 */
import { organizationalDomain } from '../authentication/alignment.ts';
import type { DnsAnswer, DnsClient } from '../dns/client.ts';
import { says } from './answers.ts';
import { goodUntil, isRetired, type Proof, proofFrom, stateOf } from './blocklist-proof.ts';
import type { Blocklist } from './blocklist-table.ts';
import {
  chooseLists,
  publicZone,
  type Question,
  questionFor,
  readListAnswer,
  removalLink,
  testNames,
} from './blocklists.ts';
import { type BlocklistFacts, judgeBlocklists, type ListEntry, type ListFacts } from './blocklists-judge.ts';
import type { Reach } from './reach.ts';
import type { Known, Unasked } from './types.ts';

type Kept = { proof: Proof | null; running: Promise<Proof> | null };
const proofs = new WeakMap<Pick<DnsClient, 'query'>, Map<string, Kept>>();

export async function gatherBlocklists(
  { domain, ips, now }: Pick<Known, 'domain' | 'ips' | 'now'>,
  reach: Reach,
): Promise<BlocklistFacts> {
  const organization = organizationalDomain(domain);
  const asking = chooseLists(reach.app.config.blocklists).map((list) => ({
    list,
    questions: [domain, ...ips].flatMap((target) => questionFor(list, target, organization) ?? []),
  }));
  const answers = await Promise.all(asking.map(({ list, questions }) => askList(reach, list, questions, now)));
  const lists = answers.flatMap((answer) => answer.lists);
  const entries = answers.flatMap((answer) => answer.entries);
  return {
    asked: lists.length === 0 ? 'none' : lists.some(({ state }) => state === 'alive') ? 'found' : 'unasked',
    shown: { lists, entries },
    unasked: unaskedOf(lists, entries),
  };
}

async function askList(
  reach: Reach,
  list: Blocklist,
  questions: readonly Question[],
  now: number,
): Promise<{ lists: ListFacts[]; entries: ListEntry[] }> {
  const kinds = [...new Set(questions.map(({ kind }) => kind))];
  const lists = await Promise.all(
    kinds.map(async (kind): Promise<ListFacts> => {
      const proof = await prove(reach.app.dns, list, kind, now);
      return { zone: publicZone(list.zone), name: list.name, kind, retired: isRetired(proof), ...proof.is };
    }),
  );
  const stateOfKind = new Map(lists.map(({ kind, state }) => [kind, state]));
  const entries = questions.map(async ({ name, kind, target }): Promise<ListEntry[]> => {
    const state = stateOfKind.get(kind);
    if (state === 'dead') return [];
    // A list that does not answer us now takes nobody off it: what it said before goes on to stand.
    const answer = state === 'alive' ? await reach.ask(name, 'A') : reach.recall(name, 'A');
    return answer === null ? [] : [entryFrom(list, kind, target, answer)];
  });
  return { lists, entries: (await Promise.all(entries)).flat() };
}

function entryFrom(list: Blocklist, kind: Question['kind'], target: string, answer: DnsAnswer<'A'>): ListEntry {
  const entry = { zone: publicZone(list.zone), list: list.name, kind, target, removal: removalLink(list, target) };
  const nothing = { ...entry, codes: [], names: [], weight: null };
  if (answer.status === 'refused') return { ...nothing, meaning: 'refused' };
  if (!says(answer)) return { ...nothing, meaning: 'unasked' };
  const read = readListAnswer(list, answer.records);
  if (read.meaning === 'listed') return { ...entry, ...read };
  return read.meaning === 'nonsense' ? { ...nothing, ...read } : { ...nothing, meaning: read.meaning };
}

/** Asked past what one check remembers: the clock of the proof is its own. */
async function prove(
  dns: Pick<DnsClient, 'query'>,
  list: Blocklist,
  kind: Question['kind'],
  now: number,
): Promise<Proof> {
  const known = proofs.get(dns) ?? new Map<string, Kept>();
  proofs.set(dns, known);
  const key = `${kind} ${list.zone}`;
  const kept = known.get(key) ?? { proof: null, running: null };
  known.set(key, kept);
  if (kept.proof !== null && goodUntil(kept.proof) > now) return kept.proof;
  kept.running ??= (async () => {
    const names = testNames(list, kind);
    const [listed, unlisted] = await Promise.all([dns.query(names.listed, 'A'), dns.query(names.unlisted, 'A')]);
    const shown = ({ status, records }: DnsAnswer<'A'>) => ({ status, addresses: records });
    const proof = proofFrom(stateOf(list, shown(listed), shown(unlisted)), kept.proof, now);
    kept.proof = proof;
    kept.running = null;
    return proof;
  })();
  return kept.running;
}

function unaskedOf(lists: readonly ListFacts[], entries: readonly ListEntry[]): Unasked[] {
  const dumb = lists.flatMap((list) => (list.state === 'unasked' ? [{ name: list.zone, status: list.status }] : []));
  const silent = entries.filter(({ meaning }) => meaning === 'unasked');
  return [...dumb, ...silent.map(({ zone }) => ({ name: zone, status: 'timeout' as const }))].map((one) => ({
    ...one,
    type: 'A' as const,
  }));
}

export const blocklists = { protocol: 'blocklists', gather: gatherBlocklists, judge: judgeBlocklists } as const;
