/** Where a seed is made and changed. */
import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { Page, Problem } from '../../components/page.tsx';
import { usePresets } from '../../presets.ts';

import { SeedForm } from './form.tsx';
import { seedLike, seedValues, seedWith } from './values.ts';

const route = getRouteApi('/inside/seeds/$id');
const newRoute = getRouteApi('/inside/seeds/new');
const PARENT = '/seeds';

export function NewSeed() {
  const { t } = useTranslation();
  const { like, address } = newRoute.useSearch();
  const presets = usePresets();
  const seeds = useQuery({ queryKey: ['seeds'], queryFn: api.seeds.list, enabled: like !== undefined });
  const found = seeds.data?.find((one) => one.id === like);
  const start = found
    ? seedLike(found)
    : address
      ? seedWith(seedValues(null), { address }, presets.data?.providers ?? [], false)
      : undefined;
  const isWaiting = seeds.isLoading || (address !== undefined && presets.isPending);
  return (
    <Page
      title={t('seed.add')}
      parents={[{ label: t('nav.seeds'), to: PARENT }]}
      lead={found ? t('accounts.likeLead', { name: found.address }) : t('seed.formLead')}
    >
      {isWaiting ? (
        <Skeleton height={480} className="form" radius="md" />
      ) : (
        <SeedForm key={found?.id} seed={null} start={start} />
      )}
    </Page>
  );
}

export function EditSeed() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { check } = route.useSearch();
  const seeds = useQuery({ queryKey: ['seeds'], queryFn: api.seeds.list });
  const seed = seeds.data?.find((one) => one.id === id);
  return (
    <Page title={seed?.address ?? t('word.seed')} parents={[{ label: t('nav.seeds'), to: PARENT }]}>
      {seeds.error && <Problem error={seeds.error} onRetry={() => void seeds.refetch()} />}
      {seeds.isPending && <Skeleton height={480} className="form" radius="md" />}
      {seeds.data && !seed && <Text>{t('seed.gone')}</Text>}
      {seed && <SeedForm key={seed.id} seed={seed} checkNow={check === true} />}
    </Page>
  );
}
