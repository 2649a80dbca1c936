/** Settings: good ones are read, broken ones stop the start with one line that names them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { readConfig, SETTINGS, unknownSettings } from '../../server/config.ts';
import { AppError } from '../../server/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'todoku-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const noCertificate = join(folder, 'none.pem');
writeFileSync(noCertificate, 'hello\n');
const brokenCertificate = join(folder, 'broken.pem');
writeFileSync(brokenCertificate, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');

test('an empty environment gives the defaults', () => {
  const config = readConfig({});
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 4125);
  assert.ok(config.dataDir.endsWith('/data'));
  assert.equal(config.secretKey, null);
  assert.deepEqual(config.dnsServers, []);
  assert.deepEqual(config.allowedNetworks, []);
  assert.equal(config.onlyServers, null);
  assert.equal(config.baseUrl, null);
  assert.equal(config.maxMessageBytes, 25_000_000);
});

test('an empty value is as good as none', () => {
  const empty = Object.fromEntries(SETTINGS.map(({ name }) => [name, '  ']));
  assert.deepEqual(readConfig(empty), readConfig({}));
});

test('lists are read, with ports and prefixes filled in', () => {
  const config = readConfig({
    TODOKU_DNS_SERVERS: '192.0.2.1, 192.0.2.2:5353 ::1,[2001:db8::1]:5300',
    TODOKU_DNS_VALIDATORS: '10.0.0.53 fd00::53',
    TODOKU_ALLOW_PRIVATE_NETWORKS: '10.0.0.0/8,192.168.1.7, fd00::/8',
    TODOKU_BASE_URL: 'https://Todoku.example.com/',
    PORT: '0',
  });
  assert.deepEqual(config.dnsServers, ['192.0.2.1:53', '192.0.2.2:5353', '[::1]:53', '[2001:db8::1]:5300']);
  assert.deepEqual(config.dnsValidators, ['10.0.0.53:53', '[fd00::53]:53']);
  assert.deepEqual(config.allowedNetworks, ['10.0.0.0/8', '192.168.1.7/32', 'fd00::/8']);
  assert.equal(config.baseUrl, 'https://todoku.example.com');
  assert.equal(config.port, 0);
});

const BROKEN: [name: string, value: string][] = [
  ['PORT', 'abc'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80.5'],
  ['HOST', 'not a host'],
  ['TODOKU_SECRET_KEY', 'too-short'],
  ['TODOKU_BASE_URL', 'todoku.example.com'],
  ['TODOKU_BASE_URL', 'ftp://todoku.example.com'],
  ['TODOKU_BASE_URL', 'https://todoku.example.com/below'],
  ['TODOKU_TRUST_PROXIES', 'everybody'],
  ['TODOKU_DNS_SERVERS', '192.0.2.1:99999'],
  ['TODOKU_DNS_SERVERS', 'dns.example.com'],
  ['TODOKU_DNS_VALIDATORS', 'dns.example.com'],
  ['TODOKU_DNS_SERVERS', '192.0.2.1,,[192.0.2.1]:53'],
  ['TODOKU_ALLOW_PRIVATE_NETWORKS', '10.0.0.0/33'],
  ['TODOKU_ALLOW_PRIVATE_NETWORKS', '10.0.0/8'],
  ['TODOKU_ALLOW_PRIVATE_NETWORKS', '10.0.0.0/8/8'],
  ['TODOKU_EXTRA_CA_FILE', join(folder, 'gone.pem')],
  ['TODOKU_EXTRA_CA_FILE', noCertificate],
  ['TODOKU_EXTRA_CA_FILE', brokenCertificate],
  ['TODOKU_EXTRA_CA_FILE', folder],
  ['TODOKU_LOG_LEVEL', 'loud'],
  ['TODOKU_MAX_CONCURRENT_SEEDS', '0'],
  ['TODOKU_MAX_MESSAGE_MB', '1e3'],
  ['TODOKU_MAX_REQUEST_MB', '101'],
  ['TODOKU_SESSION_DAYS', 'forever'],
];
for (const [name, value] of BROKEN)
  test(`${name}=${value.replace(folder, '…')} stops the start with one line`, () => {
    assert.throws(
      () => readConfig({ [name]: value }),
      (error: unknown) => {
        assert.ok(error instanceof AppError && error.code === 'config');
        assert.ok(error.message.startsWith(`${name} `), error.message);
        assert.ok(!error.message.includes('\n'));
        assert.equal(error.detail.setting, name);
        if (name === 'TODOKU_SECRET_KEY') assert.ok(!error.message.includes(value));
        return true;
      },
    );
  });

test('whatever stands in the environment, there is a config or one clear line', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SETTINGS.map(({ name }) => name)),
      fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.webUrl()),
      (name, value) => {
        if (name === 'TODOKU_EXTRA_CA_FILE') return;
        try {
          readConfig({ [name]: value });
        } catch (error) {
          assert.ok(error instanceof AppError && error.code === 'config' && error.message.startsWith(name));
        }
      },
    ),
  );
});

test('a mistyped name is noticed', () => {
  assert.deepEqual(unknownSettings({ TODOKU_DNS_SERVER: '192.0.2.1', TODOKU_LOG_LEVEL: 'info', PATH: '' }), [
    'TODOKU_DNS_SERVER',
  ]);
});

test('every setting says what it is for', () => {
  for (const { name, meaning } of SETTINGS) assert.ok(meaning.length > 15 && meaning.length < 200, name);
  assert.equal(new Set(SETTINGS.map(({ field }) => field)).size, SETTINGS.length);
});
