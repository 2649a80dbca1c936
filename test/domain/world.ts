/**
 * The world around a domain in a test: its zone, its web servers and its mail servers, all real and all on loopback. Each mail server has a loopback address of its
 * own, all on one port; the web server is one, and knows by the name it is asked for which certificate to show.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { createDnsClient, type DnsClient } from '../../server/dns/client.ts';
import { createReach, type Reach, type ReachApp } from '../../server/domain/reach.ts';
import { type Authority, type Identity, newAuthority, selfSigned } from '../net/certificates.ts';
import { HELLO, startMailServer } from '../net/mail-server.ts';
import { type MarkOptions, markCertificate } from './marks.ts';
import { parseZone, serveZone, type Zone } from './zone.ts';

export type CertificateKind = 'good' | 'expired' | 'expiring' | 'self-signed' | 'wrong-host';
export type Page = {
  status?: number;
  type?: string;
  location?: string;
  /** Milliseconds before it answers. */
  delay?: number;
  /** What it answers to HEAD; as to GET when left out. */
  head?: number;
  /** Lines, or one text. */
  body?: string | string[];
  /** Bytes of white space behind the body. */
  pad?: number;
  /** A mark certificate instead; `logo` names the page whose body is inside, `issuer` an authority nobody knows. */
  mark?: Omit<MarkOptions, 'logo'> & { logo?: string | null; issuer?: 'unknown'; broken?: boolean };
};
export type World = {
  /** As text, in which `{{tlsa 3 1 1 mx.good.test}}` is data that fits what that server shows; or read already. */
  zone: string | Zone;
  /** By host, then by path. */
  https?: Record<string, { certificate?: CertificateKind; pages: Record<string, Page> }>;
  /** By loopback address. */
  smtp?: Record<string, { name: string; certificate?: CertificateKind; replies?: string[] }>;
  blocklists?: string[];
};

export type RunningWorld = {
  app: ReachApp;
  dns: DnsClient;
  zone: Zone;
  /** `127.0.0.1:PORT`, and where https is asked. */
  dnsServer: string;
  httpsPort: number;
  /** A reach for one check. */
  reach: () => Reach;
  /** Questions the DNS server was asked: `TYPE name`, or `TYPE name unchecked`. */
  asked: string[];
  /** Connections to mail servers, and pages served. */
  greeted: () => number;
  fetched: () => number;
  close: () => Promise<void>;
};

// Keys take longest to make: one authority and one mark authority serve all worlds of a file.
const authority = newAuthority();
const markAuthority = newAuthority();
const strangers = newAuthority();
const DAY = 86_400_000;

function identityFor(name: string, kind: CertificateKind): Identity {
  const now = Date.now();
  if (kind === 'self-signed') return selfSigned([name]);
  if (kind === 'expired') return authority.issue([name], { from: now - 20 * DAY, to: now - DAY });
  if (kind === 'expiring') return authority.issue([name], { to: now + 3.5 * DAY });
  return authority.issue([kind === 'wrong-host' ? 'another.test' : name]);
}

export async function startWorld(world: World): Promise<RunningWorld> {
  const closers: (() => unknown)[] = [];
  try {
    return await start(world, closers);
  } catch (error) {
    // What runs already would keep the test from ending.
    await Promise.all(closers.map((close) => close()));
    throw error;
  }
}

