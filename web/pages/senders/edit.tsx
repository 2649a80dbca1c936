/** Where a sender is made and changed. */
import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { Page, Problem } from '../../components/page.tsx';

import { SenderForm } from './form.tsx';

const route = getRouteApi('/inside/senders/$id');
const newRoute = getRouteApi('/inside/senders/new');
const PARENT = '/senders';

export function NewSender() {
  const { t } = useTranslation();
  const { like } = newRoute.useSearch();
  const senders = useQuery({ queryKey: ['senders'], queryFn: api.senders.list, enabled: like !== undefined });
  const found = senders.data?.find((one) => one.id === like);
  // The password of the one copied stays with it, and two of one name could not be told apart.
  const copy = found && { ...found, name: t('accounts.copyName', { name: found.name }).slice(0, 100) };
  return (
    <Page
      title={t('sender.add')}
      parents={[{ label: t('nav.senders'), to: PARENT }]}
      lead={found ? t('accounts.copyLead', { name: found.name }) : t('sender.formLead')}
    >
      {senders.isLoading ? (
        <Skeleton height={480} className="form" radius="md" />
      ) : (
        <SenderForm key={found?.id} sender={null} copyOf={copy} />
      )}
    </Page>
  );
}

export function EditSender() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { check } = route.useSearch();
  const senders = useQuery({ queryKey: ['senders'], queryFn: api.senders.list });
  const sender = senders.data?.find((one) => one.id === id);
  return (
    <Page
      title={sender?.name ?? t('word.sender')}
      parents={[{ label: t('nav.senders'), to: PARENT }]}
      lead={sender?.fromAddress}
    >
      {senders.error && <Problem error={senders.error} onRetry={() => void senders.refetch()} />}
      {senders.isPending && <Skeleton height={480} className="form" radius="md" />}
      {senders.data && !sender && <Text>{t('sender.gone')}</Text>}
      {sender && <SenderForm key={sender.id} sender={sender} checkNow={check === true} />}
    </Page>
  );
}
