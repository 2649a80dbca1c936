/**
 * The last runs of a monitor as a row of bars, each filled from the ground up in the order of outcomes: one sees at once since when something is wrong. The
 * row is one link, to the run that is pointed at or chosen with the arrow keys, so that thirty runs are one stop on the way through the page.
 */
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CountsJson } from '../../server/api/json/basics.ts';
import type { HeartbeatsJson } from '../../server/api/json/heartbeats.ts';
import { HEARTBEAT_RUNS } from '../api.ts';
import { useScheme } from '../charts/palette.ts';
import { useFormat } from '../language.ts';
import { type Scheme, STACKED, tone } from '../outcomes.ts';
import { useCountsWords } from './counts-words.ts';
import './heartbeat.css';
import { Hint } from './hint.tsx';

export type Beat = HeartbeatsJson['items'][number]['runs'][number];

type Props = {
  /** Of the monitor, for whoever hears the rows of many. */
  name: string;
  /** The newest last. */
  runs: readonly Beat[];
  tall?: boolean;
};

const STEPS: Partial<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  Home: -HEARTBEAT_RUNS,
  End: HEARTBEAT_RUNS,
};

export function Heartbeat({ name, runs, tall = false }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const countsWords = useCountsWords();
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const last = runs.length - 1;
  if (last === -1) return <span className="dim">{t('heartbeat.none')}</span>;
  const found = runs.findIndex((run) => run.id === chosenId);
  const at = found === -1 ? last : found;
  const chosen = runs[at];
  const wordsOf = (run: Beat | undefined): string =>
    run === undefined
      ? ''
      : t('heartbeat.run', {
          time: `${format.day(run.startedAt)} ${format.time(run.startedAt)}`,
          words: countsWords(run.counts) || t('heartbeat.noMail'),
        });
  const missing = Math.max(0, HEARTBEAT_RUNS - runs.length);

  const onPointer = (event: PointerEvent<HTMLAnchorElement>): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const slot = Math.floor(((event.clientX - left) / width) * (missing + runs.length)) - missing;
    setChosenId(runs[Math.max(0, Math.min(last, slot))]?.id ?? null);
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = runs[Math.max(0, Math.min(last, at + step))];
    setChosenId(next?.id ?? null);
    setSaid(wordsOf(next));
  };
  const leave = (): void => {
    setChosenId(null);
    setSaid('');
  };

  return (
    <>
      <Hint label={wordsOf(chosen)}>
        <Link
          to="/runs/$id"
          params={{ id: chosen?.id ?? '' }}
          preload={false}
          className={tall ? 'heartbeat tall' : 'heartbeat'}
          aria-label={t('heartbeat.label', { name, run: wordsOf(chosen) })}
          onPointerMove={onPointer}
          onPointerDown={onPointer}
          onPointerLeave={leave}
          onBlur={leave}
          onKeyDown={onKey}
        >
          {Array.from({ length: missing }, (_, slot) => slot).map((slot) => (
            <span key={slot} className="beat" />
          ))}
          {runs.map((run, slot) => (
            <span
              key={run.id}
              className="beat"
              data-chosen={(found !== -1 && slot === found) || undefined}
              data-running={run.state === 'running' || undefined}
              style={{ background: fillOf(run.counts, scheme) }}
            />
          ))}
        </Link>
      </Hint>
      <span className="sr-only" role="status">
        {said}
      </span>
    </>
  );
}

/** From the ground up in the order of outcomes; what is not decided yet leaves the paper to be seen. */
function fillOf(counts: CountsJson, scheme: Scheme): string {
  const total = counts.probes;
  if (total === 0) return 'none';
  let sum = 0;
  const stops = STACKED.filter((verdict) => counts[verdict] > 0).map((verdict) => {
    const from = sum;
    sum += counts[verdict];
    return `${tone(verdict, scheme).fill} ${share(from)} ${share(sum)}`;
  });
  return `linear-gradient(to top, ${[...stops, `transparent ${share(sum)}`].join(', ')}), var(--wash)`;

  function share(count: number): string {
    return `${((100 * count) / total).toFixed(2)}%`;
  }
}
