/** Scripted servers for the tests of seeds: what is said is up to the test, over TCP or TLS, on a free loopback port. */
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { type Certificate, makeCertificates } from '../../server/sandbox/certificates.ts';
import type { ReadOptions } from '../../server/seed/session.ts';
import type { SeedRoute } from '../../server/seed/types.ts';

export const certificates = makeCertificates([], Date.now());

export const PASSWORD = 'canary-pässword-7Q';

/** Short deadlines, so that a stall is over soon; their proportions are the defaults'. */
export const OPTIONS: ReadOptions = {
  allowedNetworks: ['127.0.0.0/8', '::1/128'],
  extraCa: certificates.caPem,
  now: Date.now,
  timeouts: { connect: 1_500, silence: 1_500, open: 2_500, look: 2_500 },
};

export type Client = {
  send(text: string | Buffer): void;
  /** Answers each line of the client; the text it answers is sent with CRLF. null: say nothing. */
  onLine(answer: (line: string, client: Client) => string | Buffer | null | undefined): void;
  socket: net.Socket;
};

export type Script = {
  port: number;
  /** Every byte that clients sent, as text, over TLS or not. */
  heard: string;
  connections: number;
  /** Connections that are open now. */
  open(): number;
  stop(): Promise<void>;
};

/** @param talk called for each connection, once it is secured when `secure` is given */
export async function startScript(talk: (client: Client) => void, secure?: Certificate): Promise<Script> {
  const sockets = new Set<net.Socket>();
  const script: Script = {
    port: 0,
    heard: '',
    connections: 0,
    open: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const onSocket = (socket: net.Socket) => {
    script.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    talk(clientOf(socket, script));
  };
  const server = secure ? tls.createServer({ ...secure }, onSocket) : net.createServer(onSocket);
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  script.port = (server.address() as net.AddressInfo).port;
  return script;
}

function clientOf(socket: net.Socket, script: Script): Client {
  let rest = '';
  let answer: Parameters<Client['onLine']>[0] = () => null;
  const client: Client = {
    socket,
    send: (text) => {
      if (!socket.destroyed) socket.write(text);
    },
    onLine: (next) => {
      answer = next;
    },
  };
  socket.on('data', (chunk: Buffer) => {
    script.heard += chunk.toString();
    rest += chunk.toString();
    for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      const said = answer(line, client);
      if (said !== null && said !== undefined) client.send(Buffer.isBuffer(said) ? said : `${said}\r\n`);
    }
  });
  return client;
}

export function routeTo(script: { port: number }, over: Partial<SeedRoute> = {}): SeedRoute {
  return {
    protocol: 'imap',
    host: '127.0.0.1',
    port: script.port,
    security: 'none',
    user: 'one@seed.test',
    password: PASSWORD,
    ...over,
  };
}

/** Sends without end, as fast as the client reads, until the connection is gone. */
export function flood(client: Client, piece: string | Buffer): void {
  const pour = () => {
    while (!client.socket.destroyed && client.socket.write(piece));
    if (!client.socket.destroyed) client.socket.once('drain', pour);
  };
  pour();
}

/** Sends one byte at a time. */
export function drip(client: Client, text: string, everyMs: number): void {
  let at = 0;
  const timer = setInterval(() => {
    if (client.socket.destroyed || at >= text.length) clearInterval(timer);
    else client.send(text[at++] ?? '');
  }, everyMs);
}
