/** Where mail lay, hour by hour or day by day: as many mails as there were, and a gap where there were none. */
import { useTranslation } from 'react-i18next';
import type { WallJson } from '../../../server/api/json/walls.ts';
import { OutcomeIcon } from '../../components/outcome.tsx';
import { useFormat } from '../../language.ts';
import { STACKED } from '../../outcomes.ts';
import { useInk } from './ink.ts';

/** So many times stand below the bars: more would not be read from afar. */
const LABELS = 6;

export function Buckets({ wall: { buckets, bucket, now } }: { wall: Pick<WallJson, 'buckets' | 'bucket' | 'now'> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const ink = useInk();
  const most = Math.max(1, ...buckets.map(({ counts }) => counts.probes));
  const every = Math.max(1, Math.ceil(buckets.length / LABELS));
  const shown = STACKED.filter((verdict) => now.counts[verdict] > 0);
  return (
    <figure className="wall-panel wall-buckets">
      <figcaption>
        <h2>{t('wall.overTime')}</h2>
        <ul className="wall-legend">
          {shown.map((verdict) => (
            <li key={verdict}>
              <span style={{ color: ink(verdict) }}>
                <OutcomeIcon verdict={verdict} size="1em" />
              </span>
              {t(`verdict.${verdict}`)} {format.number(now.counts[verdict])}
            </li>
          ))}
        </ul>
      </figcaption>
      <div className="wall-bars" aria-hidden="true">
        {buckets.map(({ start, counts }, at) => (
          <div key={start} className="wall-bar">
            <div>
              {STACKED.filter((verdict) => counts[verdict] > 0)
                .reverse()
                .map((verdict) => (
                  <span
                    key={verdict}
                    className={verdict === 'unknown' ? 'hatched' : undefined}
                    style={{ height: `${(100 * counts[verdict]) / most}%`, backgroundColor: ink(verdict) }}
                  />
                ))}
            </div>
            <em>{at % every === 0 ? (bucket === 'hour' ? format.time(start) : format.day(start)) : ''}</em>
          </div>
        ))}
      </div>
    </figure>
  );
}
