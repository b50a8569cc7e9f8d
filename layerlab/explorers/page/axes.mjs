// Axes of a picture with two scales.

import { line, svg, text, unique } from "./elements.mjs";
import { ticks, written } from "./numbers.mjs";

/** Draw grid lines and about `counts` numbers for a rectangle of the picture; returns the two scales. */
export function axes(picture, box, [x0, x1], [y0, y1], counts) {
  const sx = (v) => box.left + ((v - x0) / (x1 - x0)) * (box.right - box.left);
  const sy = (v) => box.bottom - ((v - y0) / (y1 - y0)) * (box.bottom - box.top);
  for (const v of ticks(x0, x1, counts[0])) {
    picture.append(line(sx(v), box.top, sx(v), box.bottom, Math.abs(v) < 1e-12 ? "zero" : "rule"));
    picture.append(text(sx(v), box.bottom + 17, written(v)));
  }
  for (const v of ticks(y0, y1, counts[1])) {
    picture.append(line(box.left, sy(v), box.right, sy(v), Math.abs(v) < 1e-12 ? "zero" : "rule"));
    picture.append(text(box.left - 7, sy(v) + 4, written(v), "end"));
  }
  return [sx, sy];
}

/** Add a group that is clipped at the rectangle's edge. */
export function clip(picture, box) {
  const id = unique("clip");
  const { left: x, top: y } = box;
  const hole = svg("rect", { x: x - 2, y: y - 2, width: box.right - x + 4, height: box.bottom - y + 4 });
  const group = svg("g", { "clip-path": `url(#${id})` });
  picture.append(svg("clipPath", { id }, hole), group);
  return group;
}
