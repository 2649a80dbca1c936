/** Sending domains over the API: added, checked, with what they publish, what changed, and whether an address would pass. */
import {
  deleteDomain,
  findDomainByName,
  insertDomain,
  listChanges,
  listChecks,
  listDomains,
  updateDomain,
} from '../../db/domains.ts';
import type { DomainTable } from '../../db/schema.ts';
import { checkDomain } from '../domain/check.ts';
import { diffRecords } from '../domain/diff.ts';
import { createAsk, lookUp } from '../domain/lookup.ts';
import { mistakeIn, readDomain } from '../domain/name.ts';
import { evaluateSpf, type SpfClient } from '../domain/spf-evaluate.ts';
import { AppError } from '../errors.ts';
import { newId } from '../id.ts';
import { present, presentDetails, requireDomain } from './domain-details.ts';
import { idParams, iso, pageQuery } from './json/basics.ts';
import {
  checksJson,
  type DomainJson,
  domainDetailsJson,
  domainInput,
  domainJson,
  domainPatch,
  domainsJson,
  domainsQuery,
  historyJson,
  spfEvaluationJson,
  spfEvaluationQuery,
} from './json/domains.ts';
import { pageOf } from './page.ts';
import { route } from './route.ts';

/** A check that takes longer is told of when it is done: 202. */
const WAIT_MS = 20_000;

