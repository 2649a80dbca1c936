/**
 * A provider's mail exchanger (MX): the server that takes mail from the outside for the provider's users. It works out who sent the
 * mail with mailauth against the sandbox's DNS, really: SPF of the sending address, DKIM signatures, DMARC. Then it writes the
 * provider's headers and puts the mail where the recipient's fate or, failing that, the filter says.
 *
 * On loopback every sender would come from 127.0.0.1. So that SPF has something to judge, the sandbox's own relay tells the sending
 * address with XCLIENT (a Postfix extension); it is taken from loopback only.
 */
import { randomBytes } from 'node:crypto';
import { type AuthenticateResult, authenticate } from 'mailauth';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { type Accounts, moveToSpam, place } from './accounts.ts';
import { resolveInZones } from './dns.ts';
import { fateOf } from './fate.ts';
import { headerEnd, headerFields } from './mime-structure.ts';
import { AUTHSERV_ID, type Envelope, headersOfProvider, type Verdict } from './provider-headers.ts';
import { type SmtpListener, smtpError, startSmtp } from './smtp-listener.ts';
import type { ProviderName, Zones } from './zones.ts';

export type ExchangeOptions = {
  provider: ProviderName;
  accounts: Accounts;
  zones: Zones;
  tls: { key: string; cert: string };
  now: () => number;
  log: (line: string) => void;
  /** Called once for each recipient a mail was taken for. */
  onAccepted: (messageId: string, recipient: string) => void;
  /** Runs something later; stopped with the sandbox. */
  later: (ms: number, run: () => void) => void;
};

const NAMES: Record<ProviderName, string> = {
  gmail: 'mx.google.com',
  outlook: 'SA1NAM12FT014.mail.protection.outlook.com',
  yahoo: 'mta4302.mail.gq1.yahoo.com',
  'yahoo-japan': 'mta1028.mail.djm.ynwp.yahoo.co.jp',
  dovecot: 'mx.plain.test',
};
const MAX_HEADER_BYTES = 256 * 1024;
const MAX_HEADER_LINES = 5_000;
const SIZE = 35_882_577;

export function startExchange(options: ExchangeOptions): Promise<SmtpListener> {
  const { provider, accounts } = options;
  const server = new SMTPServer({
    name: NAMES[provider],
    ...options.tls,
    size: SIZE,
    rejectOversized: true,
    authOptional: true,
    disabledCommands: ['AUTH'],
    disableReverseLookup: true,
    useXClient: ['127.0.0.1'],
    hideENHANCEDSTATUSCODES: true,
    closeTimeout: 1,
    logger: false,
    onRcptTo(address, _session, callback) {
      const account = accounts.open(address.address);
      const unknown = account === null || account.provider !== provider || fateOf(address.address).delivery.bounce;
      const text =
        '5.1.1 The email account that you tried to reach does not exist. Please try double-checking the address.';
      callback(unknown ? smtpError(550, text) : null);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', callback);
      stream.on('end', () => {
        receive(options, Buffer.concat(chunks), session).then(
          (reply) => callback(null, reply),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        );
      });
    },
  });
  return startSmtp(server, 0, options.log);
}

