/**
 * Tables as files that a spreadsheet saves and opens (CSV, RFC 4180): whatever quoting, line ends and separators it chose, a byte order mark before it, headings in
 * several languages. What a line means is the business of whoever asks; this knows cells, headings, duplicates and limits. Out: with cells
 * that a spreadsheet would run as a formula made harmless. Pure.
 */

/** Characters of a whole file, records in it, and characters of one cell. */
export const CSV_LIMITS = { characters: 4_000_000, records: 5_000, cell: 1_000 } as const;

type Delimiter = ',' | ';' | '\t';

/** Why a file as a whole cannot be read. */
export type CsvFileReason = 'empty' | 'heading-missing' | 'heading-twice' | 'too-large' | 'too-many-lines';
/** Why a line cannot be read, whatever it is about. */
export type CsvCellReason = 'control-character' | 'too-long' | 'too-many-cells' | 'quote-not-closed';

export type Refusal<Column, Reason> = { reason: Reason | CsvCellReason; column: Column | null };

/** The column of this name is taken as it is, spaces at its ends included, and never written. */
const SECRET = 'password';

/** What a table is about. `Draft` is what becomes of a sound line. */
export type Table<Column extends string, Reason extends string, Draft> = {
  /** Every column with the headings that mean it, in lower case; they are written in this order. */
  headings: Record<Column, readonly string[]>;
  /** The column without which there is nothing to read; a person knows a line again by what stands in it. */
  key: NoInfer<Column>;
  /** @param cellOf trimmed; '' where the line or the file leaves it out */
  read: (cellOf: (column: Column) => string) => Draft | Refusal<Column, Reason>;
  /** Two lines with the same identity are one thing. */
  identity: (draft: Draft) => string;
};

/**
 * `line` counts lines of the file from 1, as editors do; a record with line breaks in quotes has the number of its first. `key` is what stands in the column of
 * that name, sound or not.
 */
export type LineVerdict<Column, Reason, Draft> = { line: number; key: string } & (
  | { verdict: 'ok'; draft: Draft }
  | ({ verdict: 'error' } & Refusal<Column, Reason>)
  | { verdict: 'duplicate'; of: number | 'existing' }
);

export type CsvReading<Column, Reason, Draft> =
  | {
      ok: true;
      delimiter: Delimiter;
      columns: Column[];
      unknownHeadings: string[];
      lines: LineVerdict<Column, Reason, Draft>[];
    }
  | { ok: false; reason: CsvFileReason };

/** The longest an address may be (RFC 5321 §4.5.3.1.3, without the brackets): more of a key is not repeated. */
const LONGEST_KEY = 254;

/**
 * Reads a table. Stores nothing, so it is the dry run and the import alike.
 * @param existing identities of what is there already
 */
export function readTable<Column extends string, Reason extends string, Draft extends object>(
  text: string,
  table: Table<Column, Reason, Draft>,
  existing: readonly string[],
): CsvReading<Column, Reason, Draft> {
  if (text.length > CSV_LIMITS.characters) return { ok: false, reason: 'too-large' };
  const body = text.replace(/^\ufeff/, '');
  if (body.trim() === '') return { ok: false, reason: 'empty' };
  const delimiter = guessDelimiter(body);
  const [head, ...rest] = parseCsv(body, delimiter, CSV_LIMITS.records + 2);
  if (rest.length > CSV_LIMITS.records) return { ok: false, reason: 'too-many-lines' };
  const headings = (head?.cells ?? []).map((cell) => columnOf(cell, table.headings));
  const columns = headings.filter((column) => column !== null);
  if (!columns.includes(table.key)) return { ok: false, reason: 'heading-missing' };
  if (new Set(columns).size !== columns.length) return { ok: false, reason: 'heading-twice' };
  const unknownHeadings = (head?.cells ?? [])
    .filter((cell, i) => headings[i] === null && cell.trim() !== '')
    .slice(0, 50);
  const known = new Map<string, number | 'existing'>(existing.map((identity) => [identity, 'existing']));
  const lines = rest.map((record): LineVerdict<Column, Reason, Draft> => {
    const key = unguard((record.cells[headings.indexOf(table.key)] ?? '').trim()).slice(0, LONGEST_KEY);
    const about = { line: record.line, key };
    const cells = cellsOf(record, headings);
    if ('reason' in cells) return { ...about, verdict: 'error', ...cells };
    const draft = table.read((column) => cells.given.get(column) ?? '');
    if ('reason' in draft) return { ...about, verdict: 'error', ...draft };
    const identity = table.identity(draft);
    const of = known.get(identity);
    if (of !== undefined) return { ...about, verdict: 'duplicate', of };
    known.set(identity, record.line);
    return { ...about, verdict: 'ok', draft };
  });
  return { ok: true, delimiter, columns, unknownHeadings, lines };
}

