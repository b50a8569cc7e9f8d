// The spread of values from layer to layer: boxes, and their standard deviations on a logarithmic axis.

import { axes, clip } from "../page/axes.mjs";
import { line, pathOf, stroke, svg, swatch, text } from "../page/elements.mjs";
import { shown, ticks } from "../page/numbers.mjs";

/** The quantiles of layer i, which are stored in standard deviations. */
function quantiles(plan, numbers, i) {
  const spread = numbers.spread[i] || 1;
  const count = plan.heads.length;
  return numbers.shape.slice(i * count, (i + 1) * count).map((v) => v * spread);
}

function draw(picture, plan, numbers, width) {
  const box = { left: 52, right: width - 10, top: 26, bottom: 206 };
  const xs = [plan.first - 0.7, plan.first + plan.count - 0.3];
  const [sx, sy] = axes(picture, box, xs, [-plan.reach, plan.reach], [width / 70, 4]);
  picture.append(text(2, 14, plan.label, "start", "name"));
  const inside = clip(picture, box);
  const half = Math.min(9, (box.right - box.left) / plan.count / 2.8);
  for (let i = 0; i < plan.count; i++) {
    const found = quantiles(plan, numbers, i);
    if (!found.every(Number.isFinite)) continue;
    const x = sx(plan.first + i);
    // SVG loses precision far outside, so a mark just beyond the edge is as good.
    const [low, lower, middle, upper, high] = found.map((v) =>
      sy(Math.max(-9 * plan.reach, Math.min(9 * plan.reach, v))),
    );
    inside.append(line(x, low, x, high, "whisker"));
    const tall = Math.max(1.5, lower - upper);
    inside.append(svg("rect", { x: x - half, y: upper, width: 2 * half, height: tall, class: "box" }));
    inside.append(line(x - half, middle, x + half, middle, "median"));
  }
  return spreads(picture, plan, numbers, { left: box.left, right: box.right, top: 262, bottom: 362 }, sx);
}

function spreads(picture, plan, numbers, box, sx) {
  const [low, high] = plan.series.find((s) => s.name === "spread").range;
  const ends = [Math.floor(Math.log10(low || 1e-9)), Math.ceil(Math.log10(high || 1))];
  if (ends[0] === ends[1]) ends[1] += 1;
  const sy = (v) => box.bottom - ((Math.log10(v) - ends[0]) / (ends[1] - ends[0])) * (box.bottom - box.top);
  for (const v of ticks(...ends, 4).filter(Number.isInteger)) {
    picture.append(line(box.left, sy(10 ** v), box.right, sy(10 ** v), v === 0 ? "zero" : "rule"));
    const power = v === 0 ? ["1"] : ["10", svg("tspan", { dy: -5, "font-size": 9 }, String(v).replace("-", "−"))];
    const label = text(box.left - 7, sy(10 ** v) + 4, power[0], "end");
    label.append(...power.slice(1));
    picture.append(label);
  }
  picture.append(text(2, box.top - 12, "standard deviation", "start", "name"));
  picture.append(text((box.left + box.right) / 2, box.bottom + 20, "layer", "middle", "name"));
  const points = numbers.spread.map((v, i) => [sx(plan.first + i), v > 0 ? sy(v) : NaN]);
  picture.append(svg("path", { d: pathOf(points), class: "line", style: stroke(1, false), "data-series": "spread" }));
  return box.bottom + 28;
}

const legend = () => [
  swatch("5 to 95 %", line(13, 1, 13, 13, "whisker")),
  swatch("middle half", svg("rect", { x: 6, y: 3, width: 14, height: 8, class: "box" })),
  swatch("median", line(6, 7, 20, 7, "median")),
];

function tables(plan, numbers) {
  const rows = Array.from({ length: plan.count }, (_, i) => {
    // The quantiles are precise to three digits, like the standard deviation.
    const found = quantiles(plan, numbers, i).map((v) => shown(plan, "spread", v));
    return [`layer ${plan.first + i}`, shown(plan, "spread", numbers.spread[i]), ...found];
  });
  return [{ columns: ["layer", "standard deviation", ...plan.heads], rows }];
}

export default { draw, legend, tables };
