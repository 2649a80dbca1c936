/** How long raw mails and results are kept. The counts of each hour, from which every chart is drawn, stay for ever. */
import { Button, Group, NumberInput, Select, Skeleton, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { ConfirmDelete } from '../../components/confirm.tsx';
import { notify } from '../../components/notices.tsx';
import { Panel, Problem } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';
import { settingsQuery } from '../../settings.ts';
import { isDays, type Keeping, loses } from './keeping.ts';

const USUAL = [30, 90, 180, 365, 730];
const FOR_EVER = 'for-ever';
const OWN = 'own';

export function Retention() {
  const { t } = useTranslation();
  const settings = useQuery(settingsQuery);
  return (
    <Panel title={t('settings.section.retention')} note={t('retention.note')}>
      {settings.data ? (
        // A change made elsewhere begins the form anew.
        <Form key={JSON.stringify(settings.data.retention)} kept={settings.data.retention} />
      ) : settings.error ? (
        <Problem error={settings.error} onRetry={() => void settings.refetch()} />
      ) : (
        <Stack gap="md" maw={440} aria-hidden="true">
          <Skeleton height={84} />
          <Skeleton height={84} />
          <Skeleton height={36} width={96} />
        </Stack>
      )}
    </Panel>
  );
}

function Form({ kept }: { kept: Keeping }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const about = useQuery({ queryKey: ['about'], queryFn: api.about });
  const [wanted, setWanted] = useState(kept);
  const [asking, setAsking] = useState(false);
  const save = useMutation({
    mutationFn: () => api.settings.change({ retention: wanted }),
    onSuccess: (settings) => {
      client.setQueryData(settingsQuery.queryKey, settings);
      void notify(t('retention.saved'));
    },
  });
  const database = about.data?.database;
  const oldest = database?.oldestRunAt ?? null;
  const born = [oldest, database?.oldestCampaignAt ?? null].flatMap((at) => (at === null ? [] : [Date.parse(at)]));
  const lost = loses(kept, wanted, born.length === 0 ? null : Math.min(...born), Date.now());
  const limit = lost.probes ? wanted.probeDays : wanted.messageDays;
  const same = wanted.messageDays === kept.messageDays && wanted.probeDays === kept.probeDays;
  const valid = isDays(wanted.messageDays) && isDays(wanted.probeDays);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (lost.messages || lost.probes) setAsking(true);
        else save.mutate();
      }}
    >
      <Stack gap="md" maw={440}>
        <KeptFor
          label={t('retention.messages')}
          description={
            database
              ? t('retention.messagesNow', {
                  count: database.messages,
                  n: format.number(database.messages),
                  size: format.bytes(database.messageBytes),
                })
              : t('retention.messagesHint')
          }
          forEver={t('retention.likeProbes')}
          value={wanted.messageDays}
          onChange={(messageDays) => setWanted({ ...wanted, messageDays })}
        />
        <KeptFor
          label={t('retention.probes')}
          description={
            database && oldest !== null
              ? t('retention.probesNow', {
                  count: database.runs,
                  n: format.number(database.runs),
                  date: format.date(oldest),
                })
              : t('retention.probesHint')
          }
          forEver={t('retention.forEver')}
          value={wanted.probeDays}
          onChange={(probeDays) => setWanted({ ...wanted, probeDays })}
        />
        <Text size="sm" c="dimmed">
          {t('retention.stays')}
        </Text>
        {save.error && <Problem error={save.error} />}
        <Group gap="xs">
          <Button type="submit" disabled={same || !valid || about.isPending} loading={save.isPending}>
            {t('form.save')}
          </Button>
          {!same && (
            <Button variant="default" onClick={() => setWanted(kept)}>
              {t('action.cancel')}
            </Button>
          )}
        </Group>
      </Stack>
      <ConfirmDelete
        opened={asking}
        title={t('retention.confirm')}
        destroys={[
          ...(lost.probes ? [t('retention.destroysProbes', { days: format.number(wanted.probeDays ?? 0) })] : []),
          ...(lost.messages ? [t('retention.destroysMessages', { days: format.number(wanted.messageDays ?? 0) })] : []),
        ]}
        name={String(limit ?? '')}
        action={t('retention.throwAway')}
        onClose={() => setAsking(false)}
        onConfirm={() => save.mutateAsync()}
      />
    </form>
  );
}

type KeptForProps = {
  label: string;
  description: string;
  forEver: string;
  value: number | null;
  onChange: (days: number | null) => void;
};

/** One of the usual spans, for ever, or a number of one's own. */
function KeptFor({ label, description, forEver, value, onChange }: KeptForProps) {
  const { t } = useTranslation();
  const [own, setOwn] = useState(value !== null && !USUAL.includes(value));
  return (
    <Group gap={8} align="flex-end" wrap="nowrap">
      <Select
        label={label}
        description={description}
        style={{ flex: 1 }}
        allowDeselect={false}
        data={[
          ...USUAL.map((days) => ({ value: String(days), label: t('retention.days', { count: days }) })),
          { value: FOR_EVER, label: forEver },
          { value: OWN, label: t('retention.own') },
        ]}
        value={own ? OWN : value === null ? FOR_EVER : String(value)}
        onChange={(chosen) => {
          setOwn(chosen === OWN);
          if (chosen === OWN) onChange(value ?? 365);
          else onChange(chosen === FOR_EVER ? null : Number(chosen));
        }}
      />
      {own && (
        <NumberInput
          aria-label={t('unit.of', { label })}
          w={112}
          min={1}
          max={3650}
          allowDecimal={false}
          allowNegative={false}
          suffix={t('retention.suffix')}
          value={value ?? ''}
          error={!isDays(value)}
          onChange={(days) => onChange(typeof days === 'number' ? days : Number.NaN)}
        />
      )}
    </Group>
  );
}