/** A table without its secret, CRLF lines, headings in English: it can be read back by `readTable`. */
export function writeTable<Column extends string>(
  { headings }: { headings: Record<Column, unknown> },
  rows: readonly Record<Exclude<Column, typeof SECRET>, string | number | null>[],
): string {
  const columns = columnsOf(headings).filter((column): column is Exclude<Column, typeof SECRET> => column !== SECRET);
  return writeLines([columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]);
}

/** A table for other programs, whatever its columns are called; cells as above. */
export function writeLines(lines: readonly (readonly string[])[]): string {
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function columnsOf<Column extends string>(headings: Record<Column, unknown>): Column[] {
  return Object.keys(headings) as Column[];
}

function columnOf<Column extends string>(heading: string, headings: Record<Column, readonly string[]>): Column | null {
  const word = heading
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/[_\s]+/g, ' ');
  return columnsOf(headings).find((column) => headings[column].includes(word)) ?? null;
}

function cellsOf<Column extends string>(
  { cells, open }: CsvRecord,
  headings: readonly (Column | null)[],
): { given: Map<Column, string> } | Refusal<Column, never> {
  if (open) return { reason: 'quote-not-closed', column: null };
  if (cells.slice(headings.length).some((value) => value.trim() !== ''))
    return { reason: 'too-many-cells', column: null };
  const given = new Map<Column, string>();
  for (const [index, column] of headings.entries()) {
    if (column === null) continue;
    const raw = cells[index] ?? '';
    if (raw.length > CSV_LIMITS.cell) return { reason: 'too-long', column };
    // They would end a command line of SMTP, IMAP or POP3.
    if (/[\p{Cc}\u2028\u2029]/u.test(raw)) return { reason: 'control-character', column };
    given.set(column, column === SECRET ? raw : unguard(raw.trim()));
  }
  return { given };
}

type CsvRecord = { line: number; cells: string[]; open: boolean };

/** RFC 4180 with any of CRLF, LF and CR as line end. Lines of nothing but space and delimiters are left out. Stops after `most` records. */
export function parseCsv(text: string, delimiter: string, most: number): CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length && records.length < most) {
    const record: CsvRecord = { line, cells: [], open: false };
    let end = false;
    while (!end) {
      let value = '';
      // A quote opens a quoted cell only where the cell begins; elsewhere it is a quote.
      if (text[at] === '"') {
        at++;
        for (;;) {
          const quote = text.indexOf('"', at);
          const piece = text.slice(at, quote === -1 ? text.length : quote);
          line += lineBreaks(piece);
          value += piece;
          if (quote === -1) {
            record.open = true;
            at = text.length;
            break;
          }
          at = quote + 1;
          if (text[at] !== '"') break;
          value += '"';
          at++;
        }
      }
      const from = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++;
      record.cells.push(value + text.slice(from, at));
      if (text[at] === delimiter) at++;
      else {
        end = true;
        if (at < text.length) {
          at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
          line++;
        }
      }
    }
    if (record.open || record.cells.some((value) => value.trim() !== '')) records.push(record);
  }
  return records;
}

/** The delimiter that splits the first line into the most cells, outside quotes. */
function guessDelimiter(text: string): Delimiter {
  const first = (/^[^\r\n]*/.exec(text)?.[0] ?? '').slice(0, 10_000).replace(/"[^"]*"/g, '');
  const candidates = [',', ';', '\t'] as const;
  return candidates.reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best), ',');
}

/** A spreadsheet runs a cell that begins so as a formula (the wide forms too); an apostrophe before it makes it text. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** What stands behind such an apostrophe, one that was there from the first included. */
const GUARDED = /^'+[=+\-@\t\r\n＝＋－＠]/;

function cell(value: string): string {
  const safe = FORMULA.test(value) || GUARDED.test(value) ? `'${value}` : value;
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Takes back what `cell` added, so that a table that was exported reads as it was. */
function unguard(value: string): string {
  return GUARDED.test(value) ? value.slice(1) : value;
}

function lineBreaks(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
