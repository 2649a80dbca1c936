/** The answer at the top: may it go? With what the policy says against it, and the score, which never stands without what it lost where. */
import { Text } from '@mantine/core';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditJson, AuditResultJson } from '../../../server/api/json/audits.ts';
import { useScheme } from '../../charts/palette.ts';
import { Moment } from '../../components/moment.tsx';
import { StandingSign } from '../../components/standing-badge.tsx';
import { SIGN_TONES } from '../../outcomes.ts';
import { useProviderName } from '../../presets.ts';
import { VERDICT_SIGNS } from '../campaigns/verdict-signs.ts';
import type { Found } from './found.ts';
import { JudgedBy } from './judged-by.tsx';
import type { CampaignWords } from './words.ts';

type Props = { result: AuditResultJson; found: readonly Found[]; words: CampaignWords };
/** `testing`: its mails are on their way, so the verdict is that of the mail alone. */
type VerdictProps = Props & { audit: AuditJson; testing: boolean };

export function Verdict({ audit, result, found, words, testing }: VerdictProps) {
  const { t } = useTranslation();
  const scheme = useScheme();
  const { Icon, sign } = VERDICT_SIGNS[result.verdict];
  const { fill } = SIGN_TONES[sign][scheme];
  const { title, meaning, todo } = words.verdict(result.verdict);
  return (
    <section
      className="verdict audit-verdict"
      aria-label={t('audit.verdict')}
      style={{ '--tile': fill } as CSSProperties}
      aria-live="polite"
    >
      <span className="mark" style={{ color: fill }}>
        <Icon size={32} aria-hidden />
      </span>
      <div className="verdict-words">
        <Text component="h2" fz="xl" fw={650} lh={1.3} m={0}>
          {title}
        </Text>
        <Text>{meaning}</Text>
        {result.reasons.length > 0 && (
          <ul className="verdict-reasons">
            {result.reasons.map((reason) => (
              <li key={JSON.stringify(reason)}>
                <Reason reason={reason} found={found} words={words} />
              </li>
            ))}
          </ul>
        )}
        <Text fw={500}>{testing ? t('audit.stillTesting') : todo}</Text>
        <Text size="xs" c="dimmed" mt={4}>
          {t('audit.auditedAt')} <Moment at={result.auditedAt} exact />
          {result.judgedAt !== undefined && (
            <>
              {' · '}
              {t('audit.judgedAnew')} <Moment at={result.judgedAt} exact />
            </>
          )}
          {result.offline && ` · ${t('audit.offline')}`}
        </Text>
        <JudgedBy audit={audit} policy={result.policy} />
      </div>
      <Score result={result} found={found} words={words} />
    </section>
  );
}

/** Reasons that say what could not be seen, not what is wrong. */
const UNSEEN = /-(?:unknown|untested|unclear)$/;

/** A finding that stands against it is named by its title, and leads to it. */
function Reason({
  reason,
  found,
  words,
}: {
  reason: AuditResultJson['reasons'][number];
  found: readonly Found[];
  words: CampaignWords;
}) {
  const { t } = useTranslation();
  const providerName = useProviderName();
  const id = typeof reason.id === 'string' ? reason.id : null;
  const of = id === null ? undefined : found.find(({ finding }) => finding.id === id);
  const { mechanism, provider, filter } = reason;
  // As people call them.
  const named = {
    ...reason,
    ...(typeof mechanism === 'string' ? { mechanism: mechanism.toUpperCase() } : {}),
    ...(filter === 'spamassassin' ? { filter: 'SpamAssassin' } : {}),
    ...(typeof provider === 'string'
      ? { provider: provider === '*' ? t('percentile.allProviders') : providerName(provider) }
      : {}),
  };
  if (reason.reason !== 'finding-too-grave' || of === undefined)
    return (
      <>
        <StandingSign standing={UNSEEN.test(reason.reason) ? 'unasked' : 'high'} /> {words.reason(named).meaning}
      </>
    );
  return (
    <>
      <StandingSign standing={of.finding.severity} />
      <span className="sr-only">{t(`domain.state.${of.finding.severity}`)}</span>{' '}
      <a href={`#${of.anchor}`}>{words.finding(of.finding).title}</a>
    </>
  );
}

function Score({ result: { score }, found, words }: Props) {
  const { t } = useTranslation();
  const most = Math.max(1, ...score.lost.map(({ points }) => points));
  const lost = score.lost.filter(({ points }) => points > 0);
  return (
    <div className="audit-score">
      <Text size="sm" fw={600}>
        {t('audit.score')}
      </Text>
      <div className="headline-number">
        {score.points}
        <span className="dim"> / 100</span>
      </div>
      <Text size="xs" c="dimmed">
        {lost.length === 0 ? t('audit.lostNothing') : t('audit.lost')}
      </Text>
      <ul className="score-lost">
        {lost.slice(0, 8).map(({ id, points }) => {
          const of = found.find(({ finding }) => finding.id === id);
          const title = of ? words.finding(of.finding).title : words.title(id);
          return (
            <li key={id}>
              <span className="score-points">−{points}</span>
              {of ? <a href={`#${of.anchor}`}>{title}</a> : title}
              <span className="score-bar" aria-hidden="true">
                <span style={{ width: `${(points / most) * 100}%` }} />
              </span>
            </li>
          );
        })}
      </ul>
      {lost.length > 8 && (
        <Text size="xs" c="dimmed">
          {t('audit.lostMore', {
            count: lost.length - 8,
            points: lost.slice(8).reduce((sum, one) => sum + one.points, 0),
          })}
        </Text>
      )}
    </div>
  );
}
