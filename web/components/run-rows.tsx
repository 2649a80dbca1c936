/** Runs as a list: which monitor, when, how it stands. */
import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RunItemJson } from '../../server/api/json/runs.ts';
import { useCountsWords } from './counts-words.ts';
import { Moment } from './moment.tsx';
import { type Column, Rows } from './rows.tsx';
import { Standing } from './standing.tsx';

type Props = {
  runs: RunItemJson[];
  label: string;
  brief?: boolean;
  /** All are of one monitor, which is named elsewhere: a run is known by its moment. */
  ofOne?: boolean;
};

export function RunRows({ runs, label, brief = false, ofOne = false }: Props) {
  const { t } = useTranslation();
  const countsWords = useCountsWords();
  const monitor: Column<RunItemJson> = {
    key: 'monitor',
    label: t('word.monitor'),
    head: true,
    cell: (run) => (
      <Anchor component={Link} to={`/runs/${run.id}`} c="inherit" inherit className="break">
        {run.monitorName}
      </Anchor>
    ),
  };
  const columns: Column<RunItemJson>[] = [
    ...(ofOne ? [] : [monitor]),
    {
      key: 'at',
      label: t('run.started'),
      head: ofOne,
      cell: (run) =>
        ofOne ? (
          <Anchor component={Link} to={`/runs/${run.id}`} c="inherit" inherit>
            <Moment at={run.startedAt} exact />
          </Anchor>
        ) : (
          <Moment at={run.startedAt} />
        ),
    },
    {
      key: 'standing',
      label: t('run.result'),
      cell: (run) => (
        <>
          <Standing counts={run.summary.counts} thin />
          <span className={brief ? 'sr-only' : 'dim'}>{countsWords(run.summary.counts)}</span>
        </>
      ),
    },
    {
      key: 'state',
      label: t('run.state'),
      ...(brief ? { wide: true } : {}),
      cell: (run) => <span className="dim">{t(`runState.${run.state}`)}</span>,
    },
  ];
  return <Rows label={label} columns={columns} rows={runs} rowKey={(run) => run.id} />;
}
