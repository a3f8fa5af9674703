// What can be done about a table: buttons that ask before they act, and what came of it.

import { answer, attempt, inOrder, read } from "./api.js";
import * as drawing from "./drawing.js";
import { at, element, time } from "./drawing.js";

const lists = inOrder();

let shown = null; // the table whose cures are shown

const names = {
  resume: "Resume", repair: "Repair these rows", "repair-all": "Compare all and repair", reload: "Load again", retry: "Try again", drop: "Give up",
};

/** Asks whether something may be done, and says what will happen. */
async function ask(title, will, opener) {
  at("ask-title").textContent = title;
  at("ask-will").textContent = will;
  at("ask").returnValue = "no";
  await drawing.open(at("ask"), opener);
  return at("ask").returnValue === "yes";
}

/** A button for a cure, which acts when its question is answered by yes. */
export function button(target, { kind, will }, ids) {
  const name = kind === "retry" && !ids ? "Try all again" : names[kind];
  const made = drawing.button(name, `${kind} ${ids ?? ""}`, opener => attempt(async () => {
    if (!await ask(`${name}: ${ids ? `change ${ids.join(", ")} of ` : ""}${target}`, will, opener)) return;
    await read(`api/tables/${encodeURIComponent(target)}/cures`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ kind, ids }),
    });
    answer(`${name} has begun.`);
    await refresh();
  }));
  // A button with another question is another button.
  made.dataset.will = will;
  return made;
}

/** Shows the cures of a table, or none. */
export function show(target) {
  shown = target;
  at("cured").replaceChildren();
}

/** Reads the cures anew, those that go on and those that have ended; says whether one goes on. */
export async function refresh() {
  let goesOn = false;
  await lists(() => read("api/cures"), ({ cures }) => {
    const own = cures.filter(cure => cure.target === shown);
    goesOn = own.some(cure => cure.isDone === undefined);
    drawing.redraw(at("cured"), ...own.map(cure => element(
      "li", `${time(cure.startedUtc)} ${names[cure.kind]}: ${cure.told}`, cure.isDone === undefined ? "wait" : cure.isDone ? "good" : "bad")));
  });
  return goesOn;
}
