/**
 * Golden pairs: for each finding a zone that shows it (`spf-plus-all.zone`) and one that does not (`spf-plus-all-good.zone`), served by a real DNS server and
 * checked by the whole way a check takes. Beside each a `.json` with what must come out, and which web and mail servers stand there; they are real ones on loopback.
 * More cases: `spf-plus-all.included.zone`. What a finding proposes to publish is published, and checked again.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { auditDomain, type DomainCheck } from '../../server/domain/audit.ts';
import { FINDINGS, type FindingId } from '../../server/domain/findings.ts';
import type { Known, Protocol } from '../../server/domain/types.ts';
import en from '../../server/words/findings.en.json' with { type: 'json' };
import { count, holdsTogether, publish, publishAll } from './publishing.ts';
import { startWorld, type World } from './world.ts';
import type { Zone } from './zone.ts';

const FOLDER = new URL('../golden/domain/', import.meta.url).pathname;

type Case = Omit<World, 'zone'> & {
  domain: string;
  /** Now, where left out; in cases about history, 2026-11-25. */
  now?: string;
  selectors?: string[];
  ips?: string[];
  /** What the servers say in HELO, by address. */
  helos?: Record<string, string>;
  history?: { keysSince?: Record<string, { fingerprint: string; since: string }>; policyNoneSince?: string };
  observed?: Known['observed'];
  /** All findings of the protocol, in order. */
  findings: { id: string; severity: string }[];
  /** Picked from the evidence of the finding that the case is about. */
  evidence?: Record<string, unknown>;
  /** Paths into the check, `records.spf.lookups`, and what stands there. */
  picked?: Record<string, unknown>;
  /** The proposal of a finding: name, type, value. */
  fixes?: Record<string, string | null>;
};

const names = globSync('*.zone', { cwd: FOLDER })
  .map((file) => file.replace(/\.zone$/, ''))
  .sort();

function knownOf(given: Case): Known {
  const time = (text: string): number => new Date(text).getTime();
  const { history } = given;
  const now = given.now ?? (history === undefined ? undefined : '2026-11-25T00:00:00Z');
  return {
    domain: given.domain,
    now: now === undefined ? Date.now() : time(now),
    selectors: (given.selectors ?? []).map((selector) => ({ selector, source: 'given' })),
    ips: given.ips ?? [],
    ...(given.helos === undefined ? {} : { helos: given.helos }),
    history: {
      keysSince: Object.fromEntries(
        Object.entries(history?.keysSince ?? {}).map(([selector, key]) => [
          selector,
          { ...key, since: time(key.since) },
        ]),
      ),
      policyNoneSince: history?.policyNoneSince === undefined ? null : time(history.policyNoneSince),
    },
    observed: given.observed ?? [],
  };
}

async function audit(
  zone: World['zone'],
  given: Case,
  protocol: Protocol,
): Promise<{ check: DomainCheck; asked: string[]; zone: Zone }> {
  const world = await startWorld({ ...given, zone });
  try {
    const check = await auditDomain(world.reach(), knownOf(given), [protocol]);
    return { check, asked: world.asked.map((question) => question.toLowerCase()), zone: world.zone };
  } finally {
    await world.close();
  }
}

const pick = (from: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], from);

function placeholders(id: string): string[] {
  const words = Object.values(en.findings[id as FindingId]).join();
  return [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, key]) => key ?? '');
}

describe('golden domains', () => {
  for (const name of names)
    test(name, async () => {
      const given = JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8')) as Case;
      const [subject = ''] = name.split('.');
      const id = subject.replace(/-good$/, '') as FindingId;
      const protocol: Protocol | undefined = FINDINGS[id]?.protocol;
      assert.ok(protocol, `${name} bears the name of no finding`);
      const { check, asked, zone } = await audit(readFileSync(`${FOLDER}${name}.zone`, 'utf8'), given, protocol);
      const found = check.findings.map((finding) => ({ id: finding.id, severity: finding.severity }));
      assert.deepEqual(found, given.findings);
      const finding = check.findings.find((one) => one.id === id);
      assert.equal(finding !== undefined, subject === id, `${name} and ${id}`);
      for (const [key, value] of Object.entries(given.evidence ?? {}))
        assert.deepEqual(finding?.evidence[key], value, key);
      for (const [path, value] of Object.entries(given.picked ?? {})) assert.deepEqual(pick(check, path), value, path);
      for (const [which, value] of Object.entries(given.fixes ?? {})) {
        const fix = check.findings.find((one) => one.id === which)?.fix ?? null;
        assert.equal(fix === null ? null : `${fix.name} ${fix.type} ${fix.value}`, value, which);
      }
      // Only what fails where an unchecked answer comes is asked again, before anything is called forged.
      if (id !== 'dnssec-bogus') assert.equal(asked.length, new Set(asked).size, 'no question is asked twice');
      // JSON has no undefined and no bigint: what comes out is what went in.
      assert.deepEqual(JSON.parse(JSON.stringify(check)), check);
      assert.ok(!JSON.stringify(check).includes('secretkey'), 'a key of a list is shown nowhere');
      for (const one of check.findings) {
        const missing = placeholders(one.id).filter((key) => !(key in one.evidence));
        if (protocol !== 'spf' && protocol !== 'dkim' && protocol !== 'dmarc')
          assert.deepEqual(missing, [], 'sentences use what is there');
        if (one.fix?.type !== 'TXT' || one.fix.value === null) continue;
        const after = await audit(publish(zone, one), given, protocol);
        assert.ok(
          count(after.check, one.id) < count(check, one.id),
          `${one.id} goes away by publishing ${one.fix.value}`,
        );
      }
      await holdsTogether(check, async () => (await audit(publishAll(zone, check.proposals), given, protocol)).check);
    });

  test('every finding has a zone that shows it and one that does not', () => {
    const have = new Set(names);
    const missing = Object.keys(FINDINGS).flatMap((id) => [id, `${id}-good`].filter((name) => !have.has(name)));
    assert.deepEqual(missing, []);
  });
});
