/**
 * Golden pairs about how mail travels, as in `golden.test.ts`: a zone that shows a finding (`mx-alias.zone`), one that does not (`mx-alias-good.zone`), more cases behind a dot
 * (`dane-unsigned.host.zone`), each beside a `.json` with what must come out. It also says what web and mail servers stand there; they are real ones on loopback.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
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
import type { Finding, Gathered, Known } from '../../server/domain/types.ts';
import en from '../../server/words/findings-transport.en.json' with { type: 'json' };
import { startWorld, type World } from './world.ts';

type Case = Omit<World, 'zone'> & {
  domain: string;
  ips?: string[];
  /** What the servers say in HELO, by address. */
  helos?: Record<string, string>;
  /** All findings of the protocol, in order. */
  findings: { id: string; severity: string }[];
  /** Picked from the evidence of the finding that the case is about. */
  evidence?: Record<string, unknown>;
  /** Paths into the check, `records.mx.hosts`, and what stands there. */
  picked?: Record<string, unknown>;
  /** The proposal of a finding: name, type, value. */
  fixes?: Record<string, string | null>;
};
type Part = {
  protocol: string;
  gather: (known: Known & { helos?: Record<string, string> }, reach: Reach) => Promise<Gathered<unknown>>;
  judge: (facts: never, known: Known) => Finding[];
};

/** As under `records` in the JSON of a check. */
const PARTS: Record<string, Part> = { mx, ptr, mtaSts, tlsRpt, dane, dnssec, bimi, blocklists };
const FOLDER = new URL('../golden/domain/', import.meta.url).pathname;
const ids = Object.keys(TRANSPORT_FINDINGS) as TransportFindingId[];
const idOf = (name: string): TransportFindingId | undefined =>
  ids.find((id) => id === name.split('.')[0]?.replace(/-good$/, ''));
const names = globSync('*.zone', { cwd: FOLDER })
  .map((file) => file.replace(/\.zone$/, ''))
  .filter((name) => idOf(name) !== undefined)
  .sort();
const closers: (() => Promise<void>)[] = [];
after(() => Promise.all(closers.map((close) => close())));

describe('golden domains', () => {
  for (const name of names)
    test(name, async () => {
      const id = idOf(name) as TransportFindingId;
      const given = JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8')) as Case;
      const world = await startWorld({ ...given, zone: readFileSync(`${FOLDER}${name}.zone`, 'utf8') });
      closers.push(world.close);
      const { records, findings } = await check(TRANSPORT_FINDINGS[id].protocol, world.reach(), given);
      assert.deepEqual(
        findings.map((finding) => ({ id: finding.id, severity: finding.severity })),
        given.findings,
      );
      const finding = findings.find((one) => one.id === id);
      assert.equal(finding !== undefined, !/-good(?:\.|$)/.test(name), `${name} and ${id}`);
      for (const [key, value] of Object.entries(given.evidence ?? {}))
        assert.deepEqual(finding?.evidence[key], value, key);
      for (const [path, value] of Object.entries(given.picked ?? {}))
        assert.deepEqual(pick({ records }, path), value, path);
      for (const [which, value] of Object.entries(given.fixes ?? {})) {
        const fix = findings.find((one) => one.id === which)?.fix ?? null;
        assert.equal(fix === null ? null : `${fix.name} ${fix.type} ${fix.value}`, value, which);
      }
      // Only what fails where an unchecked answer comes is asked again, before anything is called forged.
      if (id !== 'dnssec-bogus')
        assert.equal(world.asked.length, new Set(world.asked).size, 'no question is asked twice');
      assert.deepEqual(JSON.parse(JSON.stringify(records)), records, 'what is shown is plain data');
      assert.ok(!JSON.stringify([records, findings]).includes('secretkey'), 'a key of a list is shown nowhere');
      for (const one of findings)
        assert.deepEqual(
          placeholders(one.id).filter((key) => !(key in one.evidence)),
          [],
          'sentences use what is there',
        );
    });

  test('every finding has a zone that shows it and one that does not', () => {
    const have = new Set(names);
    assert.deepEqual(
      ids.flatMap((id) => [id, `${id}-good`].filter((name) => !have.has(name))),
      [],
    );
  });
});

async function check(
  protocol: string,
  reach: Reach,
  given: Case,
): Promise<{ records: Record<string, unknown>; findings: Finding[] }> {
  const known: Known & { helos?: Record<string, string> } = {
    domain: given.domain,
    now: Date.now(),
    selectors: [],
    ips: given.ips ?? [],
    history: { keysSince: {}, policyNoneSince: null },
    observed: [],
    ...(given.helos === undefined ? {} : { helos: given.helos }),
  };
  const [key, part] = Object.entries(PARTS).find(([, one]) => one.protocol === protocol) ?? [];
  assert.ok(key !== undefined && part !== undefined);
  const facts = await part.gather(known, reach);
  return { records: { [key]: facts.shown }, findings: part.judge(facts as never, known) };
}

function pick(value: unknown, path: string): unknown {
  return path.split('.').reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

function placeholders(id: string): string[] {
  const words: Record<string, Record<string, string>> = en;
  return [
    ...Object.values(words[id] ?? {})
      .join()
      .matchAll(/\{\{(\w+)\}\}/g),
  ].map(([, key]) => key ?? '');
}
