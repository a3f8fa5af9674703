// Goes from page to page by the address, and follows what the console tells.

import { attempt, tell } from "/api.js";
import { at } from "/drawing.js";
import * as flow from "/flow.js";
import * as one from "/table.js";
import * as all from "/tables.js";
import * as workflow from "/workflow.js";

function navigate() {
  const [, page, name, id] = location.hash.split("/").map(decodeURIComponent);
  const target = page === "tables" && name ? name : null;
  const isWorkflow = page === "workflow";
  at("all").hidden = target !== null || isWorkflow;
  at("one").hidden = target === null;
  at("workflow").hidden = !isWorkflow;
  one.show(target);
  workflow.show(isWorkflow ? { machine: name, execution: id } : null);
}

function follow() {
  const events = new EventSource("/api/events");
  events.addEventListener("ready", () => attempt(async () => {
    await all.readAll();
    await one.refresh();
    await workflow.refresh();
  }));
  events.addEventListener("table", event => {
    const table = JSON.parse(event.data);
    all.take(table);
    attempt(() => one.refresh(table.target));
  });
  events.addEventListener("cures", () => attempt(() => one.refreshCures()));
  events.addEventListener("flow", event => flow.take(JSON.parse(event.data)));
  events.addEventListener("workflow", () => attempt(() => workflow.refresh()));
  events.addEventListener("gone", event => tell(JSON.parse(event.data).failure, "bad"));
  events.onerror = () => {
    tell("The console does not answer: it was ended, or this machine is busy. This page goes on when it answers.", "bad");
    if (events.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    setTimeout(follow, 3000);
  };
}

addEventListener("hashchange", navigate);
navigate();
follow();
