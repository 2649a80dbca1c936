/** Host, port and encryption, folded away where a preset knows them. */
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { HostFields, type ServerForm } from '../../components/account-fields.tsx';

type Props = {
  protocol: 'smtp' | 'imap' | 'pop3';
  form: ServerForm;
  /** Nobody but the reader knows them. */
  unfolded: boolean;
  /** One of them is wrong. */
  wrong: boolean;
  children?: ReactNode;
};

export function ServerFields({ protocol, form, unfolded, wrong, children }: Props) {
  const { t } = useTranslation();
  const { values } = form;
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
        <HostFields form={form} protocol={protocol} portTells />
      </div>
    </details>
  );
}
