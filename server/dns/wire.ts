/**
 * DNS packets as bytes (RFC 1035 §4, EDNS: RFC 6891). Reading is left to dns-packet; the question is written here, because
 * SPF macros make names that no resolver library takes (`a:b c.example.com`), and any byte is legal in a label (RFC 2181 §11).
 */
import { decode, type Packet } from 'dns-packet';

/** What a record holds, by type. */
export type DnsRecordData = {
  A: string;
  AAAA: string;
  CNAME: string;
  NS: string;
  PTR: string;
  /** The character-strings of one record, in order, not joined; empty strings stay. */
  TXT: string[];
  /** As TXT: the type that SPF once had (RFC 7208 §3.1 took it away). */
  SPF: string[];
  MX: { priority: number; exchange: string };
  SOA: {
    mname: string;
    rname: string;
    serial: number;
    refresh: number;
    retry: number;
    expire: number;
    minimum: number;
  };
  SRV: { priority: number; weight: number; port: number; target: string };
  CAA: { flags: number; tag: string; value: string };
  TLSA: { usage: number; selector: number; matchingType: number; certificate: Uint8Array };
  DS: { keyTag: number; algorithm: number; digestType: number; digest: Uint8Array };
  DNSKEY: { flags: number; algorithm: number; key: Uint8Array };
  RRSIG: { typeCovered: string; algorithm: number; expiration: number; inception: number; signersName: string };
};
export type DnsType = keyof DnsRecordData;

const TYPE_NUMBERS: Record<DnsType, number> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DS: 43,
  RRSIG: 46,
  DNSKEY: 48,
  TLSA: 52,
  SPF: 99,
  CAA: 257,
};

/** What UDP answers may measure: fits every path without fragments (DNS flag day 2020). */
const UDP_PAYLOAD = 1232;
const FLAG_RD = 0x0100;
const FLAG_AD = 0x0020;
const FLAG_CD = 0x0010;
const FLAG_DO = 0x8000;

/** @returns the wire form of a name, or null when it cannot stand in DNS: an empty label, one over 63 bytes, over 255 in all */
export function encodeName(name: string): Buffer | null {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  if (bare === '') return Buffer.from([0]);
  if (bare.length > 255) return null;
  const parts: Buffer[] = [];
  let total = 1;
  for (const label of bare.split('.')) {
    const bytes = Buffer.from(label, 'utf8');
    if (bytes.length === 0 || bytes.length > 63) return null;
    total += bytes.length + 1;
    parts.push(Buffer.from([bytes.length]), bytes);
  }
  if (total > 255) return null;
  return Buffer.concat([...parts, Buffer.from([0])]);
}

/**
 * One question. AD asks the resolver to say whether it validated the answer (RFC 6840 §5.7); `dnssec` also asks for the signatures;
 * `unchecked` (CD, RFC 4035 §3.2.2) asks for the answer even where the resolver found the signatures to be wrong.
 * @param edns false for servers that answer FORMERR to anything newer than 1987
 */
