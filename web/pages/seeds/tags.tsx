/** A seed's tags, changed where they stand: Enter or leaving the field keeps them, Esc gives them back. */
import { ActionIcon, Badge, Group, TagsInput } from '@mantine/core';
import { IconTag } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { api } from '../../api.ts';
import { Hint } from '../../components/hint.tsx';

type Props = { seed: SeedJson; known: readonly string[]; onError: (error: unknown) => void };

export function SeedTags({ seed, known, onError }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [draft, setDraft] = useState<string[] | null>(null);
  const latest = useRef<string[]>([]);
  const button = useRef<HTMLButtonElement>(null);
  const save = useMutation({
    mutationFn: (tags: string[]) => api.seeds.change(seed.id, { tags }),
    onSettled: () => client.invalidateQueries({ queryKey: ['seeds'] }),
    onError,
  });
  const shown = save.isPending ? save.variables : seed.tags;
  const close = (): void => {
    setDraft(null);
    // Where the field was, the keyboard goes on.
    setTimeout(() => button.current?.focus({ preventScroll: true }));
  };
  const keep = (): void => {
    setDraft(null);
    if (latest.current.join('\n') !== seed.tags.join('\n')) save.mutate(latest.current);
  };
  if (draft === null)
    return (
      <Group gap={4} mt={2} className="seed-tags">
        {shown.map((tag) => (
          <Badge key={tag} size="sm" variant="default" tt="none" fw={500}>
            {tag}
          </Badge>
        ))}
        <Hint label={t(shown.length === 0 ? 'accounts.addTag' : 'word.tags')}>
          <ActionIcon
            ref={button}
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t('accounts.tagsEdit', { name: seed.address })}
            onClick={() => {
              latest.current = seed.tags;
              setDraft(seed.tags);
            }}
          >
            <IconTag size={14} aria-hidden />
          </ActionIcon>
        </Hint>
      </Group>
    );
  return (
    <TagsInput
      autoFocus
      size="xs"
      mt={4}
      aria-label={t('accounts.tagsOf', { name: seed.address })}
      data={[...known]}
      value={draft}
      maxTags={50}
      onChange={(tags) => {
        latest.current = tags;
        setDraft(tags);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        close();
      }}
      // A word that is typed but not entered becomes a tag with this same event: it is waited for.
      onBlur={() => setTimeout(keep)}
    />
  );
}
