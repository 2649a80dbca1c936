/**
 * A check for people in a terminal: each protocol with its record, the faulty part marked beneath it and what it leads to; then the findings, the
 * gravest first, with what they mean, what to do and what to publish.
 */
import { styleText } from 'node:util';
import type { DomainCheck, RecordKey, Records } from '../domain/audit.ts';
import type { SpfBranch, SpfShown } from '../domain/spf-facts.ts';
import { type Finding, SEVERITIES, type Severity } from '../domain/types.ts';
import { explainFinding } from '../words/findings.ts';
import { plain, table } from './open.ts';

const COLOURS: Record<Severity, Parameters<typeof styleText>[0]> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  info: 'gray',
};

const coloured = (severity: Severity, text: string): string =>
  styleText(COLOURS[severity], text, { stream: process.stdout });
const bold = (text: string): string => styleText('bold', text, { stream: process.stdout });
const faint = (text: string): string => styleText('gray', text, { stream: process.stdout });

/** @param columns of the terminal */
export function report(check: DomainCheck, columns: number): string {
  const width = Math.min(Math.max(columns, 60), 110);
  const sections = (Object.keys(SECTIONS) as RecordKey[]).flatMap((key) => section(check, key, width));
  const counts = SEVERITIES.flatMap((severity) => {
    const count = check.findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [coloured(severity, `${count} ${severity}`)];
  });
  return [
    `${bold(check.domain)}  ${faint(`checked ${check.checkedAt.slice(0, 16).replace('T', ' ')} UTC`)}`,
    ...(check.records.spf?.status === 'nxdomain' ? ['There is no such name in DNS.'] : []),
    ...sections,
    '',
    counts.length === 0 ? 'Nothing was found wrong.' : `${bold('FINDINGS')}  ${counts.join(', ')}`,
    ...check.findings.flatMap((finding) => ['', ...describe(finding, width)]),
  ].join('\n');
}

/** What stands under each protocol; a protocol without a section here is told by its findings alone. */
const SECTIONS: {
  [Key in RecordKey]?: (shown: Records[Key], findings: Finding[], width: number) => { head: string; lines: string[] };
} = {
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
};

function section<Key extends RecordKey>(check: DomainCheck, key: Key, width: number): string[] {
  const shown = check.records[key] as Records[Key] | undefined;
  const write = SECTIONS[key];
  if (shown === undefined || write === undefined) return [];
  const { head, lines } = write(shown, check.findings, width);
  return ['', `${bold(key.toUpperCase().padEnd(6))} ${head}`, ...lines.map((line) => `  ${line}`)];
}

function absent(asked: 'found' | 'none' | 'unasked'): string {
  return asked === 'unasked' ? 'could not be asked' : asked === 'found' ? 'no usable record' : 'no record';
}

/** The record in lines, and under each the places that findings are about. */
function marked(record: string | null, findings: Finding[], width: number): string[] {
  if (record === null) return [];
  const marks = findings.flatMap(({ evidence, severity }) =>
    evidence.record === record && typeof evidence.start === 'number' && typeof evidence.end === 'number'
      ? [{ start: evidence.start, end: evidence.end, severity }]
      : [],
  );
  const lines: string[] = [];
  for (let from = 0; from < record.length; ) {
    const room = width - 4;
    const space = record.lastIndexOf(' ', from + room);
    const to = record.length - from <= room ? record.length : space > from ? space + 1 : from + room;
    lines.push(plain(record.slice(from, to)));
    const places = Array.from({ length: to - from }, (_, i) =>
      marks.find((mark) => mark.start <= from + i && from + i < mark.end),
    );
    if (places.some((place) => place !== undefined))
      lines.push(
        places
          .map((place) => (place ? coloured(place.severity, '^') : ' '))
          .join('')
          .trimEnd(),
      );
    from = to;
  }
  return lines;
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
    ...(fix?.value ? [`  ${faint(`publish ${plain(fix.name)} ${fix.type}`)}`, `    ${plain(fix.value)}`] : []),
  ];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
