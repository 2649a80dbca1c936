/** The span of time that a page looks at. It lives in the address; a span dragged on a chart is shown with a way back. */
import { Button, Group, SegmentedControl } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../language.ts';
import { RANGES, type Range, type RangeSearch } from '../range.ts';

type Props = { value: RangeSearch; onChange: (value: RangeSearch) => void };

export function RangePicker({ value, onChange }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const own = value.from !== undefined && value.to !== undefined;
  return (
    <Group gap="xs">
      {own && value.from !== undefined && value.to !== undefined && (
        <Button
          size="xs"
          variant="light"
          rightSection={<IconX size={14} aria-hidden />}
          aria-label={t('range.reset')}
          onClick={() => onChange({})}
        >
          {`${format.day(value.from)} ${format.time(value.from)} – ${format.day(value.to)} ${format.time(value.to)}`}
        </Button>
      )}
      <SegmentedControl
        size="xs"
        aria-label={t('range.label')}
        value={own ? '' : (value.range ?? '7d')}
        onChange={(next) => onChange({ range: next as Range })}
        data={RANGES.map((range) => ({ value: range, label: t(`range.${range}`) }))}
      />
    </Group>
  );
}
