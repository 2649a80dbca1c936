/** The frame around every page: where one is, where one can go, and whether the live line holds. On a phone the way about lies under the thumb. */
import { ActionIcon, Group, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import {
  IconChevronRight,
  IconDeviceDesktop,
  IconMoon,
  IconPlugConnectedX,
  IconRoute,
  IconSun,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type ErrorComponentProps, Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { base } from '../base.ts';
import { listen, useConnection } from '../events.ts';
import type { Language } from '../format.ts';
import { setLanguage } from '../language.ts';
import { usePreferences } from '../preferences.ts';
import { useGuideOpen } from '../settings.ts';
import { useTrialGone } from '../trial.ts';
import { Hint } from './hint.tsx';
import { PageProblem } from './page.tsx';
import { Places, ThumbBar } from './places.tsx';
import { SearchButton, useSearch } from './search-button.tsx';

// Who never looks around loads nothing of it.
const TrialBanner = lazy(async () => ({ default: (await import('./trial-banner.tsx')).TrialBanner }));
const TrialGone = lazy(async () => ({ default: (await import('./trial-banner.tsx')).TrialGone }));

export function Shell() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const gone = useTrialGone();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search = useSearch();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => (gone ? undefined : listen(client)), [client, gone]);
  // A new page is announced from its top: focus goes to the main part, not to where the old link was.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the path changes
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [path]);
  if (gone)
    return (
      <Gate>
        <Suspense>
          <TrialGone />
        </Suspense>
      </Gate>
    );
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t('nav.skip')}
      </a>
      <section className="top" aria-label={t('nav.bar')}>
        <Brand />
        <Group gap={4} wrap="nowrap">
          <SearchButton onOpen={search.open} bare />
          <LanguageSwitch />
          <SchemeSwitch />
        </Group>
      </section>
      <GuideStrip path={path} />
      <section className="side" aria-label={t('nav.bar')}>
        <Brand />
        <SearchButton onOpen={search.open} />
        <Places label={t('nav.main')} />
        <div className="side-foot">
          <Group gap="xs" justify="space-between" wrap="nowrap">
            <LanguageSwitch />
            <SchemeSwitch />
          </Group>
        </div>
      </section>
      <div className="column">
        {base !== '' && (
          <Suspense fallback={<div className="trial-banner" />}>
            <TrialBanner />
          </Suspense>
        )}
        <main className="main" id="main" tabIndex={-1} ref={main}>
          <Outlet />
        </main>
      </div>
      <div className="bottom">
        <ThumbBar path={path} />
      </div>
      <ConnectionBanner />
      {search.dialog}
    </div>
  );
}

function Brand() {
  const { t } = useTranslation();
  return (
    <Link to="/" className="brand" aria-label={t('nav.home')}>
      <img src="/icon.svg" alt="" width={28} height={28} />
      <span translate="no">{t('brand')}</span>
    </Link>
  );
}

/** On a phone, where the way about has no room for it. */
function GuideStrip({ path }: { path: string }) {
  const { t } = useTranslation();
  const open = useGuideOpen();
  if (!open || path.startsWith('/guide')) return null;
  return (
    <Link to="/guide" className="guide-strip">
      <IconRoute size={18} stroke={1.75} aria-hidden />
      {t('nav.guide')}
      <IconChevronRight size={16} aria-hidden />
    </Link>
  );
}

export function LanguageSwitch() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('language.label')}
      value={language}
      onChange={(value) => void setLanguage(value as Language)}
      data={[
        { value: 'en', label: <span lang="en">{t('language.enShort')}</span> },
        { value: 'ja', label: <span lang="ja">{t('language.jaShort')}</span> },
      ]}
    />
  );
}

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;

export function SchemeSwitch() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const label = t('scheme.is', { scheme: t(`scheme.${colorScheme}`) });
  const Icon = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon }[colorScheme];
  return (
    <Hint label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={() => setColorScheme(NEXT[colorScheme])}
      >
        <Icon size={19} stroke={1.75} aria-hidden />
      </ActionIcon>
    </Hint>
  );
}

function ConnectionBanner() {
  const { t } = useTranslation();
  const connection = useConnection();
  return (
    <div role="status" aria-live="polite">
      {connection === 'lost' && (
        <div className="banner">
          <IconPlugConnectedX size={18} aria-hidden />
          {t('connection.lost')}
        </div>
      )}
    </div>
  );
}

/** Nothing can be shown inside, because it is not known who is signed in: the server is away, or just starting. */
export function GateProblem(props: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <Gate>
      <h1 className="sr-only">{t('error.pageTitle')}</h1>
      <PageProblem {...props} />
    </Gate>
  );
}

/** The quiet frame of the pages before signing in. */
export function Gate({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <main className="gate">
      <div className="gate-card">
        <div className="brand">
          <img src="/icon.svg" alt="" width={28} height={28} />
          <span translate="no">{t('brand')}</span>
        </div>
        <div className="panel">{children}</div>
        <Group justify="space-between" mt="sm">
          <LanguageSwitch />
          <SchemeSwitch />
        </Group>
      </div>
    </main>
  );
}
