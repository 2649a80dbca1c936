/** SPF: the record, the tree of what it leads to with what each term costs, and a question to it. */
import { Text } from '@mantine/core';
import { IconAlertTriangleFilled, IconCornerDownRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Card, type CardProps } from './card.tsx';
import { type Cost, costsOf, MOST_LOOKUPS, MOST_VOIDS, type SpfJson, type SpfTerm } from './spf-costs.ts';
import { SpfQuestion } from './spf-question.tsx';

export function Spf(props: CardProps) {
  const spf = props.check.records.spf;
  return (
    <Card {...props} protocol="spf" records={spf?.records.map((value) => ({ name: spf.domain, value })) ?? []}>
      {spf && spf.record !== null && <Tree spf={spf} />}
      {spf?.flattening && <Flattening flattening={spf.flattening} />}
      <SpfQuestion domain={props.domain} known={spf?.evaluations ?? []} />
    </Card>
  );
}

function Tree({ spf }: { spf: SpfJson }) {
  const { t } = useTranslation();
  const costs = costsOf(spf.terms);
  return (
    <section className="sub" aria-label={t('domain.spf.tree')}>
      <h3>{t('domain.spf.tree')}</h3>
      <div className="spf-sums">
        <Meter
          label={t(spf.truncated ? 'domain.spf.truncated' : 'domain.spf.lookups', { count: spf.lookups })}
          value={spf.lookups}
          most={MOST_LOOKUPS}
        />
        <Meter label={t('domain.spf.voids', { count: spf.voidLookups })} value={spf.voidLookups} most={MOST_VOIDS} />
      </div>
      <Text size="xs" c="dimmed">
        {t('domain.spf.treeNote')}
      </Text>
      <Terms terms={spf.terms} costs={costs} label={t('domain.spf.of', { name: spf.domain })} />
    </section>
  );
}

/** How much of a limit is used; beyond it the bar is full and hatched, and a sign stands beside the words. */
function Meter({ label, value, most }: { label: string; value: number; most: number }) {
  return (
    <div className="spf-meter" data-over={value > most || undefined}>
      <span className="spf-meter-words">
        {value > most && <IconAlertTriangleFilled size={14} aria-hidden />}
        {label}
      </span>
      <span className="spf-meter-bar" aria-hidden="true">
        <span style={{ width: `${Math.min(1, value / most) * 100}%` }} />
      </span>
    </div>
  );
}

function Terms({
  terms,
  costs,
  label,
}: {
  terms: readonly SpfTerm[];
  costs: ReadonlyMap<SpfTerm, Cost>;
  label?: string | undefined;
}) {
  return (
    <ul className="spf-tree" aria-label={label}>
      {terms.map((term) => (
        <li key={term.start}>
          <Term term={term} cost={costs.get(term)} />
          {term.node && (
            <details open>
              <summary className="mono dim">{term.node.domain}</summary>
              {term.node.record !== null && <p className="spf-record mono">{term.node.record}</p>}
              <Terms terms={term.node.terms} costs={costs} />
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

function Term({ term, cost }: { term: SpfTerm; cost: Cost | undefined }) {
  const { t } = useTranslation();
  const notes = [
    term.addresses.length > 0 ? t('domain.spf.addresses', { count: term.addresses.length }) : null,
    term.ignored === null ? null : t(`domain.spf.ignored.${term.ignored}`),
    term.outcome === 'ok' ? null : t(`domain.spf.outcome.${term.outcome}`),
  ].filter((note) => note !== null);
  const bad = !['ok', 'macro', 'not-followed'].includes(term.outcome);
  return (
    <div className="spf-term">
      <span className="mono spf-text" translate="no">
        {term.node && <IconCornerDownRight size={14} aria-hidden />}
        {term.text}
      </span>
      {notes.length > 0 && (
        <span className={bad ? 'spf-bad' : 'dim'}>
          {bad && <IconAlertTriangleFilled size={13} aria-hidden />} {notes.join(' · ')}
        </span>
      )}
      <span className={term.lookups === 0 ? 'spf-cost free' : 'spf-cost'}>
        {term.lookups === 0 ? (
          <span className="dim">{t('domain.spf.free')}</span>
        ) : (
          <>
            {t('domain.spf.cost', { count: term.lookups })}
            {term.voidLookups > 0 && ` · ${t('domain.spf.void', { count: term.voidLookups })}`}
          </>
        )}
        {cost !== undefined && cost.own > 0 && (
          <span className="dim"> · {t('domain.spf.running', { count: cost.soFar })}</span>
        )}
      </span>
      {cost?.passes && (
        <span className="spf-limit">
          <IconAlertTriangleFilled size={13} aria-hidden /> {t('domain.spf.limit')}
        </span>
      )}
    </div>
  );
}

function Flattening({ flattening }: { flattening: NonNullable<SpfJson['flattening']> }) {
  const { t } = useTranslation();
  return (
    <details className="fact-more">
      <summary>{t('domain.spf.flatten')}</summary>
      <p>
        {t('domain.spf.flattenMeaning', {
          terms: flattening.replaces.join(t('check.join')),
          networks: flattening.networks,
          lookups: flattening.lookups,
        })}
      </p>
      {flattening.records.map(({ name, value }) => (
        <figure key={name} className="record" aria-label={t('domain.record.label', { name })}>
          <figcaption className="mono dim">{name}</figcaption>
          <p className="record-text mono">{value}</p>
        </figure>
      ))}
    </details>
  );
}
