/**
 * Tables in and out over the API, of whatever noun: what each line of a file would do, adding those that are sound, and a file of what is there. Nothing is told
 * to open browsers line by line: an import is announced once, by whoever asks for it.
 */
import type { CsvFileReason, CsvReading } from '../csv.ts';
import { AppError } from '../errors.ts';
import { explain } from '../words/words.ts';
import type { ImportJson } from './json/imports.ts';
import type { TextReply } from './route.ts';

type Import<Draft> = {
  dryRun: boolean;
  add: (draft: Draft) => Promise<{ id: string }>;
  /** `seed`, `sender` */
  noun: string;
  /** Of the column that must be there. */
  heading: string;
};

/** @throws AppError `invalid` for a file that cannot be read as a whole */
export async function importTable<Draft>(
  reading: CsvReading<string, string, Draft>,
  { dryRun, add, noun, heading }: Import<Draft>,
): Promise<ImportJson> {
  if (!reading.ok) throw new AppError('invalid', unreadable(reading.reason, heading), { reason: reading.reason });
  const lines: ImportJson['lines'] = [];
  for (const one of reading.lines) {
    const { line, key: address } = one;
    if (one.verdict === 'ok') {
      const said = { line, address, ok: true, reason: 'ok' };
      if (dryRun) lines.push({ ...said, detail: 'Can be added.', id: null });
      else lines.push({ ...said, detail: 'Added.', id: (await add(one.draft)).id });
    } else if (one.verdict === 'duplicate') {
      const detail =
        one.of === 'existing' ? `This ${noun} is there already.` : `The same ${noun} stands in line ${one.of}.`;
      lines.push({ line, address, ok: false, reason: 'duplicate', detail, id: null });
    } else {
      const { title, meaning } = explain(one.reason, one.column === null ? {} : { column: one.column }, 'en');
      lines.push({ line, address, ok: false, reason: one.reason, detail: meaning || title, id: null });
    }
  }
  const good = lines.filter((line) => line.ok).length;
  return { dryRun, added: dryRun ? 0 : good, refused: lines.length - good, lines };
}

function unreadable(reason: CsvFileReason, heading: string): string {
  const sentences: Record<CsvFileReason, string> = {
    empty: 'The file is empty.',
    'heading-missing': `The first line must name the columns; one of them is ${heading}.`,
    'heading-twice': 'The first line names the same column twice.',
    'too-large': 'The file is too large.',
    'too-many-lines': 'The file has too many lines.',
  };
  return sentences[reason];
}

export function csvFile(name: string, table: string): TextReply {
  return {
    contentType: 'text/csv; charset=utf-8',
    // A byte order mark: without it spreadsheets read Japanese names as nonsense.
    body: `\ufeff${table}`,
    headers: { 'Content-Disposition': `attachment; filename="${name}"` },
  };
}

/** All rows of a list that is read page by page. */
export async function everyRow<Row extends { id: string }>(
  list: (page: { cursor: string | undefined; limit: number }) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const limit = 500; ; ) {
    const page = await list({ cursor: rows.at(-1)?.id, limit });
    rows.push(...page);
    if (page.length < limit) return rows;
  }
}
