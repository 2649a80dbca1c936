/**
 * There is one owner and one password. A fresh installation has none yet: the program printed a link that sets it. A sign-in link (`#link=…`, as the demo
 * prints it) carries its secret behind the #, where no server log and no Referer ever sees it.
 */
import { Button, PasswordInput, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignInInput } from '../../server/api/json/owner.ts';
import { api } from '../api.ts';
import { base } from '../base.ts';
import { Problem } from '../components/page.tsx';
import { Gate } from '../components/shell.tsx';
import { linkSecret } from './link.ts';

const route = getRouteApi('/sign-in');

export function SignIn() {
  const { t } = useTranslation();
  const { to } = route.useSearch();
  const router = useRouter();
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const session = useQuery({ queryKey: ['session'], queryFn: api.session.current });
  const signIn = useMutation({
    mutationFn: (body: SignInInput) => api.session.signIn(body),
    onSuccess: async () => {
      client.clear();
      router.history.push(base + (to ?? '/'));
    },
  });
  const secret = useRef<string | null>(null);
  const { mutate } = signIn;
  useEffect(() => {
    document.title = 'Todoku';
    if (secret.current !== null) return;
    secret.current = linkSecret(window.location);
    if (secret.current !== null) mutate({ link: secret.current });
  }, [mutate]);

  if (session.isPending || (signIn.isPending && password === '') || signIn.isSuccess) return <GateSkeleton />;
  if (session.data?.needsPassword) {
    return (
      <Gate>
        <Title order={1}>{t('signIn.fresh')}</Title>
        <Text mt="sm">{t('signIn.freshMeaning')}</Text>
        {signIn.error && <Problem error={signIn.error} />}
      </Gate>
    );
  }
  return (
    <Gate>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate({ password });
        }}
      >
        <Stack gap="md">
          <Title order={1}>{t('signIn.title')}</Title>
          {session.error && <Problem error={session.error} onRetry={() => void session.refetch()} />}
          {signIn.error && <Problem error={signIn.error} />}
          <input type="text" name="username" autoComplete="username" value="owner" readOnly hidden />
          <PasswordInput
            label={t('signIn.password')}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword') }}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={signIn.isPending} disabled={password === ''}>
            {t('signIn.action')}
          </Button>
        </Stack>
      </form>
    </Gate>
  );
}

function GateSkeleton() {
  return (
    <Gate>
      <Skeleton height={28} width={140} />
      <Skeleton height={60} mt="md" />
      <Skeleton height={36} mt="md" />
    </Gate>
  );
}
