/** One line on a terminal that says how far a check is, written over again and again, and gone when it is over. */
import { longestWait, type Progress, type ProgressPart } from '../domain/progress.ts';
import { plain } from './open.ts';

const EVERY_MS = 120;
/** What is answered sooner is not worth a word. */
const LONG_MS = 1500;

type Terminal = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'isTTY'>;

/** @returns to be called when it is over; nothing is written to what is no terminal */
export function showProgress(progress: Progress, terminal: Terminal): () => void {
  if (!terminal.isTTY) return () => undefined;
  const timer = setInterval(() => {
    // Back to the beginning of the line, and clear it.
    terminal.write(`\r\u001b[2K${progressLine(progress.parts(), terminal.columns || 80)}`);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    terminal.write('\r\u001b[2K');
  };
}

/** Never longer than a line: one that wraps could not be written over. */
export function progressLine(parts: readonly ProgressPart[], columns: number): string {
  const done = parts.filter((part) => part.done).length;
  const running = parts.filter((part) => !part.done);
  const wait = longestWait(running, LONG_MS);
  const words = [
    `checking, ${done} of ${parts.length} done`,
    ...(wait === null ? [] : [`waiting for ${plain(wait.what)} (${Math.round(wait.ms / 1000)} s)`]),
    ...running.map(
      ({ protocol, unit, count, of }) =>
        `${protocol.toUpperCase()} ${count} of ${of}${unit === 'questions' ? '' : ` ${unit}`}`,
    ),
  ];
  const line = words.join(' · ');
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}
