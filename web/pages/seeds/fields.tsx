/** Fields that only a seed has, in the long form and in the guide's short one. What is chosen here changes the others. */
import { SegmentedControl, Select, type SelectProps, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Protocol, ProviderId } from '../../../server/seed/types.ts';
import { usePreferences } from '../../preferences.ts';
import type { SeedEditing } from './editing.ts';

export function AddressField({ edit, description }: { edit: SeedEditing; description?: string }) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t('word.address')}
      description={description}
      type="email"
      autoComplete="off"
      required
      {...edit.form.getInputProps('address')}
      onChange={(event) => edit.change({ address: event.currentTarget.value })}
    />
  );
}

type ProviderProps = Pick<SelectProps, 'description' | 'inputWrapperOrder' | 'placeholder'> & {
  edit: SeedEditing;
  /** None is named yet. */
  open?: boolean;
};

export function ProviderField({ edit, open = false, ...said }: ProviderProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <Select
      label={t('word.provider')}
      data={edit.providers.map((one) => ({ value: one.id, label: one.name[language] }))}
      value={edit.isLoading || open ? null : edit.form.values.provider}
      allowDeselect={false}
      searchable
      onChange={(id) => id !== null && edit.change({ provider: id as ProviderId })}
      {...said}
    />
  );
}

export function ProtocolField({ edit: { form, provider, change } }: { edit: SeedEditing }) {
  const { t } = useTranslation();
  /** The provider has the other one only. */
  const lacks = (protocol: Protocol, other: Protocol): boolean =>
    provider !== undefined && provider[protocol] === null && provider[other] !== null;
  return (
    <div>
      <SegmentedControl
        aria-label={t('word.protocol')}
        value={form.values.protocol}
        data={[
          { value: 'imap', label: t('protocol.imap'), disabled: lacks('imap', 'pop3') },
          { value: 'pop3', label: t('protocol.pop3'), disabled: lacks('pop3', 'imap') },
        ]}
        onChange={(value) => change({ protocol: value as Protocol })}
      />
      {form.values.protocol === 'pop3' && (
        <Text size="sm" c="dimmed" mt={4}>
          {t('protocol.pop3Hint')}
        </Text>
      )}
    </div>
  );
}
