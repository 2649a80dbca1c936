/** What a check found about one protocol: what to publish, once; then what each finding means and what to do. What is only worth knowing is folded away. */
import { IconCircleCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FindingJson, ProposalJson } from '../../../server/api/json/domains.ts';
import { Finding, FindingNumber } from '../../components/finding.tsx';
import { Fix } from '../../components/fix.tsx';
import { Moment } from '../../components/moment.tsx';
import { useFormat } from '../../language.ts';
import { MarkedRecord } from './marked-record.tsx';
import { anchorOf, isShown, mends, Proposal } from './proposal.tsx';
import { spansIn } from './spans.ts';
import type { DomainWords } from './words.ts';

type Props = {
  findings: readonly FindingJson[];
  /** Of the same protocol. */
  proposals: readonly ProposalJson[];
  words: DomainWords;
  /** Records that stand on the card already, marked; another one is shown with its finding. */
  shown: readonly string[];
};

export function Findings({ findings, proposals, words, shown }: Props) {
  const { t } = useTranslation();
  const numbered = findings.map((finding, at) => ({ finding, number: at + 1 }));
  const wrong = numbered.filter(({ finding }) => finding.severity !== 'info');
  const known = numbered.filter(({ finding }) => finding.severity === 'info');
  const offered = proposals.filter(isShown);
  /** A record of its own is shown only where none mends it together with others. */
  const isMended = (finding: FindingJson): boolean => offered.some((proposal) => mends(proposal, finding));
  return (
    <>
      {offered.map((proposal) => (
        <Proposal key={`${proposal.type} ${proposal.name}`} proposal={proposal} findings={numbered} words={words} />
      ))}
      {wrong.map(({ finding, number }) => (
        <DomainFinding
          key={number}
          finding={finding}
          number={number}
          words={words}
          shown={shown}
          mended={isMended(finding)}
        />
      ))}
      {known.length > 0 && (
        <details className="fact-more known-findings">
          <summary>{t('domain.finding.worthKnowing', { count: known.length })}</summary>
          {known.map(({ finding, number }) => {
            const { title, meaning, todo } = words.finding(finding.id, finding.evidence);
            return (
              <div key={number} id={anchorOf(finding, number)} className="finding info">
                <p>
                  <strong>
                    <FindingNumber number={isMarked(finding) ? number : null} />
                    {title}
                  </strong>
                </p>
                <p>{meaning}</p>
                <p className="dim">{todo}</p>
                {finding.fix?.value && !isMended(finding) && <Fix fix={finding.fix} instead={replaces(finding)} />}
              </div>
            );
          })}
        </details>
      )}
    </>
  );
}

function DomainFinding({
  finding,
  number,
  words,
  shown,
  mended,
}: {
  finding: FindingJson;
  number: number;
  words: DomainWords;
  shown: readonly string[];
  mended: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, evidence, severity, since, fix } = finding;
  const record = typeof evidence.record === 'string' ? evidence.record : null;
  return (
    <Finding
      words={words.finding(id, evidence)}
      severity={severity}
      number={isMarked(finding) ? number : null}
      note={
        <span className="finding-since" title={format.dateTime(since)}>
          {t('domain.finding.since', { time: format.date(since) })} (<Moment at={since} />)
        </span>
      }
      place={
        record !== null &&
        !shown.includes(record) && (
          <MarkedRecord
            label={t('domain.record.label', { name: String(evidence.name ?? evidence.domain ?? '') })}
            record={record}
            spans={spansIn(record, [finding]).map((span) => ({ ...span, number }))}
          />
        )
      }
      toDo={t('domain.finding.todo')}
      anchor={anchorOf(finding, number)}
    >
      {mended ? (
        <p className="finding-mended">
          <IconCircleCheck size={16} aria-hidden /> {t('domain.proposal.mended', { name: fix?.name })}
        </p>
      ) : (
        fix && <Fix fix={fix} instead={replaces(finding)} />
      )}
    </Finding>
  );
}

/** Its number stands in the record too. */
function isMarked({ evidence: { record, start, end } }: FindingJson): boolean {
  return typeof record === 'string' && typeof start === 'number' && typeof end === 'number';
}

/** Something stands there already. */
function replaces({ evidence, fix }: FindingJson): boolean {
  const there = typeof evidence.record === 'string' || Array.isArray(evidence.records);
  return there && fix?.name === (evidence.name ?? evidence.domain ?? fix?.name);
}
