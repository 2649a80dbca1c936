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
  return (
    <>
      {about.error && <Problem error={about.error} onRetry={() => void about.refetch()} />}
      {(data || !about.error) && (
        <>
          <Panel title={t('about.program')}>{data ? <Program about={data} /> : <FactsSkeleton rows={6} />}</Panel>
          <Panel title={t('about.work')}>{data ? <Work about={data} /> : <FactsSkeleton rows={3} />}</Panel>
          <Panel title={t('about.database')} note={t('about.databaseNote')}>
            {data ? <Database about={data} /> : <FactsSkeleton rows={9} />}
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

function FactsSkeleton({ rows }: { rows: number }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: rows }, (_, at) => at).map((at) => (
        <Skeleton key={at} height={16} my={9} width={at % 2 === 0 ? '60%' : '45%'} />
      ))}
    </div>
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
        [t('backup.noun.probes'), format.number(database.probes)],
        [t('backup.noun.runs'), format.number(database.runs)],
        [t('about.history'), span],
        [t('backup.noun.monitors'), format.number(database.monitors)],
        [t('backup.noun.seeds'), format.number(database.seeds)],
        [t('backup.noun.senders'), format.number(database.senders)],
      ]}
    />
  );
}
