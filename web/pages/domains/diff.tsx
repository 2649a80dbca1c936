/** Two versions of a record beside each other: what went and what came, line by line. */
import { useTranslation } from 'react-i18next';
import type { ProposalJson } from '../../../server/api/json/domains.ts';

type Line = ProposalJson['diff'][number];

export function Diff({ lines }: { lines: readonly Line[] }) {
  return (
    <div className="diff mono" translate="no">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same
        <DiffLine key={index} line={line} />
      ))}
    </div>
  );
}

/** Signs and words beside the colours. A changed value is told twice, as it was and as it is. */
function DiffLine({ line: { kind, parts } }: { line: Line }) {
  const { t } = useTranslation();
  if (kind === 'same')
    return (
      <p className="diff-same">
        <span className="sr-only">{t('domain.history.stayed')}</span>
        {parts.map(({ text }) => text).join('')}
      </p>
    );
  const side = (without: 'added' | 'removed') => parts.filter((part) => part.kind !== without);
  return (
    <>
      {kind !== 'added' && (
        <p className="diff-gone">
          <span className="sr-only">{t('domain.history.gone')}</span>
          {side('added').map((part, at) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
            part.kind === 'removed' ? <del key={at}>{part.text}</del> : <span key={at}>{part.text}</span>,
          )}
        </p>
      )}
      {kind !== 'removed' && (
        <p className="diff-come">
          <span className="sr-only">{t('domain.history.come')}</span>
          {side('removed').map((part, at) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
            part.kind === 'added' ? <ins key={at}>{part.text}</ins> : <span key={at}>{part.text}</span>,
          )}
        </p>
      )}
    </>
  );
}
