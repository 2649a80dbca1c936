/** An address that leads nowhere: an old link, or a typing mistake. */
import { Anchor, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Gate } from '../components/shell.tsx';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Gate>
      <Title order={1}>{t('notFound.title')}</Title>
      <Text my="sm">{t('notFound.meaning')}</Text>
      <Anchor component={Link} to="/">
        {t('notFound.home')}
      </Anchor>
    </Gate>
  );
}
