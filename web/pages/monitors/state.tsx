/** How a monitor stands: paused, at work, overdue, or waiting for its next slot. */
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import { useNow } from '../../components/moment.tsx';
import { Status } from '../../components/status.tsx';
import { useWords } from '../../words.ts';

/** As the server's own list of what needs attention: a slot that passed this long ago and was not answered is late. */
const LATE_MS = 2 * 60_000;

export function MonitorState({ monitor }: { monitor: MonitorJson }) {
  const { t } = useTranslation();
  const words = useWords();
  const now = useNow();
  if (monitor.pausedAt !== null) return <Status kind="paused">{t('state.paused')}</Status>;
  if (monitor.nextRunAt !== null && now - Date.parse(monitor.nextRunAt) > LATE_MS)
    return <Status kind="warn">{words('run-late', {}, 'attention').title}</Status>;
  if (monitor.lastRun?.state === 'running') return <Status kind="good">{t('runState.running')}</Status>;
  return <Status kind="good">{t('state.active')}</Status>;
}
