/** A check started from a list: it shows what happens while the real server is being asked, and stays until it is closed. */
import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { forgetStep } from '../checks.ts';
import { type Asked, CheckSteps } from './check-steps.tsx';
import { Problem } from './page.tsx';

type Props<Check> = {
  /** What is checked, or null when nothing is. */
  target: { id: string; name: string; asked: Asked } | null;
  check: (id: string) => Promise<Check>;
  story: (check: Check) => ReactNode;
  onClose: () => void;
  onDone: () => void;
};

export function CheckModal<Check>({ target, check, story, onClose, onDone }: Props<Check>) {
  const { t } = useTranslation();
  const run = useMutation({
    mutationFn: (id: string) => {
      forgetStep(id);
      return check(id);
    },
    onSettled: onDone,
  });
  const { mutate, reset } = run;
  const id = target?.id;
  useEffect(() => {
    if (id === undefined) return;
    reset();
    mutate(id);
  }, [id, mutate, reset]);
  return (
    <Modal
      opened={target !== null}
      onClose={onClose}
      size="lg"
      title={t('check.title', { name: target?.name ?? '' })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md" mih={220} justify="space-between">
        {run.data !== undefined ? (
          story(run.data)
        ) : run.error ? (
          <Problem error={run.error} />
        ) : (
          target && <CheckSteps id={target.id} asked={target.asked} />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('action.close')}
          </Button>
          <Button disabled={run.isPending} onClick={() => id !== undefined && mutate(id)}>
            {t('check.again')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
