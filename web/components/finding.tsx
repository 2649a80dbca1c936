/** What a check found, about a domain or about a campaign: how grave it is, what it means, the place it is about, and what to do. */
import type { ReactNode } from 'react';
import type { Words } from '../../server/words/fill.ts';
import type { Severity } from '../severity.ts';
import { StandingBadge } from './standing-badge.tsx';
import './finding.css';

type Props = {
  words: Words;
  severity: Severity;
  /** The one that stands at its place too; null: it has no place. */
  number: number | null;
  /** Beside its name. */
  note: ReactNode;
  place: ReactNode;
  /** Said before what to do. */
  toDo: string;
  anchor?: string;
  /** What to put there, and where to go from here. */
  children: ReactNode;
};

export function Finding({ words, severity, number, note, place, toDo, anchor, children }: Props) {
  return (
    <article className="finding" id={anchor} aria-label={words.title}>
      <h3 className="finding-head">
        <span>
          <FindingNumber number={number} />
          {words.title}
        </span>
        <StandingBadge standing={severity} />
        {note}
      </h3>
      <p>{words.meaning}</p>
      {place}
      <p>
        <strong>{toDo}</strong> {words.todo}
      </p>
      {children}
    </article>
  );
}

export function FindingNumber({ number }: { number: number | null }) {
  return number === null ? null : <span className="finding-number">{number}</span>;
}
