/** Many seeds or senders at once, from a spreadsheet: pasted or as a file. Nothing is stored before every line has shown its verdict. */
import { Anchor, Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconCircleCheckFilled, IconFileUpload, IconSquareRoundedXFilled } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportJson } from '../../server/api/json/imports.ts';
import type { Accounts, Named } from '../accounts.ts';
import { download } from '../charts/download.ts';
import { useScheme } from '../charts/palette.ts';
import { SIGN_TONES } from '../outcomes.ts';
import { useWords } from '../words.ts';
import { notify } from './notices.tsx';
import { Problem } from './page.tsx';
import { Rows } from './rows.tsx';

const LARGEST_BYTES = 4_000_000;

type Props = {
  of: Pick<Accounts, 'kind' | 'list' | 'import' | 'example'>;
  /** Told those that were stored. */
  onAdded: (added: Named[]) => void;
};

export function ImportCsv({ of, onAdded }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [csv, setCsv] = useState('');
  const [tooLarge, setTooLarge] = useState(false);
  const trial = useMutation({ mutationFn: () => of.import({ csv, dryRun: true }) });
  const add = useMutation({
    mutationFn: () => of.import({ csv }),
    onSuccess: async ({ added, lines }) => {
      await client.invalidateQueries({ queryKey: [of.list] });
      void notify(t(`imports.${of.kind}.added`, { count: added }));
      setCsv('');
      trial.reset();
      onAdded(lines.flatMap(({ id, address }) => (id === null ? [] : { id, name: address })));
    },
  });
  const good = trial.data?.lines.filter((line) => line.ok).length ?? 0;
  const change = (text: string): void => {
    setCsv(text);
    trial.reset();
    add.reset();
  };
  return (
    <Stack gap="md">
      <Stack gap="sm">
        <Textarea
          label={t('imports.paste')}
          placeholder={of.example}
          rows={8}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={csv}
          error={tooLarge ? t('imports.tooLarge') : undefined}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Group gap="xs">
          <Button disabled={csv.trim() === ''} loading={trial.isPending} onClick={() => trial.mutate()}>
            {t('imports.try')}
          </Button>
          <FileButton
            accept=".csv,.tsv,text/csv,text/plain"
            inputProps={{ 'aria-label': t('imports.file') }}
            onChange={(file) => {
              setTooLarge(file !== null && file.size > LARGEST_BYTES);
              if (file && file.size <= LARGEST_BYTES) void readText(file).then(change);
            }}
          >
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconFileUpload size={16} aria-hidden />}>
                {t('imports.file')}
              </Button>
            )}
          </FileButton>
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => download(`${of.list}-example.csv`, of.example)}
          >
            {t('imports.example')}
          </Anchor>
        </Group>
      </Stack>
      {trial.error && <Problem error={trial.error} />}
      {add.error && <Problem error={add.error} />}
      {trial.data && (
        <section className="panel flush" aria-label={t('imports.verdicts')}>
          <Group justify="space-between" mb="xs">
            <Text fw={600} role="status">
              {t('imports.summary', { good, bad: trial.data.lines.length - good })}
            </Text>
            <Button disabled={good === 0} loading={add.isPending} onClick={() => add.mutate()}>
              {t(`imports.${of.kind}.add`, { count: good })}
            </Button>
          </Group>
          <Verdicts lines={trial.data.lines} />
        </section>
      )}
    </Stack>
  );
}

function Verdicts({ lines }: { lines: ImportJson['lines'] }) {
  const { t } = useTranslation();
  const scheme = useScheme();
  const words = useWords();
  return (
    <Rows
      label={t('imports.verdicts')}
      rows={lines}
      rowKey={(line) => String(line.line)}
      columns={[
        {
          key: 'address',
          label: t('word.address'),
          head: true,
          cell: (line) => <span className="break">{line.address || '–'}</span>,
        },
        { key: 'line', label: t('imports.line'), cell: (line) => line.line },
        {
          key: 'verdict',
          label: t('imports.verdict'),
          cell: (line) =>
            line.ok ? (
              <span className="headline-label">
                <IconCircleCheckFilled
                  size={16}
                  style={{ color: SIGN_TONES.pass[scheme].fill, flex: 'none' }}
                  aria-hidden
                />{' '}
                {t('imports.ok')}
              </span>
            ) : (
              <span className="headline-label">
                <IconSquareRoundedXFilled
                  size={16}
                  style={{ color: SIGN_TONES.fail[scheme].fill, flex: 'none' }}
                  aria-hidden
                />
                <span>{words(line.reason).meaning || line.detail}</span>
              </span>
            ),
        },
      ]}
    />
  );
}

/** UTF-8, or what Japanese spreadsheets save: Shift_JIS. */
async function readText(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return new TextDecoder('shift_jis').decode(bytes);
    throw error;
  }
}
