/** Each monitor's last runs as a row of bars, the newest last: one glance says whether it beats, and since when not as before. */
import { useTranslation } from 'react-i18next';
import type { WallJson } from '../../../server/api/json/walls.ts';
import { Moment } from '../../components/moment.tsx';
import { useFormat } from '../../language.ts';
import { STACKED } from '../../outcomes.ts';
import { useInk } from './ink.ts';

type Monitor = WallJson['monitors'][number];

/** As many as the server tells of; a young monitor has places left. */
const PLACES = 20;

export function Beats({ monitors }: { monitors: Monitor[] }) {
  const { t } = useTranslation();
  const ink = useInk();
  return (
    <section className="wall-panel wall-monitors" aria-label={t('nav.monitors')}>
      <h2>{t('nav.monitors')}</h2>
      {monitors.length === 0 ? (
        <p className="wall-dim">{t('monitor.none')}</p>
      ) : (
        <ul>
          {monitors.map((monitor) => (
            <li key={monitor.id}>
              <p className="wall-name">
                {monitor.name}
                {monitor.paused && <span className="wall-dim"> {t('wall.paused')}</span>}
              </p>
              <div className="wall-beats" aria-hidden="true">
                {Array.from({ length: Math.max(0, PLACES - monitor.runs.length) }, (_, at) => at).map((at) => (
                  <span key={at} />
                ))}
                {monitor.runs.map(({ startedAt, counts }) => (
                  <span key={startedAt}>
                    {STACKED.filter((verdict) => counts[verdict] > 0)
                      .reverse()
                      .map((verdict) => (
                        <i key={verdict} style={{ flexGrow: counts[verdict], backgroundColor: ink(verdict) }} />
                      ))}
                    {counts.pending > 0 && <i style={{ flexGrow: counts.pending }} />}
                  </span>
                ))}
              </div>
              <Last monitor={monitor} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Last({ monitor: { runs } }: { monitor: Monitor }) {
  const { t } = useTranslation();
  const format = useFormat();
  const last = runs.at(-1);
  if (!last) return <p className="wall-dim">{t('monitor.neverRun')}</p>;
  const { counts, startedAt } = last;
  return (
    <p className="wall-dim">
      <Moment at={startedAt} />
      {' · '}
      {t('wall.inInbox', { inbox: format.number(counts.inbox), of: format.number(counts.probes) })}
      {counts.pending > 0 && ` · ${t('wall.pending', { n: format.number(counts.pending) })}`}
    </p>
  );
}
