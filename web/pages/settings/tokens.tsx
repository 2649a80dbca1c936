/** Keys for programs. A token is shown once, when it is made; the server keeps only its hash. */
import { Button, Group, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TokenJson } from '../../../server/api/json/owner.ts';
import { api } from '../../api.ts';
import { Moment } from '../../components/moment.tsx';
import { Panel, Problem, RowsSkeleton } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';
import { Revoke } from './revoke.tsx';
import { ShownOnce } from './shown-once.tsx';

export function Tokens() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: api.tokens.list });
  const [name, setName] = useState('');
  const [revoking, setRevoking] = useState<TokenJson | null>(null);
  const fresh = () => client.invalidateQueries({ queryKey: ['tokens'] });
  const create = useMutation({
    mutationFn: () => api.tokens.create({ name: name.trim() }),
    onSuccess: async () => {
      setName('');
      await fresh();
    },
  });
  const made = create.data;
  const alive = tokens.data?.items.filter((token) => token.revokedAt === null) ?? [];
  return (
    <>
      <Panel title={t('settings.tokenNew')} note={t('settings.tokensNote')}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') create.mutate();
          }}
        >
          <Group gap="xs" align="flex-end">
            <TextInput
              label={t('settings.tokenName')}
              placeholder={t('settings.tokenExample')}
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" disabled={name.trim() === ''} loading={create.isPending}>
              {t('settings.tokenMake')}
            </Button>
          </Group>
        </form>
        {create.error && <Problem error={create.error} />}
        {made && (
          <div className="below">
            <ShownOnce title={t('settings.tokenOnce', { name: made.name })} value={made.token} />
          </div>
        )}
      </Panel>
      <Panel title={t('settings.section.tokens')} flush>
        {tokens.error ? (
          <div className="inset">
            <Problem error={tokens.error} onRetry={() => void tokens.refetch()} />
          </div>
        ) : !tokens.data ? (
          <div className="inset">
            <RowsSkeleton rows={2} />
          </div>
        ) : alive.length === 0 ? (
          <Text c="dimmed" className="inset">
            {t('settings.noTokens')}
          </Text>
        ) : (
          <Rows
            label={t('settings.section.tokens')}
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
      </Panel>
      <Revoke
        target={revoking}
        meaning={t('settings.revokeMeaning')}
        revoke={api.tokens.revoke}
        onClose={() => setRevoking(null)}
        onRevoked={fresh}
      />
    </>
  );
}
