/** A seed being made or changed, for the long form and the guide's short one: its rules, and what follows from an address or a provider. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { api } from '../../api.ts';
import { type EditingOptions, useAccountEditing } from '../../components/account-editing.ts';
import type { Asked } from '../../components/check-steps.tsx';
import { isAddress, isHost, isPort } from '../../components/form.ts';
import { usePresets } from '../../presets.ts';
import { SEED_FIELDS, type SeedValues, seedInput, seedPatch, seedValues, seedWith } from './values.ts';

type Options = EditingOptions<SeedJson> & {
  /** To be changed; null: a new one. */
  seed: SeedJson | null;
  /** To begin with, when there is none yet. */
  start?: SeedValues | undefined;
};

export function useSeedEditing({ seed, start, ...options }: Options) {
  const { t } = useTranslation();
  const presets = usePresets();
  const providers = presets.data?.providers ?? [];
  const [chosen, setChosen] = useState(seed !== null);
  const editing = useAccountEditing({
    ...options,
    list: 'seeds',
    item: seed,
    start: start ?? seedValues(seed),
    rules: (replacing) => ({
      address: (value) => (isAddress(value) ? null : t('form.address')),
      host: (value) => (isHost(value) ? null : t('form.host')),
      port: (value) => (isPort(value) ? null : t('form.port')),
      user: (value) => (value.trim() === '' ? t('form.needed') : null),
      password: (value) => (replacing && value === '' ? t('form.needed') : null),
    }),
    hasPassword: (saved) => saved.hasPassword,
    store: (input, id, replacing) =>
      id === undefined ? api.seeds.create(seedInput(input)) : api.seeds.change(id, seedPatch(input, replacing)),
    check: api.seeds.check,
    fields: SEED_FIELDS,
  });
  const { form } = editing;
  const values = form.values;

  return {
    ...editing,
    providers,
    provider: providers.find((one) => one.id === values.provider),
    isLoading: presets.isPending,
    asked: {
      kind: values.protocol,
      host: values.host,
      port: values.port,
      security: values.security,
      user: values.user,
    } satisfies Asked,
    /** Another address, provider or protocol, with all that follows from it. */
    change: (change: Parameters<typeof seedWith>[1]): void => {
      if (change.provider !== undefined) setChosen(true);
      form.setValues(seedWith(values, change, providers, chosen || change.provider !== undefined));
    },
  };
}
export type SeedEditing = ReturnType<typeof useSeedEditing>;
