/** A span of time as typed: from and to, by the clock of the reader's zone. */
import { Button, Group, Text, TextInput } from '@mantine/core';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../language.ts';
import { instantOf, LONGEST_DAYS, localOf } from '../range.ts';

type Props = { from: string; to: string; onShow: (span: { from: string; to: string }) => void };

const DAY_MS = 86_400_000;

export function OwnRange({ from, to, onShow }: Props) {
  const { t } = useTranslation();
  const { timeZone } = useFormat();
  const [begin, setBegin] = useState(() => localOf(Date.parse(from), timeZone));
  const [end, setEnd] = useState(() => localOf(Date.parse(to), timeZone));
  const id = useId();
  const [error, setError] = useState<string | null>(null);
  const show = (event: FormEvent): void => {
    event.preventDefault();
    const [first, last] = [instantOf(begin, timeZone), instantOf(end, timeZone)];
    if (first === null || last === null || first >= last) setError(t('range.backwards'));
    else if (last - first > LONGEST_DAYS * DAY_MS) setError(t('range.tooLong'));
    else onShow({ from: new Date(first).toISOString(), to: new Date(last).toISOString() });
  };
  return (
    <form onSubmit={show} className="own-range">
      <Group gap="xs" align="flex-end">
        <TextInput
          type="datetime-local"
          size="xs"
          label={t('range.from', { zone: timeZone })}
          value={begin}
          onChange={(event) => setBegin(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          type="datetime-local"
          size="xs"
          label={t('range.to', { zone: timeZone })}
          value={end}
          error={error !== null}
          aria-describedby={error === null ? undefined : id}
          onChange={(event) => {
            setError(null);
            setEnd(event.currentTarget.value);
          }}
        />
        <Button type="submit" size="xs">
          {t('range.show')}
        </Button>
      </Group>
      {error !== null && (
        <Text id={id} size="xs" c="var(--mantine-color-error)" mt={4} role="alert">
          {error}
        </Text>
      )}
    </form>
  );
}
