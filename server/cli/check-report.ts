/**
 * A check for people in a terminal: each protocol with its record, the faulty part marked beneath it and what it leads to; then the findings, the
 * gravest first, with what they mean and what to do; then what to publish, once for each name.
 */
import type { DomainCheck, RecordKey, Records } from '../domain/audit.ts';
import type { Proposal } from '../domain/proposals.ts';
import type { SpfShown } from '../domain/spf-facts.ts';
import type { SpfBranch } from '../domain/spf-tree.ts';
import { type Finding, SEVERITIES } from '../domain/types.ts';
import { explainFinding, explainNote } from '../words/findings.ts';
import { absent, bold, coloured, faint, marked, type Section, wrap } from './check-lines.ts';
import { bimi, blocklists, dane, dnssec, mtaSts, mx, ptr, tlsRpt } from './check-transport.ts';
import { plain, table } from './open.ts';

/** @param columns of the terminal */
export function report(check: DomainCheck, columns: number): string {
  const width = Math.min(Math.max(columns, 60), 110);
  const sections = (Object.keys(SECTIONS) as RecordKey[]).flatMap((key) => section(check, key, width));
  const having = SEVERITIES.filter((severity) => check.findings.some((finding) => finding.severity === severity));
  const counts = having.map((severity) => {
    const count = check.findings.filter((finding) => finding.severity === severity).length;
    return coloured(severity, `${count} ${severity}`);
  });
  return [
    `${bold(check.domain)}  ${faint(`checked ${check.checkedAt.slice(0, 16).replace('T', ' ')} UTC`)}`,
    ...(check.records.spf?.status === 'nxdomain' ? ['There is no such name in DNS.'] : []),
    ...sections,
    '',
    ...(having.every((severity) => severity === 'info') ? ['Nothing was found wrong.'] : []),
    ...(counts.length === 0 ? [] : [`${bold('FINDINGS')}  ${counts.join(', ')}`]),
    ...check.findings.flatMap((finding) => ['', ...describe(finding, width)]),
    ...publishing(check.proposals, width),
  ].join('\n');
}

const TITLES: Record<RecordKey, string> = {
  spf: 'SPF',
  dkim: 'DKIM',
  dmarc: 'DMARC',
  mx: 'MX',
  ptr: 'PTR',
  mtaSts: 'MTA-STS',
  tlsRpt: 'TLS-RPT',
  dane: 'DANE',
  dnssec: 'DNSSEC',
  bimi: 'BIMI',
  blocklists: 'LISTS',
};

const SECTIONS: { [Key in RecordKey]: Section<Key> } = {
  spf: (shown, findings, width) => ({
    head:
      shown.record === null
        ? absent(shown.asked)
        : `${shown.truncated ? 'over ' : ''}${shown.lookups} of 10 lookups, ${shown.voidLookups} of 2 empty`,
    lines: [...marked(shown.record, findings, width), ...spfTree(shown), ...evaluations(shown)],
  }),
  dkim: (shown) => {
    const rows = shown.map((key) => [
      key.selector,
      key.asked === 'unasked'
        ? 'no answer'
        : key.record === null
          ? 'no usable record'
          : key.revoked
            ? 'revoked'
            : `${key.type ?? 'unknown'} ${key.bits ?? ''}`.trim(),
      key.testing ? 'testing' : '',
      key.provider ?? '',
      key.cnames.length === 0 ? '' : `→ ${plain(key.cnames.at(-1) ?? '')}`,
    ]);
    const found = shown.filter((key) => key.asked === 'found').length;
    return {
      head: found === 0 ? 'no key found' : `${found} ${found === 1 ? 'key' : 'keys'}`,
      lines: rows.length === 0 ? [] : table(rows).split('\n'),
    };
  },
  dmarc: (shown, findings, width) => {
    const { newer, older } = shown.readings;
    const steps = shown.steps.map((step) => [
      plain(step.name),
      step.result === 'record'
        ? step.domain === shown.policyDomain
          ? 'applies'
          : 'a record'
        : step.result === 'several'
          ? 'several records'
          : step.result === 'unasked'
            ? 'no answer'
            : 'no record',
    ]);
    const readings = [
      newer === null ? [] : [`newer receivers: ${newer.policy ?? 'no DMARC'}, organization ${newer.organization}`],
      older === null
        ? []
        : [
            `older receivers: ${older.policy ?? 'no DMARC'}${older.percent < 100 ? ` for ${older.percent} %` : ''}, organization ${older.organization}`,
          ],
    ].flat();
    const reports = shown.reports.map(
      (one) =>
        `${one.kind}: ${plain(one.address ?? one.text)}${one.external ? (one.authorized === true ? ', agreed' : one.authorized === false ? ', not agreed to' : ', no answer whether agreed') : ''}`,
    );
    return {
      head: shown.record === null ? absent(shown.asked) : `policy ${newer?.policy ?? 'unknown'}`,
      lines: [
        ...marked(shown.record, findings, width),
        ...table(steps).split('\n').map(faint),
        ...readings.map(faint),
        ...reports.map(faint),
      ],
    };
  },
  mx,
  ptr,
  mtaSts,
  tlsRpt,
  dane,
  dnssec,
  bimi,
  blocklists,
};

