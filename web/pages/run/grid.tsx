/** A tile per seed, by provider. Providers and seeds stand in the order of their names, so that no tile moves when another one lands. */
import { Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type CSSProperties, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProbeJson } from '../../../server/api/json/probes.ts';
import { useScheme } from '../../charts/palette.ts';
import { OutcomeBadge } from '../../components/outcome.tsx';
import { useFormat } from '../../language.ts';
import { tone } from '../../outcomes.ts';
import { useProviderName } from '../../presets.ts';
import { useWords } from '../../words.ts';
import { verdictOfProbe } from './compare.ts';

/** What a tile says of a probe; audits of campaigns draw theirs with the same. */
export type TileProbe = Pick<
  ProbeJson,
  'id' | 'seed' | 'provider' | 'outcome' | 'placement' | 'reason' | 'evidence' | 'late' | 'delayMs'
>;

/** @param audit they belong to, so that the way back leads there */
export function Grid({ probes, audit }: { probes: TileProbe[]; audit?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const providerName = useProviderName();
  const groups = useMemo(
    () =>
      [...Map.groupBy(probes, (probe) => probe.provider)]
        .map(([provider, list]) => ({
          provider,
          name: providerName(provider),
          list: list.sort((a, b) => a.seed.localeCompare(b.seed)),
        }))
        .sort((a, b) => a.name.localeCompare(b.name)),
    [probes, providerName],
  );
  return groups.map(({ provider, name, list }) => (
    <div className="grid-group" key={provider}>
      <Group gap="xs" align="baseline">
        <Title order={2}>{name}</Title>
        <Text size="xs" c="dimmed">
          {t('run.placedOf', {
            placed: format.number(list.filter((probe) => verdictOfProbe(probe) === 'inbox').length),
            total: format.number(list.length),
          })}
        </Text>
      </Group>
      <ul className="tiles">
        {list.map((probe) => (
          <Tile key={probe.id} probe={probe} audit={audit} />
        ))}
      </ul>
    </div>
  ));
}

function Tile({ probe, audit }: { probe: TileProbe; audit: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const scheme = useScheme();
  const verdict = verdictOfProbe(probe);
  const waiting = verdict === 'waiting';
  const first = useRef(verdict);
  return (
    <li>
      <Link
        to="/probes/$id"
        params={{ id: probe.id }}
        search={{ audit }}
        // A new key makes a new element: the tile flashes once when its verdict comes.
        key={verdict}
        className={verdict === first.current ? 'tile' : 'tile landed'}
        style={{ '--tile': tone(verdict, scheme).fill } as CSSProperties}
        title={words(probe.reason, probe.evidence, 'reasons').title}
      >
        <span className="tile-name">{probe.seed}</span>
        <span className="tile-foot">
          <OutcomeBadge verdict={verdict} tab={probe.placement?.tab} late={probe.late} />
          <span className="dim">
            {waiting
              ? t(`outcome.${probe.outcome}`)
              : probe.delayMs !== null
                ? format.span(probe.delayMs)
                : words(probe.reason, probe.evidence, 'reasons').title}
          </span>
        </span>
      </Link>
    </li>
  );
}
