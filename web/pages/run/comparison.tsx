/** What is different from the run before: in a sentence whether it means anything, then which seeds, from what to what. */
import { Anchor, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProbeJson } from '../../../server/api/json/probes.ts';
import type { RunJson } from '../../../server/api/json/runs.ts';
import { OutcomeBadge } from '../../components/outcome.tsx';
import { Panel, Problem, RowsSkeleton } from '../../components/page.tsx';
import { type Column, Rows } from '../../components/rows.tsx';
import { useFormat } from '../../language.ts';
import { useProviderName } from '../../presets.ts';
import { useWords } from '../../words.ts';
import { compareRuns, type Difference, type RunComparison, verdictOfProbe } from './compare.ts';

type Props = { run: RunJson; previous: UseQueryResult<RunJson> };

export function ComparisonPanel({ run, previous }: Props) {
  const { t } = useTranslation();
  const before = previous.data;
  const comparison = useMemo(() => (before ? compareRuns(before.probes, run.probes) : null), [run, before]);
  const first = run.previousRunId === null;
  return (
    <Panel
      title={t('compare.title')}
      note={t('compare.note')}
      flush={comparison !== null && comparison.differences.length > 0}
      actions={
        run.previousRunId !== null && (
          <Anchor component={Link} to={`/runs/${run.previousRunId}`} size="sm">
            {t('result.previous')}
          </Anchor>
        )
      }
    >
      {first ? (
        <Text c="dimmed">{t('compare.first')}</Text>
      ) : previous.error && !before ? (
        <Problem error={previous.error} onRetry={() => void previous.refetch()} />
      ) : comparison === null ? (
        <RowsSkeleton rows={3} />
      ) : (
        <Comparison comparison={comparison} />
      )}
    </Panel>
  );
}

function Comparison({ comparison }: { comparison: RunComparison }) {
  const { t } = useTranslation();
  const format = useFormat();
  const providerName = useProviderName();
  const { differences, same, waiting, inbox, change } = comparison;
  const [added, gone] = (['added', 'gone'] as const).map(
    (kind) => differences.filter((one) => one.kind === kind).length,
  ) as [number, number];
  const changed = differences.length - added - gone;
  const parts = [
    ...(changed > 0 ? [t('compare.changed', { count: changed })] : []),
    ...(changed > 0 && same > 0 ? [t('compare.same', { count: same })] : []),
    ...(waiting > 0 ? [t('compare.waiting', { count: waiting })] : []),
    ...(added > 0 ? [t('compare.addedCount', { count: added })] : []),
    ...(gone > 0 ? [t('compare.goneCount', { count: gone })] : []),
  ];
  const columns: Column<Difference>[] = [
    {
      key: 'seed',
      label: t('word.seed'),
      head: true,
      cell: ({ seed, now, before }) => (
        <Anchor component={Link} to={`/probes/${(now ?? before)?.id}`} c="inherit" inherit className="break">
          {seed}
        </Anchor>
      ),
    },
    { key: 'provider', label: t('word.provider'), wide: true, cell: ({ provider }) => providerName(provider) },
    {
      key: 'before',
      label: t('compare.before'),
      cell: ({ before }) => <Answer probe={before} otherwise={t('compare.added')} />,
    },
    { key: 'now', label: t('compare.now'), cell: ({ now }) => <Answer probe={now} otherwise={t('compare.gone')} /> },
    {
      key: 'effect',
      label: t('compare.effect'),
      cell: ({ kind }) =>
        kind === 'added' || kind === 'gone' ? (
          <span className="dim">–</span>
        ) : (
          <span className={`change ${kind}`}>{t(`compare.kind.${kind}`)}</span>
        ),
    },
  ];
  return (
    <>
      <div className="panel-words">
        {changed === 0 && <Text>{same > 0 ? t('compare.none') : t('compare.waitingAll')}</Text>}
        {inbox.n > 0 && (
          <Text>
            {t('compare.inbox', {
              now: format.number(inbox.now),
              before: format.number(inbox.before),
              n: format.number(inbox.n),
              change: t(`compare.change.${change}`),
            })}
          </Text>
        )}
        {parts.length > 0 && <Text c="dimmed">{parts.join(' · ')}</Text>}
      </div>
      {differences.length > 0 && (
        <Rows
          label={t('compare.title')}
          columns={columns}
          rows={differences}
          rowKey={({ seed, now, before }) => `${seed} ${(now ?? before)?.seedId}`}
        />
      )}
    </>
  );
}

function Answer({ probe, otherwise }: { probe: ProbeJson | null; otherwise: string }) {
  const words = useWords();
  if (probe === null) return <span className="dim">{otherwise}</span>;
  const verdict = verdictOfProbe(probe);
  return (
    <span title={words(probe.reason, probe.evidence, 'reasons').title}>
      <OutcomeBadge verdict={verdict} tab={probe.placement?.tab} late={probe.late} />
    </span>
  );
}
