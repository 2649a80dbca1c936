/** The raw record of a probe: its headers, how the mail looks, what was said over SMTP, the whole message. What is no longer kept is said. */
import { Alert, Anchor, Button, Group, Skeleton, Tabs, Text } from '@mantine/core';
import { IconDownload, IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ProbeDetailsJson } from '../../../server/api/json/probes.ts';
import { api } from '../../api.ts';
import { base } from '../../base.ts';
import { Moment } from '../../components/moment.tsx';
import { Problem } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';
import { Absence } from './absence.tsx';
import { Dialogues } from './dialogue.tsx';
import { Headers } from './headers.tsx';
import { Preview } from './preview.tsx';

export function Evidence({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  return (
    <Tabs defaultValue={probe.headers === null ? 'dialogue' : 'headers'} keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="headers">{t('probe.headers')}</Tabs.Tab>
        <Tabs.Tab value="preview">{t('preview.tab')}</Tabs.Tab>
        <Tabs.Tab value="dialogue">{t('probe.dialogue')}</Tabs.Tab>
        <Tabs.Tab value="message">{t('probe.message')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="headers" pt="sm">
        {probe.headers === null ? <Absence probe={probe} /> : <Headers text={probe.headers} />}
      </Tabs.Panel>
      <Tabs.Panel value="preview" pt="sm">
        {probe.messageSize === null ? <NotKept probe={probe} /> : <Preview id={probe.id} />}
      </Tabs.Panel>
      <Tabs.Panel value="dialogue" pt="sm">
        <Dialogues probe={probe} />
      </Tabs.Panel>
      <Tabs.Panel value="message" pt="sm">
        {probe.messageSize === null ? <NotKept probe={probe} /> : <Message probe={probe} size={probe.messageSize} />}
      </Tabs.Panel>
    </Tabs>
  );
}

function NotKept({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { messageForgottenAt } = probe;
  if (messageForgottenAt === null) return <Text c="dimmed">{t('probe.noMessage')}</Text>;
  return (
    <Alert color="gray" icon={<IconHistory size={20} aria-hidden />}>
      <Text>
        {t('probe.forgotten', { date: format.date(messageForgottenAt) })} (<Moment at={messageForgottenAt} />)
      </Text>
      {base === '' && (
        <Anchor component={Link} to="/settings" size="sm">
          {t('probe.forgottenLink')}
        </Anchor>
      )}
    </Alert>
  );
}

/** Longer messages are not worth drawing; they can be taken away as a file. */
const LONGEST_SHOWN = 200_000;

function Message({ probe, size }: { probe: ProbeDetailsJson; size: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const message = useQuery({
    queryKey: ['messages', probe.id],
    queryFn: () => api.probes.message(probe.id),
    // A mail that is kept never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <Group gap="xs" mb="xs">
        <Button
          component="a"
          href={api.probes.messagePath(probe.id)}
          download={`${probe.token}.eml`}
          size="xs"
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('probe.download', { size: format.bytes(size) })}
        </Button>
        <Text size="xs" c="dimmed">
          {t('probe.asText')}
        </Text>
      </Group>
      {message.error ? (
        <Problem error={message.error} onRetry={() => void message.refetch()} />
      ) : message.data === undefined ? (
        <Skeleton height={240} />
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
          <section className="text-block" tabIndex={0} aria-label={t('probe.message')} translate="no">
            <pre>{message.data.slice(0, LONGEST_SHOWN)}</pre>
          </section>
          {message.data.length > LONGEST_SHOWN && (
            <Text size="sm" c="dimmed" mt="xs">
              {t('probe.cutMessage')}
            </Text>
          )}
        </>
      )}
    </>
  );
}
