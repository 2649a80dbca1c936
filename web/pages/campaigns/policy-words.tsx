/** What a policy asks, in words: a verdict says nothing to whoever does not know by what. The same words stand at a campaign and at its audits. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { campaignApi } from '../../campaign-api.ts';
import { useFormat } from '../../language.ts';
import { useProviderName } from '../../presets.ts';
import { useCampaignWords } from '../audit/words.ts';
import { ALL, type Policy, percentOf } from './policy-values.ts';

/** The default policies, and what is asked where a policy names no rate; they change only with the program. */
export function usePolicyDefaults() {
  return useQuery({
    queryKey: ['policy-defaults'],
    queryFn: campaignApi.policies.defaults,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function PolicyWords({ policy }: { policy: Policy }) {
  const { t } = useTranslation();
  const format = useFormat();
  const providerName = useProviderName();
  const placementRate = usePolicyDefaults().data?.placementRate;
  const { maxSeverity, minScore, requireAuthentication, ignore, maxFilterScore, minInboxRate, inboxRateBy } = policy;
  const rates = Object.entries(minInboxRate);
  // As it is asked for: rounded, 72.5% would be another policy.
  const share = (rate: number): string => `${format.number(percentOf(rate))}%`;
  const asked = [
    maxSeverity === 'critical'
      ? t('policy.asks.anySeverity')
      : t('policy.asks.severity', { severity: t(`domain.state.${maxSeverity}`) }),
    ...(minScore > 0 ? [t('policy.asks.score', { score: format.number(minScore) })] : []),
    ...(requireAuthentication.length > 0
      ? [t('policy.asks.authentication', { names: format.list(requireAuthentication.map((one) => one.toUpperCase())) })]
      : []),
    ...(['rspamd', 'spamassassin'] as const).flatMap((filter) => {
      const points = maxFilterScore[filter];
      const name = filter === 'rspamd' ? 'rspamd' : 'SpamAssassin';
      return points === undefined ? [] : [t('policy.asks.filter', { filter: name, points: format.number(points) })];
    }),
    ...rates.map(([provider, rate]) =>
      t(`policy.asks.rate.${inboxRateBy}`, {
        provider: provider === ALL ? t('percentile.allProviders') : providerName(provider),
        rate: share(rate),
      }),
    ),
    ...(rates.length === 0 && placementRate !== undefined
      ? [t(`policy.asks.rateIfTested.${inboxRateBy}`, { rate: share(placementRate) })]
      : []),
  ];
  return (
    <ul className="policy-asks">
      {asked.map((one) => (
        <li key={one}>{one}</li>
      ))}
      {ignore.length > 0 && (
        <li>
          <Accepted ids={ignore} />
        </li>
      )}
    </ul>
  );
}

/** By their titles; the sentences of findings are fetched only where there is one to name. */
function Accepted({ ids }: { ids: readonly string[] }) {
  const { t } = useTranslation();
  const { words } = useCampaignWords();
  const titles = words && new Map(words.catalogue().map(({ id, title }) => [id, title]));
  return (
    <>
      {t('policy.asks.ignore', { count: ids.length })}
      {titles !== null && ` ${ids.map((id) => titles.get(id) ?? id).join(t('policy.asks.between'))}`}
    </>
  );
}
