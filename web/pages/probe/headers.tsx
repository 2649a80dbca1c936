/** The headers of a mail: decoded or as received, found as one types. Text, whatever it claims to be. */
import { Button, CopyButton, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconCopy, IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finds } from '../../components/finds.ts';
import { useFormat } from '../../language.ts';
import { readFields } from './header-fields.ts';

export function Headers({ text }: { text: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useState('');
  const [form, setForm] = useState<'decoded' | 'raw'>('decoded');
  const fields = useMemo(() => readFields(text), [text]);
  const shown = useMemo(
    () => fields.filter(({ name, raw, value }) => finds(search, [`${name}:`, raw, value])),
    [fields, search],
  );
  return (
    <>
      <Group gap="xs" mb="xs">
        <TextInput
          type="search"
          size="xs"
          w={260}
          maw="100%"
          aria-label={t('probe.searchHeaders')}
          placeholder={t('probe.searchHeaders')}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setSearch('');
          }}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('probe.headers')}
          value={form}
          onChange={(next) => setForm(next === 'raw' ? 'raw' : 'decoded')}
          data={[
            { value: 'decoded', label: t('probe.decoded') },
            { value: 'raw', label: t('probe.asReceived') },
          ]}
        />
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" leftSection={<IconCopy size={14} aria-hidden />} onClick={copy}>
              {copied ? t('action.copied') : t('probe.copyAll')}
            </Button>
          )}
        </CopyButton>
        <Text size="xs" c="dimmed" role="status">
          {t('probe.headerCount', { found: format.number(shown.length), all: format.number(fields.length) })}
        </Text>
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="text-block" tabIndex={0} aria-label={t('probe.headers')} translate="no">
        {shown.length === 0 ? (
          <p className="header-none">{t('probe.noSuchHeader')}</p>
        ) : (
          <dl className="header-list">
            {shown.map(({ name, raw, value }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same field may stand there twice
              <div key={at}>
                <dt>
                  <Marked text={name} search={search} />
                </dt>
                <dd dir="auto">
                  <Marked text={form === 'raw' ? raw : value} search={search} />
                </dd>
              </div>
            ))}
          </dl>
        )}
      </section>
    </>
  );
}

/** The words that were searched for, marked where they stand. */
function Marked({ text, search }: { text: string; search: string }) {
  const words = search.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return text;
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'gi');
  // Split by a group: every other part is one that was found.
  return text.split(pattern).map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text
      <mark key={at}>{part}</mark>
    ) : (
      part
    ),
  );
}
