/** A seed being made or changed, for the long form and the guide's short one: values and rules, storing, and the check that follows at once. */
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { api } from '../../api.ts';
import { forgetStep } from '../../checks.ts';
import type { Asked } from '../../components/check-steps.tsx';
import { fieldErrors, isAddress, isHost } from '../../components/form.ts';
import { usePresets } from '../../presets.ts';
import { SEED_FIELDS, type SeedValues, seedInput, seedPatch, seedValues, seedWith } from './values.ts';

type Options = {
  /** To be changed; null: a new one. */
  seed: SeedJson | null;
  /** To begin with, when there is none yet. */
  start?: SeedValues | undefined;
  checkNow?: boolean;
  /** Stored for the first time. The check starts here, unless this goes elsewhere and answers true. */
  onCreated?: (seed: SeedJson) => Promise<boolean>;
};

export function useSeedEditing({ seed, start, checkNow = false, onCreated }: Options) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const presets = usePresets();
  const providers = presets.data?.providers ?? [];
  const [id, setId] = useState(seed?.id);
  const [replacing, setReplacing] = useState(seed === null || !seed.hasPassword);
  const [chosen, setChosen] = useState(seed !== null);
  const form = useForm<SeedValues>({
    validateInputOnBlur: true,
    initialValues: start ?? seedValues(seed),
    validate: {
      address: (value) => (isAddress(value) ? null : t('form.address')),
      host: (value) => (isHost(value) ? null : t('form.host')),
      port: (value) => (Number.isInteger(value) && value >= 1 && value <= 65_535 ? null : t('form.port')),
      user: (value) => (value.trim() === '' ? t('form.needed') : null),
      password: (value) => (replacing && value === '' ? t('form.needed') : null),
    },
  });
  const values = form.values;

  const check = useMutation({
    mutationFn: (of: string) => {
      forgetStep(of);
      return api.seeds.check(of);
    },
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
    mutationFn: (input: SeedValues) =>
      id === undefined ? api.seeds.create(seedInput(input)) : api.seeds.change(id, seedPatch(input, replacing)),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ['seeds'] });
      form.resetDirty();
      form.setFieldValue('password', '');
      if (id === undefined && (await onCreated?.(saved))) return;
      setId(saved.id);
      setReplacing(!saved.hasPassword);
      startCheck(saved.id);
    },
    onError: (error) => {
      const found = fieldErrors(error, SEED_FIELDS);
      // Another server must not be handed the old secret: the server asks for it again.
      if (found && 'password' in found) setReplacing(true);
      if (found) form.setErrors(found);
    },
  });

  return {
    form,
    /** Stores and checks; or shows what is wrong, and goes there. */
    submit: form.onSubmit(
      (input) => save.mutate(input),
      // Once it is unfolded.
      (errors) => setTimeout(() => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus()),
    ),
    id,
    check,
    save,
    replacing,
    setReplacing,
    providers,
    provider: presets.data?.providers.find((one) => one.id === values.provider),
    isLoading: presets.isPending,
    /** What is wrong and belongs to no field. */
    problem: save.error && !fieldErrors(save.error, SEED_FIELDS) ? save.error : null,
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
