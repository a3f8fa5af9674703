// Makes elements. Every text goes in as text: a name with markup is shown, and never runs.

export const at = id => document.getElementById(id);

const numbers = new Intl.NumberFormat("en-US");

export const number = value => numbers.format(value);

export function element(name, text, kind) {
  const made = document.createElement(name);
  made.textContent = text ?? "";
  if (kind) made.className = kind;
  return made;
}

/** A name in parts between which a line may end: behind dots and underscores, and nowhere else. */
export const named = name => name.split(/(?<=[._])/).flatMap((part, index) => index ? [element("wbr"), part] : [part]);

const keyOf = made => made.dataset.key ?? made.getAttribute("href");

const focusOn = (region, key) => (
  [...region.querySelectorAll("[data-key], [href]")].find(one => keyOf(one) === key) ?? region.closest("section")?.querySelector("[tabindex='-1']")
)?.focus({ preventScroll: true });

/** Draws something in a region; what had the focus there has it again, by its key. */
export function keepFocus(region, draw) {
  const key = region.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  draw();
  if (key !== null && !region.contains(document.activeElement)) focusOn(region, key);
}

/** Gives a region these children; those at its beginning and end that are as they were stay, and so nobody hears of them again. */
export function redraw(region, ...children) {
  const made = children.map(one => one instanceof Node ? one : document.createTextNode(one));
  const old = [...region.childNodes];
  const most = Math.min(made.length, old.length);
  let [first, last] = [0, 0];
  while (first < most && old[first].isEqualNode(made[first])) first++;
  while (last < most - first && old.at(-1 - last).isEqualNode(made.at(-1 - last))) last++;
  keepFocus(region, () => {
    for (const one of old.slice(first, old.length - last)) one.remove();
    for (const one of made.slice(first, made.length - last)) region.insertBefore(one, old[old.length - last] ?? null);
  });
}

/** Asks or tells something; when the reader is done, the button that opened it has the focus again, also one that was drawn anew. */
export function open(dialog, opener) {
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener("close", () => {
    if (!opener.isConnected) focusOn(at("one").hidden ? at("all") : at("one"), keyOf(opener));
    resolve();
  }, { once: true }));
}

/** A button, whose key says what it does to what. */
export function button(text, key, press) {
  const made = element("button", text);
  made.type = "button";
  made.dataset.key = key;
  made.addEventListener("click", () => press(made));
  return made;
}

export function cells(row, ...texts) {
  for (const text of texts)
    row.append(typeof text === "number" ? element("td", number(text), "number") : text instanceof Node ? text : element("td", text));
  return row;
}

export const time = text => text ? new Date(text).toISOString().slice(0, 19).replace("T", " ") : "–";

/** A time in a cell of its own, in one line. */
export const when = text => element("td", time(text), "when");

/** A span of time in its largest unit, in one line. */
export function age(seconds) {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))}\u00a0s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}\u00a0min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)}\u00a0h` : `${Math.round(seconds / 86400)}\u00a0d`;
}

export function bytes(count) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  for (; count >= 1000 && at < units.length - 1; at++) count /= 1000;
  return `${count.toFixed(at && count < 10 ? 1 : 0)} ${units[at]}`;
}

export function bars(values) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const most = Math.max(...values, 1);
  svg.setAttribute("viewBox", `0 0 ${values.length * 5} 24`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Rows of the last ${values.length} hours: at most ${number(Math.max(...values))} in one.`);
  values.forEach((value, at) => {
    const bar = document.createElementNS(space, "rect");
    const height = value ? Math.max(1, value / most * 24) : 0;
    for (const [name, size] of Object.entries({ x: at * 5, y: 24 - height, width: 4, height })) bar.setAttribute(name, size);
    svg.append(bar);
  });
  return svg;
}
