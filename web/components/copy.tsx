/** Puts a text into the reader's clipboard, and says so. */
import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** @param label what is copied, for who cannot see beside what the button stands @param shown on the button, instead of "Copy" */
export function Copy({ text, label, shown }: { text: string; label: string; shown?: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          aria-label={copied ? t('action.copied') : label}
          onClick={copy}
        >
          {copied ? t('action.copied') : (shown ?? t('action.copy'))}
        </Button>
      )}
    </CopyButton>
  );
}
