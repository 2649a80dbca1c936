/** The form of a policy in a dialog. Most visits only read what is asked, so the form comes when it is opened. */
import { Modal, Skeleton, Stack } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../components/page.tsx';
import { withMessages } from '../../language.ts';
import type { Policy } from './policy-values.ts';
import { usePolicyDefaults } from './policy-words.tsx';

const load = withMessages('domains', () => import('./policy-form.tsx'));
const PolicyForm = lazy(async () => ({ default: (await load()).PolicyForm }));

export type PolicyEditorProps = {
  policy: Policy;
  /** Its default is that of a draft. */
  draft: boolean;
  /** Told null for the default. */
  onSave: (policy: Policy | null) => Promise<void>;
  onClose: () => void;
};

export function PolicyEditor({ opened, ...rest }: PolicyEditorProps & { opened: boolean }) {
  const { t } = useTranslation();
  const { data, error, refetch } = usePolicyDefaults();
  const waiting = (
    <Stack gap="md" aria-hidden="true">
      <Skeleton height={60} />
      <Skeleton height={60} />
      <Skeleton height={120} />
    </Stack>
  );
  return (
    <Modal
      opened={opened}
      onClose={rest.onClose}
      size="xl"
      title={t('policy.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {data ? (
        <Suspense fallback={waiting}>
          <PolicyForm {...rest} defaults={data} />
        </Suspense>
      ) : error ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : (
        waiting
      )}
    </Modal>
  );
}
