/**
 * A seed's form. The provider is guessed from the address and fills in its servers; the check reads the list of folders and nothing else.
 * Long because the form is one list of fields, read from top to bottom.
 */
import {
  Autocomplete,
  Button,
  Group,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PresetsJson } from '../../../server/api/json/presets.ts';
import type { SeedInput, SeedJson, SeedPatch } from '../../../server/api/json/seeds.ts';
import type { Protocol, ProviderId } from '../../../server/seed/types.ts';
import type { Security } from '../../../server/sender/types.ts';
import { api } from '../../api.ts';
import { CheckSkeleton, SeedCheckStory } from '../../components/check-story.tsx';
import { fieldErrors, isAddress, isHost, portAfter } from '../../components/form.ts';
import { Problem } from '../../components/page.tsx';
import { StoredPassword } from '../../components/stored-password.tsx';
import { usePreferences } from '../../preferences.ts';
import { usePresets } from '../../presets.ts';

type Values = {
  address: string;
  provider: ProviderId;
  protocol: Protocol;
  host: string;
  port: number;
  security: Security;
  user: string;
  password: string;
  junkFolder: string;
  tags: string[];
};
type Provider = PresetsJson['providers'][number];

const FIELDS = [
  'address',
  'provider',
  'protocol',
  'host',
  'port',
  'security',
  'user',
  'password',
  'junkFolder',
  'tags',
];

