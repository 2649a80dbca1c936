/** How much of its day a sender has used, how much its monitors plan, and when there is room again. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SenderJson } from '../../../server/api/json/senders.ts';
import { useFormat } from '../../language.ts';

export function Budget({ sender }: { sender: SenderJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { usedLast24Hours: used, dailyLimit: limit, plannedPerDay: planned, freeAt, waiting } = sender;
  const share = (count: number): string => `${Math.min(100, (100 * count) / limit)}%`;
  return (
    <div className="budget" data-full={freeAt !== null || undefined}>
      <Text size="sm">{t('sender.used', { used: format.number(used), limit: format.number(limit) })}</Text>
      <div className="budget-bar" aria-hidden="true">
        <span style={{ width: share(used) }} />
        {planned > 0 && <i style={{ left: share(planned) }} />}
      </div>
      {planned > 0 && (
        <Text size="xs" c={planned > limit ? 'var(--mantine-color-error)' : 'dimmed'}>
          {t(planned > limit ? 'accounts.plannedOver' : 'accounts.planned', { planned: format.number(planned) })}
        </Text>
      )}
      {freeAt !== null && (
        <Text size="xs" fw={600}>
          <time dateTime={freeAt} title={format.zoneName(freeAt)}>
            {t('accounts.full', { time: format.dateTime(freeAt) })}
          </time>
        </Text>
      )}
      {waiting > 0 && <Text size="xs">{t('accounts.waiting', { count: waiting })}</Text>}
    </div>
  );
}
