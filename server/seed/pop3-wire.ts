/**
 * One POP3 connection: lines and dot-terminated blocks (RFC 1939 §3) out of bytes, byte for byte, and never more of them than was asked for.
 * It knows commands, TLS (STLS, RFC 2595) and limits; what is asked when is pop3.ts.
 */
import type net from 'node:net';
import tls from 'node:tls';
import { certificateReason } from '../net/tls.ts';
import { reasonOfCode, refusalReason, SeedTrouble } from './failures.ts';
import { READ_LIMITS } from './limits.ts';
import { headerBlock } from './match.ts';
import type { ReadTimeouts } from './session.ts';

const TERMINATOR = Buffer.from('\r\n.\r\n');

/** One connection: lines and dot-terminated blocks out of bytes, as they come and never more than is asked for. */
export class Wire {
  socket: net.Socket;
  capabilities = new Map<string, string>();
  readonly #timeouts: ReadTimeouts;
  /** Bytes that arrived and were not taken yet. */
  #chunks: Buffer[] = [];
  #waiting = 0;
  /** More unread bytes than this, and the server is talking out of turn. */
  #most = READ_LIMITS.headerBytes;
  #trouble: SeedTrouble | null = null;
  #wake: (() => void) | null = null;

  constructor(socket: net.Socket, timeouts: ReadTimeouts) {
    this.socket = socket;
    this.#timeouts = timeouts;
    this.#listen(socket);
  }

  open(): boolean {
    return this.#trouble === null && !this.socket.destroyed;
  }

  /** Closes at once. Answers why it is closed, which is the first reason given. */
  end(trouble: SeedTrouble): SeedTrouble {
    this.#trouble ??= trouble;
    this.socket.destroy();
    this.#chunks = [];
    this.#waiting = 0;
    this.#wake?.();
    return this.#trouble;
  }

