// biome-ignore-all lint/a11y/noRedundantRoles: browsers drop a table's roles when CSS lays it out as blocks, as on a phone
/**
 * A list as a table, and on a phone as cards. The markup is one table for both; roles are written out because browsers forget that a table
 * is one as soon as CSS lays it out as blocks.
 */
import type { ReactNode } from 'react';

export type Column<T> = {
  key: string;
  label: string;
  /** The column that names the row. */
  head?: boolean;
  /** Numbers stand right, with figures of one width. */
  numeric?: boolean;
  /** Left out on a phone. */
  wide?: boolean;
  /** Its label is not shown on a phone card (actions). */
  bare?: boolean;
  /** Boxes to choose rows by; on a phone it stands beside what names the row. */
  select?: boolean;
  /** In the heading, instead of the label. */
  header?: ReactNode;
  cell: (row: T) => ReactNode;
};

type Props<T> = { label: string; columns: Column<T>[]; rows: T[]; rowKey: (row: T) => string };

export function Rows<T>({ label, columns, rows, rowKey }: Props<T>) {
  return (
    <table className="rows" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.key} role="columnheader" scope="col" className={classOf(column)}>
              {column.header ?? (column.bare ? <span className="sr-only">{column.label}</span> : column.label)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((column) =>
              column.head ? (
                <th key={column.key} role="rowheader" scope="row" className={classOf(column)}>
                  {column.cell(row)}
                </th>
              ) : (
                <td
                  key={column.key}
                  role="cell"
                  className={classOf(column)}
                  data-label={column.bare || column.select ? undefined : column.label}
                >
                  <div>{column.cell(row)}</div>
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function classOf<T>(column: Column<T>): string {
  return [
    column.head && 'head',
    column.numeric && 'numeric',
    column.wide && 'wide',
    column.bare && 'bare',
    column.select && 'select',
  ]
    .filter(Boolean)
    .join(' ');
}
