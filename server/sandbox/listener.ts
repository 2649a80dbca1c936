/**
 * One listening port on loopback: a free one, chosen by the system, and a way to close it at once with all its connections.
 */
import net from 'node:net';
import tls from 'node:tls';

export type Listener = { port: number; stop(): Promise<void> };

/** @param secure key and certificate for TLS from the first byte, null to start in clear */
export async function listen(
  secure: { key: string; cert: string } | null,
  serve: (socket: net.Socket) => void,
): Promise<Listener> {
  const server = secure === null ? net.createServer(serve) : tls.createServer({ ...secure }, serve);
  const raw = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    raw.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => raw.delete(socket));
  });
  // A handshake that fails is the client's business; its socket closes by itself.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', fail);
      done();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a server without a port');
  return {
    port: address.port,
    async stop() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of raw) socket.destroy();
      await closed;
    },
  };
}
