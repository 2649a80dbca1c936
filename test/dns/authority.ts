/**
 * A scripted DNS server on loopback, UDP and TCP on one port: each test says what a question is answered with. It speaks real
 * packets, so what is tested is what goes over the wire.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { decode, encode, type Packet } from 'dns-packet';

export type Script = {
  /** 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED … */
  rcode?: number;
  ad?: boolean;
  answers?: { name?: string; type: string; ttl?: number; data: unknown }[];
  soaMinimum?: number;
  /** Points to the name servers of this zone and answers nothing: a server that is not asked to recurse, or a lame one. */
  referTo?: string;
  /** Over UDP only the TC bit is sent. */
  truncate?: boolean;
  silent?: boolean;
  /** Bytes sent instead of an answer, made from the good one. */
  mangle?: (good: Buffer) => Buffer[];
  delayMs?: number;
  noQuestion?: boolean;
};
export type Asked = { name: string; type: string; tcp: boolean; edns: boolean; unchecked: boolean };
export type Authority = { address: string; asked: Asked[]; close: () => Promise<void> };

/** @param script what to answer; undefined is NXDOMAIN with an SOA */
export async function startAuthority(
  script: (name: string, type: string, asked: Asked) => Script | undefined,
): Promise<Authority> {
  const asked: Asked[] = [];

  const reply = (query: Buffer, tcp: boolean): { packets: Buffer[]; delayMs: number } => {
    const { id = 0, questions = [], additionals = [] } = decode(query);
    const question = questions[0];
    if (!question) return { packets: [], delayMs: 0 };
    const seen = {
      name: question.name,
      type: question.type as string,
      tcp,
      edns: additionals.some((r) => r.type === 'OPT'),
      unchecked: (query.readUInt16BE(2) & 0x0010) !== 0,
    };
    asked.push(seen);
    const says = script(question.name, question.type, seen) ?? { rcode: 3, soaMinimum: 60 };
    if (says.silent) return { packets: [], delayMs: 0 };
    const cut = says.truncate === true && !tcp;
    const flags =
      (says.referTo === undefined ? 0x0480 : 0) | (says.rcode ?? 0) | (says.ad ? 0x20 : 0) | (cut ? 0x200 : 0);
    const soa = {
      name: 'test',
      type: 'SOA',
      ttl: 300,
      data: {
        mname: 'ns.test',
        rname: 'h.test',
        serial: 1,
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: says.soaMinimum ?? 0,
      },
    };
    const packet = {
      type: 'response',
      id,
      flags,
      questions: [],
      answers: cut ? [] : (says.answers ?? []).map((record) => ({ name: question.name, ttl: 300, ...record })),
      authorities:
        says.referTo !== undefined
          ? [{ name: says.referTo, type: 'NS', ttl: 300, data: `ns.${says.referTo}` }]
          : says.soaMinimum === undefined || cut
            ? []
            : [soa],
    };
    const encoded = encode(packet as unknown as Packet);
    // The question goes back byte for byte: dns-packet could not write every name that a test asks for.
    const questionBytes = query.subarray(12, questionEnd(query));
    const head = Buffer.from(encoded.subarray(0, 12));
    head.writeUInt16BE(says.noQuestion ? 0 : 1, 4);
    const good = Buffer.concat([head, says.noQuestion ? Buffer.alloc(0) : questionBytes, encoded.subarray(12)]);
    return { packets: says.mangle ? says.mangle(good) : [good], delayMs: says.delayMs ?? 0 };
  };

  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => sockets.delete(socket));
    let buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      while (buffer.length >= 2 && buffer.length >= 2 + buffer.readUInt16BE(0)) {
        const size = buffer.readUInt16BE(0);
        for (const packet of reply(buffer.subarray(2, 2 + size), true).packets) {
          const length = Buffer.alloc(2);
          length.writeUInt16BE(packet.length);
          socket.write(Buffer.concat([length, packet]));
        }
        buffer = buffer.subarray(2 + size);
      }
    });
  });
  const { udp, port } = await bindBoth(tcp);
  const late = new Set<NodeJS.Timeout>();
  udp.on('message', (message, peer) => {
    const { packets, delayMs } = reply(message, false);
    const send = (): void => {
      for (const packet of packets) udp.send(packet, peer.port, peer.address);
    };
    if (delayMs <= 0) return send();
    const timer = setTimeout(() => {
      late.delete(timer);
      send();
    }, delayMs);
    late.add(timer);
  });

  return {
    address: `127.0.0.1:${port}`,
    asked,
    close: async () => {
      for (const timer of late) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    },
  };
}

/** TCP and UDP on one number: the system picks it for TCP, and where somebody has it for UDP it picks another. */
async function bindBoth(tcp: Server): Promise<{ udp: UdpSocket; port: number }> {
  for (let attempt = 0; ; attempt++) {
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const address = tcp.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const udp = createSocket('udp4');
    const failed = await new Promise<Error | null>((resolve) => {
      udp.once('error', resolve);
      udp.bind(port, '127.0.0.1', () => resolve(null));
    });
    udp.removeAllListeners('error');
    if (failed === null) return { udp, port };
    if (attempt === 20) throw failed;
    udp.close();
    await new Promise<void>((resolve) => tcp.close(() => resolve()));
  }
}

function questionEnd(query: Buffer): number {
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) at += length + 1;
  return at + 5;
}