async function start(world: World, closers: (() => unknown)[]): Promise<RunningWorld> {
  const counts = { greeted: 0, fetched: 0 };
  const shown = new Map<string, Identity>();
  const servers = Object.entries(world.smtp ?? {}).map(([address, of]) => {
    const identity = identityFor(of.name, of.certificate ?? 'good');
    shown.set(of.name, identity);
    return { address, identity, replies: of.replies ?? HELLO };
  });
  const smtpPort = await startMailServers(servers, closers, () => counts.greeted++);
  const httpsPort = world.https === undefined ? 1 : await startWeb(world.https, closers, () => counts.fetched++);
  const zone =
    typeof world.zone === 'string'
      ? parseZone(world.zone.replaceAll(/\{\{tlsa (\d) (\d) (\d) (\S+)\}\}/g, (_all, ...of) => tlsa(of, shown)))
      : world.zone;
  const server = await serveZone(zone);
  // Short only where silence is meant: a busy machine answers late.
  const silent = [...zone.values()].flat().some((entry) => 'fails' in entry && entry.fails === 'TIMEOUT');
  const dns = createDnsClient({ servers: [server.address], timeoutMs: silent ? 1000 : 5000, rounds: 1 });
  closers.push(server.close, dns.close);
  const app: ReachApp = {
    dns,
    now: Date.now,
    config: {
      allowedNetworks: ['127.0.0.0/8', '::1/128'],
      onlyServers: null,
      extraCa: authority.ca,
      blocklists: world.blocklists ?? ['off'],
    },
  };
  const options = { httpsPort, smtpPort, greet: world.smtp !== undefined, markRoots: [markAuthority.ca] };
  return {
    app,
    dns,
    zone,
    dnsServer: server.address,
    httpsPort,
    reach: () => createReach(app, undefined, options),
    get asked() {
      return server.asked.map(
        ({ type, name, tcp, unchecked }) => `${type} ${name}${tcp ? ' tcp' : ''}${unchecked ? ' unchecked' : ''}`,
      );
    },
    greeted: () => counts.greeted,
    fetched: () => counts.fetched,
    close: async () => {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

/** All on one port: the first to listen chooses it, and all begin anew where another program has it. */
async function startMailServers(
  servers: readonly { address: string; identity: Identity; replies: readonly string[] }[],
  closers: (() => unknown)[],
  onGreeting: () => void,
): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    let port = 0;
    const started: (() => Promise<void>)[] = [];
    try {
      for (const { address, identity, replies } of servers) {
        const server = await startMailServer(replies, identity, { address, port, onConnection: onGreeting });
        port = server.port;
        started.push(server.close);
      }
      closers.push(...started);
      return port === 0 ? 1 : port;
    } catch (error) {
      await Promise.all(started.map((close) => close()));
      if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error('no port is free on all addresses');
}

async function startWeb(
  hosts: NonNullable<World['https']>,
  closers: (() => unknown)[],
  onPage: () => void,
): Promise<number> {
  const contexts = new Map(
    Object.entries(hosts).map(([host, { certificate }]) => [
      host,
      tls.createSecureContext(identityFor(host, certificate ?? 'good')),
    ]),
  );
  const server = createServer(
    { SNICallback: (name, done) => done(null, contexts.get(name)), ...identityFor('nobody.test', 'good') },
    (request, response) => {
      onPage();
      const host = hosts[(request.headers.host ?? '').replace(/:\d+$/, '')];
      const page = host?.pages[request.url ?? ''];
      if (page === undefined) return void response.writeHead(404).end('nothing here');
      const headers: Record<string, string> = {};
      if (page.type !== undefined) headers['content-type'] = page.type;
      if (page.location !== undefined) headers.location = page.location;
      const status = (request.method === 'HEAD' ? page.head : undefined) ?? page.status ?? 200;
      const answer = (): unknown => response.writeHead(status, headers).end(bodyOf(page, host?.pages ?? {}));
      if (page.delay === undefined) answer();
      else setTimeout(answer, page.delay);
    },
  );
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

function bodyOf({ body, pad, mark }: Page, pages: Record<string, Page>): string {
  if (mark === undefined) return (Array.isArray(body) ? body.join('\n') : (body ?? '')) + ' '.repeat(pad ?? 0);
  const logo = typeof mark.logo === 'string' ? bodyOf(pages[mark.logo] ?? {}, pages) : mark.logo;
  const issuer: Authority = mark.issuer === 'unknown' ? strangers : markAuthority;
  const { logo: _name, issuer: _issuer, broken, ...options } = mark;
  const pem = markCertificate(issuer, {
    ...options,
    ...(logo === undefined ? {} : { logo }),
    ...(broken ? { data: Buffer.from([0x1f, 0x8b, 1, 2, 3]) } : {}),
  });
  return `${pem}${issuer.ca}`;
}

/** The data of a TLSA record that fits what a mail server of this world shows. */
function tlsa([usage, selector, matching, name]: unknown[], shown: ReadonlyMap<string, Identity>): string {
  const own = shown.get(String(name))?.cert;
  if (own === undefined) throw new Error(`no mail server ${name}`);
  const certificate = new X509Certificate(usage === '2' ? authority.ca : own);
  const content = selector === '0' ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' });
  const data =
    matching === '0'
      ? content
      : createHash(matching === '1' ? 'sha256' : 'sha512')
          .update(content)
          .digest();
  return `${usage} ${selector} ${matching} ${data.toString('hex')}`;
}
