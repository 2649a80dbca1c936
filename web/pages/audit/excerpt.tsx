/** A few lines of the mail's source around the place of a finding, which is underlined. All of it is a stranger's text. */
import { useTranslation } from 'react-i18next';
import { visible } from '../../components/invisible.ts';
import type { Found } from './found.ts';
import type { ShownLine } from './place.ts';

export function Excerpt({ found: { lines, part, finding } }: { found: Found }) {
  const { t } = useTranslation();
  if (lines.length === 0) return null;
  const at = Number(finding.evidence.line);
  const where = part === null ? t('audit.placeFile', { line: at }) : t('audit.placePart', { line: at, part });
  return (
    <figure className="source-excerpt" aria-label={where}>
      <figcaption className="dim">{where}</figcaption>
      <ol className="source-lines" start={lines[0]?.number ?? 1}>
        {lines.map((line) => (
          <Line key={line.number} line={line} />
        ))}
      </ol>
    </figure>
  );
}

/** @param number of the finding that points here */
export function Line({ line, number, id }: { line: ShownLine; number?: number | undefined; id?: string | undefined }) {
  const { before, marked, after, cutBefore, cutAfter } = line;
  const { t } = useTranslation();
  const show = (text: string): string => visible(text, '\t');
  return (
    <li id={id} value={line.number}>
      <span className="source-number" aria-hidden="true">
        {line.number}
      </span>
      <code translate="no">
        {cutBefore && '…'}
        {show(before)}
        {marked !== '' && <mark>{show(marked)}</mark>}
        {number !== undefined && (
          <sup className="record-number">
            <span className="sr-only">{t('audit.markedBy', { n: number })}</span>
            <span aria-hidden="true">{number}</span>
          </sup>
        )}
        {show(after)}
        {cutAfter && '…'}
      </code>
    </li>
  );
}
