/** An audit as it goes on: what is done, what is done now, what comes; and how one ends that cannot be made. */
import { Alert, Text } from '@mantine/core';
import { IconAlertCircle, IconCheck, IconLoader2, IconPoint } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AuditItemJson } from '../../../server/api/json/audits.ts';
import type { CampaignWords } from './words.ts';

const STEPS = ['reading', 'links', 'authentication', 'domains', 'filters'] as const satisfies readonly NonNullable<
  AuditItemJson['step']
>[];

export function Progress({ audit, words }: { audit: AuditItemJson; words: CampaignWords }) {
  const { t } = useTranslation();
  const { state, step } = audit;
  const now = step === null ? -1 : STEPS.indexOf(step);
  // Everything behind the reading is asked at the same time.
  const asking = now > 0;
  return (
    <section className="panel" aria-label={t('audit.course')} role="status">
      <Text fw={650} size="lg">
        {t(`audit.stateTitle.${state}`)}
      </Text>
      <Text c="dimmed">{t(`audit.stateMeaning.${state}`)}</Text>
      {(state === 'auditing' || state === 'waiting') && (
        <ul className="check-steps">
          {STEPS.map((one, at) => {
            const isNow = asking ? at > 0 : at === now;
            const Icon = isNow ? IconLoader2 : at < now ? IconCheck : IconPoint;
            return (
              <li key={one} data-now={isNow || undefined}>
                <span className="mark">
                  <Icon size={16} aria-hidden className={isNow ? 'turning' : undefined} />
                </span>
                {words.step(one)}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

export function Refused({ audit, words }: { audit: AuditItemJson; words: CampaignWords }) {
  const { title, meaning, todo } = words.refusal(audit.refusal ?? 'failed');
  return (
    <Alert color="red" icon={<IconAlertCircle size={20} aria-hidden />} title={title} role="alert">
      <Text>{meaning}</Text>
      <Text mt={4}>{todo}</Text>
    </Alert>
  );
}
