/**
 * One question to one server and back: UDP first, TCP when the answer does not fit (TC bit, RFC 7766). The UDP socket is fresh
 * for each question, bound to a port the system picks and connected to the server, so that a forger must guess port and id.
 */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

export type DnsServer = { host: string; port: number; label: string };

/** Why no answer came: `timeout`, or the system's code (`ECONNREFUSED`, `ENETUNREACH`), or `closed`. */
export type ExchangeFailure = { code: string };
export type ExchangeResult = { reply: Buffer } | ExchangeFailure;

type Question = {
  server: DnsServer;
  packet: Buffer;
  /** Is this packet the answer to ours? Others are dropped unread. */
  accept: (reply: Buffer) => boolean;
  timeoutMs: number;
  signal: AbortSignal;
};

/** Never rejects: no answer is an outcome. */
export function askUdp({ server, packet, accept, timeoutMs, signal }: Question): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    const socket = createSocket(server.host.includes(':') ? 'udp6' : 'udp4');
    let open = true;
    const finish = (result: ExchangeResult): void => {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.close();
      resolve(result);
    };
    const abort = (): void => finish({ code: 'closed' });
    const timer = setTimeout(() => finish({ code: 'timeout' }), timeoutMs);
    socket.on('error', (error: NodeJS.ErrnoException) => finish({ code: error.code ?? 'EUDP' }));
    socket.on('message', (reply) => {
      if (accept(reply)) finish({ reply });
    });
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    socket.connect(server.port, server.host, () => {
      if (open) socket.send(packet, (error) => error && finish({ code: 'ESEND' }));
    });
  });
}

/** As askUdp, over TCP: two bytes of length before each packet. */
export function askTcp({ server, packet, accept, timeoutMs, signal }: Question): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    const socket = connect(server.port, server.host);
    let open = true;
    let chunks: Buffer[] = [];
    let size = 0;
    const finish = (result: ExchangeResult): void => {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(result);
    };
    const abort = (): void => finish({ code: 'closed' });
    const timer = setTimeout(() => finish({ code: 'timeout' }), timeoutMs);
    socket.on('error', (error: NodeJS.ErrnoException) => finish({ code: error.code ?? 'ETCP' }));
    socket.on('close', () => finish({ code: 'ECONNRESET' }));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      // Joining only when something can be complete keeps a server that drips single bytes linear.
      if (size < 2) return;
      const first = chunks[0];
      if (first !== undefined && first.length >= 2 && size < 2 + first.readUInt16BE(0)) return;
      const joined = Buffer.concat(chunks, size);
      chunks = [joined];
      const end = 2 + joined.readUInt16BE(0);
      if (size < end) return;
      const reply = joined.subarray(2, end);
      finish(accept(reply) ? { reply } : { code: 'EBADRESP' });
    });
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(packet.length);
    socket.write(Buffer.concat([length, packet]));
  });
}

/** `127.0.0.1:53`, `[::1]:5353`, `9.9.9.9`, `::1`. Throws a TypeError for anything else. */
export function parseDnsServer(text: string): DnsServer {
  const match =
    /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s]+)|([0-9a-fA-F]*:[0-9a-fA-F:.%\w]*:[0-9a-fA-F:.%\w]*))(?::(\d{1,5}))?$/.exec(
      text.trim(),
    );
  const port = match?.[3] === undefined ? Number(match?.[4] ?? 53) : 53;
  const host = match?.[1] ?? match?.[2] ?? match?.[3];
  if (match === null || host === undefined || port < 1 || port > 65535) {
    throw new TypeError(`Not a DNS server: ${text}; write host:port`);
  }
  return { host, port, label: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}` };
}
