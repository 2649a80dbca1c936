/**
 * Golden pairs: for each finding a zone that shows it (`spf-plus-all.zone`) and one that does not (`spf-plus-all-good.zone`), served by a real DNS server and
 * checked by the whole way a check takes. Beside each a `.json` with what must come out. More cases: `spf-plus-all.included.zone`.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createDnsClient } from '../../server/dns/client.ts';
import { auditDomain, type DomainCheck } from '../../server/domain/audit.ts';
import { isDmarcRecord, looksLikeDmarc } from '../../server/domain/dmarc.ts';
import { FINDINGS, type FindingId } from '../../server/domain/findings.ts';
import { isSpfRecord, looksLikeSpf } from '../../server/domain/spf.ts';
import type { Finding, Known, Protocol } from '../../server/domain/types.ts';
import { parseZone, serveZone, type Zone } from './zone.ts';

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

/** Which records a proposal takes the place of: those of its kind, be they good or only meant as such. */
const KIND: Partial<Record<Protocol, (text: string) => boolean>> = {
  spf: (text) => isSpfRecord(text) || looksLikeSpf(text),
  dmarc: (text) => isDmarcRecord(text) || looksLikeDmarc(text),
  dkim: () => true,
};

/** The zone after somebody has published what was proposed. */
function publish(zone: Zone, finding: Finding): Zone {
  const { fix, evidence, protocol } = finding;
  const more = Array.isArray(evidence.records) ? evidence.records : [];
  const helpers = more.map((line) => /^(\S+) TXT "(.*)"$/.exec(line)).filter((match) => match !== null);
  const after = new Map(zone);
  for (const [name, value] of [[fix?.name, fix?.value], ...helpers.map((match) => [match[1], match[2]])]) {
    if (!name || !value) continue;
    const kept = (after.get(name) ?? []).filter(
      (entry) => !('data' in entry && entry.type === 'TXT' && KIND[protocol]?.((entry.data as Buffer[]).join(''))),
    );
    after.set(name, [
      ...kept,
      { type: 'TXT', data: (value.match(/.{1,255}/gs) ?? []).map((part) => Buffer.from(part)) },
    ]);
  }
  return after;
}

async function audit(zone: Zone, given: Case, protocol: Protocol): Promise<{ check: DomainCheck; asked: string[] }> {
  const authority = await serveZone(zone);
  // Only a zone that has a silent name has to wait for it; the others may take what a busy machine takes.
  const silent = [...zone.values()].flat().some((entry) => 'fails' in entry && entry.fails === 'TIMEOUT');
  const dns = createDnsClient({ servers: [authority.address], timeoutMs: silent ? 1000 : 5000, rounds: 1 });
  try {
    const check = await auditDomain(dns, knownOf(given), [protocol]);
    const asked = authority.asked.map((question) => `${question.type} ${question.name.toLowerCase()} ${question.tcp}`);
    return { check, asked };
  } finally {
    dns.close();
    await authority.close();
  }
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
      const zone = parseZone(readFileSync(`${FOLDER}${name}.zone`, 'utf8'));
      const { check, asked } = await audit(zone, given, protocol);
      const found = check.findings.map((finding) => ({ id: finding.id, severity: finding.severity }));
      assert.deepEqual(found, given.findings);
      assert.equal(
        found.some((finding) => finding.id === id),
        subject === id,
        `${name} and ${id}`,
      );
      for (const [path, value] of Object.entries(given.picked ?? {})) assert.deepEqual(pick(check, path), value, path);
      for (const [which, value] of Object.entries(given.fixes ?? {})) {
        const fix = check.findings.find((finding) => finding.id === which)?.fix ?? null;
        assert.equal(fix === null ? null : `${fix.name} ${fix.type} ${fix.value}`, value, which);
      }
      assert.equal(asked.length, new Set(asked).size, 'no question is asked twice');
      // JSON has no undefined and no bigint: what comes out is what went in.
      assert.deepEqual(JSON.parse(JSON.stringify(check)), check);
      for (const finding of check.findings)
        if (finding.fix?.type === 'TXT' && finding.fix.value !== null) {
          const after = await audit(publish(zone, finding), given, protocol);
          assert.ok(
            after.check.findings.filter((one) => one.id === finding.id).length <
              check.findings.filter((one) => one.id === finding.id).length,
            `${finding.id} goes away by publishing ${finding.fix.value}`,
          );
        }
    });

  test('every finding has a zone that shows it and one that does not', () => {
    const have = new Set(names);
    const missing = Object.keys(FINDINGS).flatMap((id) => [id, `${id}-good`].filter((name) => !have.has(name)));
    assert.deepEqual(missing, []);
  });
});
