/**
 * A mail that is taken first and cannot be delivered later comes back to the sender's own address (RFC 3464). Unless that mailbox is a seed, nobody here sees it: the
 * probe is only missing. This says so, and offers to read it.
 */
import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import type { SenderJson } from '../../../server/api/json/senders.ts';
import { base } from '../../base.ts';
import { Panel } from '../../components/page.tsx';
import { unreadReturnAddress } from '../../guide.ts';

/** They give mail a return address of their own, or can be set to. */
const SERVICES: ReadonlySet<SenderJson['preset']> = new Set(['amazon-ses', 'sendgrid', 'mailgun', 'postmark']);

export function UnseenBounces({ senders, seeds }: { senders: readonly SenderJson[]; seeds: readonly SeedJson[] }) {
  const { t } = useTranslation();
  const byAddress = new Map<string, SenderJson>();
  for (const sender of senders) {
    const address = unreadReturnAddress(sender, seeds);
    if (address !== null) byAddress.set(address.toLowerCase(), sender);
  }
  if (byAddress.size === 0 || base !== '') return null;
  return (
    <Panel title={t('accounts.bouncesUnseen')}>
      <Text maw="84ch">{t('accounts.bouncesWhy')}</Text>
      <ul className="guide-list">
        {[...byAddress.values()].map((sender) => (
          <li key={sender.id}>
            <div className="break">
              <Text fw={600}>{sender.fromAddress}</Text>
              {SERVICES.has(sender.preset) && (
                <Text size="sm" c="dimmed">
                  {t('accounts.bouncesService')}
                </Text>
              )}
            </div>
            <Button
              component={Link}
              to={`/seeds/new?address=${encodeURIComponent(sender.fromAddress)}`}
              size="xs"
              variant="default"
            >
              {t('accounts.bouncesRead')}
              <span className="sr-only"> {sender.fromAddress}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
