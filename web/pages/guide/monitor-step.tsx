/** Third: what is sent, and how often. Everything has an answer already; the sender's day is weighed while one chooses. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowRight, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TemplateId } from '../../../server/monitor/types.ts';
import { api } from '../../api.ts';
import { FilterSelect } from '../../components/filter-select.tsx';
import { Problem } from '../../components/page.tsx';
import { isReadable, type SetUp, worksAsSender } from '../../guide.ts';
import { usePreferences } from '../../preferences.ts';
import { SchedulePreview } from '../monitors/schedule-preview.tsx';
import { USUAL } from '../monitors/words.ts';
import { Choices } from './choices.tsx';

const TEMPLATES: readonly TemplateId[] = ['varied', 'plain', 'one-link', 'newsletter'];
const OFFERED = USUAL.filter(({ key }) => key !== 'every15' && key !== 'weekdays9').toReversed();
type When = (typeof OFFERED)[number]['key'] | 'byHand';

export function MonitorStep({ senders, seeds, monitors, onNext }: SetUp & { onNext: () => void }) {
  const { t } = useTranslation();
  const { language, zone } = usePreferences();
  const client = useQueryClient();
  // As it was when the step was opened: the one made here does not take the form away.
  const [there] = useState(monitors);
  const [name, setName] = useState(t('guide.monitorName'));
  const [senderId, setSenderId] = useState((senders.find(worksAsSender) ?? senders[0])?.id ?? '');
  const [template, setTemplate] = useState<TemplateId>('varied');
  const [when, setWhen] = useState<When>('every6h');
  const schedule = OFFERED.find(({ key }) => key === when);
  const active = seeds.filter((seed) => seed.pausedAt === null);
  const mute = active.filter((seed) => !isReadable(seed));
  // The same question as the preview's below: one answer serves both.
  const fits = useQuery({
    queryKey: ['schedule-check', 'guide', schedule?.cron, zone, senderId, active.length],
    queryFn: () =>
      api.monitors.checkSchedule({ cron: schedule?.cron ?? '', timeZone: zone, senderId, seeds: active.length }),
    enabled: schedule !== undefined,
    retry: false,
  });
  const start = useMutation({
    mutationFn: async () => {
      const monitor = await api.monitors.create({
        name: name.trim(),
        senderId,
        seedIds: active.map(({ id }) => id),
        message: { template, language, tokenInBody: true },
        schedule: schedule ? { cron: schedule.cron, timeZone: zone } : null,
      });
      return api.monitors.run(monitor.id);
    },
    // Made but not started is made all the same; the next step starts it.
    onSettled: async (run) => {
      await client.invalidateQueries({ queryKey: ['monitors'] });
      if (run) onNext();
    },
  });
  if (there.length > 0)
    return (
      <>
        <ul className="guide-list" aria-label={t('nav.monitors')}>
          {monitors.map((monitor) => (
            <li key={monitor.id}>
              <div className="break">
                <Text fw={600}>{monitor.name}</Text>
                <Text size="sm" c="dimmed">
                  {t('monitor.senderAndSeeds', { sender: monitor.senderName, seeds: monitor.seedCount })}
                </Text>
              </div>
              <Button component={Link} to={`/monitors/${monitor.id}/edit`} variant="default" size="xs">
                {t('guide.correct')}
                <span className="sr-only"> {monitor.name}</span>
              </Button>
            </li>
          ))}
        </ul>
        <Group>
          <Button rightSection={<IconArrowRight size={16} aria-hidden />} onClick={onNext}>
            {t('guide.next.run')}
          </Button>
        </Group>
      </>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') start.mutate();
      }}
    >
      <Stack gap="lg" className="guide-main">
        <div className="pair">
          <TextInput
            label={t('monitor.name')}
            required
            value={name}
            error={name.trim() === '' ? t('form.needed') : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {senders.length > 1 && (
            <div className="guide-select">
              <Text size="sm" fw={500} aria-hidden>
                {t('word.sender')}
              </Text>
              <FilterSelect
                label={t('word.sender')}
                all={t('form.needed')}
                options={senders.map((one) => ({ value: one.id, label: one.name }))}
                value={senderId}
                onChange={(value) => setSenderId(value ?? senderId)}
              />
            </div>
          )}
        </div>
        <Text>
          {t('guide.toAll', { count: active.length })}
          {mute.length > 0 && ` ${t('guide.someMute', { count: mute.length })}`}
        </Text>
        <Choices
          legend={t('monitor.template')}
          columns={2}
          name="template"
          value={template}
          options={TEMPLATES.map((id) => ({ value: id, label: t(`template.${id}`), note: t(`template.${id}Hint`) }))}
          onChange={setTemplate}
        />
        <Choices
          legend={t('schedule.usual')}
          columns={4}
          name="when"
          value={when}
          options={[
            ...OFFERED.map(({ key }) => ({ value: key, label: t(`schedule.${key}`) })),
            { value: 'byHand', label: t('schedule.byHand') },
          ]}
          onChange={setWhen}
        />
        {schedule && (
          <SchedulePreview
            cron={schedule.cron}
            timeZone={zone}
            senderId={senderId}
            seeds={active.length}
            monitorId={undefined}
          />
        )}
        {start.error && <Problem error={start.error} />}
        <Group gap="xs">
          <Button
            type="submit"
            loading={start.isPending}
            disabled={active.length === 0 || fits.data?.budget?.fits === false}
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
          >
            {t('guide.start')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
