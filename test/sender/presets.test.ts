/** The table of providers: whole, safe, and found from an address or a host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultBudget,
  PRESET_NOTES,
  presetForAddress,
  presetForHost,
  SENDER_PRESETS,
} from '../../server/sender/presets.ts';
import { SENDER_PRESET_IDS } from '../../server/sender/types.ts';

test('every preset stands in the table once, and none speaks in clear', () => {
  assert.deepEqual(
    SENDER_PRESETS.map((preset) => preset.id),
    [...SENDER_PRESET_IDS],
  );
  for (const { id, routes, notes, dailyLimit, minGapMs } of SENDER_PRESETS) {
    for (const { host, port, security } of routes) {
      assert.match(host, /^[a-z0-9.-]+\.[a-z]+$/, id);
      assert.equal(security, port === 465 ? 'tls' : 'starttls', id);
    }
    for (const note of notes) assert.ok(PRESET_NOTES.includes(note), note);
    assert.ok(dailyLimit > 0 && minGapMs > 0, id);
  }
});

test('a preset is found from an address and from a host', () => {
  const byAddress: [string, string][] = [
    ['a@gmail.com', 'gmail'],
    ['A@GoogleMail.com', 'gmail'],
    ['a@outlook.jp', 'outlook'],
    ['a@yahoo.co.jp', 'yahoo-japan'],
    ['a@yahoo.com', 'yahoo'],
    ['a@icloud.com', 'icloud'],
    ['a@example.com', 'own-server'],
    ['', 'own-server'],
  ];
  for (const [address, id] of byAddress) assert.equal(presetForAddress(address).id, id, address);
  const byHost: [string, string][] = [
    ['smtp.gmail.com', 'gmail'],
    ['SMTP-Relay.gmail.com.', 'google-workspace-relay'],
    ['email-smtp.ap-northeast-1.amazonaws.com', 'amazon-ses'],
    ['email-smtp-fips.us-west-2.amazonaws.com', 'amazon-ses'],
    ['smtp.eu.mailgun.org', 'mailgun'],
    ['smtp.gmail.com.evil.test', 'own-server'],
  ];
  for (const [host, id] of byHost) assert.equal(presetForHost(host).id, id, host);
});

test('budgets: 500 for gmail.com, 2,000 for Workspace', () => {
  const cases: [string, string, number][] = [
    ['smtp.gmail.com', 'a@gmail.com', 500],
    ['smtp.gmail.com', 'a@example.co.jp', 2_000],
    ['smtp-relay.gmail.com', 'a@example.co.jp', 10_000],
    ['mail.example.com', 'a@example.com', 2_000],
  ];
  for (const [host, from, limit] of cases) assert.equal(defaultBudget(host, from).dailyLimit, limit, `${host} ${from}`);
});
