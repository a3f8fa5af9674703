// The way of the changes from the source to analytics: what each station holds, and how fast it goes between them.

import { age, at, bytes, element, number } from "./drawing.js";

let rates = {}; // captured and merged, of the last minute
let executions = [];
let last = null; // what the tables and the health said last

/** Takes how fast changes flow. */
export function take(flow) {
  rates = flow;
  redraw();
}

/** Takes the executions of the workflow. */
export function takeExecutions(all) {
  executions = all;
  redraw();
}

const redraw = () => { if (last) draw(...last); };

function rate(part, count, thing) {
  if (!part) return "";
  const perSecond = count(part) / part.seconds;
  if (perSecond < 1) return `${number(Math.round(perSecond * 60))} ${thing}/min`;
  return `${perSecond < 10 ? perSecond.toFixed(1) : number(Math.round(perSecond))} ${thing}/s`;
}

const ago = (utc, now) => utc ? `${age((now - Date.parse(utc)) / 1000)} ago` : "";

const newest = times => times.filter(time => time).sort().at(-1);

// Of each table the state that was entered last; where no table has one, the others'.
function runsNow() {
  const states = executions.flatMap(one => one.now);
  const tables = new Map(states.filter(one => one.table).map(one => [one.table, one.state]));
  return tables.size ? [...tables].map(([table, state]) => `${table}: ${state}`) : states.map(one => one.state);
}

const many = (count, thing, things = `${thing}s`) => `${number(count)} ${count === 1 ? thing : things}`;

/** Draws it. */
export function draw(tables, health, clock) {
  last = [tables, health, clock];
  const now = Date.now() + clock;
  const all = [...tables.values()];
  const day = kind => all.reduce((sum, table) => sum + table.day[kind], 0);
  const count = name => all.filter(table => table.state === name).length;
  const waiting = health?.counts?.filesWaiting;
  const { captured, merged } = rates;
  const fresh = all.map(table => table.freshUntilUtc).filter(time => time).sort();
  // A table that is stuck since its first load has no time of its own.
  const unknown = all.length - fresh.length;
  const behind = fresh.length
    ? `at most ${age((now - Date.parse(fresh[0])) / 1000)} behind${unknown ? `; not known of ${number(unknown)}` : ""}`
    : unknown ? `how far behind is not known of ${number(unknown)}` : "";
  const batch = newest(all.map(table => table.lastBatch?.committedUtc));
  const works = runsNow();
  const stations = [
    ["Source", "", health?.source ? `PostgreSQL ${health.source.version}` : "not looked at",
      health?.source?.newestMarkerSeconds === undefined ? ""
        : `newest marker ${age(health.source.newestMarkerSeconds)} old, looked at ${ago(health.checkedUtc, Date.now())}`],
    ["Capture or DMS", rate(captured, one => one.changes + one.rows, "changes"),
      captured?.newestUtc ? `newest change ${ago(captured.newestUtc, now)}` : ""],
    ["Lake", rate(captured, one => one.files, "files"), `${many(day("files"), "file")}, ${bytes(day("bytes"))} merged in 24 h`,
      waiting === undefined ? "" : waiting === 1 ? "1 file waits" : `${number(waiting)} files wait`],
    ["Merge", rate(merged, one => one.files, "files"), `${many(day("read"), "row")}, ${many(day("batches"), "batch", "batches")} in 24 h`,
      batch ? `last batch ${ago(batch, now)}` : "", ...works.slice(0, 4), works.length > 4 ? `and ${number(works.length - 4)} more` : ""],
    ["Analytics", rate(merged, one => one.rows, "rows"),
      `${many(all.length, "table")}, ${number(count("parked"))} parked, ${number(count("loading"))} loading`,
      `${number(day("inserted"))} inserted, ${number(day("updated"))} updated, ${number(day("deleted"))} deleted`,
      behind],
  ];
  at("flow").replaceChildren(...stations.map(([name, speed, ...lines], index) => {
    const station = element("li");
    if (index > 0) station.append(element("span", speed, "rate"));
    station.append(element("b", name), ...lines.filter(text => text).map(text => element("span", text, works.includes(text) ? "good" : "")));
    return station;
  }));
}

setInterval(redraw, 1000);
