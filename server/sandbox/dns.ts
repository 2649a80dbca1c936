/**
 * The sandbox's DNS server: it knows the zones of zones.ts, over UDP and TCP, and answers as a resolver would. "No such name"
 * (NXDOMAIN) and "the name is there, this record is not" (NODATA) are different facts, and a server failure (SERVFAIL) is
 * neither; a program that confuses them raises false alarms. An answer too large for the asker's UDP buffer comes with the TC
 * bit and is asked for again over TCP (RFC 1035, 6891, 7766).
 *
 * Names for trying failures: `servfail.test`, `refused.test`, `timeout.test` (no answer at all), and everything under them.
 */
import dgram from 'node:dgram';
import net from 'node:net';
import type { Answer, Packet, RecordType } from 'dns-packet';
import packet from 'dns-packet';
import { type Records, soaOf, type Zones } from './zones.ts';

const RCODE = { noError: 0, formatError: 1, serverFailure: 2, noSuchName: 3, refused: 5 };
const TTL = 300;
/** Types from the meta range (OPT, AXFR, ANY …) are not answered from zones. */
const PLAIN_TYPES = new Set(['A', 'AAAA', 'MX', 'TXT', 'NS', 'PTR', 'CNAME', 'CAA', 'SOA']);

export type DnsServer = { address: string; stop(): Promise<void> };

type Looked = { rcode: number; answers: Answer[]; zone: string | null };

