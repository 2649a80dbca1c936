/** Handing an audit on: files to take away, and links by which somebody without an account may read it until they expire. A link's address is shown once. */
import { Anchor, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconDownload, IconShare } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShareJson } from '../../../server/api/json/audits.ts';
import { addressOf, base } from '../../base.ts';
import { campaignApi } from '../../campaign-api.ts';
import { Copy } from '../../components/copy.tsx';
import { Moment } from '../../components/moment.tsx';
import { Panel, Problem, RowsSkeleton } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';
import { useFormat } from '../../language.ts';
import { usePreferences } from '../../preferences.ts';

const DAYS = [1, 7, 14, 30, 90];

export function Share({ id, done }: { id: string; done: boolean }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const files = [
    ['html', campaignApi.audits.reportPath(id, 'html', language)],
    ['json', campaignApi.audits.reportPath(id, 'json', language)],
    ['junit', campaignApi.audits.reportPath(id, 'junit', language)],
    ['evidence', campaignApi.audits.evidencePath(id)],
    ['message', campaignApi.audits.messagePath(id)],
  ] as const;
  return (
    <Panel title={t('audit.handOn')} note={t(done ? 'audit.handOnNote' : 'audit.handOnEarly')}>
      <ul className="downloads">
        {files.map(([kind, path]) => (
          <li key={kind}>
            <Button
              component="a"
              href={path}
              download
              variant="default"
              size="sm"
              leftSection={<IconDownload size={16} aria-hidden />}
            >
              {t(`audit.download.${kind}`)}
            </Button>
            <Text size="xs" c="dimmed">
              {t(`audit.downloadHint.${kind}`)}
            </Text>
          </li>
        ))}
      </ul>
      {/* What is made up is shown to nobody else. */}
      {base === '' && (
        <>
          <h3 className="small-head">{t('audit.links2')}</h3>
          <Links id={id} />
        </>
      )}
    </Panel>
  );
}

function Links({ id }: { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const format = useFormat();
  const { language } = usePreferences();
  const [name, setName] = useState('');
  const [days, setDays] = useState('14');
  const [revoking, setRevoking] = useState<ShareJson | null>(null);
  const shares = useQuery({ queryKey: ['audits', id, 'shares'], queryFn: () => campaignApi.audits.shares(id) });
  const fresh = () => client.invalidateQueries({ queryKey: ['audits', id, 'shares'] });
  const create = useMutation({
    mutationFn: () => campaignApi.audits.share(id, { name: name.trim(), days: Number(days), language }),
    onSuccess: async () => {
      setName('');
      await fresh();
    },
  });
  const revoke = useMutation({
    mutationFn: (share: ShareJson) => campaignApi.audits.unshare(share.id),
    onSuccess: async () => {
      setRevoking(null);
      await fresh();
    },
  });
  const made = create.data;
  const address = made && `${window.location.origin}${addressOf(made.path)}`;
  const alive = (shares.data?.items ?? []).filter(
    ({ revokedAt, expiresAt }) => revokedAt === null && Date.parse(expiresAt) > Date.now(),
  );
  const label = (share: ShareJson): string => share.name || t('audit.unnamedLink');
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Group gap="xs" align="flex-end">
          <TextInput
            label={t('audit.linkFor')}
            placeholder={t('audit.linkForExample')}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={t('audit.linkDays')}
            allowDeselect={false}
            w={150}
            data={DAYS.map((count) => ({ value: String(count), label: t('audit.days', { count }) }))}
            value={days}
            onChange={(next) => setDays(next ?? '14')}
          />
          <Button type="submit" loading={create.isPending} leftSection={<IconShare size={16} aria-hidden />}>
            {t('audit.makeLink')}
          </Button>
        </Group>
      </form>
      {create.error && <Problem error={create.error} />}
      {made && address && (
        <div className="story below" role="status">
          <Text fw={600}>{t('audit.linkOnce', { date: format.date(made.expiresAt) })}</Text>
          <div className="token">
            <code className="mono" style={{ flex: 1 }}>
              {address}
            </code>
            <Copy text={address} label={t('audit.copyLink')} />
          </div>
          <Anchor href={address} target="_blank" rel="noreferrer" size="sm">
            {t('audit.openLink')}
          </Anchor>
        </div>
      )}
      {shares.error ? (
        <Problem error={shares.error} onRetry={() => void shares.refetch()} />
      ) : !shares.data ? (
        <RowsSkeleton rows={1} />
      ) : (
        alive.length > 0 && (
          <div className="below">
            <Rows
              label={t('audit.links2')}
              rows={alive}
              rowKey={(share) => share.id}
              columns={[
                {
                  key: 'name',
                  label: t('audit.linkFor'),
                  head: true,
                  cell: (share) => <span className="break">{label(share)}</span>,
                },
                { key: 'made', label: t('audit.made'), cell: (share) => <Moment at={share.createdAt} /> },
                { key: 'expires', label: t('audit.expires'), cell: (share) => <Moment at={share.expiresAt} /> },
                {
                  key: 'used',
                  label: t('audit.lastOpened'),
                  cell: (share) =>
                    share.lastUsedAt ? (
                      <Moment at={share.lastUsedAt} />
                    ) : (
                      <span className="dim">{t('audit.neverOpened')}</span>
                    ),
                },
                {
                  key: 'actions',
                  label: t('action.actions'),
                  bare: true,
                  cell: (share) => (
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={t('audit.revokeOf', { name: label(share) })}
                      onClick={() => setRevoking(share)}
                    >
                      {t('audit.revoke')}
                    </Button>
                  ),
                },
              ]}
            />
          </div>
        )
      )}
      <Modal
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={t('audit.revokeTitle')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Stack gap="sm">
          <Text>{t('audit.revokeMeaning', { name: revoking ? label(revoking) : '' })}</Text>
          {revoke.error && <Problem error={revoke.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setRevoking(null)} data-autofocus>
              {t('action.cancel')}
            </Button>
            <Button color="red" loading={revoke.isPending} onClick={() => revoking && revoke.mutate(revoking)}>
              {t('audit.revoke')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
