/** A rate in a chart's table: the share, both ends of its interval, and n; words instead of numbers where there are too few. */
import type { TFunction } from 'i18next';
import type { RateJson } from '../../server/api/json/basics.ts';
import type { Format } from '../format.ts';
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