export async function startDns(zones: Zones): Promise<DnsServer> {
  const udp = dgram.createSocket('udp4');
  const sockets = new Set<net.Socket>();
  const tcp = net.createServer((socket) => serveTcp(socket, zones, sockets));
  // The same free port for both: TCP chooses, UDP follows, and again if some other program holds that UDP port.
  for (let tries = 1; ; tries++) {
    await listenTcp(tcp);
    try {
      await bindUdp(udp, portOf(tcp));
      break;
    } catch (error) {
      await closeTcp(tcp);
      if (tries === 20) throw error;
    }
  }
  udp.on('message', (message, from) => {
    const reply = answer(message, zones, true);
    if (reply !== null) udp.send(reply, from.port, from.address);
  });
  udp.on('error', ignoreLateErrors);
  return {
    address: `127.0.0.1:${portOf(tcp)}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([closeTcp(tcp), new Promise<void>((done) => udp.close(done))]);
    },
  };
}

function ignoreLateErrors(): void {
  // A UDP send to an asker that is already gone reports ECONNREFUSED here on some systems; there is nobody to tell.
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the DNS server listens on no port');
  return address.port;
}

function listenTcp(server: net.Server): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', fail);
      done();
    });
  });
}

function closeTcp(server: net.Server): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}

function bindUdp(socket: dgram.Socket, port: number): Promise<void> {
  return new Promise((done, fail) => {
    socket.once('error', fail);
    socket.bind(port, '127.0.0.1', () => {
      socket.off('error', fail);
      done();
    });
  });
}

/** DNS over TCP: each message after its length in two bytes. */
function serveTcp(socket: net.Socket, zones: Zones, sockets: Set<net.Socket>): void {
  let buffered: Buffer = Buffer.alloc(0);
  sockets.add(socket);
  socket.setTimeout(10_000, () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE(0)) {
      const end = 2 + buffered.readUInt16BE(0);
      const reply = answer(buffered.subarray(2, end), zones, false);
      buffered = buffered.subarray(end);
      if (reply === null) continue;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
  });
}

/** The reply to one query, or null when none is to be sent (not a query, or a name that plays dead). */
function answer(message: Buffer, zones: Zones, udp: boolean): Buffer | null {
  let query: Packet;
  try {
    query = packet.decode(message);
  } catch {
    // Not even an id to answer to: a real server drops it too.
    return null;
  }
  const question = query.questions?.[0];
  if (query.type !== 'query' || question === undefined) return null;
  const name = question.name.toLowerCase();
  if (within(name, 'timeout.test')) return null;
  const looked = lookUp(zones, name, question.type, question.name);
  const asked = query.additionals?.find((record) => record.type === 'OPT');
  const room = asked?.type === 'OPT' ? Math.max(512, asked.udpPayloadSize ?? 512) : 512;
  const encode = (answers: Answer[], cut: boolean) =>
    packet.encode({
      type: 'response',
      id: query.id ?? 0,
      flags:
        looked.rcode |
        packet.AUTHORITATIVE_ANSWER |
        packet.RECURSION_AVAILABLE |
        ((query.flags ?? 0) & packet.RECURSION_DESIRED) |
        (cut ? packet.TRUNCATED_RESPONSE : 0),
      questions: [question],
      answers,
      authorities:
        answers.length === 0 && looked.zone !== null
          ? [{ type: 'SOA', name: looked.zone, ttl: 60, data: soaOf(looked.zone) }]
          : [],
      additionals:
        asked === undefined
          ? []
          : [
              {
                type: 'OPT',
                name: '.',
                udpPayloadSize: 1232,
                extendedRcode: 0,
                ednsVersion: 0,
                flags: 0,
                flag_do: false,
                options: [],
              },
            ],
    });
  const whole = encode(looked.answers, false);
  return udp && whole.length > room ? encode([], true) : whole;
}

function lookUp(zones: Zones, name: string, type: RecordType, nameAsAsked: string): Looked {
  if (within(name, 'servfail.test')) return { rcode: RCODE.serverFailure, answers: [], zone: null };
  if (within(name, 'refused.test')) return { rcode: RCODE.refused, answers: [], zone: null };
  const answers: Answer[] = [];
  let current = name;
  let shown = nameAsAsked;
  for (let step = 0; step < 8; step++) {
    const records = zones.get(current);
    const alias = records?.CNAME?.[0];
    if (alias !== undefined && type !== 'CNAME') {
      answers.push({ type: 'CNAME', name: shown, ttl: TTL, class: 'IN', data: alias });
      current = alias.toLowerCase();
      shown = alias;
      continue;
    }
    if (records !== undefined) answers.push(...encodable(records, type, shown));
    break;
  }
  // A name that only has names below it exists too: NODATA, not NXDOMAIN (RFC 8020).
  const exists = zones.has(name) || [...zones.keys()].some((known) => known.endsWith(`.${name}`));
  return { rcode: exists ? RCODE.noError : RCODE.noSuchName, answers, zone: zoneOf(zones, name) };
}

function encodable(records: Records, type: RecordType, name: string): Answer[] {
  if (!PLAIN_TYPES.has(type)) return [];
  if (type === 'TXT') {
    return (records.TXT ?? []).map((text) => ({ type: 'TXT', name, ttl: TTL, class: 'IN', data: chunks(text) }));
  }
  const data: unknown[] = records[type as keyof Records] ?? [];
  return data.map((value) => ({ type, name, ttl: TTL, class: 'IN', data: value }) as Answer);
}

/** A TXT record is one or more strings of up to 255 bytes; longer text is cut and joined again by the reader. */
function chunks(text: string): string[] {
  return text.match(/.{1,255}/gs) ?? [''];
}

function zoneOf(zones: Zones, name: string): string | null {
  const labels = name.split('.');
  for (let i = 0; i < labels.length; i++) {
    const candidate = labels.slice(i).join('.');
    if (zones.get(candidate)?.SOA !== undefined) return candidate;
  }
  return null;
}

function within(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** A look-up in the form mailauth's `resolver` option has: answers, or an error whose `code` is Node's for DNS. */
export async function resolveInZones(zones: Zones, name: string, type: string): Promise<unknown[]> {
  const lower = name.toLowerCase().replace(/\.$/, '');
  if (within(lower, 'timeout.test')) throw dnsError('ETIMEOUT', name, type);
  const looked = lookUp(zones, lower, type as RecordType, lower);
  if (looked.rcode === RCODE.noSuchName) throw dnsError('ENOTFOUND', name, type);
  if (looked.rcode !== RCODE.noError) throw dnsError('ESERVFAIL', name, type);
  const wanted = looked.answers.filter((record) => record.type === type);
  if (wanted.length === 0) throw dnsError('ENODATA', name, type);
  return wanted.map((record) => {
    if (record.type === 'MX') return { exchange: record.data.exchange, priority: record.data.preference ?? 0 };
    return 'data' in record ? record.data : null;
  });
}

function dnsError(code: string, name: string, type: string): Error {
  return Object.assign(new Error(`query${type} ${code} ${name}`), { code, hostname: name });
}
