/**
 * Every chart can be taken away as a table. Spreadsheets run a cell that begins with = + - or @ as a formula, and names come from people and from
 * mail, so such cells get an apostrophe in front (OWASP, CSV injection); plain numbers stay numbers.
 */
export type Cell = string | number | null;
export type TableData = { columns: string[]; rows: Cell[][] };

/** RFC 4180: CRLF, quotes doubled. */
export function toCsv(table: TableData): string {
  return [table.columns, ...table.rows]
    .map((row) => row.map(cell).join(','))
    .join('\r\n')
    .concat('\r\n');
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
