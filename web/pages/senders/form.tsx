/**
 * A sender's form. A preset fills in what is known of a provider; the password goes in and never comes out; the check signs in without sending.
 * Long because the form is one list of fields, read from top to bottom.
 */
import { Button, Group, List, NumberInput, PasswordInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SenderInput, SenderJson, SenderPatch } from '../../../server/api/json/senders.ts';
import type { Security, SenderPresetId } from '../../../server/sender/types.ts';
import { api } from '../../api.ts';
import { CheckSkeleton, SenderCheckStory } from '../../components/check-story.tsx';
import { fieldErrors, isAddress, isHost, portAfter } from '../../components/form.ts';
import { Problem } from '../../components/page.tsx';
import { StoredPassword } from '../../components/stored-password.tsx';
import { usePreferences } from '../../preferences.ts';
import { usePresets } from '../../presets.ts';
import { useWords } from '../../words.ts';

type Values = {
  preset: SenderPresetId;
  name: string;
  fromAddress: string;
  fromName: string;
  host: string;
  port: number;
  security: Security;
  user: string;
  password: string;
  dailyLimit: number;
  minGapSeconds: number;
};

const FIELDS = [
  'name',
  'fromAddress',
  'fromName',
  'smtp.host',
  'smtp.port',
  'smtp.security',
  'smtp.user',
  'smtp.password',
  'dailyLimit',
  'minGapSeconds',
  'password',
];

