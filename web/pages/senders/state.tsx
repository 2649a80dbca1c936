/** How a sender is doing: paused, held by its server and until when, or what its last check said. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SenderJson } from '../../../server/api/json/senders.ts';
import { Moment } from '../../components/moment.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../language.ts';
import { useWords } from '../../words.ts';

export function SenderState({ sender }: { sender: SenderJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  if (sender.pausedAt !== null) return <Status kind="paused">{t('state.paused')}</Status>;
  if (sender.held !== null) {
    const { title, meaning } = words(
      sender.held.reason,
      sender.held.reply === null ? {} : { reply: sender.held.reply },
      'reasons',
    );
    return (
      <>
        <Status kind="bad" title={meaning}>
          {title}
        </Status>
        <Text size="xs" c="dimmed">
          {t('sender.heldUntil', { time: format.dateTime(sender.held.until) })}
        </Text>
      </>
    );
  }
  if (sender.check === null) return <Status kind="none">{t('state.unchecked')}</Status>;
  if (!sender.check.ok) return <Status kind="bad">{words(sender.check.reason, {}, 'reasons').title}</Status>;
  return (
    <>
      <Status kind="good">{t('state.works')}</Status>
      <Text size="xs" c="dimmed">
        <Moment at={sender.check.at} />
      </Text>
    </>
  );
}
