/** How a campaign or one of its audits stands, as a word with a sign, and in a line of words. */
import { Text } from '@mantine/core';
import { IconEye, IconProgress } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AuditItemJson } from '../../../server/api/json/audits.ts';
import { useScheme } from '../../charts/palette.ts';
import { useFormat } from '../../language.ts';
import { SIGN_TONES } from '../../outcomes.ts';
import { VERDICT_SIGNS } from './verdict-signs.ts';

export function VerdictBadge({ audit }: { audit: AuditItemJson }) {
  const { t } = useTranslation();
  const scheme = useScheme();
  const { state, verdict } = audit;
  if (verdict === null || state === 'refused' || state === 'failed') {
    const bad = state === 'refused' || state === 'failed';
    const { fill, text, wash } = SIGN_TONES[bad ? 'fail' : 'neutral'][scheme];
    const Icon = bad ? VERDICT_SIGNS['fix-first'].Icon : state === 'watching' ? IconEye : IconProgress;
    return (
      <span className="badge" style={{ color: text, backgroundColor: wash }}>
        <span className="mark" style={{ color: bad ? fill : text }}>
          <Icon size={14} aria-hidden />
        </span>
        {t(`campaign.auditState.${state}`)}
      </span>
    );
  }
  const { Icon, sign } = VERDICT_SIGNS[verdict];
  const { fill, text, wash } = SIGN_TONES[sign][scheme];
  return (
    <span className="badge" style={{ color: text, backgroundColor: wash }}>
      <span className="mark" style={{ color: fill }}>
        <Icon size={14} aria-hidden />
      </span>
      {t(`campaign.verdict.${verdict}`)}
    </span>
  );
}

const WRONG = ['critical', 'high', 'medium', 'low'] as const;

/** `Score 78: 1 critical, 2 serious`: the score never stands without what it lost it by. */
export function ScoreLine({ audit }: { audit: AuditItemJson }) {
  const { t } = useTranslation();
  const { score, counts } = audit;
  if (score === null || counts === null) return null;
  const wrong = WRONG.filter((severity) => counts[severity] > 0).map((severity) =>
    t(`campaign.count.${severity}`, { count: counts[severity] }),
  );
  return (
    <Text size="xs" c="dimmed">
      {t('campaign.score', {
        score,
        counts: wrong.length > 0 ? wrong.join(t('check.join')) : t('campaign.count.none'),
      })}
    </Text>
  );
}

export function PlacementLine({ audit }: { audit: AuditItemJson | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const placement = audit?.placement ?? null;
  if (placement === null) return <span className="dim">{t('campaign.notTested')}</span>;
  const { mails, decided, found, by } = placement;
  if (by === 'watch') return <>{t('campaign.seenOf', { seen: format.number(found), all: format.number(mails) })}</>;
  return (
    <>
      <span className="unbroken">
        {t('campaign.found', { found: format.number(found), mails: format.number(mails) })}
      </span>
      {decided < mails && (
        <Text size="xs" c="dimmed">
          {t('campaign.waiting', { count: mails - decided })}
        </Text>
      )}
    </>
  );
}