async function receive(options: ExchangeOptions, raw: Buffer, session: SMTPServerSession): Promise<string> {
  const text = raw.toString('latin1');
  const header = text.slice(0, headerEnd(text));
  // mailauth's header parser is quadratic in folded lines; Gmail too refuses headers beyond some hundred kilobytes.
  if (header.length > MAX_HEADER_BYTES || header.split('\n').length > MAX_HEADER_LINES) {
    throw smtpError(552, '5.3.4 The header of this message exceeds the size limit.');
  }
  const id = randomBytes(8).toString('hex');
  const mailFrom = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
  for (const { address: recipient } of session.envelope.rcptTo) {
    const fate = fateOf(recipient).delivery;
    const envelope: Envelope = {
      ip: session.remoteAddress,
      ptr: session.clientHostname.startsWith('[') ? null : session.clientHostname,
      helo: session.hostNameAppearsAs,
      mailFrom,
      recipient,
      tls:
        session.tlsOptions === false ? null : { version: session.tlsOptions.version, cipher: session.tlsOptions.name },
      id,
      at: options.now(),
    };
    const forged = fate.forged === 'below' ? forgedResults(AUTHSERV_ID[options.provider], header) : '';
    const came = forged === '' ? raw : insertAround(raw, forged, forged);
    const verdict = await judge(options, came, envelope);
    const failed = verdict.dmarc.result === 'fail' && verdict.dmarc.policy !== 'none';
    const where = fate.place ?? (failed ? 'spam' : 'inbox');
    const around = headersOfProvider(options.provider, { envelope, verdict, spam: where === 'spam' });
    const above = fate.forged === 'above' ? forgedResults('mx.forger.test', header) : '';
    const whole = insertAround(came, above + around.before, around.after);
    options.onAccepted(messageIdOf(header), recipient);
    options.log(`${options.provider}: took ${messageIdOf(header)} for ${recipient}`);
    if (fate.lost) continue;
    const deliver = () => {
      const account = options.accounts.open(recipient);
      if (account === null) return;
      place(account, whole, where, options.now());
      if (fate.movedAfterMs !== null) options.later(fate.movedAfterMs, () => moveToSpam(account, whole));
    };
    if (fate.delayMs === 0) deliver();
    else options.later(fate.delayMs, deliver);
  }
  return `2.0.0 OK ${Math.floor(options.now() / 1000)} ${id}`;
}

async function judge(options: ExchangeOptions, raw: Buffer, envelope: Envelope): Promise<Verdict> {
  const result: AuthenticateResult = await authenticate(raw, {
    ip: envelope.ip,
    helo: envelope.helo,
    sender: envelope.mailFrom,
    mta: NAMES[options.provider],
    // The declared type forgets the {exchange, priority} objects that MX answers are.
    resolver: (name, type) => resolveInZones(options.zones, name, type) as Promise<string[]>,
    disableBimi: true,
    disableArc: true,
  });
  const dmarc = result.dmarc === false || result.dmarc === undefined ? null : result.dmarc;
  const spf = result.spf === false || result.spf === undefined ? null : result.spf;
  const fromDomain = (result.dkim.headerFrom[0] ?? '').split('@').at(-1) ?? '';
  return {
    spf: { result: spf?.status.result ?? 'none', domain: spf?.domain ?? '' },
    dkim: result.dkim.results
      .filter((each) => each.signingDomain !== undefined)
      .map((each) => ({
        result: each.status.result,
        domain: each.signingDomain ?? '',
        selector: each.selector ?? '',
        signature: (each.signature ?? '').replace(/\s/g, '').slice(0, 8),
        comment: each.status.result === 'pass' ? '' : (each.status.comment ?? ''),
      })),
    dmarc: {
      result: dmarc?.status.result ?? 'none',
      policy: dmarc?.policy ?? 'none',
      domain: fromDomain,
    },
  };
}

/** A header that claims all is well, as a spoofer sends it along. */
function forgedResults(authservId: string | null, header: string): string {
  const from = headerFields(header).find((field) => /^from:/i.test(field)) ?? '';
  const domain = /@([a-z0-9.-]+)/i.exec(from)?.[1] ?? 'good.test';
  const start = authservId === null ? '' : `${authservId};\r\n `;
  return (
    `Authentication-Results: ${start}spf=pass smtp.mailfrom=forged@${domain};\r\n` +
    ` dkim=pass header.d=${domain} header.i=@${domain} header.s=forged;\r\n dmarc=pass header.from=${domain}\r\n`
  );
}

/** Lines before the mail and at the end of its header; not a byte of the rest changes. */
function insertAround(raw: Buffer, before: string, after: string): Buffer {
  const text = raw.toString('latin1');
  const bodyStart = headerEnd(text);
  const emptyLine = text.endsWith('\r\n\r\n', bodyStart) || bodyStart === 2 ? 2 : 0;
  const cut = bodyStart - emptyLine;
  return Buffer.concat([Buffer.from(before), raw.subarray(0, cut), Buffer.from(after), raw.subarray(cut)]);
}

export function messageIdOf(header: string): string {
  const field = headerFields(header).find((each) => /^message-id\s*:/i.test(each)) ?? '';
  return field.slice(field.indexOf(':') + 1).trim();
}
