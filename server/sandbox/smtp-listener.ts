/**
 * Runs an SMTPServer of the smtp-server package on a loopback port and keeps its raw sockets, so that a connection can be cut the
 * hard way (that is what the fates drop-after-dot and rst-after-dot do) and stopping never waits for a client.
 */
import type net from 'node:net';
import type { SMTPServer, SMTPServerSession } from 'smtp-server';

export type SmtpListener = {
  port: number;
  /** Cuts the connection of a session: `drop` closes it, `reset` sends a TCP reset. */
  cut(session: SMTPServerSession, how: 'drop' | 'reset'): void;
  stop(): Promise<void>;
};

export async function startSmtp(server: SMTPServer, port: number, log: (line: string) => void): Promise<SmtpListener> {
  const sockets = new Map<number, net.Socket>();
  server.server.on('connection', (socket: net.Socket) => {
    const { remotePort } = socket;
    if (remotePort === undefined) return;
    sockets.set(remotePort, socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(remotePort));
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail);
      done();
    });
  });
  // Broken handshakes and resets are told here; they are the client's doing.
  server.on('error', (error: Error) => log(`smtp: ${error.message}`));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('an SMTP server without a port');
  return {
    port: address.port,
    cut(session, how) {
      const socket = sockets.get(session.remotePort);
      if (how === 'reset') socket?.resetAndDestroy();
      else socket?.destroy();
    },
    async stop() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets.values()) socket.destroy();
      await closed;
    },
  };
}

/** An error that smtp-server turns into a reply with this code. Lines are joined by smtp-server, so give one line. */
export function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
