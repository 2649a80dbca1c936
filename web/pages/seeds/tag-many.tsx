/** Tags put on and taken off many seeds at once. */
import { Button, Checkbox, Group, Modal, Stack, TagsInput } from '@mantine/core';
import { IconTag } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { api } from '../../api.ts';
import { finds } from '../../components/finds.ts';
import type { Act } from '../../components/selection.tsx';
import { useFormat } from '../../language.ts';

type Props = { chosen: readonly SeedJson[]; known: readonly string[]; act: Act<SeedJson>; busy: boolean };

export function TagMany({ chosen, known, act, busy }: Props) {
  const { t } = useTranslation();
  // What was chosen when the dialog opened.
  const [taken, setTaken] = useState<readonly SeedJson[] | null>(null);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        disabled={busy}
        leftSection={<IconTag size={15} aria-hidden />}
        onClick={() => setTaken(chosen)}
      >
        {t('word.tags')}
      </Button>
      {taken && (
        <TagsDialog
          seeds={taken}
          known={known}
          onClose={() => setTaken(null)}
          onApply={(add, remove) => {
            setTaken(null);
            const after = (seed: SeedJson): string[] => [
              ...new Set([...seed.tags.filter((tag) => !remove.includes(tag)), ...add]),
            ];
            void act(
              taken.filter((seed) => after(seed).join('\n') !== seed.tags.join('\n')),
              (seed) => api.seeds.change(seed.id, { tags: after(seed) }),
            );
          }}
        />
      )}
    </>
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
