// Shows what the runbook says of a thing that is wrong.

import { marked } from "./marked.js";
import { attempt, read } from "./api.js";
import { at, button, element, open } from "./drawing.js";

/** A button that opens a section of the runbook, beside what is wrong. */
export function link(section, beside = "") {
  const made = button("What to do", `runbook ${section} ${beside}`, opener => attempt(() => show(section, opener)));
  made.className = "aside";
  made.setAttribute("aria-label", `What to do: the runbook on ${section}`);
  return made;
}

async function show(section, opener) {
  const { markdown } = await read(`api/runbook/${encodeURIComponent(section)}`);
  at("runbook-title").textContent = section;
  // The text is the program's own.
  at("runbook-text").innerHTML = marked.parse(markdown);
  for (const anchor of at("runbook-text").querySelectorAll("a")) anchor.replaceWith(element("i", anchor.textContent));
  for (const wide of at("runbook-text").querySelectorAll("pre, table")) wide.tabIndex = 0; // the keyboard scrolls these
  await open(at("runbook"), opener);
}
