/**
 * Zones in pairs, one that shows a finding and one that does not, beside what is to be found: `test/golden/domain/<id>.zone`, `<id>-good.zone`, `<id>.json`. Real DNS,
 * HTTPS and SMTP servers on loopback stand behind them. Adding a case is adding files; a finding without a pair fails.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import type { PolicyForBimi } from '../../server/domain/bimi-judge.ts';
import { TRANSPORT_FINDINGS, type TransportFindingId } from '../../server/domain/findings-transport.ts';
import { bimi } from '../../server/domain/lookup-bimi.ts';
import { blocklists } from '../../server/domain/lookup-blocklists.ts';
import { dane } from '../../server/domain/lookup-dane.ts';
import { dnssec } from '../../server/domain/lookup-dnssec.ts';
import { mtaSts } from '../../server/domain/lookup-mta-sts.ts';
import { mx } from '../../server/domain/lookup-mx.ts';
import { ptr } from '../../server/domain/lookup-ptr.ts';
import { tlsRpt } from '../../server/domain/lookup-tls-rpt.ts';
import type { Reach } from '../../server/domain/reach.ts';
import type { Finding, Gathered, Protocol } from '../../server/domain/types.ts';
import en from '../../server/words/findings-transport.en.json' with { type: 'json' };
import { startWorld, type World } from './world.ts';

type Case = Omit<World, 'zone'> & {
  domain?: string;
  ips?: string[];
  helos?: Record<string, string>;
  policy?: PolicyForBimi;
  /** All findings of the protocol, with their severities. */
  findings: Record<string, string>;
  /** Picked from the evidence of the finding that the case is about. */
  evidence?: Record<string, unknown>;
  fix?: unknown;
  /** Picked from what is shown, by path. */
  records?: Record<string, unknown>;
};
type CaseFile = Case & { good: Partial<Case> & Pick<Case, 'findings'> };

const FOLDER = new URL('../golden/domain/', import.meta.url);
const ids = Object.keys(TRANSPORT_FINDINGS) as TransportFindingId[];
const closers: (() => Promise<void>)[] = [];
after(() => Promise.all(closers.map((close) => close())));

const CHECKS = { mx, ptr, 'mta-sts': mtaSts, 'tls-rpt': tlsRpt, dane, dnssec, bimi, blocklists };

async function check(
  protocol: Protocol,
  reach: Reach,
  of: Case,
): Promise<{ gathered: Gathered<unknown>; findings: Finding[] }> {
  const now = Date.now();
  const known = { domain: of.domain ?? 'good.test', ips: of.ips ?? [], helos: of.helos ?? {}, now };
  const context = of.policy === undefined ? { now } : { now, policy: of.policy };
  const part = CHECKS[protocol as keyof typeof CHECKS];
  const gathered = await part.gather(reach, known);
  const judge = part.judge as (facts: unknown, context: unknown) => Finding[];
  return { gathered, findings: judge(gathered, context) };
}

async function play(id: TransportFindingId, zoneFile: string, of: Case): Promise<ReturnType<typeof check>> {
  const world = await startWorld({ ...of, zone: readFileSync(new URL(zoneFile, FOLDER), 'utf8') });
  closers.push(world.close);
  const result = await check(TRANSPORT_FINDINGS[id].protocol, world.reach(), of);
  assert.deepEqual([...new Set(world.asked)].sort(), [...world.asked].sort(), 'no question is asked twice');
  return result;
}

const severities = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.map(({ id, severity }) => [id, severity]));

for (const [protocol, group] of Map.groupBy(ids, (id) => TRANSPORT_FINDINGS[id].protocol))
  describe(protocol, () => {
    for (const id of group)
      test(id, async () => {
        const file = JSON.parse(readFileSync(new URL(`${id}.json`, FOLDER), 'utf8')) as CaseFile;
        const { good, ...bad } = file;
        const { gathered, findings } = await play(id, `${id}.zone`, bad);
        assert.deepEqual(severities(findings), bad.findings);
        const finding = findings.find((one) => one.id === id);
        assert.ok(finding, 'the finding that the case is about');
        for (const [key, value] of Object.entries(bad.evidence ?? {}))
          assert.deepEqual(finding.evidence[key], value, key);
        if (bad.fix !== undefined) assert.deepEqual(finding.fix, bad.fix);
        for (const [path, value] of Object.entries(bad.records ?? {}))
          assert.deepEqual(at(gathered.shown, path), value, path);
        assert.deepEqual(JSON.parse(JSON.stringify(gathered.shown)), gathered.shown, 'what is shown is plain data');
        const missing = placeholders(id).filter((key) => !(key in finding.evidence));
        assert.deepEqual(missing, [], 'the sentences use what the evidence has');

        const clean = await play(id, `${id}-good.zone`, { ...bad, ...good });
        assert.deepEqual(severities(clean.findings), good.findings);
        assert.ok(!clean.findings.some((one) => one.id === id));
      });
  });

test('every pair of zones belongs to a finding', () => {
  for (const id of ids)
    for (const file of [`${id}.zone`, `${id}-good.zone`, `${id}.json`])
      assert.ok(existsSync(new URL(file, FOLDER)), file);
});

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

function placeholders(id: TransportFindingId): string[] {
  const words: Record<string, Record<string, string>> = en;
  return [
    ...Object.values(words[id] ?? {})
      .join()
      .matchAll(/\{\{(\w+)\}\}/g),
  ].map(([, key]) => key ?? '');
}
