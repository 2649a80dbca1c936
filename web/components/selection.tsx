/**
 * Rows of a list are chosen, to do the same to many: check, pause, resume, delete, and what a page has besides. Each is a request of its own, a few at a time: one that
 * fails stands with its reason and the others are done. What is out of sight is not acted on.
 */
import { Alert, Button, Checkbox, Group, Modal, Progress, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlugConnected, IconTrash, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Accounts } from '../accounts.ts';
import { type Each, forEach } from '../each.ts';
import { useFormat } from '../language.ts';
import { CheckMany } from './check-many.tsx';
import { ConfirmDelete } from './confirm.tsx';
import { notify } from './notices.tsx';
import { Problem } from './page.tsx';
import type { Column } from './rows.tsx';

const AT_ONCE = 4;

export type Chosen<Item> = {
  /** Of those that are shown. */
  items: Item[];
  /** The boxes to choose by, as a column of the list. */
  column: Column<Item>;
  chooseAll: () => void;
  chooseNone: () => void;
};

/** @param shown all that the list shows, however it was narrowed down */
export function useChosen<Item extends { id: string }>(
  shown: readonly Item[],
  nameOf: (item: Item) => string,
): Chosen<Item> {
  const { t } = useTranslation();
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const items = shown.filter(({ id }) => ids.has(id));
  const choose = (some: readonly Item[], yes: boolean): void => {
    const next = new Set(ids);
    for (const { id } of some) yes ? next.add(id) : next.delete(id);
    setIds(next);
  };
  return {
    items,
    chooseAll: () => choose(shown, true),
    chooseNone: () => setIds(new Set()),
    column: {
      key: 'select',
      label: t('accounts.selection'),
      select: true,
      header: (
        <Checkbox
          size="xs"
          aria-label={t('accounts.selectAll', { count: shown.length })}
          checked={items.length === shown.length}
          indeterminate={items.length > 0 && items.length < shown.length}
          onChange={(event) => choose(shown, event.currentTarget.checked)}
        />
      ),
      cell: (item) => (
        <Checkbox
          size="xs"
          aria-label={t('accounts.select', { name: nameOf(item) })}
          checked={ids.has(item.id)}
          onChange={(event) => choose([item], event.currentTarget.checked)}
        />
      ),
    },
  };
}

/** Does the same to many, and tells how it goes and how it ended. */
export type Act<Item> = (items: readonly Item[], one: (item: Item) => Promise<unknown>) => Promise<void>;

type Props<Item extends { id: string }> = {
  of: Accounts<Item>;
  chosen: Chosen<Item>;
  /** How many are shown. */
  all: number;
  /** What goes with those that are deleted, one line each. */
  destroys: string[];
  /** Names of the monitors that keep one from being deleted. */
  usersOf?: (item: Item) => readonly string[];
  /** What only this list can do. */
  more?: (act: Act<Item>, busy: boolean) => ReactNode;
};

