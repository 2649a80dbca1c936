/** The program in this process and the sandbox in another, so that only the program's own work is measured here. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku, type Todoku } from '../../server/main.ts';
import { createToken } from '../../server/owner/tokens.ts';
import { type SandboxProcess, spawnSandbox } from '../../server/sandbox/process.ts';

export type BenchWorld = {
  sandbox: SandboxProcess;
  todoku: Todoku;
  token: string;
  /** When the verdict of each probe of a run was stored, epoch ms. */
  storedAt: (runId: string) => Promise<Map<string, number>>;
  stop: () => Promise<void>;
};

export async function startBenchWorld(): Promise<BenchWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'todoku-bench-'));
  const sandbox = await spawnSandbox();
  const config = readConfig({
    PORT: '0',
    TODOKU_DATA_DIR: folder,
    TODOKU_DNS_SERVERS: sandbox.dnsServer,
    TODOKU_BLOCKLISTS: 'off',
    TODOKU_EXTRA_CA_FILE: sandbox.caFile,
    TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  });
  const todoku = await startTodoku(config, { log: createLog('silent') });
  return {
    sandbox,
    todoku,
    token: await createToken(todoku.app, 'bench'),
    async storedAt(runId) {
      const rows = await todoku.app.db
        .selectFrom('probes')
        .select(['id', 'updated_at'])
        .where('run_id', '=', runId)
        .execute();
      return new Map(rows.map((row) => [row.id, row.updated_at]));
    },
    async stop() {
      await todoku.stop();
      await sandbox.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
