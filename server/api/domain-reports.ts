/** DMARC aggregate reports over the API: read for the selectors in them and not kept. */
import { findDomain, updateDomain } from '../../db/domains.ts';
import { REPORT_LIMITS } from '../domain/dmarc-report.ts';
import { readDmarcReport } from '../domain/dmarc-reports.ts';
import { learnReported } from '../domain/learned.ts';
import { readReported } from '../domain/lookup-known.ts';
import { AppError } from '../errors.ts';
import { readFileBody } from './body.ts';
import { requireDomain } from './domain-details.ts';
import { idParams, iso } from './json/basics.ts';
import { dmarcReportJson } from './json/domains.ts';
import { route } from './route.ts';

const TYPES = ['application/octet-stream', 'application/gzip', 'application/zip', 'application/xml', 'text/xml'];

export const domainReportRoutes = [
  route({
    method: 'post',
    path: '/api/domains/:id/reports',
    summary: 'Read a DMARC aggregate report (XML, gzip or ZIP): selectors in it are checked from now on',
    params: idParams,
    takesFile: 'application/octet-stream',
    reply: dmarcReportJson,
    handler: async (app, { params }, { request }) => {
      const { id, name } = await requireDomain(app, params.id);
      if (!request.is(TYPES))
        throw new AppError('invalid', 'Send the report itself with Content-Type: application/octet-stream.');
      const report = await readDmarcReport(await readFileBody(request, REPORT_LIMITS.file), name);
      const now = app.now();
      const added = await app.db.transaction().execute(async (tx) => {
        const domain = await findDomain(tx, id);
        if (domain === undefined) throw new AppError('not-found', 'There is no such domain.');
        const before = readReported(domain.reported_json);
        const selectors = report.selectors.map(({ selector }) => selector);
        const after = learnReported(before, selectors, report.to, now);
        const news = Object.keys(after).filter((selector) => !Object.hasOwn(before, selector));
        await updateDomain(tx, id, {
          reported_json: JSON.stringify(after),
          // What is known now is checked at once.
          ...(news.length > 0 && domain.paused_at === null ? { next_check_at: now } : {}),
          updated_at: now,
        });
        return news;
      });
      app.announce({ topic: 'domain', id });
      const { reporter, domain, mails, selectors } = report;
      return { reporter, domain, from: iso(report.from), to: iso(report.to), mails, selectors, added };
    },
  }),
];
