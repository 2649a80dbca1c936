/**
 * What the receiver said of the sender's right to the name in From, beside what we found ourselves and, where the domain is watched, what it publishes. Each stands in
 * a column of its own; where the first two differ, the difference is named and explained.
 */
import { Alert, Anchor, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { MechanismJson, ProbeDetailsJson, PublishedJson } from '../../../server/api/json/probes.ts';
import { visible } from '../../components/invisible.ts';
import { Moment } from '../../components/moment.tsx';
import { ResultBadge } from '../../components/result-badge.tsx';
import { useWords } from '../../words.ts';
import { Absence } from './absence.tsx';
import { connectionOf } from './way.ts';

const MECHANISMS = ['spf', 'dkim', 'dmarc', 'arc'] as const;
type MechanismName = (typeof MECHANISMS)[number];
/** Each has a column of its own, in this order; none is ever filled from another. */
const WITNESSES = ['reported', 'verified'] as const;
type Facts = Record<string, unknown> | null;

export function Authentication({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const words = useWords();
  const { published } = probe.authentication;
  if (WITNESSES.every((witness) => probe.authentication[witness] === null)) return <Absence probe={probe} />;
  return (
    <>
      <table className="auth-table">
        <thead>
          <tr>
            <th scope="col">{t('auth.mechanism')}</th>
            {WITNESSES.map((witness) => (
              <th key={witness} scope="col">
                {t(`witness.${witness}`)}
              </th>
            ))}
            {published !== null && <th scope="col">{t('witness.published')}</th>}
          </tr>
        </thead>
        <tbody>
          {MECHANISMS.map((name) => (
            <tr key={name}>
              <th scope="row">
                {name.toUpperCase()}
                <span className="auth-what">{t(`auth.what.${name}`)}</span>
              </th>
              {WITNESSES.map((witness) => (
                <td key={witness} data-label={t(`witness.${witness}`)}>
                  <Fact fact={factOf(probe.authentication[witness], name)} />
                </td>
              ))}
              {published !== null && (
                <td data-label={t('witness.published')}>
                  <Published published={published} name={name} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {published !== null && <PublishedNote published={published} />}
      <Connection probe={probe} />
      <Ignored probe={probe} />
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
            // The pale hue cannot be read as words.
            styles={{ title: { color: 'var(--text)' } }}
            icon={<IconInfoCircle size={20} aria-hidden />}
            title={t('witness.disagree', {
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

function factOf(facts: Facts, name: MechanismName): MechanismJson | null {
  const fact = facts?.[name];
  return typeof fact === 'object' && fact !== null && 'result' in fact ? (fact as MechanismJson) : null;
}

/** What the From domain has in DNS, as of the last check of it: not of the moment the mail came. */
function Published({ published, name }: { published: PublishedJson; name: MechanismName }) {
  const { t } = useTranslation();
  const found =
    name === 'dkim'
      ? published.dkim.map(({ selector, ...rest }) => ({ label: t('witness.selector', { selector }), ...rest }))
      : name === 'arc'
        ? []
        : [{ label: null, ...published[name] }];
  if (found.length === 0) return <span className="dim">{t('witness.nothingToPublish')}</span>;
  return found.map(({ label, asked, record }) => (
    <div key={label}>
      {label !== null && <span className="dim break">{label} </span>}
      {record === null ? (
        <span className="dim">{t(asked === 'unasked' ? 'witness.publishedUnasked' : 'witness.publishedNone')}</span>
      ) : name === 'dkim' ? (
        <details className="fact-more">
          <summary>{t('witness.publishedKey')}</summary>
          <p className="mono">{record}</p>
        </details>
      ) : (
        <span className="mono">{record}</span>
      )}
    </div>
  ));
}

function PublishedNote({ published: { domain, domainId, checkedAt } }: { published: PublishedJson }) {
  const { t } = useTranslation();
  return (
    <Text size="sm" c="dimmed" mt="xs" className="break">
      {t('witness.publishedBy', { domain })} (<Moment at={checkedAt} />) ·{' '}
      <Anchor component={Link} to={`/domains/${domainId}`} inherit underline="always">
        {t('witness.publishedMore')}
      </Anchor>
    </Text>
  );
}

/** What SPF was checked for, or why nobody can check it again; and the word of a receiver that has one of its own for all of it. */
function Connection({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const words = useWords();
  const connection = connectionOf(probe);
  const problem = probe.boundary?.boundary as { why?: unknown } | undefined;
  const compauth = probe.authentication.reported?.compauth as { result?: unknown } | undefined;
  const lines: string[] = [];
  if (connection !== null)
    lines.push(
      connection.helo === null
        ? t('witness.cameFromPlain', { ip: connection.ip })
        : t('witness.cameFrom', { ip: connection.ip, helo: connection.helo }),
    );
  if (typeof problem?.why === 'string') {
    const { meaning, todo } = words(problem.why, {}, 'boundaries');
    lines.push(`${meaning} ${todo}`.trim());
  }
  if (typeof compauth?.result === 'string') lines.push(t('witness.compauth', { result: compauth.result }));
  return lines.map((line) => (
    <Text key={line} size="sm" c="dimmed" mt="xs" className="break">
      {line}
    </Text>
  ));
}

/** Anybody can write a header that looks like a receiver's word; those that were not believed are named, with the reason. */
function Ignored({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const words = useWords();
  const ignored = (probe.boundary?.ignored ?? []) as { why: string; authservId: string | null; value: string }[];
  if (ignored.length === 0) return null;
  return (
    <details className="fact-more">
      <summary>{t('witness.ignored', { count: ignored.length })}</summary>
      <ul>
        {ignored.map((one, at) => {
          const { title, meaning } = words(one.why, {}, 'ignored');
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same header may stand there twice
            <li key={at} className="break">
              <strong>{title}</strong> – {meaning}
              <div className="mono dim">{visible(one.value)}</div>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

/** One mechanism's result: the word, the domain, and in a sentence why it is not a pass. */
function Fact({ fact }: { fact: MechanismJson | null }) {
  const { t } = useTranslation();
  const words = useWords();
  if (fact === null) return <span className="dim">{t('witness.absent')}</span>;
  const details = [
    fact.domain,
    fact.selector === undefined ? undefined : t('witness.selector', { selector: fact.selector }),
    fact.keyBits === undefined ? undefined : t('witness.bits', { bits: fact.keyBits }),
    fact.aligned === undefined ? undefined : fact.aligned ? t('witness.aligned') : t('witness.notAligned'),
    fact.policy === undefined ? undefined : t('witness.policy', { policy: fact.policy }),
    fact.clientIp,
    fact.lookups === undefined ? undefined : t('witness.lookups', { n: fact.lookups }),
  ].filter((part) => part !== undefined && part !== '');
  const signatures = signaturesOf(fact);
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
      {fact.record && (
        <details className="fact-more">
          <summary>{t('witness.record')}</summary>
          <p className="mono">{fact.record}</p>
        </details>
      )}
      {signatures.length > 1 && (
        <details className="fact-more">
          <summary>{t('witness.signatures', { count: signatures.length })}</summary>
          <ul>
            {signatures.map((one, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a domain may sign twice
              <li key={at} className="break">
                <ResultBadge result={one.result} /> {one.domain}
                {one.selector === undefined ? '' : ` · ${t('witness.selector', { selector: one.selector })}`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** A mail may be signed by several: its author, and who sends it for them. */
function signaturesOf(fact: MechanismJson): MechanismJson[] {
  return Array.isArray(fact.signatures) ? (fact.signatures as MechanismJson[]) : [];
}
