/** A mail server that answers the n-th line with the n-th reply, whatever is said; after its reply to STARTTLS it speaks TLS, when it has a certificate. */
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type { Identity } from './certificates.ts';

export type MailServer = { port: number; said: string[]; close: () => Promise<void> };

export const HELLO = ['220 mx.test ESMTP\r\n', '250-mx.test\r\n250-PIPELINING\r\n250 STARTTLS\r\n', '220 go ahead\r\n'];

export async function startMailServer(
  replies: readonly string[],
  identity?: Identity,
  at: { address?: string; port?: number; onConnection?: () => void } = {},
): Promise<MailServer> {
  const said: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    at.onConnection?.();
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let turn = 0;
    const reply = (): void => {
      const text = replies[turn++];
      if (text !== undefined) socket.write(text);
    };
    reply();
    const onData = (chunk: Buffer): void => {
      const lines = chunk.toString('latin1').split('\r\n');
      for (const line of lines.filter((text) => text !== '')) {
        said.push(line);
        reply();
        if (line !== 'STARTTLS' || identity === undefined) continue;
        socket.off('data', onData);
        const secure = new tls.TLSSocket(socket, { isServer: true, ...identity });
        secure.on('error', () => undefined);
        secure.on('data', (data) => said.push(`(tls) ${data.toString().trim()}`));
      }
    };
    socket.on('data', onData);
  });
  await once(server.listen(at.port ?? 0, at.address ?? '127.0.0.1'), 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    said,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
