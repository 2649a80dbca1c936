/**
 * A check while it runs: each protocol in the very place where its verdict stands, so that nothing moves, with how far it is; beneath, what all of it waits for.
 * Who cannot see it is told in steps, not in every number.
 */
import { Loader } from '@mantine/core';
import { IconCheck, IconCircleDashed } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DomainJson } from '../../../server/api/json/domains.ts';
import { forgetStep, type ProgressPart, useProgress } from '../../checks.ts';
import { useFormat } from '../../language.ts';
import { PROTOCOLS } from './standing.ts';
import { ProtocolChips, useProtocolName } from './state.tsx';

/** What is waited for longer is said. */
const LONG_MS = 2000;

/** How all protocols stand; while a check runs, how far each is. */
export function Protocols({ domain, checking }: { domain: DomainJson; checking: boolean }) {
  const heard = useProgress(domain.id);
  // What was heard of a check that is over is no news of the next.
  const [watched, setWatched] = useState(false);
  useEffect(() => {
    if (checking) setWatched(true);
    else forgetStep(domain.id);
  }, [checking, domain.id]);
  const parts = checking ? heard : null;
  // A first check has no verdicts to show meanwhile; one that is done in a blink shows nothing.
  const running = checking && (parts !== null || domain.protocols === null);
  return (
    <>
      {running ? <Running parts={parts ?? []} /> : <ProtocolChips domain={domain} links />}
      <Line parts={parts ?? []} checking={checking} over={watched && !checking ? (domain.state ?? 'unknown') : null} />
    </>
  );
}

function Running({ parts }: { parts: readonly ProgressPart[] }) {
  const name = useProtocolName();
  const far = useFar();
  return (
    <ul className="protocol-chips large">
      {PROTOCOLS.map((protocol) => {
        const part = parts.find((one) => one.protocol === protocol);
        return (
          <li key={protocol}>
            <span className="protocol-chip" data-later={part === undefined || undefined}>
              <span className="protocol-chip-name">
                <Sign part={part} />
                {name(protocol)}
              </span>
              <span className="protocol-chip-state">{far(part)}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Sign({ part }: { part: ProgressPart | undefined }) {
  if (part === undefined) return <IconCircleDashed size={16} aria-hidden />;
  if (!part.done) return <Loader size={14} color="ink" aria-hidden />;
  // No verdict yet: the sign of one that is fine would promise too much.
  return <IconCheck size={16} aria-hidden />;
}

/** `7 of 10 lookups`. */
function useFar(): (part: ProgressPart | undefined) => string {
  const { t } = useTranslation();
  return (part) =>
    part === undefined
      ? t('domain.progress.later')
      : part.of === 0
        ? t(part.done ? 'domain.progress.nothing' : 'domain.progress.begins')
        : t(`domain.progress.${part.unit}`, { done: part.count, of: part.of });
}

/** Always there, so that the page does not move when a check begins or ends. */
function Line({
  parts,
  checking,
  over,
}: {
  parts: readonly ProgressPart[];
  checking: boolean;
  /** How the domain stands after a check that was watched. */
  over: NonNullable<DomainJson['state']> | 'unknown' | null;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useProtocolName();
  const done = parts.filter((part) => part.done).length;
  const waits = longestWaiting(parts);
  const wait = waits?.waiting ?? null;
  const said = !checking
    ? over === null
      ? ''
      : t('domain.progress.over', { state: t(`domain.state.${over}`) })
    : parts.length === 0
      ? t('domain.progress.starting')
      : t('domain.progress.done', { done, of: parts.length });
  return (
    <div className="progress-line">
      {checking && <p>{said}</p>}
      {checking && wait !== null && waits !== undefined && (
        <p className="progress-wait dim" title={wait.what}>
          {t('domain.progress.waiting', {
            protocol: name(waits.protocol),
            what: wait.what,
            span: format.span(Math.round(wait.ms / 1000) * 1000),
          })}
        </p>
      )}
      <p className="sr-only" role="status">
        {checking && wait !== null ? t('domain.progress.waitingFor', { what: wait.what }) : said}
      </p>
    </div>
  );
}

/** The one that holds up the check, once it has for a while. */
function longestWaiting(parts: readonly ProgressPart[]): ProgressPart | undefined {
  const waited = ({ waiting }: ProgressPart): number => waiting?.ms ?? 0;
  return parts.filter((part) => waited(part) >= LONG_MS).sort((a, b) => waited(b) - waited(a))[0];
}
