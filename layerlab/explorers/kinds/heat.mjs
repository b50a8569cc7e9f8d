// Matrices side by side, coloured by their numbers; masked cells are hatched.

import { cell, colour, hatch, round, swatch, text } from "../page/elements.mjs";
import { rangeOf, shown, written } from "../page/numbers.mjs";

const wide = (labels) => (labels.length ? 8 + 7 * Math.max(...labels.map((label) => label.length)) : 0);

function draw(picture, plan, numbers, width) {
  const [low, high] = rangeOf(plan, plan.parts.map((part) => part.name));
  const limit = plan.limit ?? (Math.max(Math.abs(low), Math.abs(high)) || 1);
  const columns = plan.parts.reduce((sum, part) => sum + part.shape[1], 0);
  const tallest = Math.max(...plan.parts.map((part) => part.shape[0]));
  const labels = wide(plan.rows);
  const gap = Math.max(22, Math.min(34, width / 18));
  const beside = 58 * plan.sums.length; // room for the sums
  const taken = labels + beside + gap * plan.signs.length;
  const side = Math.max(6, Math.min(52, (width - taken - 2) / columns));
  // Names of columns that are wider than their cells stand on two levels, alternating.
  const levels = plan.columns.some((label) => 7 * label.length > side - 4);
  const top = plan.columns.length ? (levels ? 62 : 46) : 28;
  const middle = top + (side * tallest) / 2;
  const decimals = Math.min(9, Math.max(0, (side < 36 ? 1 : 2) - Math.floor(Math.log10(limit))));
  const inCell = (v) => (Number.isFinite(v) ? written(Number(v.toFixed(decimals))) : "");
  const longest = Math.max(...plan.parts.flatMap((part) => numbers[part.name].map((v) => inCell(v).length)));
  let x = Math.max(1, (width - taken - side * columns) / 2) + labels;
  plan.parts.forEach(({ name, shape: [rows, count] }, i) => {
    const y = middle - (side * rows) / 2;
    if (i === 0) {
      plan.rows.forEach((label, r) => picture.append(text(x - 8, y + side * (r + 0.5) + 4, label, "end")));
      plan.columns.forEach((label, c) =>
        picture.append(text(x + side * (c + 0.5), y - 6 - (levels && c % 2 ? 15 : 0), label)),
      );
    }
    const above = i === 0 && plan.columns.length ? (levels ? 42 : 26) : 8;
    picture.append(text(x + (side * count) / 2, y - above, name, "middle", "name"));
    numbers[name].forEach((v, k) => {
      const at = [round(x + side * (k % count)), round(y + side * Math.floor(k / count))];
      const share = Number.isFinite(v) ? Math.min(1, Math.abs(v) / limit) * 62 : 0;
      const style = `fill:color-mix(in srgb, ${colour(v < 0 ? 1 : 0)} ${share.toFixed(1)}%, transparent)`;
      cell(picture, ...at, side, inCell(v), { style }, longest);
      if (!Number.isFinite(v)) picture.append(hatch(...at, side));
    });
    picture.append(text(x + (side * count) / 2, y + side * rows + 17, `${rows} × ${count}`));
    x += side * count;
    if (plan.sums.includes(name)) {
      const sums = numbers[`sum:${name}`];
      sums.forEach((v, r) => picture.append(text(x + 6, y + side * (r + 0.5) + 4, `Σ ${written(v, 3)}`, "start")));
      x += 58;
    }
    if (i < plan.signs.length) picture.append(text(x + gap / 2, middle + 6, plan.signs[i], "middle", "sign"));
    x += gap;
  });
  return Math.round(top + side * tallest + 26);
}

const legend = (plan) => (plan.masked.length ? [swatch("masked", hatch(7, 1, 12))] : []);

function tables(plan, numbers) {
  const width = Math.max(...plan.parts.map((part) => part.shape[1]));
  const named = plan.columns.length === width;
  const columns = Array.from({ length: width }, (_, j) => (named ? plan.columns[j] : `column ${j}`));
  const rows = plan.parts.flatMap(({ name, shape: [count, size] }, n) =>
    Array.from({ length: count }, (_, i) => {
      const label = n === 0 && plan.rows.length ? plan.rows[i] : `row ${i}`;
      const cells = numbers[name].slice(i * size, (i + 1) * size).map((v) => shown(plan, name, v));
      const sum = plan.sums.includes(name) ? written(numbers[`sum:${name}`][i]) : "";
      return [`${name}, ${label}`, ...cells, ...Array(width - size).fill(""), ...(plan.sums.length ? [sum] : [])];
    }),
  );
  return [{ columns: ["part", ...columns, ...(plan.sums.length ? ["sum of the row"] : [])], rows }];
}

export default { draw, legend, tables };
