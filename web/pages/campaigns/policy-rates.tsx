/** How much of a campaign must reach the inbox: of all providers together, and of any one by name. */
import { ActionIcon, Button, NumberInput, Select } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePresets, useProviderName } from '../../presets.ts';
import { type PolicyValues, typedNumber } from './policy-values.ts';

type Props = {
  values: PolicyValues;
  said: (field: string) => string | undefined;
  onChange: (part: Partial<PolicyValues>) => void;
};

export function PolicyRates({ values: { allPercent, providers }, said, onChange }: Props) {
  const { t } = useTranslation();
  const presets = usePresets();
  const providerName = useProviderName();
  const ids = [
    ...new Set([
      ...(presets.data?.providers.map(({ id }) => id) ?? []),
      ...providers.flatMap(({ provider }) => provider ?? []),
    ]),
  ];
  const set = (key: number, part: Partial<(typeof providers)[number]>): void =>
    onChange({ providers: providers.map((one) => (one.key === key ? { ...one, ...part } : one)) });
  const percent = { min: 0, max: 100, decimalScale: 6, suffix: '%', step: 5 } as const;
  return (
    <div className="policy-rates">
      <NumberInput
        label={t('policy.allRate')}
        description={t('policy.allRateHint')}
        placeholder={t('policy.notAsked')}
        maw={260}
        {...percent}
        value={allPercent}
        error={said('allPercent')}
        onChange={(next) => onChange({ allPercent: typedNumber(next) })}
      />
      {providers.map(({ key, provider, percent: rate }) => (
        <div className="policy-rate" key={key}>
          <Select
            label={t('word.provider')}
            searchable
            allowDeselect={false}
            nothingFoundMessage={t('list.nothingFound')}
            data={ids
              .filter((id) => id === provider || !providers.some((one) => one.provider === id))
              .map((id) => ({ value: id, label: providerName(id) }))}
            value={provider}
            error={said(`provider-${key}`)}
            onChange={(next) => set(key, { provider: next })}
          />
          <NumberInput
            label={t('policy.rate')}
            {...percent}
            value={rate}
            onChange={(next) => set(key, { percent: typedNumber(next) })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('policy.removeRate', { provider: provider === null ? '' : providerName(provider) })}
            onClick={() => onChange({ providers: providers.filter((one) => one.key !== key) })}
          >
            <IconTrash size={18} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() =>
            onChange({
              providers: [
                ...providers,
                { key: Math.max(-1, ...providers.map(({ key }) => key)) + 1, provider: null, percent: 70 },
              ],
            })
          }
        >
          {t('policy.addRate')}
        </Button>
      </div>
    </div>
  );
}
