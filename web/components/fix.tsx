/** What to publish, ready to be copied into whatever manages the zone. */
import { useTranslation } from 'react-i18next';
import type { FindingJson } from '../../server/api/json/domains.ts';
import { Copy } from './copy.tsx';
import './finding.css';

/** @param instead something stands there already */
export function Fix({ fix, instead }: { fix: NonNullable<FindingJson['fix']>; instead: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="fix">
      <p className="fix-title">{t(instead ? 'domain.fix.title' : 'domain.fix.titleNew')}</p>
      <dl>
        <dt>{t('domain.fix.name')}</dt>
        <dd>
          <span className="mono" translate="no">
            {fix.name}
          </span>
          <Copy text={fix.name} label={t('domain.fix.copyName')} />
        </dd>
        <dt>{t('domain.fix.type')}</dt>
        <dd>
          <span className="mono" translate="no">
            {fix.type}
          </span>
        </dd>
        <dt>{t('domain.fix.value')}</dt>
        <dd>
          {fix.value === null ? (
            <span className="dim">{t('domain.fix.unknown')}</span>
          ) : (
            <>
              <span className="mono" translate="no">
                {fix.value}
              </span>
              <Copy text={fix.value} label={t('domain.fix.copyValue')} />
            </>
          )}
        </dd>
      </dl>
    </div>
  );
}
