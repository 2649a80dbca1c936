/** Where a mail is dropped, or chosen as a file: it is taken in and audited at once. The button is what the keyboard reaches; the place around it takes what falls. */
import { Button, Text } from '@mantine/core';
import { IconMailUp } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../language.ts';
import { campaignNameOf, LARGEST_BYTES } from './mail-file.ts';

type Props = {
  onFile: (file: File, name: string) => void;
  busy: boolean;
  /** Of the button. */
  label: string;
};

export function DropZone({ onFile, busy, label }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0];
    if (!file || busy) return;
    if ((files?.length ?? 0) > 1) setRefused(t('campaign.oneFile'));
    else if (file.size === 0) setRefused(t('campaign.emptyFile', { name: file.name }));
    else if (file.size > LARGEST_BYTES)
      setRefused(t('campaign.largeFile', { name: file.name, limit: format.bytes(LARGEST_BYTES) }));
    else {
      setRefused(null);
      onFile(file, campaignNameOf(file.name));
    }
  };
  const hold = (event: DragEvent): void => {
    event.preventDefault();
    setOver(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same by keyboard
    <div
      className="drop-zone"
      data-over={over || undefined}
      onDragEnter={hold}
      onDragOver={hold}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
    >
      <IconMailUp size={32} stroke={1.5} aria-hidden />
      <Text fw={600}>{over ? t('campaign.letGo') : t('campaign.drop')}</Text>
      <Text size="sm" c="dimmed" ta="center" maw="56ch">
        {t('campaign.dropHint')}
      </Text>
      <Button loading={busy} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".eml,message/rfc822,text/plain"
        hidden
        aria-label={t('campaign.file')}
        onChange={(event) => {
          take(event.currentTarget.files);
          // The same file, mended, may be chosen again.
          event.currentTarget.value = '';
        }}
      />
      {refused !== null && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {refused}
        </Text>
      )}
    </div>
  );
}