  /** Settles when connected, and secured if the connection is secure from its first byte. */
  async ready(): Promise<void> {
    const { socket } = this;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      socket.once(socket instanceof tls.TLSSocket ? 'secureConnect' : 'connect', resolve);
    });
    this.#wake = null;
    if (this.#trouble) throw this.#trouble;
  }

  /** Secures a connection that began in cleartext. */
  async upgrade(options: tls.ConnectionOptions): Promise<void> {
    // Bytes that came before the handshake were put there by somebody in between, to be read as if they were protected.
    if (this.#waiting > 0) throw new SeedTrouble('tls-failed', 'the server sent data before the handshake');
    const plain = this.socket;
    plain.removeAllListeners('data').removeAllListeners('close').removeAllListeners('timeout').setTimeout(0);
    this.socket = tls.connect({ ...options, socket: plain });
    this.#listen(this.socket);
    await this.ready();
  }

  async readCapabilities(): Promise<void> {
    this.capabilities = new Map();
    const block = await this.multiline('CAPA', 64 * 1024, false);
    for (const line of (block ?? Buffer.alloc(0)).toString('latin1').split('\r\n', 200)) {
      const [name = '', ...rest] = line.trim().split(' ');
      if (name !== '') this.capabilities.set(name.toUpperCase(), rest.join(' '));
    }
  }

  /** Sends one line and reads one line of reply, as it is: `+OK …`, `-ERR …`. */
  async command(line: string): Promise<string> {
    if (/[\r\n\0]/.test(line)) throw new SeedTrouble('protocol-error'); // never two commands in one
    if (this.#trouble) throw this.#trouble;
    this.socket.write(`${line}\r\n`);
    return this.line();
  }

  /**
   * A command with an answer of many lines, without the dots that protect lines beginning with one (RFC 1939 §3). null when the server
   * says -ERR and that is not `required`.
   */
  async multiline(line: string, most: number, required: boolean): Promise<Buffer | null> {
    const reply = await this.command(line);
    if (reply.startsWith('-ERR')) {
      if (required) throw new SeedTrouble(refusalReason(reply, null, 'protocol-error'), reply);
      return null;
    }
    if (!isOk(reply)) throw new SeedTrouble('protocol-error', reply);
    return unstuffed(await this.#block(most));
  }

  /** The header of a message; null when the server has no TOP. */
  async header(number: number): Promise<Buffer | null> {
    const block = await this.multiline(`TOP ${number} 0`, READ_LIMITS.lookOverheadBytes, false);
    return block === null ? null : headerBlock(block, READ_LIMITS.headerBytes);
  }

  /** A message with as many lines as it has; null when the server refuses it. */
  async wholeByTop(number: number, limit: number): Promise<Buffer | null> {
    return this.multiline(`TOP ${number} 99999999`, wireBytes(limit), false);
  }

  /** A whole message; null when the server refuses it (it went in the meantime). */
  async retrieve(number: number, limit: number): Promise<Buffer | null> {
    return this.multiline(`RETR ${number}`, wireBytes(limit), false);
  }

  /** One line, without its end, as latin1. RFC 1939 §3 allows 512 bytes; capabilities and greetings stray. */
  async line(): Promise<string> {
    const taken: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = await this.#chunk();
      const newline = chunk.indexOf(10);
      const piece = newline === -1 ? chunk : chunk.subarray(0, newline + 1);
      length += piece.length;
      if (length > 8_192) throw this.end(new SeedTrouble('answer-too-large'));
      taken.push(piece);
      if (newline === -1) continue;
      if (newline + 1 < chunk.length) this.#giveBack(chunk.subarray(newline + 1));
      return Buffer.concat(taken)
        .toString('latin1')
        .replace(/\r?\n$/, '');
    }
  }

  /** Bytes up to CRLF.CRLF, with the CRLF that ends the last line and without the rest. */
  async #block(most: number): Promise<Buffer> {
    // As if a line had ended before: an empty block is the terminator alone.
    const taken: Buffer[] = [Buffer.from('\r\n')];
    let length = 2;
    let edge = Buffer.from('\r\n');
    this.#most = most + READ_LIMITS.headerBytes;
    for (;;) {
      const chunk = await this.#chunk();
      // The terminator may lie across two chunks: look into the last four bytes of what was before as well.
      const window = Buffer.concat([edge, chunk]);
      const at = window.indexOf(TERMINATOR);
      if (at === -1) {
        taken.push(chunk);
        length += chunk.length;
        if (length > most) throw this.end(new SeedTrouble('answer-too-large'));
        edge = window.subarray(-4);
        continue;
      }
      const end = length - edge.length + at + 2;
      const after = window.subarray(at + TERMINATOR.length);
      if (after.length > 0) this.#giveBack(Buffer.from(after));
      this.#most = READ_LIMITS.headerBytes;
      taken.push(chunk);
      return Buffer.concat(taken).subarray(2, Math.max(2, end));
    }
  }

  #listen(socket: net.Socket): void {
    socket.setTimeout(this.#timeouts.silence, () => this.end(new SeedTrouble('timeout')));
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#waiting += chunk.length;
      if (this.#waiting > this.#most) this.end(new SeedTrouble('answer-too-large'));
      this.#wake?.();
    });
    socket.on('error', (error) => this.end(troubleOf(error)));
    socket.on('close', () => this.end(new SeedTrouble('connection-lost')));
  }

  async #chunk(): Promise<Buffer> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#waiting -= chunk.length;
        return chunk;
      }
      if (this.#trouble) throw this.#trouble;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  #giveBack(bytes: Buffer): void {
    this.#chunks.unshift(bytes);
    this.#waiting += bytes.length;
  }
}

/** Takes away the dot before each line that begins with one, in place: a hostile message may be nothing but such lines. */
function unstuffed(block: Buffer): Buffer {
  let length = 0;
  let lineBegins = true;
  for (let at = 0; at < block.length; at++) {
    const byte = block[at] ?? 0;
    const stuffing = lineBegins && byte === 46;
    lineBegins = byte === 10 && block[at - 1] === 13;
    if (!stuffing) block[length++] = byte;
  }
  return block.subarray(0, length);
}

/** What a message of so many bytes may take on the wire: dots are doubled, and LIST may count line ends as one byte. */
function wireBytes(limit: number): number {
  return limit + limit / 8 + READ_LIMITS.headerBytes;
}

export function isOk(reply: string): boolean {
  return /^\+OK\b/.test(reply);
}

/** What the errors of sockets and TLS mean. */
export function troubleOf(error: unknown): SeedTrouble {
  if (error instanceof SeedTrouble) return error;
  const message = error instanceof Error ? error.message : null;
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  return new SeedTrouble(certificateReason(error) ?? reasonOfCode(code) ?? 'connection-lost', message);
}
