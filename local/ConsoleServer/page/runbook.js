// Shows what the runbook says of a thing that is wrong.

import { marked } from "/marked.js";
import { attempt, read } from "/api.js";
import { at, element } from "/drawing.js";

/** A button that opens a section of the runbook. */
export function link(section) {
  const made = element("button", "What to do", "aside");
  made.type = "button";
  made.setAttribute("aria-label", `What to do: the runbook on ${section}`);
  made.addEventListener("click", () => attempt(async () => {
    const { markdown } = await read(`/api/runbook/${encodeURIComponent(section)}`);
    at("runbook-title").textContent = section;
    // The text is the program's own.
    at("runbook-text").innerHTML = marked.parse(markdown);
    for (const anchor of at("runbook-text").querySelectorAll("a")) anchor.replaceWith(element("i", anchor.textContent));
    for (const wide of at("runbook-text").querySelectorAll("pre, table")) wide.tabIndex = 0; // the keyboard scrolls these
    at("runbook").showModal();
  }));
  return made;
}
