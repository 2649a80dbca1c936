/** What the overview is narrowed down to: all of it stands in the address. */
import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../api.ts';
import { FilterSelect } from '../components/filter-select.tsx';
import { RangePicker } from '../components/range-picker.tsx';
import { usePreferences } from '../preferences.ts';
import { usePresets } from '../presets.ts';
import { FILTERS, type Filter, type OverviewSearch } from './overview-query.ts';

type Option = { value: string; label: string };
type Props = { value: OverviewSearch; onChange: (value: OverviewSearch) => void };

export function OverviewFilters({ value, onChange }: Props) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const senders = useQuery({ queryKey: ['senders'], queryFn: api.senders.list });
  const monitors = useQuery({ queryKey: ['monitors'], queryFn: api.monitors.list });
  const tags = useQuery({ queryKey: ['seeds', 'tags'], queryFn: api.seeds.tags });
  const presets = usePresets();
  const named = (items: readonly { id: string; name: string }[] = []): Option[] =>
    items.map((item) => ({ value: item.id, label: item.name }));
  const options: Record<Filter, Option[]> = {
    sender: named(senders.data),
    monitor: named(monitors.data),
    provider: (presets.data?.providers ?? []).map((one) => ({ value: one.id, label: one.name[language] })),
    tag: (tags.data?.items ?? []).map(({ tag }) => ({ value: tag, label: tag })),
  };
  const all: Record<Filter, string> = {
    sender: t('overview.allSenders'),
    monitor: t('filter.monitor'),
    provider: t('filter.provider'),
    tag: t('filter.tag'),
  };
  return (
    <section className="overview-filters" aria-label={t('filter.label')}>
      <div>
        {FILTERS.map((name) => (
          <FilterSelect
            key={name}
            label={t(`word.${name}`)}
            all={all[name]}
            options={options[name]}
            value={value[name]}
            onChange={(next) => onChange({ ...value, [name]: next })}
          />
        ))}
        {FILTERS.some((name) => value[name] !== undefined) && (
          <Button
            size="xs"
            variant="subtle"
            leftSection={<IconX size={14} aria-hidden />}
            onClick={() => onChange({ range: value.range, from: value.from, to: value.to })}
          >
            {t('filter.clear')}
          </Button>
        )}
      </div>
      <RangePicker
        value={value}
        onChange={(span) => onChange({ ...value, range: undefined, from: undefined, to: undefined, ...span })}
      />
    </section>
  );
}