export const domainRoutes = [
  route({
    method: 'get',
    path: '/api/domains',
    summary: 'Sending domains, oldest first: how each stands, and since when',
    query: domainsQuery,
    reply: domainsJson,
    handler: async (app, { query }) => {
      const { rows, nextCursor } = pageOf(await listDomains(app.db, { ...query, limit: query.limit + 1 }), query.limit);
      return { items: rows.map((row) => present(app, row)), nextCursor };
    },
  }),
  route({
    method: 'post',
    path: '/api/domains',
    summary: 'Add a sending domain; it is checked at once, and every six hours from then on',
    body: domainInput,
    reply: domainJson,
    status: 201,
    handler: async (app, { body }) => {
      const name = readDomain(body.name);
      const mistake = mistakeIn(body.name);
      if (name === null || mistake !== null)
        throw new AppError('invalid', mistake ?? `${body.name} is no domain: write it like example.com.`, {
          errors: [{ path: 'name', message: 'must be a domain like example.com' }],
        });
      const known = await findDomainByName(app.db, name);
      if (known) throw new AppError('conflict', `${name} is here already.`, { id: known.id });
      const now = app.now();
      const domain: DomainTable = {
        id: newId(now),
        name,
        selectors_json: JSON.stringify([...new Set(body.selectors ?? [])]),
        ips_json: JSON.stringify([...new Set(body.ips ?? [])]),
        reported_json: '{}',
        paused_at: null,
        next_check_at: now,
        confirming: 0,
        claimed_by: null,
        claimed_until: 0,
        checked_at: null,
        state: null,
        state_since: null,
        counts_json: null,
        protocols_json: null,
        unasked_since: null,
        created_at: now,
        updated_at: now,
      };
      await insertDomain(app.db, domain);
      app.announce({ topic: 'domain', id: domain.id });
      return present(app, domain);
    },
  }),
  route({
    method: 'get',
    path: '/api/domains/:id',
    summary: 'One domain with its last check, what probes showed of its mail, and what large providers ask for',
    params: idParams,
    reply: domainDetailsJson,
    handler: async (app, { params }) => presentDetails(app, await requireDomain(app, params.id)),
  }),
  route({
    method: 'patch',
    path: '/api/domains/:id',
    summary: 'Change what is known of a domain, or pause its checks; what is left out stays',
    params: idParams,
    body: domainPatch,
    reply: domainJson,
    handler: async (app, { params, body }) => {
      const before = await requireDomain(app, params.id);
      const now = app.now();
      const { selectors, ips, paused = before.paused_at !== null } = body;
      await updateDomain(app.db, before.id, {
        ...(selectors === undefined ? {} : { selectors_json: JSON.stringify([...new Set(selectors)]) }),
        ...(ips === undefined ? {} : { ips_json: JSON.stringify([...new Set(ips)]) }),
        paused_at: paused ? (before.paused_at ?? now) : null,
        // What is known now is checked at once.
        next_check_at: paused ? null : now,
        updated_at: now,
      });
      app.announce({ topic: 'domain', id: before.id });
      return present(app, await requireDomain(app, before.id));
    },
  }),
  route({
    method: 'delete',
    path: '/api/domains/:id',
    summary: 'Stop watching a domain, and forget its history',
    params: idParams,
    handler: async (app, { params }) => {
      const { id } = await requireDomain(app, params.id);
      await deleteDomain(app.db, id);
      app.announce({ topic: 'domain', id });
      return undefined;
    },
  }),
  route({
    method: 'get',
    path: '/api/domains/:id/checks',
    summary: 'When a domain was checked and how it stood then, newest first',
    params: idParams,
    query: pageQuery,
    reply: checksJson,
    handler: async (app, { params, query }) => {
      const { id } = await requireDomain(app, params.id);
      const found = await listChecks(app.db, id, { ...query, limit: query.limit + 1 });
      const { rows, nextCursor } = pageOf(found, query.limit);
      const items = rows.map((row) => ({
        id: row.id,
        at: iso(row.at),
        tookMs: row.took_ms,
        state: row.state,
        counts: JSON.parse(row.counts_json) as NonNullable<DomainJson['counts']>,
        unasked: row.unasked,
      }));
      return { items, nextCursor };
    },
  }),
  route({
    method: 'post',
    path: '/api/domains/:id/checks',
    summary: 'Check a domain now, or wait for the check that runs already; 202 when it takes longer',
    params: idParams,
    reply: domainDetailsJson,
    status: 201,
    long: true,
    handler: async (app, { params }, visit) => {
      const { id } = await requireDomain(app, params.id);
      const ended = await within(WAIT_MS, checkDomain(app, id), (error) =>
        app.log.error({ err: error, domain: id }, 'a domain could not be checked'),
      );
      if (ended === null || ended.end !== 'done') visit.response.status(202);
      return presentDetails(app, await requireDomain(app, id));
    },
  }),
  route({
    method: 'get',
    path: '/api/domains/:id/history',
    summary: 'Every change of a record of a domain, newest first, with before, after and what differs',
    params: idParams,
    query: pageQuery,
    reply: historyJson,
    handler: async (app, { params, query }) => {
      const { id } = await requireDomain(app, params.id);
      const found = await listChanges(app.db, id, { ...query, limit: query.limit + 1 });
      const { rows, nextCursor } = pageOf(found, query.limit);
      const items = rows.map(({ id: own, at, protocol, name, type, kind, before_json, after_json }) => {
        const before = JSON.parse(before_json) as string[];
        const after = JSON.parse(after_json) as string[];
        return {
          id: own,
          at: iso(at),
          protocol,
          name,
          type,
          kind,
          before,
          after,
          diff: diffRecords(protocol, before, after),
        };
      });
      return { items, nextCursor };
    },
  }),
  route({
    method: 'get',
    path: '/api/domains/:id/spf-evaluations',
    summary: 'Would mail from an address pass SPF now? With the way to the answer',
    params: idParams,
    query: spfEvaluationQuery,
    reply: spfEvaluationJson,
    long: true,
    handler: async (app, { params, query }) => {
      const { name } = await requireDomain(app, params.id);
      const client: SpfClient = {
        ip: query.ip,
        sender: query.sender ?? `postmaster@${name}`,
        helo: query.helo ?? name,
        receiver: 'unknown',
        now: app.now(),
      };
      const verdict = await lookUp(createAsk(app.dns, { maxAgeMs: 0 }), (answers) => evaluateSpf(client, answers));
      if (verdict === null) throw new AppError('invalid', `${query.ip} is no address.`);
      return { ...verdict, ip: client.ip, sender: client.sender, helo: client.helo, evaluatedAt: iso(client.now) };
    },
  }),
];

/** Null: not done by then; it goes on, and a failure that comes later is logged. */
async function within<Value>(
  ms: number,
  work: Promise<Value>,
  onLate: (error: unknown) => void,
): Promise<Value | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => {
    late.resolve(null);
    work.catch(onLate);
  }, ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
