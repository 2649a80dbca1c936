/**
 * A real Dovecot as a child process of whoever runs the tests, on free loopback ports, in a folder of its own. Nothing is installed: where
 * Dovecot is not, `startDovecot` answers null and tests skip.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../../server/sandbox/certificates.ts';

export type Dovecot = {
  ca: string;
  ports: { imap: number; imaps: number; pop3: number; pop3s: number };
  /** Writes a message straight into a maildir folder, as a delivery agent does; '' is INBOX, 'Junk' a folder below. Answers its file name. */
  deliver(user: string, folder: string, raw: string | Buffer): string;
  /** Every file of a user's folder, name and all: flags are part of the name in a maildir. */
  files(user: string, folder: string): string[];
  folderPath(user: string, folder: string): string;
  stop(): Promise<void>;
};

const PATHS = ['/usr/sbin/dovecot', '/usr/local/sbin/dovecot', '/usr/bin/dovecot'];
export const PASSWORD = 'seed-pässword "1"';

/** @param extra lines for dovecot.conf, at top level */
export async function startDovecot(extra = ''): Promise<Dovecot | null> {
  const binary = PATHS.find((path) => existsSync(path));
  if (binary === undefined) return null;
  const dir = mkdtempSync(join(tmpdir(), 'todoku-dovecot-'));
  const asRoot = process.getuid?.() === 0;
  // Dovecot will not store mail as root: nobody does it then.
  const uid = asRoot ? 65534 : (process.getuid?.() ?? 0);
  const gid = asRoot ? 65534 : (process.getgid?.() ?? 0);
  const name = (kind: string, id: number) =>
    execFileSync('getent', [kind, String(id)], { encoding: 'utf8' }).split(':')[0] ?? '';
  const [imap, imaps, pop3, pop3s] = await freePorts(4);
  const ports = { imap: imap ?? 0, imaps: imaps ?? 0, pop3: pop3 ?? 0, pop3s: pop3s ?? 0 };
  for (const folder of ['run', 'mail']) mkdirSync(join(dir, folder));
  const { good, caPem } = makeCertificates([], Date.now());
  writeFileSync(join(dir, 'cert.pem'), good.cert);
  writeFileSync(join(dir, 'key.pem'), good.key);
  writeFileSync(
    join(dir, 'users'),
    ['one', 'two', 'three'].map((user) => `${user}@seed.test:{PLAIN}${PASSWORD}\n`).join(''),
  );
  writeFileSync(
    join(dir, 'dovecot.conf'),
    `base_dir = ${dir}/run
state_dir = ${dir}/run
log_path = ${dir}/log
default_internal_user = ${name('passwd', uid)}
default_login_user = ${name('passwd', uid)}
default_internal_group = ${name('group', gid)}
first_valid_uid = ${uid}
first_valid_gid = ${gid}
mail_uid = ${uid}
mail_gid = ${gid}
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <${dir}/cert.pem
ssl_key = <${dir}/key.pem
disable_plaintext_auth = yes
mail_location = maildir:${dir}/mail/%u
mail_home = ${dir}/mail/%u
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = ${dir}/users
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid}
}
namespace inbox {
  inbox = yes
  separator = /
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = ${ports.pop3s}
    ssl = yes
  }
}
${extra}
`,
  );
  const own = (path: string) => {
    if (asRoot) chownSync(path, uid, gid);
  };
  for (const path of ['', 'run', 'mail', 'cert.pem', 'key.pem', 'users', 'dovecot.conf']) own(join(dir, path));
  chmodSync(dir, 0o755);
  const command = asRoot
    ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--pdeathsig=TERM', binary]
    : ['setpriv', '--pdeathsig=TERM', binary];
  const [program = '', ...args] = command;
  const child = spawn(program, [...args, '-c', join(dir, 'dovecot.conf'), '-F'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const gone = once(child, 'exit');
  const folderPath = (user: string, folder: string) =>
    join(dir, 'mail', `${user}@seed.test`, folder === '' ? '' : `.${encodeName(folder)}`);
  let serial = 0;
  const dovecot: Dovecot = {
    ca: caPem,
    ports,
    folderPath,
    deliver: (user, folder, raw) => {
      const path = folderPath(user, folder);
      for (const one of [
        join(dir, 'mail', `${user}@seed.test`),
        path,
        ...['cur', 'new', 'tmp'].map((sub) => join(path, sub)),
      ]) {
        if (existsSync(one)) continue;
        mkdirSync(one);
        own(one);
      }
      const file = `${Math.floor(Date.now() / 1000)}.M${++serial}P${process.pid}.test`;
      writeFileSync(join(path, 'new', file), raw);
      own(join(path, 'new', file));
      return file;
    },
    files: (user, folder) => {
      const path = folderPath(user, folder);
      return ['cur', 'new']
        .flatMap((sub) =>
          execFileSync('ls', [join(path, sub)], { encoding: 'utf8' })
            .split('\n')
            .filter(Boolean),
        )
        .sort();
    },
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`Dovecot did not start: ${said}`);
    if (await answers(ports.imaps)) return dovecot;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await dovecot.stop();
  throw new Error(`Dovecot does not answer: ${said}`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function answers(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((yes) => {
    socket.destroy();
    return Boolean(yes);
  });
}

/** Modified UTF-7 (RFC 3501 §5.1.3), as a maildir names its folders. */
function encodeName(name: string): string {
  return name.replace(/&/g, '&-').replace(/[^\x20-\x7e]+/g, (text) => {
    const utf16 = Buffer.from(text, 'utf16le').swap16();
    return `&${utf16.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
}
