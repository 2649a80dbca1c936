/** Lists come in pages. One row more than wanted is asked for, to know whether there is a next page without counting. */
export function pageOf<Row extends { id: string }>(
  found: Row[],
  limit: number,
): { rows: Row[]; nextCursor: string | null } {
  const rows = found.slice(0, limit);
  return { rows, nextCursor: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
}
