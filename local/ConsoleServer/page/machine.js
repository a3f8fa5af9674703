// A state machine as a picture, laid out from the top down; the states of a Map are a picture inside of it.

import { Graph, layout } from "./dagre.js";

const line = 15; // height of a line of text
const space = "http://www.w3.org/2000/svg";
const begin = "\n"; // where it begins: no state has this name
const splits = /(?<=[a-z0-9])(?=[A-Z])/; // a name of a state is words that begin with a capital

function svg(name, attributes, ...children) {
  const made = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function lines(name) {
  const made = [];
  for (const word of name.split(splits))
    if (made.length && made.at(-1).length + word.length <= 16) made[made.length - 1] += word;
    else made.push(word);
  return made;
}

/** The states that an execution passes where nothing fails. */
function ordinary({ start, states }) {
  const byName = new Map(states.map(state => [state.name, state]));
  const found = new Set();
  const next = [start];
  while (next.length) {
    const name = next.pop();
    if (found.has(name)) continue;
    found.add(name);
    next.push(...byName.get(name).arrows.filter(arrow => arrow.kind !== "failure").map(arrow => arrow.to));
  }
  return found;
}

/** The names of the states to which only failures lead. */
export function ofFailures(graph) {
  const without = ordinary(graph);
  return graph.states.flatMap(({ name, inner }) => [...without.has(name) ? [] : [name], ...inner ? ofFailures(inner) : []]);
}

function place(graph, failures) {
  const shown = failures ? null : ordinary(graph);
  const states = graph.states.filter(({ name }) => shown === null || shown.has(name));
  const picture = new Graph({ multigraph: true });
  picture.setGraph({ ranksep: 34, nodesep: 22, edgesep: 10, marginx: 6, marginy: 6 });
  picture.setDefaultEdgeLabel(() => ({}));
  picture.setNode(begin, { width: 14, height: 14 });
  picture.setEdge(begin, graph.start, { weight: 3 });
  for (const state of states) {
    const inner = state.inner && place(state.inner, failures);
    const texts = lines(state.name);
    const width = Math.max(...texts.map(text => text.length)) * 7.4 + 24;
    picture.setNode(state.name, inner
      ? { state, inner, texts: [state.name], width: Math.max(inner.width, width) + 16, height: inner.height + line + 20 }
      : { state, texts, width: Math.max(width, 76), height: (texts.length + (state.calls ? 1 : 0)) * line + 14 });
  }
  for (const { name, arrows } of states)
    arrows.filter(({ to }) => picture.hasNode(to)).forEach(({ to, kind, when }, index) => picture.setEdge(name, to, {
      kind, weight: kind === "failure" ? 1 : 3,
      ...kind === "choice" ? { when, width: when.length * 5.6 + 8, height: 14, labelpos: "c" } : {},
    }, String(index)));
  layout(picture);
  const { width, height } = picture.graph();
  return { width, height, picture };
}

function path(points) {
  const at = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const between = points.slice(1, -1).map((point, index) => {
    const next = points[index + 2];
    const end = index + 3 === points.length ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(end)}`;
  });
  return `M${at(points[0])}${between.length ? between.join("") : `L${at(points.at(-1))}`}`;
}

function outline({ type, isEnd }, width, height) {
  const [x, y] = [-width / 2, -height / 2];
  if (type === "Choice") {
    const points = [[x + 10, y], [-x - 10, y], [-x, 0], [-x - 10, -y], [x + 10, -y], [x, 0]];
    return svg("polygon", { points: points.map(point => point.join()).join(" ") });
  }
  const round = type === "Succeed" || type === "Fail" || isEnd ? Math.min(height / 2, 16) : 4;
  return svg("rect", { x, y, width, height, rx: round });
}

function drawState(node, standing) {
  const { state, texts, inner, x, y, width, height } = node;
  const { kind, times } = standing.get(state.name) ?? {};
  const group = svg("g", { transform: `translate(${x} ${y})`, class: `state ${state.type} ${kind ?? ""}` });
  group.append(outline(state, width, height));
  const top = inner ? -height / 2 + line : -(texts.length + (state.calls ? 1 : 0) - 1) * line / 2;
  texts.forEach((text, index) => group.append(svg("text", { y: top + index * line, class: "name" }, text)));
  if (state.calls) group.append(svg("text", { y: top + texts.length * line, class: "calls" }, state.calls.replace(/^cdcdms-/, "")));
  if (times > 1) group.append(svg("text", { x: width / 2 - 4, y: -height / 2 - 5, class: "times" }, `×${times}`));
  if (inner) group.append(svg("g", { transform: `translate(${-inner.width / 2} ${-height / 2 + line + 12})` }, ...drawParts(inner, standing)));
  return group;
}

function drawParts({ picture }, standing) {
  const arrows = picture.edges().map(edge => picture.edge(edge));
  return [
    ...arrows.map(({ points, kind }) => svg("path", {
      d: path(points), class: `arrow ${kind ?? ""}`, "marker-end": kind === "failure" ? "url(#tip-failure)" : "url(#tip)",
    })),
    ...picture.nodes().map(name => picture.node(name)).map(node =>
      node.state ? drawState(node, standing) : svg("circle", { cx: node.x, cy: node.y, r: 6, class: "begin" })),
    ...arrows.filter(({ when }) => when).map(({ x, y, when }) => svg("text", { x, y, class: "when" }, when)),
  ];
}

const tip = id => svg("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
  svg("path", { d: "M0 0L8 4L0 8Z" }));

/**
 * Draws a state machine.
 * @param graph The state machine.
 * @param failures Whether the ways after a failure are shown.
 * @param standing Of states that were entered, by name: kind (running, failed, passed) and times, how often it runs at once.
 * @param label What the picture says, in words.
 */
export function draw(graph, failures, standing, label) {
  const placed = place(graph, failures);
  const [width, height] = [Math.ceil(placed.width), Math.ceil(placed.height)];
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label, class: "machine" },
    svg("defs", {}, tip("tip"), tip("tip-failure")), ...drawParts(placed, standing));
}
