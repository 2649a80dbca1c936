/** Asks for a domain's mail servers, their addresses, and what they show on port 25; adds nothing. */
import { isInNetworks, isPublicAddress } from '../net/address.ts';
import type { MailServerTls } from '../net/starttls.ts';
import { askedOf, recordsOf, UnaskedList } from './answers.ts';
import type { Ask } from './lookup.ts';
import { type HostAddress, type HostTls, judgeMx, type MxFacts, type MxHost, mxNameProblem } from './mx.ts';
import { plainName } from './name.ts';
import type { Reach } from './reach.ts';
import type { Asked, Known } from './types.ts';

/** More mail servers than these are not looked at. */
const MOST_HOSTS = 20;

export async function gatherMx({ domain }: Pick<Known, 'domain'>, reach: Reach): Promise<MxFacts> {
  const unasked = new UnaskedList();
  const answer = await reach.ask(domain, 'MX');
  unasked.note(domain, 'MX', answer);
  const records = recordsOf(answer)
    .sort((a, b) => a.priority - b.priority || (a.exchange < b.exchange ? -1 : 1))
    .slice(0, MOST_HOSTS);
  const asked = askedOf(answer, records.length > 0);
  const hosts = await Promise.all(
    records.map(({ priority, exchange }) => lookAtHost(reach, plainName(exchange), priority, unasked)),
  );
  const implicit = asked === 'none' ? (await addressesOf(reach, domain, unasked)).addresses : [];
  return { asked, shown: { hosts, implicit }, unasked: unasked.list, domain, secure: answer.ad };
}

async function lookAtHost(reach: Reach, name: string, priority: number, unasked: UnaskedList): Promise<MxHost> {
  const host: MxHost = {
    name,
    priority,
    problem: name === '' ? null : mxNameProblem(name),
    aliases: [],
    addresses: [],
    ipv4: 'none',
    ipv6: 'none',
    tls: null,
  };
  if (name === '' || host.problem !== null) return host;
  const found = await addressesOf(reach, name, unasked);
  const reachable = found.addresses.some(({ reach: how }) => how !== 'private');
  const seen = reachable ? await reach.greet(name) : null;
  return { ...host, ...found, tls: seen === null ? null : tlsOf(seen) };
}

type Addresses = { addresses: HostAddress[]; aliases: string[]; ipv4: Asked; ipv6: Asked };

async function addressesOf(reach: Reach, name: string, unasked: UnaskedList): Promise<Addresses> {
  const [four, six] = await Promise.all([
    noted(reach.ask, name, 'A', unasked),
    noted(reach.ask, name, 'AAAA', unasked),
  ]);
  const { allowedNetworks } = reach.app.config;
  return {
    addresses: [...recordsOf(four), ...recordsOf(six)].map((ip) => ({
      ip,
      reach: isPublicAddress(ip) ? 'public' : isInNetworks(ip, allowedNetworks) ? 'allowed' : 'private',
    })),
    aliases: (four.cnames.length > 0 ? four : six).cnames.map(plainName),
    ipv4: askedOf(four, four.records.length > 0),
    ipv6: askedOf(six, six.records.length > 0),
  };
}

async function noted<T extends 'A' | 'AAAA'>(ask: Ask, name: string, type: T, unasked: UnaskedList) {
  const answer = await ask(name, type);
  unasked.note(name, type, answer);
  return answer;
}

function tlsOf(seen: MailServerTls): HostTls {
  if (!seen.ok) return { seen: false, reason: seen.reason, reply: seen.reply };
  const { version, cipher, problem, expires, issuer } = seen;
  return { seen: true, version, cipher, problem, expires, issuer };
}

export const mx = { protocol: 'mx', gather: gatherMx, judge: judgeMx } as const;
