/** An audit for people in a terminal: the verdict and why, what was found, the gravest first, then who signed it, its links and what filters say. */
import type { Audit } from '../campaign/audit.ts';
import type { FilterView } from '../campaign/filter.ts';
import { type Finding, putInstead } from '../campaign/types.ts';
import { SEVERITIES } from '../domain/types.ts';
import type { Rate } from '../probe/rates.ts';
import {
  campaignTexts,
  explainCampaignFinding,
  explainFailure,
  explainVerdict,
  explainVerdictReason,
} from '../words/campaign.ts';
import { explainRequirement } from '../words/findings.ts';
import { explain } from '../words/words.ts';
import { wordOf } from './audit-placement.ts';
import { bold, coloured, faint, wrap } from './check-lines.ts';
import { plain, table } from './open.ts';

/** @param columns of the terminal */
export function report(audit: Audit, columns: number): string {
  const width = Math.min(Math.max(columns, 60), 110);
  const { message, score } = audit;
  const words = explainVerdict(audit.verdict, 'en');
  const colour = audit.verdict === 'go' ? 'low' : audit.verdict === 'fix-first' ? 'high' : 'medium';
  const counts = SEVERITIES.flatMap((severity) => {
    const count = audit.findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [coloured(severity, `${count} ${severity}`)];
  });
  return [
    `${bold(coloured(colour, words.title.toUpperCase()))}  ${faint(`score ${score.points} of 100`)}`,
    ...wrap(words.meaning, width - 2).map((line) => `  ${line}`),
    ...audit.reasons.map((reason) => `  - ${plain(explainVerdictReason(reason, 'en').meaning)}`),
    '',
    ...rows([
      ['From', `${message.fromName} <${message.from ?? 'nobody'}>`],
      ['Subject', message.subject ?? 'none'],
      ['Size', `${Math.ceil(message.size / 1024)} KB, ${message.images} pictures, ${message.links} links`],
      [
        'Parts',
        message.parts
          .slice(0, 8)
          .map(({ type }) => type)
          .join(', '),
      ],
    ]),
    ...(audit.offline ? ['', faint('Offline: links, DNS and filters were not asked.')] : []),
    '',
    ...(counts.length === 0 ? ['Nothing was found wrong.'] : [`${bold('FINDINGS')}  ${counts.join(', ')}`]),
    ...audit.findings.flatMap((finding, i) => ['', ...describe(finding, audit.findings.slice(0, i), width)]),
    ...(audit.offline ? [] : [...authentication(audit), ...links(audit), ...filters(audit)]),
    ...placement(audit),
  ].join('\n');
}

function rows(list: string[][]): string[] {
  return table(list.map(([name = '', value = '']) => [faint(name), plain(value)])).split('\n');
}

/** @param before the findings above it: a record that mends several is written out once */
function describe(finding: Finding, before: readonly Finding[], width: number): string[] {
  const words = explainCampaignFinding(finding, 'en');
  const put = putInstead(finding);
  const isAbove = put !== null && before.some((one) => putInstead(one) === put);
  return [
    `${coloured(finding.severity, finding.severity.toUpperCase())}  ${bold(words.title)}  ${faint(finding.id)}`,
    ...wrap(plain(words.meaning), width - 2).map((line) => `  ${line}`),
    ...wrap(plain(words.todo), width - 4).map((line, i) => `  ${i === 0 ? '→' : ' '} ${line}`),
    ...(put === null ? [] : [`    ${isAbove ? faint('mended by what stands above, too') : plain(put)}`]),
  ];
}

function authentication({ authentication }: Audit): string[] {
  const results = authentication.verified?.dkim.signatures ?? [];
  const signatures = authentication.signatures.map(({ domain, selector }) => {
    const found = results.find((one) => one.domain === domain && one.selector === selector);
    return [`  ${plain(domain)}`, plain(selector), found?.result ?? 'not verified', found?.aligned ? 'aligned' : ''];
  });
  const checklist = authentication.checklist.map(({ id, answer, evidence, providers }) => [
    `  ${answer}`,
    explainRequirement(id, evidence, 'en').title,
    faint(Object.keys(providers).join(', ')),
  ]);
  return [
    '',
    bold('SIGNATURES'),
    ...(signatures.length === 0 ? ['  none'] : table(signatures).split('\n')),
    ...(checklist.length === 0 ? [] : ['', bold('BULK SENDERS'), ...table(checklist).split('\n')]),
  ];
}

