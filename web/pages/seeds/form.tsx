/**
 * A seed's form. The provider is guessed from the address and fills in its servers; the check reads the list of folders and nothing else.
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
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import type { Protocol, ProviderId } from '../../../server/seed/types.ts';
import type { Security } from '../../../server/sender/types.ts';
import { api } from '../../api.ts';
import { AccountHelp } from '../../components/account-help.tsx';
import { CheckSteps } from '../../components/check-steps.tsx';
import { SeedCheckStory } from '../../components/check-story.tsx';
import { portAfter } from '../../components/form.ts';
import { Problem } from '../../components/page.tsx';
import { StoredPassword } from '../../components/stored-password.tsx';
import { SEED_HELP } from '../../help.ts';
import { usePreferences } from '../../preferences.ts';
import { useSeedEditing } from './editing.ts';
import type { SeedValues } from './values.ts';

type Props = {
  seed: SeedJson | null;
  /** A new one begins with this. */
  start?: SeedValues | undefined;
  checkNow?: boolean;
};

export function SeedForm({ seed, start, checkNow = false }: Props) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const navigate = useNavigate();
  const tags = useQuery({ queryKey: ['seeds', 'tags'], queryFn: api.seeds.tags });
  const edit = useSeedEditing({
    seed,
    start,
    checkNow,
    onCreated: async ({ id }) => {
      await navigate({ to: '/seeds/$id', params: { id }, search: { check: true } });
      return true;
    },
  });
  const { form, check, save, replacing, setReplacing, providers, provider, problem } = edit;
  const values = form.values;
  const folders =
    (check.data ?? seed?.check)?.folders.filter((folder) => folder.selectable).map((folder) => folder.path) ?? [];

  return (
    <form className="form" onSubmit={edit.submit} noValidate>
      <Stack gap="lg">
        <fieldset className="form-section">
          <legend>{t('seed.account')}</legend>
          <div className="pair">
            <TextInput
              label={t('word.address')}
              type="email"
              autoComplete="off"
              required
              {...form.getInputProps('address')}
              onChange={(event) => edit.change({ address: event.currentTarget.value })}
            />
            <Select
              label={t('word.provider')}
              description={provider ? t(`seed.auth.${provider.auth}`) : undefined}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              data={providers.map((one) => ({ value: one.id, label: one.name[language] }))}
              value={edit.isLoading ? null : values.provider}
              allowDeselect={false}
              searchable
              onChange={(id) => id !== null && edit.change({ provider: id as ProviderId })}
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
          {provider && values.address !== '' && <AccountHelp topics={SEED_HELP[provider.id]} notes={provider.quirks} />}
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
              onChange={(value) => edit.change({ protocol: value as Protocol })}
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
        {problem && <Problem error={problem} />}
        {check.isPending ? (
          <CheckSteps id={edit.id} asked={edit.asked} />
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
