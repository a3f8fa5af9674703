// One table: where it stands, what is wrong with it and what can be done, its proofs and batches.

import { inOrder, read, sentence } from "./api.js";
import * as batches from "./batches.js";
import * as cures from "./cures.js";
import { at, cells, element, number, redraw, time, when } from "./drawing.js";
import * as places from "./places.js";
import { drawChange } from "./quarantine.js";
import { link } from "./runbook.js";
import { behind, tables } from "./tables.js";
import { reasons } from "./unproven.js";

const details = inOrder();
const mostListed = 100;

let shown = null; // the table of the page; null on another page
let again = 0;

/** Shows a table, or none. */
export function show(target) {
  shown = target;
  cures.show(target);
  at("one-told").textContent = "";
  if (target === null) return;
  at("one-title").textContent = target;
  at("one-title").focus();
  for (const part of ["notes", "facts", "cures", "differences", "quarantine", "proofs", "batches", "columns"])
    at(part).replaceChildren();
  refresh();
}

/** Reads the table of the page anew, if it is this one, or whichever it is; where that fails it says so, and tries again. */
export async function refresh(target = shown) {
  if (shown === null || shown !== target) return;
  clearTimeout(again);
  drawNotes();
  try {
    const drawDetail = details(() => read(path()), detail => { if (shown === target) draw(detail); });
    await Promise.all([drawDetail, cures.refresh(), batches.show(path())]);
    if (shown === target) at("one-told").textContent = "";
  } catch (fault) {
    if (shown !== target) return;
    if (at("one-told").textContent !== sentence(fault)) at("one-told").textContent = sentence(fault);
    again = setTimeout(() => refresh(target), 3000);
  }
}

/** Reads the cures of the page's table anew, and the table when none of them goes on. */
export async function refreshCures() {
  const target = shown;
  if (target === null) return;
  const goesOn = await cures.refresh().catch(() => false);
  if (!goesOn) await refresh(target);
}

const path = () => `api/tables/${encodeURIComponent(shown)}`;

function drawNotes() {
  const table = tables.get(shown);
  if (!table) {
    redraw(at("notes"), ...tables.size ? [element("li", "The ledger has no such table.")] : []);
    return;
  }
  const note = (text, section, beside) => {
    const made = element("li", text);
    if (section) made.append(" ", link(section, beside));
    return made;
  };
  redraw(
    at("notes"),
    note(`State: ${table.state}${table.parkedCause ? `: ${table.parkedCause}` : ""}`, table.parkedCause && "parked-table"),
    note(`Behind the source: ${behind(table)}`),
    table.unproven.length
      ? note(`Not proven: ${reasons(table.unproven)}`, "unproven")
      : note(`Proven: ${time(table.provenUtc)}`),
    ...table.rejectedFiles.map(file => note(`Rejected: ${file.key}: ${file.told ?? "status --json shows why"}`, "rejected-files", file.key)));
}

function draw({ table, definition, definitionFault, cures: offers }) {
  places.offer(path(), definition !== undefined);
  const offer = kind => offers.find(one => one.kind === kind);
  const ofTable = offers.filter(one => one.kind !== "retry" && one.kind !== "drop");
  at("cures").hidden = ofTable.length === 0;
  redraw(at("cures"), ...ofTable.flatMap(one => [cures.button(table.target, one), " "]));
  redraw(
    at("facts"),
    element("li", `Lake: ${table.lake ?? "not known yet"}; ${generations(table.generations)}`),
    element("li", `Deletes remembered: ${table.tombstones === undefined ? "not counted yet" : `about ${number(table.tombstones)}`}`),
    ...table.mostFiles ? [element("li", `A batch takes ${number(table.mostFiles)} files at most, since a larger one was too much.`)] : [],
    ...definitionFault ? [element("li", definitionFault, "bad")] : []);

  part("differences", table.differences.map(row => cells(element("tr"),
    Object.entries(row.key).map(([name, value]) => `${name} = ${value}`).join(", "),
    row.kind.toLowerCase(), row.columns.join(", ") || "–",
    when(row.foundUtc))));
  redraw(at("differences-title"), `Rows that differ: ${number(table.different)} `, link("rows-differ"));
  part("quarantine", table.quarantine.map(change => drawChange(table.target, change, offer)));
  const listed = table.quarantine.length;
  const open = listed < mostListed ? listed : Math.max(listed, tables.get(table.target)?.quarantined ?? 0);
  redraw(
    at("quarantine-title"),
    `Quarantine: ${number(open)}${open > listed ? `, the oldest ${number(listed)} are shown` : ""} `,
    link("quarantined-rows"),
    ...offer("retry") && open > 1 ? [" ", cures.button(table.target, offer("retry"))] : []);
  part("proofs", table.proofs.map(proof => cells(element("tr"), when(proof.askedUtc),
    element("td", `${proof.outcome ?? "pending"}${proof.isWhole ? ", whole table" : ""}${proof.cause ? `: ${proof.cause}` : ""}`,
      { Proven: "good", Different: proof.repaired === proof.different ? "good" : "bad" }[proof.outcome] ?? "wait"),
    proof.keys, proof.different, proof.repaired, proof.notJudged)));
  redraw(at("columns"), ...table.columns.map(column => cells(
    element("tr"), column.name, column.type ?? "–", column.fileType ?? "–",
    column.isAbsent ? "not in the newest files: its values grow old" : column.type ? "" : "only in the files")));
  at("definition").textContent = definition ? JSON.stringify(definition, null, 2)
    : definitionFault ?? "The console knows no definition of it: start it with --tables, or define it there.";
}

const generations = all => all.length ? `${all.length === 1 ? "generation" : "generations"} ${all.join(", ")}` : "no generation";

function part(name, rows) {
  at(`${name}-part`).hidden = rows.length === 0;
  redraw(at(name), ...rows);
}
