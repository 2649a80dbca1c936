/** A schedule judged while it is typed: when it would run, and whether the sender's day has room for it. */
import { Alert, Skeleton, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScheduleCheckJson } from '../../../server/api/json/monitors.ts';
import { api } from '../../api.ts';
import { Problem } from '../../components/page.tsx';
import { makeFormat } from '../../format.ts';
import { useFormat } from '../../language.ts';
import { usePreferences } from '../../preferences.ts';

type PreviewProps = { cron: string; timeZone: string; senderId: string; seeds: number; monitorId: string | undefined };

/** The next five runs in the schedule's own zone, and whether the sender's day has room for them. */
export function SchedulePreview({ cron, timeZone, senderId, seeds, monitorId }: PreviewProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const [asked] = useDebouncedValue({ cron: cron.trim(), timeZone, senderId, seeds, monitorId }, 250);
  const check = useQuery({
    queryKey: ['schedule-check', asked],
    queryFn: () =>
      api.monitors.checkSchedule({
        cron: asked.cron,
        timeZone: asked.timeZone,
        seeds: asked.seeds,
        ...(asked.senderId === '' ? {} : { senderId: asked.senderId }),
        ...(asked.monitorId === undefined ? {} : { monitorId: asked.monitorId }),
      }),
    enabled: asked.cron !== '' && asked.timeZone !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
  const inZone = useMemo(() => makeFormat(language, timeZone), [language, timeZone]);
  return (
    <div className="story" role="status" style={{ minHeight: 168 }}>
      {check.error ? (
        <Problem error={check.error} />
      ) : !check.data ? (
        <Skeleton height={14} width="60%" />
      ) : !check.data.ok ? (
        <Text className="headline-label" c="var(--mantine-color-error)">
          <IconAlertTriangle size={18} aria-hidden style={{ flex: 'none' }} />{' '}
          {check.data.field === 'timeZone' ? t('schedule.badZone') : t('schedule.bad')}
        </Text>
      ) : (
        <>
          <Text fw={600}>{t('schedule.next', { zone: timeZone })}</Text>
          <ol style={{ margin: '4px 0 8px', paddingLeft: 20 }}>
            {check.data.nextRuns.map((at) => (
              <li key={at}>
                {inZone.dateTime(at)} <span className="dim">{`${inZone.weekday(at)} ${inZone.zoneName(at)}`}</span>
              </li>
            ))}
          </ol>
          <Budget check={check.data} seeds={asked.seeds} />
        </>
      )}
    </div>
  );
}

function Budget({ check, seeds }: { check: ScheduleCheckJson; seeds: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (check.budget === null)
    return <Text size="sm">{t('schedule.perDay', { runs: format.number(Math.round(check.runsPerDay)) })}</Text>;
  const { limit, others, wanted, fits } = check.budget;
  const numbers = {
    wanted: format.number(Math.round(wanted)),
    others: format.number(Math.round(others)),
    limit: format.number(limit),
    seeds: format.number(seeds),
  };
  if (fits) return <Text size="sm">{t('schedule.fits', numbers)}</Text>;
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} aria-hidden />} title={t('schedule.tooMuchTitle')}>
      {t('schedule.tooMuch', numbers)}
    </Alert>
  );
}
