/** What can be done with many seeds at once. Each is a request of its own, a few at a time: one that fails stands with its reason and the others are done. */
import { Alert, Button, Checkbox, Group, Modal, Progress, Stack, TagsInput, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlugConnected, IconTag, IconTrash, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { api } from '../../api.ts';
import { ConfirmDelete } from '../../components/confirm.tsx';
import { finds } from '../../components/finds.ts';
import { notify } from '../../components/notices.tsx';
import { Problem } from '../../components/page.tsx';
import { type Each, forEach } from '../../each.ts';
import { useFormat } from '../../language.ts';
import { CheckMany } from './check-many.tsx';

const AT_ONCE = 4;

type Props = {
  chosen: readonly SeedJson[];
  /** All that are shown. */
  all: number;
  knownTags: readonly string[];
  onAll: () => void;
  onNone: () => void;
};

export function Selection({ chosen, all, knownTags, onAll, onNone }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [so, setSo] = useState<Each<SeedJson, unknown>>();
  const [dialog, setDialog] = useState<'check' | 'tags' | 'delete' | null>(null);
  // What was chosen when the dialog opened: a seed that is gone meanwhile must not empty it.
  const [taken, setTaken] = useState<readonly SeedJson[]>([]);
  const open = (next: typeof dialog): void => {
    setTaken(chosen);
    setDialog(next);
  };
  const act = async (
    seeds: readonly SeedJson[],
    one: (seed: SeedJson) => Promise<unknown>,
    said: 'accounts.changed' | 'accounts.deleted',
  ): Promise<Each<SeedJson, unknown>> => {
    const end = await forEach(seeds, one, { most: AT_ONCE, onProgress: setSo });
    await client.invalidateQueries({ queryKey: ['seeds'] });
    if (end.failed.length === 0) setSo(undefined);
    if (end.done.length > 0) void notify(t(said, { count: end.done.length }));
    return end;
  };
  const pause = (paused: boolean): void =>
    void act(
      chosen.filter((seed) => (seed.pausedAt !== null) !== paused),
      (seed) => api.seeds.change(seed.id, { paused }),
      'accounts.changed',
    );
  const busy = so?.running === true;
  return (
    <>
      <section className="selection" aria-label={t('accounts.selection')}>
        <Text fw={600} role="status">
          {t('accounts.selected', { count: chosen.length })}
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
          <Button
            size="xs"
            variant="default"
            disabled={busy}
            leftSection={<IconTag size={15} aria-hidden />}
            onClick={() => open('tags')}
          >
            {t('word.tags')}
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={busy || chosen.every((seed) => seed.pausedAt !== null)}
            leftSection={<IconPlayerPause size={15} aria-hidden />}
            onClick={() => pause(true)}
          >
            {t('action.pause')}
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={busy || chosen.every((seed) => seed.pausedAt === null)}
            leftSection={<IconPlayerPlay size={15} aria-hidden />}
            onClick={() => pause(false)}
          >
            {t('action.resume')}
          </Button>
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
          {chosen.length < all && (
            <Button size="xs" variant="subtle" onClick={onAll}>
              {t('accounts.selectAll', { count: all })}
            </Button>
          )}
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            leftSection={<IconX size={15} aria-hidden />}
            onClick={onNone}
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
            {!so.running && so.failed.length > 0 && <Failed so={so} onClose={() => setSo(undefined)} />}
          </div>
        )}
      </section>
      <Modal
        opened={dialog === 'check'}
        onClose={() => setDialog(null)}
        size="lg"
        title={t('accounts.checkMany', { count: taken.length })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {dialog === 'check' && (
          <CheckMany seeds={taken}>
            <Button variant="default" onClick={() => setDialog(null)}>
              {t('action.close')}
            </Button>
          </CheckMany>
        )}
      </Modal>
      {dialog === 'tags' && (
        <TagsDialog
          seeds={taken}
          known={knownTags}
          onClose={() => setDialog(null)}
          onApply={(add, remove) => {
            setDialog(null);
            const after = (seed: SeedJson): string[] => [
              ...new Set([...seed.tags.filter((tag) => !remove.includes(tag)), ...add]),
            ];
            void act(
              taken.filter((seed) => after(seed).join('\n') !== seed.tags.join('\n')),
              (seed) => api.seeds.change(seed.id, { tags: after(seed) }),
              'accounts.changed',
            );
          }}
        />
      )}
      <ConfirmDelete
        opened={dialog === 'delete'}
        title={t('accounts.deleteMany', { count: taken.length })}
        name={t('accounts.deleteWord')}
        destroys={[t('accounts.destroysMany', { count: taken.length }), t('seed.destroysMonitors'), t('seed.keeps')]}
        action={t('action.delete')}
        onClose={() => setDialog(null)}
        onConfirm={async () => {
          const end = await act(taken, (seed) => api.seeds.remove(seed.id), 'accounts.deleted');
          const first = end.failed[0];
          if (first) throw first.error;
          onNone();
        }}
      />
    </>
  );
}

function Failed({ so, onClose }: { so: Each<SeedJson, unknown>; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert
      color="red"
      withCloseButton
      closeButtonLabel={t('action.close')}
      onClose={onClose}
      title={t('accounts.someFailed', { count: so.failed.length })}
      role="alert"
    >
      <Text className="break">{so.failed.map(({ item }) => item.address).join(t('check.join'))}</Text>
      <Problem error={so.failed[0]?.error} />
    </Alert>
  );
}

function TagsDialog({
  seeds,
  known,
  onApply,
  onClose,
}: {
  seeds: readonly SeedJson[];
  known: readonly string[];
  onApply: (add: string[], remove: string[]) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const there = [...new Set(seeds.flatMap((seed) => seed.tags))].sort();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('accounts.tagTitle', { count: seeds.length })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="sm">
        <TagsInput
          label={t('accounts.tagsAdd')}
          data={known.filter((tag) => !remove.includes(tag))}
          value={add}
          onChange={setAdd}
          maxTags={20}
          openOnFocus={false}
          // Offered as one types, and not before: an open list would lie over what stands beneath.
          filter={({ options, search }) =>
            search.trim() === '' ? [] : options.filter((one) => 'label' in one && finds(search, [one.label]))
          }
          data-autofocus
        />
        {there.length > 0 && (
          <Checkbox.Group label={t('accounts.tagsRemove')} value={remove} onChange={setRemove}>
            <Group gap="xs" mt={6}>
              {there.map((tag) => (
                <Checkbox
                  key={tag}
                  value={tag}
                  disabled={add.includes(tag)}
                  label={`${tag} (${format.number(seeds.filter((seed) => seed.tags.includes(tag)).length)})`}
                />
              ))}
            </Group>
          </Checkbox.Group>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button disabled={add.length + remove.length === 0} onClick={() => onApply(add, remove)}>
            {t('accounts.tagsApply')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
