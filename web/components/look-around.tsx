/** The way to the made-up mailboxes, for who has no account at hand: one press starts them, shows how far they are, and leads there. */
import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconMasksTheater } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../api.ts';
import { useFormat } from '../language.ts';
import { trialQuery, useTrial } from '../trial.ts';
import { Problem } from './page.tsx';
import { RemoveTrial } from './remove-trial.tsx';

const THERE = '/trial/';

export function LookAround() {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: api.trial.start,
    onMutate: () => client.invalidateQueries({ queryKey: trialQuery.queryKey }),
    // A new page: the two worlds share nothing, not even what this one has fetched.
    onSuccess: () => window.location.assign(THERE),
  });
  const { data } = useTrial(start.isPending);
  const icon = <IconMasksTheater size={18} stroke={1.75} aria-hidden />;
  if (start.isPending || start.isSuccess || data?.state === 'starting') {
    const { done, of } = data?.progress ?? { done: start.isSuccess ? 1 : 0, of: 1 };
    return (
      <Stack gap={6} className="look-around" role="status">
        <Progress value={(100 * done) / of} animated aria-label={t('trial.starting')} />
        <Text size="sm" c="dimmed" ta="center">
          {of > 1 ? t('trial.settingUp', { done: format.number(done), of: format.number(of) }) : t('trial.starting')}
        </Text>
      </Stack>
    );
  }
  return (
    <Stack gap="xs" className="look-around">
      {data?.state === 'on' ? (
        <Group gap="xs" justify="center">
          <Button component="a" href={THERE} variant="default" leftSection={icon}>
            {t('trial.goOn')}
          </Button>
          <RemoveTrial variant="subtle" color="gray" />
        </Group>
      ) : (
        <Button variant="default" leftSection={icon} onClick={() => start.mutate()}>
          {t('trial.start')}
        </Button>
      )}
      {start.error && <Problem error={start.error} />}
      <Text size="sm" c="dimmed" ta="center">
        {t('trial.meaning')}
      </Text>
    </Stack>
  );
}
