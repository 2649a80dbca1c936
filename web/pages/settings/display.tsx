/** How the pages speak and look, and the first steps for whoever wants to take them up again. */
import { Button, SegmentedControl, Select, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { LookAround } from '../../components/look-around.tsx';
import { useNow } from '../../components/moment.tsx';
import { Panel, Problem } from '../../components/page.tsx';
import { knownZones, type Language } from '../../format.ts';
import { setLanguage, useFormat } from '../../language.ts';
import { setPreferences, usePreferences } from '../../preferences.ts';
import { settingsQuery } from '../../settings.ts';

const ZONES = knownZones();

export function Display() {
  return (
    <>
      <Look />
      <div className="two">
        <FirstSteps />
        <TryOut />
      </div>
    </>
  );
}

function Look() {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { language, zone } = usePreferences();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // What is sent from here (reports, the command line) follows the owner's choice too.
  const keep = useMutation({ mutationFn: api.settings.change });
  return (
    <Panel title={t('settings.section.display')} note={t('settings.displayNote')}>
      <Stack gap="md" maw={440}>
        <div>
          <Text fw={500} mb={4}>
            {t('language.label')}
          </Text>
          <SegmentedControl
            aria-label={t('language.label')}
            value={language}
            onChange={(value) => {
              void setLanguage(value as Language);
              keep.mutate({ language: value as Language });
            }}
            data={[
              { value: 'en', label: <span lang="en">{t('language.en')}</span> },
              { value: 'ja', label: <span lang="ja">{t('language.ja')}</span> },
            ]}
          />
        </div>
        <div>
          <Text fw={500} mb={4}>
            {t('settings.scheme')}
          </Text>
          <SegmentedControl
            aria-label={t('settings.scheme')}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
            data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`scheme.${value}`) }))}
          />
        </div>
        <Select
          label={t('word.zone')}
          description={t('settings.zoneNow', { time: format.dateTime(now), zone: format.zoneName(now) })}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          searchable
          allowDeselect={false}
          limit={60}
          nothingFoundMessage={t('list.nothingFound')}
          data={ZONES}
          value={zone}
          onChange={(value) => {
            if (value === null) return;
            setPreferences({ zone: value });
            keep.mutate({ timeZone: value });
          }}
        />
        {keep.error && <Problem error={keep.error} />}
      </Stack>
    </Panel>
  );
}

function FirstSteps() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const settings = useQuery(settingsQuery);
  const open = useMutation({
    mutationFn: () => api.settings.change({ guide: 'open' }),
    onSuccess: async (changed) => {
      client.setQueryData(settingsQuery.queryKey, changed);
      await navigate({ to: '/guide' });
    },
  });
  return (
    <Panel title={t('settings.firstSteps')} note={t('settings.firstStepsNote')}>
      <Stack gap="md" align="flex-start">
        <Button variant="default" disabled={!settings.data} loading={open.isPending} onClick={() => open.mutate()}>
          {t(settings.data?.guide === 'open' ? 'settings.guideGoOn' : 'settings.guideAgain')}
        </Button>
        {(settings.error ?? open.error) && <Problem error={settings.error ?? open.error} />}
      </Stack>
    </Panel>
  );
}

function TryOut() {
  const { t } = useTranslation();
  return (
    <Panel title={t('trial.name')}>
      <div className="centred">
        <LookAround />
      </div>
    </Panel>
  );
}
