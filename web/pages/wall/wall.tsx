/**
 * How things stand, for a screen on a wall: large, without anything to press, and by itself. It asks anew as often as the server says, turns dark at night, keeps the screen
 * awake, says when the line is lost and how old its numbers are, and takes up a new version of the program.
 */
import './wall.css';
import { Skeleton } from '@mantine/core';
import { IconAlertTriangleFilled, IconCircleCheckFilled, IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { WallJson } from '../../../server/api/json/walls.ts';
import { ApiError, api } from '../../api.ts';
import { useNow } from '../../components/moment.tsx';
import { useProblem } from '../../components/page.tsx';
import { setLanguage, useFormat } from '../../language.ts';
import { SIGN_TONES } from '../../outcomes.ts';
import { usePreferences } from '../../preferences.ts';
import { Beats } from './beats.tsx';
import { Buckets } from './buckets.tsx';
import { DaylightProvider, useDaytime } from './ink.ts';
import { BigNumber, BigNumberSkeleton } from './number.tsx';
import { Providers } from './providers.tsx';
import { isOld, keyOf } from './screen.ts';
import { useDaylight } from './use-daylight.ts';
import { useFit } from './use-fit.ts';
import { useVersion } from './use-version.ts';
import { useWakefulness } from './use-wakefulness.ts';

const route = getRouteApi('/wall');
const SHOWN = ['inbox', 'tab', 'spam', 'missing'] as const;
/** While there is no answer, or none that helps. */
const RETRY_MS = 10_000;

export function Wall() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const { period = '24h', language } = search;
  const { zone } = usePreferences();
  // The address stays as it is, so that a screen that is switched on again needs nobody.
  const key = useRef(keyOf(window.location.hash, search)).current;
  const scheme = useDaylight(search.theme, zone);
  const problem = useProblem();
  const now = useNow();
  const wall = useQuery({
    queryKey: ['wall', key ?? '', period, zone],
    queryFn: ({ signal }) => api.wall({ period, timeZone: zone }, key, signal),
    refetchInterval: ({ state }) => (state.data && !state.error ? state.data.pollSeconds * 1000 : RETRY_MS),
    refetchIntervalInBackground: true,
    // A browser that believes itself offline still asks, and so finds out.
    networkMode: 'always',
    retry: false,
  });
  const { data, error, dataUpdatedAt } = wall;
  const screen = useRef<HTMLDivElement>(null);
  useFit(screen, data);
  useVersion(data?.version);
  useWakefulness();
  const wanted = language ?? data?.language ?? null;
  useEffect(() => {
    if (wanted !== null) void setLanguage(wanted, false);
  }, [wanted]);
  const name = data?.name || data?.monitor?.name || t('brand');
  useEffect(() => {
    document.title = `${name} · ${t('wall.title')}`;
  }, [name, t]);

  const revoked = error instanceof ApiError && error.code === 'not-signed-in' && key !== undefined;
  const lost = data !== undefined && !revoked && error !== null && isOld(dataUpdatedAt, data.pollSeconds, now);
  return (
    <DaylightProvider value={scheme}>
      <div className="wall" ref={screen}>
        <header>
          <img src="/icon.svg" alt="" />
          <h1>{name}</h1>
          {data?.monitor && data.name !== '' && <span className="wall-dim">{data.monitor.name}</span>}
          <span className="wall-dim">{t(`wall.period.${period}`)}</span>
          <Clock />
        </header>
        {revoked ? (
          <Trouble title={t('wall.revoked')} meaning={t('wall.revokedMeaning')} todo={t('wall.revokedTodo')} />
        ) : data ? (
          <Standing wall={data} />
        ) : error ? (
          <Trouble {...problem(error)} />
        ) : (
          <WallSkeleton />
        )}
        <div role="status" aria-live="polite">
          {lost && <Lost at={dataUpdatedAt} />}
        </div>
      </div>
    </DaylightProvider>
  );
}

function Clock() {
  const format = useFormat();
  const now = useNow();
  return (
    <time className="wall-clock" dateTime={new Date(now).toISOString()}>
      {format.time(now)} <span className="wall-dim">{format.zoneName(now)}</span>
    </time>
  );
}

