/** A span of time as a number and its unit; the value is whole seconds. */
import { Group, NumberInput, Select } from '@mantine/core';
import { type FocusEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

const UNITS = [
  { key: 'hours', seconds: 3600 },
  { key: 'minutes', seconds: 60 },
  { key: 'seconds', seconds: 1 },
] as const;

type Props = {
  label: string;
  description?: string;
  value?: number;
  error?: ReactNode;
  onChange?: (seconds: number) => void;
  onBlur?: (event: FocusEvent<HTMLInputElement>) => void;
};

/** The largest unit that shows the span as a whole number. */
export function unitOf(seconds: number): (typeof UNITS)[number] {
  return UNITS.find((unit) => seconds > 0 && seconds % unit.seconds === 0) ?? UNITS[2];
}

export function SpanInput({ label, description, value = 0, error, onChange, onBlur }: Props) {
  const { t } = useTranslation();
  const [unit, setUnit] = useState(() => unitOf(value));
  return (
    <Group gap={8} wrap="nowrap" align="flex-end">
      <NumberInput
        label={label}
        description={description}
        error={error}
        value={value / unit.seconds}
        min={0}
        decimalScale={2}
        hideControls
        style={{ flex: 1 }}
        {...(onBlur ? { onBlur } : {})}
        onChange={(next) => onChange?.(Math.round(Number(next) * unit.seconds))}
      />
      <Select
        aria-label={t('unit.of', { label })}
        w={112}
        allowDeselect={false}
        data={UNITS.map((one) => ({ value: one.key, label: t(`unit.${one.key}`) }))}
        value={unit.key}
        onChange={(key) => {
          const next = UNITS.find((one) => one.key === key);
          if (!next) return;
          // The number stays as typed: 5 minutes becomes 5 hours.
          onChange?.(Math.round((value / unit.seconds) * next.seconds));
          setUnit(next);
        }}
      />
    </Group>
  );
}
