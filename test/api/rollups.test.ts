/** Counts and probes never disagree: whatever steps probes take, in every scope, and after a monitor is deleted. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { deleteMonitor } from '../../db/monitors.ts';
import { type Database, openDatabase } from '../../db/open.ts';
import { insertProbes, stepProbe } from '../../db/probes.ts';
import { verdictOf } from '../../db/rollups.ts';
import type { ProbeTable, RunTable, SeedTable } from '../../db/schema.ts';
import { newProbe } from '../../server/probe/born.ts';
import { DELAY_EDGES_MS, OUTCOMES, PLACEMENT_KINDS, TABS } from '../../server/probe/types.ts';

let db: Database;
before(async () => {
  db = await openDatabase(':memory:');
});
after(() => db.destroy());

const HOUR = 3_600_000;
const RESULTS = [null, 'pass', 'fail', 'temperror'] as const;

const step = fc.record({
  probe: fc.nat(19),
  outcome: fc.constantFrom(...OUTCOMES),
  kind: fc.constantFrom(...PLACEMENT_KINDS),
  tab: fc.constantFrom(...TABS),
  late: fc.constantFrom(0 as const, 1 as const),
  delay: fc.option(fc.integer({ min: 0, max: 2 * HOUR })),
  again: fc.boolean(),
  reported: fc.constantFrom(...RESULTS),
  verified: fc.constantFrom(...RESULTS),
});

const ROLLUPS = ['placement_rollups', 'authentication_rollups', 'delay_rollups'] as const;
const TAGS = [[], ['b2c'], ['b2c', 't:b2c m:m1 & more'], ['日本']];

async function setUp(): Promise<void> {
  for (const table of [...ROLLUPS, 'runs', 'monitors', 'senders', 'probes'] as const)
    await db.deleteFrom(table).execute();
  for (const id of ['s0', 's1'])
    await db
      .insertInto('senders')
      .values({
        id,
        name: id,
        from_address: 'a@example.com',
        from_name: '',
        preset: 'own-server',
        host: 'h',
        port: 465,
        security: 'tls',
        user_name: null,
        password_sealed: null,
        oauth_sealed: null,
        daily_limit: 1,
        min_gap_ms: 0,
        paused_at: null,
        held_until: null,
        held_reason: null,
        held_reply: null,
        checked_at: null,
        check_json: null,
        created_at: 0,
        updated_at: 0,
      })
      .execute();
  const probes: ProbeTable[] = [];
  for (const [m, sender] of ['s0', 's0', 's1'].entries()) {
    const monitor = `m${m}`;
    await db
      .insertInto('monitors')
      .values({
        id: monitor,
        name: monitor,
        sender_id: sender,
        message_json: '{}',
        cron: null,
        time_zone: null,
        late_after_ms: 1,
        missing_after_ms: 1,
        watch_ms: 1,
        paused_at: null,
        next_run_at: null,
        created_at: 0,
        updated_at: 0,
      })
      .execute();
    const run: RunTable = {
      id: `r${m}`,
      monitor_id: monitor,
      sender_id: sender,
      slot_at: null,
      started_at: 0,
      state: 'running',
      finished_at: null,
      probe_count: 1,
      audit_id: null,
    };
    await db.insertInto('runs').values(run).execute();
    for (let i = m; i < 20; i += 3) {
      const seed = { id: 'x', address: 'x@example.com', provider: i % 2 ? 'gmail' : 'yahoo', protocol: 'imap' };
      const at = i * 20 * 60_000;
      probes.push({
        ...newProbe(run, seed as SeedTable, TAGS[i % TAGS.length] ?? [], 'x@example.com', at),
        id: `p${i}`,
      });
    }
  }
  await insertProbes(db, probes);
}

/** What the rollups must say, worked out from the probes alone; empty counts left out. */
function expected(probes: ProbeTable[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const add = (key: string, by: number): void => {
    counts[key] = (counts[key] ?? 0) + by;
  };
  for (const probe of probes) {
    const owners = ['', `s:${probe.sender_id}`, `m:${probe.monitor_id}`];
    const tags = (JSON.parse(probe.tags_json) as string[]).map((tag) => `t:${tag}`);
    for (const scope of owners.flatMap((owner) => [owner, ...tags.map((tag) => (owner ? `${owner} ${tag}` : tag))])) {
      const place = `${scope}|${Math.floor(probe.queued_at / HOUR) * HOUR}|${probe.provider}`;
      const verdict = verdictOf(probe);
      if (verdict !== null) {
        add(`${place}|${verdict}`, 1);
        if (verdict !== 'unknown') add(`${place}|late`, probe.late);
        if (probe.outcome === 'placed' && probe.delay_ms !== null) {
          const minutes = probe.delay_ms / 60_000;
          add(`${place}|delay_${minutes < 3 ? 0 : minutes < 6 ? 1 : minutes < 15 ? 2 : minutes < 60 ? 3 : 4}`, 1);
          add(`${place}|delay_sum_ms`, probe.delay_ms);
          add(`${place}|from ${DELAY_EDGES_MS.findLast((edge) => edge <= (probe.delay_ms ?? 0))}`, 1);
        }
      }
      if (probe.reported_spf) add(`${place}|reported spf ${probe.reported_spf}`, 1);
      if (probe.verified_dmarc) add(`${place}|verified dmarc ${probe.verified_dmarc}`, 1);
    }
  }
  return Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0));
}

async function stored(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { scope, hour, provider, ...columns } of await db.selectFrom('placement_rollups').selectAll().execute())
    for (const [column, n] of Object.entries(columns)) counts[`${scope}|${hour}|${provider}|${column}`] = n;
  for (const row of await db.selectFrom('authentication_rollups').selectAll().execute())
    counts[`${row.scope}|${row.hour}|${row.provider}|${row.source} ${row.mechanism} ${row.result}`] = row.probes;
  for (const row of await db.selectFrom('delay_rollups').selectAll().execute())
    counts[`${row.scope}|${row.hour}|${row.provider}|from ${row.from_ms}`] = row.probes;
  return Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0));
}

test('after any steps the counts are those of the probes, and deleting a monitor takes out its own', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      await setUp();
      for (const one of steps)
        await db.transaction().execute((tx) =>
          stepProbe(tx, `p${one.probe}`, OUTCOMES, {
            outcome: one.outcome,
            placement_kind: one.outcome === 'placed' ? one.kind : null,
            placement_tab: one.outcome === 'placed' && one.kind === 'tab' ? one.tab : null,
            late: one.late,
            delay_ms: one.delay,
            next_send_at: one.again ? 1 : null,
            reported_spf: one.reported,
            verified_dmarc: one.verified,
            updated_at: 1,
          }),
        );
      const all = (): Promise<ProbeTable[]> => db.selectFrom('probes').selectAll().execute();
      assert.deepEqual(await stored(), expected(await all()));
      await deleteMonitor(db, 'm1', 2);
      const left = await all();
      assert.ok(left.length > 0 && left.every((probe) => probe.monitor_id !== 'm1'));
      assert.deepEqual(await stored(), expected(left));
      for (const table of ROLLUPS)
        assert.deepEqual(
          (await db.selectFrom(table).select('scope').execute()).filter(({ scope }) => /^m:m1( |$)/.test(scope)),
          [],
          table,
        );
    }),
    { numRuns: 25 },
  );
});
