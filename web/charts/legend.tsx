/** The legend is HTML, not canvas: it can be read, wraps on a phone, and carries the same icons as the badges. */
import type { ReactNode } from 'react';
import { OutcomeMark } from '../components/outcome.tsx';
import { type Scheme, tone, type Verdict } from '../outcomes.ts';

/** `colour` is what a picture of the chart shows; `mark` stands on the page, a plain patch of the colour when it is left out. */
export type LegendEntry = { key: string; label: string; colour: string; mark?: ReactNode };

export function Legend({ entries }: { entries: readonly LegendEntry[] }) {
  return (
    <ul className="legend" aria-hidden="true">
      {entries.map(({ key, label, colour, mark }) => (
        <li key={key}>
          {mark ?? <span className="legend-patch" style={{ backgroundColor: colour }} />} {label}
        </li>
      ))}
    </ul>
  );
}

/** @param word what a verdict is called */
export function outcomeLegend(
  verdicts: readonly Verdict[],
  scheme: Scheme,
  word: (verdict: Verdict) => string,
): LegendEntry[] {
  return verdicts.map((verdict) => ({
    key: verdict,
    label: word(verdict),
    colour: tone(verdict, scheme).fill,
    mark: <OutcomeMark verdict={verdict} />,
  }));
}
