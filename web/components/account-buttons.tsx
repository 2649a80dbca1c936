/** The ways into and out of the lists of senders and of seeds: one more, many from a file, all into a file. Among made-up ones there is only the way out. */
import { Button, Group } from '@mantine/core';
import { IconDownload, IconPlus, IconUpload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Accounts } from '../accounts.ts';
import { base } from '../base.ts';

type Of = Pick<Accounts, 'kind' | 'list' | 'exportPath'>;

/** @param any whether there is one yet */
export function AccountButtons({ of, any }: { of: Of; any: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      {base === '' && (
        <Button
          component={Link}
          to={`/${of.list}/import`}
          variant="default"
          leftSection={<IconUpload size={16} aria-hidden />}
        >
          {t('accounts.import')}
        </Button>
      )}
      {any && (
        <Button
          component="a"
          href={of.exportPath}
          download
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('accounts.export')}
        </Button>
      )}
      {base === '' && (
        <Button component={Link} to={`/${of.list}/new`} leftSection={<IconPlus size={16} aria-hidden />}>
          {t(`${of.kind}.add`)}
        </Button>
      )}
    </>
  );
}

/** Where there is none yet: how to begin. */
export function FirstAccountButtons({ of }: { of: Of }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs" mt="xs">
      <Button component={Link} to={`/${of.list}/new`}>
        {t(`${of.kind}.add`)}
      </Button>
      <Button component={Link} to={`/${of.list}/import`} variant="default">
        {t('accounts.import')}
      </Button>
    </Group>
  );
}
