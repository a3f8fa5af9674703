// All tables, the flow from source to analytics, and what is wrong.

import { read, sentence, tell } from "./api.js";
import { age, at, bars, cells, element, keepFocus, named, number, redraw, time } from "./drawing.js";
import * as flow from "./flow.js";
import { link } from "./runbook.js";
import * as workflow from "./workflow.js";

export const tables = new Map(); // by target
const rows = new Map();
let clock = 0; // how far the database's clock is ahead of this one, in milliseconds
let health = null;
let looks = false; // whether the health is looked at: every minute, and when a table stands otherwise than it stood
let nextLook = 0;
let isLooking = false;
let isOld = false; // whether what is looked at now has changed meanwhile

const standing = ({ state, parkedCause, unproven, provenUtc, proofs, quarantined, rejectedFiles }) =>
  JSON.stringify([state, parkedCause, unproven, provenUtc, proofs.different, quarantined, rejectedFiles.length]);

export const behind = table => table.freshUntilUtc ? age((Date.now() + clock - Date.parse(table.freshUntilUtc)) / 1000) : "–";

function outcome(batch) {
  if (!batch) return "–";
  const kinds = ["inserted", "updated", "deleted", "superseded", "stale", "quarantined"].filter(kind => batch.rows[kind]);
  return `${time(batch.committedUtc)}: ${kinds.map(kind => `${number(batch.rows[kind])} ${kind}`).join(", ") || "no change"}`;
}

function state(table) {
  const cell = element("td", table.state, { parked: "bad", replicating: "good" }[table.state] ?? "wait");
  const files = table.rejectedFiles.length;
  const aside = [
    ...table.quarantined ? [`${number(table.quarantined)} quarantined`] : [],
    ...files ? [`${number(files)} ${files === 1 ? "file" : "files"} rejected`] : []];
  cell.append(...aside.map(text => element("div", text, "wait")));
  return cell;
}

function proof(table) {
  const { judgedUtc, notJudged, different } = table.proofs;
  const cell = element("td", "", "when");
  cell.append(table.unproven.length ? element("div", "not proven", "wait") : element("div", time(table.provenUtc)));
  if (judgedUtc) {
    const found = element("div", `${number(different)} differ`, different ? "bad" : "good");
    if (notJudged) found.append(element("span", `, ${number(notJudged)} not judged`, "soft"));
    cell.append(element("div", `last rows ${time(judgedUtc)}`, "soft"), found);
  }
  return cell;
}

function tableRow(table) {
  const row = element("tr");
  const name = element("th");
  name.scope = "row";
  const link = element("a");
  link.append(...named(table.target));
  link.href = `#/tables/${encodeURIComponent(table.target)}`;
  name.append(link);
  const picture = element("td");
  picture.append(bars(table.hours));
  cells(row, name, state(table), element("td", behind(table), "number behind"), element("td", outcome(table.lastBatch), "outcome"), table.day.read, picture,
    proof(table));
  return row;
}

function drawTable(table) {
  const [old, row] = [rows.get(table.target), tableRow(table)];
  if (old) keepFocus(old.parentNode, () => old.replaceWith(row));
  else at("tables").append(row);
  rows.set(table.target, row);
}

/** Reads all tables anew. */
export async function readAll() {
  const answer = await read("api/tables");
  clock = Date.parse(answer.readUtc) - Date.now();
  tables.clear();
  for (const table of answer.tables) tables.set(table.target, table);
  redraw(at("tables"), ...answer.tables.map(tableRow));
  rows.clear();
  answer.tables.forEach((table, index) => rows.set(table.target, at("tables").children[index]));
  workflow.knows(answer.hasWorkflow);
  flow.draw(tables, health, clock);
  tellAll();
  if (answer.hasHealth && !looks) {
    looks = true;
    readHealth();
  }
}

const tellAll = () => tell(
  tables.size ? `${number(tables.size)} ${tables.size === 1 ? "table" : "tables"}, followed live.` : "Nothing was merged into this database yet: the first batch fills this page.");

/** Takes a table as it is now. */
export function take(table) {
  const old = tables.get(table.target);
  tables.set(table.target, table);
  if (!old) tellAll();
  if (!old || standing(old) !== standing(table)) lookSoon();
  drawTable(table);
  flow.draw(tables, health, clock);
}

// Of several tables that change at once it is read once.
function lookSoon() {
  isOld = isLooking;
  if (!looks || isLooking) return;
  clearTimeout(nextLook);
  nextLook = setTimeout(readHealth, 1000);
}

async function readHealth() {
  [isLooking, isOld] = [true, false];
  try {
    health = await read("api/health");
    redraw(at("findings"), ...health.findings.map(finding => {
      const made = element("li", finding.reason, finding.severity === "critical" ? "bad" : "wait");
      made.append(" ", link(finding.runbook, finding.reason));
      return made;
    }));
    at("health").hidden = health.findings.length === 0;
  } catch (fault) {
    health = null;
    redraw(at("findings"), element("li", `The health is not known: ${sentence(fault)}`, "bad"));
    at("health").hidden = false;
  }
  flow.draw(tables, health, clock);
  isLooking = false;
  nextLook = setTimeout(readHealth, isOld ? 1000 : 60_000);
}

setInterval(() => rows.forEach((row, name) => { row.querySelector(".behind").textContent = behind(tables.get(name)); }), 1000);
