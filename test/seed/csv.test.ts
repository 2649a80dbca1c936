import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCsv } from '../../server/csv.ts';
import { readSeedCsv, type SeedDraft, writeSeedCsv } from '../../server/seed/csv.ts';

function lines(text: string, existing: Parameters<typeof readSeedCsv>[1] = []) {
  const read = readSeedCsv(text, existing);
  assert.ok(read.ok, JSON.stringify(read));
  return read.lines;
}

test('presets fill in what is left out', () => {
  const [one] = lines('address,password\na@gmail.com,secret\n');
  assert.deepEqual(one, {
    line: 2,
    key: 'a@gmail.com',
    verdict: 'ok',
    draft: {
      address: 'a@gmail.com',
      provider: 'gmail',
      protocol: 'imap',
      host: 'imap.gmail.com',
      port: 993,
      security: 'tls',
      user: 'a@gmail.com',
      password: 'secret',
      junkFolder: null,
      tags: [],
    },
  });
});

test('Japanese headings, semicolons, tabs, a byte order mark, quotes, line breaks of all kinds', () => {
  const rows = [
    '\ufeffメールアドレス;パスワード;迷惑メールフォルダー;タグ\r\ntaro@yahoo.co.jp;"a;""b";迷惑メール;本番|"日本"\r\n',
    'アドレス\tパスワード\tタグ\nx@gmx.de\tpw\tone| two |one\n',
    '"address","password","provider","host"\r"a@b.test"," p w ","dovecot","mail.b.test"\r',
  ];
  const seeds = rows.map((text) => {
    const [first] = lines(text);
    assert.equal(first?.verdict, 'ok', JSON.stringify(first));
    return first.verdict === 'ok' ? first.draft : undefined;
  });
  assert.deepEqual(
    [seeds[0]?.password, seeds[0]?.junkFolder, seeds[0]?.tags, seeds[0]?.user],
    ['a;"b', '迷惑メール', ['本番', '"日本"'], 'taro'],
  );
  assert.deepEqual(seeds[1]?.tags, ['one', 'two']);
  assert.deepEqual([seeds[2]?.password, seeds[2]?.port], [' p w ', 993]);
});

const HEAD = 'address,provider,protocol,host,port,security,user,password,junkFolder,tags\n';
const VERDICTS: [line: string, reason: string, column: string | null][] = [
  [',,,,,,,pw,,', 'address-missing', 'address'],
  ['nonsense,,,,,,,pw,,', 'address-invalid', 'address'],
  ['a@b.test,gmale,,,,,,pw,,', 'provider-unknown', 'provider'],
  ['a@b.test,,smtp,,,,,pw,,', 'protocol-unknown', 'protocol'],
  ['a@b.test,,,,,,,pw,,', 'host-missing', 'host'],
  ['a@icloud.com,,pop3,,,,,pw,,', 'protocol-not-offered', 'protocol'],
  ['a@b.test,,,ho st,,,,pw,,', 'host-invalid', 'host'],
  ['a@b.test,,,h.test,99999,,,pw,,', 'port-invalid', 'port'],
  ['a@b.test,,,h.test,x,,,pw,,', 'port-invalid', 'port'],
  ['a@b.test,,,h.test,,rot13,,pw,,', 'security-unknown', 'security'],
  ['a@docomo.ne.jp,,,,,,,pw,,', 'user-missing', 'user'],
  ['a@gmail.com,,,,,,,,,', 'password-missing', 'password'],
  ['a@gmail.com,,,,,,"a\r\nDELE 1",pw,,', 'control-character', 'user'],
  ['a@gmail.com,,,,,,,pw,,,,extra', 'too-many-cells', null],
  ['a@gmail.com,,,,,,,"pw', 'quote-not-closed', null],
  [`a@gmail.com,,,,,,,pw,,${'x'.repeat(2_000)}`, 'too-long', 'tags'],
];
for (const [line, reason, column] of VERDICTS) {
  test(`a line with ${reason}`, () =>
    assert.deepEqual(lines(HEAD + line), [
      { line: 2, key: /^[^,]*/.exec(line)?.[0], verdict: 'error', reason, column },
    ]));
}

