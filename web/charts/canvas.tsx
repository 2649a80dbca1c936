/**
 * The bridge between React and Chart.js: made in an effect, destroyed in its cleanup (React mounts twice in development), and moved
 * without animation when only the numbers change.
 */
import type { ChartData, ChartOptions, ChartType, Plugin } from 'chart.js';
import { useEffect, useRef } from 'react';
import { Chart } from './register.ts';

type Props<T extends ChartType> = {
  type: T;
  data: ChartData<T>;
  options: ChartOptions<T>;
  plugins?: Plugin<T>[];
  height: number;
};

export function ChartCanvas<T extends ChartType>({ type, data, options, plugins, height }: Props<T>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart<T> | null>(null);
  const latest = useRef({ data, options, plugins });
  latest.current = { data, options, plugins };

  useEffect(() => {
    const node = canvas.current;
    if (!node) return;
    const made = new Chart<T>(node, {
      type,
      data: latest.current.data,
      options: latest.current.options,
      plugins: latest.current.plugins ?? [],
    });
    chart.current = made;
    return () => {
      made.destroy();
      chart.current = null;
    };
  }, [type]);

  useEffect(() => {
    const made = chart.current;
    if (!made) return;
    made.data = data;
    made.options = options;
    made.update('none');
  }, [data, options]);

  return (
    <div className="chart-canvas" style={{ height }}>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the table beside it says the same */}
      <canvas ref={canvas} aria-hidden="true" />
    </div>
  );
}
