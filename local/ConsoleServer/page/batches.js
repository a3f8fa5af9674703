// The batches of one table: the newest, and older ones when somebody asks for them.

import { attempt, inOrder, read } from "./api.js";
import { chart } from "./chart.js";
import { at, cells, element, redraw, when } from "./drawing.js";

const most = 50;

const pages = inOrder();

let table = null; // the path of the table
let shown = []; // the batches that are shown, the newest first

/** Shows the newest batches of a table, by its path in the API; older ones that are shown already stay. */
export async function show(path) {
  if (table !== path) [table, shown] = [path, []];
  await pages(() => next(), newest => {
    if (table !== path) return;
    const overlap = newest.findIndex(batch => batch.committedUtc === shown[0]?.committedUtc);
    draw(overlap < 0 ? newest : [...newest.slice(0, overlap), ...shown]);
    if (overlap < 0) at("older").hidden = newest.length < most;
  });
}

async function older() {
  const path = table;
  const more = await next(shown.at(-1).committedUtc);
  if (table !== path) return;
  draw([...shown, ...more]);
  at("older").hidden = more.length < most;
}

const next = async before =>
  (await read(`${table}/batches?limit=${most}${before ? `&before=${encodeURIComponent(before)}` : ""}`)).batches;

function draw(batches) {
  shown = batches;
  redraw(at("batches"), ...shown.map(row));
  chart(at("chart"), shown);
}

function row(batch) {
  const phases = Object.entries(batch.course?.phases ?? {}).filter(([name, spent]) => name.endsWith("Seconds") && spent >= 0.05)
    .map(([name, spent]) => `${name.slice(0, -7)} ${spent.toFixed(1)}`).join(", ");
  const { read: all, inserted, updated, deleted, superseded, stale, quarantined } = batch.rows;
  return cells(element("tr"), when(batch.committedUtc), batch.files, all, inserted, updated, deleted, superseded, stale, quarantined,
    batch.seconds === undefined ? "–" : `${batch.seconds.toFixed(1)} s${phases ? `: ${phases}` : ""}`);
}

at("older").addEventListener("click", () => attempt(older));
