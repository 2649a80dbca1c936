/** DMARC: the record, where receivers look for it name by name, what its tags mean, and how older and newer receivers read it. */
import { Text } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { RecordsJson } from '../../../server/api/json/records.ts';
import { Card, type CardProps } from './card.tsx';

type DmarcJson = NonNullable<RecordsJson['dmarc']>;
type Reading = DmarcJson['readings']['newer'];
const TAGS = ['v', 'p', 'sp', 'np', 'adkim', 'aspf', 'rua', 'ruf', 'fo', 'psd', 't', 'pct', 'rf', 'ri'] as const;

export function Dmarc(props: CardProps) {
  const dmarc = props.check.records.dmarc;
  const records = (dmarc?.steps ?? []).flatMap(({ name, records: texts }) => texts.map((value) => ({ name, value })));
  return (
    <Card {...props} protocol="dmarc" records={records}>
      {dmarc && (
        <>
          {dmarc.record !== null && <Readings readings={dmarc.readings} />}
          <div className="two-subs">
            <Walk dmarc={dmarc} />
            {dmarc.reports.length > 0 && <Reports reports={dmarc.reports} />}
          </div>
          {Object.keys(dmarc.tags).length > 0 && <Tags tags={dmarc.tags} />}
        </>
      )}
    </Card>
  );
}

function Readings({ readings: { newer, older } }: { readings: DmarcJson['readings'] }) {
  const { t } = useTranslation();
  const alike = JSON.stringify(outcome(newer)) === JSON.stringify(outcome(older));
  return (
    <section className="sub" aria-label={t('domain.dmarc.readings')}>
      <h3>{t('domain.dmarc.readings')}</h3>
      <Text size="sm">{t(alike ? 'domain.dmarc.same' : 'domain.dmarc.differ')}</Text>
      <dl className="facts">
        <dt>{t('domain.dmarc.newer')}</dt>
        <dd>
          <ReadingWords reading={newer} />
        </dd>
        <dt>{t('domain.dmarc.older')}</dt>
        <dd>
          <ReadingWords reading={older} />
        </dd>
      </dl>
    </section>
  );
}

function outcome(reading: Reading): unknown {
  return reading && [reading.policy, reading.percent, reading.policyDomain];
}

function ReadingWords({ reading }: { reading: Reading }) {
  const { t } = useTranslation();
  if (reading === null || reading.policy === null) return t('domain.dmarc.noReading');
  const policy = t(`domain.dmarc.policy.${reading.policy}`);
  return (
    <>
      {reading.policyDomain === null ? policy : t('domain.dmarc.reading', { policy, domain: reading.policyDomain })}
      {reading.percent < 100 && <> · {t('domain.dmarc.percent', { percent: reading.percent })}</>}
    </>
  );
}

function Walk({ dmarc }: { dmarc: DmarcJson }) {
  const { t } = useTranslation();
  return (
    <section className="sub" aria-label={t('domain.dmarc.walk')}>
      <h3>{t('domain.dmarc.walk')}</h3>
      <Text size="xs" c="dimmed">
        {t('domain.dmarc.walkNote')}
      </Text>
      <ol className="walk">
        {dmarc.steps.map(({ name, domain, result, stops, alias }) => (
          <li key={name}>
            <span className="mono break">{name}</span>
            <span className="walk-found">
              {result === 'record' ? <IconCheck size={14} aria-hidden /> : <IconMinus size={14} aria-hidden />}
              {t(`domain.dmarc.found.${result}`)}
              {result === 'record' && domain === dmarc.policyDomain && <strong> · {t('domain.dmarc.applies')}</strong>}
              {alias !== null && <> · {t('domain.dkim.alias', { name: alias })}</>}
              {stops && <> · {t('domain.dmarc.stops')}</>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Reports({ reports }: { reports: DmarcJson['reports'] }) {
  const { t } = useTranslation();
  return (
    <section className="sub" aria-label={t('domain.dmarc.reports')}>
      <h3>{t('domain.dmarc.reports')}</h3>
      <ul className="plain-list">
        {reports.map((report) => (
          <li key={`${report.kind} ${report.start}`}>
            <span className="mono break">{report.address ?? report.text}</span>
            <div className="dim">
              {[
                t(`domain.dmarc.reportKind.${report.kind}`),
                !report.external
                  ? t('domain.dmarc.ownDomain')
                  : report.authorized === null
                    ? t('domain.dmarc.agreementUnknown')
                    : t(report.authorized ? 'domain.dmarc.authorized' : 'domain.dmarc.unauthorized'),
                report.deliverable === false ? t('domain.dmarc.undeliverable') : null,
              ]
                .filter((word) => word !== null)
                .join(' · ')}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tags({ tags }: { tags: DmarcJson['tags'] }) {
  const { t } = useTranslation();
  return (
    <details className="fact-more">
      <summary>{t('domain.dmarc.tags')}</summary>
      <table className="plain-table wrapping left">
        <thead>
          <tr>
            <th scope="col">{t('domain.dmarc.tag')}</th>
            <th scope="col">{t('domain.dmarc.value')}</th>
            <th scope="col">{t('domain.dmarc.means')}</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(tags).map(([tag, value]) => {
            const known = TAGS.find((one) => one === tag);
            return (
              <tr key={tag}>
                <th scope="row" className="mono">
                  {tag}
                </th>
                <td className="mono break">{value}</td>
                <td>{known ? t(`domain.dmarc.tagMeaning.${known}`) : t('domain.dmarc.tagMeaning.other')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </details>
  );
}
