/** Putting a backup in place of everything: first it is read through and compared with what is there, then one word has to be typed. */
import { Button, Group, List, Modal, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupJson, RestoreJson } from '../../../server/api/json/backups.ts';
import { api } from '../../api.ts';
import { useFormat } from '../../language.ts';
import { BackupTrouble } from './trouble.tsx';

export function Restore({ backup, onClose }: { backup: BackupJson | null; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Modal
      opened={backup !== null}
      onClose={onClose}
      size="lg"
      title={t('backup.restoreTitle', { date: backup ? format.dateTime(backup.at) : '' })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {backup && <Steps name={backup.name} onClose={onClose} />}
    </Modal>
  );
}

function Steps({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const look = useMutation({ mutationFn: (name: string) => api.backups.restore({ name, dryRun: true }) });
  const restore = useMutation({
    mutationFn: () => api.backups.restore({ name }),
    // Another database: nothing of what was fetched holds.
    onSuccess: () => client.invalidateQueries(),
  });
  const { mutate } = look;
  useEffect(() => mutate(name), [mutate, name]);
  const word = t('backup.restoreWord');

  if (restore.data) {
    return (
      <Stack gap="sm">
        <Text role="status">{t('backup.restored')}</Text>
        {restore.data.keptAs !== null && (
          <Text size="sm" c="dimmed">
            {t('backup.keptAs')} <span className="mono">{restore.data.keptAs}</span>
          </Text>
        )}
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            {t('action.close')}
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() === word && look.data) restore.mutate();
      }}
    >
      <Stack gap="md">
        {look.error ? (
          <BackupTrouble error={look.error} />
        ) : look.data ? (
          <Comparison found={look.data} />
        ) : (
          <div role="status">
            <Text mb="sm">{t('backup.reading')}</Text>
            <Skeleton height={190} />
          </div>
        )}
        {look.data && (
          <TextInput
            label={t('confirm.type', { name: word })}
            value={typed}
            disabled={restore.isPending}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            autoCapitalize="off"
          />
        )}
        {restore.error && <BackupTrouble error={restore.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} disabled={restore.isPending}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" color="red" disabled={!look.data || typed.trim() !== word} loading={restore.isPending}>
            {t('backup.restoreAction')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const NOUNS = ['monitors', 'seeds', 'senders', 'domains', 'campaigns', 'runs', 'probes'] as const;

/** What would be there, and what is. */
function Comparison({ found }: { found: RestoreJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const newest = (at: string | null) => (at === null ? '–' : format.dateTime(at));
  return (
    <>
      <Text>{t('backup.destroys')}</Text>
      <table className="plain-table wrapping">
        <thead>
          <tr>
            <td />
            <th scope="col">{t('backup.inBackup')}</th>
            <th scope="col">{t('backup.atPresent')}</th>
          </tr>
        </thead>
        <tbody>
          {NOUNS.map((noun) => (
            <tr key={noun}>
              <th scope="row">{t(`backup.noun.${noun}`)}</th>
              <td>{format.number(found.backup[noun])}</td>
              <td>{format.number(found.present[noun])}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">{t('backup.noun.newest')}</th>
            <td>{newest(found.backup.newestRunAt)}</td>
            <td>{newest(found.present.newestRunAt)}</td>
          </tr>
        </tbody>
      </table>
      <List size="sm" spacing={4}>
        {found.lostRuns > 0 && (
          <List.Item>
            <strong>{t('backup.lostRuns', { count: found.lostRuns, n: format.number(found.lostRuns) })}</strong>
          </List.Item>
        )}
        {found.unsent > 0 && (
          <List.Item>{t('backup.unsent', { count: found.unsent, n: format.number(found.unsent) })}</List.Item>
        )}
        <List.Item>{t('backup.stays')}</List.Item>
        <List.Item>{t('backup.keptFirst')}</List.Item>
      </List>
    </>
  );
}
