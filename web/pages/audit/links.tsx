/** Every link of the mail with what its page answered; those at fault first. Shown as text: nothing here leads anywhere. */
import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditResultJson } from '../../../server/api/json/audits.ts';
import { visible } from '../../components/invisible.ts';
import { Panel } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../language.ts';
import { type LinkState, linkState, sortLinks } from './link-state.ts';

type Link = AuditResultJson['links'][number];

const FEW = 12;
const KINDS = { ok: 'good', broken: 'bad', skipped: 'none' } as const satisfies Record<LinkState, string>;

export function Links({ links, offline, code }: { links: Link[]; offline: boolean; code: (word: string) => string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [all, setAll] = useState(false);
  const sorted = sortLinks(links);
  const broken = links.filter((one) => linkState(one) === 'broken').length;
  return (
    <Panel title={t('audit.links')} note={t('audit.linksNote')} flush={links.length > 0}>
      {links.length === 0 ? (
        <Text c="dimmed">{t(offline ? 'audit.linksOffline' : 'audit.linksNone')}</Text>
      ) : (
        <>
          <p className="panel-words">
            {broken === 0
              ? t('audit.linksFine', { count: links.length })
              : t('audit.linksBroken', { broken: format.number(broken), all: format.number(links.length) })}
          </p>
          <Rows
            label={t('audit.links')}
            rows={(all ? sorted : sorted.slice(0, FEW)).map((link, at) => ({ link, at }))}
            rowKey={({ at }) => String(at)}
            columns={[
              {
                key: 'url',
                label: t('audit.link'),
                head: true,
                cell: ({ link }) => (
                  <span className="break link-url" translate="no">
                    {visible(link.url)}
                  </span>
                ),
              },
              {
                key: 'answer',
                label: t('audit.answer'),
                cell: ({ link }) => (
                  <>
                    <Status kind={KINDS[linkState(link)]}>
                      {link.skipped !== null
                        ? t('audit.notOpened')
                        : link.failure !== null
                          ? code(link.failure)
                          : String(link.status)}
                    </Status>
                    {link.skipped !== null && (
                      <Text size="xs" c="dimmed">
                        {t(`audit.skipped.${link.skipped}`)}
                      </Text>
                    )}
                  </>
                ),
              },
              {
                key: 'final',
                label: t('audit.leadsTo'),
                cell: ({ link }) =>
                  link.final === null || link.redirects === 0 ? (
                    <span className="dim">–</span>
                  ) : (
                    <>
                      <span className="break link-final" translate="no">
                        {visible(hostOf(link.final))}
                      </span>
                      <Text size="xs" c="dimmed">
                        {t('audit.redirects', { count: link.redirects })}
                      </Text>
                    </>
                  ),
              },
              {
                key: 'time',
                label: t('audit.time'),
                wide: true,
                numeric: true,
                cell: ({ link }) =>
                  link.milliseconds === null ? (
                    <span className="dim">–</span>
                  ) : (
                    t('audit.ms', { ms: format.number(Math.round(link.milliseconds)) })
                  ),
              },
            ]}
          />
          {sorted.length > FEW && (
            <div className="inset">
              <Button variant="default" size="xs" aria-expanded={all} onClick={() => setAll(!all)}>
                {all ? t('audit.linksFewer') : t('audit.linksAll', { count: sorted.length })}
              </Button>
            </div>
          )}
        </>
      )}
    </Panel>
  );
}

function hostOf(address: string): string {
  return URL.parse(address)?.host ?? address;
}
