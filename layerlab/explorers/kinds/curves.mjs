// Lines over one x, and their gradients in a second panel: beside the first, or below it if there is no room.

import { axes, clip } from "../page/axes.mjs";
import { line, lineSwatch, pathOf, stroke, svg, swatch, text } from "../page/elements.mjs";
import { FUNCTIONS } from "../page/functions.mjs";
import { rangeOf, shown, written } from "../page/numbers.mjs";

const NARROW = 520;
const gradientOf = (name) => `gradient of ${name}`;

/** The lines to draw: all of them, or those that the reader picked. */
const drawnOf = (plan) => plan.picked ?? plan.lines;

function draw(picture, plan, numbers, width) {
  const lines = drawnOf(plan);
  const two = plan.gradients.length > 0;
  const beside = two && width >= NARROW;
  const each = beside ? (width - 14) / 2 : width;
  const height = Math.round(Math.min(two ? 270 : 330, Math.max(two ? 215 : 230, each * (beside ? 0.8 : 0.52))));
  const first = lines.map((name, i) => ({ name, i }));
  panel(picture, plan, numbers, { left: 0, top: 0, width: each, height }, first, plan.y_label, plan.y_range, plan.dots);
  if (!two) return height;
  const place = { left: beside ? each + 14 : 0, top: beside ? 0 : height + 12, width: each, height };
  const second = lines
    .filter((name) => plan.gradients.includes(name))
    .map((name) => ({ name: gradientOf(name), i: lines.indexOf(name) }));
  panel(picture, plan, numbers, place, second, plan.gradient_label, plan.gradient_range, []);
  return place.top + height;
}

function panel(picture, plan, numbers, { left, top, width, height }, lines, label, given, dots) {
  const box = { left: left + 46, right: left + width - 12, top: top + 30, bottom: top + height - 44 };
  const [low, high] = rangeOf(
    plan,
    lines.map(({ name }) => name),
  );
  const pad = 0.05 * (high - low) || 1;
  const range = given ?? [low - pad, high + pad];
  const ends = [plan.x[0], plan.x.at(-1)];
  const [sx, sy] = axes(picture, box, ends, range, [width / 80, height / 45]);
  picture.append(text((box.left + box.right) / 2, top + height - 8, plan.x_label, "middle", "name"));
  picture.append(text(left + 2, top + 14, label, "start", "name"));
  const inside = clip(picture, box);
  dots.forEach(({ x, y }) => {
    x.forEach((v, i) => inside.append(svg("circle", { cx: sx(v), cy: sy(y[i]), r: 4, class: "dot" })));
  });
  lines.forEach(({ name, i }) => {
    const d = pathOf(numbers[name].map((v, k) => [sx(plan.x[k]), sy(v)]));
    inside.append(svg("path", { d, class: "line", style: stroke(i), "data-series": name }));
  });
  if (!plan.edits) return;
  const at = probe(plan, numbers);
  inside.append(line(sx(at), box.top, sx(at), box.bottom, "median"));
  if (left + top > 0) return;
  const toX = (p) => ends[0] + ((p - box.left) / (box.right - box.left)) * (ends[1] - ends[0]);
  picture.scale = { x: sx(at), y: box.bottom, toX };
}

/** What the colors mean; empty for a single line, which needs no name. */
function legend(plan) {
  const lines = drawnOf(plan);
  if (lines.length + plan.dots.length < 2 && !plan.picked) return [];
  const dot = svg("circle", { cx: 13, cy: 7, r: 4, class: "dot" });
  return [...lines.map((name, i) => lineSwatch(name, i)), ...plan.dots.map((d) => swatch(d.name, dot.cloneNode()))];
}

function tables(plan, numbers) {
  const lines = drawnOf(plan);
  const names = [...lines, ...lines.filter((name) => plan.gradients.includes(name)).map(gradientOf)];
  const rows = plan.shown.map((i) => [written(plan.x[i]), ...names.map((name) => shown(plan, name, numbers[name][i]))]);
  return [{ columns: [plan.x_label, ...names], rows }];
}

// -- a point on the x axis to drag: the page computes values and gradients there

const probe = (plan, numbers) => numbers.probe?.[0] ?? plan.edits;
const original = () => null;
const edit = (plan, numbers, changes) => {
  const [low, high] = [plan.x[0], plan.x.at(-1)];
  return { ...numbers, probe: [Math.min(high, Math.max(low, changes.get("x").to[0]))] };
};

/** The readings below the picture: [name, words]. */
const readings = (plan, numbers) => {
  const x = probe(plan, numbers);
  const values = drawnOf(plan).map((name) => {
    const [value, slope] = FUNCTIONS[name](x, numbers.argument[0]);
    return [name, `${written(value)}, gradient ${written(slope)}`];
  });
  return [[plan.x_label, written(x)], ...values];
};

function handles(plan, numbers, { scale: { x, y, toX } }) {
  const read = (p) => [Math.round(toX(p) * 20) / 20];
  return [{ key: "x", label: plan.x_label, at: [probe(plan, numbers)], x, y, step: 0.05, read }];
}

const hint = "Drag the upright line, or move it with the arrow keys: the values there are computed in this page.";

export default { draw, legend, tables, edit, original, handles, readings, hint };
