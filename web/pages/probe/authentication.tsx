/**
 * What the receiver said of the sender's right to the name in From, beside what we found ourselves. The two stand in columns of their own; where they differ,
 * the difference is named and explained.
 */
import { Alert, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { MechanismJson, ProbeDetailsJson } from '../../../server/api/json/probes.ts';
import { ResultBadge } from '../../components/outcome.tsx';
import { useWords } from '../../words.ts';

const MECHANISMS = ['spf', 'dkim', 'dmarc', 'arc'] as const;
type MechanismName = (typeof MECHANISMS)[number];

export function Authentication({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const words = useWords();
  const { reported, verified } = probe.authentication;
  if (reported === null && verified === null) return <Text c="dimmed">{t('probe.noAuthentication')}</Text>;
  const of = (facts: Record<string, unknown> | null, name: MechanismName): MechanismJson | null => {
    const fact = facts?.[name];
    return typeof fact === 'object' && fact !== null && 'result' in fact ? (fact as MechanismJson) : null;
  };
  return (
    <>
      <table className="auth-table">
        <thead>
          <tr>
            <th scope="col">{t('auth.mechanism')}</th>
            <th scope="col">{t('auth.reported')}</th>
            <th scope="col">{t('auth.verified')}</th>
          </tr>
        </thead>
        <tbody>
          {MECHANISMS.map((name) => (
            <tr key={name}>
              <th scope="row">
                <abbr title={t(`auth.what.${name}`)} style={{ textDecoration: 'none' }}>
                  {name.toUpperCase()}
                </abbr>
              </th>
              <td data-label={t('auth.reported')}>
                <Fact fact={of(reported, name)} />
              </td>
              <td data-label={t('auth.verified')}>
                <Fact fact={of(verified, name)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {probe.disagreements.map((one) => {
        const { title, meaning, todo } = words(
          one.reason,
          { ...one.evidence, mechanism: one.mechanism.toUpperCase() },
          'disagreements',
        );
        return (
          <Alert
            key={`${one.mechanism} ${one.reason}`}
            mt="sm"
            color="yellow"
            icon={<IconInfoCircle size={20} aria-hidden />}
            title={t('auth.disagree', {
              mechanism: one.mechanism.toUpperCase(),
              reported: one.reported,
              verified: one.verified,
            })}
          >
            <Text fw={600}>{title}</Text>
            <Text>
              {meaning} {todo}
            </Text>
          </Alert>
        );
      })}
    </>
  );
}

/** One mechanism's result: the word, the domain, and in a sentence why it is not a pass. */
function Fact({ fact }: { fact: MechanismJson | null }) {
  const { t } = useTranslation();
  const words = useWords();
  if (fact === null) return <ResultBadge result={null} />;
  const details = [
    fact.domain,
    fact.selector === undefined ? undefined : t('auth.selector', { selector: fact.selector }),
    fact.keyBits === undefined ? undefined : t('auth.bits', { bits: fact.keyBits }),
    fact.aligned === undefined ? undefined : fact.aligned ? t('auth.aligned') : t('auth.notAligned'),
    fact.policy === undefined ? undefined : t('auth.policy', { policy: fact.policy }),
    fact.clientIp,
  ].filter((part) => part !== undefined && part !== '');
  const why = fact.reason === undefined ? null : words(fact.reason, { ...fact }, 'reasons');
  return (
    <>
      <ResultBadge result={fact.result} />
      {details.length > 0 && (
        <Text size="sm" c="dimmed" className="break" mt={4}>
          {details.join(' · ')}
        </Text>
      )}
      {why && (
        <Text size="sm" mt={4} className="break">
          {why.meaning} <span className="dim">{why.todo}</span>
        </Text>
      )}
      {fact.comment && (
        <Text mt={4} className="mono dim">
          {fact.comment}
        </Text>
      )}
    </>
  );
}
