/** Deleting a monitor takes its history along: that is said before it happens. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import { api } from '../../api.ts';
import { ConfirmDelete } from '../../components/confirm.tsx';

export function DeleteMonitor({
  monitor,
  onClose,
  onDeleted,
}: {
  monitor: MonitorJson | null;
  onClose: () => void;
  onDeleted?: () => Promise<void>;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <ConfirmDelete
      opened={monitor !== null}
      title={t('monitor.delete', { name: monitor?.name ?? '' })}
      name={monitor?.name ?? ''}
      destroys={[t('monitor.destroysSchedule'), t('monitor.destroysRuns')]}
      action={t('action.delete')}
      onClose={onClose}
      onConfirm={async () => {
        if (monitor) await api.monitors.remove(monitor.id);
        await onDeleted?.();
        await client.invalidateQueries({ queryKey: ['monitors'] });
        void client.invalidateQueries({ queryKey: ['overview'] });
      }}
    />
  );
}
