/** How a domain or one of its protocols stands: a word with a sign of its own shape, since colour alone says nothing to many. */
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
import type { DomainJson } from '../../../server/api/json/domains.ts';
import { useScheme } from '../../charts/palette.ts';
import { SIGN_TONES } from '../../outcomes.ts';
import { countedWrong, PROTOCOLS, type Protocol, protocolStanding, type Standing } from './standing.ts';

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

/** Names are the same in every language, but for what is no name. */
export function useProtocolName(): (protocol: Protocol) => string {
  const { t } = useTranslation();
  return (protocol) => (protocol === 'blocklists' ? t('domain.blocklists') : protocol.toUpperCase());
}

/** All protocols at a glance. */
export function ProtocolChips({ domain, links = false }: { domain: DomainJson; links?: boolean }) {
  const { t } = useTranslation();
  const name = useProtocolName();
  const words = useStandingWords();
  return (
    <ul className={links ? 'protocol-chips large' : 'protocol-chips'}>
      {PROTOCOLS.map((protocol) => {
        const standing = protocolStanding(domain, protocol);
        if (standing === null) return null;
        const said = words(standing, protocol);
        return (
          <li key={protocol}>
            {links ? (
              <a href={`#${protocol}`} className="protocol-chip">
                <span className="protocol-chip-name">
                  <StandingSign standing={standing} />
                  {name(protocol)}
                </span>
                <span className="protocol-chip-state">{said}</span>
              </a>
            ) : (
              <span className="protocol-chip" title={t('domain.chip', { protocol: name(protocol), state: said })}>
                <StandingSign standing={standing} size={13} />
                {name(protocol)}
                <span className="sr-only">{said}</span>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** What is wrong, by how grave it is, in words. */
export function useCountWords(): (counts: DomainJson['counts']) => string[] {
  const { t } = useTranslation();
  return (counts) => {
    const wrong = countedWrong(counts).map(([severity, count]) => t(`domain.counts.${severity}`, { count }));
    return wrong.length > 0 ? wrong : [t('domain.counts.none')];
  };
}
