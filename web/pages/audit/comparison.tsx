/** This audit against an earlier one of the same campaign: what got better, what got worse, what stayed. */
import { Select, Skeleton, Text } from '@mantine/core';
import { IconArrowDownRight, IconArrowUpRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { AuditItemJson, CampaignFindingJson, ComparisonJson } from '../../../server/api/json/audits.ts';
import { campaignApi } from '../../campaign-api.ts';
import { Panel, Problem } from '../../components/page.tsx';
import { RateText } from '../../components/rate.tsx';
import { StandingBadge } from '../../components/standing-badge.tsx';
import { useFormat } from '../../language.ts';
import type { CampaignWords } from './words.ts';

type Props = {
  id: string;
  /** Those of the campaign that are done, without this one; newest first. */
  others: readonly AuditItemJson[];
  chosen: string;
  onChoose: (id: string) => void;
  words: CampaignWords;
};

export function Comparison({ id, others, chosen, onChoose, words }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const comparison = useQuery({
    queryKey: ['audits', id, 'comparison', chosen],
    queryFn: () => campaignApi.audits.compare(id, chosen),
  });
  return (
    <Panel
      title={t('audit.compare')}
      note={t('audit.compareNote')}
      actions={
        <Select
          aria-label={t('audit.compareWith')}
          allowDeselect={false}
          size="xs"
          w={260}
          data={others.map((one) => ({
            value: one.id,
            label: `${format.dateTime(one.createdAt)} · ${one.verdict === null ? '' : words.verdict(one.verdict).title}`,
          }))}
          value={chosen}
          onChange={(next) => next !== null && onChoose(next)}
        />
      }
    >
      {comparison.data ? (
        <Compared comparison={comparison.data} words={words} />
      ) : comparison.error ? (
        <Problem error={comparison.error} onRetry={() => void comparison.refetch()} />
      ) : (
        <Skeleton height={160} />
      )}
    </Panel>
  );
}

function Compared({ comparison, words }: { comparison: ComparisonJson; words: CampaignWords }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { before, after, score, gone, added, stayed, placement, links, filters } = comparison;
  const verdict = (one: AuditItemJson): string => (one.verdict === null ? '–' : words.verdict(one.verdict).title);
  const points = (value: number | null): string => (value === null ? '–' : format.number(value));
  const views = (['rspamd', 'spamassassin'] as const).filter(
    (id) => filters[id].before !== null || filters[id].after !== null,
  );
  return (
    <>
      <table className="plain-table wrapping compare-table">
        <thead>
          <tr>
            <td />
            <th scope="col">{t('audit.then')}</th>
            <th scope="col">{t('audit.now')}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t('audit.verdict')}</th>
            <td>{verdict(before)}</td>
            <td>{verdict(after)}</td>
          </tr>
          <tr>
            <th scope="row">{t('audit.score')}</th>
            <td>{points(score.before)}</td>
            <td>{points(score.after)}</td>
          </tr>
          {views.map((id) => (
            <tr key={id}>
              <th scope="row">{id === 'rspamd' ? 'rspamd' : 'SpamAssassin'}</th>
              <td>{points(filters[id].before)}</td>
              <td>{points(filters[id].after)}</td>
            </tr>
          ))}
          {placement !== null && (
            <tr>
              <th scope="row">{t('verdict.inbox')}</th>
              <td>{placement.before ? <RateText rate={placement.before.inbox} /> : '–'}</td>
              <td>{placement.after ? <RateText rate={placement.after.inbox} /> : '–'}</td>
            </tr>
          )}
        </tbody>
      </table>
      {placement !== null && <Text mt="xs">{t(`audit.inboxChange.${placement.inbox}`)}</Text>}
      <div className="two-subs compare-lists">
        <Changes kind="better" findings={gone} words={words} />
        <Changes kind="worse" findings={added} words={words} />
      </div>
      {links.added.length + links.gone.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('audit.linksChanged', {
            added: format.number(links.added.length),
            gone: format.number(links.gone.length),
          })}
        </Text>
      )}
      {stayed.length > 0 && (
        <details className="fact-more">
          <summary>{t('audit.stayed', { count: stayed.length })}</summary>
          <List findings={stayed} words={words} />
        </details>
      )}
    </>
  );
}

function Changes({
  kind,
  findings,
  words,
}: {
  kind: 'better' | 'worse';
  findings: CampaignFindingJson[];
  words: CampaignWords;
}) {
  const { t } = useTranslation();
  const Icon = kind === 'better' ? IconArrowUpRight : IconArrowDownRight;
  return (
    <section aria-label={t(`audit.${kind}`)}>
      <h3 className={`change ${kind}`}>
        <Icon size={16} aria-hidden /> {t(`audit.${kind}`)}
      </h3>
      {findings.length === 0 ? (
        <Text c="dimmed">{t(`audit.nothing.${kind}`)}</Text>
      ) : (
        <List findings={findings} words={words} />
      )}
    </section>
  );
}

function List({ findings, words }: { findings: readonly CampaignFindingJson[]; words: CampaignWords }) {
  return (
    <ul className="compare-findings">
      {findings.map((finding, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same may be found twice
        <li key={at}>
          <StandingBadge standing={finding.severity} /> {words.finding(finding).title}
        </li>
      ))}
    </ul>
  );
}
