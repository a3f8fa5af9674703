// What can be done about a table: buttons that ask before they act, and what came of it.

import { attempt, read, tell } from "/api.js";
import { at, element, time } from "/drawing.js";

const names = {
  resume: "Resume", repair: "Repair these rows", "repair-all": "Compare all and repair", reload: "Load again", retry: "Try again", drop: "Give up",
};

/** Asks whether something may be done, and says what will happen. */
function ask(title, will) {
  at("ask-title").textContent = title;
  at("ask-will").textContent = will;
  at("ask").returnValue = "no";
  at("ask").showModal();
  return new Promise(resolve => at("ask").addEventListener("close", () => resolve(at("ask").returnValue === "yes"), { once: true }));
}

/** A button for a cure, which acts when its question is answered by yes. */
export function button(target, { kind, will }, ids) {
  const made = element("button", names[kind]);
  made.type = "button";
  made.addEventListener("click", () => attempt(async () => {
    if (!await ask(`${names[kind]}: ${ids ? `change ${ids.join(", ")} of ` : ""}${target}`, will)) return;
    await read(`/api/tables/${encodeURIComponent(target)}/cures`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ kind, ids }),
    });
    tell(`${names[kind]} has begun.`);
    await show(target);
  }));
  return made;
}

/** Shows the cures of a table, those that go on and those that have ended. */
export async function show(target) {
  const { cures } = await read("/api/cures");
  const own = cures.filter(cure => cure.target === target);
  at("cured").replaceChildren(...own.map(cure => element(
    "li", `${time(cure.startedUtc)} ${names[cure.kind]}: ${cure.told}`, cure.isDone === undefined ? "wait" : cure.isDone ? "good" : "bad")));
  return own;
}
