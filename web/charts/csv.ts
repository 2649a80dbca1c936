/**
 * Every chart can be taken away as a table. Spreadsheets run a cell that begins with = + - or @ as a formula, and names come from people and from
 * mail, so such cells get an apostrophe in front (OWASP, CSV injection); plain numbers stay numbers.
 *
 * People read `94%` and `23 Nov`; a spreadsheet wants 0.94 and a date it can sort by. A cell may have both.
 */
type Plain = string | number | null;
export type Cell = Plain | { shown: string; value: Plain };
export type TableData = { columns: string[]; rows: Cell[][] };

/** What people read of a cell; null where there is nothing. */
export function shownOf(cell: Cell): string | number | null {
  return cell !== null && typeof cell === 'object' ? cell.shown : cell;
}

/** RFC 4180: CRLF, quotes doubled. */
export function toCsv(table: TableData): string {
  return [table.columns, ...table.rows]
    .map((row) => row.map((cell) => written(cell !== null && typeof cell === 'object' ? cell.value : cell)).join(','))
    .join('\r\n')
    .concat('\r\n');
}

function written(value: Plain): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
