/** A domain's protocols at a glance, with their names, and what is wrong with it in words. */
import { useTranslation } from 'react-i18next';
import type { DomainJson } from '../../../server/api/json/domains.ts';
import { StandingSign, useStandingWords } from '../../components/standing-badge.tsx';
import { countedWrong, PROTOCOLS, type Protocol, protocolStanding } from './standing.ts';

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
