/**
 * One golden mail, audited the whole way: read in the thread, its links asked of real web servers on loopback, its signatures verified against a real DNS server, filters
 * that answer what the case says. What needs none of these stays offline.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { createVerifier } from '../../server/authentication/verify.ts';
import { type Audit, auditCampaign } from '../../server/campaign/audit.ts';
import { DEFAULT_POLICY, type Policy } from '../../server/campaign/policy.ts';
import type { Reader } from '../../server/campaign/reader.ts';
import { lookupThrough } from '../../server/net/connect.ts';
import { startWorld, type World } from '../domain/world.ts';

export const FOLDER = new URL('../golden/campaign/', import.meta.url).pathname;

export type Case = {
  /** What is found by the check that the case is about, in order. */
  findings: string[];
  /** Picked from the evidence of the finding. */
  evidence?: Record<string, unknown>;
  /** `@@FILL@@` in the mail stands for so many lines. */
  fill?: { line: string; times: number };
  /** Lines of the zone; left out: the audit is offline. */
  zone?: string[];
  https?: World['https'];
  /** What the filters answer, word for word. */
  filters?: { rspamd?: string; spamd?: string };
};

/** All golden mails are of the day before. */
export const NOW = Date.parse('2026-11-26T00:00:00Z');

export function readCase(name: string): Case {
  return JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8')) as Case;
}

export function rawOf(name: string, given: Pick<Case, 'fill'>): Buffer {
  const raw = readFileSync(`${FOLDER}${name}.eml`);
  if (given.fill === undefined) return raw;
  const { line, times } = given.fill;
  return Buffer.from(raw.toString('latin1').replace('@@FILL@@', `${line}\n`.repeat(times)), 'latin1');
}

export async function auditCase(
  name: string,
  given: Case,
  reader: Reader,
  policy: Policy = DEFAULT_POLICY,
): Promise<Audit> {
  const raw = rawOf(name, given);
  const closers: (() => unknown)[] = [];
  try {
    const offline = given.zone === undefined;
    const world = await startWorld({
      zone: (given.zone ?? []).join('\n'),
      ...(given.https === undefined ? {} : { https: given.https }),
    });
    closers.push(world.close);
    const verifier = createVerifier({ dnsServers: [world.dnsServer], threads: 1 });
    closers.push(verifier.close);
    const rspamdUrl = given.filters?.rspamd === undefined ? null : await startRspamd(given.filters.rspamd, closers);
    const spamd = given.filters?.spamd === undefined ? null : await startSpamd(given.filters.spamd, closers);
    const done = await auditCampaign(
      raw,
      {
        now: () => NOW,
        config: { ...world.app.config, rspamdUrl, spamd },
        reader,
        verifier,
        reach: world.reach,
      },
      {
        fromDomain: null,
        policy,
        offline,
        links: { lookup: lookupThrough(world.app.dns.query), httpsPort: world.httpsPort },
      },
    );
    if ('refused' in done) throw new Error(`${name} was refused: ${done.refused}`);
    return done.audit;
  } finally {
    await Promise.all(closers.map((close) => close()));
  }
}

/** A server that says what the case says; the real one is in test/lab/. */
async function startRspamd(answer: string, closers: (() => unknown)[]): Promise<string> {
  const server = createHttp((request, response) => {
    request.resume().on('end', () => response.end(answer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => new Promise((done) => server.close(done)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startSpamd(answer: string, closers: (() => unknown)[]): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.resume().on('end', () => socket.end(answer));
    socket.on('error', () => socket.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => new Promise((done) => server.close(done)));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
