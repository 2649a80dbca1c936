/** What a run found, as rates with their intervals: of all seeds at the top, of each provider in a table. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RunJson } from '../../../server/api/json/runs.ts';
import { useScheme } from '../../charts/palette.ts';
import { OutcomeMark } from '../../components/outcome.tsx';
import { Panel } from '../../components/page.tsx';
import { Headline, HeadlineSkeleton, RateText } from '../../components/rate.tsx';
import { type Column, Rows } from '../../components/rows.tsx';
import { Standing } from '../../components/standing.tsx';
import { useFormat } from '../../language.ts';
import { STACKED, tone } from '../../outcomes.ts';
import { useProviderName } from '../../presets.ts';

const RATES = ['inbox', 'tab', 'spam', 'missing'] as const;
type OfProvider = RunJson['summary']['providers'][number];

export function Summary({ run }: { run: RunJson | undefined }) {
  const { t } = useTranslation();
  const scheme = useScheme();
  return (
    <section className="headlines" aria-label={t('run.summary')}>
      {RATES.map((verdict) =>
        run ? (
          <Headline
            key={verdict}
            label={t(`verdict.${verdict}`)}
            mark={<OutcomeMark verdict={verdict} size={16} />}
            colour={tone(verdict, scheme).fill}
            rate={run.summary.rates[verdict]}
            comparison={null}
          />
        ) : (
          <HeadlineSkeleton key={verdict} />
        ),
      )}
    </section>
  );
}

export function Providers({ run }: { run: RunJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const providerName = useProviderName();
  const columns: Column<OfProvider>[] = [
    { key: 'provider', label: t('word.provider'), head: true, cell: (row) => providerName(row.provider) },
    {
      key: 'standing',
      label: t('run.result'),
      cell: ({ counts }) => (
        <>
          <Standing counts={counts} thin />
          <span className="dim">
            {[
              ...STACKED.filter((verdict) => counts[verdict] > 0),
              ...(counts.pending > 0 ? (['pending'] as const) : []),
            ]
              .map((one) => `${t(`verdict.${one === 'pending' ? 'waiting' : one}`)} ${format.number(counts[one])}`)
              .join(' · ')}
          </span>
        </>
      ),
    },
    {
      key: 'inbox',
      label: t('verdict.inbox'),
      cell: ({ rates, counts }) => (
        <>
          <RateText rate={rates.inbox} />
          {!format.enough(rates.inbox) && rates.inbox.n > 0 && (
            <Text size="sm">
              {t('result.inboxOf', { inbox: format.number(counts.inbox), n: format.number(rates.inbox.n) })}
            </Text>
          )}
        </>
      ),
    },
    { key: 'spam', label: t('verdict.spam'), wide: true, cell: ({ rates }) => <RateText rate={rates.spam} /> },
    {
      key: 'delay',
      label: t('result.medianDelay'),
      cell: ({ medianDelayMs }) =>
        medianDelayMs === null ? <span className="dim">–</span> : format.span(medianDelayMs),
    },
  ];
  return (
    <Panel title={t('result.providers')} note={t('result.providersNote')} flush>
      <Rows
        label={t('result.providers')}
        columns={columns}
        rows={run.summary.providers}
        rowKey={({ provider }) => provider}
      />
    </Panel>
  );
}
