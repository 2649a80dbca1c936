/** Many seeds at once, from a spreadsheet: pasted or as a file. Nothing is stored before every line has shown its verdict. */
import { Anchor, Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconCircleCheckFilled, IconFileUpload, IconSquareRoundedXFilled } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedImportJson } from '../../../server/api/json/seeds.ts';
import { api } from '../../api.ts';
import { download } from '../../charts/download.ts';
import { useScheme } from '../../charts/palette.ts';
import { notify } from '../../components/notices.tsx';
import { Problem } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';
import { SIGN_TONES } from '../../outcomes.ts';
import { useWords } from '../../words.ts';

const EXAMPLE =
  'address,provider,protocol,password,tags\r\nyour.seed@gmail.com,gmail,imap,app-password,news\r\nyour.seed@yahoo.co.jp,yahoo-japan,pop3,password,news|japan\r\n';
const LARGEST_BYTES = 4_000_000;

/** @param onAdded told those that were stored */
export function SeedCsv({ onAdded }: { onAdded: (seeds: { id: string; address: string }[]) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [csv, setCsv] = useState('');
  const [tooLarge, setTooLarge] = useState(false);
  const trial = useMutation({ mutationFn: () => api.seeds.import({ csv, dryRun: true }) });
  const add = useMutation({
    mutationFn: () => api.seeds.import({ csv }),
    onSuccess: async ({ added, lines }) => {
      await client.invalidateQueries({ queryKey: ['seeds'] });
      void notify(t('seed.imported', { count: added }));
      setCsv('');
      trial.reset();
      onAdded(lines.flatMap(({ id, address }) => (id === null ? [] : { id, address })));
    },
  });
  const good = trial.data?.lines.filter((line) => line.ok).length ?? 0;
  const change = (text: string): void => {
    setCsv(text);
    trial.reset();
    add.reset();
  };
  return (
    <>
      <Stack gap="sm">
        <Textarea
          label={t('seed.importPaste')}
          placeholder={EXAMPLE}
          rows={8}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={csv}
          error={tooLarge ? t('seed.importTooLarge') : undefined}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Group gap="xs">
          <Button disabled={csv.trim() === ''} loading={trial.isPending} onClick={() => trial.mutate()}>
            {t('seed.importTry')}
          </Button>
          <FileButton
            accept=".csv,.tsv,text/csv,text/plain"
            inputProps={{ 'aria-label': t('seed.importFile') }}
            onChange={(file) => {
              setTooLarge(file !== null && file.size > LARGEST_BYTES);
              if (file && file.size <= LARGEST_BYTES) void readText(file).then(change);
            }}
          >
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconFileUpload size={16} aria-hidden />}>
                {t('seed.importFile')}
              </Button>
            )}
          </FileButton>
          <Anchor component="button" type="button" size="sm" onClick={() => download('seeds-example.csv', EXAMPLE)}>
            {t('seed.importExample')}
          </Anchor>
        </Group>
      </Stack>
      {trial.error && <Problem error={trial.error} />}
      {add.error && <Problem error={add.error} />}
      {trial.data && (
        <section className="panel flush" aria-label={t('seed.importVerdicts')}>
          <Group justify="space-between" mb="xs">
            <Text fw={600} role="status">
              {t('seed.importSummary', { good, bad: trial.data.lines.length - good })}
            </Text>
            <Button disabled={good === 0} loading={add.isPending} onClick={() => add.mutate()}>
              {t('seed.importAdd', { count: good })}
            </Button>
          </Group>
          <Verdicts lines={trial.data.lines} />
        </section>
      )}
    </>
  );
}

function Verdicts({ lines }: { lines: SeedImportJson['lines'] }) {
  const { t } = useTranslation();
  const scheme = useScheme();
  const words = useWords();
  return (
    <Rows
      label={t('seed.importVerdicts')}
      rows={lines}
      rowKey={(line) => String(line.line)}
      columns={[
        { key: 'line', label: t('seed.importLine'), cell: (line) => line.line },
        {
          key: 'address',
          label: t('word.address'),
          head: true,
          cell: (line) => <span className="break">{line.address || '–'}</span>,
        },
        {
          key: 'verdict',
          label: t('seed.importVerdict'),
          cell: (line) =>
            line.ok ? (
              <span className="headline-label">
                <IconCircleCheckFilled
                  size={16}
                  style={{ color: SIGN_TONES.pass[scheme].fill, flex: 'none' }}
                  aria-hidden
                />{' '}
                {t('seed.importOk')}
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
