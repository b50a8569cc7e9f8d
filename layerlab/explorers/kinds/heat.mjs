// Matrices side by side, colored by their values; masked cells are hatched.

import { cell, colour, hatch, round, swatch, text } from "../page/elements.mjs";
import { rangeOf, shown, written } from "../page/numbers.mjs";

const wide = (labels) => (labels.length ? 8 + 7 * Math.max(...labels.map((label) => label.length)) : 0);

/** Side by side, or one below the other if the cells would be too narrow for their numbers. */
function draw(picture, plan, numbers, width) {
  const [low, high] = rangeOf(
    plan,
    plan.parts.map((part) => part.name),
  );
  const limit = plan.limit ?? (Math.max(Math.abs(low), Math.abs(high)) || 1);
  const labels = wide(plan.rows);
  const beside = 58 * plan.sums.length; // room for the sums
  const between = Math.max(22, Math.min(34, width / 18));
  const sideOf = (parts) => {
    const taken = labels + beside + between * (parts.length - 1);
    const columns = parts.reduce((sum, part) => sum + part.shape[1], 0);
    return { side: Math.max(6, Math.min(52, (width - taken - 2) / columns)), taken, columns };
  };
  const apart = !plan.signs.some(Boolean) && sideOf(plan.parts).side < 24;
  const rows = apart ? plan.parts.map((part) => [part]) : [plan.parts];
  const side = Math.min(...rows.map((parts) => sideOf(parts).side));
  const decimals = Math.min(9, Math.max(0, (side < 36 ? 1 : 2) - Math.floor(Math.log10(limit))));
  const inCell = (v) => (plan.written && Number.isFinite(v) ? written(Number(v.toFixed(decimals))) : "");
  const longest = Math.max(...plan.parts.flatMap((part) => numbers[part.name].map((v) => inCell(v).length)));
  // Numbers that do not fit are rotated in taller cells, unless there are too many rows.
  const upright = 5.3 * longest + 4;
  const most = Math.max(...plan.parts.map((part) => part.shape[0]));
  const tall = side >= 12 && side < 4.93 * longest + 3 && most <= 12 ? Math.max(side, upright) : side;
  let y = 0;
  for (const parts of rows) {
    const { taken, columns } = sideOf(parts);
    const x = Math.max(1, (width - taken - side * columns) / 2) + labels;
    y = row(picture, plan, numbers, parts, { x, y, side, tall, between, limit, inCell, longest });
  }
  return Math.round(y);
}

/** Draw one row of parts, with the signs between them; returns its lower end. */
function row(picture, plan, numbers, parts, { x, y: begin, side, tall, between, limit, inCell, longest }) {
  // Column names that are wider than their cells alternate between two levels.
  const levels = plan.columns.some((label) => 7 * label.length > side - 4);
  const isNamed = parts[0] === plan.parts[0] && plan.columns.length > 0;
  const top = begin + (isNamed ? (levels ? 62 : 46) : 28);
  const tallest = Math.max(...parts.map((part) => part.shape[0]));
  const middle = top + (tall * tallest) / 2;
  for (const part of parts) {
    const {
      name,
      shape: [rows, count],
    } = part;
    const y = middle - (tall * rows) / 2;
    const i = plan.parts.indexOf(part);
    if (i === 0) {
      plan.rows.forEach((label, r) => picture.append(text(x - 8, y + tall * (r + 0.5) + 4, label, "end")));
      plan.columns.forEach((label, c) =>
        picture.append(text(x + side * (c + 0.5), y - 6 - (levels && c % 2 ? 15 : 0), label)),
      );
    }
    const above = i === 0 && isNamed ? (levels ? 42 : 26) : 8;
    picture.append(text(x + (side * count) / 2, y - above, name, "middle", "name"));
    numbers[name].forEach((v, k) => {
      const at = [round(x + side * (k % count)), round(y + tall * Math.floor(k / count))];
      const share = Number.isFinite(v) ? Math.min(1, Math.abs(v) / limit) * 62 : 0;
      const style = `fill:color-mix(in srgb, ${colour(v < 0 ? 1 : 0)} ${share.toFixed(1)}%, transparent)`;
      cell(picture, ...at, side, inCell(v), tall > side ? { style, height: round(tall) } : { style }, longest);
      if (!Number.isFinite(v)) picture.append(hatch(...at, side, tall));
    });
    picture.append(text(x + (side * count) / 2, y + tall * rows + 17, `${rows} × ${count}`));
    x += side * count;
    if (plan.sums.includes(name)) {
      const sums = numbers[`sum:${name}`];
      sums.forEach((v, r) => picture.append(text(x + 6, y + tall * (r + 0.5) + 4, `Σ ${written(v, 3)}`, "start")));
      x += 58;
    }
    if (i < plan.signs.length) picture.append(text(x + between / 2, middle + 6, plan.signs[i], "middle", "sign"));
    x += between;
  }
  return top + tall * tallest + 26;
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
