/** How far a check is, on a terminal: one line, never longer than the terminal is wide, and gone when the report comes. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { progressLine } from '../../server/cli/check-progress.ts';
import { PROGRESS_UNITS, type ProgressPart } from '../../server/domain/progress.ts';
import { PROTOCOLS } from '../../server/domain/types.ts';
import { parseZone, serveZone } from '../domain/zone.ts';

const CLI = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const part = (changes: Partial<ProgressPart>): ProgressPart => ({
  protocol: 'spf',
  done: false,
  unit: 'questions',
  count: 0,
  of: 1,
  waiting: null,
  ...changes,
});

describe('the line', () => {
  const CASES: [parts: ProgressPart[], line: string][] = [
    [[], 'checking, 0 of 0 done'],
    [
      [part({ unit: 'lookups', count: 7, of: 10 }), part({ protocol: 'dkim', done: true })],
      'checking, 1 of 2 done · SPF 7 of 10 lookups',
    ],
    [
      [part({ protocol: 'mx', unit: 'servers', waiting: { what: 'mx.\u001b[31ma.test', ms: 4200 } })],
      'checking, 0 of 1 done · waiting for mx. [31ma.test (4 s) · MX 0 of 1 servers',
    ],
    [[part({ waiting: { what: 'TXT a.test', ms: 900 } })], 'checking, 0 of 1 done · SPF 0 of 1'],
  ];
  for (const [parts, line] of CASES) test(line, () => assert.equal(progressLine(parts, 200), line));

  test('is never longer than the terminal is wide', () => {
    const any = fc.record({
      protocol: fc.constantFrom(...PROTOCOLS),
      done: fc.boolean(),
      unit: fc.constantFrom(...PROGRESS_UNITS),
      count: fc.nat(),
      of: fc.nat(),
      waiting: fc.option(fc.record({ what: fc.string(), ms: fc.nat() })),
    });
    fc.assert(
      fc.property(fc.array(any), fc.integer({ min: 2, max: 200 }), (parts, columns) => {
        assert.ok(progressLine(parts, columns).length < columns);
      }),
    );
  });
});

const hasTerminal = (): boolean => {
  try {
    execFileSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
};

test('on a real terminal it is written over, and gone before the report', {
  skip: hasTerminal() ? false : 'needs script (util-linux)',
}, async () => {
  const server = await serveZone(
    parseZone('slow.test TXT "v=spf1 include:b.test -all"\nb.test TXT "v=spf1 -all"'),
    300,
  );
  try {
    const env = {
      PATH: process.env.PATH ?? '',
      TERM: 'xterm',
      TODOKU_DNS_SERVERS: server.address,
      TODOKU_BLOCKLISTS: 'off',
    };
    const shown = await new Promise<string>((resolve) => {
      const command = `${process.execPath} ${CLI} check slow.test`;
      execFile('script', ['-qec', command, '/dev/null'], { env, timeout: 60_000 }, (_error, out) => resolve(out));
    });
    const lines = shown.split('\r\u001b[2K');
    assert.ok(lines.length > 3, shown);
    assert.ok(
      lines.some((line) => /^checking, \d+ of 11 done · .*DKIM \d+ of \d+ selectors/.test(line)),
      shown,
    );
    assert.ok(!(lines.at(-1) ?? '').includes('checking, '), 'the report stands alone');
    assert.match(lines.at(-1) ?? '', /slow\.test/);
  } finally {
    await server.close();
  }
});
