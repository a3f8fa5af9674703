// Goes from page to page by the address, and follows what the console tells.

import { attempt, tell } from "/api.js";
import { at } from "/drawing.js";
import * as one from "/table.js";
import * as all from "/tables.js";

function navigate() {
  const [, page, name] = location.hash.split("/");
  const target = page === "tables" && name ? decodeURIComponent(name) : null;
  at("all").hidden = target !== null;
  at("one").hidden = target === null;
  one.show(target);
}

function follow() {
  const events = new EventSource("/api/events");
  events.addEventListener("ready", () => attempt(async () => {
    await all.readAll();
    await one.refresh();
  }));
  events.addEventListener("table", event => {
    const table = JSON.parse(event.data);
    all.take(table);
    attempt(() => one.refresh(table.target));
  });
  events.addEventListener("cures", () => attempt(() => one.refreshCures()));
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
