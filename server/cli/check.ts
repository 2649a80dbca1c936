/**
 * `todoku check DOMAIN`: what a domain publishes about its mail, judged. It needs no set-up: no database, no key, nothing but DNS.
 */
import { isIP } from 'node:net';
import { auditDomain, type DomainCheck } from '../domain/audit.ts';
import { isSelector } from '../domain/dkim.ts';
import { REPORT_LIMITS } from '../domain/dmarc-report.ts';
import { readDmarcReport } from '../domain/dmarc-reports.ts';
import { recordsForJson } from '../domain/json.ts';
import { mistakeIn, readDomain } from '../domain/name.ts';
import { createProgress } from '../domain/progress.ts';
import { createReach } from '../domain/reach.ts';
import { type Known, SEVERITIES, type Severity } from '../domain/types.ts';
import { AppError } from '../errors.ts';
import { showProgress } from './check-progress.ts';
import { report } from './check-report.ts';
import { config, openDns, plain, print, readGiven, say } from './open.ts';

export type CheckOptions = { selectors: string[]; ips: string[]; reports: string[]; json: boolean; failOn: Severity };

/** @throws AppError `invalid` where domain, selector or address is none */
export async function check(typed: string, options: CheckOptions): Promise<number> {
  const domain = readDomain(typed);
  // Here one may look at any name that DNS has.
  if (domain === null) throw new AppError('invalid', plain(mistakeIn(typed) ?? `${typed} is no domain.`));
  for (const selector of options.selectors)
    if (!isSelector(selector.toLowerCase())) throw new AppError('invalid', `${plain(selector)} is no selector.`);
  for (const ip of options.ips)
    if (isIP(ip) === 0 || ip.includes('%')) throw new AppError('invalid', `${plain(ip)} is no address.`);

  const reported: string[] = [];
  for (const file of options.reports)
    for (const { selector } of (await readDmarcReport(await readGiven(file, REPORT_LIMITS.file), domain)).selectors)
      reported.push(selector);

  const settings = config();
  const dns = openDns(settings);
  const known: Known = {
    domain,
    now: Date.now(),
    selectors: [
      ...options.selectors.map((selector) => ({ selector: selector.toLowerCase(), source: 'given' as const })),
      ...[...new Set(reported)].map((selector) => ({ selector, source: 'reported' as const })),
    ],
    ips: options.ips,
    history: { keysSince: {}, policyNoneSince: null },
    observed: [],
  };
  const progress = createProgress(Date.now);
  const over = showProgress(progress, process.stderr);
  try {
    const reach = createReach({ dns, now: Date.now, config: settings });
    const checked = await auditDomain(reach, known, null, progress).finally(over);
    const document = { ...checked, records: recordsForJson(checked.records) };
    print(options.json ? JSON.stringify(document, null, 2) : report(checked, process.stdout.columns ?? 100));
    const code = exitCode(checked, options.failOn);
    if (code === 3)
      say(
        `DNS gave no answer: ${checked.unasked
          .map((one) => `${one.type} ${plain(one.name)} ${one.status}`)
          .slice(0, 5)
          .join(', ')}`,
      );
    return code;
  } finally {
    dns.close();
  }
}

/** 1: a finding at or above the level. 3: there may be one, but something could not be asked. */
export function exitCode(checked: Pick<DomainCheck, 'findings' | 'asked'>, failOn: Severity): 0 | 1 | 3 {
  const level = SEVERITIES.indexOf(failOn);
  // That something could not be asked is no fault of the domain.
  const faults = checked.findings.filter((finding) => !finding.id.endsWith('-unasked'));
  if (faults.some((finding) => SEVERITIES.indexOf(finding.severity) <= level)) return 1;
  // A blocklist that turns us away, as most do when asked through a public resolver, is no trouble of DNS.
  const { blocklists: _lists, ...asked } = checked.asked;
  return Object.values(asked).includes('unasked') ? 3 : 0;
}
