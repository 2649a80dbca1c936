/** One seed in as few questions as its provider allows: the address tells the provider, the provider tells the servers and what has to be done there first. */
import { Button, Group, PasswordInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import type { Protocol, ProviderId } from '../../../server/seed/types.ts';
import { AccountHelp } from '../../components/account-help.tsx';
import { CheckSteps } from '../../components/check-steps.tsx';
import { SeedCheckStory } from '../../components/check-story.tsx';
import { Problem } from '../../components/page.tsx';
import { StoredPassword } from '../../components/stored-password.tsx';
import { SEED_HELP } from '../../help.ts';
import { usePreferences } from '../../preferences.ts';
import { usePresets } from '../../presets.ts';
import { useSeedEditing } from '../seeds/editing.ts';
import { seedValues, seedWith } from '../seeds/values.ts';
import { ServerFields } from './server-fields.tsx';

type Props = {
  seed: SeedJson | null;
  /** To begin with. */
  address?: string | undefined;
  /** This one is done, another one is wanted. */
  onNext: () => void;
};

export function SeedFields({ seed, address, onNext }: Props) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const presets = usePresets();
  const start = address ? seedWith(seedValues(null), { address }, presets.data?.providers ?? [], false) : undefined;
  const edit = useSeedEditing({ seed, start });
  const { form, check, save, provider, providers, replacing, setReplacing } = edit;
  const values = form.values;
  const impossible = provider?.auth === 'oauth2-only';
  const asksUser = provider !== undefined && provider.login !== 'address';
  const both = provider !== undefined && provider.imap !== null && provider.pop3 !== null;
  const withoutServer = provider !== undefined && provider.imap === null && provider.pop3 === null;
  return (
    <form className="guide-body" noValidate onSubmit={edit.submit}>
      <div className="pair">
        <TextInput
          label={t('word.address')}
          description={t('guide.seedAddressHint')}
          type="email"
          autoComplete="off"
          required
          {...form.getInputProps('address')}
          onChange={(event) => edit.change({ address: event.currentTarget.value })}
        />
        <Select
          label={t('word.provider')}
          description={t('guide.providerHint')}
          data={providers.map((one) => ({ value: one.id, label: one.name[language] }))}
          value={edit.isLoading || values.address === '' ? null : values.provider}
          placeholder={t('guide.providerGuessed')}
          allowDeselect={false}
          searchable
          onChange={(id) => id !== null && edit.change({ provider: id as ProviderId })}
        />
      </div>
      {provider && values.address.includes('@') && (
        <AccountHelp key={provider.id} topics={SEED_HELP[provider.id]} notes={provider.quirks} />
      )}
      <Stack gap="md" className="guide-main">
        {!impossible && (
          <>
            <div className="pair">
              {asksUser && (
                <TextInput
                  label={t('form.user')}
                  required
                  autoComplete="off"
                  spellCheck={false}
                  {...form.getInputProps('user')}
                />
              )}
              {replacing ? (
                <PasswordInput
                  label={t(provider?.auth === 'app-password' ? 'guide.secret.app-password' : 'guide.secret.password')}
                  description={t('form.passwordStored')}
                  required
                  autoComplete="new-password"
                  visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword') }}
                  {...form.getInputProps('password')}
                />
              ) : (
                <StoredPassword onReplace={() => setReplacing(true)} />
              )}
            </div>
            <ServerFields
              protocol={values.protocol}
              values={values}
              unfolded={withoutServer && values.address.includes('@')}
              inputProps={(field) => form.getInputProps(field)}
              onChange={(change) => form.setValues(change)}
              wrong={['host', 'port', 'security', 'user'].some((field) => field in form.errors)}
            >
              {(both || withoutServer) && (
                <div>
                  <SegmentedControl
                    aria-label={t('word.protocol')}
                    value={values.protocol}
                    data={(['imap', 'pop3'] as const).map((value) => ({ value, label: t(`protocol.${value}`) }))}
                    onChange={(value) => edit.change({ protocol: value as Protocol })}
                  />
                  {values.protocol === 'pop3' && (
                    <Text size="sm" c="dimmed" mt={4}>
                      {t('protocol.pop3Hint')}
                    </Text>
                  )}
                </div>
              )}
              {!asksUser && (
                <TextInput
                  label={t('form.user')}
                  required
                  autoComplete="off"
                  spellCheck={false}
                  {...form.getInputProps('user')}
                />
              )}
            </ServerFields>
          </>
        )}
        {edit.problem && <Problem error={edit.problem} />}
        {check.isPending || save.isPending ? (
          <CheckSteps id={edit.id} asked={edit.asked} />
        ) : check.error ? (
          <Problem error={check.error} />
        ) : (
          check.data && <SeedCheckStory check={check.data} />
        )}
        <Group gap="xs">
          {!impossible && !check.data?.ok && (
            <Button type="submit" loading={save.isPending || check.isPending}>
              {t(check.data === undefined ? 'guide.checkAndSave' : 'check.again')}
            </Button>
          )}
          {edit.id !== undefined && !check.isPending && (
            <Button variant="default" onClick={onNext} data-autofocus>
              {t('guide.anotherSeed')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
