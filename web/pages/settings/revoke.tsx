/** Before a key is taken away: whom it locks out, and that there is no way back. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../components/page.tsx';

type Props = {
  /** What is to be revoked, or null when nothing is. */
  target: { id: string; name: string } | null;
  meaning: string;
  revoke: (id: string) => Promise<unknown>;
  onClose: () => void;
  onRevoked: () => Promise<unknown>;
};

export function Revoke({ target, meaning, revoke, onClose, onRevoked }: Props) {
  const { t } = useTranslation();
  const act = useMutation({
    mutationFn: revoke,
    onSuccess: async () => {
      onClose();
      await onRevoked();
    },
  });
  return (
    <Modal
      opened={target !== null}
      onClose={onClose}
      title={t('settings.revokeTitle', { name: target?.name ?? '' })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="sm">
        <Text>{meaning}</Text>
        {act.error && <Problem error={act.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('action.cancel')}
          </Button>
          <Button color="red" loading={act.isPending} onClick={() => target && act.mutate(target.id)}>
            {t('settings.revoke')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
