/** What a check rests on besides DNS: selectors and addresses, given by the reader or seen in test mails. */
import { Button } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DomainDetailsJson } from '../../../server/api/json/domains.ts';
import { Panel } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';

export function Known({ domain }: { domain: DomainDetailsJson }) {
  const { t } = useTranslation();
  const { selectors, ips } = domain.known;
  return (
    <Panel
      title={t('domain.known.title')}
      note={t('domain.known.note')}
      actions={
        <Button
          component={Link}
          to={`/domains/${domain.id}/edit`}
          size="xs"
          variant="default"
          leftSection={<IconPencil size={15} aria-hidden />}
        >
          {t('action.edit')}
        </Button>
      }
    >
      <div className="two-subs">
        <section aria-label={t('domain.known.selectors')}>
          <h3>{t('domain.known.selectors')}</h3>
          {selectors.length === 0 ? (
            <p className="dim">{t('domain.known.noSelectors')}</p>
          ) : (
            <ul className="plain-list">
              {selectors.map((one) => (
                <li key={one.selector}>
                  <span className="mono">{one.selector}</span> <Source {...one} />
                </li>
              ))}
            </ul>
          )}
        </section>
        <section aria-label={t('domain.known.ips')}>
          <h3>{t('domain.known.ips')}</h3>
          {ips.length === 0 ? (
            <p className="dim">{t('domain.known.noIps')}</p>
          ) : (
            <ul className="plain-list">
              {ips.map((one) => (
                <li key={one.ip}>
                  <span className="mono">{one.ip}</span> <Source {...one} />
                  {one.helo !== null && <div className="dim break">{t('domain.known.helo', { name: one.helo })}</div>}
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </Panel>
  );
}

function Source({ source, seenAt }: { source: 'given' | 'seen'; seenAt: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = [
    source === 'given' ? t('domain.known.given') : null,
    seenAt === null ? null : t('domain.known.seen', { time: format.dateTime(seenAt) }),
  ];
  return <span className="dim">{words.filter((word) => word !== null).join(' · ')}</span>;
}
