/** The card of a protocol: how it stands, what is published with the parts at fault marked, what was found, and what else is to be seen. */
import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DomainCheckJson, DomainDetailsJson, FindingJson } from '../../../server/api/json/domains.ts';
import { StandingBadge } from '../../components/standing-badge.tsx';
import { Findings } from './findings.tsx';
import { MarkedRecord } from './marked-record.tsx';
import { spansIn } from './spans.ts';
import { type Protocol, protocolStanding } from './standing.ts';
import { useProtocolName } from './state.tsx';
import type { DomainWords } from './words.ts';

/** What each card is given. */
export type CardProps = { domain: DomainDetailsJson; check: DomainCheckJson; words: DomainWords };

type Props = CardProps & {
  protocol: Protocol;
  /** The records that are there, and where. */
  records?: readonly { name: string; value: string }[];
  children?: ReactNode;
};

export function Card({ domain, check, words, protocol, records = [], children }: Props) {
  const { t } = useTranslation();
  const name = useProtocolName();
  const standing = protocolStanding(domain, protocol);
  const findings = findingsOf(check, protocol);
  return (
    <section className="panel protocol" id={protocol} aria-label={name(protocol)}>
      <header className="protocol-head">
        <Title order={2}>{name(protocol)}</Title>
        {standing !== null && <StandingBadge standing={standing} protocol={protocol} />}
        <span className="dim">{t(`domain.what.${protocol}`)}</span>
      </header>
      {records.map(({ name: at, value }, index) => (
        <MarkedRecord
          // biome-ignore lint/suspicious/noArrayIndexKey: the same text may stand there twice
          key={index}
          label={t('domain.record.label', { name: at })}
          name={at}
          record={value}
          spans={spansIn(value, findings)}
        />
      ))}
      <Findings
        findings={findings}
        proposals={check.proposals.filter((proposal) => proposal.protocol === protocol)}
        words={words}
        shown={records.map(({ value }) => value)}
      />
      {children}
    </section>
  );
}

export function findingsOf(check: DomainCheckJson, protocol: Protocol): FindingJson[] {
  return check.findings.filter((finding) => finding.protocol === protocol);
}
