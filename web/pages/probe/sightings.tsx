/** Where a mail was seen, look by look. Providers move mail after it arrived; that is said in a sentence, since it changes what the first look found. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ProbeDetailsJson } from '../../../server/api/json/probes.ts';
import { Moment } from '../../components/moment.tsx';
import { OutcomeBadge } from '../../components/outcome.tsx';
import { useFormat } from '../../language.ts';
import { useWords } from '../../words.ts';
import { Absence } from './absence.tsx';

type Sighting = ProbeDetailsJson['sightings'][number];

export function Sightings({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const words = useWords();
  const format = useFormat();
  const { sightings, sentAt, nextLookAt } = probe;
  const first = sightings[0];
  const last = sightings.at(-1);
  const name = ({ kind, tab, folder }: Sighting): string =>
    kind === 'other' ? folder : tab ? words(tab, {}, 'tabs').title : t(`verdict.${kind}`);
  const moved = first && last && (first.kind !== last.kind || first.tab !== last.tab || first.folder !== last.folder);
  return (
    <>
      {first && last ? (
        (moved || sightings.length > 1) && (
          <Text mb="sm" fw={600}>
            {moved ? t('probe.drifted', { from: name(first), to: name(last) }) : t('probe.stayed')}
          </Text>
        )
      ) : nextLookAt === null ? (
        <Absence probe={probe} />
      ) : (
        <Text c="dimmed" mb="sm">
          {t('probe.noSightings')}
        </Text>
      )}
      <ol className="way">
        {sightings.map((sighting) => (
          <li key={`${sighting.seenAt} ${sighting.folder}`}>
            <div className="way-head">
              <OutcomeBadge verdict={sighting.kind} tab={sighting.tab} />
              <time dateTime={sighting.seenAt} className="dim">
                {format.dateTimeWithSeconds(sighting.seenAt)} {format.zoneName(sighting.seenAt)}
              </time>
            </div>
            <div className="break">{t('probe.inFolder', { folder: sighting.folder })}</div>
            <div className="dim">
              {[
                words(sighting.reason, { folder: sighting.folder }, 'reasons').title,
                ...(sentAt === null
                  ? []
                  : [t('probe.after', { delay: format.span(Date.parse(sighting.seenAt) - Date.parse(sentAt)) })]),
              ].join(' · ')}
            </div>
          </li>
        ))}
        {nextLookAt !== null && (
          <li className="queued">
            <div className="way-head">
              <span>
                {t('probe.nextLook')} <Moment at={nextLookAt} />
              </span>
            </div>
          </li>
        )}
      </ol>
    </>
  );
}
