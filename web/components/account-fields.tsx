/** Fields of a sender and of a seed, in the long forms and in the guide's short ones: server, user name and secret, and what came of storing and checking them. */
import { NumberInput, PasswordInput, Select, Text, TextInput } from '@mantine/core';
import type { GetInputPropsReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Security } from '../../server/sender/types.ts';
import { type Asked, CheckSteps } from './check-steps.tsx';
import { portAfter, securityOf } from './form.ts';
import { Problem } from './page.tsx';
import { StoredPassword } from './stored-password.tsx';

type Fields = { getInputProps: (field: string) => GetInputPropsReturnType };
type Server = { host: string; port: number; security: Security };
export type ServerForm = Fields & { values: Server; setValues: (change: Partial<Server>) => void };
/** How a field is spoken of where it stands. */
type Said = { description?: string; required?: boolean };

/** @param portTells a usual port says what is spoken there, for those who do not look at the third field */
export function HostFields({
  form,
  protocol,
  portTells = false,
}: {
  form: ServerForm;
  protocol: Asked['kind'];
  portTells?: boolean;
}) {
  const { t } = useTranslation();
  const { port, security } = form.values;
  return (
    <>
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
          {...(portTells && {
            onChange: (value: string | number) =>
              form.setValues({ port: Number(value), security: securityOf(Number(value)) ?? security }),
          })}
        />
        <Select
          label={t('form.security')}
          allowDeselect={false}
          data={(['tls', 'starttls', 'none'] as const).map((value) => ({ value, label: t(`security.${value}`) }))}
          {...form.getInputProps('security')}
          onChange={(value) => {
            const chosen = (value ?? 'tls') as Security;
            form.setValues({ security: chosen, port: portAfter(protocol, port, chosen) });
          }}
        />
      </div>
      {security === 'none' && <Text size="sm">{t('security.noneHint')}</Text>}
    </>
  );
}

export function UserField({ form, ...said }: Said & { form: Fields }) {
  const { t } = useTranslation();
  return (
    <TextInput label={t('form.user')} autoComplete="off" spellCheck={false} {...said} {...form.getInputProps('user')} />
  );
}

type Secret = { form: Fields; replacing: boolean; setReplacing: (replacing: boolean) => void };

export function SecretField({ edit, label, ...said }: Said & { edit: Secret; label: string }) {
  const { t } = useTranslation();
  if (!edit.replacing) return <StoredPassword onReplace={() => edit.setReplacing(true)} />;
  return (
    <PasswordInput
      label={label}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword') }}
      {...said}
      {...edit.form.getInputProps('password')}
    />
  );
}

type Answer<Check> = {
  edit: { id: string | undefined; asked: Asked; problem: Error | null; check: { error: Error | null } };
  /** The steps are shown. */
  busy: boolean;
  last: Check | null | undefined;
  story: (check: Check) => ReactNode;
};

export function CheckAnswer<Check>({ edit, busy, last, story }: Answer<Check>) {
  return (
    <>
      {edit.problem && <Problem error={edit.problem} />}
      {busy ? (
        <CheckSteps id={edit.id} asked={edit.asked} />
      ) : edit.check.error ? (
        <Problem error={edit.check.error} />
      ) : (
        last && story(last)
      )}
    </>
  );
}
