/** Where a mail was seen, look by look. Providers move mail after it arrived; that is said in a sentence, since it changes what the first look found. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ProbeDetailsJson } from '../../../server/api/json/probes.ts';
import { Moment } from '../../components/moment.tsx';
import { OutcomeBadge } from '../../components/outcome.tsx';
import { Rows } from '../../components/rows.tsx';
import { useFormat } from '../../language.ts';
import { useWords } from '../../words.ts';

type Sighting = ProbeDetailsJson['sightings'][number];

export function Sightings({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const words = useWords();
  const format = useFormat();
  const { sightings, sentAt, nextLookAt } = probe;
  const next = nextLookAt && (
    <Text size="sm" c="dimmed">
      {t('probe.nextLook')}: <Moment at={nextLookAt} />
    </Text>
  );
  const first = sightings[0];
  const last = sightings.at(-1);
  if (!first || !last)
    return (
      <>
        <Text c="dimmed">{t('probe.noSightings')}</Text>
        {next}
      </>
    );
  const name = ({ kind, tab, folder }: Sighting): string =>
    kind === 'other' ? folder : tab ? words(tab, {}, 'tabs').title : t(`verdict.${kind}`);
  const moved = first.kind !== last.kind || first.tab !== last.tab || first.folder !== last.folder;
  return (
    <>
      <div className="panel-words">
        {moved ? (
          <Text fw={600}>{t('probe.drifted', { from: name(first), to: name(last) })}</Text>
        ) : (
          sightings.length > 1 && <Text>{t('probe.stayed')}</Text>
        )}
        {next}
      </div>
      <Rows
        label={t('probe.sightings')}
        rows={sightings}
        rowKey={(sighting) => `${sighting.seenAt} ${sighting.folder}`}
        columns={[
          {
            key: 'at',
            label: t('run.seen'),
            head: true,
            cell: ({ seenAt }) => `${format.dateTimeWithSeconds(seenAt)} ${format.zoneName(seenAt)}`,
          },
          {
            key: 'after',
            label: t('probe.seenAfter'),
            cell: ({ seenAt }) =>
              sentAt === null ? '–' : format.span(Math.max(0, Date.parse(seenAt) - Date.parse(sentAt))),
          },
          { key: 'where', label: t('run.result'), cell: ({ kind, tab }) => <OutcomeBadge verdict={kind} tab={tab} /> },
          { key: 'folder', label: t('word.folder'), cell: ({ folder }) => <span className="break">{folder}</span> },
          {
            key: 'reason',
            label: t('word.reason'),
            cell: ({ reason, folder }) => words(reason, { folder }, 'reasons').title,
          },
        ]}
      />
    </>
  );
}
