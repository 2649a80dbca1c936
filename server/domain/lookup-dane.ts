/** Asks for the TLSA records of a domain's mail servers, and compares them with what the servers show; adds nothing. */
import { askedOf, recordsOf, UnaskedList } from './answers.ts';
import { type DaneFacts, type DaneHost, judgeDane } from './dane.ts';
import { gatherMx } from './lookup-mx.ts';
import type { MxHost } from './mx.ts';
import type { Reach } from './reach.ts';
import { fitsChain, readTlsa, tlsaFor } from './tlsa.ts';
import type { Known } from './types.ts';

/** The server is there but has no TLS to show; anything else that goes wrong is the way there. */
const WITHOUT_TLS = new Set(['starttls-missing', 'starttls-refused', 'tls-failed']);

/** A server has a few, and some more while keys are changed; each is compared with all certificates that it shows. */
const MOST_RECORDS = 20;

export async function gatherDane({ domain, now }: Pick<Known, 'domain' | 'now'>, reach: Reach): Promise<DaneFacts> {
  const unasked = new UnaskedList();
  const [mx, root] = await Promise.all([gatherMx({ domain }, reach), reach.ask('.', 'SOA')]);
  const real = mx.shown.hosts.filter(({ name, problem }) => name !== '' && problem === null);
  const byName = new Map(real.map((host) => [host.name, host]));
  const hosts = await Promise.all([...byName.values()].map((host) => lookAtHost(reach, host, now, unasked)));
  if (mx.asked === 'unasked')
    for (const { name, type } of mx.unasked) unasked.note(name, type, await reach.ask(name, type));
  const asked = hosts.some((host) => host.asked === 'found')
    ? 'found'
    : mx.asked === 'unasked' || hosts.some((host) => host.asked === 'unasked')
      ? 'unasked'
      : 'none';
  return { asked, shown: { hosts }, unasked: unasked.list, domain, mxSecure: mx.secure, validated: root.ad };
}

async function lookAtHost(reach: Reach, host: MxHost, now: number, unasked: UnaskedList): Promise<DaneHost> {
  // RFC 7672 §2.2.3: where the host is an alias, the name it stands for comes first.
  const names = [...new Set([host.aliases.at(-1) ?? host.name, host.name])].map((name) => `_25._tcp.${name}`);
  const answers = await Promise.all(names.map((name) => reach.ask(name, 'TLSA')));
  const index = Math.max(
    0,
    answers.findIndex(({ status }) => status === 'answer'),
  );
  const [name, answer] = [names[index] ?? '', answers[index]];
  if (answer === undefined) throw new Error('a host has at least one name');
  unasked.note(name, 'TLSA', answer);
  const records = recordsOf(answer).slice(0, MOST_RECORDS).map(readTlsa);
  const addresses = await Promise.all([reach.ask(host.name, 'A'), reach.ask(host.name, 'AAAA')]);
  const greeted = host.tls === null ? null : await reach.greet(host.name);
  const chain = greeted?.ok === true ? greeted.certificates : [];
  const [leaf] = chain;
  const failure = greeted?.ok === false ? greeted.reason : null;
  return {
    host: host.name,
    name,
    asked: askedOf(answer, records.length > 0),
    secure: answer.ad && addresses.every(({ status, ad }) => ad || status === 'nodata'),
    records: records.map((record) => ({
      ...record,
      fits: leaf === undefined ? null : fitsChain(record, chain, host.name, now),
    })),
    tls: leaf !== undefined ? 'shown' : failure !== null && WITHOUT_TLS.has(failure) ? 'missing' : 'unseen',
    reason: failure,
    wanted: leaf === undefined ? null : tlsaFor(leaf),
  };
}

export const dane = { protocol: 'dane', gather: gatherDane, judge: judgeDane } as const;
