/** A sender being made or changed, for the long form and the guide's short one: values and rules, storing, and the check that follows at once. */
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SenderJson } from '../../../server/api/json/senders.ts';
import { api } from '../../api.ts';
import { forgetStep } from '../../checks.ts';
import type { Asked } from '../../components/check-steps.tsx';
import { fieldErrors, isAddress, isHost } from '../../components/form.ts';
import { usePresets } from '../../presets.ts';
import {
  SENDER_FIELDS,
  type SenderValues,
  senderInput,
  senderPatch,
  senderValues,
  withAddress,
  withService,
} from './values.ts';

type Options = {
  /** To be changed; null: a new one. */
  sender: SenderJson | null;
  /** To begin with: what another one has. */
  copyOf?: SenderJson | undefined;
  checkNow?: boolean;
  budget?: 'typed' | 'of-service';
  /** Stored for the first time. The check starts here, unless this goes elsewhere and answers true. */
  onCreated?: (sender: SenderJson) => Promise<boolean>;
};

export function useSenderEditing({ sender, copyOf, checkNow = false, budget = 'typed', onCreated }: Options) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const presets = usePresets();
  const services = presets.data?.senders ?? [];
  const [id, setId] = useState(sender?.id);
  const [replacing, setReplacing] = useState(sender === null || !sender.smtp.hasPassword);
  const form = useForm<SenderValues>({
    validateInputOnBlur: true,
    initialValues: senderValues(sender ?? copyOf ?? null),
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
  const service = services.find((one) => one.id === values.preset);

  const check = useMutation({
    mutationFn: (of: string) => {
      forgetStep(of);
      return api.senders.check(of);
    },
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
    mutationFn: (input: SenderValues) =>
      id === undefined
        ? api.senders.create(senderInput(input, budget))
        : api.senders.change(id, senderPatch(input, replacing, budget)),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ['senders'] });
      form.resetDirty();
      form.setFieldValue('password', '');
      if (id === undefined && (await onCreated?.(saved))) return;
      setId(saved.id);
      setReplacing(!saved.smtp.hasPassword);
      startCheck(saved.id);
    },
    onError: (error) => {
      const found = fieldErrors(error, SENDER_FIELDS);
      // Another server must not be handed the old secret: the server asks for it again.
      if (found && ('password' in found || 'smtp.password' in found)) setReplacing(true);
      if (found)
        form.setErrors(
          Object.fromEntries(Object.entries(found).map(([path, message]) => [path.replace('smtp.', ''), message])),
        );
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
    services,
    service,
    isLoading: presets.isPending,
    /** What is wrong and belongs to no field. */
    problem: save.error && !fieldErrors(save.error, SENDER_FIELDS) ? save.error : null,
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
export type SenderEditing = ReturnType<typeof useSenderEditing>;
