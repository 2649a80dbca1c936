/** Seeds from a spreadsheet; the guide asks in the same words. */
import { SEEDS } from '../../accounts.ts';
import { ImportPage } from '../../components/import-page.tsx';

export function ImportSeeds() {
  return <ImportPage of={SEEDS} />;
}
