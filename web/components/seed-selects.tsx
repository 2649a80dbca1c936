/** Chooses seeds, all that have a tag or one by one. */
import { MultiSelect, type MultiSelectProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../server/api/json/seeds.ts';
import { useProviderName } from '../presets.ts';

/** What a form gives its field: value, change, error. */
type Field = Pick<MultiSelectProps, 'value' | 'onChange' | 'defaultValue' | 'error' | 'onFocus' | 'onBlur'>;
type Props = {
  seeds: readonly Pick<SeedJson, 'id' | 'address' | 'provider' | 'protocol'>[];
  tags: string[];
  tagsHint?: string;
  byTag: Field;
  byHand: Field;
};

export function SeedSelects({ seeds, tags, tagsHint, byTag, byHand }: Props) {
  const { t } = useTranslation();
  const providerName = useProviderName();
  const clear = { clearable: true, clearButtonProps: { 'aria-label': t('action.clear') } };
  return (
    <>
      {tags.length > 0 && (
        <MultiSelect label={t('monitor.byTag')} description={tagsHint} data={tags} {...clear} {...byTag} />
      )}
      <MultiSelect
        label={t('monitor.byHand')}
        data={seeds.map((seed) => ({
          value: seed.id,
          label: `${seed.address} (${providerName(seed.provider)}, ${seed.protocol.toUpperCase()})`,
        }))}
        searchable
        limit={200}
        hidePickedOptions
        nothingFoundMessage={t('list.nothingFound')}
        {...clear}
        {...byHand}
      />
    </>
  );
}
