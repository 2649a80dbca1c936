/** A few lines of the mail's source around the place of a finding, which is underlined. All of it is a stranger's text. */
import { Fragment } from 'react';
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

/** @param numbered whether the numbers of the findings stand in it: beside a single finding its number says nothing */
export function Line({ line, numbered = false }: { line: ShownLine; numbered?: boolean }) {
  const { number, pieces, cutBefore, cutAfter } = line;
  const { t } = useTranslation();
  return (
    <li value={number}>
      <span className="source-number" aria-hidden="true">
        {number}
      </span>
      <code translate="no">
        {cutBefore && '…'}
        {pieces.map(({ text, mark }, at) => {
          const shown = visible(text, '\t');
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
            <Fragment key={at}>
              {mark === null || shown === '' ? shown : <mark data-finding={mark}>{shown}</mark>}
              {mark !== null && numbered && (
                <sup className="record-number">
                  <span className="sr-only">{t('audit.markedBy', { n: mark })}</span>
                  <span aria-hidden="true">{mark}</span>
                </sup>
              )}
            </Fragment>
          );
        })}
        {cutAfter && '…'}
      </code>
    </li>
  );
}
