/** How the probes of a run stand, as one thin bar in the order of outcomes. The words and numbers stand beside it, for whoever cannot see it. */
import type { CountsJson } from '../../server/api/json/basics.ts';
import { useScheme } from '../charts/palette.ts';
import { STACKED, tone } from '../outcomes.ts';

export function Standing({ counts, thin = false }: { counts: CountsJson; thin?: boolean }) {
  const scheme = useScheme();
  return (
    <div className={thin ? 'standing thin' : 'standing'} aria-hidden="true">
      {STACKED.filter((verdict) => counts[verdict] > 0).map((verdict) => (
        <span
          key={verdict}
          className={verdict === 'unknown' ? 'hatched' : undefined}
          style={{ flexGrow: counts[verdict], backgroundColor: tone(verdict, scheme).fill }}
        />
      ))}
      {counts.pending > 0 && <span style={{ flexGrow: counts.pending }} />}
    </div>
  );
}
