/** A schedule as a person says it, with its zone where that matters. */
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../server/api/json/monitors.ts';
import { needsZone, usualOf } from '../pages/monitors/words.ts';

export function ScheduleText({ schedule }: { schedule: MonitorJson['schedule'] }) {
  const { t } = useTranslation();
  if (schedule === null) return <span className="dim">{t('schedule.byHand')}</span>;
  const usual = usualOf(schedule.cron);
  return (
    <>
      {usual === null ? <span className="mono">{schedule.cron}</span> : t(`schedule.${usual}`)}
      {needsZone(schedule) && <span className="dim"> {schedule.timeZone}</span>}
    </>
  );
}
