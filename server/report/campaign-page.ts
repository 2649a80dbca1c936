/**
 * An audit as one HTML file that needs nothing beside itself: no script, no picture, no font, and a content policy that allows none. It prints on A4; its charts are boxes with
 * a width, which no printer breaks. All words of the mail in it are strangers' words and are written as text. Pure.
 */
import type { Audit } from '../campaign/audit.ts';
import type { FilterView } from '../campaign/filter.ts';
import { type Finding, putInstead } from '../campaign/types.ts';
import {
  campaignTexts,
  explainCampaignFinding,
  explainFailure,
  explainVerdict,
  explainVerdictReason,
} from '../words/campaign.ts';
import { explainRequirement } from '../words/findings.ts';
import { explain, type Language } from '../words/words.ts';
import { placementSection } from './campaign-placement.ts';
import { policySection } from './campaign-policy.ts';
import { text } from './escape.ts';

const STYLE = `
:root { color-scheme: light; --ink: #1d2733; --soft: #566373; --line: #d9dfe6; --ground: #f5f7f9; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 190mm; padding: 10mm 6mm; color: var(--ink); background: #fff;
  font: 14px/1.55 system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Noto Sans CJK JP", "Yu Gothic UI", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 22px; margin: 0 0 2px; } h2 { font-size: 16px; margin: 26px 0 8px; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
h3 { font-size: 14px; margin: 0; } p { margin: 4px 0; } .soft { color: var(--soft); } code { font: 12px/1.4 ui-monospace, Menlo, Consolas, monospace; }
header { display: flex; gap: 16px; justify-content: space-between; align-items: flex-start; }
.verdict { border-left: 6px solid; padding: 10px 14px; margin: 14px 0; background: var(--ground); } .verdict strong { font-size: 20px; }
.go { border-color: #1f7a4d; } .fix-first { border-color: #b3261e; } .not-enough-data { border-color: #9a6700; }
.score { text-align: right; white-space: nowrap; } .score b { font-size: 34px; line-height: 1; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: 4px 8px 4px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); white-space: nowrap; } .bar { display: inline-block; vertical-align: middle; } td.number { text-align: right; white-space: nowrap; }
.stack { display: flex; height: 12px; border: 1px solid var(--line); } .stack i { display: block; } .inbox { background: #1f7a4d; } .tab { background: #0b5f8a; } .spam { background: #b3261e; } .gone { background: #8a5a00; }
.legend { display: flex; gap: 14px; } .legend i { display: inline-block; width: 10px; height: 10px; margin-right: 4px; }
.bar { height: 10px; background: #b3261e; border-radius: 2px; min-width: 2px; }
.finding { padding: 10px 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
.tag { display: inline-block; min-width: 62px; text-align: center; border: 1px solid; border-radius: 3px; padding: 0 6px; font-size: 12px; margin-right: 8px; }
.critical, .high { color: #b3261e; } .medium { color: #8a5a00; } .low { color: #0b5f8a; } .info { color: #566373; }
.todo { padding-left: 14px; border-left: 2px solid var(--line); }
@page { size: A4; margin: 14mm 12mm; }
@media print { body { padding: 0; max-width: none; font-size: 10.5pt; } h2 { break-after: avoid; } tr { break-inside: avoid; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
@media screen and (max-width: 600px) {
  header { flex-direction: column; } .score { text-align: left; } .verdict ul { padding-left: 18px; } .legend { flex-wrap: wrap; gap: 4px 14px; }
  .cards tr:first-child { display: none; } .cards tr { display: block; padding: 6px 0; border-bottom: 1px solid var(--line); }
  .cards td { display: flex; gap: 10px; padding: 1px 0; border: 0; text-align: left; } .cards td:empty { display: none; }
  .cards td[data-label]::before { content: attr(data-label); flex: 0 0 8.5em; color: var(--soft); } .cards .name { font-weight: 600; } .cards .stack { flex: 1; }
}
`;

