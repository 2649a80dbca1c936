/**
 * Asks the spam filters that are set up for their view: rspamd over HTTP, SpamAssassin over the protocol that its own client speaks (spamd/PROTOCOL). Where they are is
 * the owner's word (settings), so they may be on private addresses; what they answer is read with limits all the same.
 */
import { connect } from 'node:net';
import { fetchPage } from '../net/http.ts';
import { type FilterView, readRspamd, readSpamd, type Views } from './filter.ts';

/** A filter may ask DNS a hundred things about one mail. */
const TIMEOUT_MS = 30_000;
const MAX_ANSWER = 2 * 1024 * 1024;
/** Larger mails are not looked at by either filter as they come from their makers. */
const MAX_MAIL = 20 * 1024 * 1024;
/** The owner's word is enough: no address is refused. */
const ANYWHERE = ['0.0.0.0/0', '::/0'];

export type FilterSettings = {
  /** `http://127.0.0.1:11333`; null: not set up. */
  rspamdUrl: string | null;
  /** `127.0.0.1:783`, `[::1]:783`. */
  spamd: string | null;
};

/** @param envelope what the filter is told of who sends to whom */
export async function askFilters(
  raw: Buffer,
  settings: FilterSettings,
  envelope: { from: string | null },
  timeoutMs = TIMEOUT_MS,
): Promise<Views> {
  const [rspamd, spamassassin] = await Promise.all([
    settings.rspamdUrl === null ? null : askRspamd(raw, settings.rspamdUrl, envelope, timeoutMs),
    settings.spamd === null ? null : askSpamd(raw, settings.spamd, timeoutMs),
  ]);
  return { rspamd, spamassassin };
}

async function askRspamd(
  raw: Buffer,
  url: string,
  envelope: { from: string | null },
  timeoutMs: number,
): Promise<FilterView> {
  const started = performance.now();
  const spent = (): number => Math.round(performance.now() - started);
  if (raw.length > MAX_MAIL) return { answered: false, reason: 'too-large', milliseconds: 0 };
  const from = envelope.from !== null && /^[\x21-\x7e]{1,250}$/.test(envelope.from) ? { From: envelope.from } : {};
  const got = await fetchPage(new URL('/checkv2', url).href, {
    allowedNetworks: ANYWHERE,
    extraCa: null,
    plain: true,
    method: 'POST',
    body: raw,
    // An audit must not teach the filter's statistics that this sender was seen.
    headers: { 'content-type': 'message/rfc822', Flags: 'no_log,no_stat', ...from },
    timeoutMs,
    maxBytes: MAX_ANSWER,
  });
  if (!got.ok) return { answered: false, reason: got.reason, milliseconds: spent() };
  if (got.status !== 200) return { answered: false, reason: `http-${got.status}`, milliseconds: spent() };
  return (
    readRspamd(got.body.toString('utf8'), spent()) ?? { answered: false, reason: 'unreadable', milliseconds: spent() }
  );
}

function askSpamd(raw: Buffer, address: string, timeoutMs: number): Promise<FilterView> {
  const started = performance.now();
  const spent = (): number => Math.round(performance.now() - started);
  if (raw.length > MAX_MAIL) return Promise.resolve({ answered: false, reason: 'too-large', milliseconds: 0 });
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const socket = connect(Number(address.slice(colon + 1)), host);
    const settle = (view: FilterView): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(view);
    };
    const failed = (reason: string): void => settle({ answered: false, reason, milliseconds: spent() });
    const timer = setTimeout(() => failed('timeout'), timeoutMs);
    socket.on('connect', () => {
      socket.write(`REPORT SPAMC/1.5\r\nContent-length: ${raw.length}\r\nUser: todoku\r\n\r\n`);
      socket.end(raw);
    });
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_ANSWER) failed('too-large');
      else chunks.push(chunk);
    });
    socket.on('end', () => {
      const view = readSpamd(Buffer.concat(chunks).toString('utf8'), spent());
      if (view === null) failed('unreadable');
      else settle(view);
    });
    socket.on('error', (error: Error & { code?: string }) =>
      failed(error.code === 'ECONNREFUSED' ? 'connection-refused' : 'connection-lost'),
    );
  });
}
