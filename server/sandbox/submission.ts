/**
 * Submission (RFC 6409): the server a sender's program hands its mail to, here in the manner of smtp.gmail.com. A login is needed, and
 * only over TLS. A "250" after the mail means "I will see to it", not "it arrived": the mail is signed (DKIM) and then carried on by
 * the relay, and if the far side refuses it a bounce comes into the sender's own mailbox.
 *
 * Some recipients and users have fates of fate.ts: refused, deferred, over quota. Some are for trying what a client does when a server
 * falls silent or dies after the final dot, the one moment in which nobody can know who has the mail (RFC 1047).
 */
import { randomBytes } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type Accounts, deliverInto, PASSWORD } from './accounts.ts';
import { composeBounce } from './bounce.ts';
import type { DkimKeys } from './dkim-keys.ts';
import { fateOf, type SubmissionFate } from './fate.ts';
import { headerEnd, headerFields } from './mime-structure.ts';
import { mailDate } from './provider-headers.ts';
import { relay } from './relay.ts';
import { type SmtpListener, smtpError, startSmtp } from './smtp-listener.ts';
import { type ProviderName, providerOf, senderDomain } from './zones.ts';

export type SubmissionOptions = {
  secure: boolean;
  port: number;
  accounts: Accounts;
  keys: DkimKeys;
  tls: { key: string; cert: string };
  /** Ports of the providers' MX servers. */
  exchanges: Map<ProviderName, number>;
  /** How often each `defer@` recipient was put off; shared by both ports. */
  deferred: Map<string, number>;
  now: () => number;
  log: (line: string) => void;
  later: (ms: number, run: () => void) => void;
  /** Largest mail in bytes, as announced by SIZE. */
  size: number;
};

type Taken = { user: string; raw: Buffer; mailFrom: string; recipients: string[] };

