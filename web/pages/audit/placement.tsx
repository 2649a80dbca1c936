/**
 * Where the mail really landed: the answer in words and rates with their intervals, by provider, beside the plain control mail if one was sent, and a tile per seed that
 * fills in while mail is found.
 */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ArmJson, AuditPlacementJson } from '../../../server/api/json/audits.ts';
import { useScheme } from '../../charts/palette.ts';
import { useNow } from '../../components/moment.tsx';
import { OutcomeMark } from '../../components/outcome.tsx';
import { Panel } from '../../components/page.tsx';
import { Headline, RateText } from '../../components/rate.tsx';
import { Rows } from '../../components/rows.tsx';
import { useFormat } from '../../language.ts';
import { tone } from '../../outcomes.ts';
import { useProviderName } from '../../presets.ts';
import { Grid, type TileProbe } from '../run/grid.tsx';
import { Whys } from './whys.tsx';

const RATES = ['inbox', 'tab', 'spam', 'missing'] as const;

export function Placement({ placement, audit }: { placement: AuditPlacementJson; audit: string }) {
  const { t } = useTranslation();
  const scheme = useScheme();
  const { campaign, control, landings, by } = placement;
  const repeats = Math.max(...landings.map(({ repeat }) => repeat), 0) + 1;
  const tilesOf = (arm: 'campaign' | 'control'): TileProbe[] =>
    landings
      .filter((one) => one.arm === arm)
      .map(({ probeId, seed, repeat, ...rest }) => ({
        ...rest,
        id: probeId,
        seed: repeats > 1 ? t('audit.repeatOf', { seed, n: repeat + 1 }) : seed,
        evidence: {},
      }));
  return (
    <Panel title={t('audit.placement')} note={t(by === 'watch' ? 'audit.placementWatched' : 'audit.placementSent')}>
      <Course placement={placement} />
      <section className="headlines placement-rates" aria-label={t('run.summary')}>
        {RATES.map((verdict) => (
          <Headline
            key={verdict}
            label={t(`audit.rate.${verdict}`)}
            mark={<OutcomeMark verdict={verdict} size={16} />}
            colour={tone(verdict, scheme).fill}
            rate={campaign[verdict]}
            comparison={null}
          />
        ))}
      </section>
      <Remarks placement={placement} />
      {placement.comparison !== null && control !== null && <Control placement={placement} control={control} />}
      {campaign.providers.length > 0 && <Providers placement={placement} />}
      <Whys placement={placement} />
      <h3 className="small-head">{t('run.seeds')}</h3>
      <Grid probes={tilesOf('campaign')} audit={audit} />
      {control !== null && (
        <details className="fact-more control-grid">
          <summary>{t('audit.controlSeeds')}</summary>
          <Grid probes={tilesOf('control')} audit={audit} />
        </details>
      )}
    </Panel>
  );
}

