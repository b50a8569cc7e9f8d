// Lines, arrows, and points in the plane, with both axes on one scale.

import { axes, clip } from "../page/axes.mjs";
import { colour, lineSwatch, pathOf, stroke, svg, text } from "../page/elements.mjs";
import { pairs, rangeOf, shown } from "../page/numbers.mjs";

const namesOf = (plan) => [...plan.lines.map((group) => group.name), ...plan.arrows, ...plan.dots];

function draw(picture, plan, numbers, width) {
  const side = Math.round(Math.min(width - 44, 400));
  const left = Math.round((width - side - 34) / 2) + 34;
  const box = { left, right: left + side, top: 10, bottom: 10 + side };
  const [low, high] = rangeOf(plan, namesOf(plan));
  const reach = plan.reach ?? 1.05 * Math.max(Math.abs(low), Math.abs(high));
  const [sx, sy] = axes(picture, box, [-reach, reach], [-reach, reach], [side / 50, side / 50]);
  picture.scale = {
    sx,
    sy,
    toX: (p) => ((p - box.left) / side) * 2 * reach - reach,
    toY: (p) => reach - ((p - box.top) / side) * 2 * reach,
  };
  const inside = clip(picture, box);
  const drawn = (points) => pathOf(points.map(([x, y]) => [sx(x), sy(y)]));
  inside.append(svg("path", { d: plan.ground.map(drawn).join(""), class: "ground" }));
  plan.lines.forEach(({ name, shape: [count, points] }, i) => {
    const all = pairs(numbers[name]);
    const d = Array.from({ length: count }, (_, k) => drawn(all.slice(k * points, (k + 1) * points))).join("");
    inside.append(svg("path", { d, class: "thin", style: stroke(i), "data-series": name }));
  });
  plan.dots.forEach((name, i) => {
    const style = `fill:${colour(plan.lines.length + plan.arrows.length + i)}`;
    for (const [x, y] of pairs(numbers[name])) inside.append(svg("circle", { cx: sx(x), cy: sy(y), r: 4, style }));
  });
  plan.arrows.forEach((name, i) => arrow(inside, pairs(numbers[name]), sx, sy, plan.lines.length + i, name));
  return box.bottom + 26;
}

function arrow(group, [[ax, ay], [bx, by]], sx, sy, i, name) {
  const [x0, y0, x1, y1] = [sx(ax), sy(ay), sx(bx), sy(by)];
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 1) return;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const head = Math.min(11, length);
  const [hx, hy] = [x1 - ux * head, y1 - uy * head];
  const tip = [
    [x1, y1],
    [hx - uy * head * 0.45, hy + ux * head * 0.45],
    [hx + uy * head * 0.45, hy - ux * head * 0.45],
  ];
  group.append(
    svg("path", {
      d: pathOf([
        [x0, y0],
        [hx, hy],
      ]),
      class: "shaft",
      style: stroke(i),
    }),
  );
  group.append(svg("path", { d: `${pathOf(tip)}Z`, style: `fill:${colour(i)}`, "data-series": name }));
  if (name.length <= 3) group.append(text(x1 + ux * 14, y1 + uy * 14 + 4, name, "middle", "name halo")); // long: legend
}

function legend(plan) {
  const names = namesOf(plan);
  return names.length < 2 ? [] : names.map((name, i) => lineSwatch(name, i));
}

function tables(plan, numbers) {
  const rows = plan.shown.map(([words, name, i]) => [
    words,
    ...[0, 1].map((k) => shown(plan, name, numbers[name][i + k])),
  ]);
  return [{ columns: ["point", "x", "y"], rows }];
}

const original = (numbers, key) => numbers[key].join();

/** The output of nn.Linear for the input lines; the arrows are the columns of its weight. */
function edit(plan, numbers, changes) {
  const now = { ...numbers };
  for (const [key, { from, to }] of changes) {
    if (original(numbers, key) !== from) changes.delete(key); // a control moved this arrow
    else now[key] = [...numbers[key].slice(0, 2), ...to];
  }
  const [bx, by] = now[plan.arrows[0]];
  const [[a, c], [b, d]] = plan.arrows.map((name) => [now[name][2] - bx, now[name][3] - by]);
  now[plan.lines[0].name] = pairs(numbers.before).flatMap(([x, y]) => [a * x + b * y + bx, c * x + d * y + by]);
  now["number:determinant"] = [a * d - b * c];
  return now;
}

function handles(plan, numbers, { scale: { sx, sy, toX, toY } }) {
  const snapped = (v) => Math.round(v * 20) / 20;
  return plan.arrows.map((key) => {
    const at = numbers[key].slice(2);
    return {
      key,
      label: `end of ${key}`,
      at,
      x: sx(at[0]),
      y: sy(at[1]),
      step: 0.1,
      read: (x, y) => [snapped(toX(x)), snapped(toY(y))],
    };
  });
}

const hint = "Drag the ends of the arrows, the columns of the weight, or move them with the arrow keys.";

export default { draw, legend, tables, edit, original, handles, hint };
