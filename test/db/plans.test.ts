/**
 * What the scheduler asks every second must not grow with the history: each of its questions is answered from an index over the few probes that
 * still need work. Nor must a search, or a piece of forgetting. SQLite itself says how it would answer.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type KyselyPlugin, type RootOperationNode, sql } from 'kysely';
import { forgetMessages, forgetProbes } from '../../db/forget.ts';
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
  countRunsSince,
  decidedBy,
  newestRuns,
  openRunIds,
  previousRuns,
  probesOfNewestRuns,
  probesOfRun,
  runProgress,
} from '../../db/runs.ts';
import { latestRuns, probesByPrefix, runsByIdPrefix } from '../../db/searches.ts';
import { sendersOverBudget } from '../../db/senders.ts';

const SENDER = {
  ...{ id: 's', name: 's', from_address: 's@example.com', from_name: '', preset: 'own-server', host: 'smtp', port: 1 },
  ...{ security: 'tls' as const, daily_limit: 1, min_gap_ms: 0, created_at: 1, updated_at: 1 },
};
const MONITOR = {
  ...{ id: 'm', name: 'm', sender_id: 's', message_json: '{}', late_after_ms: 1, missing_after_ms: 1, watch_ms: 1 },
  ...{ created_at: 1, updated_at: 1 },
};
const RUN = {
  ...{ id: 'r', monitor_id: 'm', sender_id: 's', slot_at: null, started_at: 1, state: 'complete' as const },
  ...{ finished_at: 1, probe_count: 0 },
};

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
  ['runs since a moment', (d: Database) => countRunsSince(d, 1), 'runs_started'],
  ['the latest runs of a monitor', (d: Database) => latestRuns(d, 'm', 3), 'runs_monitor_started'],
  ['a run by its id', (d: Database) => runsByIdPrefix(d, 'abcdef', 9), 'sqlite_autoindex_runs_1'],
  ['a probe by its id', (d: Database) => probesByPrefix(d, 'id', 'abcdef', 9), 'sqlite_autoindex_probes_1'],
  ['a probe by its token', (d: Database) => probesByPrefix(d, 'token', 'abcdef', 9), 'sqlite_autoindex_probes_2'],
  [
    'a probe by its Message-ID',
    (d: Database) => probesByPrefix(d, 'message_id', 'abcdef', 9),
    'sqlite_autoindex_probes_3',
  ],
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

test('forgetting reads what it forgets, and not the history', async () => {
  await db.insertInto('senders').values(SENDER).execute();
  await db.insertInto('monitors').values(MONITOR).execute();
  await db.insertInto('runs').values(RUN).execute();
  // A message alone is enough to be asked about.
  await sql`PRAGMA foreign_keys = OFF`.execute(db);
  await db
    .insertInto('probe_messages')
    .values({ probe_id: '0', size: 1, raw_gzip: Buffer.from('x') })
    .execute();
  const plans = [
    ...(await plansOf((d) => forgetMessages(d, { before: 2, after: '', most: 10, now: 3 }))),
    ...(await plansOf((d) => forgetProbes(d, { before: 2, most: 10 }))),
  ];
  assert.equal(plans.length, 6, `${plans.length} statements`);
  for (const plan of plans) assert.doesNotMatch(plan, /SCAN (probes|probe_messages|runs|forgotten_messages)\b/, plan);
});
