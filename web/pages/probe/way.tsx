/** The way of a mail, step by step, with how long each wait was and whether the line between two servers was encrypted. */
import { Text } from '@mantine/core';
import { IconLock, IconLockOpen } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ProbeDetailsJson } from '../../../server/api/json/probes.ts';
import { tlsName } from '../../components/tls-name.ts';
import { useFormat } from '../../language.ts';
import { Absence } from './absence.tsx';
import { type Hop, type Step, travelMs, wayOf } from './way.ts';

export function Way({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const steps = wayOf(probe);
  const travel = travelMs(probe);
  return (
    <>
      {travel !== null && (
        <Text mb="sm" fw={600}>
          {t('way.total', { delay: format.span(travel) })}
        </Text>
      )}
      <ol className="way">
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place on the way
          <li key={at} className={step.longest ? 'longest' : step.kind}>
            <StepWords step={step} />
          </li>
        ))}
      </ol>
      {probe.hops.length === 0 && !steps.some(({ kind }) => kind === 'refused') && <Absence probe={probe} />}
    </>
  );
}

function StepWords({ step }: { step: Step }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { hop, at, delayMs, share, longest, boundary, kind } = step;
  const title = {
    queued: t('way.queued'),
    'handed-over': t('way.handedOver'),
    refused: t('way.refused'),
    hop: hop?.by ?? t('probe.unnamed'),
    stored: t('way.stored'),
    seen: t('way.seen'),
  }[kind];
  return (
    <>
      <div className="way-head">
        <span className="break way-title">{title}</span>
        {at !== null && (
          <time dateTime={at} className="dim" title={`${format.dateTimeWithSeconds(at)} ${format.zoneName(at)}`}>
            {format.timeWithSeconds(at)}
          </time>
        )}
      </div>
      {hop && <HopWords hop={hop} />}
      {delayMs !== null && (
        <div className="way-wait">
          <span className={longest ? 'way-long' : undefined}>
            {t('way.wait', { delay: format.span(delayMs) })}
            {longest && ` · ${t('way.longest')}`}
          </span>
          {share !== null && (
            <span className="way-bar" aria-hidden="true">
              <span style={{ width: `${share * 100}%` }} />
            </span>
          )}
        </div>
      )}
      {boundary && <div className="way-boundary">{t('way.boundary')}</div>}
      {hop?.note === 'clock-behind' && <div className="dim">{t('probe.clockBehind')}</div>}
      {kind === 'seen' && (delayMs ?? 0) > 0 && <div className="dim">{t('way.seenNote')}</div>}
    </>
  );
}

function HopWords({ hop }: { hop: Hop }) {
  const { t } = useTranslation();
  const from = hop.from ?? hop.fromName ?? hop.fromIp;
  const tls =
    hop.tls === null
      ? t('probe.plain')
      : hop.tls === 'unknown'
        ? t('probe.tlsUnknown')
        : hop.tls.version
          ? tlsName(hop.tls.version)
          : t('probe.tls');
  return (
    <>
      {from !== null && (
        <div className="dim break">
          {t('probe.from', { name: from })}
          {hop.fromIp && hop.fromIp !== from ? ` [${hop.fromIp}]` : ''}
        </div>
      )}
      <div className="dim">
        <span className="mark">
          {hop.tls === null ? <IconLockOpen size={14} aria-hidden /> : <IconLock size={14} aria-hidden />}
        </span>{' '}
        {tls}
        {hop.with ? ` · ${hop.with}` : ''}
      </div>
    </>
  );
}
