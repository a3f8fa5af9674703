// Goes from page to page by the address, and follows what the console tells.

import { answer, sentence, silence, tell } from "./api.js";
import { at, time } from "./drawing.js";
import * as flow from "./flow.js";
import * as one from "./table.js";
import * as all from "./tables.js";
import * as workflow from "./workflow.js";

const mostQuiet = 40_000; // the console says something every 15 seconds

let events = null;
let heard = Date.now();
let isQuiet = false;
let again = 0;

// A name that is wrongly written is still a name.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function navigate() {
  const [, page, name, id] = location.hash.split("/").map(decoded);
  const target = page === "tables" && name ? name : null;
  const isWorkflow = page === "workflow";
  at("all").hidden = target !== null || isWorkflow;
  at("one").hidden = target === null;
  at("workflow").hidden = !isWorkflow;
  answer();
  one.show(target);
  workflow.show(isWorkflow ? { machine: name, execution: id } : null);
}

/** Reads all anew, and tries again until it can. */
async function catchUp() {
  clearTimeout(again);
  try {
    await all.readAll();
  } catch (fault) {
    tell(sentence(fault), "bad");
    again = setTimeout(catchUp, 3000);
    return;
  }
  await Promise.all([one.refresh(), workflow.refresh()]);
}

function take(table) {
  all.take(table);
  one.refresh(table.target);
}

function follow() {
  const hear = (kind, take) => events.addEventListener(kind, event => {
    heard = Date.now();
    if (isQuiet) catchUp();
    isQuiet = false;
    take(JSON.parse(event.data));
  });
  events = new EventSource("api/events");
  heard = Date.now();
  hear("ready", catchUp);
  hear("table", take);
  hear("cures", one.refreshCures);
  hear("flow", flow.take);
  hear("workflow", workflow.refresh);
  hear("gone", ({ failure }) => tell(failure, "bad"));
  hear("quiet", () => {});
  events.onerror = ({ target }) => {
    tell(`${silence} This page goes on when it answers; a console that was started again is opened by its new address.`, "bad");
    if (target.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    setTimeout(() => { if (events === target) follow(); }, 3000);
  };
}

// A connection that stands and brings nothing is no error to the browser.
setInterval(() => {
  if (events?.readyState !== EventSource.OPEN || Date.now() - heard < mostQuiet) return;
  isQuiet = true;
  tell(`No news of the console since ${time(heard)} (UTC). This page goes on when it answers.`, "bad");
}, 1000);

// A browser has few connections to a server for all its pages: one that nobody sees leaves its own to others.
document.addEventListener("visibilitychange", () => {
  events?.close();
  events = null;
  if (!document.hidden) follow();
});

addEventListener("hashchange", navigate);
follow();
navigate();
