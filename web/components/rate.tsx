/** A rate, never without its interval and the number it was counted from. */

import { Skeleton, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RateJson } from '../../server/api/json/basics.ts';
import type { OverviewJson } from '../../server/api/json/overview.ts';
import { useFormat } from '../language.ts';

/** In a line of text: `94% (89–97%, n = 412)`. */
export function RateText({ rate }: { rate: RateJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!format.enough(rate)) return <span className="dim">{t('rate.notEnough', { n: format.number(rate.n) })}</span>;
  return (
    <span className="rate-text">
      <strong>{format.percent(rate.value ?? 0)}</strong>{' '}
      <span className="dim">{t('rate.detail', { interval: format.interval(rate), n: format.number(rate.n) })}</span>
    </span>
  );
}

/** Better and worse, or, of what is neither, more and fewer. */
export type Comparison = OverviewJson['verdict']['inbox' | 'tab'];

type HeadlineProps = {
  label: string;
  mark: ReactNode;
  /** Colour of the interval bar. */
  colour: string;
  rate: RateJson;
  /** Against the period before; null where nothing is compared. */
  comparison: Comparison | null;
  before?: RateJson | undefined;
};

/** One of the numbers at the top of a page. The bar beneath shows the interval on a line from 0 to 100 %. */
export function Headline({ label, mark, colour, rate, comparison, before }: HeadlineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const enough = format.enough(rate);
  const low = rate.low ?? 0;
  const high = rate.high ?? 1;
  return (
    <div className="headline">
      <Text size="sm" fw={600} className="headline-label">
        {mark} {label}
      </Text>
      <div className={enough ? 'headline-number' : 'headline-number none'}>
        {enough ? format.percent(rate.value ?? 0) : '–'}
      </div>
      <div className="headline-range" aria-hidden="true">
        {enough && (
          <>
            <span
              style={{
                left: `${low * 100}%`,
                width: `${Math.max(1, (high - low) * 100)}%`,
                backgroundColor: colour,
                opacity: 0.35,
              }}
            />
            <span style={{ left: `calc(${(rate.value ?? 0) * 100}% - 1.5px)`, width: 3, backgroundColor: colour }} />
          </>
        )}
      </div>
      <Text size="xs" c="dimmed">
        {enough
          ? t('rate.detailPlain', { interval: format.interval(rate), n: format.number(rate.n) })
          : t('rate.notEnough', { n: format.number(rate.n) })}
      </Text>
      {comparison !== null && (
        <Text size="xs" className={`change ${comparison}`}>
          <ChangeSign comparison={comparison} rate={rate} before={before} /> {t(`change.${comparison}`)}
          {comparison !== 'not-enough-data' && before !== undefined && format.enough(before) && (
            <span className="dim"> {t('change.before', { rate: format.percent(before.value ?? 0) })}</span>
          )}
        </Text>
      )}
    </div>
  );
}

function ChangeSign({
  comparison,
  rate,
  before,
}: {
  comparison: Comparison;
  rate: RateJson;
  before: RateJson | undefined;
}) {
  if (comparison === 'no-clear-change' || comparison === 'not-enough-data') return null;
  return <span aria-hidden="true">{(rate.value ?? 0) >= (before?.value ?? 0) ? '▲' : '▼'}</span>;
}

export function HeadlineSkeleton() {
  return (
    <div className="headline" aria-hidden="true">
      <Skeleton height={18} width={90} mt={2} />
      <Skeleton height={32} width={80} mt={8} />
      <Skeleton height={6} mt={10} />
      <Skeleton height={12} width={120} mt={10} />
      <Skeleton height={12} width={90} mt={8} />
    </div>
  );
}
