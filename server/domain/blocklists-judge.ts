/** Which blocklists name a domain or a sending address, and which could not be asked. Pure. */
import type { ListState } from './blocklist-proof.ts';
import type { ListKind, ListWeight } from './blocklist-table.ts';
import { raise, type TransportFindingId } from './findings-transport.ts';
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

const LISTED: Record<ListWeight, TransportFindingId> = {
  major: 'blocklist-listed-major',
  usual: 'blocklist-listed',
  minor: 'blocklist-listed-minor',
  policy: 'blocklist-listed-policy',
  network: 'blocklist-listed-network',
};
const REFUSED: Record<string, TransportFindingId> = {
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
  // One list may be asked in several ways; a person wants to read of it once.
  for (const [zone, ways] of Map.groupBy(shown.lists, (list) => list.zone)) {
    const list = ways.find(({ state }) => state !== 'alive');
    if (list === undefined) continue;
    const about = { list: list.name, zone };
    if (list.state === 'refused') findings.push(raise(REFUSED[list.why] ?? 'blocklist-refused', about));
    if (list.state === 'dead')
      findings.push(raise('blocklist-dead', { ...about, cause: list.cause, retired: list.retired }));
    if (list.state === 'unasked') findings.push(raise('blocklists-unasked', { ...about, status: list.status }));
  }
  for (const { list, zone, target, meaning } of shown.entries) {
    // The list itself is alive, but this one question went wrong.
    if (meaning === 'unasked') findings.push(raise('blocklists-unasked', { list, zone, target, status: 'timeout' }));
    if (meaning === 'refused') findings.push(raise('blocklist-refused', { list, zone, target }));
    if (meaning === 'nonsense')
      findings.push(raise('blocklist-dead', { list, zone, cause: 'strange-answers', retired: false }));
  }
  return findings;
}
