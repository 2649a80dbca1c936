/**
 * One test mail: where it lies, why, what to do; then the evidence, fact by fact. Three facts about authentication stay apart: what the receiver
 * reported, what we verified ourselves, and where the two disagree. Everything that came out of a mail is shown as text and nothing else.
 */
import { Button, CopyButton, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProbeDetailsJson } from '../../../server/api/json/probes.ts';
import { api } from '../../api.ts';
import { useScheme } from '../../charts/palette.ts';
import { Moment } from '../../components/moment.tsx';
import { OutcomeBadge, OutcomeMark } from '../../components/outcome.tsx';
import { Page, Panel, Problem } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';
import { tone, verdictOf } from '../../outcomes.ts';
import { useProviderName } from '../../presets.ts';
import { useWords } from '../../words.ts';
import { Authentication } from './authentication.tsx';
import { Evidence } from './evidence.tsx';
import { Sightings } from './sightings.tsx';
import { Way } from './way.tsx';

const route = getRouteApi('/inside/probes/$id');

export function Probe() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { audit } = route.useSearch();
  const probe = useQuery({ queryKey: ['probes', id], queryFn: () => api.probes.read(id) });
  const data = probe.data;
  // Whoever comes by its bare address is led back as well.
  const auditId = audit ?? data?.auditId ?? null;
  const parents =
    auditId !== null
      ? [{ label: t('probe.backToAudit'), to: `/audits/${auditId}` }]
      : data
        ? [{ label: t('probe.backToRun'), to: `/runs/${data.runId}` }]
        : [{ label: t('nav.runs'), to: '/runs' }];
  if (!data) {
    return (
      <Page title={t('word.probe')} parents={parents}>
        {probe.error ? (
          <Problem error={probe.error} onRetry={() => void probe.refetch()} />
        ) : (
          <>
            <Skeleton height={124} radius="md" />
            <div className="two">
              <Skeleton height={420} radius="md" />
              <Skeleton height={420} radius="md" />
            </div>
            <Skeleton height={300} radius="md" />
          </>
        )}
      </Page>
    );
  }
  return (
    <Page title={t('probe.title', { seed: data.seed })} parents={parents}>
      <Verdict probe={data} />
      <div className="two">
        <Stack gap="lg">
          <Panel title={t('probe.facts')}>
            <Facts probe={data} />
          </Panel>
          <Panel
            title={t('probe.sightings')}
            note={data.sightings.length > 0 || data.nextLookAt !== null ? t('probe.sightingsNote') : undefined}
          >
            <Sightings probe={data} />
          </Panel>
        </Stack>
        <Panel title={t('probe.way')} note={t('probe.wayNote')}>
          <Way probe={data} />
        </Panel>
      </div>
      <Panel title={t('probe.authentication')} note={t('probe.authenticationNote')}>
        <Authentication probe={data} />
      </Panel>
      <Panel title={t('probe.evidence')}>
        <Evidence probe={data} />
      </Panel>
    </Page>
  );
}

function Verdict({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const scheme = useScheme();
  const verdict = verdictOf(probe.outcome, probe.placement?.kind ?? null);
  const late = probe.late && probe.outcome === 'placed' && probe.lateAt !== null && probe.sentAt !== null;
  const { title, meaning, todo } = words(probe.reason, { ...placeEvidence(probe), ...probe.evidence }, 'reasons');
  return (
    <section
      className="verdict"
      style={{ '--tile': tone(verdict, scheme).fill } as CSSProperties}
      aria-label={t('probe.verdict')}
      aria-live="polite"
    >
      <OutcomeMark verdict={verdict} size={32} />
      <div>
        <Group gap="xs" mb={4}>
          <Text component="h2" fw={650} fz="xl" lh={1.3} m={0}>
            {title}
          </Text>
          <OutcomeBadge
            verdict={verdict}
            tab={probe.placement?.tab}
            late={probe.late}
            delay={probe.late && probe.delayMs !== null ? format.span(probe.delayMs) : undefined}
          />
        </Group>
        <Text className="break">{meaning}</Text>
        {late && (
          <Text className="break">
            {t('probe.lateMeaning', {
              limit: format.span(Date.parse(probe.lateAt ?? '') - Date.parse(probe.sentAt ?? '')),
            })}
          </Text>
        )}
        {/* Where a late mail is to be asked about is said already. */}
        {!(late && verdict === 'inbox') && (
          <Text mt={4} className="break" fw={500}>
            {todo}
          </Text>
        )}
      </div>
    </section>
  );
}

function placeEvidence(probe: ProbeDetailsJson): Record<string, unknown> {
  return probe.placement ? { folder: probe.placement.folder } : {};
}

type Entry = [label: string, value: ReactNode];

function Facts({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const providerName = useProviderName();
  const entries: Entry[] = [
    [t('word.seed'), `${probe.seed} (${providerName(probe.provider)}, ${probe.protocol.toUpperCase()})`],
    [t('word.subject'), probe.subject ?? '–'],
    ...(probe.sentAt ? [[t('run.sent'), <At key="at" at={probe.sentAt} />] as Entry] : []),
    ...(probe.internalDate ? [[t('probe.serverTime'), <At key="at" at={probe.internalDate} />] as Entry] : []),
    ...(probe.firstSeenAt ? [[t('run.seen'), <At key="at" at={probe.firstSeenAt} />] as Entry] : []),
    ...(probe.delayMs === null ? [] : [[t('run.delay'), format.span(probe.delayMs)] as Entry]),
    [t('probe.looks'), format.number(probe.looks)],
    [t('probe.messageId'), <Copyable key="id" text={probe.messageId} />],
    [t('probe.token'), <Copyable key="token" text={probe.token} />],
  ];
  return (
    <dl className="facts">
      {entries.map(([label, value]) => (
        <div key={label} style={{ display: 'contents' }}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function At({ at }: { at: string }) {
  const format = useFormat();
  return (
    <>
      {format.dateTimeWithSeconds(at)} {format.zoneName(at)}{' '}
      <span className="dim">
        (<Moment at={at} />)
      </span>
    </>
  );
}

function Copyable({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <>
      <span className="mono">{text}</span>{' '}
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button size="compact-xs" variant="subtle" leftSection={<IconCopy size={14} aria-hidden />} onClick={copy}>
            {copied ? t('action.copied') : t('action.copy')}
          </Button>
        )}
      </CopyButton>
    </>
  );
}
