/**
 * A seed's form. The provider is guessed from the address and fills in its servers; the check reads the list of folders and nothing else.
 */
import { Autocomplete, Button, Group, Stack, TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { api } from '../../api.ts';
import { CheckAnswer, HostFields, SecretField, UserField } from '../../components/account-fields.tsx';
import { AccountHelp } from '../../components/account-help.tsx';
import { SeedCheckStory } from '../../components/check-story.tsx';
import { SEED_HELP } from '../../help.ts';
import { useSeedEditing } from './editing.ts';
import { AddressField, ProtocolField, ProviderField } from './fields.tsx';
import type { SeedValues } from './values.ts';

type Props = {
  seed: SeedJson | null;
  /** A new one begins with this. */
  start?: SeedValues | undefined;
  checkNow?: boolean;
};

export function SeedForm({ seed, start, checkNow = false }: Props) {
  const { t } = useTranslation();
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
  const { form, check, save, provider } = edit;
  const values = form.values;
  const folders =
    (check.data ?? seed?.check)?.folders.filter((folder) => folder.selectable).map((folder) => folder.path) ?? [];

  return (
    <form className="form" onSubmit={edit.submit} noValidate>
      <Stack gap="lg">
        <fieldset className="form-section">
          <legend>{t('seed.account')}</legend>
          <div className="pair">
            <AddressField edit={edit} />
            <ProviderField
              edit={edit}
              description={provider ? t(`seed.auth.${provider.auth}`) : undefined}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
            />
          </div>
          <div className="pair">
            <UserField form={form} required />
            <SecretField edit={edit} label={t('form.password')} required />
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
          <ProtocolField edit={edit} />
          <HostFields form={form} protocol={values.protocol} />
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
        <CheckAnswer
          edit={edit}
          busy={check.isPending}
          last={check.data ?? seed?.check}
          story={(last) => <SeedCheckStory check={last} />}
        />
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
