// A window sliding over the input: the input with padding, the weights, and the output computed so far.

import { boxSwatch, cell, text } from "../page/elements.mjs";
import { rangeOf, shown, written } from "../page/numbers.mjs";

const ROOM = 40; // between two grids
const LARGEST = 44;

/** Read from the numbers what the picture needs. */
function read(numbers) {
  const whole = (name) => Math.round(numbers[name][0]);
  const [top, left] = ["first row", "first column"].map(whole);
  const [rows, columns] = [top + whole("reach of rows"), left + whole("reach of columns")];
  const [padRows, padColumns] = ["padded rows", "padded columns"].map(whole);
  const [inRows, inColumns] = ["input rows", "input columns"].map(whole);
  const each = (name) => numbers[name].filter(Number.isFinite).map(Math.round); // one for each row or column of the output
  const output = { rows: whole("output rows"), columns: whole("output columns") };
  const at = whole("at");
  const windows = {
    rows: each("windows begin at row"),
    columns: each("windows begin at column"),
    tall: each("rows of windows"),
    wide: each("columns of windows"),
    apart: ["dilation of rows", "dilation of columns"].map(whole),
  };
  const taps = tapsAt(windows, output, at);
  const kernel = windows.wide[at % output.columns];
  const what = (row, column) => {
    if (row >= top && row < top + inRows && column >= left && column < left + inColumns) return "input";
    return row < padRows && column < padColumns ? "padding" : "beyond";
  };
  const weights = numbers.weights.filter(Number.isFinite);
  return {
    rows,
    columns,
    top,
    left,
    inRows,
    inColumns,
    weights,
    kernel,
    windows,
    taps,
    what,
    output,
    at,
    padRows,
    padColumns,
  };
}

/** The cells under the window of one output: [row, column] in the padded input. */
function tapsAt({ rows, columns, tall, wide, apart }, output, at) {
  const [down, right] = [Math.floor(at / output.columns), at % output.columns];
  return Array.from({ length: tall[down] * wide[right] }, (_, i) => [
    rows[down] + apart[0] * Math.floor(i / wide[right]),
    columns[right] + apart[1] * (i % wide[right]),
  ]);
}

const asEdit = (grid, r, c, value) => ({ "data-edit": `${grid} ${r} ${c}`, "data-value": value });

/** The series, and the index in it, that a key such as "input 2 3" means. */
function indexOf(numbers, key) {
  const { columns, top, left, kernel } = read(numbers);
  const [grid, r, c] = key.split(" ").map((part, i) => (i ? Number(part) : part));
  return [grid, grid === "input" ? (r + top) * columns + c + left : r * kernel + c];
}

const original = (numbers, key) => {
  const [grid, i] = indexOf(numbers, key);
  return numbers[grid][i];
};

/** Apply the layer to what the reader put into its cells: products, means, or maxima of the windows. */
function edit(plan, numbers, changes) {
  const now = { ...numbers, input: [...numbers.input], weights: [...numbers.weights] };
  for (const [key, { to }] of changes) {
    const [grid, i] = indexOf(numbers, key);
    now[grid][i] = to;
  }
  const state = read(now);
  now.output = numbers.output.map((v, at) => {
    if (!Number.isFinite(v)) return v; // beyond this setting's output
    const values = tapsAt(state.windows, state.output, at).map(([r, c]) => now.input[r * state.columns + c]);
    if (state.weights.length) return values.reduce((sum, value, i) => sum + value * state.weights[i], 0);
    const counted = values.filter(Number.isFinite);
    return plan.operation.includes("Max") ? Math.max(...counted) : counted.reduce((a, b) => a + b, 0) / counted.length;
  });
  now["number:output here"] = [now.output[state.at]];
  return now;
}

/** A cell's number, or the sign for padding without one. */
const inCell = (plan, v) => (Number.isFinite(v) ? written(v, 3) : plan.nan === "−∞" ? "−∞" : "");

/** Side by side if the cells are then large enough, else the output below the input. Nothing shifts between steps. */
function draw(picture, plan, numbers, width) {
  const state = read(numbers);
  const most = (name) => Math.round(rangeOf(plan, [name])[1]);
  const [top, left] = ["first row", "first column"].map(most);
  const [tallest, widest] = [top + most("reach of rows"), left + most("reach of columns")];
  const kernel = state.weights.length ? most("columns of windows") : 0;
  const second = kernel + most("output columns");
  const inRow = (width - ROOM * (kernel ? 2 : 1) - 4) / (widest + second);
  const beside = plan.axes === 2 && inRow >= 27;
  const side = Math.min(LARGEST, beside ? inRow : (width - 4) / widest);
  const y = 26;
  drawInput(picture, plan, numbers, state, {
    x: 2 + side * (left - state.left),
    y: y + side * (top - state.top),
    side,
  });
  const bottom = y + side * tallest + 22;
  const place = { x: 2, y: bottom + 26, side: Math.min(LARGEST, (width - (kernel ? ROOM : 0) - 4) / second) };
  if (beside) Object.assign(place, { x: 2 + side * widest + ROOM, y: y + side * top, side });
  const deepest = place.y + place.side * Math.max(most("output rows"), kernel && most("rows of windows")) + 22;
  if (kernel) {
    const middle = place.y + (place.side * state.weights.length) / state.kernel / 2 + 6;
    if (beside) picture.append(text(place.x - ROOM / 2, middle, "∗", "middle", "sign"));
    drawWeights(picture, plan, state, place);
    place.x += place.side * kernel + ROOM;
    picture.append(text(place.x - ROOM / 2, middle, "=", "middle", "sign"));
  }
  drawOutput(picture, numbers, state, place);
  return Math.round(Math.max(bottom, deepest));
}

