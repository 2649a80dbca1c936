/**
 * Golden pairs: for each finding a zone that shows it (`spf-plus-all.zone`) and one that does not (`spf-plus-all-good.zone`), served by a real DNS server and
 * checked by the whole way a check takes. Beside each a `.json` with what must come out. More cases: `spf-plus-all.included.zone`.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createDnsClient } from '../../server/dns/client.ts';
import { auditDomain } from '../../server/domain/audit.ts';
import { FINDINGS, type FindingId } from '../../server/domain/findings.ts';
import type { Known, Protocol } from '../../server/domain/types.ts';
import { parseZone, serveZone } from './zone.ts';

const FOLDER = new URL('../golden/domain/', import.meta.url).pathname;

type Case = {
  domain: string;
  now?: string;
  selectors?: string[];
  ips?: string[];
  history?: { keysSince?: Record<string, { fingerprint: string; since: string }>; policyNoneSince?: string };
  observed?: Known['observed'];
  /** All findings of the protocol, in order. */
  findings: { id: string; severity: string }[];
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
  return {
    domain: given.domain,
    now: time(given.now ?? '2026-11-25T00:00:00Z'),
    selectors: (given.selectors ?? []).map((selector) => ({ selector, source: 'given' })),
    ips: given.ips ?? [],
    history: {
      keysSince: Object.fromEntries(
        Object.entries(given.history?.keysSince ?? {}).map(([selector, key]) => [
          selector,
          { ...key, since: time(key.since) },
        ]),
      ),
      policyNoneSince: given.history?.policyNoneSince === undefined ? null : time(given.history.policyNoneSince),
    },
    observed: given.observed ?? [],
  };
}

const pick = (from: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], from);

describe('golden domains', () => {
  for (const name of names)
    test(name, async () => {
      const given = JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8')) as Case;
      const [subject = ''] = name.split('.');
      const id = subject.replace(/-good$/, '') as FindingId;
      const protocol: Protocol | undefined = FINDINGS[id]?.protocol;
      assert.ok(protocol, `${name} bears the name of no finding`);
      const authority = await serveZone(parseZone(readFileSync(`${FOLDER}${name}.zone`, 'utf8')));
      const dns = createDnsClient({ servers: [authority.address], timeoutMs: 200, rounds: 1 });
      try {
        const check = await auditDomain(dns, knownOf(given), [protocol]);
        const found = check.findings.map((finding) => ({ id: finding.id, severity: finding.severity }));
        assert.deepEqual(found, given.findings);
        assert.equal(
          found.some((finding) => finding.id === id),
          subject === id,
          `${name} and ${id}`,
        );
        for (const [path, value] of Object.entries(given.picked ?? {}))
          assert.deepEqual(pick(check, path), value, path);
        for (const [which, value] of Object.entries(given.fixes ?? {})) {
          const fix = check.findings.find((finding) => finding.id === which)?.fix ?? null;
          assert.equal(fix === null ? null : `${fix.name} ${fix.type} ${fix.value}`, value, which);
        }
        const asked = authority.asked.map(
          (question) => `${question.type} ${question.name.toLowerCase()} ${question.tcp}`,
        );
        assert.deepEqual(asked.length, new Set(asked).size, 'no question is asked twice');
        JSON.stringify(check);
      } finally {
        dns.close();
        await authority.close();
      }
    });

  test('every finding has a zone that shows it and one that does not', () => {
    const have = new Set(names);
    const missing = Object.keys(FINDINGS).flatMap((id) => [id, `${id}-good`].filter((name) => !have.has(name)));
    assert.deepEqual(missing, []);
  });
});
