/** Writes the table of findings into `server/domain/README.md`: everything behind its last heading. Run it after a change of the catalogue. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findingsTable } from '../../server/domain/findings.ts';

const FILE = fileURLToPath(new URL('../../server/domain/README.md', import.meta.url));

/** The document with the table as it should be. */
export function withTable(text: string): string {
  const first = text.indexOf('\n| id ');
  return `${(first < 0 ? text : text.slice(0, first)).trimEnd()}\n\n${findingsTable()}\n`;
}

export function document(): string {
  return readFileSync(FILE, 'utf8');
}

if (import.meta.main) writeFileSync(FILE, withTable(document()));
