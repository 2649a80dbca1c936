/** Which seeds: by tag, by hand, or all of them; with how many that makes. */
import { Button, Group, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { SeedSelects } from '../../components/seed-selects.tsx';

export type Chosen = { seedIds: string[]; seedTags: string[] };

/** Those that are read: a paused seed is not asked. */
export function reachedBy(seeds: readonly SeedJson[], { seedIds, seedTags }: Chosen): SeedJson[] {
  return seeds.filter(
    (seed) => seed.pausedAt === null && (seedIds.includes(seed.id) || seed.tags.some((tag) => seedTags.includes(tag))),
  );
}

type Props = { seeds: readonly SeedJson[]; value: Chosen; onChange: (value: Chosen) => void };

export function SeedChoice({ seeds, value, onChange }: Props) {
  const { t } = useTranslation();
  const tags = useMemo(() => [...new Set(seeds.flatMap((seed) => seed.tags))].sort(), [seeds]);
  const reached = reachedBy(seeds, value).length;
  const readable = seeds.filter(({ pausedAt }) => pausedAt === null);
  return (
    <div className="seed-choice">
      <SeedSelects
        seeds={seeds}
        tags={tags}
        byTag={{ value: value.seedTags, onChange: (seedTags) => onChange({ ...value, seedTags }) }}
        byHand={{ value: value.seedIds, onChange: (seedIds) => onChange({ ...value, seedIds }) }}
      />
      <Group gap="xs">
        <Text size="sm" c="dimmed" role="status">
          {t('campaign.reaches', { count: reached })}
        </Text>
        {reached < readable.length && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => onChange({ seedTags: [], seedIds: readable.map(({ id }) => id) })}
          >
            {t('campaign.allSeeds')}
          </Button>
        )}
      </Group>
    </div>
  );
}
