// A batch of cells, highlighting those that share a mean with the chosen one.

import { boxSwatch, cell, text } from "../page/elements.mjs";
import { written } from "../page/numbers.mjs";

const SMALL = 24; // px: if cells would be narrower, the samples wrap

function draw(picture, plan, numbers, width) {
  const [samples, channels, rows, columns] = plan.shape;
  const labels = 22;
  const gap = 26;
  const sideOf = (across) => Math.min(40, (width - labels - 2 - gap * (across - 1)) / (columns * across));
  const across = [samples, Math.ceil(samples / 2), 1].find((n) => sideOf(n) >= SMALL) ?? 1;
  const side = sideOf(across);
  const between = rows > 1 ? 10 : 0;
  const tall = channels * (rows * side + between) + 40;
  const chosen = Math.round(numbers.cell[0]);
  for (let n = 0; n < samples; n++) {
    const x = labels + (n % across) * (columns * side + gap);
    const y = 24 + Math.floor(n / across) * tall;
    picture.append(text(x, y - 8, `sample ${n}`, "start", "name"));
    for (let c = 0; c < channels; c++) {
      const top = y + c * (rows * side + between);
      if (n % across === 0) picture.append(text(x - 6, top + (rows * side) / 2 + 4, `C${c}`, "end"));
      for (let k = 0; k < rows * columns; k++) {
        const i = (n * channels + c) * rows * columns + k;
        const at = [x + side * (k % columns), top + side * Math.floor(k / columns)];
        const shares = numbers.shared[i] > 0.5;
        const place = { class: shares ? "cell member" : "cell", "data-shared": Number(shares) };
        cell(picture, ...at, side, written(Number(numbers.x[i].toFixed(1))), place, 4);
        if (i === chosen) cell(picture, at[0] + 1, at[1] + 1, side - 2, "", { class: "cell chosen" });
      }
    }
  }
  return Math.round(Math.ceil(samples / across) * tall - between);
}

const legend = () => [
  boxSwatch("this cell", { class: "cell chosen" }),
  boxSwatch("shares its mean", { class: "cell member" }),
];

function tables(plan, numbers) {
  const [samples, channels, rows, columns] = plan.shape;
  const made = Array.from({ length: samples * channels * rows }, (_, i) => {
    const pair = Math.floor(i / rows);
    const name = `sample ${Math.floor(pair / channels)}, channel ${pair % channels}${rows > 1 ? `, row ${i % rows}` : ""}`;
    const cells = Array.from({ length: columns }, (_, j) => {
      const k = i * columns + j;
      return `${written(numbers.x[k])}${numbers.shared[k] > 0.5 ? " shares" : ""}`;
    });
    return [name, ...cells];
  });
  return [{ columns: ["sample, channel", ...Array.from({ length: columns }, (_, j) => `place ${j}`)], rows: made }];
}

export default { draw, legend, tables };
