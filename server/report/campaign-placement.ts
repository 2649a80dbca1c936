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
    text(labels[key] ?? key).replace(/\{\{(\w+)\}\}/g, (_all, one: string) => text(String(values[one] ?? '')));
  const mails = placement.campaign.mails;
  const how =
    placement.sender === null
      ? label('byWatch', { mails })
      : label('bySender', {
          sender: placement.sender.name,
          mails,
          seeds: new Set(placement.landings.map(({ seedId }) => seedId)).size,
        });
  const notes = [
    ...(placement.state === 'open' ? [label('open')] : []),
    ...(placement.fromReplaced ? [label('fromReplaced')] : []),
    ...(placement.unsigned ? [label('unsigned')] : []),
  ];
  return `<h2>${label('placementTitle')}</h2>
<p class="soft">${how}</p>
${notes.map((note) => `<p>${note}</p>`).join('')}
<table class="cards"><tr><th>${label('provider')}</th><th style="width:26%"></th><th>${label('inbox')}</th><th>${label('spam')}</th><th>${label('gone')}</th><th class="number">${label('unknown')}</th></tr>
${row(label('all'), placement.campaign, label)}
${placement.campaign.providers.map((one) => row(text(PROVIDERS[one.provider].name[language]), one, label)).join('')}
</table>
${legend(label)}
${control(placement, label)}
${whys(placement, label, language)}
<table class="cards"><tr><th>${label('seed')}</th><th>${label('campaignMail')}</th>${placement.control === null ? '' : `<th>${label('controlMail')}</th>`}<th class="number">${label('after')}</th><th>SPF DKIM DMARC</th></tr>
${seeds(placement, label, language)}
</table>`;
}

function row(title: string, standing: Standing, label: Label): string {
  const { inbox, spam, missing, unknown } = standing;
  const cells = [
    cell(label('inbox'), rate(inbox, label)),
    cell(label('spam'), rate(spam, label)),
    cell(label('gone'), rate(missing, label)),
    cell(label('unknown'), String(unknown), 'number'),
  ];
  return `<tr><td class="name">${title}</td><td>${stack(standing)}</td>${cells.join('')}</tr>`;
}

/** On a narrow screen a row becomes a card, and each cell says what it is. */
function cell(label: string, content: string, kind = ''): string {
  return `<td data-label="${label}"${kind === '' ? '' : ` class="${kind}"`}>${content}</td>`;
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

/** What the colours of the bars mean. */
function legend(label: Label): string {
  const one = (kind: string, key: string): string => `<span><i class="${kind}"></i>${label(key)}</span>`;
  return `<p class="legend soft">${one('inbox', 'inbox')}${one('tab', 'tab')}${one('spam', 'spam')}${one('gone', 'gone')}</p>`;
}

function control({ comparison, control, campaign }: Placement, label: Label): string {
  if (comparison === null || control === null) return '';
  const p = comparison.p === null ? '' : ` (p ${comparison.p < 0.001 ? '< 0.001' : `= ${comparison.p.toFixed(3)}`})`;
  const rates = label('rates', { campaign: rate(campaign.inbox, label), control: rate(control.inbox, label) });
  return `<h3>${label('control')}</h3><p>${label(`answer-${comparison.answer}`)}${text(p)} ${rates}</p>`;
}

function whys({ whys, landings }: Placement, label: Label, language: Language): string {
  if (whys.length === 0) return '';
  const of = new Set(landings.map(({ seedId }) => seedId)).size;
  const items = whys.map(({ reason, seeds }) => {
    const { title, meaning, todo } = explain(reason, {}, language, 'reasons');
    return `<li><strong>${text(title)}</strong> <span class="soft">${label('whySeeds', { seeds, of })}</span><br>${text(meaning)} ${text(todo)}</li>`;
  });
  return `<h3>${label('whys')}</h3><ul>${items.join('')}</ul>`;
}

/** A row for each seed, however many mails it got. */
function seeds({ landings, control }: Placement, label: Label, language: Language): string {
  const bySeed = Map.groupBy(landings, ({ seedId }) => seedId);
  return [...bySeed.values()]
    .map((own) => {
      const [mine, plain] = [own.filter(({ arm }) => arm === 'campaign'), own.filter(({ arm }) => arm === 'control')];
      const delays = mine.flatMap(({ delayMs }) => delayMs ?? []).sort((a, b) => a - b);
      const delay = delays[Math.floor((delays.length - 1) / 2)];
      const words = mine.map(({ reported, verified }) => reported ?? verified).find((one) => one !== null);
      const results = words ? [words.spf, words.dkim, words.dmarc].map((word) => word ?? '–').join(' ') : '';
      const cells = [
        cell(label('campaignMail'), places(mine, language)),
        ...(control === null ? [] : [cell(label('controlMail'), places(plain, language))]),
        cell(label('after'), delay === undefined ? '' : span(delay, label), 'number'),
        cell('SPF DKIM DMARC', text(results)),
      ];
      return `<tr><td class="name">${text(own[0]?.seed ?? '')}</td>${cells.join('')}</tr>`;
    })
    .join('');
}

/** `Inbox × 2, Spam`. */
function places(landings: readonly Landing[], language: Language): string {
  const counted = Map.groupBy(landings, (one) => placeOf(one, language));
  return [...counted]
    .map(([place, some]) => text(some.length > 1 ? `${place}\u00a0×\u00a0${some.length}` : place))
    .join(language === 'ja' ? '、' : ', ');
}

function placeOf({ placement, reason }: Landing, language: Language): string {
  if (placement === null) return explain(reason, {}, language, 'reasons').title;
  return placement.tab === undefined
    ? name('placements', placement.kind, language)
    : name('tabs', placement.tab, language);
}

function span(ms: number, label: Label): string {
  if (ms < 1000) return label('least');
  return ms < 120_000
    ? label('seconds', { seconds: Math.round(ms / 1000) })
    : label('minutes', { minutes: Math.round(ms / 60_000) });
}