export function SeedForm({ seed, checkNow = false }: { seed: SeedJson | null; checkNow?: boolean }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const client = useQueryClient();
  const navigate = useNavigate();
  const presets = usePresets();
  const tags = useQuery({ queryKey: ['seeds', 'tags'], queryFn: api.seeds.tags });
  const [replacing, setReplacing] = useState(seed === null || !seed.hasPassword);
  const [chosen, setChosen] = useState(seed !== null);
  const form = useForm<Values>({
    validateInputOnBlur: true,
    initialValues: {
      address: seed?.address ?? '',
      provider: seed?.provider ?? 'other',
      protocol: seed?.protocol ?? 'imap',
      host: seed?.host ?? '',
      port: seed?.port ?? 993,
      security: seed?.security ?? 'tls',
      user: seed?.user ?? '',
      password: '',
      junkFolder: seed?.junkFolder ?? '',
      tags: seed?.tags ?? [],
    },
    validate: {
      address: (value) => (isAddress(value) ? null : t('form.address')),
      host: (value) => (isHost(value) ? null : t('form.host')),
      port: (value) => (Number.isInteger(value) && value >= 1 && value <= 65_535 ? null : t('form.port')),
      user: (value) => (value.trim() === '' ? t('form.needed') : null),
      password: (value) => (replacing && value === '' ? t('form.needed') : null),
    },
  });
  const values = form.values;
  const provider = presets.data?.providers.find((one) => one.id === values.provider);

  const check = useMutation({
    mutationFn: (id: string) => api.seeds.check(id),
    onSettled: () => client.invalidateQueries({ queryKey: ['seeds'] }),
  });
  const { mutate: startCheck } = check;
  const started = useRef(false);
  useEffect(() => {
    if (!checkNow || seed === null || started.current) return;
    started.current = true;
    startCheck(seed.id);
  }, [checkNow, seed, startCheck]);

  const save = useMutation({
    mutationFn: (input: Values) =>
      seed === null ? api.seeds.create(inputOf(input)) : api.seeds.change(seed.id, patchOf(input, replacing)),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ['seeds'] });
      form.resetDirty();
      form.setFieldValue('password', '');
      if (seed === null) await navigate({ to: '/seeds/$id', params: { id: saved.id }, search: { check: true } });
      else {
        setReplacing(!saved.hasPassword);
        startCheck(saved.id);
      }
    },
    onError: (error) => {
      const found = fieldErrors(error, FIELDS);
      if (found && 'password' in found) setReplacing(true);
      if (found) form.setErrors(found);
    },
  });

  const use = (next: Provider, protocol: Protocol): void => {
    const server = next[protocol] ?? next.imap ?? next.pop3;
    const offered = next[protocol] ? protocol : next.imap ? 'imap' : next.pop3 ? 'pop3' : protocol;
    form.setValues({
      provider: next.id,
      protocol: offered,
      ...(server && server.host !== '' ? { host: server.host, port: server.port, security: server.security } : {}),
      ...(values.user === '' && isAddress(values.address) && next.login !== 'account-id'
        ? { user: next.login === 'local-part' ? (values.address.split('@')[0] ?? '') : values.address }
        : {}),
    });
  };
  /** The provider of an address, until the reader chose one. */
  const guess = (): void => {
    if (!isAddress(values.address)) return;
    const domain = values.address.split('@').pop()?.toLowerCase() ?? '';
    const found = presets.data?.providers.find((one) => one.domains.includes(domain));
    if (found && !chosen) use(found, values.protocol);
    else if (values.user === '') form.setFieldValue('user', values.address);
  };
  const shownError = save.error && !fieldErrors(save.error, FIELDS) ? save.error : null;
  const folders =
    (check.data ?? seed?.check)?.folders.filter((folder) => folder.selectable).map((folder) => folder.path) ?? [];
  const address = form.getInputProps('address');

  return (
    <form className="form" onSubmit={form.onSubmit((input) => save.mutate(input))} noValidate>
      <Stack gap="lg">
        <fieldset className="form-section">
          <legend>{t('seed.account')}</legend>
          <div className="pair">
            <TextInput
              label={t('word.address')}
              type="email"
              autoComplete="off"
              required
              {...address}
              onBlur={(event) => {
                address.onBlur(event);
                guess();
              }}
            />
            <Select
              label={t('word.provider')}
              description={provider ? t(`seed.auth.${provider.auth}`) : undefined}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              data={(presets.data?.providers ?? []).map((one) => ({ value: one.id, label: one.name[language] }))}
              value={presets.data ? values.provider : null}
              allowDeselect={false}
              searchable
              onChange={(id) => {
                const found = presets.data?.providers.find((one) => one.id === id);
                setChosen(true);
                if (found) use(found, values.protocol);
              }}
            />
          </div>
          <div className="pair">
            <TextInput
              label={t('form.user')}
              required
              autoComplete="off"
              spellCheck={false}
              {...form.getInputProps('user')}
            />
            {replacing ? (
              <PasswordInput
                label={t('form.password')}
                required
                autoComplete="new-password"
                visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword') }}
                {...form.getInputProps('password')}
              />
            ) : (
              <StoredPassword onReplace={() => setReplacing(true)} />
            )}
          </div>
          <TagsInput
            label={t('word.tags')}
            description={t('seed.tagsHint')}
            data={(tags.data?.items ?? []).map((one) => one.tag)}
            maxTags={50}
            clearable
            clearButtonProps={{ 'aria-label': t('action.clear') }}
            {...form.getInputProps('tags')}
          />
        </fieldset>
        <fieldset className="form-section">
          <legend>{t('seed.server')}</legend>
          <div>
            <SegmentedControl
              aria-label={t('word.protocol')}
              value={values.protocol}
              data={[
                {
                  value: 'imap',
                  label: t('protocol.imap'),
                  disabled: provider !== undefined && provider.imap === null && provider.pop3 !== null,
                },
                {
                  value: 'pop3',
                  label: t('protocol.pop3'),
                  disabled: provider !== undefined && provider.pop3 === null && provider.imap !== null,
                },
              ]}
              onChange={(value) => {
                const protocol = value as Protocol;
                if (provider?.[protocol]) use(provider, protocol);
                else form.setValues({ protocol, port: portAfter(protocol, values.port, values.security) });
              }}
            />
            {values.protocol === 'pop3' && (
              <Text size="sm" c="dimmed" mt={4}>
                {t('protocol.pop3Hint')}
              </Text>
            )}
          </div>
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
              {...form.getInputProps('port')}
            />
            <Select
              label={t('form.security')}
              allowDeselect={false}
              data={(['tls', 'starttls', 'none'] as const).map((value) => ({ value, label: t(`security.${value}`) }))}
              {...form.getInputProps('security')}
              onChange={(value) => {
                const security = (value ?? 'tls') as Security;
                form.setValues({ security, port: portAfter(values.protocol, values.port, security) });
              }}
            />
          </div>
          {values.security === 'none' && <Text size="sm">{t('security.noneHint')}</Text>}
          {values.protocol === 'imap' && (
            <Autocomplete
              label={t('seed.junkFolder')}
              description={t('seed.junkHint')}
              placeholder={t('seed.junkAuto')}
              data={folders}
              {...form.getInputProps('junkFolder')}
            />
          )}
        </fieldset>
        {shownError && <Problem error={shownError} />}
        {check.isPending ? (
          <CheckSkeleton />
        ) : check.error ? (
          <Problem error={check.error} />
        ) : check.data ? (
          <SeedCheckStory check={check.data} />
        ) : seed?.check ? (
          <SeedCheckStory check={seed.check} />
        ) : null}
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            {t('form.saveAndCheck')}
          </Button>
          {seed && (
            <Button
              variant="default"
              onClick={() => check.mutate(seed.id)}
              disabled={check.isPending || form.isDirty()}
            >
              {t('check.action')}
            </Button>
          )}
          <Button variant="subtle" color="gray" component={Link} to="/seeds">
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function inputOf(values: Values): SeedInput {
  return {
    address: values.address,
    provider: values.provider,
    protocol: values.protocol,
    host: values.host,
    port: values.port,
    security: values.security,
    user: values.user,
    password: values.password,
    junkFolder: values.junkFolder.trim() === '' ? null : values.junkFolder,
    tags: values.tags,
  };
}

function patchOf(values: Values, replacing: boolean): SeedPatch {
  const { password, ...rest } = inputOf(values);
  return replacing && password !== '' ? { ...rest, password } : rest;
}
