/**
 * Zones as text, served by a real DNS server on loopback: what the golden cases are made of. One record a line, names in full and without the last dot:
 *
 *     example.test        TXT   "v=spf1 include:_spf.example.test -all"
 *     example.test        MX    10 mx.example.test
 *     *.example.test      A     192.0.2.1
 *     slow.example.test   TXT   !TIMEOUT          also !SERVFAIL and !REFUSED; * for every type
 *
 * A TXT record is one string or several; what stands behind a semicolon outside of quotes is a comment. Names that only have names beneath them exist (NODATA), others
 * do not (NXDOMAIN); aliases are followed within the zone.
 */
import { type Authority, type Script, startAuthority } from '../dns/authority.ts';

type Entry = { type: string; data: unknown } | { type: string; fails: 'TIMEOUT' | 'SERVFAIL' | 'REFUSED' };
export type Zone = Map<string, Entry[]>;

export function parseZone(text: string): Zone {
  const zone: Zone = new Map();
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.match(/"(?:[^"\\]|\\.)*"|;.*$|[^\s;]+/g)?.filter((word) => !word.startsWith(';')) ?? [];
    const [name, type, ...values] = words;
    if (name === undefined) continue;
    if (type === undefined || values.length === 0)
      throw new Error(`line ${i + 1}: name, type and value are needed: ${line}`);
    const fails = /^!(TIMEOUT|SERVFAIL|REFUSED)$/.exec(values[0] ?? '')?.[1] as
      | 'TIMEOUT'
      | 'SERVFAIL'
      | 'REFUSED'
      | undefined;
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
    default:
      return first;
  }
}

export function serveZone(zone: Zone): Promise<Authority> {
  return startAuthority((name, type) => answer(zone, name.toLowerCase(), type));
}

function answer(zone: Zone, name: string, type: string): Script {
  const answers: NonNullable<Script['answers']> = [];
  let owner = name;
  for (let step = 0; step < 10; step++) {
    const entries = entriesOf(zone, owner);
    const broken = entries?.find((entry) => 'fails' in entry && (entry.type === type || entry.type === '*'));
    if (broken && 'fails' in broken)
      return broken.fails === 'TIMEOUT' ? { silent: true } : { rcode: broken.fails === 'SERVFAIL' ? 2 : 5 };
    const alias = entries?.find((entry) => entry.type === 'CNAME' && 'data' in entry);
    if (alias && 'data' in alias && type !== 'CNAME') {
      answers.push({ name: owner, type: 'CNAME', data: alias.data });
      owner = String(alias.data).toLowerCase();
      continue;
    }
    if (entries === null) return { rcode: 3, answers, soaMinimum: 60 };
    const found = entries.flatMap((entry) =>
      entry.type === type && 'data' in entry ? [wireRecord(owner, type, entry.data)] : [],
    );
    if (found.length === 0) return { answers, soaMinimum: 60 };
    // What is too long for UDP has to be asked for again over TCP.
    const size = found.reduce((sum, record) => sum + JSON.stringify(record).length / 2, 0);
    return { answers: [...answers, ...found], truncate: size > 1200 };
  }
  return { rcode: 2 };
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
