/** Removing the made-up mailboxes. Nothing of one's own goes with them, so one question is enough. */
import { Button, type ButtonProps, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api.ts';
import { trialQuery } from '../trial.ts';
import { Problem } from './page.tsx';

export function RemoveTrial({ onRemoved, ...look }: { onRemoved?: () => void } & ButtonProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: api.trial.remove,
    onSuccess: async () => {
      if (onRemoved) return onRemoved();
      setAsking(false);
      await client.invalidateQueries({ queryKey: trialQuery.queryKey });
    },
  });
  return (
    <>
      <Button variant="default" {...look} onClick={() => setAsking(true)}>
        {t('trial.remove')}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('trial.removeTitle')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Stack gap="sm">
          <Text>{t('trial.removeMeaning')}</Text>
          {remove.error && <Problem error={remove.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              {t('action.cancel')}
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t('trial.remove')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
