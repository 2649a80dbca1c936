/** The evidence of an audit in one archive, for a postmaster's ticket or for later: what was said, and all that it rests on. */
import { promisify } from 'node:util';
import { deflateRaw, gunzip } from 'node:zlib';
import { campaignMessageGzip, findAuditResult, probesOfAudit } from '../../db/campaigns.ts';
import { probeFacts } from '../../db/probes.ts';
import type { AuditTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import type { Audit } from '../campaign/audit.ts';
import { campaignPage } from '../report/campaign-page.ts';
import { archive, type Packed, packed } from '../report/zip.ts';
import type { Language } from '../words/words.ts';

/** Beside the main thread: a mail of fifty megabytes takes a second or two. */
const compress = promisify(deflateRaw);
const expand = promisify(gunzip);

export async function evidencePack(
  app: Pick<App, 'db' | 'now'>,
  audit: AuditTable,
  result: Audit,
  language: Language,
): Promise<Buffer> {
  const entries: Packed[] = [];
  const names = new Map<string, number>();
  const add = async (name: string, content: string | Buffer): Promise<void> => {
    // Two seeds may differ in signs that no file name may have.
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    const own = count === 1 ? name : name.replace(/(?=\.[a-z.]+$)/, `-${count}`);
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    entries.push(packed(own, bytes, await compress(bytes)));
  };
  await add('report.html', campaignPage(result, language));
  await add('report.json', JSON.stringify(result, null, 2));
  const raw = audit.message_id === null ? null : await campaignMessageGzip(app.db, audit.message_id);
  if (raw !== null) await add('message.eml', await expand(raw));
  const stored = await findAuditResult(app.db, audit.id);
  if (stored !== null) await add('dns.json', JSON.stringify(JSON.parse(stored.dns), null, 2));
  for (const probe of await probesOfAudit(app.db, audit.id)) {
    const facts = await probeFacts(app.db, probe.id);
    if (!facts?.header) continue;
    const arm = probe.monitor_id === audit.control_plan_id ? 'control' : 'campaign';
    // An address may hold anything a mail server takes; a file name may not.
    const seed = `${probe.address}-${probe.protocol}`.replace(/[^A-Za-z0-9@._-]/g, '_').slice(0, 120);
    await add(`seeds/${seed}-${arm}-${probe.turn + 1}.headers.txt`, facts.header);
  }
  return archive(entries, app.now());
}
