// One table: where it stands, what is wrong with it and what can be done, its proofs and batches.

import { attempt, read } from "/api.js";
import * as batches from "/batches.js";
import * as cures from "/cures.js";
import { at, cells, element, number, time } from "/drawing.js";
import * as places from "/places.js";
import { drawChange } from "/quarantine.js";
import { link } from "/runbook.js";
import { behind, tables } from "/tables.js";

let shown = null; // the table of the page; null on another page

/** Shows a table, or none. */
export function show(target) {
  shown = target;
  if (target === null) return;
  at("one-title").textContent = target;
  at("one-title").focus();
  for (const part of ["notes", "facts", "cures", "cured", "differences", "quarantine", "proofs", "batches", "columns"])
    at(part).replaceChildren();
  attempt(() => refresh());
}

/** Reads the table of the page anew, if it is this one, or whichever it is. */
export async function refresh(target = shown) {
  if (shown === null || shown !== target) return;
  drawNotes();
  const [detail] = await Promise.all([read(path()), cures.show(shown), batches.show(path())]);
  if (shown === target) draw(detail);
}

/** Reads the cures of the page's table anew. */
export const refreshCures = () => shown === null ? undefined : refresh();

const path = () => `/api/tables/${encodeURIComponent(shown)}`;

function drawNotes() {
  const table = tables.get(shown);
  if (!table) {
    at("notes").replaceChildren(...tables.size ? [element("li", "The ledger has no such table.")] : []);
    return;
  }
  const note = (text, section) => {
    const made = element("li", text);
    if (section) made.append(" ", link(section));
    return made;
  };
  at("notes").replaceChildren(
    note(`State: ${table.state}${table.parkedCause ? `: ${table.parkedCause}` : ""}`, table.parkedCause && "parked-table"),
    note(`Behind the source: ${behind(table)}`),
    table.unproven.length
      ? note(`Not proven: ${table.unproven.map(mark => `${mark.cause} ${mark.subject} at ${time(mark.sinceUtc)}`).join("; ")}`, "unproven")
      : note(`Proven: ${time(table.provenUtc)}`),
    ...table.rejectedFiles.map(file => note(`Rejected: ${file.key}: ${file.told ?? "status --json shows why"}`, "rejected-files")));
}

function draw({ table, definition, cures: offers }) {
  places.offer(path(), definition !== undefined);
  const offer = kind => offers.find(one => one.kind === kind);
  const ofTable = offers.filter(one => one.kind !== "retry" && one.kind !== "drop");
  at("cures").hidden = ofTable.length === 0;
  keepFocus(at("cures"), () => at("cures").replaceChildren(...ofTable.flatMap(one => [cures.button(table.target, one), " "])));
  at("facts").replaceChildren(
    element("li", `Lake: ${table.lake ?? "not known yet"}; generations ${table.generations.join(", ") || "none"}`),
    element("li", `Deletes remembered: ${table.tombstones === undefined ? "not counted yet" : `about ${number(table.tombstones)}`}`),
    ...table.mostFiles ? [element("li", `A batch takes ${number(table.mostFiles)} files at most, since a larger one was too much.`)] : []);

  part("differences", table.differences.map(row => cells(element("tr"),
    Object.entries(row.key).map(([name, value]) => `${name} = ${value}`).join(", "),
    row.kind.toLowerCase(), row.columns.join(", ") || "–",
    time(row.foundUtc))));
  at("differences-title").replaceChildren(`Rows that differ: ${number(table.different)} `, link("rows-differ"));
  keepFocus(at("quarantine"), () => part("quarantine", table.quarantine.map(change => drawChange(table.target, change, offer))));
  at("quarantine-title").replaceChildren("Quarantine ", link("quarantined-rows"));
  part("proofs", table.proofs.map(proof => cells(element("tr"), time(proof.askedUtc),
    element("td", `${proof.outcome ?? "pending"}${proof.isWhole ? ", whole table" : ""}${proof.cause ? `: ${proof.cause}` : ""}`,
      { Proven: "good", Different: proof.repaired === proof.different ? "good" : "bad" }[proof.outcome] ?? "wait"),
    proof.keys, proof.different, proof.repaired, proof.notJudged)));
  at("columns").replaceChildren(...table.columns.map(column => cells(
    element("tr"), column.name, column.type ?? "–", column.fileType ?? "–",
    column.isAbsent ? "not in the newest files: its values grow old" : column.type ? "" : "only in the files")));
  at("definition").textContent = definition ? JSON.stringify(definition, null, 2)
    : "The console knows no definition: start it with --tables.";
}

function part(name, rows) {
  at(`${name}-part`).hidden = rows.length === 0;
  at(name).replaceChildren(...rows);
}

// What is drawn anew takes the focus from a button that somebody is about to press.
function keepFocus(region, redraw) {
  const index = [...region.querySelectorAll("button")].indexOf(document.activeElement);
  redraw();
  if (index >= 0) region.querySelectorAll("button")[index]?.focus();
}
