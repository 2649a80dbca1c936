/** How an outcome looks wherever it stands: a sign of its own shape, its colour, its word, and a clock when it came late. */
import {
  IconAlertTriangleFilled,
  IconArrowBackUp,
  IconBookmarkFilled,
  IconClockHour4,
  IconFolderFilled,
  IconHelpHexagon,
  IconHourglassLow,
  IconMailFilled,
  IconMailOff,
  IconProgress,
  IconSquareRoundedXFilled,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tab } from '../../server/probe/types.ts';
import { useScheme } from '../charts/palette.ts';
import { tone, type Verdict } from '../outcomes.ts';
import { useWords } from '../words.ts';

type Icon = ComponentType<{ size?: number | string; color?: string; 'aria-hidden'?: boolean }>;

const ICONS: Record<Verdict, Icon> = {
  inbox: IconMailFilled,
  tab: IconBookmarkFilled,
  other: IconFolderFilled,
  spam: IconAlertTriangleFilled,
  rejected: IconSquareRoundedXFilled,
  bounced: IconArrowBackUp,
  deferred: IconHourglassLow,
  missing: IconMailOff,
  unknown: IconHelpHexagon,
  waiting: IconProgress,
};

/** Its shape alone, in the colour of what it stands in. */
export function OutcomeIcon({ verdict, size = 15 }: { verdict: Verdict; size?: number | string }) {
  const Sign = ICONS[verdict];
  return <Sign size={size} aria-hidden />;
}

export function OutcomeMark({ verdict, size = 15 }: { verdict: Verdict; size?: number }) {
  const scheme = useScheme();
  const Sign = ICONS[verdict];
  return (
    <span
      className="mark"
      style={{ color: verdict === 'waiting' ? tone(verdict, scheme).text : tone(verdict, scheme).fill }}
    >
      <Sign size={size} aria-hidden />
    </span>
  );
}

type BadgeProps = { verdict: Verdict; tab?: Tab | null | undefined; late?: boolean; delay?: string | undefined };

export function OutcomeBadge({ verdict, tab, late = false, delay }: BadgeProps) {
  const { t } = useTranslation();
  const words = useWords();
  const scheme = useScheme();
  const { text, wash } = tone(verdict, scheme);
  const label = verdict === 'tab' && tab ? words(tab, {}, 'tabs').title : t(`verdict.${verdict}`);
  return (
    <span className={verdict === 'unknown' ? 'badge hatched' : 'badge'} style={{ color: text, backgroundColor: wash }}>
      <OutcomeMark verdict={verdict} />
      {label}
      {late && (
        <span className="badge-late">
          <IconClockHour4 size={13} aria-hidden />
          {delay === undefined ? t('verdict.late') : t('verdict.lateBy', { delay })}
        </span>
      )}
    </span>
  );
}
