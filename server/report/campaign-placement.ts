/** Where a campaign landed, as a part of the report: each provider with its rate, how sure that is, and each seed by itself. Pure. */
import type { Landing, Placement, Standing } from '../campaign/placement.ts';
import { PROVIDERS } from '../seed/providers.ts';
import { campaignTexts } from '../words/campaign.ts';
import { explain, type Language, name } from '../words/words.ts';
import { text } from './escape.ts';

type Label = (key: string, values?: Record<string, string | number>) => string;

export function placementSection(placement: Placement, language: Language): string {
  const { labels } = campaignTexts(language);
  const label: Label = (key, values = {}) =>
    text((labels[key] ?? key).replace(/\{\{(\w+)\}\}/g, (_all, one: string) => String(values[one] ?? '')));
  const mails = placement.campaign.mails;
  const how =
    placement.sender === null
      ? label('byWatch', { mails })
      : label('bySender', { sender: placement.sender.name, mails });
  const notes = [
    ...(placement.state === 'open' ? [label('open')] : []),
    ...(placement.fromReplaced ? [label('fromReplaced')] : []),
    ...(placement.unsigned ? [label('unsigned')] : []),
  ];
  return `<h2>${label('placementTitle')}</h2>
<p class="soft">${how}</p>
${notes.map((note) => `<p>${note}</p>`).join('')}
<table><tr><th>${label('provider')}</th><th style="width:26%"></th><th>${label('inbox')}</th><th>${label('spam')}</th><th>${label('gone')}</th><th class="number">${label('unknown')}</th></tr>
${row(label('all'), placement.campaign, label)}
${placement.campaign.providers.map((one) => row(text(PROVIDERS[one.provider].name[language]), one, label)).join('')}
</table>
${control(placement, label)}
<table><tr><th>${label('seed')}</th><th>${label('mail')}</th><th>${label('where')}</th><th class="number">${label('after')}</th><th>SPF DKIM DMARC</th></tr>
${placement.landings.map((one) => landing(one, label, language)).join('')}
</table>`;
}

function row(title: string, standing: Standing, label: Label): string {
  const { inbox, spam, missing, unknown } = standing;
  return `<tr><td>${title}</td><td>${stack(standing)}</td><td>${rate(inbox, label)}</td><td>${rate(spam, label)}</td><td>${rate(missing, label)}</td><td class="number">${unknown}</td></tr>`;
}

/** Shares of seeds; nothing where none has an answer. */
function stack({ inbox, tab, spam, missing }: Standing): string {
  if (inbox.n === 0) return '';
  const part = (kind: string, count: number): string =>
    count <= 0 ? '' : `<i class="${kind}" style="width:${Math.round((count / inbox.n) * 1000) / 10}%"></i>`;
  return `<div class="stack">${part('inbox', inbox.count - tab.count)}${part('tab', tab.count)}${part('spam', spam.count)}${part('gone', missing.count)}</div>`;
}

function rate({ value, low, high, n, count }: Standing['inbox'], label: Label): string {
  if (value === null || low === null || high === null) return label('few', { count, n });
  const whole = (share: number): number => Math.round(share * 100);
  return label('rate', { percent: whole(value), low: whole(low), high: whole(high), n });
}

function control({ comparison, control }: Placement, label: Label): string {
  if (comparison === null || control === null) return '';
  const p = comparison.p === null ? '' : ` (p = ${comparison.p < 0.001 ? '< 0.001' : comparison.p.toFixed(3)})`;
  return `<h3>${label('control')}</h3><p>${label(`answer-${comparison.answer}`)}${p} ${label('inbox')}: ${rate(control.inbox, label)}</p>`;
}

function landing(one: Landing, label: Label, language: Language): string {
  const place =
    one.placement === null
      ? explain(one.reason, {}, language, 'reasons').title
      : one.placement.tab === undefined
        ? name('placements', one.placement.kind, language)
        : name('tabs', one.placement.tab, language);
  const words = one.reported ?? one.verified;
  const auth = words === null ? '' : [words.spf, words.dkim, words.dmarc].map((word) => word ?? '–').join(' ');
  const delay = one.delayMs === null ? '' : `${(one.delayMs / 1000).toFixed(1)} s`;
  const mail = label(one.arm === 'control' ? 'controlMail' : 'campaignMail');
  return `<tr><td>${text(one.seed)}</td><td>${mail}${one.repeat > 0 ? ` ${one.repeat + 1}` : ''}</td><td>${text(place)}</td><td class="number">${delay}</td><td>${text(auth)}</td></tr>`;
}
