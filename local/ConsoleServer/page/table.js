// One table: where it stands, and its batches.

import { attempt, read } from "/api.js";
import { at, cells, element, time } from "/drawing.js";
import { behind, tables } from "/tables.js";

let shown = null; // the table of the page; null on another page
let oldest = null;

/** Shows a table, or none. */
export function show(target) {
  shown = target;
  if (target === null) return;
  at("one-title").textContent = target;
  at("one-title").focus();
  attempt(() => showBatches());
}

/** Reads the table of the page anew, if it is this one, or whichever it is. */
export async function refresh(target = shown) {
  if (shown !== null && shown === target) await showBatches();
}

function drawNotes() {
  const table = tables.get(shown);
  const notes = table ? [
    `State: ${table.state}${table.parkedCause ? `: ${table.parkedCause}` : ""}`,
    `Behind the source: ${behind(table)}`,
    table.unproven.length
      ? `Not proven: ${table.unproven.map(mark => `${mark.cause} ${mark.subject} at ${time(mark.sinceUtc)}`).join("; ")}`
      : `Proven: ${time(table.provenUtc)}`,
    ...table.rejectedFiles.map(file => `Rejected: ${file.key}: ${file.told ?? "status --json shows why"}`),
  ] : tables.size ? ["The ledger has no such table."] : [];
  at("notes").replaceChildren(...notes.map(note => element("li", note)));
}

async function showBatches(before) {
  drawNotes();
  const path = `/api/tables/${encodeURIComponent(shown)}/batches?limit=50${before ? `&before=${encodeURIComponent(before)}` : ""}`;
  const { batches } = await read(path);
  if (!before) at("batches").replaceChildren();
  for (const batch of batches) {
    const phases = Object.entries(batch.course?.phases ?? {}).filter(([name, spent]) => name.endsWith("Seconds") && spent >= 0.05)
      .map(([name, spent]) => `${name.slice(0, -7)} ${spent.toFixed(1)}`).join(", ");
    const { read: all, inserted, updated, deleted, superseded, stale, quarantined } = batch.rows;
    at("batches").append(cells(element("tr"), time(batch.committedUtc), batch.files, all, inserted, updated, deleted, superseded, stale,
      quarantined, batch.seconds === undefined ? "–" : `${batch.seconds.toFixed(1)} s${phases ? `: ${phases}` : ""}`));
  }
  oldest = batches.at(-1)?.committedUtc ?? null;
  at("older").hidden = batches.length < 50;
}

at("older").addEventListener("click", () => attempt(() => showBatches(oldest)));
