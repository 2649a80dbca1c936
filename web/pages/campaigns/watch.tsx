/** You send, we watch: the campaign leaves by its own system, to the seeds among all others, and what arrives there is audited. Here is said which seeds, and how a copy is known. */
import { Button, Group, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CampaignJson, RecogniseJson } from '../../../server/api/json/campaigns.ts';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { api } from '../../api.ts';
import { campaignApi } from '../../campaign-api.ts';
import { Empty, Page, Problem, RowsSkeleton } from '../../components/page.tsx';
import './campaigns.css';
import { PolicyChoice } from './policy-choice.tsx';
import type { Policy } from './policy-values.ts';
import { type Chosen, reachedBy, SeedChoice } from './seed-choice.tsx';
import { HEADERS, recogniseOf, type WatchValues, watchFaults } from './watch-values.ts';

const route = getRouteApi('/inside/campaigns/watch');
const HOUR = 3600;
const WINDOWS = [1, 6, 24, 72, 168].map((hours) => hours * HOUR);
const WAYS = ['token', 'header', 'from'] as const satisfies readonly RecogniseJson['by'][];

export function NewWatch() {
  const { t } = useTranslation();
  const { campaign: id } = route.useSearch();
  const seeds = useQuery({ queryKey: ['seeds'], queryFn: api.seeds.list });
  const campaign = useQuery({
    queryKey: ['campaigns', id],
    queryFn: () => campaignApi.campaigns.read(id ?? ''),
    enabled: id !== undefined,
  });
  const error = seeds.error ?? campaign.error;
  const ready = seeds.data && (id === undefined || campaign.data);
  return (
    <Page
      title={t('campaign.youSend')}
      parents={[
        { label: t('nav.campaigns'), to: '/campaigns' },
        ...(campaign.data ? [{ label: campaign.data.name, to: `/campaigns/${campaign.data.id}` }] : []),
      ]}
      lead={t('campaign.youSendLead')}
    >
      {error ? (
        <Problem
          error={error}
          onRetry={() => {
            void seeds.refetch();
            if (id !== undefined) void campaign.refetch();
          }}
        />
      ) : !ready ? (
        <RowsSkeleton rows={6} />
      ) : seeds.data.length === 0 ? (
        <section className="panel">
          <Empty
            title={t('campaign.needsSeeds')}
            action={
              <Button component={Link} to="/seeds" mt="xs">
                {t('nav.seeds')}
              </Button>
            }
          >
            {t('campaign.needsSeedsMeaning')}
          </Empty>
        </section>
      ) : (
        <WatchForm seeds={seeds.data} campaign={campaign.data ?? null} />
      )}
    </Page>
  );
}

