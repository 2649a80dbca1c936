/**
 * What the scheduler asks every second must not grow with the history: each of its questions is answered from an index over the few probes that
 * still need work. SQLite itself says how it would answer.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type KyselyPlugin, type RootOperationNode, sql } from 'kysely';
import { listMarks } from '../../db/marks.ts';
import { type Database, openDatabase } from '../../db/open.ts';
import { probesOfRuns } from '../../db/overviews.ts';
import {
  dueProbesOfSender,
  lookAhead,
  orphanedProbes,
  outstandingProbes,
  seedsToLookInto,
  sendersWithDueProbes,
} from '../../db/probes.ts';
import { newestUnderWay } from '../../db/readings.ts';
import {
  decidedBy,
  newestRuns,
  openRunIds,
  previousRuns,
  probesOfNewestRuns,
  probesOfRun,
  runProgress,
} from '../../db/runs.ts';
import { sendersOverBudget } from '../../db/senders.ts';

let db: Database;
before(async () => {
  db = await openDatabase(':memory:');
});
after(async () => db?.destroy());

/** The plans of all statements that `ask` runs. */
async function plansOf(ask: (watched: Database) => Promise<unknown>): Promise<string[]> {
  const nodes: { node: RootOperationNode; id: Parameters<KyselyPlugin['transformQuery']>[0]['queryId'] }[] = [];
  const watched = db.withPlugin({
    transformQuery(args) {
      nodes.push({ node: args.node, id: args.queryId });
      return args.node;
    },
    transformResult: async (args) => args.result,
  });
  await ask(watched);
  const plans: string[] = [];
  for (const { node, id } of nodes) {
    const { sql: text, parameters } = db.getExecutor().compileQuery(node, id);
    const parts = text.split('?');
    const query = parts
      .slice(1)
      .reduce(
        (whole, part, i) => sql`${whole}${sql.raw('')}${parameters[i]}${sql.raw(part)}`,
        sql`EXPLAIN QUERY PLAN ${sql.raw(parts[0] ?? '')}`,
      );
    const { rows } = await query.execute(db);
    plans.push(rows.map((row) => (row as { detail: string }).detail).join('\n'));
  }
  return plans;
}

for (const [name, ask, index] of [
  ['senders with something due', (d: Database) => sendersWithDueProbes(d, 1), 'probes_to_send'],
  ['what a sender has to hand over', (d: Database) => dueProbesOfSender(d, 's', 1, 10), 'probes_to_send'],
  ['what a dead instance left', (d: Database) => orphanedProbes(d, ['i']), 'probes_sending'],
  ['seeds to look into', (d: Database) => seedsToLookInto(d, 1), 'probes_to_look'],
  ['what is outstanding in a seed', (d: Database) => outstandingProbes(d, 's'), 'probes_outstanding'],
  ['when a seed is next looked into', (d: Database) => lookAhead(d, 's', 1), 'probes_outstanding'],
  ['the newest mail under way of a sender', (d: Database) => newestUnderWay(d, 's'), 'probes_of_sender_to_look'],
  ['runs that are not over', (d: Database) => openRunIds(d), 'runs_open'],
  ['how far a run is', (d: Database) => runProgress(d, 'r', 1), 'probes_run'],
  ['the probes of a run', (d: Database) => probesOfRun(d, 'r'), 'probes_run'],
  ['what waits for its budget', (d: Database) => sendersOverBudget(d, 1), 'probes_to_send'],
  ['the run before', (d: Database) => previousRuns(d, ['r']), 'runs_monitor_started'],
  ['the newest runs of all monitors', (d: Database) => newestRuns(d, undefined, 30), 'runs_monitor_started'],
  ['how their probes stand', (d: Database) => probesOfNewestRuns(d, undefined, 30), 'probes_run'],
  ['the summaries of runs', (d: Database) => probesOfRuns(d, ['r']), 'probes_run'],
  ['when the answers of a run are due', (d: Database) => decidedBy(d, ['r'], 1), 'probes_run'],
  ['the marks of a period', (d: Database) => listMarks(d, { from: 1, to: 2 }, {}, 100), 'marks_at'],
] as const)
  test(`${name}: from ${index}`, async () => {
    const plans = await plansOf(ask);
    assert.equal(plans.length, 1);
    assert.match(plans[0] ?? '', new RegExp(`INDEX ${index}\\b`), plans[0]);
  });

test('bars and summaries of runs are read from the index alone', async () => {
  for (const ask of [(d: Database) => probesOfNewestRuns(d, 'm', 30), (d: Database) => probesOfRuns(d, ['r', 'q'])]) {
    const [plan = ''] = await plansOf(ask);
    assert.match(plan, /probes USING COVERING INDEX probes_run/);
    assert.doesNotMatch(plan, /TEMP B-TREE/);
  }
});
