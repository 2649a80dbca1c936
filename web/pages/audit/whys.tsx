/** Why mails are not in the inbox, each reason once: in words, with how many seeds it is so, and what to do. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AuditPlacementJson } from '../../../server/api/json/audits.ts';
import { useFormat } from '../../language.ts';
import { useWords } from '../../words.ts';

export function Whys({ placement: { whys, landings } }: { placement: AuditPlacementJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  if (whys.length === 0) return null;
  const of = new Set(landings.map(({ seedId }) => seedId)).size;
  return (
    <>
      <h3 className="small-head">{t('audit.whys')}</h3>
      <ul className="whys">
        {whys.map(({ reason, seeds }) => {
          const { title, meaning, todo } = words(reason, {}, 'reasons');
          return (
            <li key={reason}>
              <Text fw={600}>
                {title}{' '}
                <Text span fw={400} c="dimmed">
                  {t('audit.whySeeds', { seeds: format.number(seeds), of: format.number(of) })}
                </Text>
              </Text>
              <Text size="sm">{meaning}</Text>
              {todo !== '' && (
                <Text size="sm">
                  <strong>{t('audit.todo')}</strong> {todo}
                </Text>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
