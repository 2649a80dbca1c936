/**
 * The frame of every chart: a title that says what is asked, the picture, and the same numbers as a table. The picture is hidden from screen
 * readers, which read the table instead; anyone can switch to the table or take it away as CSV.
 */
import { ActionIcon, Group, Skeleton, Text, Title } from '@mantine/core';
import { IconChartBar, IconDownload, IconTable } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Hint } from '../components/hint.tsx';
import { type TableData, toCsv } from './csv.ts';
import { download } from './download.ts';

type Props = {
  title: string;
  /** One line under the title: zone, what n means. */
  note?: string | undefined;
  table: TableData;
  /** File name of the CSV, without ending. */
  file: string;
  height: number;
  loading?: boolean;
  /** Shown instead of the chart when there is nothing to draw. */
  empty?: string | undefined;
  controls?: ReactNode;
  legend?: ReactNode;
  children: ReactNode;
};

export function ChartFigure({
  title,
  note,
  table,
  file,
  height,
  loading = false,
  empty,
  controls,
  legend,
  children,
}: Props) {
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const nothing = empty !== undefined && !loading;
  return (
    <figure className="panel chart" aria-labelledby={id}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs" className="chart-head">
        <div>
          <Title order={2} id={id}>
            {title}
          </Title>
          {note !== undefined && (
            <Text size="xs" c="dimmed">
              {note}
            </Text>
          )}
        </div>
        <Group gap={4} wrap="nowrap">
          {controls}
          <Hint label={asTable ? t('chart.showChart') : t('chart.showTable')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-pressed={asTable}
              aria-label={t('chart.tableOf', { title })}
              disabled={nothing || loading}
              onClick={() => setAsTable(!asTable)}
            >
              {asTable ? <IconChartBar size={18} /> : <IconTable size={18} />}
            </ActionIcon>
          </Hint>
          <Hint label={t('chart.csv')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('chart.csvOf', { title })}
              disabled={nothing || loading}
              onClick={() => download(`${file}.csv`, toCsv(table))}
            >
              <IconDownload size={18} />
            </ActionIcon>
          </Hint>
        </Group>
      </Group>
      {loading ? (
        <Skeleton height={height} radius="sm" />
      ) : nothing ? (
        <div className="chart-empty" style={{ height }}>
          <Text c="dimmed" ta="center">
            {empty}
          </Text>
        </div>
      ) : (
        <>
          {!asTable && children}
          {!asTable && legend}
          {asTable ? (
            <section
              className="chart-table"
              style={{ maxHeight: Math.max(height, 240) }}
              aria-label={t('chart.tableOf', { title })}
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
              tabIndex={0}
            >
              <ChartTable caption={title} table={table} />
            </section>
          ) : (
            <div className="sr-only">
              <ChartTable caption={title} table={table} />
            </div>
          )}
        </>
      )}
    </figure>
  );
}

function ChartTable({ caption, table }: { caption: string; table: TableData }) {
  const rows = table.rows.map((row) => ({ key: row.join('\u0000'), row }));
  return (
    <table className="plain-table">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {table.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, row }) => (
          <tr key={key}>
            {row.map((value, at) =>
              at === 0 ? (
                <th key={table.columns[at]} scope="row">
                  {value}
                </th>
              ) : (
                <td key={table.columns[at]}>{value ?? '–'}</td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
