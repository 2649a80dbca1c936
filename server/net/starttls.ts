/**
 * What a mail server shows before any mail is sent: whether it offers TLS (STARTTLS, RFC 3207) and which certificate it shows then. Senders
 * take any certificate unless MTA-STS (RFC 8461) or DANE (RFC 7672) tells them not to, so nothing is refused here: the certificate is read, judged and
 * told. We greet, ask for TLS, look, and leave; no mail address is ever named.
 *
 * Many networks block port 25 outwards. Not getting through says something about the way, not about the server.
 */
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { isAllowedMailHost } from './address.ts';
import { pinnedLookup, type ResolveOptions, resolveMailHost } from './connect.ts';
import { type CertificateReason, certificateReason, describeTls, tlsOptions } from './tls.ts';

/** Why no certificate was seen. The first eight say nothing about the server itself. */
export const MAIL_SERVER_FAILURES = [
  'host-not-found',
  'private-address',
  'server-not-listed', // this world knows only servers of its own
  'timeout',
  'connection-refused',
  'unreachable',
  'connection-lost',
  'greeting-refused',
  'not-smtp',
  'starttls-missing',
  'starttls-refused',
  'tls-failed',
] as const;
export type MailServerFailure = (typeof MAIL_SERVER_FAILURES)[number];

export type MailServerTls =
  | {
      ok: true;
      address: string;
      version: string;
      cipher: string;
      /** DER, the server's own first, then what it sent along. */
      certificates: Buffer[];
      /** What a sender that checks would say; null when it would be content. */
      problem: CertificateReason | null;
      /** Epoch ms. */
      expires: number | null;
      issuer: string | null;
    }
  | {
      ok: false;
      reason: MailServerFailure;
      address: string | null;
      /** What the server said last, or the system's code. */
      reply: string | null;
    };

export type MailServerOptions = Pick<ResolveOptions, 'allowedNetworks' | 'onlyServers' | 'lookup'> & {
  /** PEM text of certificates trusted besides the public ones. */
  extraCa: string | null;
  /** 25 when left out. */
  port?: number;
  /** For everything together; 5 s when left out: where port 25 is blocked, everybody waits that long. */
  timeoutMs?: number;
};

/** A reply of many lines is one of these at most. */
const MAX_REPLY_BYTES = 16 * 1024;

