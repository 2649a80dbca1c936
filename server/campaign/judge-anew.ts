/** An audit that is over, judged by what its campaign's policy has become. What was found and measured stays; only what is asked of it is another. */
import { findAudit, findAuditResult, putAuditResult, stepAudit } from '../../db/campaigns.ts';
import type { AuditTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { judgedBy } from './audit.ts';
import type { Policy } from './policy.ts';
import { readStored } from './stored.ts';

/** @throws AppError `conflict` while it is under way, or where it has no result */
export async function judgeAnew(
  app: Pick<App, 'db' | 'now' | 'announce'>,
  { id, campaign_id: campaignId }: Pick<AuditTable, 'id' | 'campaign_id'>,
  policy: Policy,
): Promise<AuditTable> {
  const judged = await app.db.transaction().execute(async (tx) => {
    const stored = await findAuditResult(tx, id);
    if (stored === null) return false;
    const now = app.now();
    const result = judgedBy(readStored(stored.result), policy, now);
    const change = {
      policy_json: JSON.stringify(policy),
      verdict: result.verdict,
      score: result.score.points,
      updated_at: now,
    };
    if (!(await stepAudit(tx, id, { state: 'done' }, change))) return false;
    await putAuditResult(tx, id, { ...stored, result: JSON.stringify(result) });
    return true;
  });
  const audit = judged ? await findAudit(app.db, id) : undefined;
  if (!audit) throw new AppError('conflict', 'Only an audit that is done can be judged anew.');
  app.announce({ topic: 'audit', id });
  app.announce({ topic: 'campaign', id: campaignId });
  return audit;
}
