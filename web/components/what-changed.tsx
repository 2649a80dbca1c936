/**
 * What happened in a period and may explain a change, newest first, under the numbers that stand above the charts. It says what was done, never that it
 * was the cause.
 */
import { Anchor, Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MarkJson } from '../../server/api/json/marks.ts';
import type { TimeMark } from '../charts/marks.ts';
import { useWords } from '../words.ts';
import { Moment } from './moment.tsx';
import { Panel, RowsSkeleton } from './page.tsx';

const FEW = 4;

/** @param marks newest first, as the server gives them. The oldest is number 1. */
export function useTimeMarks(marks: readonly MarkJson[]): TimeMark[] {
  const { t } = useTranslation();
  const words = useWords();
  return useMemo(
    () =>
      marks.toReversed().map((mark, at) => ({
        at: Date.parse(mark.at),
        label: String(at + 1),
        words: t('marks.of', { title: words(mark.reason, mark.evidence, 'marks').title, name: mark.name }),
      })),
    [marks, t, words],
  );
}

export function WhatChanged({ marks }: { marks: readonly MarkJson[] | undefined }) {
  const { t } = useTranslation();
  const words = useWords();
  const [all, setAll] = useState(false);
  const shown = all ? marks : marks?.slice(0, FEW);
  return (
    <Panel title={t('marks.title')} note={t('marks.note')}>
      {marks === undefined || shown === undefined ? (
        <RowsSkeleton rows={3} />
      ) : marks.length === 0 ? (
        <Text c="dimmed">{t('marks.none')}</Text>
      ) : (
        <ol className="marks">
          {shown.map((mark, at) => {
            const { title, meaning } = words(mark.reason, mark.evidence, 'marks');
            return (
              <li key={mark.id}>
                <span className="mark-number">{marks.length - at}</span>
                <div>
                  <Text fw={600} className="break">
                    {title} <MarkLink mark={mark} />
                  </Text>
                  <Text size="sm">{meaning}</Text>
                  <Text size="xs" c="dimmed">
                    <Moment at={mark.at} exact />
                  </Text>
                </div>
              </li>
            );
          })}
        </ol>
      )}
      {marks !== undefined && marks.length > FEW && (
        <Button size="compact-sm" variant="subtle" mt="xs" onClick={() => setAll(!all)}>
          {all ? t('marks.few') : t('marks.all', { count: marks.length })}
        </Button>
      )}
    </Panel>
  );
}

/** Leads to whom it concerns; the monitor where it was one's, since that is where its numbers are. */
function MarkLink({ mark }: { mark: MarkJson }): ReactNode {
  const { monitorId, senderId, seedId, domainId, name } = mark;
  const to =
    monitorId !== null
      ? `/monitors/${monitorId}`
      : seedId !== null
        ? `/seeds/${seedId}`
        : senderId !== null
          ? `/senders/${senderId}`
          : domainId !== null
            ? `/domains/${domainId}`
            : null;
  return to === null ? (
    <span className="dim">{name}</span>
  ) : (
    <Anchor component={Link} to={to} inherit fw={400}>
      {name}
    </Anchor>
  );
}
