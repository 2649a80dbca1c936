/** The catalogue: ids the outside relies on, and the documentation made from it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FINDINGS } from '../../server/domain/findings.ts';
import { PROTOCOLS, SEVERITIES } from '../../server/domain/types.ts';
import { document, withTable } from './findings-table.ts';

/** Scripts and dashboards know these by name. */
const PROMISED = [
  'spf-missing spf-multiple spf-syntax spf-too-many-lookups spf-too-many-void-lookups spf-plus-all spf-include-loop',
  'dkim-key-too-short dkim-key-revoked dkim-key-invalid dkim-testing',
  'dmarc-missing dmarc-multiple dmarc-policy-none dmarc-policy-invalid dmarc-tag-removed dmarc-report-unauthorized',
].flatMap((line) => line.split(' '));

test('ids that were promised are there', () => {
  for (const id of PROMISED) assert.ok(id in FINDINGS, id);
});

test('each finding is named after its protocol, in small letters', () => {
  for (const [id, { protocol, severity, when }] of Object.entries(FINDINGS)) {
    assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)+$/);
    assert.ok(PROTOCOLS.includes(protocol) && id.startsWith(`${protocol.replaceAll('-', '')}-`), id);
    assert.ok(SEVERITIES.includes(severity) && when.length > 10 && !/[.|]$/.test(when), id);
  }
});

test('every protocol that is judged says when it could not be asked', () => {
  const protocols = new Set(Object.values(FINDINGS).map((entry) => entry.protocol));
  for (const protocol of protocols) {
    const found = Object.entries(FINDINGS).find(([id]) => id === `${protocol.replaceAll('-', '')}-unasked`);
    assert.equal(found?.[1].severity, 'info', protocol);
  }
});

test('server/domain/README.md has the table (node test/domain/findings-table.ts writes it)', () => {
  assert.equal(document(), withTable(document()));
});