export function encodeQuestion(
  id: number,
  wireName: Buffer,
  type: DnsType,
  options: { edns: boolean; dnssec: boolean; unchecked?: boolean },
): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(FLAG_RD | FLAG_AD | (options.unchecked ? FLAG_CD : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(options.edns ? 1 : 0, 10);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(TYPE_NUMBERS[type], 0);
  tail.writeUInt16BE(1, 2);
  if (!options.edns) return Buffer.concat([head, wireName, tail]);
  const opt = Buffer.alloc(11);
  opt.writeUInt16BE(41, 1);
  opt.writeUInt16BE(UDP_PAYLOAD, 3);
  opt.writeUInt16BE(options.dnssec ? FLAG_DO : 0, 7);
  return Buffer.concat([head, wireName, tail, opt]);
}

/**
 * Does this packet answer that question? Id and question must both be ours (RFC 5452 §9.1); letters may come back in another case.
 * A server that could not even read the question may leave it out: then only an error code is believed.
 */
export function answersQuestion(reply: Buffer, query: Buffer, questionLength: number): boolean {
  if (reply.length < 12 || reply.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  if ((reply.readUInt16BE(2) & 0x8000) === 0) return false;
  const questions = reply.readUInt16BE(4);
  if (questions === 0) return (reply.readUInt16BE(2) & 0x000f) !== 0 && (reply.readUInt16BE(2) & 0x000f) !== 3;
  if (questions !== 1 || reply.length < 12 + questionLength) return false;
  for (let i = 12; i < 12 + questionLength; i++) if (lower(reply[i]) !== lower(query[i])) return false;
  return true;
}

function lower(byte: number | undefined): number | undefined {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** One record of a reply; `data` has the shape that DnsRecordData gives for its type. */
export type WireRecord = { name: string; type: string; ttl: number; data: unknown };
export type Reply = {
  rcode: string;
  truncated: boolean;
  ad: boolean;
  authoritative: boolean;
  answers: WireRecord[];
  authorities: WireRecord[];
};

const RCODES: Record<number, string> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  16: 'BADVERS',
};

/** @returns null when the bytes are no DNS packet; a truncated one is read as far as its header */
export function decodeReply(bytes: Buffer): Reply | null {
  if (bytes.length < 12) return null;
  const flags = bytes.readUInt16BE(2);
  const reply: Reply = {
    rcode: rcodeName(flags & 0x000f),
    truncated: (flags & 0x0200) !== 0,
    ad: (flags & 0x0020) !== 0,
    authoritative: (flags & 0x0400) !== 0,
    answers: [],
    authorities: [],
  };
  // What stands in a truncated packet is not to be used (RFC 2181 §9), and may be cut in the middle.
  if (reply.truncated) return reply;
  let packet: Packet;
  try {
    packet = decode(bytes);
  } catch (error) {
    // dns-packet throws plain errors for every kind of broken packet; only "broken" matters here.
    if (error instanceof Error) return null;
    throw error;
  }
  // It reads past the end of a packet that was cut without a word; what it then holds is half a record.
  if (!(decode.bytes <= bytes.length)) return null;
  const opt = packet.additionals?.find((record) => record.type === 'OPT');
  if (opt && 'extendedRcode' in opt) reply.rcode = rcodeName((opt.extendedRcode << 4) | (flags & 0x000f));
  reply.answers = (packet.answers ?? []).map(readRecord);
  reply.authorities = (packet.authorities ?? []).map(readRecord);
  return reply;
}

function rcodeName(code: number): string {
  return RCODES[code] ?? `RCODE${code}`;
}

function readRecord(answer: object): WireRecord {
  const { name, type, ttl, data } = answer as { name: string; type: string; ttl?: number; data?: unknown };
  // RFC 2181 §8: a TTL with the top bit set is zero.
  const seconds = ttl === undefined || ttl > 0x7fffffff ? 0 : ttl;
  return { name, type, ttl: seconds, data: readData(type, data) };
}

function readData(type: string, data: unknown): unknown {
  if (type === 'TXT' && Array.isArray(data)) return data.map(readText);
  // dns-packet knows no decoder for the old SPF type and hands over the bytes.
  if (type === 'SPF' && Buffer.isBuffer(data)) return splitStrings(data);
  if (type === 'MX' && data && typeof data === 'object') {
    const { preference, exchange } = data as { preference?: number; exchange: string };
    return { priority: preference ?? 0, exchange };
  }
  return data;
}

/** Text is UTF-8 where it can be; other bytes stay apart as Latin-1, so that nothing is lost and nothing looks like ASCII. */
function readText(value: unknown): string {
  if (!Buffer.isBuffer(value)) return String(value);
  const text = value.toString('utf8');
  return text.includes('�') ? value.toString('latin1') : text;
}

function splitStrings(data: Buffer): string[] {
  const out: string[] = [];
  for (let at = 0; at < data.length; ) {
    const length = data[at] ?? 0;
    out.push(readText(data.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return out;
}
