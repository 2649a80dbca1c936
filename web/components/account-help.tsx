/** What has to be done at a provider first, step by step, and what is good to know of it; beside the form that asks for its password. */
import { Anchor, Text } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { HELP_LINKS, type HelpTopic, SAID_IN_HELP } from '../help.ts';
import { useWords } from '../words.ts';

type Props = {
  topics: readonly HelpTopic[];
  /** Words of the table of presets: sentences in server/words. */
  notes: readonly string[];
  /** All topics are unfolded, not the first alone. */
  open?: boolean;
};

export function AccountHelp({ topics, notes, open = false }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const rest = notes.filter((note) => !SAID_IN_HELP.has(note));
  return (
    <div className="account-help">
      {topics.map((topic, at) => (
        <details key={topic} open={open || at === 0}>
          <summary>{t(`help.topics.${topic}.title`)}</summary>
          <ol>
            {(t(`help.topics.${topic}.steps`, { returnObjects: true }) as string[]).map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          {HELP_LINKS[topic] && (
            <Anchor href={HELP_LINKS[topic]} target="_blank" rel="noreferrer" size="sm" className="help-link">
              {t('help.open', { host: new URL(HELP_LINKS[topic]).host })}
              <IconExternalLink size={14} aria-label={t('help.newTab')} />
            </Anchor>
          )}
        </details>
      ))}
      {rest.length > 0 && (
        <details open={open}>
          <summary>{t('help.know')}</summary>
          <ul>
            {rest.map((note) => {
              const { meaning, todo } = words(note, {}, 'notes');
              return (
                <li key={note}>
                  {meaning}{' '}
                  <Text span c="dimmed" size="sm">
                    {todo}
                  </Text>
                </li>
              );
            })}
          </ul>
        </details>
      )}
    </div>
  );
}
