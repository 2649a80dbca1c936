/** One rate that is read from across the room, with its interval, the number it was counted from, and what became of it. */
import { Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RateJson } from '../../../server/api/json/basics.ts';
import { OutcomeIcon } from '../../components/outcome.tsx';
import { useFormat } from '../../language.ts';
import { useInk } from './ink.ts';

type Change = 'better' | 'worse' | 'more' | 'fewer' | 'no-clear-change' | 'not-enough-data';
type Props = { verdict: 'inbox' | 'tab' | 'spam' | 'missing'; rate: RateJson; before: RateJson; change: Change };

export function BigNumber({ verdict, rate, before, change }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const ink = useInk();
  const enough = format.enough(rate);
  const [low, value, high] = [rate.low ?? 0, rate.value ?? 0, rate.high ?? 1];
  return (
    <div className="wall-number">
      <h2>
        <span style={{ color: ink(verdict) }}>
          <OutcomeIcon verdict={verdict} size="1.1em" />
        </span>
        {t(`verdict.${verdict}`)}
      </h2>
      <div className={enough ? 'wall-value' : 'wall-value wall-dim'}>{enough ? format.percent(value) : '–'}</div>
      <div className="wall-range" aria-hidden="true">
        {enough && (
          <>
            <span
              style={{
                left: `${low * 100}%`,
                width: `${Math.max(1, (high - low) * 100)}%`,
                backgroundColor: ink(verdict),
                opacity: 0.35,
              }}
            />
            <span style={{ left: `calc(${value * 100}% - 0.15em)`, width: '0.3em', backgroundColor: ink(verdict) }} />
          </>
        )}
      </div>
      <p className="wall-dim">
        {enough
          ? t('rate.detailPlain', { interval: format.interval(rate), n: format.number(rate.n) })
          : t('rate.notEnough', { n: format.number(rate.n) })}
      </p>
      <p className={change === 'worse' ? 'wall-worse' : change === 'better' ? 'wall-better' : 'wall-dim'}>
        {(change === 'better' || change === 'worse') && (
          <span aria-hidden="true">{value >= (before.value ?? 0) ? '▲ ' : '▼ '}</span>
        )}
        {t(`wall.change.${change}`)}
        {change !== 'not-enough-data' && format.enough(before) && (
          <span className="wall-dim"> {t('wall.before', { rate: format.percent(before.value ?? 0) })}</span>
        )}
      </p>
    </div>
  );
}

export function BigNumberSkeleton() {
  return (
    <div className="wall-number">
      <Skeleton height="1.2em" width="40%" />
      <Skeleton height="3.6em" width="60%" my="0.6em" />
      <Skeleton height="0.8em" width="70%" />
      <Skeleton height="0.8em" width="50%" mt="0.6em" />
    </div>
  );
}
