/**
 * What to publish at one name: one record that mends all that can be mended there, with what changes, the findings that go away by it, and which of two repairs
 * won where they contradict.
 */
import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FindingJson, ProposalJson } from '../../../server/api/json/domains.ts';
import { Copy } from '../../components/copy.tsx';
import { StandingSign } from '../../components/standing-badge.tsx';
import { Diff } from './diff.tsx';
import type { DomainWords } from './words.ts';

type Props = {
  proposal: ProposalJson;
  /** Of the card, numbered as they stand there. */
  findings: readonly { finding: FindingJson; number: number }[];
  words: DomainWords;
};

export function Proposal({ proposal, findings, words }: Props) {
  const { t } = useTranslation();
  const { name, type, values, instead, diff, notes } = proposal;
  const mended = findings.filter(({ finding }) => mends(proposal, finding));
  return (
    <section className="fix proposal" aria-label={t('domain.proposal.label', { name, type })}>
      <h3 className="fix-title">{t(instead.length > 0 ? 'domain.fix.title' : 'domain.fix.titleNew')}</h3>
      {mended.length > 0 && (
        <p className="proposal-lead">
          {t(values.length > 1 ? 'domain.proposal.mendsLines' : 'domain.proposal.mends', { count: mended.length })}
        </p>
      )}
      <dl>
        <dt>{t('domain.fix.name')}</dt>
        <dd>
          <span className="mono break" translate="no">
            {name}
          </span>
          <Copy text={name} label={t('domain.fix.copyName')} />
        </dd>
        <dt>{t('domain.fix.type')}</dt>
        <dd>
          <span className="mono" translate="no">
            {type}
          </span>
        </dd>
        <dt>{t('domain.fix.value')}</dt>
        {values.map((value) => (
          <dd key={value}>
            <span className="mono break" translate="no">
              {value}
            </span>
            <Copy text={value} label={t('domain.fix.copyValue')} />
          </dd>
        ))}
      </dl>
      {instead.length > 0 && (
        <>
          <h4>{t('domain.proposal.changes')}</h4>
          <Diff lines={diff} />
        </>
      )}
      {mended.length > 0 && (
        <>
          <h4>{t('domain.proposal.goesAway')}</h4>
          <ul className="first-fixes">
            {mended.map(({ finding, number }) => (
              <li key={number}>
                <StandingSign standing={finding.severity} />{' '}
                <a href={`#${anchorOf(finding, number)}`}>{words.finding(finding.id, finding.evidence).title}</a>
              </li>
            ))}
          </ul>
        </>
      )}
      {notes.map(({ reason, evidence }) => {
        const { title, meaning, todo } = words.note(reason, evidence);
        return (
          <p key={`${reason} ${JSON.stringify(evidence)}`} className="proposal-note">
            <IconInfoCircle size={16} aria-hidden />
            <span>
              <strong>{title}</strong>
              <span>{meaning}</span>
              <span>{todo}</span>
            </span>
          </p>
        );
      })}
    </section>
  );
}

/** What is only worth knowing is told with its finding; a record that another one needs stands with that one. */
export function isShown({ severity, mends: ids }: ProposalJson): boolean {
  return severity !== 'info' || ids.length === 0;
}

export function mends({ name, type, values }: ProposalJson, { fix }: FindingJson): boolean {
  return fix !== null && fix.name === name && fix.type === type && fix.value !== null && values.includes(fix.value);
}

export function anchorOf({ protocol }: FindingJson, number: number): string {
  return `${protocol}-${number}`;
}
