/**
 * The sandbox's own small SMTP client: it carries a submitted mail on to the recipient's MX, as the outgoing servers of a real
 * provider do. TLS is used if offered and, as between mail servers, no certificate is asked for (RFC 7435). XCLIENT tells the MX from
 * which address of the documentation networks the mail is meant to come.
 */
import net from 'node:net';
import tls from 'node:tls';

export type Relayed =
  | { ok: true; reply: string }
  /** `reply` null: the connection broke. */
  | { ok: false; stage: 'connection' | 'recipient' | 'message'; reply: string | null };

export type RelayJob = {
  port: number;
  /** Address and name the mail leaves from. `named` false: the address has no PTR. */
  ip: string;
  helo: string;
  named: boolean;
  mailFrom: string;
  recipient: string;
  raw: Buffer;
};

const DEADLINE_MS = 30_000;

type Talk = {
  /** The next whole reply, lines joined by newlines; null when the connection ended. */
  reply(): Promise<string | null>;
  send(data: string | Buffer): void;
};

export async function relay(job: RelayJob): Promise<Relayed> {
  const plain = net.connect(job.port, '127.0.0.1');
  const sockets: net.Socket[] = [plain];
  const deadline = setTimeout(() => plain.destroy(), DEADLINE_MS);
  try {
    return await converse(job, plain, sockets);
  } finally {
    clearTimeout(deadline);
    for (const socket of sockets) socket.destroy();
  }
}

async function converse(job: RelayJob, plain: net.Socket, sockets: net.Socket[]): Promise<Relayed> {
  let talk = talkOver(plain);
  const failed = (reply: string | null, stage: 'connection' | 'recipient' | 'message' = 'connection'): Relayed => ({
    ok: false,
    stage,
    reply,
  });
  const command = (line: string) => {
    talk.send(`${line}\r\n`);
    return talk.reply();
  };
  const greeting = await talk.reply();
  if (!positive(greeting)) return failed(greeting);
  const hello = await command(`EHLO ${job.helo}`);
  if (!positive(hello)) return failed(hello);
  if (/STARTTLS/i.test(hello ?? '')) {
    const ready = await command('STARTTLS');
    if (!positive(ready)) return failed(ready);
    plain.removeAllListeners('data');
    const secure = tls.connect({ socket: plain, rejectUnauthorized: false });
    sockets.push(secure);
    talk = talkOver(secure);
    const again = await command(`EHLO ${job.helo}`);
    if (!positive(again)) return failed(again);
  }
  const client = await command(`XCLIENT ADDR=${job.ip} NAME=${job.named ? job.helo : '[UNAVAILABLE]'}`);
  if (!positive(client)) return failed(client);
  const third = await command(`EHLO ${job.helo}`);
  if (!positive(third)) return failed(third);
  const from = await command(`MAIL FROM:<${job.mailFrom}>`);
  if (!positive(from)) return failed(from);
  const to = await command(`RCPT TO:<${job.recipient}>`);
  if (!positive(to)) return failed(to, 'recipient');
  const data = await command('DATA');
  if (!data?.startsWith('354')) return failed(data, 'message');
  talk.send(stuffed(job.raw));
  const end = await talk.reply();
  if (!positive(end)) return failed(end, 'message');
  talk.send('QUIT\r\n');
  return { ok: true, reply: end ?? '' };
}

function positive(reply: string | null): boolean {
  return reply?.startsWith('2') ?? false;
}

function talkOver(socket: net.Socket): Talk {
  let buffered = '';
  let ended = false;
  let wake: (() => void) | null = null;
  const stir = () => {
    wake?.();
    wake = null;
  };
  const finish = () => {
    ended = true;
    stir();
  };
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    buffered += chunk.toString('latin1');
    stir();
  });
  socket.on('error', finish);
  socket.on('close', finish);
  return {
    async reply() {
      for (;;) {
        const whole = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/.exec(buffered);
        if (whole !== null) {
          buffered = buffered.slice(whole[0].length);
          return whole[0].replaceAll('\r', '').trimEnd();
        }
        if (ended) return null;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    send(data) {
      if (!socket.destroyed) socket.write(data);
    },
  };
}

/** Lines that begin with a dot get a second one, and a lone dot ends the mail (RFC 5321 4.5.2). */
function stuffed(raw: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  if (raw[0] === 0x2e) pieces.push(Buffer.from('.'));
  for (let at = raw.indexOf('\r\n.'); at !== -1; at = raw.indexOf('\r\n.', at + 3)) {
    pieces.push(raw.subarray(from, at + 2), Buffer.from('.'));
    from = at + 2;
  }
  pieces.push(raw.subarray(from), Buffer.from(raw.subarray(-2).toString('latin1') === '\r\n' ? '.\r\n' : '\r\n.\r\n'));
  return Buffer.concat(pieces);
}
