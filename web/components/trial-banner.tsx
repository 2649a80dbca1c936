/** On each page of the made-up mailboxes: that they are made up, the way back, and the way to be rid of them. */
import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconMasksTheater } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { LookAround } from './look-around.tsx';
import { RemoveTrial } from './remove-trial.tsx';

/** The owner's own pages: a new document, see base.ts. */
const HOME = '/';

export function TrialBanner() {
  const { t } = useTranslation();
  return (
    <section className="trial-banner" aria-label={t('trial.name')}>
      <IconMasksTheater size={20} stroke={1.75} aria-hidden />
      <p>
        <strong>{t('trial.name')}</strong> <span className="wide-only">{t('trial.here')}</span>
      </p>
      <Group gap="xs" wrap="nowrap">
        <BackHome size="compact-sm" variant="default" />
        <RemoveTrial size="compact-sm" onRemoved={() => window.location.assign(HOME)} />
      </Group>
    </section>
  );
}

/** Instead of the pages, when what they show is not there any more. */
export function TrialGone() {
  const { t } = useTranslation();
  const title = t('trial.goneTitle');
  useEffect(() => {
    document.title = `${title} · Todoku`;
  }, [title]);
  return (
    <Stack gap="md">
      <Title order={1}>{title}</Title>
      <Text>{t('trial.gone')}</Text>
      <BackHome />
      <LookAround />
    </Stack>
  );
}

function BackHome(look: { size?: string; variant?: string }) {
  const { t } = useTranslation();
  return (
    <Button component="a" href={HOME} leftSection={<IconArrowLeft size={16} aria-hidden />} {...look}>
      {t('trial.back')}
    </Button>
  );
}
