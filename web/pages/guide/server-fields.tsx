/** Host, port and encryption, folded away where a preset knows them. */
import { NumberInput, Select, Text, TextInput } from '@mantine/core';
import type { GetInputPropsReturnType } from '@mantine/form';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Security } from '../../../server/sender/types.ts';
import { portAfter, securityOf } from '../../components/form.ts';

type Values = { host: string; port: number; security: Security };
type Props = {
  protocol: 'smtp' | 'imap' | 'pop3';
  values: Values;
  /** Nobody but the reader knows them. */
  unfolded: boolean;
  inputProps: (field: keyof Values) => GetInputPropsReturnType;
  onChange: (change: Partial<Values>) => void;
  /** One of them is wrong. */
  wrong: boolean;
  children?: ReactNode;
};

export function ServerFields({ protocol, values, unfolded, inputProps, onChange, wrong, children }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(unfolded);
  useEffect(() => {
    if (unfolded || wrong) setOpen(true);
  }, [unfolded, wrong]);
  return (
    <details className="guide-server" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {values.host === ''
          ? t('guide.server')
          : t('guide.serverIs', {
              host: values.host,
              port: values.port,
              security: t(`security.${values.security}`),
            })}
      </summary>
      <div className="guide-fields">
        {children}
        <div className="host">
          <TextInput
            label={t('form.hostLabel')}
            required
            autoComplete="off"
            spellCheck={false}
            {...inputProps('host')}
          />
          <NumberInput
            label={t('form.portLabel')}
            required
            min={1}
            max={65535}
            hideControls
            allowDecimal={false}
            {...inputProps('port')}
            onChange={(value) => {
              const port = Number(value);
              onChange({ port, security: securityOf(port) ?? values.security });
            }}
          />
          <Select
            label={t('form.security')}
            allowDeselect={false}
            data={(['tls', 'starttls', 'none'] as const).map((value) => ({ value, label: t(`security.${value}`) }))}
            {...inputProps('security')}
            onChange={(value) => {
              const security = (value ?? 'tls') as Security;
              onChange({ security, port: portAfter(protocol, values.port, security) });
            }}
          />
        </div>
        {values.security === 'none' && <Text size="sm">{t('security.noneHint')}</Text>}
      </div>
    </details>
  );
}
