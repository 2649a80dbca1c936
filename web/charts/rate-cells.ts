/** A rate in a chart's table: the share, both ends of its interval, and n; words instead of numbers where there are too few. */
import type { TFunction } from 'i18next';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { RateJson } from '../../server/api/json/basics.ts';
import type { Format } from '../format.ts';
import { useFormat } from '../language.ts';
import type { Cell } from './csv.ts';

/** Four cells: rate, at least, at most, n. */
export function rateCells(rate: RateJson, format: Format, t: TFunction): Cell[] {
  if (rate.n === 0) return [null, null, null, 0];
  if (!format.enough(rate)) return [{ shown: t('rate.notEnough', { n: rate.n }), value: null }, null, null, rate.n];
  return [percentCell(rate.value, format), percentCell(rate.low, format), percentCell(rate.high, format), rate.n];
}

export function percentCell(share: number | null, format: Format): Cell {
  return share === null ? null : { shown: format.percent(share), value: share };
}

/** `94% (89–97%), n = 412`, or that there is not enough data. */
export function useRateWords(): (rate: RateJson) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return useCallback(
    (rate) =>
      format.enough(rate)
        ? t('rate.full', {
            rate: format.percent(rate.value ?? 0),
            interval: format.interval(rate),
            n: format.number(rate.n),
          })
        : t('rate.notEnough', { n: format.number(rate.n) }),
    [format, t],
  );
}
