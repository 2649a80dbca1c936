/** Servers to send to, on loopback and free ports: a well-behaved one (smtp-server) and ones that play a script line by line. */
import { once } from 'node:events';
import net from 'node:net';
import type { Readable } from 'node:stream';
import tls from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { SmtpOptions, SmtpTimeouts } from '../../server/sender/smtp.ts';
import type { SmtpRoute } from '../../server/sender/types.ts';
import { type Authority, type Identity, newAuthority } from '../net/certificates.ts';

export const authority: Authority = newAuthority();
export const identity: Identity = authority.issue(['localhost', '127.0.0.1']);

export type Received = { from: string; to: string[]; raw: Buffer };
export type GoodServer = {
  port: number;
  received: Received[];
  /** Connections and logins so far. */
  connections: () => number;
  logins: () => number;
  close: () => Promise<void>;
};

/** A real SMTP server that takes `user` / `secret pass`. */
export async function startServer(options: SMTPServerOptions = {}): Promise<GoodServer> {
  const received: Received[] = [];
  let connections = 0;
  let logins = 0;
  const server = new SMTPServer({
    ...identity,
    secure: true,
    logger: false,
    closeTimeout: 200,
    authMethods: ['PLAIN', 'LOGIN'],
    onConnect: (_session, done) => {
      connections++;
      done();
    },
    onAuth: (auth, _session, done) => {
      logins++;
      if (auth.username === 'user' && auth.password === 'secret pass') done(null, { user: 'user' });
      else done(Object.assign(new Error('5.7.8 Username and Password not accepted'), { responseCode: 535 }));
    },
    onData: (stream, session, done) => {
      void collect(stream).then((raw) => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map((rcpt) => rcpt.address), raw });
        done(null, '2.0.0 OK queued');
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as net.AddressInfo;
  return {
    port,
    received,
    connections: () => connections,
    logins: () => logins,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export type Script = {
  port: number;
  /** Every byte clients sent, as text, before and after TLS alike. */
  heard: () => string;
  /** What was sent in clear. */
  heardInClear: () => string;
  connections: () => number;
  close: () => Promise<void>;
};

/** One line of the client (without CRLF), or the whole message with its dot; `say` writes raw text. */
export type Play = (line: string, socket: net.Socket, say: (text: string) => void, count: number) => void;

/**
 * A server of one's own making. `greet` is called on connection, `play` for every line; after `DATA` was answered by 354 the message comes as one line ending
 * in `\r\n.`. `upgrade()` in play turns a plain socket into TLS.
 */
export async function startScript(
  play: Play,
  { secure = false, greeting = '220 script ESMTP\r\n' as string | null } = {},
): Promise<Script> {
  let heard = '';
  let clear = '';
  let connections = 0;
  const sockets = new Set<net.Socket>();
  const listen = (socket: net.Socket, isClear: boolean): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let rest = '';
    let inData = false;
    const number = connections;
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      if (isClear) clear += chunk.toString('latin1');
      rest += chunk.toString('latin1');
      for (;;) {
        const end = rest.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end === -1) return;
        const line = rest.slice(0, inData ? end + 3 : end);
        rest = rest.slice(end + (inData ? 5 : 2));
        inData = false;
        play(
          line,
          socket,
          (text) => {
            if (text.startsWith('354')) inData = true;
            if (socket.writable) socket.write(text);
            if (text.startsWith('220 go ahead')) {
              socket.removeAllListeners('data');
              const upgraded = new tls.TLSSocket(socket, { isServer: true, ...identity });
              listen(upgraded, false);
            }
          },
          number,
        );
      }
    });
  };
  const onConnection = (socket: net.Socket): void => {
    connections++;
    listen(socket, !secure);
    if (greeting !== null) socket.write(greeting);
  };
  const server = secure ? tls.createServer(identity, onConnection) : net.createServer(onConnection);
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    heard: () => heard,
    heardInClear: () => clear,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The usual answers; a test changes the ones it is about. */
export function usual(changes: Partial<Record<string, string>> = {}): Play {
  return (line, _socket, say) => {
    const verb = line.endsWith('\r\n.') || line === '.' ? 'dot' : (line.split(/[ :]/)[0] ?? '').toUpperCase();
    const answers: Record<string, string> = {
      EHLO: '250-script\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000\r\n',
      AUTH: '235 2.7.0 Accepted\r\n',
      MAIL: '250 2.1.0 OK\r\n',
      RCPT: '250 2.1.5 OK\r\n',
      DATA: '354 go\r\n',
      dot: '250 2.0.0 OK taken\r\n',
      RSET: '250 2.0.0 OK\r\n',
      QUIT: '221 2.0.0 bye\r\n',
    };
    const answer = changes[verb] ?? answers[verb] ?? '500 5.5.1 what?\r\n';
    if (answer !== '') say(answer);
  };
}

export function routeTo(port: number, changes: Partial<SmtpRoute> = {}): SmtpRoute {
  return { host: 'localhost', port, security: 'tls', user: 'user', password: 'secret pass', ...changes };
}

const QUICK: SmtpTimeouts = {
  connect: 2_000,
  greeting: 150,
  ehlo: 150,
  auth: 150,
  command: 150,
  dot: 150,
  aside: 5_000,
  overall: 5_000,
  idle: 2_000,
};

export function options(timeouts: Partial<SmtpTimeouts> = {}, changes: Partial<SmtpOptions> = {}): SmtpOptions {
  return {
    allowedNetworks: ['127.0.0.0/8', '::1/128'],
    extraCa: authority.ca,
    heloName: 'probe.example.com',
    now: () => Date.now(),
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    timeouts: { ...QUICK, ...timeouts },
    ...changes,
  };
}

/** Long enough that no test ends by a deadline it is not about. */
export const PATIENT: Partial<SmtpTimeouts> = {
  greeting: 10_000,
  ehlo: 10_000,
  auth: 10_000,
  command: 10_000,
  dot: 10_000,
  overall: 20_000,
};

export const MESSAGE = {
  envelope: { from: 'me@good.test', to: 'inbox@gmail.test' },
  raw: Buffer.from('X-Todoku-Probe: t0k3n\r\nSubject: hello\r\n\r\nHello\r\n.dot at the start\r\n'),
};
