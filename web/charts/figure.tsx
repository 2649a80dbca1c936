/**
 * The frame of every chart: a title that says what is asked, the picture, and the same numbers as a table. The picture is hidden from screen
 * readers, which read the table instead; anyone can switch to the table, take it away as CSV, or take the picture away.
 */
import { ActionIcon, Group, Skeleton, Text, Title } from '@mantine/core';
import { IconChartBar, IconDownload, IconPhoto, IconTable } from '@tabler/icons-react';
import { memo, type ReactNode, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Hint } from '../components/hint.tsx';
import './charts.css';
import { shownOf, type TableData, toCsv } from './csv.ts';
import { download } from './download.ts';
import { Legend, type LegendEntry } from './legend.tsx';
import { surface, useScheme } from './palette.ts';

type Props = {
  title: string;
  /** One line under the title: zone, what n means. */
  note?: string | undefined;
  /** In place of the note on a picture, where nobody can click. */
  caption?: string | undefined;
  /** More that a picture has to say for itself, a line each. */
  lines?: readonly string[];
  /** What the chart says, in a sentence. */
  lead?: string | undefined;
  table: TableData;
  /** What the CSV holds, where it can say more than people want to read. */
  csv?: TableData | undefined;
  /** File name of CSV and picture, without ending. */
  file: string;
  height: number;
  loading?: boolean;
  /** Shown instead of the chart when there is nothing to draw. */
  empty?: string | undefined;
  controls?: ReactNode;
  legend?: readonly LegendEntry[];
  children: ReactNode;
};

const NONE: readonly LegendEntry[] = [];
const NO_LINES: readonly string[] = [];

export function ChartFigure({
  title,
  note,
  caption = note,
  lines = NO_LINES,
  lead,
  table,
  csv = table,
  file,
  height,
  loading = false,
  empty,
  controls,
  legend = NONE,
  children,
}: Props) {
  const { t } = useTranslation();
  const scheme = useScheme();
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const frame = useRef<HTMLElement>(null);
  const nothing = empty !== undefined && !loading;
  const savePicture = async (): Promise<void> => {
    const canvas = frame.current?.querySelector('canvas');
    if (!canvas) return;
    const { toPng } = await import('./png.ts');
    const said = [lead, caption].filter(Boolean).join(' · ') || undefined;
    download(`${file}.png`, await toPng(canvas, { title, note: said, legend, lines, surface: surface(scheme) }));
  };
  return (
    <figure className="panel chart" aria-labelledby={id} ref={frame}>
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
        <Group gap={4} wrap="nowrap" className="chart-tools">
          {controls}
          <Tool
            label={asTable ? t('chart.showChart') : t('chart.showTable')}
            of={t('chart.tableOf', { title })}
            pressed={asTable}
            disabled={nothing || loading}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? <IconChartBar size={18} /> : <IconTable size={18} />}
          </Tool>
          <Tool
            label={t('chart.png')}
            of={t('chart.pngOf', { title })}
            disabled={nothing || loading || asTable}
            onClick={() => void savePicture()}
          >
            <IconPhoto size={18} />
          </Tool>
          <Tool
            label={t('chart.csv')}
            of={t('chart.csvOf', { title })}
            disabled={nothing || loading}
            onClick={() => download(`${file}.csv`, toCsv(csv))}
          >
            <IconDownload size={18} />
          </Tool>
        </Group>
      </Group>
      {lead !== undefined && !loading && (
        <Text size="sm" mb="sm">
          {lead}
        </Text>
      )}
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
          {!asTable && legend.length > 0 && <Legend entries={legend} />}
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

type ToolProps = {
  label: string;
  /** The label with the title of the chart, for whoever hears twenty of them. */
  of: string;
  disabled: boolean;
  pressed?: boolean;
  onClick: () => void;
  children: ReactNode;
};

function Tool({ label, of, disabled, pressed, onClick, children }: ToolProps) {
  return (
    <Hint label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={of}
        disabled={disabled}
        onClick={onClick}
        {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      >
        {children}
      </ActionIcon>
    </Hint>
  );
}

/** Drawn anew only when its numbers change: it may have a thousand rows. */
const ChartTable = memo(function ChartTable({ caption, table }: { caption: string; table: TableData }) {
  const rows = table.rows.map((row) => ({ key: row.map(shownOf).join('\u0000'), row }));
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
            {row.map((cell, at) =>
              at === 0 ? (
                <th key={table.columns[at]} scope="row">
                  {shownOf(cell)}
                </th>
              ) : (
                <td key={table.columns[at]}>{shownOf(cell) ?? '–'}</td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
});
