/** Where one can go: a list beside the page, and on a phone a bar under the thumb, which has room for five places and for what opens the rest. */
import {
  IconChartHistogram,
  IconDots,
  IconInbox,
  IconListCheck,
  IconMailCheck,
  IconRadar2,
  IconRoute,
  IconSend,
  IconSettings,
  IconWorldCheck,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { base } from '../base.ts';
import { useGuideOpen } from '../settings.ts';

/** `thumb`: stands in the bar of a phone, which has room for five and for what opens the rest. */
const PLACES = [
  { to: '/', key: 'nav.overview', Icon: IconChartHistogram, thumb: true },
  { to: '/monitors', key: 'nav.monitors', Icon: IconRadar2, thumb: true },
  { to: '/runs', key: 'nav.runs', Icon: IconListCheck, thumb: false },
  { to: '/campaigns', key: 'nav.campaigns', Icon: IconMailCheck, thumb: true },
  { to: '/seeds', key: 'nav.seeds', Icon: IconInbox, thumb: true },
  { to: '/senders', key: 'nav.senders', Icon: IconSend, thumb: false },
  { to: '/domains', key: 'nav.domains', Icon: IconWorldCheck, thumb: true },
  { to: '/settings', key: 'nav.settings', Icon: IconSettings, thumb: false },
] as const;

/** The settings are those of the installation, whatever mailboxes one looks at. */
const reachable = base === '' ? PLACES : PLACES.filter(({ to }) => to !== '/settings');

function Place({ place: { to, key, Icon }, size }: { place: (typeof PLACES)[number]; size: number }) {
  const { t } = useTranslation();
  return (
    <Link to={to} className="nav-link" activeOptions={{ exact: to === '/', includeSearch: false }}>
      <Icon size={size} stroke={1.75} aria-hidden />
      {t(key)}
    </Link>
  );
}

export function Places({ label }: { label: string }) {
  const { t } = useTranslation();
  const guide = useGuideOpen();
  return (
    <nav aria-label={label}>
      {guide && (
        <Link to="/guide" className="nav-link">
          <IconRoute size={19} stroke={1.75} aria-hidden />
          {t('nav.guide')}
        </Link>
      )}
      {reachable.map((place) => (
        <Place key={place.to} place={place} size={19} />
      ))}
    </nav>
  );
}

/** Where one goes daily lies under the thumb; the rest one tap further. */
export function ThumbBar({ path }: { path: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const around = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const rest = reachable.filter(({ thumb }) => !thumb);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever went somewhere is done with it
  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    const onDown = (event: PointerEvent): void => {
      if (!around.current?.contains(event.target as Node)) setOpen(false);
    };
    window.addEventListener('keydown', onKey);
    window.addEventListener('pointerdown', onDown);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('pointerdown', onDown);
    };
  }, [open]);
  return (
    <nav aria-label={t('nav.main')} style={{ display: 'contents' }}>
      {reachable.map((place) => place.thumb && <Place key={place.to} place={place} size={22} />)}
      <div className="more-places-around" ref={around}>
        {open && (
          <div className="more-places" id={id}>
            {rest.map((place) => (
              <Place key={place.to} place={place} size={19} />
            ))}
          </div>
        )}
        <button
          type="button"
          ref={button}
          className="nav-link"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          data-status={rest.some(({ to }) => path.startsWith(to)) ? 'active' : undefined}
          onClick={() => setOpen(!open)}
        >
          <IconDots size={22} stroke={1.75} aria-hidden />
          {t('nav.more')}
        </button>
      </div>
    </nav>
  );
}
