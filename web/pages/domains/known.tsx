/** What a check rests on besides DNS: selectors and addresses, given by the reader or seen in test mails. */
import { Button, FileButton } from '@mantine/core';
import { IconFileUpload, IconPencil } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DomainDetailsJson } from '../../../server/api/json/domains.ts';
import { api } from '../../api.ts';
import { notify } from '../../components/notices.tsx';
import { Panel, Problem } from '../../components/page.tsx';
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
          <ReadReports id={domain.id} />
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

/** Receivers' reports name the selectors of mail that no test mail goes with. */
function ReadReports({ id }: { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const read = useMutation({
    mutationFn: async (files: readonly File[]) => {
      for (const file of files) {
        const { reporter, added } = await api.domains.readReport(id, file);
        void notify(
          added.length > 0
            ? t('domain.known.readNew', { reporter, selectors: added.join(', ') })
            : t('domain.known.readNothing', { reporter }),
        );
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['domains'] }),
  });
  return (
    <div className="under-list">
      <FileButton
        multiple
        accept=".xml,.gz,.zip"
        inputProps={{ 'aria-label': t('domain.known.read') }}
        onChange={(files) => files.length > 0 && read.mutate(files)}
      >
        {(props) => (
          <Button
            {...props}
            size="xs"
            variant="default"
            loading={read.isPending}
            leftSection={<IconFileUpload size={15} aria-hidden />}
          >
            {t('domain.known.read')}
          </Button>
        )}
      </FileButton>
      <p className="dim">{t('domain.known.readNote')}</p>
      {read.error && <Problem error={read.error} />}
    </div>
  );
}

function Source({ source, seenAt }: { source: 'given' | 'seen' | 'reported'; seenAt: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const time = seenAt === null ? null : format.dateTime(seenAt);
  const words = [
    source === 'given' ? t('domain.known.given') : null,
    time === null ? null : t(source === 'reported' ? 'domain.known.reported' : 'domain.known.seen', { time }),
  ];
  return <span className="dim">{words.filter((word) => word !== null).join(' · ')}</span>;
}
