/** Writes the table of findings into `server/campaign/README.md`, everything behind its last heading, and `policy.schema.json` beside it. Run it after a change of either. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findingsTable } from '../../server/campaign/findings.ts';
import { publishedSchema } from '../../server/campaign/policy.ts';

const FILE = fileURLToPath(new URL('../../server/campaign/README.md', import.meta.url));
const SCHEMA = fileURLToPath(new URL('../../server/campaign/policy.schema.json', import.meta.url));

/** The document with the table as it should be. */
export function withTable(text: string): string {
  const first = text.indexOf('\n| id ');
  return `${(first < 0 ? text : text.slice(0, first)).trimEnd()}\n\n${findingsTable()}\n`;
}

export function document(): string {
  return readFileSync(FILE, 'utf8');
}

/** As it lies there, and as it should. */
export function schemas(): { published: unknown; made: unknown } {
  return { published: JSON.parse(readFileSync(SCHEMA, 'utf8')), made: publishedSchema() };
}

if (import.meta.main) {
  writeFileSync(SCHEMA, `${JSON.stringify(publishedSchema(), null, 2)}\n`);
  writeFileSync(FILE, withTable(document()));
}