/** Looks at one mail server. Never throws for anything it does. */
export async function seeMailServer(host: string, options: MailServerOptions): Promise<MailServerTls> {
  const until = performance.now() + (options.timeoutMs ?? 5000);
  const left = (): number => Math.max(1, until - performance.now());
  const port = options.port ?? 25;
  const found = await resolveMailHost(host, { ...options, port, timeoutMs: left() });
  if (!found.ok) return { ok: false, reason: found.reason, address: null, reply: found.detail };
  const socket = net.connect({ host, port, lookup: pinnedLookup(found.addresses) });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    socket.destroy(Object.assign(new Error('too slow'), { code: 'ETIMEDOUT' }));
  }, left());
  const refuse = (reason: MailServerFailure, reply: string | null): MailServerTls => ({
    ok: false,
    reason,
    address: socket.remoteAddress ?? null,
    reply,
  });
  try {
    await once(socket, 'connect');
    if (!isAllowedMailHost(socket.remoteAddress ?? '', options.allowedNetworks))
      return refuse('private-address', socket.remoteAddress ?? null);
    const seen = await converse(socket, host, options.extraCa, refuse);
    return late && !seen.ok ? { ...seen, reason: 'timeout' } : seen;
  } catch (error) {
    return refuse(failureOf(error), String((error as { code?: unknown } | null)?.code ?? ''));
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

async function converse(
  socket: net.Socket,
  host: string,
  extraCa: string | null,
  refuse: (reason: MailServerFailure, reply: string | null) => MailServerTls,
): Promise<MailServerTls> {
  const replies = readReplies(socket);
  const greeting = await replies.next();
  if (greeting.code === 0) return refuse('not-smtp', greeting.text);
  if (greeting.code !== 220) return refuse('greeting-refused', greeting.text);
  const own = socket.localAddress ?? '127.0.0.1';
  // We have no name that would be ours for sure; an address in brackets is what RFC 5321 §4.1.3 has for that.
  socket.write(`EHLO [${net.isIP(own) === 6 ? 'IPv6:' : ''}${own}]\r\n`);
  const hello = await replies.next();
  if (hello.code === 0) return refuse('not-smtp', hello.text);
  if (hello.code !== 250) return refuse('greeting-refused', hello.text);
  if (!/^250[ -]STARTTLS\s*$/im.test(hello.text)) {
    socket.end('QUIT\r\n');
    return refuse('starttls-missing', null);
  }
  socket.write('STARTTLS\r\n');
  const ready = await replies.next();
  if (ready.code !== 220) return refuse('starttls-refused', ready.text);
  // What was sent before TLS began must not be taken for what comes through it.
  if (replies.end() > 0) return refuse('not-smtp', ready.text);
  const { promise, resolve } = Promise.withResolvers<MailServerTls>();
  const secure = tls.connect({ socket, ...tlsOptions({ host, extraCa }), rejectUnauthorized: false });
  secure.once('error', (error) =>
    resolve(refuse('tls-failed', String((error as { code?: unknown }).code ?? error.message))),
  );
  socket.once('close', () => resolve(refuse('tls-failed', null)));
  secure.once('secureConnect', () => {
    const { version, cipher, certificateExpires, certificateIssuer } = describeTls(secure);
    resolve({
      ok: true,
      address: socket.remoteAddress ?? '',
      version,
      cipher,
      certificates: chainOf(secure),
      problem: secure.authorized ? null : problemOf(secure.authorizationError),
      expires: certificateExpires,
      issuer: certificateIssuer,
    });
    secure.end('QUIT\r\n');
  });
  return promise;
}

function problemOf(error: unknown): CertificateReason {
  // Node gives the code of OpenSSL as text here, not as an Error.
  const code = error instanceof Error ? error : Object.assign(new Error(String(error)), { code: String(error) });
  return certificateReason(code) ?? 'certificate-untrusted';
}

function chainOf(secure: tls.TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  const seen = new Set<string>();
  let at: tls.DetailedPeerCertificate | undefined = secure.getPeerCertificate(true);
  while (at?.raw !== undefined && !seen.has(at.fingerprint256)) {
    seen.add(at.fingerprint256);
    chain.push(at.raw);
    at = at.issuerCertificate;
  }
  return chain;
}

type Reply = { code: number; text: string };

/** Whole replies in order; code 0 for what is no reply. `end` stops reading and says how many bytes were left over. */
function readReplies(socket: net.Socket): { next: () => Promise<Reply>; end: () => number } {
  let buffer = '';
  let waiting: { resolve: (reply: Reply) => void; reject: (error: unknown) => void } | null = null;
  const settle = (): void => {
    if (waiting === null) return;
    // Lines of one reply bear the same code; the last has a blank after it (RFC 5321 §4.2.1).
    const whole = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\n/.exec(buffer.replaceAll('\r\n', '\n'));
    const hopeless = buffer.length > MAX_REPLY_BYTES || (buffer.length > 3 && !/^\d{3}[ \-\r\n]/.test(buffer));
    if (whole === null && !hopeless) return;
    const { resolve } = waiting;
    waiting = null;
    const text = whole?.[0] ?? buffer.slice(0, 300);
    buffer = whole === null ? '' : buffer.replaceAll('\r\n', '\n').slice(text.length);
    resolve({ code: whole === null ? 0 : Number(whole[1]), text: text.trim() });
  };
  const onData = (chunk: Buffer): void => {
    buffer += chunk.toString('latin1');
    settle();
  };
  const onEnd = (): void => waiting?.reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
  const onError = (error: Error): void => waiting?.reject(error);
  socket.on('data', onData);
  socket.on('close', onEnd);
  socket.on('error', onError);
  return {
    next: () => {
      const { promise, resolve, reject } = Promise.withResolvers<Reply>();
      waiting = { resolve, reject };
      if (socket.destroyed) onEnd();
      settle();
      return promise;
    },
    end: () => {
      socket.off('data', onData);
      return buffer.length;
    },
  };
}

function failureOf(error: unknown): MailServerFailure {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (code === 'ECONNREFUSED') return 'connection-refused';
  if (code === 'ETIMEDOUT') return 'timeout';
  return /^E(?:HOST|NET)UNREACH$|^EADDRNOTAVAIL$|^EACCES$/.test(code) ? 'unreachable' : 'connection-lost';
}
