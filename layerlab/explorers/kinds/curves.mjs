// Lines over one x, and their gradients in a second panel: beside the first, or below it where there is no room.

import { axes, clip } from "../page/axes.mjs";
import { lineSwatch, pathOf, stroke, svg, swatch, text } from "../page/elements.mjs";
import { rangeOf, shown, written } from "../page/numbers.mjs";

const NARROW = 520;
const gradientOf = (name) => `gradient of ${name}`;

function draw(picture, plan, numbers, width) {
  const two = plan.gradients.length > 0;
  const beside = two && width >= NARROW;
  const each = beside ? (width - 14) / 2 : width;
  const height = Math.round(Math.min(two ? 270 : 330, Math.max(two ? 215 : 230, each * (beside ? 0.8 : 0.52))));
  const first = plan.lines.map((name, i) => ({ name, i }));
  panel(picture, plan, numbers, { left: 0, top: 0, width: each, height }, first, plan.y_label, plan.y_range, plan.dots);
  if (!two) return height;
  const place = { left: beside ? each + 14 : 0, top: beside ? 0 : height + 12, width: each, height };
  const second = plan.gradients.map((name) => ({ name: gradientOf(name), i: plan.lines.indexOf(name) }));
  panel(picture, plan, numbers, place, second, plan.gradient_label, plan.gradient_range, []);
  return place.top + height;
}

function panel(picture, plan, numbers, { left, top, width, height }, lines, label, given, dots) {
  const box = { left: left + 46, right: left + width - 12, top: top + 30, bottom: top + height - 44 };
  const [low, high] = rangeOf(plan, lines.map(({ name }) => name));
  const pad = 0.05 * (high - low) || 1;
  const range = given ?? [low - pad, high + pad];
  const [sx, sy] = axes(picture, box, [plan.x[0], plan.x.at(-1)], range, [width / 80, height / 45]);
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
}

/** What the colours mean; nothing where one line alone needs no name. */
function legend(plan) {
  if (plan.lines.length + plan.dots.length < 2) return [];
  const dot = svg("circle", { cx: 13, cy: 7, r: 4, class: "dot" });
  return [...plan.lines.map((name, i) => lineSwatch(name, i)), ...plan.dots.map((d) => swatch(d.name, dot.cloneNode()))];
}

function tables(plan, numbers) {
  const names = [...plan.lines, ...plan.gradients.map(gradientOf)];
  const rows = plan.shown.map((i) => [written(plan.x[i]), ...names.map((name) => shown(plan, name, numbers[name][i]))]);
  return [{ columns: [plan.x_label, ...names], rows }];
}

export default { draw, legend, tables };