function Course({ placement: { campaign, control, state, endsAt } }: { placement: AuditPlacementJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const mails = campaign.mails + (control?.mails ?? 0);
  const decided = campaign.decided + (control?.decided ?? 0);
  return (
    <Text fw={600} role="status">
      {campaign.seeds > 0 &&
        `${t('audit.inInbox', { inbox: format.number(campaign.inbox.count), n: format.number(campaign.inbox.n) })} `}
      {t('run.progress', { done: format.number(decided), total: format.number(mails) })}
      {state === 'open' && (
        <Text span fw={400} c="dimmed">
          {' '}
          <time dateTime={endsAt} title={`${format.dateTimeWithSeconds(endsAt)} ${format.zoneName(endsAt)}`}>
            {Date.parse(endsAt) > now ? t('result.timeLeft', { time: format.relative(endsAt, now) }) : t('result.soon')}
          </time>
        </Text>
      )}
    </Text>
  );
}

/** What a reader must know to read the numbers right. */
function Remarks({ placement }: { placement: AuditPlacementJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { by, landings, fromReplaced, unsigned, sender, repeats, gapSeconds } = placement;
  const unseen = landings.filter(({ reason }) => reason === 'not-seen').length;
  const remarks = [
    ...(repeats > 1 ? [t('audit.repeats', { n: format.number(repeats), gap: format.span(gapSeconds * 1000) })] : []),
    ...(fromReplaced ? [t('audit.fromReplaced', { address: sender?.fromAddress ?? '' })] : []),
    ...(unsigned ? [t('audit.signaturesTakenOut')] : []),
    ...(by === 'watch' && unseen > 0 ? [t('audit.notSeen', { count: unseen })] : []),
  ];
  if (remarks.length === 0) return null;
  return (
    <ul className="remarks">
      {remarks.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  );
}

/** The campaign against the plain mail, said in words; the numbers behind it beneath. */
function Control({ placement, control }: { placement: AuditPlacementJson; control: ArmJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { comparison, campaign } = placement;
  if (comparison === null) return null;
  const { answer, p, both, onlyCampaign, onlyControl, none } = comparison;
  return (
    <section className="control-answer" aria-label={t('audit.control')}>
      <Text fw={650}>{t(`audit.controlAnswer.${answer}`)}</Text>
      <Text>{t(`audit.controlMeaning.${answer}`)}</Text>
      <Text size="sm">
        {t('audit.armCampaign')} <RateText rate={campaign.inbox} /> · {t('audit.armControl')}{' '}
        <RateText rate={control.inbox} />
      </Text>
      <Text size="xs" c="dimmed">
        {t('audit.pairs', {
          both: format.number(both),
          campaign: format.number(onlyCampaign),
          control: format.number(onlyControl),
          none: format.number(none),
        })}
        {p !== null && ` ${t(`audit.test.${comparison.test}`, { p: p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}` })}`}
      </Text>
    </section>
  );
}

type OfProvider = ArmJson['providers'][number];

function Providers({ placement: { campaign, control } }: { placement: AuditPlacementJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const providerName = useProviderName();
  const plain = new Map(control?.providers.map((one) => [one.provider, one]));
  return (
    <>
      <h3 className="small-head">{t('result.providers')}</h3>
      <Rows<OfProvider>
        label={t('result.providers')}
        rows={campaign.providers}
        rowKey={({ provider }) => provider}
        columns={[
          { key: 'provider', label: t('word.provider'), head: true, cell: ({ provider }) => providerName(provider) },
          { key: 'inbox', label: t('audit.rate.inbox'), cell: (one) => <Share rate={one.inbox} /> },
          ...(control === null
            ? []
            : [
                {
                  key: 'control',
                  label: t('audit.armControl'),
                  cell: ({ provider }: OfProvider) => {
                    const of = plain.get(provider);
                    return of ? <Share rate={of.inbox} /> : <span className="dim">–</span>;
                  },
                },
              ]),
          { key: 'tab', label: t('audit.rate.tab'), wide: true, cell: (one) => <Share rate={one.tab} /> },
          { key: 'spam', label: t('verdict.spam'), cell: (one) => <Share rate={one.spam} /> },
          {
            key: 'authentication',
            label: t('audit.passes'),
            wide: true,
            cell: ({ authentication: { spf, dkim, dmarc } }) => (
              <span className="dim">
                {[['SPF', spf] as const, ['DKIM', dkim] as const, ['DMARC', dmarc] as const]
                  .map(([name, { pass, of }]) => `${name} ${of === 0 ? '–' : `${pass}/${of}`}`)
                  .join(' · ')}
              </span>
            ),
          },
          {
            key: 'delay',
            label: t('result.medianDelay'),
            cell: ({ medianDelayMs }) =>
              medianDelayMs === null ? <span className="dim">–</span> : format.span(medianDelayMs),
          },
        ]}
      />
    </>
  );
}

/** A rate; of few seeds, the seeds themselves. */
function Share({ rate }: { rate: ArmJson['inbox'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <RateText rate={rate} />
      {!format.enough(rate) && rate.n > 0 && (
        <Text size="sm">{t('result.inboxOf', { inbox: format.number(rate.count), n: format.number(rate.n) })}</Text>
      )}
    </>
  );
}