function drawInput(picture, plan, numbers, state, { x, y, side }) {
  const { rows, columns, inRows, inColumns, padRows, padColumns, what, taps } = state;
  const padded = padRows * padColumns > inRows * inColumns ? `, padded ${padRows} × ${padColumns}` : "";
  picture.append(text(x, y - 9, "input", "start", "name"));
  picture.append(text(x, y + side * rows + 17, `${inRows} × ${inColumns}${padded}`, "start"));
  const number = (r, c) => (what(r, c) === "beyond" ? "" : inCell(plan, numbers.input[r * columns + c]));
  const longest = Math.max(...numbers.input.map((v) => (Number.isFinite(v) ? written(v, 3).length : 2)));
  const edited = (r, c) =>
    plan.edits && what(r, c) === "input"
      ? asEdit("input", r - state.top, c - state.left, numbers.input[r * columns + c])
      : {};
  const under = new Set(taps.map(([r, c]) => r * columns + c));
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const words = under.has(r * columns + c) ? "" : number(r, c);
      const place = { class: `cell ${what(r, c)}`, ...edited(r, c) };
      cell(picture, x + side * c, y + side * r, side, words, place, longest);
    }
  }
  const seen = taps.map(([r, c]) => numbers.input[r * columns + c]).filter(Number.isFinite);
  const largest = plan.operation.includes("Max") ? Math.max(...seen) : NaN;
  let won = false; // if several tie, torch takes the first
  for (const [r, c] of taps) {
    const wins = !won && numbers.input[r * columns + c] === largest;
    won ||= wins;
    const place = [x + side * c + 1, y + side * r + 1, side - 2];
    cell(picture, ...place, number(r, c), { class: wins ? "cell tap winner" : "cell tap", ...edited(r, c) }, longest);
  }
}

function drawWeights(picture, plan, { weights, kernel }, { x, y, side }) {
  picture.append(text(x, y - 9, "weights", "start", "name"));
  const longest = Math.max(...weights.map((v) => written(v, 3).length));
  weights.forEach((v, i) => {
    const place = [x + side * (i % kernel), y + side * Math.floor(i / kernel), side];
    const edited = plan.edits ? asEdit("weights", Math.floor(i / kernel), i % kernel, v) : {};
    cell(picture, ...place, written(v, 3), { class: "cell tap", ...edited }, longest);
  });
  picture.append(text(x, y + side * (weights.length / kernel) + 17, `${weights.length / kernel} × ${kernel}`, "start"));
}

function drawOutput(picture, numbers, { output: { rows, columns }, at }, { x, y, side }) {
  picture.append(text(x, y - 9, "output", "start", "name"));
  const longest = Math.max(...numbers.output.filter(Number.isFinite).map((v) => written(v, 3).length));
  for (let i = 0; i < rows * columns; i++) {
    const [left, top] = [x + side * (i % columns), y + side * Math.floor(i / columns)];
    const cls = i < at ? "cell done" : i === at ? "cell done now" : "cell";
    cell(
      picture,
      left,
      top,
      side,
      i <= at ? written(numbers.output[i], 3) : "",
      { class: cls, "data-output": i },
      longest,
    );
  }
  picture.append(text(x, y + side * rows + 17, `${rows} × ${columns}`, "start"));
}

function legend(plan) {
  const most = (name) => rangeOf(plan, [name])[1];
  const items = [];
  if (most("first row") + most("first column") > 0) items.push(boxSwatch("padding", { class: "cell padding" }));
  if (most("reaches beyond") > 0) items.push(boxSwatch("beyond", { class: "cell beyond" }));
  items.push(boxSwatch("under the window", { class: "cell tap" }));
  if (plan.operation.includes("Max")) items.push(boxSwatch("the largest", { class: "cell tap winner" }));
  return [...items, boxSwatch("computed now", { class: "cell done now" })];
}

function tables(plan, numbers) {
  const { columns, top, left, weights, taps, what, output, at } = read(numbers);
  const rows = taps.map(([r, c], i) => {
    const place = `${plan.axes === 2 ? `row ${r - top}, ` : ""}column ${c - left}`.replaceAll("-", "−");
    const value = shown(plan, "input", numbers.input[r * columns + c]);
    return [place, what(r, c), value, weights.length ? written(weights[i]) : ""];
  });
  const done = Array.from({ length: output.rows }, (_, r) => [
    `row ${r}`,
    ...Array.from({ length: output.columns }, (_, c) => {
      const i = r * output.columns + c;
      return i <= at ? written(numbers.output[i]) : "not yet";
    }),
  ]);
  const heads = Array.from({ length: output.columns }, (_, c) => `column ${c}`);
  return [
    { name: "The window", columns: ["cell under the window", "kind", "value", "weight"], rows },
    { name: "The output so far", columns: ["output", ...heads], rows: done },
  ];
}

/** The last position that computes a cell. */
const last = (numbers) => Math.round(numbers["output rows"][0] * numbers["output columns"][0]) - 1;

const hint = "Cells can be changed: click one and type, or use ↑ and ↓; ← and → lead to the next.";

export default { draw, legend, tables, last, edit, original, hint };
