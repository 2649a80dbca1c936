/** The span of time that a page looks at. It lives in the address; a span of one's own, typed or dragged on a chart, is shown with a way back. */
import { Button, Group, SegmentedControl, Skeleton } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../language.ts';
import { DEFAULT_RANGE, periodOf, RANGES, type Range, type RangeSearch } from '../range.ts';
import { useNow } from './moment.tsx';

type Props = { value: RangeSearch; onChange: (value: RangeSearch) => void };

// Most days the four ranges will do.
const OwnRange = lazy(async () => ({ default: (await import('./own-range.tsx')).OwnRange }));

export function RangePicker({ value, onChange }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const { from, to, range = DEFAULT_RANGE } = value;
  const own = from !== undefined && to !== undefined;
  return (
    <Group gap="xs" className="range">
      {own && !asking && (
        <Button.Group>
          <Button size="xs" variant="light" onClick={() => setAsking(true)}>
            {from.slice(0, 4) === to.slice(0, 4)
              ? `${format.day(from)} ${format.time(from)} – ${format.day(to)} ${format.time(to)}`
              : `${format.date(from)} – ${format.date(to)}`}
          </Button>
          <Button
            size="xs"
            variant="light"
            px={8}
            aria-label={t('range.reset', { range: t(`range.${range}`) })}
            onClick={() => onChange({ range: value.range })}
          >
            <IconX size={14} aria-hidden />
          </Button>
        </Button.Group>
      )}
      <SegmentedControl
        size="xs"
        aria-label={t('range.label')}
        value={own || asking ? 'own' : range}
        onChange={(next) => {
          setAsking(next === 'own');
          if (next !== 'own') onChange({ range: next as Range });
        }}
        data={[
          ...RANGES.map((one) => ({ value: one, label: t(`range.${one}`) })),
          { value: 'own', label: t('range.own') },
        ]}
      />
      {asking && (
        <Suspense fallback={<Skeleton height={54} width={470} maw="100%" />}>
          <OwnRange
            from={from ?? periodOf(value, now).from}
            to={to ?? periodOf(value, now).to}
            onShow={(span) => {
              setAsking(false);
              onChange({ range: value.range, ...span });
            }}
          />
        </Suspense>
      )}
    </Group>
  );
}
