/** How a mail that we did not send is recognised, and how it is not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Recognition, watcherOf } from '../../server/probe/recognise.ts';
import { holdsText } from '../../server/seed/match.ts';

const OPENED = Date.UTC(2026, 10, 26, 2);
const NOW = 'Date: Thu, 26 Nov 2026 02:05:00 +0000';
const OLD = 'Date: Wed, 25 Nov 2026 02:05:00 +0000';
const HEADER: Recognition = { by: 'header', name: 'X-Campaign-ID', value: 'summer-42' };
const CASES: [name: string, recognition: Recognition, header: string[], is: boolean][] = [
  ['the header as given', { by: 'token', token: 'abc123' }, ['X-Todoku-Campaign: abc123'], true],
  [
    'in the subject, encoded',
    { by: 'token', token: 'abc123' },
    [`Subject: =?UTF-8?B?${Buffer.from('夏 abc123').toString('base64')}?=`],
    true,
  ],
  [
    'an older date does not matter to a token',
    { by: 'token', token: 'abc123' },
    [OLD, 'X-Todoku-Campaign: abc123'],
    true,
  ],
  ['another token', { by: 'token', token: 'abc123' }, ['X-Todoku-Campaign: abc124'], false],
  ['a header that the system sets', HEADER, [NOW, 'X-Campaign-ID: list=7; Summer-42'], true],
  ['the same of yesterday', HEADER, [OLD, 'X-Campaign-ID: summer-42'], false],
  ['another campaign', HEADER, [NOW, 'X-Campaign-ID: summer-41'], false],
  ['a domain and those below it', { by: 'from', from: 'good.test' }, [NOW, 'From: Shop <a@news.good.test>'], true],
  ['a domain that ends alike', { by: 'from', from: 'good.test' }, [NOW, 'From: Shop <a@notgood.test>'], false],
  ['a name that looks like it', { by: 'from', from: 'a@good.test' }, [NOW, 'From: "a@good.test" <b@evil.test>'], false],
  [
    'and subject, folded and wide',
    { by: 'from', from: 'a@good.test', subject: 'Ｓummer  sale' },
    [NOW, 'From: a@good.test', 'Subject: The summer\r\n sale'],
    true,
  ],
  [
    'another subject',
    { by: 'from', from: 'a@good.test', subject: 'sale' },
    [NOW, 'From: a@good.test', 'Subject: Receipt'],
    false,
  ],
];
describe('recognised', () => {
  for (const [name, recognition, header, is] of CASES)
    test(name, () => {
      const watcher = watcherOf(recognition, 'probe', OPENED);
      assert.equal(watcher.matches(Buffer.from(`${header.join('\r\n')}\r\n\r\n`)), is);
    });
  for (const [name, body, is] of [
    ['plain', 'x tok123456 y', true],
    ['quoted-printable, broken', 'x tok1=\r\n23456 y', true],
    [
      'base64',
      Buffer.from('a text of some length with tok123456 in it, and more of it')
        .toString('base64')
        .replace(/.{40}/g, '$&\r\n'),
      true,
    ],
    ['not there', Buffer.from('a text of some length without it, and more of it').toString('base64'), false],
  ] as const)
    test(`a text, ${name}`, () =>
      assert.equal(holdsText(Buffer.from(`Subject: x\r\n\r\n${body}\r\n`), 'tok123456'), is));
});
