/** What a check is doing at this moment: finding the host, connecting, securing, signing in. On a slow or stuck server one sees where it waits. */
import { Loader, Text } from '@mantine/core';
import { IconCircleCheckFilled, IconCircleDashed } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useScheme } from '../charts/palette.ts';
import { stepsOf, useStep } from '../checks.ts';
import { SIGN_TONES } from '../outcomes.ts';

/** The server that is asked. */
export type Asked = {
  kind: 'smtp' | 'imap' | 'pop3';
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  user: string | null;
};

/** @param id of the sender or seed; left out while it is being stored */
export function CheckSteps({ id, asked }: { id: string | undefined; asked: Asked }) {
  const { t } = useTranslation();
  const scheme = useScheme();
  const steps = stepsOf(asked.kind, asked.security);
  const step = useStep(id);
  const at = step === undefined ? 0 : steps.indexOf(step);
  return (
    <div className="story" role="status">
      <Text fw={600}>{t('check.running')}</Text>
      <ol className="check-steps">
        {steps.map((one, index) => (
          <li key={one} data-now={index === at || undefined} data-later={index > at || undefined}>
            <span className="mark">
              {index < at ? (
                <IconCircleCheckFilled size={16} style={{ color: SIGN_TONES.pass[scheme].fill }} aria-hidden />
              ) : index === at ? (
                <Loader size={14} color="ink" aria-hidden />
              ) : (
                <IconCircleDashed size={16} aria-hidden />
              )}
            </span>
            <span className="break">
              {one === 'finding'
                ? t('step.finding', { host: asked.host })
                : one === 'connecting'
                  ? t('step.connecting', { port: asked.port })
                  : one === 'signing-in'
                    ? asked.user === null
                      ? t('step.greeting')
                      : t('step.signingIn', { user: asked.user })
                    : t(`step.${one}`)}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
