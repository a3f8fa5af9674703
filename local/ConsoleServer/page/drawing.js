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

export function cells(row, ...texts) {
  for (const text of texts)
    row.append(typeof text === "number" ? element("td", number(text), "number") : text instanceof Node ? text : element("td", text));
  return row;
}

export const time = text => text ? new Date(text).toISOString().slice(0, 19).replace("T", " ") : "–";

export function age(seconds) {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
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
