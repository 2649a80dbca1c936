/** When a monitor runs next: the five slots to come, by the reader's clock, with the zone that the plan itself goes by. */
import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import { api } from '../../api.ts';
import { Moment } from '../../components/moment.tsx';
import { Panel, Problem } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';

export function NextRuns({ monitor }: { monitor: MonitorJson }) {
  const { t } = useTranslation();
  const { timeZone } = useFormat();
  const { schedule, pausedAt, nextRunAt } = monitor;
  const plan = useQuery({
    // Asked anew when a run has taken its slot.
    queryKey: ['schedule-check', 'monitor', schedule, nextRunAt],
    queryFn: () => api.monitors.checkSchedule(schedule ?? { cron: '', timeZone: '' }),
    enabled: schedule !== null && pausedAt === null,
  });
  return (
    <Panel
      title={t('monitor.nextRuns')}
      {...(schedule !== null && pausedAt === null
        ? { note: t('monitor.nextRunsNote', { planned: schedule.timeZone, shown: timeZone }) }
        : {})}
    >
      {pausedAt !== null ? (
        <Text c="dimmed">{t('monitor.pausedMeaning')}</Text>
      ) : schedule === null ? (
        <Text c="dimmed">{t('monitor.byHandMeaning')}</Text>
      ) : plan.error ? (
        <Problem error={plan.error} onRetry={() => void plan.refetch()} />
      ) : plan.data === undefined ? (
        <Skeleton height={110} />
      ) : (
        <ol className="next-runs">
          {plan.data.nextRuns.slice(0, 5).map((at) => (
            <NextRun key={at} at={at} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function NextRun({ at }: { at: string }) {
  const format = useFormat();
  return (
    <li>
      <span>
        {format.weekday(at)} {format.dateTime(at)}
      </span>
      <span className="dim">
        <Moment at={at} />
      </span>
    </li>
  );
}
