// How many rows of a table are where, and which files wait: on demand, since the table's files are read for that.

import { read, sentence } from "./api.js";
import { at, bytes, element, number, time } from "./drawing.js";

let table = null; // the path of the table

/** Offers to count a table, by its path in the API. */
export function offer(path, mayCount) {
  if (table !== path) at("places").replaceChildren();
  table = path;
  at("count-part").hidden = !mayCount;
}

async function count() {
  const target = table;
  at("places").replaceChildren(element("li", "The files of the table are read.", "wait"));
  try {
    const { source, lake, analytics, notes, failures } = await read(`${target}/places`);
    if (table !== target) return;
    const rows = (name, place) => place?.rows === undefined ? []
      : [element("li", `${name}: ${number(place.rows)} rows at ${time(place.readUtc)}`)];
    const waiting = lake?.waitingFiles
      ? `${number(lake.waitingFiles)} files wait, ${bytes(lake.waitingBytes)}, the first since ${time(lake.waitingSinceUtc)}`
      : "No file waits";
    at("places").replaceChildren(
      ...rows("Source", source), ...rows("Lake", lake), ...rows("Analytics", analytics),
      ...lake?.waitingFiles === undefined ? [] : [element("li", `${waiting}.`)],
      ...notes.map(note => element("li", note, "wait")), ...failures.map(failure => element("li", failure, "bad")));
  } catch (fault) {
    if (table === target) at("places").replaceChildren(element("li", sentence(fault), "bad"));
  }
}

at("count").addEventListener("click", count);