function section<Key extends RecordKey>(check: DomainCheck, key: Key, width: number): string[] {
  const shown = check.records[key] as Records[Key] | undefined;
  if (shown === undefined) return [];
  const write: Section<Key> = SECTIONS[key];
  const { head, lines } = write(shown, check.findings, width, check.asked[key] ?? 'none');
  return ['', `${bold(TITLES[key].padEnd(7))} ${head}`, ...lines.map((line) => `  ${line}`)];
}

function spfTree(shown: SpfShown): string[] {
  const rows: string[][] = [];
  const walk = (terms: readonly SpfBranch[], depth: number): void => {
    for (const term of terms) {
      if (term.ignored !== null || (term.lookups === 0 && depth === 0)) continue;
      rows.push([
        `${'  '.repeat(depth)}${plain(term.text)}`,
        term.lookups > 0 ? String(term.lookups) : '',
        OUTCOMES[term.outcome] ?? '',
      ]);
      if (term.node)
        walk(
          term.node.terms.filter((one) => one.lookups > 0),
          depth + 1,
        );
    }
  };
  walk(shown.terms, 0);
  return rows.length === 0 ? [] : table(rows).split('\n').map(faint);
}

const OUTCOMES: Partial<Record<SpfBranch['outcome'], string>> = {
  void: 'no such record',
  missing: 'no SPF record there',
  several: 'several SPF records there',
  loop: 'leads back here',
  macro: 'depends on the mail',
  'too-many-hosts': 'more than 10 hosts',
  unasked: 'no answer',
  'not-followed': 'not followed any further',
};

function evaluations(shown: SpfShown): string[] {
  return shown.evaluations.flatMap(({ ip, result, path, reason }) => {
    const verdict = `${ip}: ${result}${reason === null ? '' : ` (${reason})`}`;
    const way = path.filter((step) => step.matched).map((step) => `${plain(step.domain)}: ${plain(step.term)}`);
    return [coloured(result === 'pass' ? 'info' : 'high', verdict), ...way.map((step) => faint(`  ${step}`))];
  });
}

function describe(finding: Finding, width: number): string[] {
  const words = explainFinding(finding.id, finding.evidence, 'en');
  const { fix } = finding;
  return [
    `${coloured(finding.severity, finding.severity.toUpperCase())}  ${bold(words.title)}  ${faint(finding.id)}`,
    ...wrap(plain(words.meaning), width - 2).map((line) => `  ${line}`),
    ...wrap(plain(words.todo), width - 4).map((line, i) => `  ${i === 0 ? '→' : ' '} ${line}`),
    ...(fix?.value ? [`  ${faint(`mended by the record for ${plain(fix.name)} below`)}`] : []),
  ];
}

/** Last, where the eye is when it is printed: each record once, ready to be copied. */
function publishing(proposals: readonly Proposal[], width: number): string[] {
  if (proposals.length === 0) return [];
  const count = proposals.length === 1 ? '1 record, publish it once' : `${proposals.length} records, publish each once`;
  return ['', `${bold('WHAT TO PUBLISH')}  ${count}`, ...proposals.flatMap((one) => ['', ...propose(one, width)])];
}

function propose({ name, type, values, instead, diff, mends, notes }: Proposal, width: number): string[] {
  const parts = diff.filter(({ kind }) => kind === 'changed').flatMap((line) => line.parts);
  const changed = (kind: 'removed' | 'added'): string =>
    parts
      .filter((part) => part.kind === kind)
      .map(({ text }) => text.trim().replace(/;$/, ''))
      .join('  ');
  return [
    `  ${bold(`publish ${plain(name)} ${type}`)}`,
    ...values.map((value) => `    ${plain(value)}`),
    ...(instead.length > 1 ? [faint(`  in the place of ${instead.length} records there`)] : []),
    ...(changed('removed') === '' ? [] : [`  ${coloured('high', `- ${plain(changed('removed'))}`)}`]),
    ...(changed('added') === '' ? [] : [`  ${coloured('low', `+ ${plain(changed('added'))}`)}`]),
    ...(mends.length === 0 ? [] : wrap(`mends ${mends.join(', ')}`, width - 2).map((line) => `  ${faint(line)}`)),
    ...notes.flatMap(({ reason, evidence }) => {
      const { title, meaning, todo } = explainNote(reason, evidence, 'en');
      return wrap(plain(`${title}. ${meaning} ${todo}`), width - 4).map(
        (line, i) => `  ${i === 0 ? '!' : ' '} ${line}`,
      );
    }),
  ];
}
