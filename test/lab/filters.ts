/** rspamd and spamd of Debian's packages on loopback, for their views of a mail: small, without network, in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, freePorts, program, startDaemon } from './daemons.ts';

export type Filters = { rspamdUrl: string; spamd: string; stop: () => Promise<void> };

/** Why they cannot run on this machine, as the reason of a skipped test; null when they can. */
export function filtersMissing(): string | null {
  const missing = ['rspamd', 'spamd', 'setpriv'].filter((name) => program(name) === null);
  if (missing.length > 0) return `needs ${missing.join(', ')}`;
  return process.getuid?.() === 0 ? null : 'needs root: rspamd drops its rights itself';
}

export async function startFilters(): Promise<Filters> {
  const folder = await mkdtemp(join(tmpdir(), 'todoku-filters-'));
  const daemons: Daemon[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const [http = 0, spamd = 0] = await freePorts(2);
    await chmod(folder, 0o755);
    const run = join(folder, 'run');
    await mkdir(run);
    await chown(run, idOf('_rspamd', '-u'), idOf('_rspamd', '-g'));
    await writeFile(join(folder, 'rspamd.conf'), rspamd(folder, http));
    await writeFile(join(folder, 'tlds'), 'test\nexample\n');
    const started = await Promise.allSettled([
      startDaemon(
        'rspamd',
        [
          ...['-f', '-u', '_rspamd', '-g', '_rspamd', '-c', join(folder, 'rspamd.conf')],
          ...['DBDIR', 'RUNDIR', 'LOGDIR'].map((name) => `--var=${name}=${run}`),
        ],
        [http],
      ),
      // -L: only tests that need no network; -x: no preferences of users.
      startDaemon(
        'spamd',
        [
          '-L',
          '-x',
          '--syslog=stderr',
          `--listen=127.0.0.1:${spamd}`,
          '--min-children=1',
          '--max-children=1',
          '--max-spare=1',
          `--helper-home-dir=${folder}`,
        ],
        [spamd],
      ),
    ]);
    for (const one of started) if (one.status === 'fulfilled') daemons.push(one.value);
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    return { rspamdUrl: `http://127.0.0.1:${http}`, spamd: `127.0.0.1:${spamd}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function idOf(user: string, what: '-u' | '-g'): number {
  return Number(spawnSync('id', [what, user], { encoding: 'utf8' }).stdout);
}

function rspamd(folder: string, port: number): string {
  return `
options {
  filters = "";
  local_addrs = [];
  gtube_patterns = "all";
  enable_test_patterns = true;
  disable_hyperscan = true;
  tempdir = "${folder}/run";
  url_tld = "${folder}/tlds";
  control_socket = "${folder}/run/control mode=0600";
  dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }
}
logging { type = "file"; filename = "${folder}/run/rspamd.log"; level = "notice"; }
worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; }
lua = "$RULESDIR/rspamd.lua";
actions { reject = 15; add_header = 6; greylist = 4; }
group "test" { symbols { "MISSING_DATE" { weight = 3.0; } "MISSING_MID" { weight = 0.5; } } }
`;
}
