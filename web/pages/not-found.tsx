/** An address that leads nowhere: an old link, or a typing mistake. The frame stands around it, so every way on is at hand. */
import { Button, Group } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../components/page.tsx';
import { openSearch } from '../components/search-button.tsx';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t('notFound.title')} lead={t('notFound.meaning')}>
      <Group gap="xs">
        <Button component={Link} to="/">
          {t('notFound.home')}
        </Button>
        <Button variant="default" leftSection={<IconSearch size={16} aria-hidden />} onClick={openSearch}>
          {t('nav.search')}
        </Button>
      </Group>
    </Page>
  );
}
