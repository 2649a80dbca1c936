/**
 * The mail as its reader would see it. Its HTML stands only here, in a frame that has no right to anything (preview-frame.ts says which walls are around it);
 * what the server took out of it is counted beside it.
 */
import { Alert, Group, SegmentedControl, Skeleton, Text } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PreviewJson } from '../../../server/api/json/previews.ts';
import { api } from '../../api.ts';
import { Problem } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';
import { useWords } from '../../words.ts';
import { visible } from './header-fields.ts';
import { frameDocument } from './preview-frame.ts';

const KINDS = ['images', 'scripts', 'styles', 'links', 'forms', 'embeds'] as const;

export function Preview({ id }: { id: string }) {
  const words = useWords();
  const preview = useQuery({
    queryKey: ['previews', id],
    queryFn: () => api.probes.preview(id),
    // A mail that is kept never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (preview.error && !preview.data) return <Problem error={preview.error} onRetry={() => void preview.refetch()} />;
  if (!preview.data) return <Skeleton height={460} />;
  const { reason } = preview.data;
  if (reason !== null) {
    const { title, meaning, todo } = words(reason, {}, 'previews');
    return (
      <Alert color="yellow" title={title} role="status" styles={{ title: { color: 'var(--text)' } }}>
        {meaning} {todo}
      </Alert>
    );
  }
  return <Opened preview={preview.data} />;
}

function Opened({ preview }: { preview: PreviewJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { html, text, cut } = preview;
  const [part, setPart] = useState<'html' | 'text'>(html === null ? 'text' : 'html');
  const [width, setWidth] = useState<'wide' | 'phone'>('wide');
  const taken = KINDS.filter((kind) => preview.blocked[kind] > 0).map((kind) =>
    t(`preview.kind.${kind}`, { count: preview.blocked[kind] }),
  );
  const shownHtml = part === 'html' && html !== null;
  return (
    <>
      <Group gap="xs" mb="xs">
        {html !== null && text !== null && (
          <SegmentedControl
            size="xs"
            aria-label={t('preview.show')}
            value={part}
            onChange={(next) => setPart(next === 'text' ? 'text' : 'html')}
            data={[
              { value: 'html', label: t('preview.html') },
              { value: 'text', label: t('preview.text') },
            ]}
          />
        )}
        {shownHtml && (
          <SegmentedControl
            size="xs"
            className="wide-screen"
            aria-label={t('preview.width')}
            value={width}
            onChange={(next) => setWidth(next === 'phone' ? 'phone' : 'wide')}
            data={[
              { value: 'wide', label: t('preview.wide') },
              { value: 'phone', label: t('preview.phone') },
            ]}
          />
        )}
      </Group>
      {html === null && text === null && <Text c="dimmed">{t('preview.nothing')}</Text>}
      {shownHtml && (
        <>
          <Text size="sm" mb={taken.length > 0 ? 0 : 'xs'}>
            {t('preview.safe')}
          </Text>
          {taken.length > 0 && (
            <Text size="sm" mb="xs" c="dimmed">
              {t('preview.blocked', { what: format.list(taken) })}
            </Text>
          )}
          <iframe
            sandbox=""
            srcDoc={frameDocument(html)}
            className={`preview-frame ${width}`}
            title={t('preview.frame')}
            referrerPolicy="no-referrer"
            loading="lazy"
          />
        </>
      )}
      {part === 'text' && text !== null && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <section className="preview-text" tabIndex={0} aria-label={t('preview.text')} dir="auto">
          {text}
        </section>
      )}
      {cut && (
        <Text size="sm" c="dimmed" mt="xs">
          {t('preview.cut')}
        </Text>
      )}
      <Attachments attachments={preview.attachments} />
    </>
  );
}

function Attachments({ attachments }: { attachments: PreviewJson['attachments'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (attachments.length === 0) return null;
  return (
    <>
      <Text fw={600} mt="md" component="h3" size="sm">
        {t('preview.attachments')}
      </Text>
      <ul className="attachments">
        {attachments.map(({ name, type, size, inline }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may have one name
          <li key={at}>
            <IconPaperclip size={14} aria-hidden />
            <span className="break">
              <bdi>{name === null ? t('preview.unnamed') : visible(name)}</bdi>{' '}
              <span className="dim">
                {[visible(type), format.bytes(size), ...(inline ? [t('preview.inline')] : [])].join(' · ')}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
