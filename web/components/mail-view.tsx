/**
 * A mail as its reader would see it: HTML or text, on a laptop or a phone, without pictures, on a dark screen. A stranger's HTML stands only here, in a frame that has no
 * right to anything (mail-frame.ts says which walls are around it); what the server took out of it is counted beside it.
 */
import { Checkbox, Group, SegmentedControl, Text } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PreviewJson } from '../../server/api/json/previews.ts';
import { useFormat } from '../language.ts';
import { visible } from './invisible.ts';
import { frameDocument, hasOwnDark } from './mail-frame.ts';

const KINDS = ['images', 'scripts', 'styles', 'links', 'forms', 'embeds'] as const;

export function MailView({ preview }: { preview: PreviewJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { html, text, cut } = preview;
  const [part, setPart] = useState<'html' | 'text'>(html === null ? 'text' : 'html');
  const [width, setWidth] = useState<'wide' | 'phone'>('wide');
  const [pictures, setPictures] = useState(true);
  const [dark, setDark] = useState(false);
  const taken = KINDS.filter((kind) => preview.blocked[kind] > 0).map((kind) =>
    t(`preview.kind.${kind}`, { count: preview.blocked[kind] }),
  );
  const shownHtml = html !== null && (part === 'html' || text === null);
  return (
    <>
      <Group gap="sm" mb="xs">
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
          <>
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
            <Checkbox
              size="xs"
              label={t('preview.noPictures')}
              checked={!pictures}
              onChange={(event) => setPictures(!event.currentTarget.checked)}
            />
            <Checkbox
              size="xs"
              label={t('preview.dark')}
              checked={dark}
              onChange={(event) => setDark(event.currentTarget.checked)}
            />
          </>
        )}
      </Group>
      {html === null && text === null && <Text c="dimmed">{t('preview.nothing')}</Text>}
      {shownHtml && (
        <>
          <Text size="sm" mb={taken.length > 0 || dark ? 0 : 'xs'}>
            {t('preview.safe')}
          </Text>
          {taken.length > 0 && (
            <Text size="sm" mb={dark ? 0 : 'xs'} c="dimmed">
              {t('preview.blocked', { what: format.list(taken) })}
            </Text>
          )}
          {dark && (
            <Text size="sm" mb="xs" c="dimmed">
              {t(hasOwnDark(html) ? 'preview.ownDark' : 'preview.forcedDark')}
            </Text>
          )}
          <div className={`preview-holder ${width}`}>
            <iframe
              sandbox=""
              srcDoc={frameDocument(html, { dark, pictures })}
              className={`preview-frame ${width}`}
              title={t('preview.frame')}
              referrerPolicy="no-referrer"
              loading="lazy"
            />
          </div>
        </>
      )}
      {!shownHtml && text !== null && (
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
