/**
 * How often SPF, DKIM and DMARC passed: what receivers reported and what we verified from the same mails stand under each other, never added up. ARC is
 * about earlier hands on the way; where nobody forwarded anything it says nothing and is left out.
 */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { OverviewJson } from '../../server/api/json/overview.ts';
import { useFormat } from '../language.ts';
import { SIGN_TONES } from '../outcomes.ts';
import type { TableData } from './csv.ts';
import { useScheme } from './palette.ts';
import { RateBars } from './rate-bars.tsx';
import { rateCells } from './rate-cells.ts';

type Rates = OverviewJson['authentication'];
type Props = { title: string; rates: Rates; loading?: boolean };

export function AuthenticationRates({ title, rates, loading = false }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const shown = useMemo(() => inOrder(rates), [rates]);
  const { bars, table } = useMemo(() => {
    const named = shown.map((one) => ({
      ...one,
      label: `${one.mechanism.toUpperCase()} ${t(`auth.by.${one.source}`)}`,
      words: one.results.map(({ result, probes }) => `${result} ${format.number(probes)}`).join(' · '),
    }));
    return {
      bars: named.map(({ mechanism, source, label, pass, words }) => ({
        key: `${mechanism} ${source}`,
        label,
        lines: [mechanism.toUpperCase(), t(`auth.by.${source}`)],
        rate: pass,
        colour: SIGN_TONES.pass[scheme].fill,
        more: [words, t(`auth.what.${mechanism}`)],
      })),
      table: {
        columns: [
          t('auth.mechanism'),
          t('auth.pass'),
          t('chart.low'),
          t('chart.high'),
          t('chart.n'),
          t('auth.results'),
        ],
        rows: named.map(({ label, pass, words }) => [label, ...rateCells(pass, format, t), words]),
      } satisfies TableData,
    };
  }, [shown, format, scheme, t]);
  return (
    <RateBars
      title={title}
      note={t('auth.passNote')}
      bars={bars}
      table={table}
      file="authentication"
      loading={loading}
      expected={6}
      empty={t('chart.noData')}
    />
  );
}

const MECHANISMS = ['spf', 'dkim', 'dmarc', 'arc'] as const;

/** By mechanism, the receivers' word before ours. */
function inOrder(rates: Rates): Rates {
  return MECHANISMS.flatMap((mechanism) =>
    (['reported', 'verified'] as const).flatMap((source) =>
      rates.filter(
        (one) =>
          one.mechanism === mechanism &&
          one.source === source &&
          (mechanism !== 'arc' || one.results.some(({ result }) => result !== 'none')),
      ),
    ),
  );
}