test('ports and words of security', () => {
  const drafts = lines(
    `${HEAD}a@b.test,,,h,143,,,p,,\nb@b.test,,pop,h,,,,p,,\nc@b.test,,POP3S,h,110,,,p,,\nd@b.test,,imap,h,,ssl,,p,,\ne@b.test,,,h,,starttls,,p,,\nf@b.test,,,h,９９３,,,p,,`,
  );
  assert.deepEqual(
    drafts.map((one) => (one.verdict === 'ok' ? `${one.draft.protocol} ${one.draft.port} ${one.draft.security}` : one)),
    ['imap 143 starttls', 'pop3 995 tls', 'pop3 110 starttls', 'imap 993 tls', 'imap 143 starttls', 'imap 993 tls'],
  );
});

test('duplicates within the file and with what is there, per protocol; line numbers count line breaks in quotes', () => {
  const text = `address,password,protocol\n\na@gmail.com,"p q",imap\nA@GMAIL.com,p,imap\na@gmail.com,p,pop3\n"b@gmail.com\n",p,imap\nc@gmail.com,p,imap\n`;
  const read = lines(text, [{ address: 'C@gmail.com', protocol: 'imap' }]);
  assert.deepEqual(
    read.map((one) => [one.line, one.verdict, 'of' in one ? one.of : null]),
    [
      [3, 'ok', null],
      [4, 'duplicate', 3],
      [5, 'ok', null],
      [6, 'error', null],
      [8, 'duplicate', 'existing'],
    ],
  );
});

test('files that are no table of seeds', () => {
  assert.deepEqual(readSeedCsv(' \n', []), { ok: false, reason: 'empty' });
  assert.deepEqual(readSeedCsv('a@gmail.com,pw\n', []), { ok: false, reason: 'heading-missing' });
  assert.deepEqual(readSeedCsv('address,address\n', []), { ok: false, reason: 'heading-twice' });
  assert.deepEqual(readSeedCsv(`address\n${'a@b.test\n'.repeat(5_001)}`, []), { ok: false, reason: 'too-many-lines' });
  assert.deepEqual(readSeedCsv('x'.repeat(4_000_001), []), { ok: false, reason: 'too-large' });
});

const draft: fc.Arbitrary<Omit<SeedDraft, 'password'>> = fc.record({
  address: fc.constantFrom('a@b.test', '=x@b.test', '+x@b.test', '-@b.test'),
  provider: fc.constantFrom('gmail', 'dovecot'),
  protocol: fc.constantFrom('imap', 'pop3'),
  host: fc.constantFrom('mail.b.test', '127.0.0.1'),
  port: fc.integer({ min: 1, max: 65_535 }),
  security: fc.constantFrom('tls', 'starttls', 'none'),
  user: fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text),
  junkFolder: fc.option(
    fc.constantFrom('=cmd|x', "'=cmd|x", "''+1", '@SUM', '-Spam', '[Gmail]/迷惑メール', 'a;b', '＝x'),
  ),
  tags: fc.uniqueArray(fc.constantFrom('=1+1', 'one', 'two, three', '"quoted"'), { maxLength: 3 }),
});

test('what is exported has no formula and no password, and reads back as it was', () => {
  fc.assert(
    fc.property(fc.array(draft, { maxLength: 5 }), (seeds) => {
      const text = writeSeedCsv(seeds);
      for (const { cells } of parseCsv(text, ',', 100)) {
        for (const cell of cells) assert.doesNotMatch(cell, /^[=+\-@\t\r＝＋－＠]/);
      }
      assert.doesNotMatch(text, /password/i);
      for (const [index, seed] of seeds.entries()) {
        const [one] = lines(writeSeedCsv([seed]).replace(/^(.*)\r\n(.*)\r\n$/s, '$1,password\r\n$2,pw\r\n'));
        assert.equal(one?.verdict, 'ok', JSON.stringify([one, seed]));
        assert.deepEqual(one.verdict === 'ok' && { ...one.draft }, { ...seed, password: 'pw' }, String(index));
      }
    }),
  );
});

test('any text is read without a throw, in time that grows with its length', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readSeedCsv(`address,password\n${text}`, [])));
  const quotes = readSeedCsv(`address,password\n${'"'.repeat(1_000_001)}`, []);
  assert.ok(quotes.ok);
});
