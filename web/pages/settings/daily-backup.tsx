/** The backup that is made by itself, how many of them are kept, and the key without which none of them is of use. */
import { Button, Group, NumberInput, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingsJson } from '../../../server/api/json/owner.ts';
import { api } from '../../api.ts';
import { Panel, Problem } from '../../components/page.tsx';
import { settingsQuery } from '../../settings.ts';

export function DailyBackup() {
  const { t } = useTranslation();
  const settings = useQuery(settingsQuery);
  const about = useQuery({ queryKey: ['about'], queryFn: api.about });
  return (
    <Panel title={t('backup.dailyTitle')} note={t('backup.dailyNote')}>
      {settings.data ? (
        <DailyForm kept={settings.data.backups} />
      ) : settings.error ? (
        <Problem error={settings.error} onRetry={() => void settings.refetch()} />
      ) : (
        <Skeleton height={58} aria-hidden="true" />
      )}
      <Text size="sm" mt="md" c="dimmed" className="two-lines">
        {about.data && t(`backup.key.${about.data.key.source}`, { id: about.data.key.id })}
      </Text>
    </Panel>
  );
}

function DailyForm({ kept }: { kept: SettingsJson['backups'] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [keep, setKeep] = useState<number | string>(kept.keep);
  const save = useMutation({
    mutationFn: (backups: Partial<SettingsJson['backups']>) => api.settings.change({ backups }),
    onSuccess: (settings) => client.setQueryData(settingsQuery.queryKey, settings),
  });
  const valid = typeof keep === 'number' && Number.isInteger(keep) && keep >= 1 && keep <= 365;
  return (
    <Stack gap="sm">
      <Switch
        label={t('backup.daily')}
        checked={(save.isPending ? save.variables.daily : undefined) ?? kept.daily}
        onChange={(event) => save.mutate({ daily: event.currentTarget.checked })}
      />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (valid) save.mutate({ keep });
        }}
      >
        <Group gap="xs" align="flex-end">
          <NumberInput
            label={t('backup.keep')}
            w={180}
            min={1}
            max={365}
            allowDecimal={false}
            allowNegative={false}
            disabled={!kept.daily}
            value={keep}
            error={!valid}
            onChange={setKeep}
          />
          <Button type="submit" variant="default" disabled={!kept.daily || !valid || keep === kept.keep}>
            {t('form.save')}
          </Button>
        </Group>
      </form>
      {typeof keep === 'number' && valid && keep < kept.keep && (
        <Text size="sm">{t('backup.keepFewer', { count: keep })}</Text>
      )}
      {save.error && <Problem error={save.error} />}
    </Stack>
  );
}
