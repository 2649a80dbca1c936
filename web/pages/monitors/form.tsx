/**
 * A monitor's form: who sends what to whom, and when. The schedule and what it needs of the sender's day are judged while one types.
 * Long because the form is one list of fields, read from top to bottom.
 */
import { Button, Group, SegmentedControl, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MonitorInput, MonitorJson } from '../../../server/api/json/monitors.ts';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import type { TemplateId } from '../../../server/monitor/types.ts';
import { api } from '../../api.ts';
import { fieldErrors } from '../../components/form.ts';
import { Problem } from '../../components/page.tsx';
import { SeedSelects } from '../../components/seed-selects.tsx';
import { SpanInput } from '../../components/span-input.tsx';
import { knownZones } from '../../format.ts';
import { usePreferences } from '../../preferences.ts';
import { SchedulePreview } from './schedule-preview.tsx';
import { USUAL, usualOf } from './words.ts';

const TEMPLATES: readonly TemplateId[] = ['plain', 'one-link', 'newsletter', 'varied'];
const ZONES = knownZones();
const LONGEST_NAME = 100;

type Values = {
  name: string;
  senderId: string;
  seedTags: string[];
  seedIds: string[];
  kind: 'template' | 'own';
  template: TemplateId;
  language: 'en' | 'ja';
  subject: string;
  text: string;
  html: string;
  tokenInBody: boolean;
  when: 'schedule' | 'hand';
  cron: string;
  timeZone: string;
  lateAfterSeconds: number;
  missingAfterSeconds: number;
  watchSeconds: number;
};

const FIELDS = [
  'name',
  'senderId',
  'seedIds',
  'seedTags',
  'message',
  'schedule',
  'lateAfterSeconds',
  'missingAfterSeconds',
  'watchSeconds',
];
const FORM_FIELD: Record<string, keyof Values> = {
  message: 'subject',
  schedule: 'cron',
};

