/** How a domain, one of its protocols or a campaign stands: a word with a sign of its own shape, since colour alone says nothing to many. */
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconHourglassLow,
  IconInfoCircle,
  IconInfoCircleFilled,
  IconSquareRoundedXFilled,
  IconTool,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FindingJson } from '../../server/api/json/domains.ts';
import { useScheme } from '../charts/palette.ts';
import { SIGN_TONES } from '../outcomes.ts';
import type { Standing } from '../severity.ts';

type Protocol = FindingJson['protocol'];

const SIGNS = {
  critical: { Icon: IconSquareRoundedXFilled, sign: 'fail' },
  high: { Icon: IconAlertTriangleFilled, sign: 'fail' },
  medium: { Icon: IconAlertTriangleFilled, sign: 'temporary' },
  low: { Icon: IconTool, sign: 'neutral' },
  info: { Icon: IconInfoCircle, sign: 'neutral' },
  fine: { Icon: IconCircleCheckFilled, sign: 'pass' },
  unknown: { Icon: IconInfoCircleFilled, sign: 'neutral' },
  none: { Icon: IconCircleDashed, sign: 'neutral' },
  unasked: { Icon: IconHourglassLow, sign: 'temporary' },
} as const satisfies Record<Standing, unknown>;

export function useTone(standing: Standing) {
  const scheme = useScheme();
  return SIGN_TONES[SIGNS[standing].sign][scheme];
}

/** @param protocol whose: what is not there has a name of its own with some */
export function StandingBadge({ standing, protocol }: { standing: Standing; protocol?: Protocol | undefined }) {
  const words = useStandingWords();
  const { fill, text, wash } = useTone(standing);
  const { Icon } = SIGNS[standing];
  return (
    <span className="badge" style={{ color: text, backgroundColor: wash }}>
      <span className="mark" style={{ color: fill }}>
        <Icon size={14} aria-hidden />
      </span>
      {words(standing, protocol)}
    </span>
  );
}

export function StandingSign({ standing, size = 15 }: { standing: Standing; size?: number }) {
  const { fill } = useTone(standing);
  const { Icon } = SIGNS[standing];
  return (
    <span className="mark" style={{ color: fill }}>
      <Icon size={size} aria-hidden />
    </span>
  );
}

export function useStandingWords(): (standing: Standing, protocol?: Protocol) => string {
  const { t } = useTranslation();
  return (standing, protocol) => {
    if (standing === 'none')
      switch (protocol) {
        case 'dkim':
        case 'ptr':
        case 'mx':
        case 'dnssec':
        case 'blocklists':
          return t(`domain.absent.${protocol}`);
      }
    return t(`domain.state.${standing}`);
  };
}