export function Selection<Item extends { id: string }>({
  of,
  chosen,
  all,
  destroys,
  usersOf = () => [],
  more,
}: Props<Item>) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [so, setSo] = useState<Each<Item, unknown>>();
  const [dialog, setDialog] = useState<'check' | 'delete' | null>(null);
  // What was chosen when the dialog opened: one that is gone meanwhile must not empty it.
  const [taken, setTaken] = useState<readonly Item[]>([]);
  const { items } = chosen;
  const open = (next: typeof dialog): void => {
    setTaken(items);
    setDialog(next);
  };
  const run = async (
    some: readonly Item[],
    one: (item: Item) => Promise<unknown>,
    said: 'changed' | 'deleted',
  ): Promise<Each<Item, unknown>> => {
    const end = await forEach(some, one, { most: AT_ONCE, onProgress: setSo });
    await client.invalidateQueries({ queryKey: [of.list] });
    if (end.failed.length === 0) setSo(undefined);
    if (end.done.length > 0) void notify(t(`many.${of.kind}.${said}`, { count: end.done.length }));
    return end;
  };
  const act: Act<Item> = async (some, one) => void (await run(some, one, 'changed'));
  const busy = so?.running === true;
  const acts = [
    { label: t('action.pause'), Icon: IconPlayerPause, on: items.filter(of.mayPause), one: of.pause },
    { label: t('action.resume'), Icon: IconPlayerPlay, on: items.filter(of.mayResume), one: of.resume },
  ];
  const stay = taken.filter((item) => usersOf(item).length > 0);
  const go = taken.filter((item) => usersOf(item).length === 0);
  const stays = stay.map((item) =>
    t('accounts.usedBy', { name: of.nameOf(item), monitors: usersOf(item).join(t('check.join')) }),
  );
  return (
    <>
      <section className="selection" aria-label={t('accounts.selection')}>
        <Text fw={600} role="status">
          {t('accounts.selected', { count: items.length })}
        </Text>
        <Group gap={6} className="selection-acts">
          <Button
            size="xs"
            variant="default"
            disabled={busy}
            leftSection={<IconPlugConnected size={15} aria-hidden />}
            onClick={() => open('check')}
          >
            {t('check.action')}
          </Button>
          {more?.(act, busy)}
          {acts.map(({ label, Icon, on, one }) => (
            <Button
              key={label}
              size="xs"
              variant="default"
              disabled={busy || on.length === 0}
              leftSection={<Icon size={15} aria-hidden />}
              onClick={() => void act(on, one)}
            >
              {label}
            </Button>
          ))}
          <Button
            size="xs"
            variant="default"
            c="var(--mantine-color-error)"
            disabled={busy}
            leftSection={<IconTrash size={15} aria-hidden />}
            onClick={() => open('delete')}
          >
            {t('action.delete')}
          </Button>
        </Group>
        <Group gap={6}>
          {items.length < all && (
            <Button size="xs" variant="subtle" onClick={chosen.chooseAll}>
              {t('accounts.selectAll', { count: all })}
            </Button>
          )}
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            leftSection={<IconX size={15} aria-hidden />}
            onClick={chosen.chooseNone}
          >
            {t('accounts.clearSelection')}
          </Button>
        </Group>
        {so && (
          <div className="selection-course">
            {so.running && (
              <>
                <Text size="sm" role="status">
                  {t('accounts.workingOn', {
                    done: format.number(so.done.length + so.failed.length),
                    all: format.number(so.all),
                  })}
                </Text>
                <Progress
                  value={so.all === 0 ? 100 : (100 * (so.done.length + so.failed.length)) / so.all}
                  size={6}
                  aria-label={t('accounts.selection')}
                />
              </>
            )}
            {!so.running && so.failed.length > 0 && (
              <Alert
                color="red"
                withCloseButton
                closeButtonLabel={t('action.close')}
                onClose={() => setSo(undefined)}
                title={t('accounts.someFailed', { count: so.failed.length })}
                role="alert"
              >
                <Text className="break">{so.failed.map(({ item }) => of.nameOf(item)).join(t('check.join'))}</Text>
                <Problem error={so.failed[0]?.error} />
              </Alert>
            )}
          </div>
        )}
      </section>
      <Modal
        opened={dialog === 'check'}
        onClose={() => setDialog(null)}
        size="lg"
        title={t(`many.${of.kind}.check`, { count: taken.length })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {dialog === 'check' && (
          <CheckMany of={of} items={taken.map((item) => ({ id: item.id, name: of.nameOf(item) }))}>
            <Button variant="default" onClick={() => setDialog(null)}>
              {t('action.close')}
            </Button>
          </CheckMany>
        )}
      </Modal>
      <ConfirmDelete
        opened={dialog === 'delete'}
        title={t(`many.${of.kind}.delete`, { count: go.length || taken.length })}
        name={t('accounts.deleteWord')}
        blocked={go.length === 0 ? t('accounts.allUsed') : undefined}
        destroys={go.length === 0 ? stays : [t(`many.${of.kind}.destroys`, { count: go.length }), ...destroys]}
        {...(go.length > 0 && stays.length > 0 ? { stays: { why: t('accounts.stay'), what: stays } } : {})}
        action={t('action.delete')}
        onClose={() => setDialog(null)}
        onConfirm={async () => {
          const end = await run(go, of.remove, 'deleted');
          const first = end.failed[0];
          if (first) throw first.error;
          if (stay.length === 0) chosen.chooseNone();
        }}
      />
    </>
  );
}
