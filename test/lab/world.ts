/** The whole program beside the lab, with the lab's sender and, over both protocols, its accounts. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku, type Todoku } from '../../server/main.ts';
import { createToken } from '../../server/owner/tokens.ts';
import { type Call, callApi } from '../flow/world.ts';
import { type Lab, startLab } from './lab.ts';

export type LabWorld = {
  lab: Lab;
  todoku: Todoku;
  call: Call;
  /** @returns the id of what was added */
  add: (path: string, body: unknown) => Promise<string>;
  stop: () => Promise<void>;
};

export async function startLabWorld(): Promise<LabWorld> {
  const lab = await startLab();
  const folder = await mkdtemp(join(tmpdir(), 'todoku-lab-data-'));
  const config = readConfig({
    PORT: '0',
    TODOKU_DATA_DIR: folder,
    TODOKU_DNS_SERVERS: lab.dnsServer,
    TODOKU_BLOCKLISTS: 'off',
    TODOKU_EXTRA_CA_FILE: lab.caFile,
    TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  });
  const todoku = await startTodoku(config, { log: createLog('silent') });
  const token = await createToken(todoku.app, 'lab');
  const call: Call = (method, path, body) => callApi(todoku.url, token, method, path, body);
  return {
    lab,
    todoku,
    call,
    add: async (path, body) => (await call<{ id: string }>('POST', path, body)).id,
    stop: async () => {
      await todoku.stop();
      await lab.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a seed needs to know of an account of the lab. */
export function accountOf(lab: Lab, index: number) {
  const found = lab.seeds[index];
  assert.ok(found);
  return { address: found.address, user: found.user, password: found.password, provider: 'dovecot' };
}
