/** A sender being made or changed, for the long form and the guide's short one: its rules, and what follows from a service or an address. */
import { useTranslation } from 'react-i18next';
import type { SenderJson } from '../../../server/api/json/senders.ts';
import { api } from '../../api.ts';
import { type EditingOptions, useAccountEditing } from '../../components/account-editing.ts';
import type { Asked } from '../../components/check-steps.tsx';
import { isAddress, isHost, isPort } from '../../components/form.ts';
import { usePresets } from '../../presets.ts';
import { SENDER_FIELDS, senderInput, senderPatch, senderValues, withAddress, withService } from './values.ts';

type Options = EditingOptions<SenderJson> & {
  /** To be changed; null: a new one. */
  sender: SenderJson | null;
  /** To begin with: what another one has. */
  copyOf?: SenderJson | undefined;
  budget?: 'typed' | 'of-service';
};

export function useSenderEditing({ sender, copyOf, budget = 'typed', ...options }: Options) {
  const { t } = useTranslation();
  const presets = usePresets();
  const services = presets.data?.senders ?? [];
  const editing = useAccountEditing({
    ...options,
    list: 'senders',
    item: sender,
    start: senderValues(sender ?? copyOf ?? null),
    rules: () => ({
      name: (value) => (value.trim() === '' ? t('form.needed') : null),
      fromAddress: (value) => (isAddress(value) ? null : t('form.address')),
      host: (value) => (isHost(value) ? null : t('form.host')),
      port: (value) => (isPort(value) ? null : t('form.port')),
      dailyLimit: (value) => (Number.isInteger(value) && value >= 1 ? null : t('form.atLeastOne')),
      minGapSeconds: (value) => (value >= 0 ? null : t('form.notNegative')),
    }),
    hasPassword: (saved) => saved.smtp.hasPassword,
    store: (input, id, replacing) =>
      id === undefined
        ? api.senders.create(senderInput(input, budget))
        : api.senders.change(id, senderPatch(input, replacing, budget)),
    check: api.senders.check,
    fields: SENDER_FIELDS,
  });
  const { form } = editing;
  const values = form.values;
  const service = services.find((one) => one.id === values.preset);

  return {
    ...editing,
    services,
    service,
    isLoading: presets.isPending,
    asked: {
      kind: 'smtp',
      host: values.host,
      port: values.port,
      security: values.security,
      user: values.user.trim() || null,
    } satisfies Asked,
    choose: (chosen: string | null): void => {
      const found = services.find((one) => one.id === chosen);
      if (found) form.setValues(withService(values, found, services));
    },
    typeAddress: (address: string): void => form.setValues(withAddress(values, address, service, services)),
  };
}
