/**
 * A sender or a seed being made or changed: values and rules, storing, the check that follows at once, and where what went wrong belongs. What is particular to either
 * stands with its pages.
 */
import { type FormRulesRecord, useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Accounts } from '../accounts.ts';
import { forgetStep } from '../checks.ts';
import { fieldErrors } from './form.ts';

/** Of the long form and the guide's short one alike. */
export type EditingOptions<Saved> = {
  checkNow?: boolean;
  /** Stored for the first time. The check starts here, unless this goes elsewhere and answers true. */
  onCreated?: (saved: Saved) => Promise<boolean>;
};

type Editing<Values, Saved, Result> = EditingOptions<Saved> & {
  list: Accounts['list'];
  /** To be changed; null: a new one. */
  item: Saved | null;
  start: Values;
  /** @param replacing the password is asked for */
  rules: (replacing: boolean) => FormRulesRecord<Values>;
  hasPassword: (saved: Saved) => boolean;
  /** @param id undefined: it is stored for the first time */
  store: (input: Values, id: string | undefined, replacing: boolean) => Promise<Saved>;
  check: (id: string) => Promise<Result>;
  /** As the server names fields that it complains of. One within another is a field of its own here. */
  fields: readonly string[];
};

export function useAccountEditing<Values extends { password: string }, Saved extends { id: string }, Result>({
  list,
  item,
  start,
  rules,
  hasPassword,
  store,
  check: ask,
  fields,
  checkNow = false,
  onCreated,
}: Editing<Values, Saved, Result>) {
  const client = useQueryClient();
  const [id, setId] = useState(item?.id);
  const [replacing, setReplacing] = useState(item === null || !hasPassword(item));
  const form = useForm<Values>({ validateInputOnBlur: true, initialValues: start, validate: rules(replacing) });

  const check = useMutation({
    mutationFn: (of: string) => {
      forgetStep(of);
      return ask(of);
    },
    onSettled: () => client.invalidateQueries({ queryKey: [list] }),
  });
  const { mutate: startCheck } = check;
  const started = useRef(false);
  useEffect(() => {
    if (!checkNow || item === null || started.current) return;
    started.current = true;
    startCheck(item.id);
  }, [checkNow, item, startCheck]);

  const save = useMutation({
    mutationFn: (input: Values) => store(input, id, replacing),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: [list] });
      form.setValues((values) => ({ ...values, password: '' }));
      form.resetDirty();
      if (id === undefined && (await onCreated?.(saved))) return;
      setId(saved.id);
      setReplacing(!hasPassword(saved));
      startCheck(saved.id);
    },
    onError: (error) => {
      const found = fieldErrors(error, fields);
      if (!found) return;
      const errors = Object.fromEntries(
        Object.entries(found).map(([path, message]) => [path.slice(path.lastIndexOf('.') + 1), message]),
      );
      // Another server must not be handed the old secret: the server asks for it again.
      if ('password' in errors) setReplacing(true);
      form.setErrors(errors);
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
    /** What is wrong and belongs to no field. */
    problem: save.error && !fieldErrors(save.error, fields) ? save.error : null,
  };
}
