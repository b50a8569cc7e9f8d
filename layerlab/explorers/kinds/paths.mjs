// Paths over a loss surface, up to the current step.

import { axes, clip } from "../page/axes.mjs";
import { colour, lineSwatch, pathOf, stroke, svg, swatch, text } from "../page/elements.mjs";
import { pairs, shown } from "../page/numbers.mjs";

const cross = (x, y) =>
  pathOf([
    [x - 6, y],
    [x + 6, y],
    [NaN, 0],
    [x, y - 6],
    [x, y + 6],
  ]);
const stepOf = (numbers) => Math.round(numbers.step[0]);

function draw(picture, plan, numbers, width) {
  const [x0, x1] = plan.x_range;
  const [y0, y1] = plan.y_range;
  const box = { left: 46, right: width - 10, top: 26 };
  const tall = ((box.right - box.left) * (y1 - y0)) / (x1 - x0);
  box.bottom = box.top + Math.round(Math.min(360, Math.max(200, tall)));
  const [sx, sy] = axes(picture, box, plan.x_range, plan.y_range, [width / 80, (box.bottom - box.top) / 45]);
  const inside = clip(picture, box);
  const drawn = (points) => pathOf(points.map(([x, y]) => [sx(x), sy(y)]));
  plan.contours.forEach((lines) => inside.append(svg("path", { d: lines.map(drawn).join(""), class: "contour" })));
  if (plan.minimum) inside.append(svg("path", { d: cross(sx(plan.minimum[0]), sy(plan.minimum[1])), class: "dot" }));
  const step = stepOf(numbers);
  plan.paths.forEach((name, i) => {
    const points = pairs(numbers[name]).slice(0, step + 1);
    inside.append(svg("path", { d: drawn(points), class: "line", style: stroke(i), "data-series": name }));
    const [x, y] = points.at(-1);
    if (Number.isFinite(x + y))
      inside.append(svg("circle", { cx: sx(x), cy: sy(y), r: 5, style: `fill:${colour(i)}` }));
  });
  picture.append(text(2, 14, plan.labels[1], "start", "name"));
  picture.append(text((box.left + box.right) / 2, box.bottom + 36, plan.labels[0], "middle", "name"));
  return box.bottom + 44;
}

function legend(plan) {
  const minimum = plan.minimum ? [swatch("minimum", svg("path", { d: cross(13, 7), class: "dot" }))] : [];
  return [...plan.paths.map((name, i) => lineSwatch(name, i)), ...minimum];
}

function tables(plan, numbers) {
  const step = stepOf(numbers);
  const rows = plan.paths.map((name) => {
    const loss = `number:loss of ${name}`;
    const at = [0, 1].map((k) => shown(plan, name, numbers[name][2 * step + k]));
    return [name, ...at, shown(plan, loss, numbers[loss][0])];
  });
  return [{ columns: ["path", ...plan.labels, "loss"], rows }];
}

/** The last step of the longest path. */
const last = (numbers) => Object.values(numbers).reduce((most, v) => Math.max(most, v.length), 0) / 2 - 1;

export default { draw, legend, tables, last };
