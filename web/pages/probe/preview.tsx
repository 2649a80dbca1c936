/** The mail of a probe as its reader would see it; a mail whose raw form was not kept says so. */
import { Alert, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { MailView } from '../../components/mail-view.tsx';
import { Problem } from '../../components/page.tsx';
import { useWords } from '../../words.ts';

export function Preview({ id }: { id: string }) {
  const words = useWords();
  const preview = useQuery({
    queryKey: ['previews', id],
    queryFn: () => api.probes.preview(id),
    // A mail that is kept never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (preview.error && !preview.data) return <Problem error={preview.error} onRetry={() => void preview.refetch()} />;
  if (!preview.data) return <Skeleton height={460} />;
  const { reason } = preview.data;
  if (reason !== null) {
    const { title, meaning, todo } = words(reason, {}, 'previews');
    return (
      <Alert color="yellow" title={title} role="status" styles={{ title: { color: 'var(--text)' } }}>
        {meaning} {todo}
      </Alert>
    );
  }
  return <MailView preview={preview.data} />;
}
