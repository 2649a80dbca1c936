/** One seed in as few questions as its provider allows: the address tells the provider, the provider tells the servers and what has to be done there first. */
import { Button, Group, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { CheckAnswer, SecretField, UserField } from '../../components/account-fields.tsx';
import { AccountHelp } from '../../components/account-help.tsx';
import { SeedCheckStory } from '../../components/check-story.tsx';
import { SEED_HELP } from '../../help.ts';
import { usePresets } from '../../presets.ts';
import { useSeedEditing } from '../seeds/editing.ts';
import { AddressField, ProtocolField, ProviderField } from '../seeds/fields.tsx';
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
  const presets = usePresets();
  const start = address ? seedWith(seedValues(null), { address }, presets.data?.providers ?? [], false) : undefined;
  const edit = useSeedEditing({ seed, start });
  const { form, check, save, provider } = edit;
  const values = form.values;
  const impossible = provider?.auth === 'oauth2-only';
  const asksUser = provider !== undefined && provider.login !== 'address';
  const both = provider !== undefined && provider.imap !== null && provider.pop3 !== null;
  const withoutServer = provider !== undefined && provider.imap === null && provider.pop3 === null;
  return (
    <form className="guide-body" noValidate onSubmit={edit.submit}>
      <div className="pair">
        <AddressField edit={edit} description={t('guide.seedAddressHint')} />
        <ProviderField
          edit={edit}
          open={values.address === ''}
          description={t('guide.providerHint')}
          placeholder={t('guide.providerGuessed')}
        />
      </div>
      {provider && values.address.includes('@') && (
        <AccountHelp key={provider.id} topics={SEED_HELP[provider.id]} notes={provider.quirks} />
      )}
      <Stack gap="md" className="guide-main">
        {!impossible && (
          <>
            <div className="pair">
              {asksUser && <UserField form={form} required />}
              <SecretField
                edit={edit}
                label={t(provider?.auth === 'app-password' ? 'guide.secret.app-password' : 'guide.secret.password')}
                description={t('form.passwordStored')}
                required
              />
            </div>
            <ServerFields
              form={form}
              protocol={values.protocol}
              unfolded={withoutServer && values.address.includes('@')}
              wrong={['host', 'port', 'security', 'user'].some((field) => field in form.errors)}
            >
              {(both || withoutServer) && <ProtocolField edit={edit} />}
              {!asksUser && <UserField form={form} required />}
            </ServerFields>
          </>
        )}
        <CheckAnswer
          edit={edit}
          busy={check.isPending || save.isPending}
          last={check.data}
          story={(last) => <SeedCheckStory check={last} />}
        />
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
