/** The inbox rate at each provider, with its whisker: which one differs is seen from where two whiskers part. */
import { useTranslation } from 'react-i18next';
import type { WallJson } from '../../../server/api/json/walls.ts';
import { useFormat } from '../../language.ts';
import { useInk } from './ink.ts';

export function Providers({ providers }: { providers: WallJson['providers'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const ink = useInk();
  return (
    <section className="wall-panel" aria-label={t('wall.byProvider')}>
      <h2>{t('wall.byProvider')}</h2>
      <ul className="wall-providers">
        {providers.map(({ provider, name, rates: { inbox } }) => {
          const enough = format.enough(inbox);
          const [low, value, high] = [inbox.low ?? 0, inbox.value ?? 0, inbox.high ?? 0];
          return (
            <li key={provider}>
              <span className="wall-name">{name[format.language]}</span>
              <span className="wall-track" aria-hidden="true">
                {enough && (
                  <>
                    <span style={{ width: `${value * 100}%`, backgroundColor: ink('inbox') }} />
                    <i style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }} />
                  </>
                )}
              </span>
              <span className="wall-figure">
                {enough ? (
                  <>
                    <strong>{format.percent(value)}</strong>{' '}
                    <span className="wall-dim">
                      {t('rate.detailPlain', { interval: format.interval(inbox), n: format.number(inbox.n) })}
                    </span>
                  </>
                ) : (
                  <span className="wall-dim">{t('rate.notEnough', { n: format.number(inbox.n) })}</span>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