export async function startSubmission(options: SubmissionOptions): Promise<SmtpListener> {
  let listener: SmtpListener | null = null;
  const server = new SMTPServer({
    name: 'smtp.gmail.com',
    banner: `${suffix()}`,
    heloResponse: '%s at your service, %s',
    secure: options.secure,
    ...options.tls,
    size: options.size,
    authMethods: ['PLAIN', 'LOGIN'],
    authRequiredMessage: `5.7.0 Authentication Required. For more information, go to https://support.google.com/accounts/troubleshooter/2402620. ${suffix()}`,
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    closeTimeout: 1,
    logger: false,
    onAuth(auth, _session, callback) {
      const user = (auth.username ?? '').toLowerCase();
      const refusal = refuseLogin(user, auth.password ?? '');
      if (refusal !== null) callback(refusal);
      else callback(null, { user });
    },
    onRcptTo({ address }, session, callback) {
      const fate = fateOf(address).submission;
      const refusal = refuseRecipient(fate, address, options.deferred);
      // A stalled server simply never answers; the client's own deadline has to end it.
      if (fate.kind === 'stall' || fateOf(String(session.user)).submission.kind === 'stall') return;
      callback(refusal);
    },
    onData(stream, session, callback) {
      collect(stream).then(
        (raw) => {
          const refusal = takeMessage(options, raw, stream.sizeExceeded, session);
          const hostile = fatesOf(session).find(({ kind }) =>
            ['drop-after-dot', 'rst-after-dot', 'late-250'].includes(kind),
          );
          const reply = `2.0.0 OK  ${Math.floor(options.now() / 1000)} ${suffix()}`;
          if (refusal !== null) callback(refusal);
          else if (hostile?.kind === 'drop-after-dot') listener?.cut(session, 'drop');
          else if (hostile?.kind === 'rst-after-dot') listener?.cut(session, 'reset');
          else if (hostile?.kind === 'late-250') options.later(hostile.ms, () => callback(null, reply));
          else callback(null, reply);
        },
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  listener = await startSmtp(server, options.port, options.log);
  return listener;
}

/** Gmail ends its replies with an id of the conversation. */
function suffix(): string {
  return `${randomBytes(9).toString('hex')}.${Math.floor(Math.random() * 90 + 10)} - gsmtp`;
}

function refuseLogin(user: string, password: string): Error | null {
  const domain = user.slice(user.lastIndexOf('@') + 1);
  switch (fateOf(user).login) {
    case 'app-password-needed':
      return smtpError(
        534,
        `5.7.9 Application-specific password required. For more information, go to 5.7.9 https://support.google.com/mail/?p=InvalidSecondFactor ${suffix()}`,
      );
    case 'too-many-logins':
      return smtpError(454, `4.7.0 Too many login attempts, please try again later. ${suffix()}`);
    case 'wrong-password':
      break;
    default:
      if (password === PASSWORD && providerOf(domain) !== null) return null;
  }
  return smtpError(
    535,
    `5.7.8 Username and Password not accepted. For more information, go to 5.7.8 https://support.google.com/mail/?p=BadCredentials ${suffix()}`,
  );
}

function refuseRecipient(fate: SubmissionFate, address: string, deferred: Map<string, number>): Error | null {
  switch (fate.kind) {
    case 'no-such-user':
      return smtpError(
        550,
        `5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces. ${suffix()}`,
      );
    case 'full':
      return smtpError(452, `4.2.2 The recipient's inbox is out of storage space. ${suffix()}`);
    case 'defer': {
      const before = deferred.get(address) ?? 0;
      if (before >= fate.times) {
        deferred.delete(address);
        return null;
      }
      deferred.set(address, before + 1);
      return smtpError(451, `4.7.1 Greylisted, please try again later. ${suffix()}`);
    }
    default:
      return null;
  }
}

async function collect(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** After the final dot: why the mail is refused, or null; then it is taken and under way. */
function takeMessage(
  options: SubmissionOptions,
  raw: Buffer,
  tooLarge: boolean,
  session: SMTPServerSession,
): Error | null {
  if (tooLarge) return smtpError(552, `5.3.4 Your message exceeded Google's message size limits. ${suffix()}`);
  const recipients = session.envelope.rcptTo.map(({ address }) => address);
  for (const fate of fatesOf(session)) {
    const refusal = refuseMessage(fate);
    if (refusal !== null) return refusal;
  }
  const mailFrom = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
  carryOn(options, { user: String(session.user), raw, mailFrom, recipients }).catch((error: unknown) => {
    options.log(`submission: ${error instanceof Error ? error.stack : String(error)}`);
  });
  return null;
}

function fatesOf(session: SMTPServerSession): SubmissionFate[] {
  const recipients = session.envelope.rcptTo.map(({ address }) => address);
  return [String(session.user), ...recipients].map((address) => fateOf(address).submission);
}

function refuseMessage(fate: SubmissionFate): Error | null {
  switch (fate.kind) {
    case 'policy':
      return smtpError(
        550,
        `5.7.1 Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked. ${suffix()}`,
      );
    case 'unauthenticated':
      return smtpError(
        550,
        `5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. ${suffix()}`,
      );
    case 'content':
      return smtpError(
        552,
        `5.7.0 This message was blocked because its content presents a potential security issue. ${suffix()}`,
      );
    case 'daily-limit':
      return smtpError(
        550,
        `5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to 5.4.5 https://support.google.com/a/answer/166852 ${suffix()}`,
      );
    default:
      return null;
  }
}

/** Signs the mail and hands it to the MX of each recipient; what is refused comes back as a bounce. */
async function carryOn(options: SubmissionOptions, taken: Taken): Promise<void> {
  const domain = senderDomain(taken.user.slice(taken.user.lastIndexOf('@') + 1));
  if (domain === undefined) throw new Error(`no sending domain for ${taken.user}`);
  const rewritten = domain.domain === 'gmail.test' ? rewriteFrom(taken.raw, taken.user) : taken.raw;
  const trace = `Received: from [127.0.0.1] ([127.0.0.1])\r\n        by ${domain.helo} with ESMTPSA id ${randomBytes(6).toString('hex')};\r\n        ${mailDate(options.now())}\r\n`;
  let signatures = '';
  if (domain.selector !== null) {
    const signature = {
      signingDomain: domain.domain,
      selector: domain.selector,
      privateKey: options.keys[domain.key].privateKey,
    };
    const signed = await dkimSign(rewritten, {
      canonicalization: 'relaxed/relaxed',
      signTime: new Date(options.now()),
      // mailauth reads signatureData; its declared type wants the same once more beside it.
      ...signature,
      signatureData: [signature],
    });
    if (signed.errors.length > 0) throw signed.errors[0];
    signatures = signed.signatures;
  }
  const raw = Buffer.concat([Buffer.from(trace), Buffer.from(signatures), rewritten]);
  await Promise.all(
    taken.recipients.map(async (recipient) => {
      const provider = providerOf(recipient.slice(recipient.lastIndexOf('@') + 1));
      const port = provider === null ? undefined : options.exchanges.get(provider);
      const result =
        port === undefined
          ? { ok: false as const, reply: '550 5.1.2 DNS Error: Domain name not found' }
          : await relay({
              port,
              ip: domain.ip,
              helo: domain.helo,
              named: domain.domain !== 'spoofed.test',
              mailFrom: taken.mailFrom,
              recipient,
              raw,
            });
      if (result.ok || taken.mailFrom === '') return;
      const reply = (result.reply ?? '451 4.4.2 Connection lost').replace(/\s*\n\d{3}[ -]/g, ' ');
      const account = options.accounts.open(taken.mailFrom);
      options.log(`submission: ${recipient} refused: ${reply}`);
      if (account === null) return;
      const remote = port === undefined ? null : `mx.${recipient.slice(recipient.lastIndexOf('@') + 1)}`;
      deliverInto(
        account,
        composeBounce({ to: taken.mailFrom, recipient, reply, remote, raw, at: options.now() }),
        'INBOX',
        options.now(),
      );
    }),
  );
}

/** Gmail lets an account write as itself only: another From is replaced and kept beside. */
function rewriteFrom(raw: Buffer, user: string): Buffer {
  const text = raw.toString('latin1');
  const bodyStart = headerEnd(text);
  const fields = headerFields(text.slice(0, bodyStart));
  const at = fields.findIndex((field) => /^from\s*:/i.test(field));
  const field = fields[at] ?? '';
  const address = /<([^<>]*)>\s*$/.exec(field)?.[1] ?? /:\s*(\S+)\s*$/.exec(field)?.[1] ?? '';
  if (at === -1 || address.toLowerCase() === user) return raw;
  const value = field.slice(field.indexOf(':') + 1).trim();
  const name = /^(.*)<[^<>]*>\s*$/s.exec(value)?.[1]?.trim() ?? '';
  fields[at] = `X-Google-Original-From: ${value}\r\nFrom: ${name === '' ? user : `${name} <${user}>`}\r\n`;
  return Buffer.concat([Buffer.from(`${fields.join('')}\r\n`, 'latin1'), raw.subarray(bodyStart)]);
}
