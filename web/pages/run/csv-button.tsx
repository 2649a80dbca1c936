/** A run as a table for a spreadsheet: a line per seed, with what it was in the run before. */
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { RunJson } from '../../../server/api/json/runs.ts';
import { toCsv } from '../../charts/csv.ts';
import { download } from '../../charts/download.ts';
import { useWords } from '../../words.ts';
import { verdictOfProbe } from './compare.ts';

export function CsvButton({ run, previous }: { run: RunJson; previous: RunJson | null }) {
  const { t } = useTranslation();
  const words = useWords();
  const save = (): void => {
    const before = new Map(previous?.probes.map((probe) => [probe.seedId, probe]));
    const columns = [
      t('word.seed'),
      t('word.provider'),
      t('word.protocol'),
      t('run.result'),
      t('compare.before'),
      t('word.folder'),
      t('word.reason'),
      t('verdict.late'),
      t('run.sent'),
      t('run.seen'),
      t('run.delaySeconds'),
    ];
    const rows = run.probes.map((probe) => {
      const old = before.get(probe.seedId);
      return [
        probe.seed,
        probe.provider,
        probe.protocol,
        t(`verdict.${verdictOfProbe(probe)}`),
        old === undefined ? null : t(`verdict.${verdictOfProbe(old)}`),
        probe.placement?.folder ?? null,
        words(probe.reason, probe.evidence, 'reasons').title,
        probe.late ? t('word.yes') : t('word.no'),
        probe.sentAt,
        probe.firstSeenAt,
        probe.delayMs === null ? null : probe.delayMs / 1000,
      ];
    });
    download(`todoku-run-${run.id}.csv`, toCsv({ columns, rows }));
  };
  return (
    <Button variant="default" size="xs" leftSection={<IconDownload size={16} aria-hidden />} onClick={save}>
      {t('chart.csv')}
    </Button>
  );
}
