/**
 * Zones as text, served by a real DNS server on loopback: what the golden cases are made of. One record a line, names in full and without the last dot:
 *
 *     example.test        TXT   "v=spf1 include:_spf.example.test -all"
 *     example.test        MX    10 mx.example.test
 *     *.example.test      A     192.0.2.1
 *     slow.example.test   TXT   !TIMEOUT          also !SERVFAIL and !REFUSED; * for every type
 *     forged.example.test *     !BOGUS            the resolver finds the signatures wrong: SERVFAIL, unless asked unchecked
 *     example.test        SIGNED yes              the resolver says AD for this name and all beneath
 *     .                   SIGNED yes              the resolver validates at all: AD for the root
 *
 * A TXT record is one string or several; what stands behind a semicolon outside of quotes is a comment. Names that only have names beneath them exist (NODATA), others
 * do not (NXDOMAIN); aliases are followed within the zone.
 */
import { type Asked, type Authority, type Script, startAuthority } from '../dns/authority.ts';

const FAILURES = ['TIMEOUT', 'SERVFAIL', 'REFUSED', 'BOGUS'] as const;
type Failure = (typeof FAILURES)[number];
type Entry = { type: string; data: unknown } | { type: string; fails: Failure };
export type Zone = Map<string, Entry[]>;

export function parseZone(text: string): Zone {
  const zone: Zone = new Map();
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.match(/"(?:[^"\\]|\\.)*"|;.*$|[^\s;]+/g)?.filter((word) => !word.startsWith(';')) ?? [];
    const [name, type, ...values] = words;
    if (name === undefined) continue;
    if (type === undefined || values.length === 0)
      throw new Error(`line ${i + 1}: name, type and value are needed: ${line}`);
    const fails = FAILURES.find((failure) => values[0] === `!${failure}`);
    const key = name.toLowerCase();
    zone.set(key, [
      ...(zone.get(key) ?? []),
      fails === undefined ? { type, data: readData(type, values, i + 1) } : { type, fails },
    ]);
  }
  return zone;
}

function readData(type: string, values: string[], line: number): unknown {
  const [first = '', second = '', third = '', ...rest] = values;
  switch (type) {
    case 'TXT':
    case 'SPF':
      return values.map((value) => {
        if (!value.startsWith('"')) throw new Error(`line ${line}: text stands in quotes`);
        const bytes = Buffer.from(value.slice(1, -1).replace(/\\(.)/g, '$1'), 'utf8');
        if (bytes.length > 255) throw new Error(`line ${line}: a string holds 255 bytes, this one has ${bytes.length}`);
        return bytes;
      });
    case 'MX':
      return { preference: Number(first), exchange: second };
    case 'CAA':
      return { flags: Number(first), tag: second, value: third };
    case 'TLSA':
      return {
        usage: Number(first),
        selector: Number(second),
        matchingType: Number(third),
        certificate: Buffer.from(rest.join(''), 'hex'),
      };
    case 'SOA':
      return SOA;
    case 'DS':
      return {
        keyTag: Number(first),
        algorithm: Number(second),
        digestType: Number(third),
        digest: Buffer.from(rest.join(''), 'hex'),
      };
    case 'DNSKEY':
      // Flags, protocol (always 3), algorithm, key.
      return { flags: Number(first), algorithm: Number(third), key: Buffer.from(rest.join(''), 'base64') };
    case 'RRSIG':
      // What is signed, algorithm, until when, since when, the key's tag; the signature itself is nobody's here.
      return {
        typeCovered: first,
        algorithm: Number(second),
        labels: 2,
        originalTTL: 300,
        expiration: Date.parse(third) / 1000,
        inception: Date.parse(rest[0] ?? '') / 1000,
        keyTag: Number(rest[1]),
        signersName: 'signer.test',
        signature: Buffer.alloc(64),
      };
    default:
      return first;
  }
}

const SOA = { mname: 'ns.test', rname: 'h.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 };

export function serveZone(zone: Zone, delayMs = 0): Promise<Authority> {
  return startAuthority((name, type, asked) => ({ ...answerFrom(zone, name.toLowerCase(), type, asked), delayMs }));
}

export function answerFrom(zone: Zone, name: string, type: string, asked: Asked): Script {
  // Every resolver has the root.
  if (name === '.')
    return { answers: type === 'SOA' ? [{ type, data: SOA }] : [], soaMinimum: 60, ad: isSigned(zone, name) };
  const answers: NonNullable<Script['answers']> = [];
  let owner = name;
  for (let step = 0; step < 10; step++) {
    const entries = entriesOf(zone, owner);
    const broken = entries?.find((entry) => 'fails' in entry && (entry.type === type || entry.type === '*'));
    if (broken && 'fails' in broken && !(broken.fails === 'BOGUS' && asked.unchecked))
      return broken.fails === 'TIMEOUT' ? { silent: true } : { rcode: broken.fails === 'REFUSED' ? 5 : 2 };
    const alias = entries?.find((entry) => entry.type === 'CNAME' && 'data' in entry);
    if (alias && 'data' in alias && type !== 'CNAME') {
      answers.push({ name: owner, type: 'CNAME', data: alias.data });
      owner = String(alias.data).toLowerCase();
      continue;
    }
    const ad = isSigned(zone, owner);
    if (entries === null) return { rcode: 3, answers, soaMinimum: 60, ad };
    const found = entries.flatMap((entry) =>
      entry.type === type && 'data' in entry ? [wireRecord(owner, type, entry.data)] : [],
    );
    if (found.length === 0) return { answers, soaMinimum: 60, ad };
    // What is too long for UDP has to be asked for again over TCP.
    const size = found.reduce((sum, record) => sum + JSON.stringify(record).length / 2, 0);
    return { answers: [...answers, ...found], truncate: size > 1200, ad };
  }
  return { rcode: 2 };
}

function isSigned(zone: Zone, name: string): boolean {
  const labels = name === '.' ? ['.'] : name.split('.');
  return labels.some(
    (_label, i) => zone.get(labels.slice(i).join('.'))?.some(({ type }) => type === 'SIGNED') ?? false,
  );
}

/** Type 99 has no name that dns-packet writes; its data are strings with their lengths before them. */
function wireRecord(name: string, type: string, data: unknown): { name: string; type: string; data: unknown } {
  if (type !== 'SPF' || !Array.isArray(data)) return { name, type, data };
  const strings = data as Buffer[];
  return { name, type: 'SPF', data: Buffer.concat(strings.flatMap((bytes) => [Buffer.from([bytes.length]), bytes])) };
}

/** Null: there is no such name. */
function entriesOf(zone: Zone, name: string): Entry[] | null {
  const own = zone.get(name);
  if (own) return own;
  if ([...zone.keys()].some((known) => known.endsWith(`.${name}`))) return [];
  const labels = name.split('.');
  for (let i = 1; i < labels.length; i++) {
    const parent = labels.slice(i).join('.');
    const wild = zone.get(`*.${parent}`);
    if (wild) return wild;
    // A name that exists keeps the wildcards above it from answering (RFC 4592 §3.3.1).
    if (zone.has(parent) || [...zone.keys()].some((known) => known.endsWith(`.${parent}`))) return null;
  }
  return null;
}
