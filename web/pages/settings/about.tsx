/** What runs here: which version, since when, how large it has become, and whether its work goes on. */
import { Anchor, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AboutJson } from '../../../server/api/json/about.ts';
import { api } from '../../api.ts';
import { Moment, useNow } from '../../components/moment.tsx';
import { Panel, Problem, ProblemBox } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../language.ts';
import { useWords } from '../../words.ts';

const FRESH_MS = 15_000;
/** It ticks every few seconds: after this long without, something is wrong. */
const STALLED_MS = 120_000;

export function About() {
  const { t } = useTranslation();
  const about = useQuery({ queryKey: ['about'], queryFn: api.about, refetchInterval: FRESH_MS });
  const { data } = about;
  const named = (facts: readonly (typeof PROGRAM | typeof WORK | typeof DATABASE)[number][]) =>
    facts.map(([key, lines]) => [t(`about.${key}`), lines] as const);
  return (
    <>
      {about.error && <Problem error={about.error} onRetry={() => void about.refetch()} />}
      {(data || !about.error) && (
        <>
          <Panel title={t('about.program')}>
            {data ? <Program about={data} /> : <Waiting rows={named(PROGRAM)} />}
          </Panel>
          <Panel title={t('about.work')}>{data ? <Work about={data} /> : <Waiting rows={named(WORK)} />}</Panel>
          <Panel title={t('about.database')} note={t('about.databaseNote')}>
            {data ? (
              <Database about={data} />
            ) : (
              <Waiting rows={[...named(DATABASE), ...NOUNS.map((noun) => [t(`backup.noun.${noun}`), 1] as const)]} />
            )}
          </Panel>
        </>
      )}
    </>
  );
}

function Facts({ rows }: { rows: readonly (readonly [label: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows.map(([label, value]) => (
        <div key={label} className="fact">
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What will stand there, and on a narrow screen in how many lines: nothing moves when it comes. */
const PROGRAM = [
  ['version', 1],
  ['since', 2],
  ['node', 1],
  ['sqlite', 1],
  ['key', 2],
  ['api', 1],
] as const;
const WORK = [
  ['scheduler', 1],
  ['storage', 2],
  ['instances', 1],
] as const;
const DATABASE = [
  ['size', 2],
  ['messages', 1],
  ['history', 1],
] as const;
const NOUNS = ['probes', 'runs', 'monitors', 'campaigns', 'domains', 'seeds', 'senders'] as const;

function Waiting({ rows }: { rows: readonly (readonly [label: string, lines: number])[] }) {
  return (
    <Facts
      rows={rows.map(([label, lines]) => [
        label,
        <span key={label} className="fact-waits" data-lines={lines}>
          <Skeleton height={12} width="60%" aria-hidden="true" />
        </span>,
      ])}
    />
  );
}

function Program({ about }: { about: AboutJson }) {
  const { t } = useTranslation();
  return (
    <Facts
      rows={[
        [t('about.version'), about.version],
        [
          t('about.since'),
          <>
            <Moment at={about.startedAt} exact />{' '}
            <span className="dim">
              <Moment at={about.startedAt} />
            </span>
          </>,
        ],
        [t('about.node'), about.node],
        [t('about.sqlite'), about.sqlite],
        [t('about.key'), t(`about.keySource.${about.key.source}`, { id: about.key.id })],
        [
          t('about.api'),
          <Anchor key="api" href="/api/openapi.json" target="_blank" inherit>
            {t('about.openapi')}
          </Anchor>,
        ],
      ]}
    />
  );
}

function Work({ about: { scheduler, disk } }: { about: AboutJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const now = useNow();
  const { lastTickAt, storage, instances } = scheduler;
  const ticks = lastTickAt !== null && now - Date.parse(lastTickAt) < STALLED_MS;
  return (
    <>
      <Facts
        rows={[
          [
            t('about.scheduler'),
            <>
              <Status kind={ticks ? 'good' : 'bad'}>{t(ticks ? 'about.ticks' : 'about.stalled')}</Status>{' '}
              {lastTickAt !== null && (
                <span className="dim">
                  {t('about.lastTick')} <Moment at={lastTickAt} />
                </span>
              )}
            </>,
          ],
          [
            t('about.storage'),
            <>
              <Status kind={storage === 'ok' ? 'good' : 'bad'}>{t(`about.storageIs.${storage}`)}</Status>{' '}
              <span className="dim">{t('about.free', { size: format.bytes(disk.freeBytes) })}</span>
            </>,
          ],
          [
            t('about.instances'),
            instances.length > 1
              ? instances.map(({ host, pid }) => `${host} (${pid})`).join(', ')
              : t('about.oneInstance'),
          ],
        ]}
      />
      {storage !== 'ok' && (
        <div className="below">
          <ProblemBox {...words(`storage-${storage}`, {}, 'attention')} />
        </div>
      )}
    </>
  );
}

function Database({ about: { database } }: { about: AboutJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { messages, messageBytes, oldestRunAt, newestRunAt } = database;
  const span =
    oldestRunAt === null || newestRunAt === null
      ? '–'
      : t('about.span', { from: format.date(oldestRunAt), to: format.date(newestRunAt) });
  return (
    <Facts
      rows={[
        [
          t('about.size'),
          <>
            {format.bytes(database.bytes)}{' '}
            <span className="dim">{t('about.journal', { size: format.bytes(database.walBytes) })}</span>
          </>,
        ],
        ...(database.freeBytes > 0 ? [[t('about.unused'), format.bytes(database.freeBytes)] as const] : []),
        [
          t('about.messages'),
          <>
            {format.number(messages)} <span className="dim">{format.bytes(messageBytes)}</span>
          </>,
        ],
        [t('about.history'), span],
        ...NOUNS.map((noun) => [t(`backup.noun.${noun}`), format.number(database[noun])] as const),
      ]}
    />
  );
}
