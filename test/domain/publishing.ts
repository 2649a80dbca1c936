/** A zone after somebody has published what a check proposes, and whether what was promised of it is so. */
import assert from 'node:assert/strict';
import type { DomainCheck } from '../../server/domain/audit.ts';
import { isDmarcRecord, looksLikeDmarc } from '../../server/domain/dmarc.ts';
import type { Proposal } from '../../server/domain/proposals.ts';
import { isSpfRecord, looksLikeSpf } from '../../server/domain/spf.ts';
import type { Finding, Protocol } from '../../server/domain/types.ts';
import type { Zone } from './zone.ts';

/** Which records a proposal takes the place of: those of its kind, be they good or only meant as such; elsewhere, whatever stands at that name. */
const KIND: Partial<Record<Protocol, (text: string) => boolean>> = {
  spf: (text) => isSpfRecord(text) || looksLikeSpf(text),
  dmarc: (text) => isDmarcRecord(text) || looksLikeDmarc(text),
};

/** The zone after somebody has published what was proposed. */
export function publish(zone: Zone, finding: Finding): Zone {
  const { fix, evidence, protocol } = finding;
  const more = Array.isArray(evidence.records) ? evidence.records : [];
  const others = more.map((line) => /^(\S+) TXT "(.*)"$/.exec(line)).filter((match) => match !== null);
  return replace(zone, protocol, [[fix?.name, fix?.value], ...others.map((match) => [match[1], match[2]] as const)]);
}

/** The zone after somebody has published all that a check proposes, at once. */
export function publishAll(zone: Zone, proposals: readonly Proposal[]): Zone {
  return proposals
    .filter(({ type }) => type === 'TXT')
    .reduce((after, { protocol, name, values }) => replace(after, protocol, [[name, values[0]]]), zone);
}

function replace(
  zone: Zone,
  protocol: Protocol,
  records: readonly (readonly [string | undefined, string | null | undefined])[],
): Zone {
  const replaced = KIND[protocol] ?? (() => true);
  const after = new Map(zone);
  for (const [name, value] of records) {
    if (!name || !value) continue;
    const kept = (after.get(name) ?? []).filter(
      (entry) => !('data' in entry && entry.type === 'TXT' && replaced((entry.data as Buffer[]).join(''))),
    );
    after.set(name, [
      ...kept,
      { type: 'TXT', data: (value.match(/.{1,255}/gs) ?? []).map((part) => Buffer.from(part)) },
    ]);
  }
  return after;
}

export const count = (check: DomainCheck, id: string): number => check.findings.filter((one) => one.id === id).length;

/** What may come up when a proposal is published, because it is the step after it: each is told beside the proposal. */
const NEXT = new Set(['dmarc-policy-none', 'dmarc-testing', 'dmarc-report-undeliverable', 'tlsrpt-rua-undeliverable']);
const LESSER: Record<string, string> = {
  'spf-lookups-near-limit': 'spf-too-many-lookups',
  'spf-void-lookups': 'spf-too-many-void-lookups',
};

/** All that the proposals claim is so when they are published at once, and nothing else comes up. */
export async function holdsTogether(check: DomainCheck, again: () => Promise<DomainCheck>): Promise<void> {
  const { proposals } = check;
  const names = proposals.map(({ name, type }) => `${type} ${name}`);
  assert.equal(new Set(names).size, names.length, 'one record for each name and type');
  for (const { name, type, values, mends } of proposals.filter((one) => one.type === 'TXT')) {
    const own = check.findings.filter(({ fix }) => fix?.name === name && fix.type === type && fix.value === values[0]);
    assert.deepEqual(own.map(({ id }) => id).sort(), [...mends].sort(), 'each finding shows the record that mends it');
  }
  for (const { fix } of check.findings)
    if (fix?.type === 'TXT' && fix.value !== null)
      assert.ok(
        proposals.some(({ name, values }) => name === fix.name && values[0] === fix.value),
        `one record is proposed for ${fix.name}`,
      );
  if (!proposals.some(({ type }) => type === 'TXT')) return;
  const after = await again();
  const claimed = proposals.filter(({ type }) => type === 'TXT').flatMap(({ mends }) => mends);
  for (const id of new Set(claimed)) {
    const times = claimed.filter((one) => one === id).length;
    assert.ok(count(after, id) <= count(check, id) - times, `${id} goes away ${times} times`);
  }
  const told = proposals.flatMap(({ notes }) => notes.filter(({ reason }) => reason === 'next'));
  for (const { id, severity } of after.findings) {
    if (severity === 'info' || count(after, id) <= count(check, id)) continue;
    assert.ok(NEXT.has(id) || count(check, LESSER[id] ?? '') > 0, `${id} comes up by publishing what is proposed`);
    assert.ok(
      told.some(({ evidence }) => evidence.finding === id),
      `${id} is told beside what leads to it`,
    );
  }
}
