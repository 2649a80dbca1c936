/** Why a backup could not be made, taken in or put in place: the server names a reason of its own for each, and says what to do. */
import { ApiError } from '../../api.ts';
import { Problem, ProblemBox } from '../../components/page.tsx';
import { useWords } from '../../words.ts';

export function BackupTrouble({ error }: { error: unknown }) {
  const words = useWords();
  const reason = error instanceof ApiError ? error.detail.reason : undefined;
  if (!(error instanceof ApiError) || typeof reason !== 'string') return <Problem error={error} />;
  return <ProblemBox {...words(reason, error.detail, 'backups')} />;
}
