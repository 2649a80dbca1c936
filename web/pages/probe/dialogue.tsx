/** What was said over SMTP, attempt by attempt, and where the server took its time. Passwords are left out where it is recorded. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ProbeDetailsJson } from '../../../server/api/json/probes.ts';
import { useFormat } from '../../language.ts';
import { useWords } from '../../words.ts';

/** A wait shorter than this is none. */
const WORTH_SAYING_MS = 1_000;

export function Dialogues({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  if (probe.dialogues.length === 0) return <Text c="dimmed">{t('probe.noDialogue')}</Text>;
  return probe.dialogues.map((dialogue) => (
    <div key={dialogue.attempt}>
      <Text size="sm" c="dimmed" my={6}>
        {t('probe.attempt', { n: dialogue.attempt })} · {format.dateTimeWithSeconds(dialogue.at)}{' '}
        {format.zoneName(dialogue.at)} · {words(dialogue.reason, {}, 'reasons').title}
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <ol className="dialogue" tabIndex={0} aria-label={t('probe.dialogue')} translate="no">
        {dialogue.lines.map((line, at) => {
          const wait = Date.parse(line.at) - Date.parse(dialogue.lines[at - 1]?.at ?? line.at);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a finished dialogue never move
            <li key={at} className={line.from}>
              <span aria-hidden="true">{{ client: '›', server: '‹', note: '·' }[line.from]}</span>
              <span>
                <span className="sr-only">{t(`probe.says.${line.from}`)} </span>
                {line.text}
                {wait >= WORTH_SAYING_MS && (
                  <em className="dim"> {t('probe.afterWait', { delay: format.span(wait) })}</em>
                )}
              </span>
            </li>
          );
        })}
      </ol>
    </div>
  ));
}
