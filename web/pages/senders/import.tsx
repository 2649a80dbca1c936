/** Senders from a spreadsheet. */
import { SENDERS } from '../../accounts.ts';
import { ImportPage } from '../../components/import-page.tsx';

export function ImportSenders() {
  return <ImportPage of={SENDERS} />;
}
