// Elements of a page and of a picture.

/** An id that is unique on the page, although each explorer runs its own copy of this code. */
export function unique(what) {
  globalThis.labExplorerIds = (globalThis.labExplorerIds ?? 0) + 1;
  return `lab-${what}-${globalThis.labExplorerIds}`;
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}
export const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
export const line = (x1, y1, x2, y2, cls) => svg("line", { x1, y1, x2, y2, class: cls });
export const text = (x, y, words, anchor = "middle", cls = "tick") =>
  svg("text", { x, y, "text-anchor": anchor, class: cls }, words);
export const round = (v) => Math.round(v * 100) / 100;

export const DASHES = ["", "8 3", "2 3", "9 3 2 3", "14 4"];
export const colour = (i) => `var(--line-${i % 5})`;
export const stroke = (i, dashed = true) =>
  `stroke:${colour(i)};stroke-dasharray:${(dashed && DASHES[i % 5]) || "none"}`;

/** A path through the points, interrupted wherever one is nan. */
export function pathOf(points) {
  let pen = "M";
  let d = "";
  for (const [x, y] of points) {
    if (!Number.isFinite(x + y)) {
      pen = "M";
      continue;
    }
    d += `${pen}${round(x)} ${round(y)}`;
    pen = "L";
  }
  return d;
}

/** A grid cell, square unless a height is given, with words in it if there is room for the grid's `longest`. */
export function cell(picture, x, y, side, words, attributes = {}, longest = words.length) {
  const box = { x: round(x), y: round(y), width: round(side), height: round(side), class: "cell" };
  picture.append(svg("rect", { ...box, ...attributes }));
  const most = 0.58 * Math.max(longest, words.length);
  const lies = (side - 3) / most; // font size along the cell; a tall cell may have upright text
  const stands = attributes.height && lies < 8.5;
  const size = stands ? Math.min(11, side - 2, (attributes.height - 3) / most) : Math.min(13, lies);
  if (!words || size < 8.5) return; // no room; the table has all of them
  const [middle, base] = [round(x + side / 2), round(y + (attributes.height ?? side) / 2 + size / 3)];
  const number = text(middle, base, words, "middle", "number");
  if (stands) number.setAttribute("transform", `rotate(-90 ${middle} ${round(base - size / 3)})`);
  number.style.fontSize = `${round(size)}px`;
  picture.append(number);
}

/** Lines across a cell that is masked or has no number. */
export function hatch(x, y, side, tall = side) {
  const [part, down] = [side / 3, tall / 3];
  const lines = [1, 2, 3, 4, 5].map((i) => {
    const [a, b] = [Math.max(0, i - 3), Math.min(3, i)];
    return [
      [x + a * part, y + b * down],
      [x + b * part, y + a * down],
    ];
  });
  return svg("path", { d: lines.map(pathOf).join(""), class: "hatch" });
}

/** A legend entry: a small picture and its words. */
export const swatch = (words, ...marks) =>
  html("li", {}, svg("svg", { width: 26, height: 14, "aria-hidden": "true" }, ...marks), words);
export const lineSwatch = (words, i, dashed = true) =>
  swatch(words, svg("line", { x1: 1, x2: 25, y1: 7, y2: 7, class: "line", style: stroke(i, dashed) }));
export const boxSwatch = (words, attributes) =>
  swatch(words, svg("rect", { x: 7, y: 1, width: 12, height: 12, class: "cell", ...attributes }));
