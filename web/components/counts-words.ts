/** How the probes of a run or a cell stand, in words: `Inbox 12 · Spam 1 · Waiting 3`, in the order of outcomes. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { CountsJson } from '../../server/api/json/basics.ts';
import { useFormat } from '../language.ts';
import { STACKED } from '../outcomes.ts';

export function useCountsWords(): (counts: CountsJson) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return useCallback(
    (counts) => {
      const parts = STACKED.filter((verdict) => counts[verdict] > 0).map(
        (verdict) => `${t(`verdict.${verdict}`)} ${format.number(counts[verdict])}`,
      );
      if (counts.pending > 0) parts.push(`${t('verdict.waiting')} ${format.number(counts.pending)}`);
      return parts.join(' · ');
    },
    [format, t],
  );
}
