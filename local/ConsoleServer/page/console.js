import { age, bars, bytes, cells, element, number, time } from "/drawing.js";

const at = id => document.getElementById(id);
const tables = new Map();
const rows = new Map();
let clock = 0; // how far the database's clock is ahead of this one, in milliseconds
let health = null;
let looks = false; // whether the health is looked at, every minute
let shown = null; // the table of the page; null on the page of all
let oldest = null;

function tell(sentence, kind = "") {
  if (at("told").textContent !== sentence) at("told").textContent = sentence;
  at("told").className = kind;
}

async function read(path) {
  const answer = await fetch(path);
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.failure), { status: answer.status });
  return json;
}

const behind = table => table.freshUntilUtc ? age((Date.now() + clock - Date.parse(table.freshUntilUtc)) / 1000) : "–";

function outcome(batch) {
  if (!batch) return "–";
  const kinds = ["inserted", "updated", "deleted", "superseded", "stale", "quarantined"].filter(kind => batch.rows[kind]);
  return `${time(batch.committedUtc)}: ${kinds.map(kind => `${number(batch.rows[kind])} ${kind}`).join(", ") || "no change"}`;
}

function state(table) {
  const cell = element("td", table.state, { parked: "bad", replicating: "good" }[table.state] ?? "wait");
  const aside = table.quarantined + table.rejectedFiles.length;
  if (aside) cell.append(element("div", `${number(table.quarantined)} quarantined, ${number(table.rejectedFiles.length)} files rejected`, "wait"));
  return cell;
}

function drawTable(table) {
  const row = element("tr");
  const name = element("th");
  name.scope = "row";
  const link = element("a", table.target);
  link.href = `#/${encodeURIComponent(table.target)}`;
  name.append(link);
  const picture = element("td");
  picture.append(bars(table.hours));
  cells(row, name, state(table), element("td", behind(table), "number behind"), outcome(table.lastBatch), table.day.read, picture,
    table.unproven.length ? element("td", "no", "wait") : time(table.provenUtc));
  const old = rows.get(table.target);
  const focused = old?.contains(document.activeElement);
  if (old) old.replaceWith(row);
  else at("tables").append(row);
  rows.set(table.target, row);
  if (focused) link.focus();
}

function drawFlow() {
  const all = [...tables.values()];
  const day = kind => all.reduce((sum, table) => sum + table.day[kind], 0);
  const count = name => all.filter(table => table.state === name).length;
  const waiting = health?.counts?.filesWaiting;
  const stations = [
    ["Source", health?.source ? `PostgreSQL ${health.source.version}` : "not looked at"],
    ["Capture or DMS", `${number(day("files"))} files in 24 h`],
    ["Lake", `${bytes(day("bytes"))} merged in 24 h`, waiting === undefined ? "" : `${number(waiting)} files wait`],
    ["Merge", `${number(day("read"))} rows, ${number(day("batches"))} batches in 24 h`],
    ["Analytics", `${number(all.length)} tables, ${number(count("parked"))} parked, ${number(count("loading"))} loading`,
      `${number(day("inserted"))} inserted, ${number(day("updated"))} updated, ${number(day("deleted"))} deleted`],
  ];
  at("flow").replaceChildren(...stations.map(([name, ...lines]) => {
    const station = element("li");
    station.append(element("b", name), ...lines.filter(line => line).map(line => element("span", line)));
    return station;
  }));
}

async function readTables() {
  const answer = await read("/api/tables");
  clock = Date.parse(answer.readUtc) - Date.now();
  tables.clear();
  rows.clear();
  at("tables").replaceChildren();
  for (const table of answer.tables) tables.set(table.target, table);
  tables.forEach(drawTable);
  drawFlow();
  tell(tables.size ? `${number(tables.size)} tables, followed live.` : "Nothing was merged into this database yet: merge fills it.");
  if (answer.hasHealth && !looks) {
    looks = true;
    readHealth();
  }
  if (shown !== null) await showBatches();
}

async function readHealth() {
  try {
    health = await read("/api/health");
    at("findings").replaceChildren(...health.findings.map(finding => element("li", finding.reason, finding.severity === "critical" ? "bad" : "wait")));
    at("health").hidden = health.findings.length === 0;
    drawFlow();
  } catch (fault) {
    health = null;
    at("findings").replaceChildren(element("li", `The health is not known: ${fault.status ? fault.message : "the console does not answer."}`, "bad"));
    at("health").hidden = false;
  }
  setTimeout(readHealth, 60_000);
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

async function attempt(work) {
  try {
    await work();
  } catch (fault) {
    tell(fault.status ? fault.message : "The console does not answer: it was ended, or this machine is busy.", "bad");
  }
}

function navigate() {
  const name = decodeURIComponent(location.hash.slice(2));
  shown = name || null;
  at("all").hidden = shown !== null;
  at("one").hidden = shown === null;
  if (shown === null) return;
  at("one-title").textContent = shown;
  at("one-title").focus();
  attempt(() => showBatches());
}

function follow() {
  const events = new EventSource("/api/events");
  events.addEventListener("ready", () => attempt(readTables));
  events.addEventListener("table", event => {
    const table = JSON.parse(event.data);
    tables.set(table.target, table);
    drawTable(table);
    drawFlow();
    if (shown === table.target) attempt(() => showBatches());
  });
  events.addEventListener("gone", event => tell(JSON.parse(event.data).failure, "bad"));
  events.onerror = () => {
    tell("The console does not answer: it was ended, or this machine is busy. This page goes on when it answers.", "bad");
    if (events.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    setTimeout(follow, 3000);
  };
}

addEventListener("hashchange", navigate);
at("older").addEventListener("click", () => attempt(() => showBatches(oldest)));
setInterval(() => rows.forEach((row, name) => { row.querySelector(".behind").textContent = behind(tables.get(name)); }), 1000);
navigate();
follow();
