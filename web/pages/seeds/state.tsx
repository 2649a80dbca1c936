/** How a seed is doing: paused, unreadable since when and why, or readable. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { Since, useNow } from '../../components/moment.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../language.ts';
import { useWords } from '../../words.ts';
import { seedStateOf } from './standing.ts';

export function SeedState({ seed }: { seed: SeedJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const now = useNow();
  const state = seedStateOf(seed);
  if (state === 'paused') return <Status kind="paused">{t('state.paused')}</Status>;
  if (state === 'unchecked') return <Status kind="none">{t('state.unchecked')}</Status>;
  if (state === 'readable') return <Status kind="good">{t('state.readable')}</Status>;
  const { reason, reply } = seed.unreadable ?? seed.check ?? { reason: 'protocol-error', reply: null };
  const { title, meaning } = words(reason, reply === null ? {} : { reply }, 'reasons');
  return (
    <>
      <Status kind="bad" title={meaning}>
        {title}
      </Status>
      {seed.unreadable && (
        <Text size="xs" c="dimmed">
          <Since at={seed.unreadable.since} />
          {seed.unreadable.nextAttemptAt &&
            `${t('check.join')}${t('accounts.tryAgain', { time: format.relative(seed.unreadable.nextAttemptAt, now) })}`}
        </Text>
      )}
    </>
  );
}
