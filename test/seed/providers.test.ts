import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  PROVIDERS,
  providerOfAddress,
  serverPreset,
  suggestedUser,
  trustRulesFor,
} from '../../server/seed/providers.ts';
import { PROVIDER_IDS } from '../../server/seed/types.ts';

test('every provider has a preset, no address suggests two, and no preset offers cleartext', () => {
  assert.deepEqual(Object.keys(PROVIDERS).sort(), [...PROVIDER_IDS].sort());
  const domains = Object.values(PROVIDERS).flatMap((preset) => preset.domains);
  assert.equal(new Set(domains).size, domains.length);
  for (const preset of Object.values(PROVIDERS)) {
    for (const server of [preset.imap, preset.pop3]) assert.notEqual(server?.security, 'none');
    assert.ok(preset.name.en && preset.name.ja && preset.maxConnections >= 2 && preset.pollingFloorMs >= 1_000);
  }
});

test('addresses suggest providers, hosts and users', () => {
  const rows: [string, ReturnType<typeof providerOfAddress>, string | undefined, string][] = [
    ['a@gmail.com', 'gmail', 'imap.gmail.com', 'a@gmail.com'],
    ['a@GoogleMail.com', 'gmail', 'imap.gmail.com', 'a@GoogleMail.com'],
    ['a@hotmail.com', 'outlook', 'outlook.office365.com', 'a@hotmail.com'],
    ['a@gmx.com', 'gmx', 'imap.gmx.com', 'a@gmx.com'],
    ['a@gmx.de', 'gmx', 'imap.gmx.net', 'a@gmx.de'],
    ['a@zoho.eu', 'zoho', 'imap.zoho.eu', 'a@zoho.eu'],
    ['taro@yahoo.co.jp', 'yahoo-japan', 'imap.mail.yahoo.co.jp', 'taro'],
    ['taro@docomo.ne.jp', 'docomo', 'imap.spmode.ne.jp', ''],
    ['a@evil-gmail.com', 'other', undefined, 'a@evil-gmail.com'],
    ['a@constructor', 'other', undefined, 'a@constructor'],
  ];
  for (const [address, provider, host, user] of rows) {
    assert.equal(providerOfAddress(address), provider);
    assert.equal(serverPreset(provider, 'imap', address)?.host, host);
    assert.equal(suggestedUser(provider, 'imap', address), user);
  }
  assert.equal(suggestedUser('gmail', 'pop3', 'a@gmail.com'), 'recent:a@gmail.com');
  assert.equal(serverPreset('icloud', 'pop3', 'a@me.com'), null);
});

test('whom to believe', () => {
  assert.deepEqual(trustRulesFor('gmail', { address: 'a@evil.test', host: 'evil.test' }).authservIds, [
    'mx.google.com',
  ]);
  assert.equal(trustRulesFor('outlook', { address: 'a@b.test', host: 'b.test' }).style, 'outlook');
  const rows: [address: string, host: string, ids: string[]][] = [
    ['a@rspam.test', 'mx.rspam.test', ['*.rspam.test', '*.mx.rspam.test']],
    ['a@example.co.uk', 'mail.example.co.uk', ['*.example.co.uk', '*.mail.example.co.uk']],
    ['a@example.com', 'imap.hosting.example', ['*.example.com', '*.imap.hosting.example']],
    [
      'a@example.com',
      'mail.eu.hosting.example',
      ['*.example.com', '*.mail.eu.hosting.example', '*.eu.hosting.example'],
    ],
    ['a@example.com', '127.0.0.1', ['*.example.com']],
    ['a@example.com', 'localhost', ['*.example.com']],
    ['a@[127.0.0.1]', '::1', []],
    ['a@com', 'mail.com', ['*.mail.com']],
  ];
  for (const [address, host, ids] of rows) {
    assert.deepEqual(
      [...trustRulesFor('dovecot', { address, host }).authservIds].sort(),
      [...ids].sort(),
      `${address} ${host}`,
    );
  }
});
