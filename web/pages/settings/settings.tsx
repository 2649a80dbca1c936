/** How the pages speak and look, who is signed in, and which programs may use the API. */
import {
  Button,
  Group,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  useMantineColorScheme,
} from '@mantine/core';
import { IconLogout } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { notify } from '../../components/notices.tsx';
import { Page, Panel, Problem } from '../../components/page.tsx';
import { knownZones, type Language } from '../../format.ts';
import { setLanguage, useFormat } from '../../language.ts';
import { setPreferences, usePreferences } from '../../preferences.ts';
import { LEAST_PASSWORD } from '../set-password.tsx';

import { Sessions } from './sessions.tsx';
import { Tokens } from './tokens.tsx';

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
            {t('language.label')}
          </Text>
          <SegmentedControl
            aria-label={t('language.label')}
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
      void notify(t('settings.passwordChanged'));
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
