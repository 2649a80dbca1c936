/** The answer at the top: can the world trust this domain's mail, since when, and what to mend first. */
import { Text } from '@mantine/core';
import { IconHourglassLow, IconQuestionMark } from '@tabler/icons-react';
import type { ComponentType, CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DomainCheckJson, DomainDetailsJson } from '../../../server/api/json/domains.ts';
import { Moment } from '../../components/moment.tsx';
import { StandingSign, useTone } from '../../components/standing-badge.tsx';
import { useFormat } from '../../language.ts';
import { useCountWords } from './state.tsx';
import type { DomainWords } from './words.ts';

/** More than these are found on the cards. */
const MOST_FIRST = 4;

type Props = { domain: DomainDetailsJson; check: DomainCheckJson; words: DomainWords };

export function Verdict({ domain, check, words }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const counts = useCountWords();
  const state = domain.state ?? 'unknown';
  const { fill } = useTone(state);
  const first = check.findings.filter(({ severity }) => severity !== 'info').slice(0, MOST_FIRST);
  return (
    <section className="verdict" aria-label={t('word.state')} style={{ '--tile': fill } as CSSProperties}>
      <StandingSign standing={state} size={28} />
      <div className="verdict-words">
        <Text size="lg" fw={650}>
          {t(`domain.headline.${state}`)}
        </Text>
        <Text>{t(`domain.meaning.${state}`)}</Text>
        <Text size="sm" c="dimmed">
          {counts(domain.counts).join(t('check.join'))}
          {domain.since !== null && (
            <>
              {' · '}
              {t('time.since', { time: `${format.dateTime(domain.since)} ${format.zoneName(domain.since)}` })} (
              <Moment at={domain.since} />)
            </>
          )}
        </Text>
        {first.length > 0 && (
          <>
            <Text fw={600} mt="xs">
              {t('domain.firstFix')}
            </Text>
            <ol className="first-fixes">
              {first.map((finding) => (
                <li key={`${finding.id} ${JSON.stringify(finding.evidence)}`}>
                  <StandingSign standing={finding.severity} />{' '}
                  <a href={`#${finding.protocol}`}>{words.finding(finding.id, finding.evidence).title}</a>
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
    </section>
  );
}

/** What had no answer, and what seems to be gone: neither is a verdict. */
export function Open({ check, words }: Omit<Props, 'domain'>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {check.unasked.length > 0 && (
        <Notice Icon={IconHourglassLow} title={t('domain.unaskedTitle')}>
          <p>{t('domain.unaskedMeaning')}</p>
          <ul className="plain-list">
            {check.unasked.map(({ name, type, status, since }) => (
              <li key={`${name} ${type}`} className="break">
                {t('domain.unaskedLine', { name, type, status: words.code(status), time: format.dateTime(since) })}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {check.unconfirmed.length > 0 && (
        <Notice Icon={IconQuestionMark} title={t('domain.unconfirmedTitle')}>
          <p>{t('domain.unconfirmedMeaning')}</p>
          <ul className="plain-list">
            {check.unconfirmed.map(({ name, type, since }) => (
              <li key={`${name} ${type}`} className="break">
                {t('domain.unconfirmedLine', { name, type, time: format.dateTime(since) })}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}

function Notice({
  Icon,
  title,
  children,
}: {
  Icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  title: string;
  children: ReactNode;
}) {
  const { fill } = useTone('unasked');
  return (
    <section className="verdict" aria-label={title} style={{ '--tile': fill } as CSSProperties}>
      <span className="mark" style={{ color: fill }}>
        <Icon size={22} aria-hidden />
      </span>
      <div className="verdict-words">
        <Text fw={650}>{title}</Text>
        {children}
      </div>
    </section>
  );
}
