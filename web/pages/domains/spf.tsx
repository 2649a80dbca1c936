/** SPF: the record, the tree of what it leads to with what each term costs, and a question to it. */
import { Button, Text } from '@mantine/core';
import { IconAlertTriangleFilled, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Card, type CardProps } from './card.tsx';
import {
  branchesOf,
  type Cost,
  costsOf,
  isFault,
  MOST_LOOKUPS,
  MOST_VOIDS,
  openAtFirst,
  pathOf,
  type SpfJson,
  type SpfTerm,
  wholeCost,
} from './spf-costs.ts';
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
  const branches = branchesOf(spf.terms);
  const first = openAtFirst(spf.terms, costs);
  // By path, so that a check that comes in meanwhile closes nothing.
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOpen = (path: string): boolean => chosen.get(path) ?? first.has(path);
  const toggle = (path: string): void => setChosen(new Map(chosen).set(path, !isOpen(path)));
  const allOpen = [...branches.keys()].every(isOpen);
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
      <div className="spf-note">
        <Text size="xs" c="dimmed">
          {t('domain.spf.treeNote')}
        </Text>
        {branches.size > 1 && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => setChosen(new Map([...branches.keys()].map((path) => [path, !allOpen])))}
          >
            {t(allOpen ? 'domain.spf.foldAll' : 'domain.spf.openAll')}
          </Button>
        )}
      </div>
      <Terms
        terms={spf.terms}
        above=""
        costs={costs}
        isOpen={isOpen}
        onToggle={toggle}
        label={t('domain.spf.of', { name: spf.domain })}
      />
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

type TermsProps = {
  terms: readonly SpfTerm[];
  /** Path of the branch they are in. */
  above: string;
  costs: ReadonlyMap<SpfTerm, Cost>;
  isOpen: (path: string) => boolean;
  onToggle: (path: string) => void;
  label?: string;
};

function Terms({ terms, above, label, ...rest }: TermsProps) {
  return (
    <ul className="spf-tree" aria-label={label}>
      {terms.map((term) => (
        <Branch key={term.start} term={term} path={pathOf(above, term)} {...rest} />
      ))}
    </ul>
  );
}

/** A term, and beneath it the record it leads to. Folded it still says what all of that costs. */
function Branch({
  term,
  path,
  ...rest
}: { term: SpfTerm; path: string } & Omit<TermsProps, 'terms' | 'above' | 'label'>) {
  const { t } = useTranslation();
  const id = useId();
  const { costs, isOpen, onToggle } = rest;
  const { node } = term;
  const open = node !== null && isOpen(path);
  return (
    <li>
      <TermLine
        term={term}
        cost={open ? costs.get(term) : wholeCost(term, costs)}
        toggle={
          node === null ? null : (
            <button
              type="button"
              className="spf-toggle"
              aria-expanded={open}
              aria-controls={open ? id : undefined}
              aria-label={t('domain.spf.branch', { term: term.text })}
              onClick={() => onToggle(path)}
            >
              <IconChevronRight size={16} aria-hidden />
            </button>
          )
        }
        inside={node === null || open ? null : node.terms.length}
      />
      {open && (
        <div id={id} className="spf-branch">
          <p className="mono dim spf-domain">{node.domain}</p>
          {node.record !== null && <p className="spf-record mono">{node.record}</p>}
          <Terms terms={node.terms} above={path} {...rest} />
        </div>
      )}
    </li>
  );
}

/** @param inside how many terms are folded away behind it */
function TermLine({
  term,
  cost,
  toggle,
  inside,
}: {
  term: SpfTerm;
  cost: Cost | undefined;
  toggle: ReactNode;
  inside: number | null;
}) {
  const { t } = useTranslation();
  const notes = [
    term.addresses.length > 0 ? t('domain.spf.addresses', { count: term.addresses.length }) : null,
    inside === null ? null : t('domain.spf.inside', { count: inside }),
    term.ignored === null ? null : t(`domain.spf.ignored.${term.ignored}`),
    term.outcome === 'ok' ? null : t(`domain.spf.outcome.${term.outcome}`),
  ].filter((note) => note !== null);
  const bad = isFault(term);
  return (
    <div className="spf-term">
      <span className="mono spf-text" translate="no">
        {toggle}
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
