/** A secret that is stored is never shown again; it can only be replaced. */
import { Button, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function StoredPassword({ onReplace }: { onReplace: () => void }) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t('form.password')}
      description={t('form.passwordStored')}
      value="••••••••••••"
      readOnly
      rightSectionWidth={96}
      rightSection={
        <Button size="compact-xs" variant="light" onClick={onReplace}>
          {t('form.replace')}
        </Button>
      }
    />
  );
}
