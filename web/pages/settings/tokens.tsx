/** Keys for programs. A token is shown once, when it is made; the server keeps only its hash. */
import { Button, CopyButton, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewTokenJson, TokenJson } from '../../../server/api/json/owner.ts';
import { api } from '../../api.ts';
import { Moment } from '../../components/moment.tsx';
import { Problem, RowsSkeleton } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';

export function Tokens() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: api.tokens.list });
  const [name, setName] = useState('');
  const [made, setMade] = useState<NewTokenJson | null>(null);
  const [revoking, setRevoking] = useState<TokenJson | null>(null);
  const fresh = () => client.invalidateQueries({ queryKey: ['tokens'] });
  const create = useMutation({
    mutationFn: () => api.tokens.create({ name: name.trim() }),
    onSuccess: async (token) => {
      setMade(token);
      setName('');
      await fresh();
    },
  });
  const revoke = useMutation({
    mutationFn: (id: string) => api.tokens.revoke(id),
    onSuccess: async () => {
      setRevoking(null);
      await fresh();
    },
  });
  const alive = tokens.data?.items.filter((token) => token.revokedAt === null) ?? [];
  return (
    <section className="panel flush" aria-label={t('settings.tokens')}>
      <div>
        <h2 className="panel-title">{t('settings.tokens')}</h2>
        <Text size="sm" c="dimmed" mb="sm">
          {t('settings.tokensNote')}
        </Text>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') create.mutate();
          }}
        >
          <Group gap="xs" align="flex-end" mb="sm">
            <TextInput
              label={t('settings.tokenName')}
              placeholder={t('settings.tokenExample')}
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" variant="default" disabled={name.trim() === ''} loading={create.isPending}>
              {t('settings.tokenMake')}
            </Button>
          </Group>
        </form>
        {create.error && <Problem error={create.error} />}
        {tokens.error && <Problem error={tokens.error} />}
        {made && (
          <div className="story" role="status">
            <Text fw={600}>{t('settings.tokenOnce', { name: made.name })}</Text>
            <div className="token">
              <code className="mono" style={{ flex: 1 }}>
                {made.token}
              </code>
              <CopyButton value={made.token}>
                {({ copied, copy }) => (
                  <Button
                    size="compact-sm"
                    variant="default"
                    leftSection={<IconCopy size={14} aria-hidden />}
                    onClick={copy}
                  >
                    {copied ? t('action.copied') : t('action.copy')}
                  </Button>
                )}
              </CopyButton>
            </div>
          </div>
        )}
      </div>
      {!tokens.data ? (
        <RowsSkeleton rows={1} />
      ) : alive.length === 0 ? (
        <Text c="dimmed" px={20} py="sm">
          {t('settings.noTokens')}
        </Text>
      ) : (
        <Rows
          label={t('settings.tokens')}
          rows={alive}
          rowKey={(token) => token.id}
          columns={[
            {
              key: 'name',
              label: t('word.name'),
              head: true,
              cell: (token) => <span className="break">{token.name}</span>,
            },
            { key: 'made', label: t('settings.made'), cell: (token) => <Moment at={token.createdAt} exact /> },
            {
              key: 'used',
              label: t('settings.lastUsed'),
              cell: (token) =>
                token.lastUsedAt ? (
                  <Moment at={token.lastUsedAt} />
                ) : (
                  <span className="dim">{t('settings.neverUsed')}</span>
                ),
            },
            {
              key: 'actions',
              label: t('action.actions'),
              bare: true,
              cell: (token) => (
                <Button size="xs" variant="default" onClick={() => setRevoking(token)}>
                  {t('settings.revoke')}
                </Button>
              ),
            },
          ]}
        />
      )}
      <Modal
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={t('settings.revokeTitle', { name: revoking?.name ?? '' })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Stack gap="sm">
          <Text>{t('settings.revokeMeaning')}</Text>
          {revoke.error && <Problem error={revoke.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setRevoking(null)}>
              {t('action.cancel')}
            </Button>
            <Button color="red" loading={revoke.isPending} onClick={() => revoking && revoke.mutate(revoking.id)}>
              {t('settings.revoke')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </section>
  );
}
