/** What Google, Yahoo and Microsoft ask of bulk senders, each answered from what can be seen, or with the word that it cannot be seen from here. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DomainDetailsJson, RequirementJson } from '../../../server/api/json/domains.ts';
import { Panel } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';
import { Status } from '../../components/status.tsx';
import type { DomainWords } from './words.ts';

const PROVIDERS = [
  { id: 'google', name: 'Google' },
  { id: 'yahoo', name: 'Yahoo' },
  { id: 'microsoft', name: 'Microsoft' },
] as const;
const KINDS = { met: 'good', 'not-met': 'bad', unseen: 'none', unasked: 'warn' } as const;

export function Checklist({ domain, words }: { domain: DomainDetailsJson; words: DomainWords }) {
  const { t } = useTranslation();
  const { checklist } = domain;
  const count = (answer: RequirementJson['answer']): number => checklist.filter((one) => one.answer === answer).length;
  return (
    <Panel title={t('domain.checklist.title')} note={t('domain.checklist.note')} flush>
      {checklist.length === 0 ? (
        <Text c="dimmed">{t('domain.checklist.after')}</Text>
      ) : (
        <>
          <p className="panel-words">
            {t('domain.checklist.summary', {
              met: count('met'),
              open: count('not-met'),
              unseen: count('unseen') + count('unasked'),
            })}
          </p>
          <Rows
            label={t('domain.checklist.title')}
            rows={checklist}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'requirement',
                label: t('domain.checklist.requirement'),
                head: true,
                cell: (one) => <Requirement requirement={one} words={words} domain={domain} />,
              },
              {
                key: 'answer',
                label: t('domain.checklist.answer'),
                cell: ({ answer, source }) => (
                  <div className="checklist-answer">
                    <Status kind={KINDS[answer]}>{t(`domain.checklist.answers.${answer}`)}</Status>
                    {source !== null && (
                      <Text size="xs" c="dimmed">
                        {t(`domain.checklist.source.${source}`)}
                      </Text>
                    )}
                  </div>
                ),
              },
              ...PROVIDERS.map(({ id, name }) => ({
                key: id,
                label: name,
                wide: true,
                cell: ({ providers }: RequirementJson) => (
                  <span className={providers[id] === 'required' ? undefined : 'dim'}>
                    {t(`domain.checklist.level.${providers[id] ?? 'none'}`)}
                  </span>
                ),
              })),
            ]}
          />
        </>
      )}
    </Panel>
  );
}

function Requirement({
  requirement: { id, providers, evidence, answer, findings },
  words,
  domain,
}: {
  requirement: RequirementJson;
  words: DomainWords;
  domain: DomainDetailsJson;
}) {
  const { t } = useTranslation();
  const { title, meaning, todo } = words.requirement(id, evidence);
  const found =
    answer === 'not-met' ? findings.flatMap((one) => domain.check?.findings.find((f) => f.id === one) ?? []) : [];
  return (
    <>
      {title}
      <div className="requirement">
        {meaning} {answer !== 'met' && todo}
        <div className="phone-only">
          {(['required', 'advised'] as const).map((level) => {
            const names = PROVIDERS.filter(({ id: one }) => providers[one] === level).map(({ name }) => name);
            return (
              names.length > 0 && (
                <div key={level}>{t(`domain.checklist.asked.${level}`, { names: names.join(t('check.join')) })}</div>
              )
            );
          })}
        </div>
        {found.map((finding) => (
          <div key={finding.id}>
            <a href={`#${finding.protocol}`}>{words.finding(finding.id, finding.evidence).title}</a>
          </div>
        ))}
      </div>
    </>
  );
}
