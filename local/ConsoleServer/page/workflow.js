// The workflow: its state machines as pictures with what runs lit, and its executions.

import { attempt, read, sentence } from "./api.js";
import { age, at, cells, element, number, redraw, time, when } from "./drawing.js";
import * as flow from "./flow.js";
import { draw, ofFailures } from "./machine.js";

let machines = []; // read once: they do not change while the console runs
let executions = [];
let courses = new Map(); // of executions that have ended, by id
let shown = null; // what the address chooses: the machine's name and the execution's id, each or neither; null on another page
let isKnown = false;
let drawn = null; // the course that is drawn
let view = { top: 0, left: 0 }; // where this page has scrolled the picture; null where the reader has

/** Says whether there is a workflow to show. */
export function knows(has) {
  at("to-workflow").hidden = !has;
  isKnown = has;
}

/** Shows the page of the workflow, or leaves it. */
export function show(choice) {
  const isNew = shown === null && choice !== null;
  if (choice && (isNew || choice.machine !== shown.machine)) view = { top: 0, left: 0 };
  shown = choice;
  if (isNew) at("workflow-title").focus();
  if (shown) attempt(refresh);
}

/** Reads the executions anew, and the state machines where none are known yet. Where they cannot be read, only this page says so. */
export async function refresh() {
  if (!isKnown && !shown) return;
  const told = at("workflow-told");
  try {
    if (machines.length) ({ executions } = await read("api/workflow/executions"));
    else ({ machines, executions } = await read("api/workflow"));
    flow.takeExecutions(executions);
    if (shown) await drawPage();
    told.textContent = "";
  } catch (fault) {
    flow.takeExecutions([]);
    if (told.textContent !== sentence(fault)) told.textContent = sentence(fault);
  }
}

const callees = ({ states }) => states.flatMap(state => [state.calls, ...state.inner ? callees(state.inner) : []]);

async function drawPage() {
  const machine = machines.find(one => one.name === shown.machine) ?? machines[0];
  at("no-machine").hidden = machine !== undefined;
  at("machine-part").hidden = machine === undefined;
  if (!machine) return;
  // A machine of single tables runs in the executions of one that calls it.
  const own = executions.filter(one =>
    one.machine === machine.name || callees(machines.find(({ name }) => name === one.machine) ?? { states: [] }).includes(machine.name));
  const chosen = executions.find(one => one.id === shown.execution) ?? own.find(one => one.outcome === "running") ?? own[0];
  const course = chosen && await readCourse(chosen.id);
  if (!shown) return;
  drawn = course ?? null;
  drawTabs(machine, chosen);
  drawMachine(machine, course);
  drawTimes();
  drawFailures(course);
}

async function readCourse(id) {
  if (courses.has(id)) return courses.get(id);
  const course = await read(`api/workflow/executions/${encodeURIComponent(id)}`);
  if (course.execution.outcome !== "running") courses = new Map([...courses, [id, course]].slice(-20));
  return course;
}

const address = (machine, execution) => `#/workflow/${[machine, ...execution ? [execution] : []].map(encodeURIComponent).join("/")}`;

function drawTabs(machine, chosen) {
  redraw(at("machines"), ...machines.map(({ name }) => {
    const link = element("a", name);
    link.dataset.key = name;
    link.href = address(name, shown.execution && chosen?.id);
    if (name === machine.name) link.setAttribute("aria-current", "page");
    const item = element("li");
    item.append(link);
    if (executions.some(one => one.now.some(state => state.machine === name))) item.append(" ", element("span", "runs", "good"));
    return item;
  }));
}

function drawMachine(machine, course) {
  const standing = new Map();
  for (const { state, failed } of course?.passed.filter(one => one.machine === machine.name) ?? [])
    standing.set(state, { kind: failed > 0 ? "failed" : "passed" });
  const types = new Map(machine.states.flatMap(state => [state, ...state.inner?.states ?? []]).map(state => [state.name, state.type]));
  for (const [name, one] of standing) if (types.get(name) === "Fail") one.kind = "failed";
  const now = course?.execution.now.filter(one => one.machine === machine.name) ?? [];
  for (const { state, times } of now)
    standing.set(state, { kind: "running", times: times + (standing.get(state)?.times ?? 0) });
  const names = kind => [...standing].filter(([, one]) => one.kind === kind).map(([name]) => name);
  const label = `State machine ${machine.name}, ${number(types.size)} states. `
    + `Running: ${names("running").join(", ") || "none"}. Failed: ${names("failed").join(", ") || "none"}.`;
  const apart = ofFailures(machine);
  // What has happened is always to be seen.
  const isOnFailureWay = apart.some(name => standing.has(name));
  at("failure-ways-part").hidden = apart.length === 0 || isOnFailureWay;
  at("failure-ways-count").textContent = number(apart.length);
  at("machine").replaceChildren(draw(machine, isOnFailureWay || at("failure-ways").checked, standing, label));
  follow();
  at("running-title").textContent = course ? `Execution ${time(course.execution.startedUtc)}: ${course.execution.outcome}` : "No execution is known";
}

// The first state that runs is in the middle, unless the reader looks at something else.
function follow() {
  const box = at("machine");
  const state = box.querySelector(".running:not(.Map)") ?? box.querySelector(".running");
  if (!state || !view) return;
  const [inside, outside] = [state.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollTop += inside.top - outside.top - (box.clientHeight - inside.height) / 2;
  box.scrollLeft += inside.left - outside.left - (box.clientWidth - inside.width) / 2;
  view = { top: box.scrollTop, left: box.scrollLeft };
}

at("machine").addEventListener("scroll", ({ target }) => {
  if (view && (Math.abs(target.scrollTop - view.top) > 1 || Math.abs(target.scrollLeft - view.left) > 1)) view = null;
});

const since = utc => age((Date.now() - Date.parse(utc)) / 1000);

// What goes on takes longer every second.
function drawTimes() {
  redraw(at("running"), ...(drawn?.execution.now ?? []).map(one => element("li",
    `${one.table ? `${one.table}: ` : ""}${one.state}${one.times > 1 ? `, ${number(one.times)} at once` : ""}, for ${since(one.sinceUtc)}`)));
  redraw(at("executions"), ...executions.map(one => {
    const link = element("a", time(one.startedUtc));
    link.href = address(one.machine, one.id);
    const start = element("th");
    start.scope = "row";
    start.append(link);
    const took = (Date.parse(one.endedUtc ?? new Date()) - Date.parse(one.startedUtc)) / 1000;
    const row = cells(element("tr"), start, one.machine, element("td", took < 10 ? `${took.toFixed(1)} s` : age(took), "number"),
      element("td", one.outcome, { succeeded: "good", failed: "bad" }[one.outcome] ?? "wait"), one.batches ?? "–", one.rows ?? "–",
      one.retries ?? "–", one.cause ?? "");
    if (one.id === drawn?.execution.id) row.setAttribute("aria-current", "true");
    return row;
  }));
}

function drawFailures(course) {
  const failures = course?.failures ?? [];
  at("failures-part").hidden = failures.length === 0;
  at("failures").replaceChildren(...failures.toReversed().map(one =>
    cells(element("tr"), when(one.atUtc), one.table ?? "–", one.state, element("td", one.cause))));
}

at("failure-ways").addEventListener("change", () => {
  view = { top: 0, left: 0 };
  attempt(drawPage);
});

setInterval(() => { if (shown && drawn) drawTimes(); }, 1000);
