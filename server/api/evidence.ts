/** The evidence of an audit in one archive, for a postmaster's ticket or for later: what was said, and all that it rests on. */
import { campaignMessage, findAuditResult, probesOfAudit } from '../../db/campaigns.ts';
import { probeFacts } from '../../db/probes.ts';
import type { AuditTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import type { Audit } from '../campaign/audit.ts';
import { campaignPage } from '../report/campaign-page.ts';
import { type Entry, zip } from '../report/zip.ts';
import type { Language } from '../words/words.ts';

export async function evidencePack(
  app: Pick<App, 'db' | 'now'>,
  audit: AuditTable,
  result: Audit,
  language: Language,
): Promise<Buffer> {
  const entries: Entry[] = [
    { name: 'report.html', content: Buffer.from(campaignPage(result, language)) },
    { name: 'report.json', content: Buffer.from(JSON.stringify(result, null, 2)) },
  ];
  const raw = audit.message_id === null ? null : await campaignMessage(app.db, audit.message_id);
  if (raw !== null) entries.push({ name: 'message.eml', content: raw });
  const stored = await findAuditResult(app.db, audit.id);
  if (stored !== null)
    entries.push({ name: 'dns.json', content: Buffer.from(JSON.stringify(JSON.parse(stored.dns), null, 2)) });
  for (const probe of await probesOfAudit(app.db, audit.id)) {
    const facts = await probeFacts(app.db, probe.id);
    if (!facts?.header) continue;
    const arm = probe.monitor_id === audit.control_plan_id ? 'control' : 'campaign';
    // An address may hold anything a mail server takes; a file name may not.
    const seed = `${probe.address}-${probe.protocol}`.replace(/[^A-Za-z0-9@._-]/g, '_').slice(0, 120);
    entries.push({ name: `seeds/${seed}-${arm}-${probe.turn + 1}.headers.txt`, content: Buffer.from(facts.header) });
  }
  return zip(entries, app.now());
}
