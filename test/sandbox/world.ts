/** What the sandbox's tests share: a way to send with nodemailer, to read with imapflow, and raw lines over TLS. */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { ImapFlow } from 'imapflow';
import nodemailer from 'nodemailer';
import type { Sandbox, SandboxSeed } from '../../server/sandbox/sandbox.ts';

export type Sent = { response: string; messageId: string } | { code: number | null; response: string };

/** Sends one mail as a sender of the sandbox. Refusals are values; `code` null: the connection died. */
export async function send(
  sandbox: Pick<Sandbox, 'sender' | 'caFile'>,
  from: string,
  to: string,
  mail: { subject?: string; text?: string; html?: string; headers?: Record<string, string>; from?: string } = {},
  security: 'tls' | 'starttls' = 'tls',
): Promise<Sent> {
  const { smtp, fromAddress, fromName } = sandbox.sender(from, security);
  const transport = nodemailer.createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: security === 'tls',
    requireTLS: true,
    auth: { user: smtp.user, pass: smtp.password },
    tls: { ca: readFileSync(sandbox.caFile) },
    socketTimeout: 5_000,
  });
  try {
    const info = await transport.sendMail({
      from: mail.from ?? { name: fromName, address: fromAddress },
      envelope: { from: fromAddress, to },
      to,
      subject: mail.subject ?? 'Your order',
      text: mail.text ?? 'Hello,\r\n.with a dot\r\n..and two\r\n',
      ...(mail.html === undefined ? {} : { html: mail.html }),
      headers: { 'X-Todoku-Probe': 'token-1', ...mail.headers },
    });
    return { response: info.response, messageId: info.messageId };
  } catch (error) {
    const { responseCode, response, message } = error as { responseCode?: number; response?: string; message: string };
    return { code: responseCode ?? null, response: response ?? message };
  } finally {
    transport.close();
  }
}

/** A connected imapflow client for a seed; close it with logout(). */
export async function read(
  sandbox: { caFile: string },
  seed: Omit<SandboxSeed, 'provider'>,
  options: { disableAutoIdle?: boolean } = {},
): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: seed.host,
    port: seed.port,
    secure: seed.security === 'tls',
    ...(seed.security === 'tls' ? {} : { doSTARTTLS: true }),
    auth: { user: seed.user, pass: seed.password },
    tls: { ca: readFileSync(sandbox.caFile) },
    logger: false,
    disableAutoIdle: options.disableAutoIdle ?? true,
  });
  client.on('error', () => client.close());
  await client.connect();
  return client;
}

/** Waits for something that happens by itself; the deadline only ends a test that would hang. */
export async function until<T>(
  look: () => T | undefined | false | null | Promise<T | undefined | false | null>,
): Promise<T> {
  for (let tries = 0; tries < 1_000; tries++) {
    const found = await look();
    if (found !== undefined && found !== false && found !== null) return found;
    await new Promise((done) => setTimeout(done, 5));
  }
  throw new Error('it never came');
}

export type Line = {
  send(text: string | Buffer): void;
  /** All that came up to and with the first match, taken from the stream. */
  expect(pattern: RegExp): Promise<string>;
  /** Everything until the server closes. */
  rest(): Promise<string>;
  socket: net.Socket;
  close(): void;
};

/** A bare connection, in clear or TLS. */
export async function dial(sandbox: { caFile: string }, port: number, secure: boolean): Promise<Line> {
  const plain = net.connect(port, '127.0.0.1');
  const socket = secure ? tls.connect({ socket: plain, host: '127.0.0.1', ca: readFileSync(sandbox.caFile) }) : plain;
  await new Promise<void>((done, fail) => {
    socket.once(secure ? 'secureConnect' : 'connect', done);
    socket.once('error', fail);
  });
  return over(socket);
}

/** The same connection, encrypted from now on. */
export async function encrypt(sandbox: { caFile: string }, line: Line): Promise<Line> {
  line.socket.removeAllListeners('data');
  const socket = tls.connect({ socket: line.socket, host: '127.0.0.1', ca: readFileSync(sandbox.caFile) });
  await new Promise<void>((done, fail) => {
    socket.once('secureConnect', done);
    socket.once('error', fail);
  });
  return over(socket);
}

function over(socket: net.Socket): Line {
  let seen = '';
  let ended = false;
  let wake = () => undefined as undefined;
  const moved = () =>
    new Promise<void>((done) => {
      wake = () => void done();
    });
  socket.on('data', (chunk: Buffer) => {
    seen += chunk.toString('latin1');
    wake();
  });
  for (const event of ['error', 'close']) {
    socket.on(event, () => {
      ended = true;
      wake();
    });
  }
  return {
    socket,
    send: (text) => void socket.write(text),
    async expect(pattern) {
      for (;;) {
        const match = pattern.exec(seen);
        if (match !== null) {
          const taken = seen.slice(0, match.index + match[0].length);
          seen = seen.slice(taken.length);
          return taken;
        }
        if (ended) throw new Error(`closed before ${pattern}: ${seen}`);
        await moved();
      }
    },
    async rest() {
      while (!ended) await moved();
      return seen;
    },
    close: () => socket.destroy(),
  };
}
