/** The first thing an owner does: choose the password, with the one-time link that the program printed at its start. */
import { Button, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api.ts';
import { base } from '../base.ts';
import { Problem } from '../components/page.tsx';
import { Gate } from '../components/shell.tsx';
import { linkSecret } from './link.ts';

/** As the server asks for it (server/api/json/owner.ts). */
export const LEAST_PASSWORD = 10;

export function SetPassword() {
  const { t } = useTranslation();
  const router = useRouter();
  const client = useQueryClient();
  const [link] = useState(() => linkSecret(window.location));
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [touched, setTouched] = useState(false);
  useEffect(() => {
    document.title = `${t('setPassword.title')} · Todoku`;
  }, [t]);
  const save = useMutation({
    mutationFn: async () => {
      await api.session.setPassword({ link: link ?? '', password });
      const session = await api.session.current();
      if (!session.signedIn) await api.session.signIn({ password });
    },
    onSuccess: () => {
      client.clear();
      router.history.push(`${base}/`);
    },
  });
  const short = password.length < LEAST_PASSWORD;
  const different = again !== password;
  if (link === null) {
    return (
      <Gate>
        <Title order={1}>{t('setPassword.noLink')}</Title>
        <Text mt="sm">{t('signIn.freshMeaning')}</Text>
      </Gate>
    );
  }
  return (
    <Gate>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setTouched(true);
          if (!short && !different) save.mutate();
        }}
      >
        <Stack gap="md">
          <div>
            <Title order={1}>{t('setPassword.title')}</Title>
            <Text mt={4}>{t('setPassword.meaning')}</Text>
          </div>
          {save.error && <Problem error={save.error} />}
          <input type="text" name="username" autoComplete="username" value="owner" readOnly hidden />
          <PasswordInput
            label={t('setPassword.new')}
            description={t('setPassword.least', { n: LEAST_PASSWORD })}
            autoComplete="new-password"
            value={password}
            error={touched && short ? t('setPassword.short', { n: LEAST_PASSWORD }) : undefined}
            visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword') }}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('setPassword.again')}
            autoComplete="new-password"
            value={again}
            error={
              (touched || again.length >= password.length) && again !== '' && different
                ? t('setPassword.different')
                : undefined
            }
            visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword') }}
            onChange={(event) => setAgain(event.currentTarget.value)}
          />
          <Button type="submit" loading={save.isPending}>
            {t('setPassword.action')}
          </Button>
        </Stack>
      </form>
    </Gate>
  );
}
