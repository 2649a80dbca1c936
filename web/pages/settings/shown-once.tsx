/** A secret at the one time it is shown: to be copied, whole, before the page is left. */
import { Button, CopyButton, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export function ShownOnce({ title, value, children }: { title: string; value: string; children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="story" role="status">
      <Text fw={600}>{title}</Text>
      <div className="token">
        <code className="mono" style={{ flex: 1 }}>
          {value}
        </code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button
              size="xs"
              variant="default"
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? t('action.copied') : t('action.copy')}
            </Button>
          )}
        </CopyButton>
      </div>
      {children}
    </div>
  );
}
