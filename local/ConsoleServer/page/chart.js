// Batches over time: their rows as bars, and how long they took.

import uPlot from "./uplot.js";

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

let plot = null;
let drawn = null; // what it shows, and where

/** Draws batches, given with the newest first, in a box. */
export function chart(box, batches) {
  drawn = [box, batches];
  const shown = batches.toReversed();
  const data = [
    shown.map(batch => Date.parse(batch.committedUtc) / 1000),
    shown.map(batch => batch.rows.read),
    shown.map(batch => batch.seconds ?? null),
  ];
  plot?.destroy();
  plot = null;
  box.hidden = shown.length < 2;
  if (box.hidden) return;
  const clock = values => uPlot.fmtDate(values.at(-1) - values[0] > 86400 ? "{YYYY}-{MM}-{DD}" : "{HH}:{mm}:{ss}");
  const line = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
  plot = new uPlot({
    width: box.clientWidth,
    height: 170,
    tzDate: at => uPlot.tzDate(new Date(at * 1000), "UTC"),
    legend: { live: false },
    scales: { y: { range: (_, __, most) => [0, most || 1] }, seconds: { range: (_, __, most) => [0, most || 1] } },
    cursor: { drag: { x: false, y: false } },
    series: [
      { label: "Committed (UTC)" },
      { label: "Rows", stroke: colour("--bar"), fill: colour("--bar"), paths: uPlot.paths.bars({ size: [0.7, 24] }), points: { show: false } },
      { label: "Seconds", scale: "seconds", stroke: colour("--wait"), width: 2 },
    ],
    axes: [{ ...line, space: 90, values: (_, at) => at.map(one => clock(at)(uPlot.tzDate(new Date(one * 1000), "UTC"))) }, { ...line, size: 70 }, { ...line, side: 1, scale: "seconds", grid: { show: false } }],
  }, data, box);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (drawn) chart(...drawn); });
addEventListener("resize", () => plot?.setSize({ width: plot.root.parentElement.clientWidth, height: 170 }));
