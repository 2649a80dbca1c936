/** What is published, what we verified in test mails, and what receivers reported, side by side and never merged. */
import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DomainDetailsJson, WitnessJson } from '../../../server/api/json/domains.ts';
import { Empty, Panel } from '../../components/page.tsx';
import { ResultBadge } from '../../components/result-badge.tsx';
import { useProviderName } from '../../presets.ts';

export function Witnesses({ domain }: { domain: DomainDetailsJson }) {
  const { t } = useTranslation();
  const { probes, witnesses, transport } = domain;
  const all = transport.encrypted + transport.plain;
  return (
    <Panel title={t('domain.witness.title')} note={t('domain.witness.note')}>
      {probes === 0 ? (
        <Empty
          title={t('domain.witness.none')}
          action={
            <Anchor component={Link} to="/monitors">
              {t('domain.witness.noneAction')}
            </Anchor>
          }
        >
          {t('domain.unwatchedNote')}
        </Empty>
      ) : (
        <>
          <table className="auth-table">
            <thead>
              <tr>
                <th scope="col">{t('auth.mechanism')}</th>
                <th scope="col">{t('domain.witness.published')}</th>
                <th scope="col">{t('auth.by.verified')}</th>
                <th scope="col">{t('auth.by.reported')}</th>
              </tr>
            </thead>
            <tbody>
              {witnesses.map((witness) => (
                <tr key={witness.mechanism}>
                  <th scope="row">
                    {witness.mechanism.toUpperCase()}
                    <span className="auth-what">{t(`auth.what.${witness.mechanism}`)}</span>
                  </th>
                  <td data-label={t('domain.witness.published')}>
                    <Published witness={witness} />
                  </td>
                  <td data-label={t('auth.by.verified')}>
                    <Words words={witness.verified} />
                  </td>
                  <td data-label={t('auth.by.reported')}>
                    <Words words={witness.reported} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {all > 0 && (
            <Text size="sm" c="dimmed" mt="xs">
              {t('domain.witness.transport', { encrypted: transport.encrypted, all })}
            </Text>
          )}
        </>
      )}
    </Panel>
  );
}

function Published({ witness: { mechanism, published } }: { witness: WitnessJson }) {
  const { t } = useTranslation();
  if (published.length === 0) return <span className="dim">{t('domain.witness.nothingPublished')}</span>;
  // A key is for machines to read: it stands on its card.
  if (mechanism === 'dkim') return <a href="#dkim">{t('domain.witness.keys', { count: published.length })}</a>;
  return published.map((record) => (
    <p key={record} className="mono witness-record">
      {record}
    </p>
  ));
}

/** Each leads to the newest mail it was said of. */
function Words({ words }: { words: readonly (WitnessJson['verified'][number] & { provider?: string })[] }) {
  const { t } = useTranslation();
  const name = useProviderName();
  if (words.length === 0) return <span className="dim">{t('domain.witness.noWord')}</span>;
  return (
    <ul className="witness-words">
      {words.map(({ result, probes, probeId, provider }) => (
        <li key={`${provider} ${result}`}>
          {provider !== undefined && <span>{name(provider)}</span>} <ResultBadge result={result} />{' '}
          <Anchor component={Link} to={`/probes/${probeId}`} size="sm">
            {t('domain.witness.count', { count: probes })}
          </Anchor>
        </li>
      ))}
    </ul>
  );
}
