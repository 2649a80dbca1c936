/** How far a check is, told by real connections: of each protocol, with TLS from the first byte, after STARTTLS, and without. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import type { CheckStep } from '../../server/net/steps.ts';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { checkSeed } from '../../server/seed/check.ts';
import { checkSender } from '../../server/sender/smtp.ts';
import type { Security } from '../../server/sender/types.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

const options = (steps: CheckStep[]) => ({
  allowedNetworks: ['127.0.0.0/8'],
  extraCa: readFileSync(sandbox.caFile, 'utf8'),
  heloName: 'probe.example.com',
  now: Date.now,
  timeouts: { open: 8_000, connect: 8_000 },
  onStep: (step: CheckStep) => void steps.push(step),
});

for (const protocol of ['imap', 'pop3'] as const)
  test(`a seed over ${protocol}`, async () => {
    const steps: CheckStep[] = [];
    const seed = sandbox.seed('inbox@gmail.test', protocol);
    const check = await checkSeed(seed, 'gmail', null, options(steps));
    assert.equal(check.ok, true, check.reason);
    assert.deepEqual(steps, [
      ...['finding', 'connecting', 'securing', 'signing-in'],
      ...(protocol === 'imap' ? ['listing'] : []),
    ]);
  });

test('a sender', async () => {
  const steps: CheckStep[] = [];
  const { smtp } = sandbox.sender('good.test');
  const check = await checkSender(smtp, options(steps));
  assert.equal(check.ok, true, check.reason);
  assert.deepEqual(steps, ['finding', 'connecting', 'securing', 'signing-in']);
});

const STUCK: Record<Security, CheckStep[]> = {
  tls: ['finding', 'connecting', 'securing'],
  starttls: ['finding', 'connecting', 'securing'],
  none: ['finding', 'connecting', 'signing-in'],
};
for (const [security, wanted] of Object.entries(STUCK) as [Security, CheckStep[]][])
  test(`a server that says nothing, ${security}: one sees where it hangs`, async () => {
    const server = createServer((socket) => socket.on('error', () => socket.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const route = { host: '127.0.0.1', port, security, user: 'me', password: 'secret' };
    const impatient = { timeouts: { connect: 400, greeting: 400, open: 400, silence: 400, look: 400 } };
    try {
      for (const check of [
        (steps: CheckStep[]) => checkSender(route, { ...options(steps), ...impatient }),
        (steps: CheckStep[]) =>
          checkSeed({ ...route, protocol: 'imap' }, 'other', null, { ...options(steps), ...impatient }),
        (steps: CheckStep[]) =>
          checkSeed({ ...route, protocol: 'pop3' }, 'other', null, { ...options(steps), ...impatient }),
      ]) {
        const steps: CheckStep[] = [];
        assert.equal((await check(steps)).ok, false);
        assert.deepEqual(steps, wanted);
      }
    } finally {
      server.close();
    }
  });

test('a name that does not resolve ends at the first step', async () => {
  const steps: CheckStep[] = [];
  const route = { host: 'no-such-host.invalid', port: 993, security: 'tls', user: 'me', password: 'x' } as const;
  await checkSeed({ ...route, protocol: 'imap' }, 'other', null, options(steps));
  assert.deepEqual(steps, ['finding']);
});
