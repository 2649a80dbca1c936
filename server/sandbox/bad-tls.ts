/**
 * Three IMAP servers nobody should trust: a certificate that ran out, one nobody signed, one made out to another host. They greet and
 * refuse everything, so a client that logs in here has failed to check.
 */
import type { Certificates } from './certificates.ts';
import { listen } from './listener.ts';

export type BadTls = { ports: { expired: number; selfSigned: number; wrongHost: number }; stop(): Promise<void> };

export async function startBadTls(certificates: Certificates): Promise<BadTls> {
  const [expired, selfSigned, wrongHost] = await Promise.all(
    [certificates.expired, certificates.selfSigned, certificates.wrongHost].map((certificate) =>
      listen(certificate, (socket) => {
        socket.on('error', () => socket.destroy());
        socket.write('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n');
        socket.on('data', () => socket.end('* BYE No one should log in here\r\n'));
      }),
    ),
  );
  if (expired === undefined || selfSigned === undefined || wrongHost === undefined)
    throw new Error('a server is missing');
  return {
    ports: { expired: expired.port, selfSigned: selfSigned.port, wrongHost: wrongHost.port },
    async stop() {
      await Promise.all([expired.stop(), selfSigned.stop(), wrongHost.stop()]);
    },
  };
}
