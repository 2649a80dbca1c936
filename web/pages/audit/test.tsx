/** A placement test of an audited mail: through which sender, to which seeds, with a plain mail beside it or without. It becomes an audit of its own. */
import { Alert, Anchor, Button, Group, NumberInput, Select, Stack, Switch, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { campaignApi } from '../../campaign-api.ts';
import { Problem } from '../../components/page.tsx';
import { SpanInput } from '../../components/span-input.tsx';
import { type Chosen, reachedBy, SeedChoice } from '../campaigns/seed-choice.tsx';

export function PlacementTest({ campaignId }: { campaignId: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const senders = useQuery({ queryKey: ['senders'], queryFn: api.senders.list });
  const seeds = useQuery({ queryKey: ['seeds'], queryFn: api.seeds.list });
  const [senderId, setSenderId] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Chosen>({ seedIds: [], seedTags: [] });
  const [control, setControl] = useState(true);
  const [repeats, setRepeats] = useState(1);
  const [within, setWithin] = useState(3600);
  const usable = (senders.data ?? []).filter(({ pausedAt, held }) => pausedAt === null && held === null);
  const sender = usable.find(({ id }) => id === senderId) ?? usable[0];
  const reached = reachedBy(seeds.data ?? [], chosen).length;
  const mails = reached * repeats * (control ? 2 : 1);
  const start = useMutation({
    mutationFn: () =>
      campaignApi.campaigns.audit(campaignId, {
        placement: { senderId: sender?.id ?? '', ...chosen, control, repeats, withinSeconds: within },
      }),
    onSuccess: async (audit) => {
      client.setQueryData(['audits', audit.id], audit);
      await client.invalidateQueries({ queryKey: ['campaigns'] });
      await navigate({ to: '/audits/$id', params: { id: audit.id } });
    },
  });
  if (senders.error || seeds.error)
    return (
      <Problem
        error={senders.error ?? seeds.error}
        onRetry={() => {
          void senders.refetch();
          void seeds.refetch();
        }}
      />
    );
  if (senders.data && seeds.data && (usable.length === 0 || seeds.data.length === 0))
    return (
      <Alert color="gray">
        <Text>{t('audit.testNeeds')}</Text>
        <Group gap="md" mt={4}>
          <Anchor component={Link} to="/senders">
            {t('nav.senders')}
          </Anchor>
          <Anchor component={Link} to="/seeds">
            {t('nav.seeds')}
          </Anchor>
        </Group>
      </Alert>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (sender && reached > 0) start.mutate();
      }}
    >
      <Stack gap="md" maw={720}>
        <Select
          label={t('word.sender')}
          allowDeselect={false}
          data={usable.map(({ id, name, fromAddress }) => ({ value: id, label: `${name} (${fromAddress})` }))}
          value={sender?.id ?? null}
          onChange={setSenderId}
        />
        <SeedChoice seeds={seeds.data ?? []} value={chosen} onChange={setChosen} />
        <Switch
          label={t('audit.withControl')}
          description={t('audit.withControlHint')}
          checked={control}
          onChange={(event) => setControl(event.currentTarget.checked)}
        />
        <Group gap="md" align="flex-start">
          <NumberInput
            label={t('audit.repeatsLabel')}
            description={t('audit.repeatsHint')}
            min={1}
            max={10}
            value={repeats}
            onChange={(value) => setRepeats(Math.min(10, Math.max(1, Number(value) || 1)))}
            w={260}
          />
          <SpanInput
            label={t('audit.within')}
            description={t('audit.withinHint')}
            value={within}
            onChange={setWithin}
          />
        </Group>
        {start.error && <Problem error={start.error} />}
        <Group gap="sm">
          <Button
            type="submit"
            leftSection={<IconSend size={16} aria-hidden />}
            loading={start.isPending}
            disabled={!sender || reached === 0}
          >
            {t('audit.startTest')}
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {t('audit.sendsMails', { count: mails })}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
