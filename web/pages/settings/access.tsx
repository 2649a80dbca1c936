/** The password, and who is signed in with it. */
import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { notify } from '../../components/notices.tsx';
import { Panel, Problem } from '../../components/page.tsx';
import { LEAST_PASSWORD } from '../set-password.tsx';
import { Sessions } from './sessions.tsx';

export function Access() {
  return (
    <>
      <Password />
      <Sessions />
    </>
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
        <Stack gap="md" maw={440}>
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
            <Button type="submit" loading={change.isPending}>
              {t('settings.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
