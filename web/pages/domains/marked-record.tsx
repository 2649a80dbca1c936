/** A record as it is in DNS, with the parts that findings point at underlined and numbered. */
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { cutAt, type Span } from './spans.ts';

type Props = { label: string; record: string; spans?: readonly Span[]; name?: string };

/** @param name where it stands, above it */
export function MarkedRecord({ label, record, spans = [], name }: Props) {
  const { t } = useTranslation();
  return (
    <figure className="record" aria-label={label}>
      {name !== undefined && <figcaption className="mono dim">{name}</figcaption>}
      <p className="record-text mono" translate="no">
        {cutAt(record, spans).map(({ text, marks, ends }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
          <Fragment key={at}>
            {marks.length === 0 ? text : <mark>{text}</mark>}
            {ends.map((number) => (
              <sup key={number} className="record-number">
                <span className="sr-only">{t('domain.record.marked', { n: number })}</span>
                <span aria-hidden="true">{number}</span>
              </sup>
            ))}
          </Fragment>
        ))}
      </p>
    </figure>
  );
}
