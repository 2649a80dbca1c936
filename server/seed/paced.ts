/**
 * A socket that hands out what it receives in small portions, one per turn of the event loop, and counts. Node reads up to two megabytes
 * from a fast sender before anything else gets a turn; parsed as tens of thousands of one-line answers that is a second in which the whole
 * program stands still. With portions, one flooding server costs the others nothing but a little time each turn.
 */
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { ImapTransport, ImapTransportSocket } from 'imapflow';

const PORTION_BYTES = 8_192;

export class PacedSocket extends Duplex {
  readonly inner: net.Socket;
  readonly #onBytes: (chunk: Buffer) => void;
  #portions: Buffer[] = [];
  #ended = false;
  #scheduled = false;
  #released = false;
  /** @param onBytes told of every byte that arrives, before anybody reads it; may destroy the socket */
  constructor(inner: net.Socket, onBytes: (chunk: Buffer) => void) {
    super({ allowHalfOpen: false });
    this.inner = inner;
    this.#onBytes = onBytes;
    inner.on('data', this.#onData).on('end', this.#onEnd);
    inner.on('error', this.#onError).on('close', this.#onClose);
  }

  /** Gives the socket back, for TLS to be put on it. False when there are bytes that nobody has read: somebody put them there before the handshake. */
  release(): boolean {
    this.#released = true;
    this.inner.off('data', this.#onData).off('end', this.#onEnd);
    this.inner.off('error', this.#onError).off('close', this.#onClose);
    // A later error of the bare socket shows on the TLS socket as well.
    this.inner.on('error', () => this.destroy());
    return this.#portions.length === 0 && this.readableLength === 0;
  }

  /** Never times out by itself: it may lie silent between looks, and within one imap.ts watches the clock. */
  setTimeout(_ms: number): this {
    return this;
  }

  setKeepAlive(enable?: boolean, initialDelay?: number): this {
    this.inner.setKeepAlive(enable, initialDelay);
    return this;
  }

  getCipher(): tls.CipherNameAndProtocol | null {
    return this.inner instanceof tls.TLSSocket ? this.inner.getCipher() : null;
  }

  get authorized(): boolean {
    return this.inner instanceof tls.TLSSocket && this.inner.authorized;
  }

  override _read(): void {
    this.#schedule();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.inner.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.inner.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#portions = [];
    this.inner.destroy();
    done(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#onBytes(chunk);
    if (this.destroyed) return;
    this.inner.pause();
    for (let at = 0; at < chunk.length; at += PORTION_BYTES)
      this.#portions.push(chunk.subarray(at, at + PORTION_BYTES));
    this.#schedule();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#schedule();
  };

  readonly #onError = (error: Error): void => {
    this.destroy(error);
  };

  /** Bytes that came before the end are still read; without an end it was cut off. */
  readonly #onClose = (): void => {
    if (this.#ended) this.#schedule();
    else this.destroy();
  };

  #schedule(): void {
    if (this.#scheduled || this.#released || this.destroyed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#released || this.destroyed) return;
      const portion = this.#portions.shift();
      if (portion !== undefined)
        this.push(portion); // _read asks for the next one when there is room
      else if (this.#ended) this.push(null);
      else this.inner.resume();
    });
  }
}

/**
 * How imapflow opens its connections when they are to be paced. `onBytes` sees what arrives, in clear or after decryption;
 * `onSocket` is given the socket that carries the session, the secured one last.
 */
export function pacedTransport(
  lookup: net.LookupFunction,
  secure: tls.ConnectionOptions,
  onBytes: (chunk: Buffer) => void,
  onSocket: (socket: net.Socket) => void,
): ImapTransport {
  const paced = (inner: net.Socket): ImapTransportSocket => {
    onSocket(inner);
    return new PacedSocket(inner, onBytes);
  };
  return {
    connect: ({ host, port, secure: implicit }, onConnect) =>
      paced(
        implicit
          ? tls.connect({ ...secure, host, port, lookup }, onConnect)
          : net.connect({ host, port, lookup }, onConnect),
      ),
    upgrade: (socket, _options, onSecure) => {
      if (!(socket instanceof PacedSocket) || !socket.release()) {
        throw Object.assign(new Error('the server sent data before the handshake'), { code: 'STARTTLS_INJECTION' });
      }
      return paced(tls.connect({ ...secure, socket: socket.inner }, onSecure));
    },
  };
}
