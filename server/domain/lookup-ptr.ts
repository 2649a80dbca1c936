/** Asks for the reverse names of sending addresses, where those lead, and where the names lead that the servers introduce themselves with; adds nothing. */
import { askedOf, recordsOf, UnaskedList } from './answers.ts';
import { plainName } from './name.ts';
import { readAddress, reverseName } from './network.ts';
import { heloProblem, judgePtr, MAX_NAMES, type NameFacts, type PtrFacts, type SendingAddress } from './ptr.ts';
import type { Reach } from './reach.ts';
import type { Known } from './types.ts';

export async function gatherPtr({ ips, helos = {} }: Pick<Known, 'ips' | 'helos'>, reach: Reach): Promise<PtrFacts> {
  const unasked = new UnaskedList();
  const addresses = await Promise.all(
    ips.map((ip) => lookAtAddress(reach, ip, Object.hasOwn(helos, ip) ? (helos[ip] ?? null) : null, unasked)),
  );
  const asked = addresses.every((address) => address.asked === 'unasked') ? 'unasked' : 'found';
  return { asked: addresses.length === 0 ? 'none' : asked, shown: { addresses }, unasked: unasked.list };
}

async function lookAtAddress(
  reach: Reach,
  ip: string,
  helo: string | null,
  unasked: UnaskedList,
): Promise<SendingAddress> {
  const address = readAddress(ip);
  if (address === null) return { ip, asked: 'none', names: [], helo: null };
  const type = address.family === 4 ? 'A' : 'AAAA';
  const reverse = reverseName(address);
  const [answer, spoken] = await Promise.all([
    reach.ask(reverse, 'PTR'),
    helo === null ? null : lookAtHelo(reach, helo, type, unasked),
  ]);
  unasked.note(reverse, 'PTR', answer);
  const names = [...new Set(recordsOf(answer).map(plainName))].slice(0, MAX_NAMES);
  return {
    ip,
    asked: askedOf(answer, names.length > 0),
    names: await Promise.all(names.map((name) => lookAtName(reach, name, type, unasked))),
    helo: spoken,
  };
}

async function lookAtHelo(
  reach: Reach,
  helo: string,
  type: 'A' | 'AAAA',
  unasked: UnaskedList,
): Promise<NonNullable<SendingAddress['helo']>> {
  const problem = heloProblem(helo);
  const name = plainName(helo);
  return problem === null
    ? { ...(await lookAtName(reach, name, type, unasked)), problem }
    : { name: helo, asked: 'none', addresses: [], problem };
}

async function lookAtName(reach: Reach, name: string, type: 'A' | 'AAAA', unasked: UnaskedList): Promise<NameFacts> {
  const answer = await reach.ask(name, type);
  unasked.note(name, type, answer);
  const addresses = recordsOf(answer);
  return { name, asked: askedOf(answer, addresses.length > 0), addresses };
}

export const ptr = { protocol: 'ptr', gather: gatherPtr, judge: judgePtr } as const;
