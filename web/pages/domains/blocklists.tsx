/** Blocklists: what stands on them, how much that matters, and whether each list is alive at all. */
import { Anchor, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RecordsJson } from '../../../server/api/json/records.ts';
import { Rows } from '../../components/rows.tsx';
import { Status } from '../../components/status.tsx';
import { Card, type CardProps } from './card.tsx';

type ListsJson = NonNullable<RecordsJson['blocklists']>;
type Entry = ListsJson['entries'][number];

export function Blocklists(props: CardProps) {
  const { t } = useTranslation();
  const lists = props.check.records.blocklists;
  const entries = lists?.entries ?? [];
  return (
    <Card {...props} protocol="blocklists">
      {entries.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('domain.list.off')}
        </Text>
      ) : (
        <div className="sub flush-rows">
          <Rows
            label={t('domain.blocklists')}
            rows={entries.toSorted((a, b) => rank(a) - rank(b))}
            rowKey={({ zone, target }) => `${zone} ${target}`}
            columns={[
              { key: 'list', label: t('domain.list.list'), head: true, cell: ({ list }) => list },
              {
                key: 'target',
                label: t('domain.list.target'),
                cell: ({ target }) => <span className="mono">{target}</span>,
              },
              { key: 'answer', label: t('domain.list.answer'), cell: (entry) => <Answer entry={entry} /> },
            ]}
          />
        </div>
      )}
      {lists && lists.lists.length > 0 && <Lists lists={lists.lists} />}
    </Card>
  );
}

/** What is listed first. */
function rank({ meaning }: Entry): number {
  return ['listed', 'nonsense', 'refused', 'unasked', 'clean'].indexOf(meaning);
}

function Answer({ entry: { meaning, names, weight, removal } }: { entry: Entry }) {
  const { t } = useTranslation();
  const word = t(`domain.list.meaning.${meaning}`);
  if (meaning === 'clean') return <Status kind="good">{word}</Status>;
  if (meaning !== 'listed') return <Status kind="none">{word}</Status>;
  return (
    <>
      <Status kind={weight === 'major' || weight === 'usual' ? 'bad' : 'warn'}>{word}</Status>{' '}
      {names.join(t('check.join'))}
      {weight !== null && <div className="dim">{t(`domain.list.weight.${weight}`)}</div>}
      {/^https:\/\//.test(removal) && (
        <Anchor href={removal} target="_blank" rel="noreferrer noopener" size="sm">
          {t('domain.list.removal')}
        </Anchor>
      )}
    </>
  );
}

function Lists({ lists }: { lists: ListsJson['lists'] }) {
  const { t } = useTranslation();
  return (
    <details className="fact-more">
      <summary>{t('domain.list.lists')}</summary>
      <ul>
        {lists.map((list) => (
          <li key={`${list.zone} ${list.kind}`}>
            <strong>{list.name}</strong> <span className="mono dim">{list.kind}</span> ·{' '}
            {t(`domain.list.state.${list.state}`)}
            {list.state === 'refused' && list.why && `. ${t(`domain.list.why.${list.why}`)}`}
          </li>
        ))}
      </ul>
    </details>
  );
}
