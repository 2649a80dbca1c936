/** Second: where it should arrive. One account after the other, or many from a spreadsheet; each is tried at once, and what the server says stands beside it. */
import { Anchor, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import type { SenderJson } from '../../../server/api/json/senders.ts';
import { type Named, SEEDS } from '../../accounts.ts';
import { CheckMany } from '../../components/check-many.tsx';
import { ImportCsv } from '../../components/import-csv.tsx';
import { isReadable, unreadReturnAddress } from '../../guide.ts';
import { useProviderName } from '../../presets.ts';
import { SeedState } from '../seeds/state.tsx';
import { SeedFields } from './seed-fields.tsx';

type Props = { senders: readonly SenderJson[]; seeds: readonly SeedJson[]; onNext: () => void };
/** More than these are a list of their own: the page of seeds shows it. */
const MOST_SHOWN = 12;

export function SeedStep({ senders, seeds, onNext }: Props) {
  const { t } = useTranslation();
  const providerName = useProviderName();
  const [way, setWay] = useState<'one' | 'csv'>('one');
  const [form, setForm] = useState<{ key: string; seed: SeedJson | null; address?: string }>({
    key: 'first',
    seed: null,
  });
  const [imported, setImported] = useState<readonly Named[]>([]);
  const works = seeds.some(isReadable);
  const returns = senders.flatMap((sender) => unreadReturnAddress(sender, seeds) ?? []);
  const fresh = (address?: string): void => {
    setWay('one');
    setForm({ key: `after ${seeds.length} ${address ?? ''}`, seed: null, ...(address ? { address } : {}) });
  };
  return (
    <>
      <div>
        <SegmentedControl
          aria-label={t('guide.way')}
          value={way}
          onChange={(value) => setWay(value as 'one' | 'csv')}
          data={[
            { value: 'one', label: t('guide.wayOne') },
            { value: 'csv', label: t('guide.wayCsv') },
          ]}
        />
      </div>
      {way === 'one' ? (
        <SeedFields key={form.key} seed={form.seed} address={form.address} onNext={() => fresh()} />
      ) : (
        <Stack gap="sm">
          <Text>{t('imports.seed.lead')}</Text>
          <ImportCsv of={SEEDS} onAdded={setImported} />
        </Stack>
      )}
      {imported.length > 0 && <CheckMany key={imported[0]?.id} of={SEEDS} items={imported} />}
      {seeds.length > 0 && (
        <section aria-label={t('guide.seeds')}>
          <Text fw={600} component="h3" m={0} fz="md">
            {t('guide.seedCount', { count: seeds.length })}
          </Text>
          <ul className="guide-list">
            {seeds.slice(-MOST_SHOWN).map((seed) => (
              <li key={seed.id}>
                <div className="break">
                  <Text fw={600}>{seed.address}</Text>
                  <Text size="sm" c="dimmed">
                    {providerName(seed.provider)} {seed.protocol.toUpperCase()}
                  </Text>
                </div>
                <div>
                  <SeedState seed={seed} />
                </div>
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => {
                    setWay('one');
                    setForm({ key: seed.id, seed });
                  }}
                >
                  {t('guide.correct')}
                  <span className="sr-only"> {seed.address}</span>
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {seeds.length > 0 && returns[0] !== undefined && (
        <Text size="sm" className="story">
          {t('accounts.bounces', { address: returns[0] })}{' '}
          <Anchor component="button" type="button" size="sm" onClick={() => fresh(returns[0])}>
            {t('accounts.bouncesAdd', { address: returns[0] })}
          </Anchor>
        </Text>
      )}
      {seeds.length > 0 && (
        <Group>
          <Button
            variant={works ? 'filled' : 'default'}
            rightSection={<IconArrowRight size={16} aria-hidden />}
            onClick={onNext}
          >
            {t(works ? 'guide.next.monitor' : 'guide.nextAllTheSame')}
          </Button>
        </Group>
      )}
    </>
  );
}