export function MonitorForm({
  monitor,
  original,
  senders,
  seeds,
}: {
  /** Null: a new one. */
  monitor: MonitorJson | null;
  /** What a new one begins as a copy of. */
  original?: MonitorJson | undefined;
  senders: { id: string; name: string; fromAddress: string }[];
  seeds: SeedJson[];
}) {
  const { t } = useTranslation();
  const { zone, language } = usePreferences();
  const client = useQueryClient();
  const navigate = useNavigate();
  const tags = useMemo(() => [...new Set(seeds.flatMap((seed) => seed.tags))].sort(), [seeds]);
  const start = monitor ?? original;
  const form = useForm<Values>({
    validateInputOnBlur: true,
    initialValues: {
      name: monitor?.name ?? (original ? t('monitor.copyOf', { name: original.name }).slice(0, LONGEST_NAME) : ''),
      senderId: start?.senderId ?? senders[0]?.id ?? '',
      seedTags: start?.seedTags ?? [],
      seedIds: start?.seedIds ?? [],
      kind: start && start.message.template === undefined ? 'own' : 'template',
      template: start?.message.template ?? 'varied',
      language: start?.message.language ?? language,
      subject: start?.message.subject ?? '',
      text: start?.message.text ?? '',
      html: start?.message.html ?? '',
      tokenInBody: start?.message.tokenInBody ?? true,
      when: start && start.schedule === null ? 'hand' : 'schedule',
      cron: start?.schedule?.cron ?? '0 * * * *',
      timeZone: start?.schedule?.timeZone ?? zone,
      lateAfterSeconds: start?.lateAfterSeconds ?? 300,
      missingAfterSeconds: start?.missingAfterSeconds ?? 21_600,
      watchSeconds: start?.watchSeconds ?? 172_800,
    },
    validate: {
      name: (value) => (value.trim() === '' ? t('form.needed') : null),
      senderId: (value) => (value === '' ? t('form.needed') : null),
      seedIds: (value, all) => (value.length === 0 && all.seedTags.length === 0 ? t('monitor.needsSeeds') : null),
      subject: (value, all) => (all.kind === 'own' && value.trim() === '' ? t('form.needed') : null),
      text: (value, all) =>
        all.kind === 'own' && value.trim() === '' && all.html.trim() === '' ? t('monitor.needsText') : null,
      cron: (value, all) => (all.when === 'schedule' && value.trim() === '' ? t('form.needed') : null),
      lateAfterSeconds: (value) => (value >= 1 ? null : t('form.positive')),
      missingAfterSeconds: (value, all) => (value >= all.lateAfterSeconds ? null : t('monitor.missingBeforeLate')),
      watchSeconds: (value, all) => (value >= all.missingAfterSeconds ? null : t('monitor.watchBeforeMissing')),
    },
  });
  const values = form.values;
  const reached = seeds.filter(
    (seed) => values.seedIds.includes(seed.id) || seed.tags.some((tag) => values.seedTags.includes(tag)),
  ).length;

  const save = useMutation({
    mutationFn: (input: Values) =>
      monitor === null ? api.monitors.create(inputOf(input)) : api.monitors.change(monitor.id, inputOf(input)),
    onSuccess: async (saved) => {
      client.setQueryData(['monitors', saved.id], saved);
      await client.invalidateQueries({ queryKey: ['monitors'] });
      await navigate({ to: '/monitors/$id', params: { id: saved.id } });
    },
    onError: (error) => {
      const found = fieldErrors(error, FIELDS);
      if (found)
        form.setErrors(
          Object.fromEntries(Object.entries(found).map(([path, message]) => [FORM_FIELD[path] ?? path, message])),
        );
    },
  });
  const shownError = save.error && !fieldErrors(save.error, FIELDS) ? save.error : null;
  const usual = USUAL.find((one) => one.key === usualOf(values.cron)) ?? null;

  return (
    <form className="form" onSubmit={form.onSubmit((input) => save.mutate(input))} noValidate>
      <Stack gap="lg">
        <fieldset className="form-section">
          <legend>{t('monitor.who')}</legend>
          <div className="pair">
            <TextInput label={t('monitor.name')} required {...form.getInputProps('name')} />
            <Select
              label={t('word.sender')}
              required
              allowDeselect={false}
              data={senders.map((sender) => ({ value: sender.id, label: `${sender.name} (${sender.fromAddress})` }))}
              {...form.getInputProps('senderId')}
            />
          </div>
          <SeedSelects
            seeds={seeds}
            tags={tags}
            tagsHint={t('monitor.byTagHint')}
            byTag={form.getInputProps('seedTags')}
            byHand={form.getInputProps('seedIds')}
          />
          <Group gap="xs">
            <Text size="sm" c="dimmed" role="status">
              {t('monitor.reaches', { count: reached })}
            </Text>
            {values.seedIds.length < seeds.length && (
              <Button
                size="compact-xs"
                variant="subtle"
                onClick={() =>
                  form.setFieldValue(
                    'seedIds',
                    seeds.map((seed) => seed.id),
                  )
                }
              >
                {t('monitor.allSeeds', { count: seeds.length })}
              </Button>
            )}
          </Group>
        </fieldset>

        <fieldset className="form-section">
          <legend>{t('monitor.what')}</legend>
          <div>
            <SegmentedControl
              aria-label={t('monitor.what')}
              data={[
                { value: 'template', label: t('monitor.template') },
                { value: 'own', label: t('monitor.own') },
              ]}
              {...form.getInputProps('kind')}
            />
          </div>
          {values.kind === 'template' ? (
            <div className="pair">
              <Select
                label={t('monitor.template')}
                description={t(`template.${values.template}Hint`)}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                allowDeselect={false}
                data={TEMPLATES.map((id) => ({ value: id, label: t(`template.${id}`) }))}
                {...form.getInputProps('template')}
              />
              <Select
                label={t('monitor.messageLanguage')}
                allowDeselect={false}
                data={[
                  { value: 'en', label: t('language.en') },
                  { value: 'ja', label: t('language.ja') },
                ]}
                {...form.getInputProps('language')}
              />
            </div>
          ) : (
            <>
              <TextInput label={t('word.subject')} required {...form.getInputProps('subject')} />
              <Textarea label={t('monitor.text')} autosize minRows={5} maxRows={16} {...form.getInputProps('text')} />
              <Textarea
                label={t('monitor.html')}
                autosize
                minRows={3}
                maxRows={16}
                spellCheck={false}
                classNames={{ input: 'mono' }}
                {...form.getInputProps('html')}
              />
            </>
          )}
          <Switch
            label={t('monitor.tokenInBody')}
            description={t('monitor.tokenHint')}
            {...form.getInputProps('tokenInBody', { type: 'checkbox' })}
          />
        </fieldset>

        <fieldset className="form-section">
          <legend>{t('monitor.when')}</legend>
          <div>
            <SegmentedControl
              aria-label={t('monitor.when')}
              data={[
                { value: 'schedule', label: t('monitor.schedule') },
                { value: 'hand', label: t('schedule.byHand') },
              ]}
              {...form.getInputProps('when')}
            />
          </div>
          {values.when === 'schedule' && (
            <>
              <div className="pair">
                <Select
                  label={t('schedule.usual')}
                  allowDeselect={false}
                  data={[
                    ...USUAL.map((one) => ({ value: one.cron, label: t(`schedule.${one.key}`) })),
                    { value: 'own', label: t('schedule.own') },
                  ]}
                  value={usual?.cron ?? 'own'}
                  onChange={(value) => {
                    if (value !== null && value !== 'own') form.setFieldValue('cron', value);
                  }}
                />
                <Select
                  label={t('word.zone')}
                  searchable
                  allowDeselect={false}
                  limit={60}
                  data={ZONES}
                  {...form.getInputProps('timeZone')}
                />
              </div>
              <TextInput
                label={t('schedule.cron')}
                description={t('schedule.cronHint')}
                required
                spellCheck={false}
                autoComplete="off"
                classNames={{ input: 'mono' }}
                {...form.getInputProps('cron')}
              />
              <SchedulePreview
                cron={values.cron}
                timeZone={values.timeZone}
                senderId={values.senderId}
                seeds={reached}
                monitorId={monitor?.id}
              />
            </>
          )}
        </fieldset>

        <fieldset className="form-section">
          <legend>{t('monitor.deadlines')}</legend>
          <div className="pair">
            <SpanInput label={t('monitor.lateAfter')} {...form.getInputProps('lateAfterSeconds')} />
            <SpanInput label={t('monitor.missingAfter')} {...form.getInputProps('missingAfterSeconds')} />
          </div>
          <SpanInput
            label={t('monitor.watch')}
            description={t('monitor.watchHint')}
            {...form.getInputProps('watchSeconds')}
          />
        </fieldset>

        {shownError && <Problem error={shownError} />}
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            {t('form.save')}
          </Button>
          <Button variant="subtle" color="gray" component={Link} to={monitor ? `/monitors/${monitor.id}` : '/monitors'}>
            {t('action.cancel')}
          </Button>
          <Text size="sm" c="dimmed">
            {values.when === 'schedule' ? '' : t('monitor.handHint')}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}

function inputOf(values: Values): MonitorInput {
  return {
    name: values.name,
    senderId: values.senderId,
    seedIds: values.seedIds,
    seedTags: values.seedTags,
    message:
      values.kind === 'template'
        ? { template: values.template, language: values.language, tokenInBody: values.tokenInBody }
        : {
            subject: values.subject,
            ...(values.text.trim() === '' ? {} : { text: values.text }),
            ...(values.html.trim() === '' ? {} : { html: values.html }),
            tokenInBody: values.tokenInBody,
          },
    schedule: values.when === 'hand' ? null : { cron: values.cron.trim(), timeZone: values.timeZone },
    lateAfterSeconds: values.lateAfterSeconds,
    missingAfterSeconds: values.missingAfterSeconds,
    watchSeconds: values.watchSeconds,
  };
}
