/** What spam filters say of the mail, in their own words and points. Nobody's inbox is filtered by them alone, and that is said. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AuditResultJson } from '../../../server/api/json/audits.ts';
import { visible } from '../../components/invisible.ts';
import { Panel } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../language.ts';

const FILTERS = [
  { id: 'rspamd', name: 'rspamd' },
  { id: 'spamassassin', name: 'SpamAssassin' },
] as const;
const FEW = 8;
/** As the repository has it; it sets both. */
const HOW_TO_ADD = 'docker compose -f compose.yaml -f compose.filters.yaml up --build';

type View = AuditResultJson['filters']['rspamd'];

export function Filters({ result, reason }: { result: AuditResultJson; reason: (word: string) => string }) {
  const { t } = useTranslation();
  const { filters, offline } = result;
  const asked = FILTERS.filter(({ id }) => filters[id] !== null);
  return (
    <Panel title={t('audit.filters')} note={t('audit.filtersNote')}>
      {asked.length === 0 ? (
        offline ? (
          <Text c="dimmed">{t('audit.filtersOffline')}</Text>
        ) : (
          <Text>
            {t('audit.filtersNone')}{' '}
            <span className="mono" translate="no">
              {HOW_TO_ADD}
            </span>
          </Text>
        )
      ) : (
        <div className="two-subs">
          {asked.map(({ id, name }) => (
            <Filter key={id} name={name} view={filters[id]} reason={reason} />
          ))}
        </div>
      )}
    </Panel>
  );
}

function Filter({ name, view, reason }: { name: string; view: View; reason: (word: string) => string }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (view === null) return null;
  if (!view.answered)
    return (
      <section aria-label={name}>
        <h3>{name}</h3>
        <Status kind="warn">{t('audit.noAnswer', { reason: reason(view.reason) })}</Status>
      </section>
    );
  const points = (value: number): string =>
    new Intl.NumberFormat(format.locale, { maximumFractionDigits: 2, signDisplay: 'negative' }).format(value);
  const shown = view.symbols.filter(({ score }) => score !== 0);
  const list = (symbols: typeof shown) => (
    <ul className="filter-symbols">
      {symbols.map(({ name: symbol, score, description }) => (
        <li key={symbol}>
          <span className={score > 0 ? 'filter-points against' : 'filter-points'}>
            {new Intl.NumberFormat(format.locale, { maximumFractionDigits: 2, signDisplay: 'exceptZero' }).format(
              score,
            )}
          </span>
          <span>
            <span className="mono break" translate="no">
              {visible(symbol)}
            </span>
            {description !== null && (
              <span className="dim break" lang="en">
                {' '}
                {visible(description)}
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
  return (
    <section aria-label={name}>
      <h3>{name}</h3>
      <p className="filter-head">
        <Status kind={view.spam ? 'bad' : 'good'}>{t(view.spam ? 'audit.isSpam' : 'audit.isNotSpam')}</Status>{' '}
        {t('audit.pointsOf', { points: points(view.score), limit: points(view.limit) })}
        {view.action !== null && <span className="dim"> · {visible(view.action)}</span>}
      </p>
      {list(shown.slice(0, FEW))}
      {shown.length > FEW && (
        <details className="fact-more">
          <summary>{t('audit.symbolsMore', { count: shown.length - FEW })}</summary>
          {list(shown.slice(FEW))}
        </details>
      )}
    </section>
  );
}
