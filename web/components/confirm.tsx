/** Before something is destroyed: what exactly, and the name typed by hand, because there is no way back. */
import { Button, Group, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from './page.tsx';

type Props = {
  opened: boolean;
  title: string;
  /** What goes with it, one line each. */
  destroys: string[];
  /** What does not go with it, although one may think so, and why. */
  stays?: { why: string; what: string[] };
  /** Has to be typed. */
  name: string;
  action: string;
  /** Why it cannot be done now; then nothing can be typed. */
  blocked?: string | undefined;
  onClose: () => void;
  onConfirm: () => Promise<unknown>;
};

export function ConfirmDelete({ opened, title, destroys, stays, name, action, blocked, onClose, onConfirm }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const close = (): void => {
    setTyped('');
    setError(null);
    onClose();
  };
  const submit = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      close();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === name) void submit();
        }}
      >
        <Stack gap="sm">
          <Text>{blocked ?? t('confirm.destroys')}</Text>
          <List size="sm" spacing={4}>
            {destroys.map((line) => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
          {stays && (
            <>
              <Text>{stays.why}</Text>
              <List size="sm" spacing={4}>
                {stays.what.map((line) => (
                  <List.Item key={line}>{line}</List.Item>
                ))}
              </List>
            </>
          )}
          {blocked === undefined && (
            <TextInput
              label={t('confirm.type', { name })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          {error !== null && <Problem error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t('action.cancel')}
            </Button>
            {blocked === undefined && (
              <Button type="submit" color="red" disabled={typed.trim() !== name} loading={busy}>
                {action}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
