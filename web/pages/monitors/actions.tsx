/** What else can be done with a monitor, in the list and on its own page alike. */
import { Menu } from '@mantine/core';
import { IconCopy, IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import { api } from '../../api.ts';
import { RowMenu } from '../../components/row-menu.tsx';

/** Pauses a monitor, or resumes one that is paused. */
export function usePause() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (monitor: MonitorJson) => api.monitors.change(monitor.id, { paused: monitor.pausedAt === null }),
    onSettled: () => client.invalidateQueries({ queryKey: ['monitors'] }),
  });
}

type Props = {
  monitor: MonitorJson;
  onDelete: () => void;
  /** Left out where the page has a button for it. */
  onPause?: () => void;
  edit?: boolean;
};

export function MonitorMenu({ monitor, onDelete, onPause, edit = false }: Props) {
  const { t } = useTranslation();
  const paused = monitor.pausedAt !== null;
  return (
    <RowMenu name={monitor.name}>
      {edit && (
        <Menu.Item
          component={Link}
          to={`/monitors/${monitor.id}/edit`}
          leftSection={<IconPencil size={16} aria-hidden />}
        >
          {t('action.edit')}
        </Menu.Item>
      )}
      {onPause && (
        <Menu.Item
          leftSection={paused ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />}
          onClick={onPause}
        >
          {paused ? t('action.resume') : t('action.pause')}
        </Menu.Item>
      )}
      <Menu.Item
        component={Link}
        to="/monitors/new"
        search={{ from: monitor.id } as never}
        leftSection={<IconCopy size={16} aria-hidden />}
      >
        {t('monitor.duplicate')}
      </Menu.Item>
      <Menu.Item
        color="var(--mantine-color-error)"
        leftSection={<IconTrash size={16} aria-hidden />}
        onClick={onDelete}
      >
        {t('action.delete')}
      </Menu.Item>
    </RowMenu>
  );
}
