/** Bars over time, drawn by uPlot. The same numbers are a table below, for a screen reader and for copying. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const HEIGHT_PX = 180;

export interface Series {
  readonly name: string;
  readonly color: "accent" | "bad";
  readonly values: readonly number[];
}

/** @param starts of the periods, ms since the epoch; `end` is that of the last one */
export function Chart({
  label,
  starts,
  end,
  series,
}: {
  readonly label: string;
  readonly starts: readonly number[];
  readonly end: number;
  readonly series: readonly Series[];
}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const style = getComputedStyle(element);
    const text = style.color;
    // A canvas takes no light-dark(): the colours of elements are resolved.
    const colour = (name: string): string => {
      const probe = document.createElement("i");
      probe.className = `probe-${name}`;
      element.append(probe);
      const { color } = getComputedStyle(probe);
      probe.remove();
      return color;
    };
    const bars = uPlot.paths.bars?.({ size: [0.9, 60], align: 1 });
    const axis = {
      stroke: text,
      grid: { stroke: colour("line"), width: 1 },
      ticks: { stroke: colour("line") },
      font: "12px system-ui",
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { range: [(starts[0] ?? 0) / 1000, end / 1000] },
          y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] },
        },
        axes: [axis, { ...axis, size: 55 }],
        series: [
          {},
          ...series.map(({ name, color }) => ({
            label: name,
            stroke: colour(color),
            fill: colour(color),
            ...(bars === undefined ? {} : { paths: bars }),
            points: { show: false },
          })),
        ],
      },
      [starts.map((ms) => ms / 1000), ...series.map(({ values }) => [...values])] as uPlot.AlignedData,
      element,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [starts, end, series]);
  return <div className="chart card" role="img" aria-label={label} ref={box} />;
}
