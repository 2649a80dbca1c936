/** A whole Todoku on a free port with its own data folder, a clock that the test turns, and a log that the test can read. Nothing is scheduled. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku, type Todoku } from '../../server/main.ts';
import { createPasswordLink } from '../../server/owner/links.ts';
import { createToken } from '../../server/owner/tokens.ts';

export const PASSWORD = 'correct horse battery';

/** `json` is taken to be what the caller expects; an empty object where the answer is none. */
export type Answer<Reply = Record<string, unknown>> = { status: number; headers: Headers; text: string; json: Reply };

export type House = {
  todoku: Todoku;
  folder: string;
  log: string[];
  /** Turns the clock on. */
  wait: (ms: number) => void;
  /** With a bearer token. */
  api: <Reply = Record<string, unknown>>(method: string, path: string, body?: unknown) => Promise<Answer<Reply>>;
  /** As given. */
  raw: <Reply = Record<string, unknown>>(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ) => Promise<Answer<Reply>>;
  token: string;
  close: () => Promise<void>;
};

export async function openHouse(
  env: Environment = {},
  folder = mkdtempSync(join(tmpdir(), 'todoku-api-')),
): Promise<House> {
  let ahead = 0;
  const log: string[] = [];
  const todoku = await startTodoku(
    readConfig({ PORT: '0', TODOKU_DATA_DIR: folder, TODOKU_BLOCKLISTS: 'off', ...env }),
    {
      schedule: false,
      now: () => Date.now() + ahead,
      log: createLog('trace', { write: (line: string) => void log.push(line) }),
    },
  );
  const token = await createToken(todoku.app, 'test');
  async function raw<Reply>(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Answer<Reply>> {
    const answer = await fetch(todoku.url + path, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: (isJson && text !== '' ? JSON.parse(text) : {}) as Reply,
    };
  }
  return {
    todoku,
    folder,
    log,
    token,
    wait: (ms) => {
      ahead += ms;
    },
    raw,
    api: <Reply>(method: string, path: string, body?: unknown) =>
      raw<Reply>(
        method,
        path,
        { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    async close() {
      await todoku.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const OWN = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };

/** The `name=value` of the session cookie that an answer sets. */
export function cookieOf(answer: Answer): string {
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

/** Sets the password by link. @returns the cookie of the session that comes with it */
export async function setPassword(house: House, password = PASSWORD): Promise<string> {
  const link = new URL(await createPasswordLink(house.todoku.app, house.todoku.url)).searchParams.get('link');
  return cookieOf(await house.raw('PUT', '/api/password', OWN, JSON.stringify({ link, password })));
}

export async function signIn(house: House, password = PASSWORD, headers: Record<string, string> = {}): Promise<Answer> {
  return house.raw('POST', '/api/session', { ...OWN, ...headers }, JSON.stringify({ password }));
}

/** As a page of ours would ask. */
export async function asPage<Reply = Record<string, unknown>>(
  house: House,
  cookie: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<Reply>> {
  return house.raw<Reply>(method, path, { ...OWN, cookie }, body === undefined ? undefined : JSON.stringify(body));
}

export type Stream = {
  /** All that came so far, once it matches. */
  next: (wanted: RegExp) => Promise<string>;
  ended: Promise<void>;
  close: () => void;
  headers: Headers;
};

/** Listens to events until closed, or until the server ends the stream. */
export async function openStream(house: House, path: string, headers: Record<string, string>): Promise<Stream> {
  const stopped = new AbortController();
  const answer = await fetch(house.todoku.url + path, { headers, signal: stopped.signal });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  let text = '';
  const waiting: { wanted: RegExp; resolve: (text: string) => void }[] = [];
  const ended = (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        for (const one of waiting) if (one.wanted.test(text)) one.resolve(text);
      }
    } catch (error) {
      if (!stopped.signal.aborted) throw error;
    }
  })();
  return {
    headers: answer.headers,
    ended,
    next: (wanted) =>
      wanted.test(text) ? Promise.resolve(text) : new Promise((resolve) => waiting.push({ wanted, resolve })),
    close: () => stopped.abort(),
  };
}

export const GMAIL_SENDER = {
  name: 'Newsletter',
  fromAddress: 'news@gmail.com',
  smtp: { host: 'smtp.gmail.com', port: 465, security: 'tls', user: 'news@gmail.com', password: 'sender-secret' },
};
export const GMAIL_SEED = {
  address: 'seed@gmail.com',
  provider: 'gmail',
  protocol: 'imap',
  host: 'imap.gmail.com',
  port: 993,
  security: 'tls',
  user: 'seed@gmail.com',
  password: 'seed-secret',
  tags: ['b2c'],
};