export function SenderForm({ sender, checkNow = false }: { sender: SenderJson | null; checkNow?: boolean }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const client = useQueryClient();
  const navigate = useNavigate();
  const presets = usePresets();
  const words = useWords();
  const [replacing, setReplacing] = useState(sender === null || !sender.smtp.hasPassword);
  const form = useForm<Values>({
    validateInputOnBlur: true,
    initialValues: {
      preset: sender?.preset ?? 'own-server',
      name: sender?.name ?? '',
      fromAddress: sender?.fromAddress ?? '',
      fromName: sender?.fromName ?? '',
      host: sender?.smtp.host ?? '',
      port: sender?.smtp.port ?? 587,
      security: sender?.smtp.security ?? 'starttls',
      user: sender?.smtp.user ?? '',
      password: '',
      dailyLimit: sender?.dailyLimit ?? 500,
      minGapSeconds: sender?.minGapSeconds ?? 1,
    },
    validate: {
      name: (value) => (value.trim() === '' ? t('form.needed') : null),
      fromAddress: (value) => (isAddress(value) ? null : t('form.address')),
      host: (value) => (isHost(value) ? null : t('form.host')),
      port: (value) => (Number.isInteger(value) && value >= 1 && value <= 65_535 ? null : t('form.port')),
      dailyLimit: (value) => (Number.isInteger(value) && value >= 1 ? null : t('form.atLeastOne')),
      minGapSeconds: (value) => (value >= 0 ? null : t('form.notNegative')),
    },
  });
  const values = form.values;
  const preset = presets.data?.senders.find((one) => one.id === values.preset);

  const check = useMutation({
    mutationFn: (id: string) => api.senders.check(id),
    onSettled: () => client.invalidateQueries({ queryKey: ['senders'] }),
  });
  const { mutate: startCheck } = check;
  const started = useRef(false);
  useEffect(() => {
    if (!checkNow || sender === null || started.current) return;
    started.current = true;
    startCheck(sender.id);
  }, [checkNow, sender, startCheck]);

  const save = useMutation({
    mutationFn: (input: Values) =>
      sender === null ? api.senders.create(inputOf(input)) : api.senders.change(sender.id, patchOf(input, replacing)),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ['senders'] });
      form.resetDirty();
      form.setFieldValue('password', '');
      if (sender === null) await navigate({ to: '/senders/$id', params: { id: saved.id }, search: { check: true } });
      else {
        setReplacing(!saved.smtp.hasPassword);
        startCheck(saved.id);
      }
    },
    onError: (error) => {
      const found = fieldErrors(error, FIELDS);
      // Another server must not be handed the old secret: the server asks for it again.
      if (found && ('password' in found || 'smtp.password' in found)) setReplacing(true);
      if (found)
        form.setErrors(
          Object.fromEntries(Object.entries(found).map(([path, message]) => [path.replace('smtp.', ''), message])),
        );
    },
  });

  const choose = (id: string | null): void => {
    const found = presets.data?.senders.find((one) => one.id === id);
    if (!found) return;
    const best = found.routes[0];
    form.setValues({
      preset: found.id,
      ...(best ? { host: best.host, port: best.port, security: best.security } : {}),
      ...(found.user.kind === 'fixed' ? { user: found.user.value } : {}),
      dailyLimit: found.dailyLimit,
      minGapSeconds: found.minGapSeconds,
    });
  };
  const shownError = save.error && !fieldErrors(save.error, FIELDS) ? save.error : null;

  return (
    <form className="form" onSubmit={form.onSubmit((input) => save.mutate(input))} noValidate>
      <Stack gap="lg">
        <fieldset className="form-section">
          <legend>{t('sender.identity')}</legend>
          <Select
            label={t('sender.preset')}
            data={(presets.data?.senders ?? []).map((one) => ({
              value: one.id,
              label: one.id === 'own-server' ? t('sender.ownServer') : one.name[language],
            }))}
            value={presets.data ? values.preset : null}
            allowDeselect={false}
            onChange={choose}
          />
          {preset && preset.notes.length > 0 && (
            <List size="sm" spacing={2}>
              {preset.notes.map((note) => (
                <List.Item key={note}>{words(note).meaning}</List.Item>
              ))}
            </List>
          )}
          <div className="pair">
            <TextInput
              label={t('sender.name')}
              description={t('sender.nameHint')}
              required
              {...form.getInputProps('name')}
            />
            <TextInput
              label={t('sender.fromName')}
              description={t('sender.fromNameHint')}
              {...form.getInputProps('fromName')}
            />
          </div>
          <TextInput
            label={t('sender.fromAddress')}
            type="email"
            autoComplete="off"
            required
            {...form.getInputProps('fromAddress')}
            onBlur={(event) => {
              form.getInputProps('fromAddress').onBlur(event);
              if (
                values.user === '' &&
                isAddress(values.fromAddress) &&
                preset?.user.kind === 'address' &&
                values.preset !== 'own-server'
              )
                form.setFieldValue('user', values.fromAddress);
            }}
          />
        </fieldset>
        <fieldset className="form-section">
          <legend>{t('sender.server')}</legend>
          <div className="host">
            <TextInput
              label={t('form.hostLabel')}
              required
              autoComplete="off"
              spellCheck={false}
              {...form.getInputProps('host')}
            />
            <NumberInput
              label={t('form.portLabel')}
              required
              min={1}
              max={65535}
              hideControls
              allowDecimal={false}
              thousandSeparator={false}
              {...form.getInputProps('port')}
            />
            <Select
              label={t('form.security')}
              allowDeselect={false}
              data={(['tls', 'starttls', 'none'] as const).map((value) => ({ value, label: t(`security.${value}`) }))}
              {...form.getInputProps('security')}
              onChange={(value) => {
                const security = (value ?? 'tls') as Security;
                form.setValues({ security, port: portAfter('smtp', values.port, security) });
              }}
            />
          </div>
          {values.security === 'none' && <Text size="sm">{t('security.noneHint')}</Text>}
          <div className="pair">
            <TextInput
              label={t('form.user')}
              description={t('sender.userHint')}
              autoComplete="off"
              spellCheck={false}
              {...form.getInputProps('user')}
            />
            {replacing ? (
              <PasswordInput
                label={t('form.password')}
                description={t('form.appPassword')}
                autoComplete="new-password"
                visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword') }}
                {...form.getInputProps('password')}
              />
            ) : (
              <StoredPassword onReplace={() => setReplacing(true)} />
            )}
          </div>
        </fieldset>
        <fieldset className="form-section">
          <legend>{t('sender.pace')}</legend>
          <div className="pair">
            <NumberInput
              label={t('sender.dailyLimit')}
              description={t('sender.dailyLimitHint')}
              min={1}
              allowDecimal={false}
              {...form.getInputProps('dailyLimit')}
            />
            <NumberInput
              label={t('sender.minGap')}
              description={t('sender.minGapHint')}
              min={0}
              decimalScale={1}
              {...form.getInputProps('minGapSeconds')}
            />
          </div>
        </fieldset>
        {shownError && <Problem error={shownError} />}
        {check.isPending ? (
          <CheckSkeleton />
        ) : check.error ? (
          <Problem error={check.error} />
        ) : check.data ? (
          <SenderCheckStory check={check.data} />
        ) : sender?.check ? (
          <SenderCheckStory check={sender.check} />
        ) : null}
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            {t('form.saveAndCheck')}
          </Button>
          {sender && (
            <Button
              variant="default"
              onClick={() => check.mutate(sender.id)}
              disabled={check.isPending || form.isDirty()}
            >
              {t('check.action')}
            </Button>
          )}
          <Button variant="subtle" color="gray" component={Link} to="/senders">
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function inputOf(values: Values): SenderInput {
  return {
    preset: values.preset,
    name: values.name,
    fromAddress: values.fromAddress,
    fromName: values.fromName,
    smtp: {
      host: values.host,
      port: values.port,
      security: values.security,
      user: values.user.trim() === '' ? null : values.user,
      password: values.password === '' ? null : values.password,
    },
    dailyLimit: values.dailyLimit,
    minGapSeconds: values.minGapSeconds,
  };
}

function patchOf(values: Values, replacing: boolean): SenderPatch {
  const { smtp, ...rest } = inputOf(values);
  const { password, ...route } = smtp;
  // Left out keeps the stored password; an emptied field removes it only where a new one was asked for.
  return { ...rest, smtp: replacing && password ? { ...route, password } : route };
}