export function campaignPage(audit: Audit, language: Language): string {
  const { labels } = campaignTexts(language);
  const label = (key: string): string => labels[key] ?? key;
  const { message } = audit;
  const verdict = explainVerdict(audit.verdict, language);
  const facts: [string, string][] = [
    [label('from'), `${message.fromName} <${message.from ?? '—'}>`],
    [label('subject'), message.subject ?? '—'],
    [label('preheader'), cut(message.preheader || '—')],
    [label('size'), `${Math.ceil(message.size / 1024)} KB`],
    [
      label('parts'),
      message.parts
        .map(({ type }) => type)
        .slice(0, 12)
        .join(', '),
    ],
  ];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${text(`${label('audit')}: ${message.subject ?? message.from ?? ''}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<div><h1>${text(label('audit'))}</h1><p class="soft">${text(label('audited'))} ${time(audit.auditedAt)}${audit.judgedAt === undefined ? '' : `<br>${text(label('judged'))} ${time(audit.judgedAt)}`}</p></div>
<div class="score"><span class="soft">${text(label('score'))}</span><br><b>${audit.score.points}</b><span class="soft"> / 100</span></div>
</header>
<section class="verdict ${audit.verdict}">
<strong>${text(verdict.title)}</strong><p>${text(verdict.meaning)}</p>
${audit.reasons.length === 0 ? '' : `<ul>${audit.reasons.map((reason) => `<li>${text(explainVerdictReason(reason, language).meaning)}</li>`).join('')}</ul>`}
</section>
${audit.offline ? `<p class="soft">${text(label('offline'))}</p>` : ''}
<table>${facts.map(([name, value]) => `<tr><th scope="row">${text(name)}</th><td>${text(value)}</td></tr>`).join('')}</table>
${audit.placement === undefined ? '' : placementSection(audit.placement, language)}
${lost(audit, language)}
<h2>${text(label('findings'))}</h2>
${audit.findings.length === 0 ? `<p>${text(label('nothing'))}</p>` : audit.findings.map((finding, i) => describe(finding, audit.findings.slice(0, i), language)).join('\n')}
${authentication(audit, language)}
${links(audit, language)}
${filters(audit, language)}
${policySection(audit, language)}
${audit.placement === undefined ? `<p class="soft">${text(label('placement'))}</p>` : ''}
<footer class="soft"><p>${text(label('made'))}</p></footer>
</body>
</html>
`;
}

function lost({ score, findings }: Audit, language: Language): string {
  const { labels } = campaignTexts(language);
  if (score.lost.every(({ points }) => points === 0)) return '';
  const rows = score.lost
    .filter(({ points }) => points > 0)
    .map(({ id, points }) => {
      const found = findings.find((finding) => finding.id === id);
      const title = found === undefined ? id : explainCampaignFinding(found, language).title;
      return `<tr><td>${text(title)}</td><td style="width:40%"><div class="bar" style="width:${Math.min(100, points * 2.5)}%"></div></td><td class="number">−${points}</td></tr>`;
    });
  return `<h2>${text(labels.lost ?? '')}</h2><table>${rows.join('')}</table>`;
}

/** @param before the findings above it: a record that mends several is written out once */
function describe(finding: Finding, before: readonly Finding[], language: Language): string {
  const { labels, severities, checks, comma } = campaignTexts(language);
  const words = explainCampaignFinding(finding, language);
  const { line, column, part } = finding.evidence;
  const of = (key: 'part' | 'line' | 'column'): string =>
    (labels[key] ?? '').replaceAll(/\{\{(\w+)\}\}/g, (_all, name: string) =>
      String({ line, column, part }[name] ?? ''),
    );
  const place = [
    ...(typeof part === 'string' ? [of('part')] : []),
    ...(typeof line === 'number' ? [of(typeof column === 'number' ? 'column' : 'line')] : []),
  ].join(comma);
  const value = putInstead(finding);
  const isAbove = value !== null && before.some((one) => putInstead(one) === value);
  return `<article class="finding">
<h3><span class="tag ${finding.severity}">${text(severities[finding.severity] ?? '')}</span>${text(words.title)}</h3>
<p class="soft"><code>${text(finding.id)}</code> · ${text(checks[finding.check] ?? '')}${place === '' ? '' : ` · ${text(place)}`}</p>
<p>${text(words.meaning)}</p>
<p class="todo">${text(words.todo)}</p>
${value === null ? '' : isAbove ? `<p class="soft">${text(labels.mendedAbove ?? '')}</p>` : `<p><code>${text(value)}</code></p>`}
</article>`;
}

function authentication({ authentication, offline }: Audit, language: Language): string {
  const { labels } = campaignTexts(language);
  const results = authentication.verified?.dkim.signatures ?? [];
  const rows = authentication.signatures.map(({ domain, selector }) => {
    const result = results.find((one) => one.domain === domain && one.selector === selector)?.result;
    const word = result === undefined ? (labels.notAsked ?? '') : explain(result, {}, language, 'results').title;
    return `<tr><td>${text(domain)}</td><td>${text(selector)}</td><td>${text(word)}</td></tr>`;
  });
  const checklist = authentication.checklist.map((requirement) => {
    const words = explainRequirement(requirement.id, requirement.evidence, language);
    const who = Object.entries(requirement.providers).map(([name]) => name.charAt(0).toUpperCase() + name.slice(1));
    return `<tr><td>${text(words.title)}</td><td>${text(labels[requirement.answer] ?? requirement.answer)}</td><td>${text(who.join(', '))}</td></tr>`;
  });
  return `<h2>${text(labels.authentication ?? '')}</h2>
<p>${text((authentication.copies > 0 ? labels.deliveredSignatures : labels.signatures) ?? '')}${text(labels.colon ?? '')}${rows.length === 0 ? text(labels.none ?? '') : ''}</p>
${rows.length === 0 ? '' : `<table>${rows.join('')}</table>`}
${offline || checklist.length === 0 ? '' : `<p>${text(labels.checklist ?? '')}</p><table><tr><th></th><th></th><th>${text(labels.asked ?? '')}</th></tr>${checklist.join('')}</table>`}`;
}

function links({ links }: Audit, language: Language): string {
  const { labels } = campaignTexts(language);
  if (links.length === 0) return '';
  const rows = links.slice(0, 200).map((one) => {
    const answer =
      one.skipped !== null
        ? labels.notAsked
        : one.failure !== null
          ? explainFailure(one.failure, language)
          : String(one.status ?? '');
    const end = one.final !== null && one.final !== one.url ? one.final : '';
    return `<tr><td>${text(cut(one.url))}</td><td>${text(answer ?? '')}</td><td>${text(cut(end))}</td><td class="number">${one.milliseconds === null ? '' : `${one.milliseconds} ms`}</td></tr>`;
  });
  return `<h2>${text(labels.links ?? '')}</h2><table><tr><th>${text(labels.link ?? '')}</th><th>${text(labels.answer ?? '')}</th><th>${text(labels.ends ?? '')}</th><th></th></tr>${rows.join('')}</table>`;
}

function filters({ filters }: Audit, language: Language): string {
  const { labels } = campaignTexts(language);
  const views = [
    ['rspamd', filters.rspamd],
    ['SpamAssassin', filters.spamassassin],
  ] as const;
  if (views.every(([, view]) => view === null)) return '';
  const shown = views.flatMap(([name, view]) => (view === null ? [] : [filterView(name, view, language)]));
  return `<h2>${text(labels.filters ?? '')}</h2><p class="soft">${text(labels.filtersNote ?? '')}</p>${shown.join('')}`;
}

function filterView(name: string, view: FilterView, language: Language): string {
  const { labels } = campaignTexts(language);
  if (!view.answered)
    return `<p><strong>${name}</strong>: ${text(labels.unasked ?? '')} (${text(explainFailure(view.reason, language))})</p>`;
  const rows = view.symbols
    .slice(0, 30)
    .map(
      ({ name, score, description }) =>
        `<tr><td><code>${text(name)}</code></td><td>${text(description ?? '')}</td><td class="number">${score}</td></tr>`,
    );
  return `<p><strong>${name}</strong>: ${view.score} / ${view.limit} ${text(labels.points ?? '')}${view.action === null ? '' : ` (${text(view.action)})`}</p><table>${rows.join('')}</table>`;
}

const cut = (value: string): string => (value.length > 120 ? `${value.slice(0, 119)}…` : value);
const time = (iso: string): string => `<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
