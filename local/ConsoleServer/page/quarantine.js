// The quarantined changes of one table, without their values until somebody asks for them.

import { attempt, read } from "./api.js";
import * as cures from "./cures.js";
import { button, cells, element, when } from "./drawing.js";

const opened = new Map(); // values that somebody has asked for, by the number of the change

// The keyboard scrolls it, and stays where the button was.
function opens(id) {
  const made = element("pre", opened.get(id));
  made.tabIndex = 0;
  made.dataset.key = `show ${id}`;
  return made;
}

/** The row of a change. */
export function drawChange(target, change, offer) {
  const why = element("td", `${change.reason}${change.operation === "D" ? " (a delete)" : ""}: ${change.told ?? "its values tell why"}`);
  for (const kind of ["retry", "drop"])
    if (offer(kind)) why.append(" ", cures.button(target, offer(kind), [change.id]));
  const values = element("td");
  if (opened.has(change.id)) values.append(opens(change.id));
  else {
    values.append(button("Show values", `show ${change.id}`, pressed => attempt(async () => {
      const answer = await read(`api/quarantine/${change.id}`);
      opened.set(change.id, `${JSON.stringify(answer.change, null, 2)}\n${answer.error}`);
      const made = opens(change.id);
      pressed.replaceWith(made);
      made.focus();
    })));
  }
  return cells(element("tr"), element("td", String(change.id), "number"), when(change.quarantinedUtc), why, values);
}