function WatchForm({ seeds, campaign }: { seeds: readonly SeedJson[]; campaign: CampaignJson | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [values, setValues] = useState<WatchValues>({
    name: campaign?.name ?? '',
    by: 'token',
    header: HEADERS[0],
    headerName: '',
    value: '',
    from: campaign?.from ?? '',
    subject: campaign?.subject ?? '',
  });
  const [chosen, setChosen] = useState<Chosen>({
    seedTags: [],
    seedIds: seeds.filter(({ pausedAt }) => pausedAt === null).map(({ id }) => id),
  });
  const [window, setWindow] = useState(String(24 * HOUR));
  const [tried, setTried] = useState(false);
  const [policy, setPolicy] = useState<Policy | null>(null);
  const faults = tried ? watchFaults(values) : {};
  const said = (field: keyof WatchValues): string | undefined => {
    const fault = faults[field];
    return fault === undefined ? undefined : t(`campaign.fault.${fault}`);
  };
  const reached = reachedBy(seeds, chosen).length;
  const change = (part: Partial<WatchValues>): void => setValues({ ...values, ...part });
  const start = useMutation({
    mutationFn: async () => {
      const own = policy === null ? {} : { policy };
      const id = campaign?.id ?? (await campaignApi.campaigns.create({ name: values.name.trim(), ...own })).id;
      return campaignApi.campaigns.watch(id, {
        ...chosen,
        recognise: recogniseOf(values),
        windowSeconds: Number(window),
      });
    },
    onSuccess: async (watch) => {
      client.setQueryData(['watches', watch.id], watch);
      await client.invalidateQueries({ queryKey: ['campaigns'] });
      await navigate({ to: '/audits/$id', params: { id: watch.auditId } });
    },
  });
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.keys(watchFaults(values)).length === 0 && reached > 0) start.mutate();
      }}
    >
      <Stack gap="lg">
        <fieldset className="form-section">
          <legend>{t('campaign.what')}</legend>
          {campaign === null && (
            <TextInput
              label={t('campaign.name')}
              placeholder={t('campaign.nameExample')}
              required
              maxLength={200}
              value={values.name}
              error={said('name')}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
          )}
          <Radio.Group
            label={t('campaign.recognise')}
            description={t('campaign.recogniseHint')}
            value={values.by}
            onChange={(next) => change({ by: WAYS.find((way) => way === next) ?? 'token' })}
          >
            <Stack gap="sm" mt="xs">
              {WAYS.map((way) => (
                <Radio
                  key={way}
                  value={way}
                  label={t(`campaign.recogniseBy.${way}`)}
                  description={t(`campaign.recogniseByHint.${way}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          {values.by === 'header' && (
            <div className="pair">
              <div>
                <Select
                  label={t('campaign.headerName')}
                  allowDeselect={false}
                  data={[
                    ...HEADERS.map((name) => ({ value: name, label: name })),
                    { value: '', label: t('campaign.otherHeader') },
                  ]}
                  value={values.header}
                  onChange={(next) => change({ header: next ?? '' })}
                />
                {values.header === '' && (
                  <TextInput
                    mt="xs"
                    aria-label={t('campaign.otherHeader')}
                    required
                    value={values.headerName}
                    error={said('headerName')}
                    onChange={(event) => change({ headerName: event.currentTarget.value })}
                  />
                )}
              </div>
              <TextInput
                label={t('campaign.headerValue')}
                required
                value={values.value}
                error={said('value')}
                onChange={(event) => change({ value: event.currentTarget.value })}
              />
            </div>
          )}
          {values.by === 'from' && (
            <div className="pair">
              <TextInput
                label={t('campaign.fromOrDomain')}
                required
                value={values.from}
                error={said('from')}
                onChange={(event) => change({ from: event.currentTarget.value })}
              />
              <TextInput
                label={t('campaign.subjectPart')}
                value={values.subject}
                onChange={(event) => change({ subject: event.currentTarget.value })}
              />
            </div>
          )}
        </fieldset>
        <fieldset className="form-section">
          <legend>{t('campaign.where')}</legend>
          <SeedChoice seeds={seeds} value={chosen} onChange={setChosen} />
          {tried && reached === 0 && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {t('monitor.needsSeeds')}
            </Text>
          )}
          <Select
            label={t('campaign.window')}
            description={t('campaign.windowHint')}
            allowDeselect={false}
            maw={260}
            data={WINDOWS.map((seconds) => ({
              value: String(seconds),
              label:
                seconds < 24 * HOUR
                  ? t('campaign.hours', { count: seconds / HOUR })
                  : t('audit.days', { count: seconds / (24 * HOUR) }),
            }))}
            value={window}
            onChange={(next) => setWindow(next ?? String(24 * HOUR))}
          />
        </fieldset>
        {campaign === null && <PolicyChoice value={policy} onChange={setPolicy} />}
        {start.error && <Problem error={start.error} />}
        <Group gap="xs">
          <Button type="submit" loading={start.isPending} leftSection={<IconEye size={16} aria-hidden />}>
            {t('campaign.startWatching')}
          </Button>
          <Button component={Link} to="/campaigns" variant="default" disabled={start.isPending}>
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