function placement({ placement }: Audit): string[] {
  if (placement === undefined)
    return ['', faint('Where the mail lands was not measured: that is what a placement test does.')];
  const { labels } = campaignTexts('en');
  const { campaign, control, comparison } = placement;
  const standings = [
    ['all', campaign] as const,
    ...campaign.providers.map((one) => [one.provider, one] as const),
    ...(control === null ? [] : [['plain mail', control] as const]),
  ];
  const rows = standings.map(([name, { inbox, tab, spam, missing, unknown }]) => [
    `  ${name}`,
    rate(inbox),
    tab.count > 0 ? `${tab.count} in a tab` : '',
    `${spam.count} spam`,
    `${missing.count} missing`,
    unknown > 0 ? faint(`${unknown} unknown`) : '',
  ]);
  const landings = placement.landings.map((landing) => [
    `  ${plain(landing.seed)}`,
    landing.arm,
    wordOf(landing),
    landing.delayMs === null ? '' : `${(landing.delayMs / 1000).toFixed(1)} s`,
    faint(landing.placement === null ? explain(landing.reason, {}, 'en', 'reasons').title : ''),
  ]);
  return [
    '',
    bold('PLACEMENT'),
    ...table(rows).split('\n'),
    ...(comparison === null ? [] : [`  ${labels[`answer-${comparison.answer}`] ?? ''}`]),
    '',
    ...table(landings).split('\n'),
    ...placement.whys.flatMap(({ reason, seeds }) => {
      const { title, todo } = explain(reason, {}, 'en', 'reasons');
      return [`  ${title} ${faint(`(${seeds} ${seeds === 1 ? 'seed' : 'seeds'})`)}${todo === '' ? '' : `: ${todo}`}`];
    }),
  ];
}

function rate({ value, low, high, n, count }: Rate): string {
  if (value === null || low === null || high === null) return `inbox ${count} of ${n} (too few for a rate)`;
  const whole = (share: number): string => (share * 100).toFixed(0);
  return `inbox ${whole(value)} % (${whole(low)}–${whole(high)} %, ${n} seeds)`;
}

function links({ links }: Audit): string[] {
  if (links.length === 0) return [];
  const texts = campaignTexts('en').labels;
  const list = links
    .slice(0, 40)
    .map((one) => [
      `  ${one.skipped !== null ? (texts.notAsked ?? '') : one.failure === null ? String(one.status) : explainFailure(one.failure, 'en')}`,
      one.milliseconds === null ? '' : `${one.milliseconds} ms`,
      plain(one.url).slice(0, 90),
      one.redirects > 0 ? faint(`→ ${plain(one.final ?? '').slice(0, 60)}`) : '',
    ]);
  const more = links.length > 40 ? [faint(`  and ${links.length - 40} more`)] : [];
  return ['', bold('LINKS'), ...table(list).split('\n'), ...more];
}

function filters({ filters }: Audit): string[] {
  const views: [string, FilterView | null][] = [
    ['rspamd', filters.rspamd],
    ['SpamAssassin', filters.spamassassin],
  ];
  return views.flatMap(([name, view]) => {
    if (view === null) return [];
    if (!view.answered) return ['', `${bold(name)}  no answer (${explainFailure(view.reason, 'en')})`];
    const symbols = view.symbols
      .slice(0, 12)
      .map((one) => [`  ${one.score}`, plain(one.name), faint(plain(one.description ?? '').slice(0, 70))]);
    const head = `${bold(name)}  ${view.score} of ${view.limit} points${view.action === null ? '' : `, ${plain(view.action)}`}`;
    return [
      '',
      `${head}  ${faint("its own view, not Gmail's")}`,
      ...(symbols.length === 0 ? [] : table(symbols).split('\n')),
    ];
  });
}
