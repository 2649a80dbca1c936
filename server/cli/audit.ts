/**
 * `todoku audit FILE.eml`: know before you launch. It needs no set-up: no database, no key; offline not even a network.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { createVerifier } from '../authentication/verify.ts';
import { type Audit, auditCampaign } from '../campaign/audit.ts';
import { DEFAULT_POLICY, type Policy, policySchema, type Verdict } from '../campaign/policy.ts';
import { createReader, MAX_CAMPAIGN_BYTES } from '../campaign/reader.ts';
import { systemDnsServers } from '../dns/client.ts';
import { readDomain } from '../domain/name.ts';
import { createReach } from '../domain/reach.ts';
import { AppError } from '../errors.ts';
import { lookupThrough } from '../net/connect.ts';
import { campaignJunit } from '../report/campaign-junit.ts';
import { campaignPage } from '../report/campaign-page.ts';
import { campaignTexts, explainRefusal } from '../words/campaign.ts';
import type { Language } from '../words/words.ts';
import { auditInFolder, type PlacementCommand } from './audit-placement.ts';
import { report } from './audit-report.ts';
import { config, openDns, plain, print, readGiven, say } from './open.ts';

export type AuditCommand = {
  fromDomain: string | null;
  policy: string | null;
  json: boolean;
  junit: string | null;
  html: string | null;
  offline: boolean;
  /** Of the JUnit and HTML reports. */
  language: Language;
  /** Null: none is made, and no data folder is needed. */
  placement: PlacementCommand | null;
};

export const VERDICT_CODES: Readonly<Record<Verdict, 0 | 1 | 3>> = { go: 0, 'fix-first': 1, 'not-enough-data': 3 };

/** @throws AppError `invalid` where file, policy or domain cannot be used */
export async function audit(file: string, command: AuditCommand): Promise<number> {
  const raw = await readGiven(file, MAX_CAMPAIGN_BYTES);
  const policy = command.policy === null ? DEFAULT_POLICY : await readPolicy(command.policy);
  const fromDomain = command.fromDomain === null ? null : readDomain(command.fromDomain);
  if (command.fromDomain !== null && fromDomain === null)
    throw new AppError('invalid', `${plain(command.fromDomain)} is no domain: write it like example.com.`);
  if (command.placement !== null) {
    const wanted = { policy: command.policy === null ? null : policy, fromDomain, test: command.placement };
    return finish(await auditInFolder(raw, basename(file), wanted), file, command);
  }
  const settings = config();
  const dns = openDns(settings);
  const reader = createReader();
  const verifier = createVerifier({
    dnsServers: settings.dnsServers.length > 0 ? settings.dnsServers : systemDnsServers(),
    threads: 1,
  });
  const app = { dns, now: Date.now, config: settings };
  const reach = createReach(app);
  try {
    const done = await auditCampaign(
      raw,
      { now: Date.now, config: settings, reader, verifier, reach: () => reach },
      {
        fromDomain,
        policy,
        offline: command.offline,
        links: { lookup: lookupThrough(reach.ask) },
        progress: (step) => {
          if (process.stderr.isTTY) say(`${campaignTexts('en').steps[step]} …`);
        },
      },
    );
    if ('refused' in done) {
      const words = explainRefusal(done.refused, 'en');
      throw new AppError(
        done.refused === 'not-a-message' ? 'invalid' : 'too-large',
        `${plain(basename(file))}: ${words.title}. ${words.meaning} ${words.todo}`,
      );
    }
    return await finish(done.audit, file, command);
  } finally {
    await Promise.all([reader.close(), verifier.close()]);
    dns.close();
  }
}

async function finish(audit: Audit, file: string, command: AuditCommand): Promise<number> {
  await writeReports(audit, file, command);
  print(command.json ? JSON.stringify(audit, null, 2) : report(audit, process.stdout.columns ?? 100));
  return VERDICT_CODES[audit.verdict];
}

async function readPolicy(file: string): Promise<Policy> {
  const text = await readFile(file, 'utf8').catch((error: Error & { code?: string }) => {
    throw new AppError('invalid', `The policy ${plain(file)} cannot be read (${error.code ?? 'unknown'}).`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError('invalid', `The policy ${plain(file)} is no JSON: ${plain((error as Error).message)}.`);
  }
  const read = policySchema.safeParse(json);
  if (read.success) return read.data;
  throw new AppError(
    'invalid',
    `The policy ${plain(file)} cannot be used:\n${plain(z.prettifyError(read.error)).trim()}`,
  );
}

async function writeReports(audit: Audit, file: string, { junit, html, language }: AuditCommand): Promise<void> {
  const write = async (to: string, text: string): Promise<void> => {
    await writeFile(to, text).catch((error: Error & { code?: string }) => {
      throw new AppError('invalid', `${plain(to)} cannot be written (${error.code ?? 'unknown'}).`);
    });
  };
  if (junit !== null) await write(junit, campaignJunit(audit, basename(file), language));
  if (html !== null) await write(html, campaignPage(audit, language));
}
