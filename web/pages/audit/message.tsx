/** The mail itself in short: what it is, how large, what it is made of. */
import { useTranslation } from 'react-i18next';
import type { AuditResultJson } from '../../../server/api/json/audits.ts';
import { visible } from '../../components/invisible.ts';
import { Panel } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';
import { Facts } from '../domains/facts.tsx';

const MOST_PARTS = 12;

export function Message({ message }: { message: AuditResultJson['message'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { from, fromName, subject, preheader, languages, parts, size, images, links, date } = message;
  const names = new Intl.DisplayNames([format.locale], { type: 'language', fallback: 'code' });
  return (
    <Panel title={t('audit.message')}>
      <Facts
        facts={[
          [t('audit.from'), <bdi key="from">{visible(fromName ? `${fromName} <${from ?? ''}>` : (from ?? '–'))}</bdi>],
          [t('word.subject'), <bdi key="subject">{visible(subject ?? '–')}</bdi>],
          [t('audit.preheader'), preheader ? <bdi key="preheader">{visible(preheader.slice(0, 160))}</bdi> : null],
          [t('audit.date'), date === null ? null : visible(date)],
          [t('audit.size'), format.bytes(size)],
          [t('audit.holds'), t('audit.holdsCounts', { images: format.number(images), links: format.number(links) })],
          [t('audit.languages'), format.list(languages.map((one) => names.of(one) ?? one))],
        ]}
      />
      <h3 className="small-head">{t('audit.parts')}</h3>
      <ul className="part-tree">
        {parts.slice(0, MOST_PARTS).map(({ path, depth, type, charset, size, name }) => (
          <li key={path} style={{ paddingInlineStart: `${Math.min(depth, 6) * 16}px` }}>
            <span className="mono">{visible(type)}</span>{' '}
            <span className="dim">
              {[
                ...(type.startsWith('multipart/') ? [] : [format.bytes(size)]),
                ...(charset === null ? [] : [visible(charset)]),
                ...(name === null ? [] : [visible(name)]),
              ].join(' · ')}
            </span>
          </li>
        ))}
      </ul>
      {parts.length > MOST_PARTS && <p className="dim">{t('audit.partsMore', { count: parts.length - MOST_PARTS })}</p>}
    </Panel>
  );
}
