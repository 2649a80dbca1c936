/** How the pages speak and look, who is signed in, and which programs may use the API. */
import {
  Button,
  CopyButton,
  Group,
  Modal,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
  useMantineColorScheme,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCopy, IconLogout } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewTokenJson, TokenJson } from '../../server/api/json/owner.ts';
import { api } from '../api.ts';
import { Moment } from '../components/moment.tsx';
import { Page, Panel, Problem, RowsSkeleton } from '../components/page.tsx';
import { Rows } from '../components/rows.tsx';
import { knownZones, type Language } from '../format.ts';
import { setLanguage, useFormat } from '../language.ts';
import { setPreferences, usePreferences } from '../preferences.ts';
import { browserName } from './browser-name.ts';
import { LEAST_PASSWORD } from './set-password.tsx';

const ZONES = knownZones();

export function Settings() {
  const { t } = useTranslation();
  const session = useQuery({ queryKey: ['session'], queryFn: api.session.current });
  return (
    <Page
      title={t('nav.settings')}
      lead={session.data ? t('settings.version', { version: session.data.version }) : undefined}
      actions={<SignOut />}
    >
      <div className="two">
        <Display />
        <Password />
      </div>
      <Sessions />
      <Tokens />
    </Page>
  );
}

function SignOut() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const out = useMutation({
    mutationFn: api.session.signOut,
    onSuccess: async () => {
      await navigate({ to: '/sign-in' });
      client.clear();
    },
  });
  return (
    <Button
      variant="default"
      leftSection={<IconLogout size={16} aria-hidden />}
      loading={out.isPending}
      onClick={() => out.mutate()}
    >
      {t('settings.signOut')}
    </Button>
  );
}

function Display() {
  const { t } = useTranslation();
  const format = useFormat();
  const { language, zone } = usePreferences();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // What is sent from here (reports, the command line) follows the owner's choice too.
  const keep = useMutation({ mutationFn: api.settings.change });
  return (
    <Panel title={t('settings.display')}>
      <Stack gap="md">
        <div>
          <Text fw={500} mb={4}>
            {t('settings.language')}
          </Text>
          <SegmentedControl
            aria-label={t('settings.language')}
            value={language}
            onChange={(value) => {
              void setLanguage(value as Language);
              keep.mutate({ language: value as Language });
            }}
            data={[
              { value: 'en', label: <span lang="en">{t('language.en')}</span> },
              { value: 'ja', label: <span lang="ja">{t('language.ja')}</span> },
            ]}
          />
        </div>
        <div>
          <Text fw={500} mb={4}>
            {t('settings.scheme')}
          </Text>
          <SegmentedControl
            aria-label={t('settings.scheme')}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
            data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`scheme.${value}`) }))}
          />
        </div>
        <Select
          label={t('settings.zone')}
          description={t('settings.zoneNow', { time: format.dateTime(Date.now()), zone: format.zoneName(Date.now()) })}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          searchable
          allowDeselect={false}
          limit={60}
          data={ZONES}
          value={zone}
          onChange={(value) => {
            if (value === null) return;
            setPreferences({ zone: value });
            keep.mutate({ timeZone: value });
          }}
        />
        {keep.error && <Problem error={keep.error} />}
      </Stack>
    </Panel>
  );
}

function Password() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [tried, setTried] = useState(false);
  const short = next.length < LEAST_PASSWORD;
  const change = useMutation({
    mutationFn: () => api.session.setPassword({ current, password: next }),
    onSuccess: async () => {
      setCurrent('');
      setNext('');
      setTried(false);
      notifications.show({ message: t('settings.passwordChanged') });
      await client.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  return (
    <Panel title={t('settings.password')} note={t('settings.passwordNote')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!short && current !== '') change.mutate();
        }}
      >
        <Stack gap="md">
          <input type="text" name="username" autoComplete="username" value="owner" readOnly hidden />
          <PasswordInput
            label={t('settings.passwordNow')}
            autoComplete="current-password"
            value={current}
            error={tried && current === '' ? t('form.needed') : undefined}
            visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword') }}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('setPassword.new')}
            description={t('setPassword.least', { n: LEAST_PASSWORD })}
            autoComplete="new-password"
            value={next}
            error={tried && short ? t('setPassword.short', { n: LEAST_PASSWORD }) : undefined}
            visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword') }}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
          {change.error && <Problem error={change.error} />}
          <Group>
            <Button type="submit" variant="default" loading={change.isPending}>
              {t('settings.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function Sessions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: api.session.list });
  const revoke = useMutation({
    mutationFn: api.session.revoke,
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  });
  return (
    <section className="panel flush" aria-label={t('settings.sessions')}>
      <h2 className="panel-title">{t('settings.sessions')}</h2>
      {(sessions.error ?? revoke.error) && <Problem error={sessions.error ?? revoke.error} />}
      {!sessions.data ? (
        <RowsSkeleton rows={2} />
      ) : (
        <Rows
          label={t('settings.sessions')}
          rows={sessions.data.items}
          rowKey={(session) => session.id}
          columns={[
            {
              key: 'browser',
              label: t('settings.browser'),
              head: true,
              cell: (session) => (
                <>
                  {browserName(session.userAgent) || t('settings.unknownBrowser')}
                  {session.current && <span className="dim"> ({t('settings.thisOne')})</span>}
                </>
              ),
            },
            { key: 'address', label: t('settings.address'), cell: (session) => session.address },
            { key: 'seen', label: t('settings.lastSeen'), cell: (session) => <Moment at={session.lastSeenAt} /> },
            {
              key: 'since',
              label: t('settings.signedIn'),
              wide: true,
              cell: (session) => <Moment at={session.createdAt} exact />,
            },
            {
              key: 'actions',
              label: t('action.actions'),
              bare: true,
              cell: (session) =>
                session.current ? null : (
                  <Button
                    size="xs"
                    variant="default"
                    loading={revoke.isPending && revoke.variables === session.id}
                    onClick={() => revoke.mutate(session.id)}
                  >
                    {t('settings.endSession')}
                  </Button>
                ),
            },
          ]}
        />
      )}
    </section>
  );
}

function Tokens() {
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
