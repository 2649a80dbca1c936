/**
 * A spoofer's mail that claims to have passed: with the provider's own name beneath the provider's lines, or with a stranger's above them. At every
 * provider the claim is ignored, listed with why, and what the provider itself found stands.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  addMonitor,
  addSeed,
  addSender,
  type Probe,
  type Run,
  startRun,
  startWorld,
  type World,
  waitForRun,
} from './world.ts';

const PROVIDERS = ['gmail', 'outlook', 'yahoo', 'yahoo-japan', 'plain'];
const FORGED = ['forged', 'forged-above'];

let world: World;
let run: Run;
before(async () => {
  world = await startWorld();
  const sender = await addSender(world, 'spoofed.test');
  const seeds: string[] = [];
  for (const provider of PROVIDERS)
    for (const forged of FORGED) seeds.push(await addSeed(world, `${forged}@${provider}.test`));
  const monitor = await addMonitor(world, sender, seeds, { missingAfterSeconds: 300, watchSeconds: 600 });
  run = await waitForRun(world, await startRun(world, monitor), (now) =>
    now.probes.every((probe) => probe.outcome === 'placed'),
  );
});
after(async () => world?.stop());

describe('forged results', () => {
  for (const provider of PROVIDERS)
    for (const forged of FORGED)
      test(`${forged}@${provider}.test`, async () => {
        const { id, authentication } = run.probes.find((p) => p.seed === `${forged}@${provider}.test`) as Probe;
        const { reported, verified } = authentication;
        for (const [mechanism, { result }] of Object.entries({ ...reported }))
          if (typeof result === 'string') assert.notEqual(result, 'pass', `reported ${mechanism}`);
        assert.deepEqual([reported?.spf?.result, reported?.dmarc?.result], ['fail', 'fail']);
        assert.deepEqual([verified?.spf?.result, verified?.dmarc?.result], ['fail', 'fail']);
        assert.notEqual(verified?.dkim?.result, 'pass');
        const { boundary } = await world.call<{
          boundary: { ignored: { why: string; value: string; authservId: string | null }[] };
        }>('GET', `/api/probes/${id}`);
        const claims = boundary.ignored.filter(({ value }) => value.includes('dmarc=pass'));
        assert.ok(claims.length > 0, 'the claim is listed');
        for (const { why } of claims) {
          if (forged === 'forged-above') assert.equal(why, 'foreign-authserv-id');
          else assert.match(why, /^(below-boundary|not-topmost)$/);
        }
      });
});
