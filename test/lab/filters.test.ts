/** What real spam filters say of real mails, over the wire they really speak. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { askFilters } from '../../server/campaign/ask-filters.ts';
import type { FilterView } from '../../server/campaign/filter.ts';
import { rawOf } from '../campaign/case.ts';
import { freePorts } from './daemons.ts';
import { type Filters, filtersMissing, startFilters } from './filters.ts';

const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
const letter = rawOf('structure-text-missing-good', {});
const spam = Buffer.from(letter.toString('latin1').replace('Dear reader', `${GTUBE}\nDear reader`), 'latin1');
const missing = filtersMissing();

type Answered = Extract<FilterView, { answered: true }>;
function answered(view: FilterView | null): Answered {
  assert.ok(view?.answered, JSON.stringify(view));
  return view;
}

describe('real rspamd and SpamAssassin', { skip: missing ?? false }, () => {
  let filters: Filters;
  before(async () => {
    filters = await startFilters();
  });
  after(async () => {
    await filters?.stop();
  });

  test('an honest mail: scores, limits and symbols with their words', async () => {
    const views = await askFilters(letter, filters, { from: 'news@shop.example' });
    const rspamd = answered(views.rspamd);
    const spamassassin = answered(views.spamassassin);
    assert.deepEqual([rspamd.spam, rspamd.action, rspamd.limit], [false, 'no action', 15]);
    assert.ok(rspamd.symbols.length > 3 && rspamd.symbols.every(({ name }) => /^[A-Z][A-Z0-9_]+$/.test(name)));
    assert.deepEqual([spamassassin.spam, spamassassin.limit], [false, 5]);
    assert.ok(
      spamassassin.symbols.length >= 1 && spamassassin.symbols.every(({ description }) => description !== null),
    );
    assert.ok(Math.abs(spamassassin.score - spamassassin.symbols.reduce((sum, { score }) => sum + score, 0)) < 0.6);
  });
  test('what both must call spam', async () => {
    const views = await askFilters(spam, filters, { from: null });
    assert.deepEqual([answered(views.rspamd).spam, answered(views.rspamd).action], [true, 'reject']);
    assert.equal(answered(views.spamassassin).spam, true);
    assert.ok(answered(views.spamassassin).symbols.some(({ name, score }) => name === 'GTUBE' && score >= 1000));
  });
  test('a mail that rspamd would hold back', async () => {
    const late = Buffer.from(letter.toString('latin1').replace(/Date: .*\n/, ''), 'latin1');
    const { rspamd } = await askFilters(late, { ...filters, spamd: null }, { from: 'news@shop.example' });
    assert.equal(answered(rspamd).action, 'greylist');
    assert.equal(answered(rspamd).symbols[0]?.name, 'MISSING_DATE');
  });
  test('a mail of 15 MB, and one with any bytes', async () => {
    const large = Buffer.concat([letter, Buffer.alloc(15 * 1024 * 1024, 'warm and dry boots\n')]);
    for (const raw of [large, Buffer.concat([letter, Buffer.from([0, 255, 254, 13, 10, 46, 13, 10])])]) {
      const views = await askFilters(raw, filters, { from: 'a\r\nSubject: x' });
      assert.ok(answered(views.rspamd) && answered(views.spamassassin));
    }
  });
});

test('filters that are not there, say nothing or say nonsense are no failure of the audit', async () => {
  const [nobody = 0] = await freePorts(1);
  const views = await askFilters(
    letter,
    { rspamdUrl: `http://127.0.0.1:${nobody}`, spamd: `127.0.0.1:${nobody}` },
    { from: null },
  );
  for (const view of [views.rspamd, views.spamassassin]) {
    assert.ok(view !== null && !view.answered);
    assert.equal(view.reason, 'connection-refused');
  }
  assert.deepEqual(await askFilters(letter, { rspamdUrl: null, spamd: null }, { from: null }), {
    rspamd: null,
    spamassassin: null,
  });
});
