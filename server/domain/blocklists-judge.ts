/** Which blocklists name a domain or a sending address, and which could not be asked. Pure. */
import type { ListState } from './blocklist-proof.ts';
import type { ListKind, ListWeight } from './blocklist-table.ts';
import type { Refusal } from './blocklists.ts';
import { type FindingId, raise } from './findings.ts';
import type { Finding, Gathered } from './types.ts';

export type ListFacts = {
  /** Without a key. */
  zone: string;
  name: string;
  kind: ListKind;
  retired: boolean;
} & ListState;
export type ListEntry = {
  zone: string;
  list: string;
  kind: ListKind;
  /** The address or domain as the list has it. */
  target: string;
  meaning: 'clean' | 'listed' | 'refused' | 'nonsense' | 'unasked';
  codes: string[];
  /** What the list calls the reason, where it is known. */
  names: string[];
  weight: ListWeight | null;
  /** Where to have it looked at. */
  removal: string;
};
export type BlocklistShown = { lists: ListFacts[]; entries: ListEntry[] };
export type BlocklistFacts = Gathered<BlocklistShown>;

const LISTED: Record<ListWeight, FindingId> = {
  major: 'blocklist-listed-major',
  usual: 'blocklist-listed',
  minor: 'blocklist-listed-minor',
  policy: 'blocklist-listed-policy',
  network: 'blocklist-listed-network',
};
const REFUSED: Record<Refusal, FindingId> = {
  resolver: 'blocklist-refused-resolver',
  volume: 'blocklist-refused-volume',
  name: 'blocklist-refused-name',
  other: 'blocklist-refused',
};

export function judgeBlocklists({ shown }: BlocklistFacts): Finding[] {
  const findings: Finding[] = [];
  for (const entry of shown.entries) {
    const { list, zone, target, codes, names, weight, removal } = entry;
    if (entry.meaning !== 'listed' || weight === null) continue;
    findings.push(
      raise(LISTED[weight], {
        list,
        zone,
        target,
        code: codes.join(', '),
        reason: names.join(', ') || null,
        removal,
      }),
    );
  }
  return [...findings, ...judgeLists(shown)];
}

/** Lists that did not answer as lists do. Those that share a reason make one finding: a resolver of the wrong kind concerns a dozen at once. */
function judgeLists({ lists, entries }: BlocklistShown): Finding[] {
  const findings: Finding[] = [];
  // One list may be asked in several ways; a person wants to read of it once.
  const broken = [...Map.groupBy(lists, ({ zone }) => zone).values()].flatMap(
    (ways) => ways.find(({ state }) => state !== 'alive') ?? [],
  );
  const refused = broken.filter((list) => list.state === 'refused');
  for (const [why, same] of Map.groupBy(refused, (list) => list.why)) findings.push(raise(REFUSED[why], about(same)));
  const dead = broken.filter((list) => list.state === 'dead');
  // When not one list has its test entry, it is not the lists that have died.
  const isBlind =
    dead.length > 2 && dead.length === lists.length && dead.every(({ cause }) => cause === 'test-entry-missing');
  if (isBlind) findings.push(raise('blocklists-unasked', { ...about(dead), status: 'no-test-entries' }));
  else
    for (const list of dead)
      findings.push(raise('blocklist-dead', { ...about([list]), cause: list.cause, retired: list.retired }));
  const silent = broken.filter((list) => list.state === 'unasked');
  for (const [status, same] of Map.groupBy(silent, (list) => list.status))
    findings.push(raise('blocklists-unasked', { ...about(same), status }));
  // The list itself is alive, but this one question went wrong.
  const odd = (meaning: ListEntry['meaning']) => entries.filter((entry) => entry.meaning === meaning);
  const [unasked, turnedAway, nonsense] = [odd('unasked'), odd('refused'), odd('nonsense')];
  if (unasked.length > 0) findings.push(raise('blocklists-unasked', { ...about(unasked), status: 'timeout' }));
  if (turnedAway.length > 0) findings.push(raise('blocklist-refused', about(turnedAway)));
  for (const entry of nonsense)
    findings.push(raise('blocklist-dead', { ...about([entry]), cause: 'strange-answers', retired: false }));
  return findings;
}

function about(lists: readonly ({ zone: string } & ({ name: string } | { list: string }))[]): {
  list: string;
  zone: string;
} {
  const unique = (texts: readonly string[]): string => [...new Set(texts)].join(', ');
  return {
    list: unique(lists.map((one) => ('list' in one ? one.list : one.name))),
    zone: unique(lists.map(({ zone }) => zone)),
  };
}
