/** Backups: made by themselves or by hand, carried off, brought from elsewhere, thrown away; `restore.tsx` puts one in place. */
import { Button, FileButton, Group, Menu, Progress, Text } from '@mantine/core';
import { IconDatabaseExport, IconDownload, IconHistory, IconTrash, IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupJson, BackupsJson } from '../../../server/api/json/backups.ts';
import { api } from '../../api.ts';
import { ConfirmDelete } from '../../components/confirm.tsx';
import { Moment } from '../../components/moment.tsx';
import { notify } from '../../components/notices.tsx';
import { Empty, Panel, Problem, ProblemBox, RowsSkeleton } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { Rows } from '../../components/rows.tsx';
import { useFormat } from '../../language.ts';
import { useWords } from '../../words.ts';
import { DailyBackup } from './daily-backup.tsx';
import { Restore } from './restore.tsx';
import { BackupTrouble } from './trouble.tsx';

const KEY = ['backups'];
/** While something is under way its progress is asked for this often. */
const PROGRESS_MS = 700;

export function Backups() {
  return (
    <>
      <DailyBackup />
      <Files />
    </>
  );
}

function Files() {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [restoring, setRestoring] = useState<BackupJson | null>(null);
  const [deleting, setDeleting] = useState<BackupJson | null>(null);
  const stop = useRef<AbortController | null>(null);
  const fresh = () => client.invalidateQueries({ queryKey: KEY });
  const make = useMutation({
    mutationFn: api.backups.make,
    onSuccess: ({ backup }) => void notify(t(backup ? 'backup.made' : 'backup.goesOn')),
    onSettled: fresh,
  });
  const upload = useMutation({
    mutationFn: (file: File) => {
      stop.current = new AbortController();
      return api.backups.upload(file, stop.current.signal);
    },
    onSuccess: () => void notify(t('backup.uploaded')),
    onSettled: fresh,
  });
  const busy = make.isPending || upload.isPending;
  const backups = useQuery({
    queryKey: KEY,
    queryFn: api.backups.list,
    refetchInterval: ({ state }) => (busy || state.data?.work ? PROGRESS_MS : false),
  });
  const { data } = backups;
  const work = data?.work ?? null;
  const gaveUp = upload.error instanceof DOMException && upload.error.name === 'AbortError';
  return (
    <Panel
      title={t('settings.section.backups')}
      note={t('backup.note')}
      flush
      actions={
        <Group gap="xs">
          <FileButton accept=".sqlite,.db,application/vnd.sqlite3" onChange={(file) => file && upload.mutate(file)}>
            {(props) => (
              <Button
                {...props}
                variant="default"
                leftSection={<IconUpload size={16} aria-hidden />}
                disabled={busy || work !== null}
              >
                {t('backup.upload')}
              </Button>
            )}
          </FileButton>
          <Button
            leftSection={<IconDatabaseExport size={16} aria-hidden />}
            disabled={upload.isPending || (work !== null && !make.isPending)}
            loading={make.isPending}
            onClick={() => make.mutate()}
          >
            {t('backup.make')}
          </Button>
        </Group>
      }
    >
      {(work || upload.isPending) && (
        <Work work={work} onStop={upload.isPending ? () => stop.current?.abort() : undefined} />
      )}
      {(make.error || (upload.error && !gaveUp)) && (
        <div className="inset">
          <BackupTrouble error={make.error ?? upload.error} />
        </div>
      )}
      {data?.failure && !make.error && <LastFailure failure={data.failure} />}
      {backups.error ? (
        <div className="inset">
          <Problem error={backups.error} onRetry={() => void backups.refetch()} />
        </div>
      ) : !data ? (
        <div className="inset">
          <RowsSkeleton rows={3} />
        </div>
      ) : data.items.length === 0 ? (
        <Empty title={t('backup.none')}>{t('backup.noneMeaning')}</Empty>
      ) : (
        <Rows
          label={t('settings.section.backups')}
          rows={data.items}
          rowKey={(backup) => backup.name}
          columns={[
            {
              key: 'at',
              label: t('settings.made'),
              head: true,
              cell: (backup) => <Moment at={backup.at} exact />,
            },
            { key: 'kind', label: t('backup.kindLabel'), cell: (backup) => t(`backup.kind.${backup.kind}`) },
            { key: 'size', label: t('backup.size'), cell: (backup) => format.bytes(backup.bytes) },
            {
              key: 'name',
              label: t('backup.file'),
              wide: true,
              cell: (backup) => <span className="mono">{backup.name}</span>,
            },
            {
              key: 'actions',
              label: t('action.actions'),
              bare: true,
              cell: (backup) => (
                <Group gap={4} justify="flex-end" wrap="nowrap" display="inline-flex">
                  <Button
                    component="a"
                    href={api.backups.path(backup.name)}
                    download={backup.name}
                    size="xs"
                    variant="default"
                    leftSection={<IconDownload size={15} aria-hidden />}
                    aria-label={t('backup.downloadOf', { date: format.dateTime(backup.at) })}
                  >
                    {t('backup.download')}
                  </Button>
                  <RowMenu name={format.dateTime(backup.at)}>
                    <Menu.Item leftSection={<IconHistory size={16} aria-hidden />} onClick={() => setRestoring(backup)}>
                      {t('backup.restore')}
                    </Menu.Item>
                    <Menu.Item
                      color="var(--mantine-color-error)"
                      leftSection={<IconTrash size={16} aria-hidden />}
                      onClick={() => setDeleting(backup)}
                    >
                      {t('action.delete')}
                    </Menu.Item>
                  </RowMenu>
                </Group>
              ),
            },
          ]}
        />
      )}
      <Restore backup={restoring} onClose={() => setRestoring(null)} />
      <ConfirmDelete
        opened={deleting !== null}
        title={t('backup.delete', { date: deleting ? format.dateTime(deleting.at) : '' })}
        destroys={deleting ? [deleting.name] : []}
        name={t('action.delete')}
        action={t('action.delete')}
        onClose={() => setDeleting(null)}
        onConfirm={async () => {
          if (deleting) await api.backups.remove(deleting.name);
          await fresh();
        }}
      />
    </Panel>
  );
}

/** What is under way, and how far it is. */
function Work({ work, onStop }: { work: BackupsJson['work']; onStop: (() => void) | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = t(`backup.work.${work?.what ?? 'upload'}`);
  return (
    <Group className="inset" gap="md" wrap="nowrap" role="status">
      <div style={{ flex: 1 }}>
        <Text size="sm" mb={4}>
          {words}{' '}
          {work && work.ofBytes > 0 && (
            <span className="dim">
              {t('backup.bytes', { done: format.bytes(work.bytes), of: format.bytes(work.ofBytes) })}
            </span>
          )}
        </Text>
        <Progress
          value={work && work.ofBytes > 0 ? (100 * work.bytes) / work.ofBytes : 100}
          animated
          aria-label={words}
        />
      </div>
      {onStop && (
        <Button size="xs" variant="default" onClick={onStop}>
          {t('action.cancel')}
        </Button>
      )}
    </Group>
  );
}

function LastFailure({ failure }: { failure: NonNullable<BackupsJson['failure']> }) {
  const { t } = useTranslation();
  const words = useWords()(failure.reason, failure.evidence, 'backups');
  return (
    <div className="inset">
      <ProblemBox
        {...words}
        title={t('backup.failed')}
        meaning={
          <>
            <Moment at={failure.at} exact />: {words.meaning}
          </>
        }
      />
    </div>
  );
}
