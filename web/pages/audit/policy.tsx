/** What the policy asks, in words: a verdict says nothing to whoever does not know by what. */
import { useTranslation } from 'react-i18next';
import type { AuditResultJson } from '../../../server/api/json/audits.ts';
import { useFormat } from '../../language.ts';
import { useProviderName } from '../../presets.ts';

export function Policy({ policy }: { policy: AuditResultJson['policy'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const providerName = useProviderName();
  const { maxSeverity, minScore, requireAuthentication, ignore, maxFilterScore, minInboxRate, inboxRateBy } = policy;
  const asked = [
    t('audit.asks.severity', { severity: t(`domain.state.${maxSeverity}`) }),
    ...(minScore > 0 ? [t('audit.asks.score', { score: format.number(minScore) })] : []),
    ...(requireAuthentication.length > 0
      ? [t('audit.asks.authentication', { names: format.list(requireAuthentication.map((one) => one.toUpperCase())) })]
      : []),
    ...Object.entries(maxFilterScore).flatMap(([filter, points]) =>
      points === undefined
        ? []
        : [
            t('audit.asks.filter', {
              filter: filter === 'rspamd' ? 'rspamd' : 'SpamAssassin',
              points: format.number(points),
            }),
          ],
    ),
    ...Object.entries(minInboxRate).map(([provider, rate]) =>
      t(`audit.asks.rate.${inboxRateBy}`, {
        provider: provider === '*' ? t('percentile.allProviders') : providerName(provider),
        rate: format.percent(rate),
      }),
    ),
    ...(ignore.length > 0 ? [t('audit.asks.ignore', { count: ignore.length })] : []),
  ];
  return (
    <details className="fact-more">
      <summary>{t('audit.policy')}</summary>
      <ul>
        {asked.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </details>
  );
}
