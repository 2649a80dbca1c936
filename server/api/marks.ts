/** Marks for charts: what happened in their period, of whom they show. */
import { listMarks } from '../../db/marks.ts';
import type { Queries } from '../../db/open.ts';
import type { RollupFilter } from '../../db/overviews.ts';
import { iso } from './json/basics.ts';
import type { MarkJson } from './json/marks.ts';

const MOST_MARKS = 100;

export async function readMarks(
  db: Queries,
  period: { from: number; to: number },
  filter: RollupFilter,
): Promise<MarkJson[]> {
  return (await listMarks(db, period, filter, MOST_MARKS)).map((mark) => {
    const evidence = JSON.parse(mark.evidence_json) as MarkJson['evidence'];
    return {
      id: mark.id,
      at: iso(mark.at),
      reason: mark.reason,
      name: mark.name,
      monitorId: mark.monitor_id,
      senderId: mark.sender_id,
      seedId: mark.seed_id,
      domainId: typeof evidence.domainId === 'string' ? evidence.domainId : null,
      evidence,
    };
  });
}
