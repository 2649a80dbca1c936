/** The raw record of a probe: what was said over SMTP, the headers, the whole message. Text, whatever it claims to be. */
import { Button, Group, Skeleton, Tabs, Text, TextInput } from '@mantine/core';
import { IconDownload, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProbeDetailsJson } from '../../../server/api/json/probes.ts';
import { api } from '../../api.ts';
import { Problem } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';
import { headerFields } from './header-fields.ts';

export function Evidence({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  return (
    <Tabs defaultValue="dialogue" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="dialogue">{t('probe.dialogue')}</Tabs.Tab>
        <Tabs.Tab value="headers">{t('probe.headers')}</Tabs.Tab>
        <Tabs.Tab value="message">{t('probe.message')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="dialogue" pt="sm">
        <Dialogues probe={probe} />
      </Tabs.Panel>
      <Tabs.Panel value="headers" pt="sm">
        <Headers text={probe.headers} />
      </Tabs.Panel>
      <Tabs.Panel value="message" pt="sm">
        <Message probe={probe} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Dialogues({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (probe.dialogues.length === 0) return <Text c="dimmed">{t('probe.noDialogue')}</Text>;
  return probe.dialogues.map((dialogue) => (
    <div key={dialogue.attempt}>
      <Text size="sm" c="dimmed" my={6}>
        {t('probe.attempt', { n: dialogue.attempt })} · {format.dateTimeWithSeconds(dialogue.at)}{' '}
        {format.zoneName(dialogue.at)}
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <ol className="dialogue" tabIndex={0} aria-label={t('probe.dialogue')}>
        {dialogue.lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a finished dialogue never move
          <li key={at} className={line.from}>
            <span aria-hidden="true">{{ client: '›', server: '‹', note: '·' }[line.from]}</span>
            <span>
              <span className="sr-only">{t(`probe.says.${line.from}`)} </span>
              {line.text}
            </span>
          </li>
        ))}
      </ol>
    </div>
  ));
}

function Headers({ text }: { text: string | null }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  if (text === null) return <Text c="dimmed">{t('probe.noHeaders')}</Text>;
  const wanted = search.trim().toLowerCase();
  const fields = headerFields(text).filter((field) => field.toLowerCase().includes(wanted));
  return (
    <>
      <TextInput
        type="search"
        size="xs"
        mb="xs"
        maw={320}
        aria-label={t('probe.searchHeaders')}
        placeholder={t('probe.searchHeaders')}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <TextBlock label={t('probe.headers')} text={fields.length === 0 ? t('probe.noSuchHeader') : fields.join('\n')} />
    </>
  );
}

/** Longer messages are not worth drawing; they can be taken away as a file. */
const LONGEST_SHOWN = 200_000;

function Message({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const kept = probe.messageSize !== null;
  const message = useQuery({
    queryKey: ['probes', probe.id, 'message'],
    queryFn: () => api.probes.message(probe.id),
    enabled: kept,
  });
  if (probe.messageSize === null) return <Text c="dimmed">{t('probe.noMessage')}</Text>;
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
          {t('probe.download', { size: format.bytes(probe.messageSize) })}
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
        <TextBlock label={t('probe.message')} text={message.data.slice(0, LONGEST_SHOWN)} />
      )}
    </>
  );
}

function TextBlock({ label, text }: { label: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="text-block" tabIndex={0} aria-label={label} translate="no">
      <pre>{text}</pre>
    </section>
  );
}
