/** The demo as a newcomer starts it: a process of its own, its standard output, its link, its end. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { OverviewJson } from '../../server/api/json/overview.ts';
import type { RunJson } from '../../server/api/json/runs.ts';

const CLI = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));

function demo(...args: string[]): { child: ChildProcess; out: () => string; err: () => string } {
  const child = spawn(process.execPath, [CLI, 'demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, PORT: '0', NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
  });
  const said = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  return { child, out: () => said.out, err: () => said.err };
}

test('one round as JSON: nothing else on standard output, every outcome in it, exit 0', {
  timeout: 150_000,
}, async () => {
  const { child, out, err } = demo('--once', '--json');
  const [code] = await once(child, 'close');
  assert.equal(code, 0, err());
  type Document = { version: string; startedAt: string; finishedAt: string; runs: RunJson[]; summary: OverviewJson };
  const document = JSON.parse(out()) as Document;
  assert.match(document.version, /^\d+\.\d+\.\d+$/);
  assert.ok(Date.parse(document.startedAt) < Date.parse(document.finishedAt));
  const probes = document.runs.flatMap((run) => run.probes);
  assert.ok(new Set(probes.map((probe) => probe.seedId)).size >= 12);
  assert.ok(new Set(probes.map((probe) => probe.provider)).size >= 5);
  assert.ok(new Set(document.runs.map((run) => run.senderId)).size >= 2);
  assert.equal(document.runs.length, 3);
  assert.deepEqual([...new Set(probes.map((probe) => probe.protocol))].sort(), ['imap', 'pop3']);
  const kinds = new Set(probes.map((probe) => probe.placement?.kind ?? probe.outcome));
  for (const kind of ['inbox', 'tab', 'spam', 'other', 'rejected', 'bounced', 'missing', 'unknown'])
    assert.ok(kinds.has(kind as never), `no probe ended as ${kind}`);
  assert.ok(probes.some((probe) => probe.late));
  const dmarc = new Set(probes.map((probe) => probe.authentication.verified?.dmarc.result));
  assert.ok(dmarc.has('pass') && dmarc.has('fail'));
  const { counts } = document.summary.now;
  assert.equal(counts.probes - counts.pending, probes.filter((probe) => probe.outcome !== 'accepted').length);
});

test('until stopped: a link that is signed in, mail that lands, and an end at once', { timeout: 90_000 }, async () => {
  const { child, err } = demo();
  try {
    const said = async (wanted: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = wanted.exec(err());
        if (found) return found;
        assert.equal(child.exitCode, null, err());
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const [link = ''] = await said(/http:\/\/127\.0\.0\.1:\d+\/\S+/);
    await said(/^\s+\S*inbox\S*\s+inbox@gmail\.test/m);
    const page = await fetch(link);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /text\/html/);
    const secret = new URL(link).searchParams.get('link');
    const entered = await fetch(new URL('/api/session', link), {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: new URL(link).origin },
      body: JSON.stringify({ link: secret }),
    });
    assert.equal(entered.status, 200, await entered.text());
  } finally {
    child.kill('SIGINT');
  }
  const [code] = await once(child, 'close');
  assert.equal(code, 0, err());
});
