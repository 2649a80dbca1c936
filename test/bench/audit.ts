/**
 * Auditing: a newsletter of 100 KB offline, five hundred mails in a row with what they leave behind, and how that stands to the time that rspamd and SpamAssassin take for
 * the same mails, where they are installed.
 */
import { globSync, readFileSync } from 'node:fs';
import { askFilters } from '../../server/campaign/ask-filters.ts';
import { type AuditApp, auditCampaign } from '../../server/campaign/audit.ts';
import { DEFAULT_POLICY } from '../../server/campaign/policy.ts';
import { readCampaign } from '../../server/campaign/read.ts';
import { createReader } from '../../server/campaign/reader.ts';
import { FOLDER, NOW } from '../campaign/case.ts';
import { filtersMissing, startFilters } from '../lab/filters.ts';
import { heap, ms, percentile, type Row } from './row.ts';

const MAILS = 500;
const MB = 1024 * 1024;

export async function benchAudit(): Promise<Row[]> {
  const reader = createReader();
  const unused = (): never => {
    throw new Error('offline nobody is asked');
  };
  const app: AuditApp = {
    now: () => NOW,
    config: { allowedNetworks: [], onlyServers: null, extraCa: null, rspamdUrl: null, spamd: null },
    reader,
    verifier: { verify: unused },
    reach: unused,
  };
  const audit = async (raw: Buffer): Promise<number> => {
    const start = performance.now();
    const done = await auditCampaign(raw, app, { fromDomain: null, policy: DEFAULT_POLICY, offline: true });
    if ('refused' in done) throw new Error(done.refused);
    return performance.now() - start;
  };
  try {
    const newsletter = newsletterOf(100 * 1024);
    const warm: number[] = [];
    for (let i = 0; i < 40; i++) {
      const took = await audit(newsletter);
      if (i >= 10) warm.push(took);
    }
    const p95 = percentile(warm, 0.95);
    const mails = sample();
    const times: number[] = [];
    for (let i = 0; i < MAILS; i++) {
      times.push(await audit(mails[i % mails.length] ?? newsletter));
    }
    const grown = await leftBehind(mails);
    return [
      {
        what: `newsletter of ${Math.round(newsletter.length / 1024)} KB, offline, warm, p95 of ${warm.length}`,
        value: ms(p95),
        bar: 'at most 300 ms',
        good: p95 <= 300,
      },
      { what: `${MAILS} mails in a row, median`, value: ms(percentile(times, 0.5)), bar: '', good: null },
      {
        what: `heap after reading ${MAILS} mails in a row, more than after 150`,
        value: `${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MB`,
        bar: 'at most 2 MB',
        good: grown <= 2,
      },
      ...(await against(mails.slice(0, 20), audit)),
    ];
  } finally {
    await reader.close();
  }
}

/** The same mails, one after the other, by each. */
async function against(mails: readonly Buffer[], audit: (raw: Buffer) => Promise<number>): Promise<Row[]> {
  const missing = filtersMissing();
  if (missing !== null) return [{ what: 'against rspamd and SpamAssassin', value: '', bar: missing, good: null }];
  const filters = await startFilters();
  try {
    let ours = 0;
    const theirs = { rspamd: 0, spamassassin: 0 };
    for (const raw of mails) {
      ours += await audit(raw);
      for (const name of ['rspamd', 'spamassassin'] as const) {
        const only = {
          rspamdUrl: null,
          spamd: null,
          [name === 'rspamd' ? 'rspamdUrl' : 'spamd']: name === 'rspamd' ? filters.rspamdUrl : filters.spamd,
        };
        const start = performance.now();
        const views = await askFilters(raw, only, { from: null });
        if (!views[name]?.answered) throw new Error(`${name} gave no answer`);
        theirs[name] += performance.now() - start;
      }
    }
    return (['rspamd', 'spamassassin'] as const).map((name) => ({
      what: `${mails.length} mails, audit offline against ${name} without network`,
      value: `${(ours / theirs[name]).toFixed(2)} ×`,
      bar: `${ms(ours / mails.length)} : ${ms(theirs[name] / mails.length)} a mail`,
      good: null,
    }));
  } finally {
    await filters.stop();
  }
}

/** Golden mails, good and bad. */
function sample(): Buffer[] {
  return globSync('*.eml', { cwd: FOLDER })
    .sort()
    .map((name) => readFileSync(`${FOLDER}${name}`));
}

/** As newsletters are: nested tables, styles in every cell, pictures, counted links, a style sheet for phones. */
function newsletterOf(bytes: number): Buffer {
  const item = (
    i: number,
  ): string => `<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:0 auto">
<tr><td style="padding:12px 24px;font-family:Arial,sans-serif;font-size:15px;line-height:1.5;color:#333333;background-color:#ffffff">
<img src="https://shop.example/i/${i}.jpg" alt="Boot ${i}" width="552" style="display:block;border:0">
<h2 style="font-size:20px;margin:12px 0">Boots number ${i}</h2><p style="margin:0 0 12px">Warm, dry and made to last: pair ${i} of this winter, in brown and in black, for 49 euros.</p>
<a href="https://click.shop.example/c/${i}?m=1&amp;u=2" style="display:inline-block;padding:10px 18px;border-radius:4px;color:#ffffff;background-color:#0b5f8a">See pair ${i}</a></td></tr></table>\n`;
  let items = '';
  for (let i = 0; items.length < bytes; i++) items += item(i);
  const html = `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Boots</title><style>@media (max-width:600px){table{width:100%!important}img{height:auto!important}}</style></head><body>${items}<p>Shop Ltd, 12 High Street, London SW1A 1AA. <a href="https://shop.example/u/1">Unsubscribe</a></p></body></html>`;
  return Buffer.from(
    `From: Shop <news@shop.example>\nTo: r@mail.example\nSubject: Boots\nDate: Wed, 25 Nov 2026 09:30:00 +0900\nMessage-ID: <1@shop.example>\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n${html}`,
  );
}

/** What reading leaves in memory, in MB. In this process, whose garbage can be collected; in the thread the same code runs. */
async function leftBehind(mails: readonly Buffer[]): Promise<number> {
  let before = 0;
  for (let i = 0; i < MAILS; i++) {
    const mail = mails[i % mails.length];
    if (mail !== undefined) readCampaign(mail, NOW);
    // The first hundred fill caches; from then on it must stay.
    if (i === 149) before = await heap();
  }
  return ((await heap()) - before) / MB;
}