/** Nothing to show, and nobody to press a button: it says why, and asks again by itself. */
function Trouble({ title, meaning, todo }: { title: string; meaning: string; todo: string }) {
  return (
    <main className="wall-trouble">
      <div role="alert">
        <h2>{title}</h2>
        <p>{meaning}</p>
        <p>{todo}</p>
      </div>
    </main>
  );
}

function Lost({ at }: { at: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="wall-lost">
      <IconPlugConnectedX size="1.2em" aria-hidden />
      {t('wall.lost', { time: format.time(at), zone: format.zoneName(at) })}
    </div>
  );
}

function Standing({ wall }: { wall: WallJson }) {
  const { t } = useTranslation();
  const { now, before, verdict } = wall;
  return (
    <main>
      <p className="wall-lead">
        <Lead wall={wall} />
      </p>
      <section className="wall-numbers" aria-label={t('wall.numbers')}>
        {SHOWN.map((shown) => (
          <BigNumber
            key={shown}
            verdict={shown}
            rate={now.rates[shown]}
            before={before.rates[shown]}
            change={verdict[shown]}
          />
        ))}
      </section>
      <div className="wall-body">
        <div className="wall-pictures">
          <Buckets wall={wall} />
          {wall.providers.length > 0 && <Providers providers={wall.providers} />}
        </div>
        <Beats monitors={wall.monitors} />
      </div>
      <Attention attention={wall.attention} />
    </main>
  );
}

/** The answer in a sentence. */
function Lead({ wall: { now, verdict } }: { wall: WallJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { inbox } = now.rates;
  if (inbox.n === 0) return t('wall.none');
  if (!format.enough(inbox)) return t('wall.few', { n: format.number(inbox.n) });
  const changed = (['inbox', 'spam', 'missing'] as const).map((what) => ({ what, verdict: verdict[what] }));
  const say = (which: string) => changed.filter((one) => one.verdict === which).map(({ what }) => t(`wall.of.${what}`));
  const worse = say('worse');
  const better = say('better');
  return (
    <>
      {t('wall.lead', { rate: format.percent(inbox.value ?? 0) })}
      {format.language === 'ja' ? '' : ' '}
      {worse.length > 0 ? (
        <strong className="wall-worse">{t('wall.worse', { what: format.list(worse) })}</strong>
      ) : better.length > 0 ? (
        t('wall.better', { what: format.list(better) })
      ) : verdict.inbox === 'not-enough-data' ? (
        t('wall.nothingBefore')
      ) : (
        t('wall.same')
      )}
    </>
  );
}

const KINDS = [
  'seed-unreadable',
  'sender-held',
  'sender-paused',
  'sender-budget',
  'run-late',
  'storage',
  'backup',
] as const;

/** How many things somebody should look at, by kind; what they are called is for those who sign in. */
function Attention({ attention }: { attention: WallJson['attention'] }) {
  const { t } = useTranslation();
  const scheme = useDaytime();
  const { fill } = SIGN_TONES[attention.count === 0 ? 'pass' : 'temporary'][scheme];
  const Icon = attention.count === 0 ? IconCircleCheckFilled : IconAlertTriangleFilled;
  const parts = KINDS.flatMap((kind) => {
    const count = attention.kinds.find((one) => one.kind === kind)?.count ?? 0;
    return count === 0 ? [] : [t(`wall.kind.${kind}`, { count })];
  });
  return (
    <footer>
      <span style={{ color: fill }}>
        <Icon size="1.2em" aria-hidden />
      </span>
      {attention.count === 0 ? (
        t('wall.allWell')
      ) : (
        <>
          <strong>{t('wall.attention', { count: attention.count })}</strong>
          <span className="wall-dim">{parts.join(' · ')}</span>
        </>
      )}
    </footer>
  );
}

function WallSkeleton() {
  return (
    <main aria-hidden="true">
      <Skeleton height="2em" width="60%" my="0.4em" />
      <div className="wall-numbers">
        {SHOWN.map((shown) => (
          <BigNumberSkeleton key={shown} />
        ))}
      </div>
      <div className="wall-body">
        <Skeleton height="20em" />
        <Skeleton height="20em" />
      </div>
    </main>
  );
}
