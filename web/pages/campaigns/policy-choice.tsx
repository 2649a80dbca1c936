/** What a campaign that is not there yet will be judged by: the default, unless another is given before its first audit. */
import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PolicyEditor } from './policy-editor.tsx';
import type { Policy } from './policy-values.ts';
import { PolicyWords, usePolicyDefaults } from './policy-words.tsx';

type Props = {
  /** Null: the default. */
  value: Policy | null;
  /** Of a draft, which nothing has signed yet. */
  draft?: boolean;
  onChange: (policy: Policy | null) => void;
};

/** Nothing stands here until the default is known: it holds without being seen. */
export function PolicyChoice({ value, draft = false, onChange }: Props) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const { data } = usePolicyDefaults();
  if (!data) return null;
  const policy = value ?? (draft ? data.draftPolicy : data.policy);
  return (
    <section className="policy-choice" aria-label={t('policy.title')}>
      <Text size="sm" component="span" fw={600}>
        {t(value !== null ? 'policy.byOwn' : draft ? 'policy.byDraftDefault' : 'policy.byDefault')}
      </Text>{' '}
      <PolicyWords policy={policy} />{' '}
      <Button size="compact-sm" variant="subtle" onClick={() => setEditing(true)}>
        {t('policy.change')}
      </Button>
      <PolicyEditor
        opened={editing}
        policy={policy}
        draft={draft}
        onClose={() => setEditing(false)}
        onSave={async (next) => onChange(next)}
      />
    </section>
  );
}
