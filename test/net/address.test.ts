/** Which addresses a mail host may have: the spellings that let somebody through elsewhere, and the ones that must work. */
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAllowedMailHost, isInNetworks, isLoopback, isPublicAddress } from '../../server/net/address.ts';

const PRIVATE = [
  ...[
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
  ],
  ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.0.170', '192.0.2.1', '192.88.99.1'],
  ...['192.168.0.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255'],
  ...['240.0.0.1', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '::127.0.0.1',
    '::8.8.8.8',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:10.0.0.1',
    '::ffff:0:127.0.0.1',
  ],
  ...['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::808:808', '100::1', '2001:db8::1', '3fff::1', '5f00::1'],
  ...[
    '2002:7f00:1::1',
    '2002:a00:1::',
    '2002:c0a8:101::1',
    '2001:0:7f00:1::1',
    '2001::f7f7:f7f7',
    '2001:0:808:808::80ff:fffe',
  ],
  ...[
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
  ],
  ...['fe80::5efe:10.0.0.1', '2a00:1450::5efe:10.0.0.1', '2a00:1450::200:5efe:192.168.1.1', '4000::1', '8000::1'],
  ...['2a00::1%eth0', 'localhost', '', '127.1', '0x7f.1', '2130706433', '1.2.3', '8.8.8.8 ', '[::1]'],
];
const PUBLIC = [
  ...[
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.1',
  ],
  ...[
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.1',
    '192.167.255.255',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
  ],
  ...[
    '2606:4700:4700::1111',
    '2a00:1450:4001:830::200e',
    '2404:6800::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ],
  ...['2a00:1450::5efe:8.8.8.8', '2001:4860:4860::8888'],
];

test('private addresses in every spelling', () => {
  for (const address of PRIVATE) {
    assert.equal(isPublicAddress(address), false, address);
    assert.equal(isAllowedMailHost(address, []), false, address);
  }
});

test('public addresses', () => {
  for (const address of PUBLIC) assert.equal(isPublicAddress(address), true, address);
});

test('a private network may be listed, and only that one', () => {
  const own = ['127.0.0.0/8', '::1/128', 'fd00::/8'];
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', 'fd00::5', '::ffff:127.0.0.1', '8.8.8.8'])
    assert.equal(isAllowedMailHost(address, own), true, address);
  for (const address of [
    '10.0.0.1',
    'fc00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '169.254.169.254',
    'x',
  ])
    assert.equal(isAllowedMailHost(address, own), false, address);
  assert.equal(isInNetworks('192.0.2.7', ['192.0.2.7']), true);
  for (const wrong of ['10.0.0.0/33', '10.0.0.0/', 'ten/8', '10.0.0.0/8/8', '::/129', '']) {
    assert.throws(() => isInNetworks('10.0.0.1', [wrong]), RangeError, wrong);
  }
});

test('loopback', () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) assert.equal(isLoopback(address), true, address);
  for (const address of ['10.0.0.1', '::2', '8.8.8.8', 'localhost']) assert.equal(isLoopback(address), false, address);
});

test('an IPv4 address is as public mapped, in NAT64 and in 6to4 as it is plain', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
      const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
      const plain = isPublicAddress(address);
      for (const carrier of [`::ffff:${address}`, `::ffff:${hex}`, `64:ff9b::${hex}`, `2002:${hex}::1`])
        assert.equal(isPublicAddress(carrier), plain, carrier);
    }),
  );
});

test('no text throws, and only addresses are public', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended()), (text) => {
      if (isPublicAddress(text)) assert.notEqual(isIP(text), 0);
    }),
  );
});
