/** The legend is HTML, not canvas: it can be read, wraps on a phone, and carries the same icons as the badges. */
import { useTranslation } from 'react-i18next';
import { OutcomeMark } from '../components/outcome.tsx';
import type { Verdict } from '../outcomes.ts';

export function OutcomeLegend({ verdicts }: { verdicts: readonly Verdict[] }) {
  const { t } = useTranslation();
  return (
    <ul className="legend" aria-hidden="true">
      {verdicts.map((verdict) => (
        <li key={verdict}>
          <OutcomeMark verdict={verdict} /> {t(`verdict.${verdict}`)}
        </li>
      ))}
    </ul>
  );
}
