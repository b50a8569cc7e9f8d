// An explorer as a reader meets it: question, controls, picture, numbers, table. It runs as an anywidget in JupyterLab
// and from the saved state of a page without Python (book/_static/hydrate.mjs); a model that says `still` has no kernel.

const NAN = 65535;
const DASHES = ["", "8 3", "2 3", "9 3 2 3", "14 4"];

/** An id no other explorer of the page has: each of them runs its own copy of this module. */
function unique(what) {
  globalThis.labExplorerIds = (globalThis.labExplorerIds ?? 0) + 1;
  return `lab-${what}-${globalThis.labExplorerIds}`;
}

// -- numbers ---------------------------------------------------------------------------------------------------------

/** Frame number `index` as series name -> array of numbers (nan where torch had nan). */
function decode(codes, plan, index) {
  const width = plan.series.reduce((sum, s) => sum + s.size, 0);
  let at = index * width;
  const out = {};
  for (const { name, size, offset, step } of plan.series) {
    out[name] = Array.from(codes.subarray(at, at + size), (c) => (c === NAN ? NaN : (c + offset) * step));
    at += size;
  }
  return out;
}

function codesOf(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, true));
}

function written(value, digits = 4) {
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return "nan";
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

/** Round values about `count` apart that cover [low, high]. */
function ticks(low, high, count) {
  const least = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [10, 5, 2, 1].find((f, i) => least / power >= [7.07, 3.16, 1.41, 0][i]) * power; // nearest in ratio
  const out = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) out.push(i * step);
  return out;
}

function rangeOf(plan, names) {
  const ranges = plan.series.filter((s) => names.includes(s.name)).map((s) => s.range);
  return [Math.min(...ranges.map((r) => r[0])), Math.max(...ranges.map((r) => r[1]))];
}

// -- controls --------------------------------------------------------------------------------------------------------

const nearestIndex = ({ kind, values }, value) =>
  kind === "choice"
    ? Math.max(0, values.indexOf(value))
    : values.reduce((best, v, i) => (Math.abs(v - value) < Math.abs(values[best] - value) ? i : best), 0);

/** The value at a position between grid points, 2.3 being three tenths of the way from the third to the fourth. */
function valueAt(values, position) {
  const i = Math.min(Math.floor(position), values.length - 1);
  const between = position - i;
  if (between < 1e-9 || i === values.length - 1) return values[i];
  return Number((values[i] + between * (values[i + 1] - values[i])).toFixed(10));
}

function positionOf(values, value) {
  const i = values.findLastIndex((v) => v <= value);
  if (i < 0) return 0;
  return i === values.length - 1 ? i : i + (value - values[i]) / (values[i + 1] - values[i]);
}

function sliderRow(control, live, changed, settled) {
  const whole = control.values.every(Number.isInteger);
  const id = unique("control");
  const input = html("input", { type: "range", id, min: 0, max: control.values.length - 1 });
  input.step = live && !whole ? 0.1 : 1;
  const shown = html("span", { class: "value", "aria-hidden": "true" });
  input.addEventListener("input", () => changed(valueAt(control.values, Number(input.value))));
  input.addEventListener("change", settled);
  input.addEventListener("keydown", (event) => {
    const by = { PageUp: 1, PageDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault(); // one grid position, from wherever between two it stands
    const at = Number(input.value);
    input.value = by > 0 ? Math.floor(at + 1 + 1e-9) : Math.ceil(at - 1 - 1e-9);
    input.dispatchEvent(new Event("input"));
    input.dispatchEvent(new Event("change"));
  });
  const show = (value) => {
    input.value = positionOf(control.values, value);
    input.setAttribute("aria-valuetext", written(value));
    shown.textContent = written(value);
  };
  return { row: html("div", { class: "control" }, html("label", { for: id }, control.name), input, shown), show };
}

function choiceRow(control, _live, changed, settled) {
  const group = unique("control");
  const inputs = control.values.map((value) => html("input", { type: "radio", name: group, value }));
  for (const input of inputs) {
    input.addEventListener("change", () => {
      changed(input.value);
      settled();
    });
  }
  const options = inputs.map((input) => html("label", { class: "option" }, input, html("span", {}, input.value)));
  const name = html("span", { id: `${group}-name` }, control.name);
  const choices = html("div", { class: "options", role: "radiogroup", "aria-labelledby": `${group}-name` }, ...options);
  const row = html("div", { class: "control" }, name, choices);
  return { row, show: (value) => inputs.forEach((input) => (input.checked = input.value === value)) };
}

// -- elements --------------------------------------------------------------------------------------------------------

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}
const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
const line = (x1, y1, x2, y2, cls) => svg("line", { x1, y1, x2, y2, class: cls });
const text = (x, y, words, anchor = "middle", cls = "tick") =>
  svg("text", { x, y, "text-anchor": anchor, class: cls }, words);
const round = (v) => Math.round(v * 100) / 100;

/** A path through the points, broken where one is nan. */
function pathOf(points) {
  let pen = "M";
  let d = "";
  for (const [x, y] of points) {
    if (!Number.isFinite(x + y)) {
      pen = "M";
      continue;
    }
    d += `${pen}${round(x)} ${round(y)}`;
    pen = "L";
  }
  return d;
}

/** Grid lines and about `counts` numbers for a rectangle of the picture; returns the two scales. */
function axes(picture, box, [x0, x1], [y0, y1], counts) {
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

function clip(picture, box) {
  const id = unique("clip");
  const { left: x, top: y } = box;
  const hole = svg("rect", { x: x - 2, y: y - 2, width: box.right - x + 4, height: box.bottom - y + 4 });
  const group = svg("g", { "clip-path": `url(#${id})` });
  picture.append(svg("clipPath", { id }, hole), group);
  return group;
}

const colour = (i) => `var(--line-${i % 5})`;

// -- kinds of pictures: draw(picture, plan, numbers, width) returns the height ----------------------------------------

function curves(picture, plan, numbers, width) {
  const height = Math.round(Math.min(330, Math.max(230, width * 0.52)));
  const box = { left: 46, right: width - 12, top: 30, bottom: height - 44 };
  const [low, high] = rangeOf(plan, plan.lines);
  const pad = 0.05 * (high - low) || 1;
  const yRange = plan.y_range ?? [low - pad, high + pad];
  const [sx, sy] = axes(picture, box, [plan.x[0], plan.x.at(-1)], yRange, [width / 80, height / 45]);
  picture.append(text((box.left + box.right) / 2, height - 8, plan.x_label, "middle", "name"));
  picture.append(text(2, 14, plan.y_label, "start", "name"));
  const inside = clip(picture, box);
  plan.dots.forEach(({ x, y }) => {
    x.forEach((v, i) => inside.append(svg("circle", { cx: sx(v), cy: sy(y[i]), r: 4, class: "dot" })));
  });
  plan.lines.forEach((name, i) => {
    const d = pathOf(numbers[name].map((v, k) => [sx(plan.x[k]), sy(v)]));
    const style = `stroke:${colour(i)};stroke-dasharray:${DASHES[i % 5] || "none"}`;
    inside.append(svg("path", { d, class: "line", style, "data-series": name }));
  });
  return height;
}

function heat(picture, plan, numbers, width) {
  const names = plan.parts.map((part) => part.name);
  const [low, high] = rangeOf(plan, names);
  const limit = plan.limit ?? (Math.max(Math.abs(low), Math.abs(high)) || 1);
  const columns = plan.parts.reduce((sum, part) => sum + part.shape[1], 0);
  const tallest = Math.max(...plan.parts.map((part) => part.shape[0]));
  const labels = plan.rows.length ? 8 + 7 * Math.max(...plan.rows.map((label) => label.length)) : 0;
  const gap = Math.max(22, Math.min(34, width / 18));
  const room = (width - labels - gap * plan.signs.length - 2) / columns;
  const cell = Math.max(6, Math.min(52, room));
  const used = labels + gap * plan.signs.length + cell * columns;
  const top = plan.columns.length ? 46 : 28;
  const middle = top + (cell * tallest) / 2;
  const decimals = Math.min(9, Math.max(0, (cell < 36 ? 1 : 2) - Math.floor(Math.log10(limit))));
  const rounded = (v) => Number(v.toFixed(decimals));
  let x = Math.max(1, (width - used) / 2) + labels;
  plan.parts.forEach(({ name, shape: [rows, count] }, i) => {
    const y = middle - (cell * rows) / 2;
    if (i === 0) {
      plan.rows.forEach((label, r) => picture.append(text(x - 8, y + cell * (r + 0.5) + 4, label, "end")));
      plan.columns.forEach((label, c) => picture.append(text(x + cell * (c + 0.5), y - 6, label)));
    }
    picture.append(text(x + (cell * count) / 2, y - (i === 0 && plan.columns.length ? 26 : 8), name, "middle", "name"));
    numbers[name].forEach((v, k) => {
      const at = { x: round(x + cell * (k % count)), y: round(y + cell * Math.floor(k / count)) };
      const share = Number.isFinite(v) ? Math.min(1, Math.abs(v) / limit) * 62 : 0;
      const style = `fill:color-mix(in srgb, ${colour(v < 0 ? 1 : 0)} ${share.toFixed(1)}%, transparent)`;
      picture.append(svg("rect", { ...at, width: round(cell), height: round(cell), class: "cell", style }));
      if (cell < 30) return; // no room: the table has them all
      const number = text(round(at.x + cell / 2), round(at.y + cell / 2 + 4), written(rounded(v)), "middle", "number");
      number.style.fontSize = `${round(Math.min(13, (cell - 4) / (0.58 * number.textContent.length)))}px`;
      picture.append(number);
    });
    picture.append(text(x + (cell * count) / 2, y + cell * rows + 17, `${rows} × ${count}`));
    x += cell * count;
    if (i < plan.signs.length) picture.append(text(x + gap / 2, middle + 6, plan.signs[i], "middle", "sign"));
    x += gap;
  });
  return Math.round(top + cell * tallest + 26);
}

function plane(picture, plan, numbers, width) {
  const side = Math.round(Math.min(width - 44, 400));
  const left = Math.round((width - side - 34) / 2) + 34;
  const box = { left, right: left + side, top: 10, bottom: 10 + side };
  const names = [...plan.lines.map((group) => group.name), ...plan.arrows, ...plan.dots];
  const [low, high] = rangeOf(plan, names);
  const reach = plan.reach ?? 1.05 * Math.max(Math.abs(low), Math.abs(high));
  const [sx, sy] = axes(picture, box, [-reach, reach], [-reach, reach], [side / 50, side / 50]);
  const inside = clip(picture, box);
  const drawn = (points) => pathOf(points.map(([x, y]) => [sx(x), sy(y)]));
  const pairs = (values) => values.flatMap((v, i) => (i % 2 ? [] : [[v, values[i + 1]]]));
  inside.append(svg("path", { d: plan.ground.map(drawn).join(""), class: "ground" }));
  plan.lines.forEach(({ name, shape: [count, points] }, i) => {
    const all = pairs(numbers[name]);
    const d = Array.from({ length: count }, (_, k) => drawn(all.slice(k * points, (k + 1) * points))).join("");
    inside.append(svg("path", { d, class: "thin", style: `stroke:${colour(i)}`, "data-series": name }));
  });
  plan.dots.forEach((name, i) => {
    const style = `fill:${colour(plan.lines.length + plan.arrows.length + i)}`;
    for (const [x, y] of pairs(numbers[name])) inside.append(svg("circle", { cx: sx(x), cy: sy(y), r: 4, style }));
  });
  plan.arrows.forEach((name, i) => arrow(inside, pairs(numbers[name]), sx, sy, colour(plan.lines.length + i), name));
  return box.bottom + 26;
}

function arrow(group, [[ax, ay], [bx, by]], sx, sy, stroke, name) {
  const [x0, y0, x1, y1] = [sx(ax), sy(ay), sx(bx), sy(by)];
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 1) return;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const head = Math.min(11, length);
  const [hx, hy] = [x1 - ux * head, y1 - uy * head];
  const tip = [[x1, y1], [hx - uy * head * 0.45, hy + ux * head * 0.45], [hx + uy * head * 0.45, hy - ux * head * 0.45]];
  group.append(svg("path", { d: pathOf([[x0, y0], [hx, hy]]), class: "shaft", style: `stroke:${stroke}` }));
  group.append(svg("path", { d: `${pathOf(tip)}Z`, style: `fill:${stroke}`, "data-series": name }));
  if (name.length <= 3) group.append(text(x1 + ux * 14, y1 + uy * 14 + 4, name, "middle", "name halo")); // long: legend
}

const KINDS = { curves, heat, plane };

// -- legend and table ------------------------------------------------------------------------------------------------

/** What the colours mean; nothing where one line alone needs no name. */
function legend(kind, plan) {
  if (kind === "heat") return null;
  const groups = kind === "curves" ? plan.lines : [...plan.lines.map((g) => g.name), ...plan.arrows, ...plan.dots];
  const dots = kind === "curves" ? plan.dots.map((d) => d.name) : [];
  if (groups.length + dots.length < 2) return null;
  const swatch = (mark) => svg("svg", { width: 26, height: 10, "aria-hidden": "true" }, mark);
  const stroke = (i) => `stroke:${colour(i)};stroke-dasharray:${(kind === "curves" && DASHES[i % 5]) || "none"}`;
  const items = groups.map((name, i) =>
    html("li", {}, swatch(svg("line", { x1: 1, x2: 25, y1: 5, y2: 5, class: "line", style: stroke(i) })), name),
  );
  items.push(...dots.map((name) => html("li", {}, swatch(svg("circle", { cx: 13, cy: 5, r: 4, class: "dot" })), name)));
  return html("ul", { class: "legend" }, ...items);
}

/** A table whose cells follow the numbers; returns its element and what brings it up to date. */
function table(plan, question) {
  const moving = [];
  const rows = plan.table.rows.map(([name, ...cells]) => {
    const made = cells.map((cell) => {
      const td = html("td", {}, typeof cell === "string" ? cell : "");
      if (typeof cell !== "string") moving.push([td, cell]);
      return td;
    });
    return html("tr", {}, html("th", { scope: "row" }, name.replace("-", "−")), ...made);
  });
  const head = html("tr", {}, ...plan.table.columns.map((name) => html("th", { scope: "col" }, name)));
  const caption = html("caption", { class: "hidden" }, question);
  const element = html("table", {}, caption, html("thead", {}, head), html("tbody", {}, ...rows));
  const wide = html("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `Numbers: ${question}` }, element);
  const update = (numbers) => moving.forEach(([td, [name, i]]) => (td.textContent = written(numbers[name][i])));
  return { element: html("details", {}, html("summary", {}, "The numbers as a table"), wide), update };
}

// -- the page's address: #weights=slope:1.5,bias:0&other=... ----------------------------------------------------------

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // a mangled link names nothing
  }
}

function fromAddress(name, controls) {
  const entry = location.hash.slice(1).split("&").find((part) => part.startsWith(`${name}=`));
  if (!entry) return null;
  const setting = {};
  for (const pair of entry.slice(name.length + 1).split(",")) {
    const [key, value] = pair.split(":").map(decoded);
    const control = controls.find((c) => c.name === key);
    if (!control || value === undefined) continue;
    if (control.kind === "choice" && control.values.includes(value)) setting[key] = value;
    if (control.kind === "slider" && value !== "" && Number.isFinite(Number(value))) setting[key] = Number(value);
  }
  return Object.keys(setting).length ? setting : null;
}

function toAddress(name, controls, setting) {
  const mine = controls.map((c) => `${encodeURIComponent(c.name)}:${encodeURIComponent(setting[c.name])}`);
  const others = location.hash.slice(1).split("&").filter((part) => /^[a-z]\w*=/.test(part) && !part.startsWith(`${name}=`));
  history.replaceState(history.state, "", `#${[...others, `${name}=${mine.join(",")}`].join("&")}`);
}

// -- the explorer ----------------------------------------------------------------------------------------------------

function render({ model, el }) {
  const [name, question, controls, kind, plan] = ["name", "question", "controls", "kind", "plan"].map((k) => model.get(k));
  const still = Boolean(model.get("still"));
  const codes = codesOf(model.get("frames"));
  addStyle(model.get("palette"));

  const rows = {};
  for (const control of controls) {
    const make = control.kind === "choice" ? choiceRow : sliderRow;
    rows[control.name] = make(control, !still, (value) => move({ [control.name]: value }), settle);
  }
  const picture = svg("svg", { role: "img", "aria-label": model.get("alt") });
  const readout = html("div", { class: "numbers" });
  const values = plan.numbers.map((key) => html("strong", { "data-number": key }));
  plan.numbers.forEach((key, i) => readout.append(html("span", {}, `${key} `, values[i])));
  const status = html("p", { role: "status" });
  const { element: details, update: updateTable } = table(plan, question);
  const id = unique("question");
  const root = html("section", { class: "lab-explorer", "aria-labelledby": id, "data-explorer": name });
  root.append(html("p", { class: "question", id }, question));
  root.append(html("div", { class: "controls" }, ...Object.values(rows).map((row) => row.row)));
  const key = legend(kind, plan);
  const frame = html("div", { class: "picture" }, ...(key ? [key] : []), picture);
  root.append(frame, ...(plan.numbers.length ? [readout] : []), status);
  if (model.get("caption")) root.append(html("p", { class: "caption" }, model.get("caption")));
  root.append(details);
  // JupyterLab takes the arrow keys for itself unless the very element in focus says no.
  for (const e of root.querySelectorAll("input, summary, [tabindex]")) e.dataset.lmSuppressShortcuts = "true";
  el.replaceChildren(root);

  let width = 0;
  let numbers;
  let waiting;

  function draw() {
    if (!width) return;
    picture.replaceChildren();
    const height = KINDS[kind](picture, plan, numbers, width);
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.setAttribute("width", width);
    picture.setAttribute("height", height);
  }

  function take(next) {
    numbers = next;
    draw();
    updateTable(numbers);
    plan.numbers.forEach((key, i) => (values[i].textContent = written(numbers[`number:${key}`][0])));
  }

  const onGrid = (setting) => controls.every((c) => c.values.includes(setting[c.name]));
  const nearest = (setting) => Object.fromEntries(controls.map((c) => [c.name, c.values[nearestIndex(c, setting[c.name])]]));
  const words = (setting) => controls.map((c) => `${c.name} ${written(setting[c.name])}`).join(", ");
  const same = (a, b) => Boolean(a) && controls.every((c) => a[c.name] === b[c.name]);
  const read = () => plan.numbers.map((key) => `${key} ${written(numbers[`number:${key}`][0])}`).join(", ");

  function say(sentence) {
    const found = read();
    status.textContent = found ? `${sentence} ${found[0].toUpperCase()}${found.slice(1)}.` : sentence;
  }

  /** Show the setting of the model: its own frame, or the nearest one until Python has answered. */
  function show() {
    clearTimeout(waiting);
    const setting = model.get("setting");
    for (const c of controls) rows[c.name].show(setting[c.name]);
    const index = controls.reduce((sum, c) => sum * c.values.length + nearestIndex(c, setting[c.name]), 0);
    const answer = model.get("answer");
    if (!onGrid(setting) && same(answer?.setting, setting)) return showAnswer();
    take(decode(codes, plan, index));
    if (onGrid(setting)) return;
    status.textContent = `Asking Python for ${words(setting)} …`;
    waiting = setTimeout(() => say(`Python does not answer. Shown is the nearest computed setting: ${words(nearest(setting))}.`), 3000);
  }

  function showAnswer() {
    const setting = model.get("setting");
    const answer = model.get("answer");
    if (!same(answer?.setting, setting)) return; // an answer to an earlier question
    clearTimeout(waiting);
    if (answer.error) {
      say(`Python could not compute ${words(setting)}: ${answer.error}. Shown is ${words(nearest(setting))}.`);
      return;
    }
    take(Object.fromEntries(Object.entries(answer.series).map(([k, v]) => [k, v.map((x) => x ?? NaN)])));
    say(`${words(setting)}, computed just now by Python.`);
  }

  function move(part) {
    model.set("setting", { ...model.get("setting"), ...part });
    model.save_changes();
  }

  function settle() {
    const setting = model.get("setting");
    if (onGrid(setting)) say(`${words(setting)}.`);
    if (still) toAddress(name, controls, setting);
  }

  function followAddress() {
    const asked = fromAddress(name, controls);
    if (!asked) return false;
    const setting = { ...model.get("setting"), ...asked };
    const snapped = nearest(setting);
    move(snapped);
    say(same(setting, snapped) ? `${words(snapped)}.` : `${words(setting)} is not computed here. Shown is the nearest setting: ${words(snapped)}.`);
    return true;
  }

  model.on("change:setting", show);
  model.on("change:answer", showAnswer);
  const watch = new ResizeObserver(() => {
    const now = Math.floor(frame.clientWidth);
    if (now === width) return;
    width = now;
    draw();
  });
  watch.observe(frame);
  width = Math.floor(frame.clientWidth);
  show();
  status.textContent ||= still ? "Every position was computed with torch." : "Between the positions, Python is asked.";
  if (still) {
    window.addEventListener("hashchange", followAddress);
    const fresh = performance.getEntriesByType("navigation")[0]?.type === "navigate";
    if (followAddress() && fresh) root.scrollIntoView({ block: "center", behavior: "instant" });
  }
  return () => {
    watch.disconnect();
    clearTimeout(waiting);
    window.removeEventListener("hashchange", followAddress);
    model.off("change:setting", show);
    model.off("change:answer", showAnswer);
  };
}

// -- looks -----------------------------------------------------------------------------------------------------------

function addStyle(palette) {
  if (document.getElementById("lab-explorer-style")) return;
  const shades = { ink: palette.ink, quiet: palette.quiet, grid: palette.grid };
  palette.lines.forEach((pair, i) => (shades[`line-${i}`] = pair));
  const variables = Object.entries(shades).map(([key, pair]) => `--${key}:light-dark(${pair.join(",")});`);
  const style = html("style", { id: "lab-explorer-style" });
  style.textContent = `.lab-explorer{${variables.join("")}}${CSS}`;
  document.head.append(style);
}

const CSS = `
.lab-explorer{color-scheme:light dark;box-sizing:border-box;max-width:44rem;margin:1.25rem 0;padding:1rem 1.15rem .8rem;
  border:1px solid var(--grid);border-radius:10px;color:var(--ink);font-size:1rem;line-height:1.45;text-align:start}
html[data-theme=light] .lab-explorer,[data-jp-theme-light=true] .lab-explorer{color-scheme:light}
html[data-theme=dark] .lab-explorer,[data-jp-theme-light=false] .lab-explorer{color-scheme:dark}
.lab-explorer *{box-sizing:border-box}
.lab-explorer p{margin:0}
.lab-explorer .question{font-weight:600;margin-bottom:.8rem;text-wrap:balance}
.lab-explorer .controls{display:grid;grid-template-columns:minmax(3rem,auto) 1fr minmax(3.2rem,auto);gap:.1rem .9rem;
  align-items:center;margin-bottom:.7rem;font-size:.92rem}
.lab-explorer .control{display:grid;grid-template-columns:subgrid;grid-column:1/-1;align-items:center;min-height:2rem}
.lab-explorer label{margin:0;font:inherit;color:inherit}
.lab-explorer .value{font-weight:600;font-variant-numeric:tabular-nums;text-align:end}
.lab-explorer input[type=range]{width:100%;min-width:0;height:1.7rem;margin:0;accent-color:var(--line-0);cursor:pointer}
.lab-explorer .options{grid-column:2/-1;display:flex;flex-wrap:wrap;gap:.35rem .4rem;padding:.15rem 0}
.lab-explorer label.option{position:relative;cursor:pointer}
.lab-explorer .option input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
.lab-explorer .option span{display:block;padding:.15rem .7rem;border:1px solid var(--quiet);border-radius:99px;line-height:1.5}
.lab-explorer .option input:checked+span{border-color:var(--line-0);box-shadow:inset 0 0 0 1px var(--line-0);font-weight:600;
  background:color-mix(in srgb,var(--line-0) 12%,transparent)}
.lab-explorer input[type=range]:focus-visible,.lab-explorer .option input:focus-visible+span,
.lab-explorer summary:focus-visible,.lab-explorer .wide:focus-visible{outline:3px solid var(--line-0);outline-offset:2px;border-radius:6px}
.lab-explorer .option input:focus-visible+span{border-radius:99px}
.lab-explorer .picture{min-width:0;overflow:hidden}
.lab-explorer svg{display:block;max-width:none;font-family:inherit}
.lab-explorer .legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:0 0 .3rem;padding:0;font-size:.88rem}
.lab-explorer .legend li{display:flex;align-items:center;gap:.4rem;margin:0}
.lab-explorer svg text{fill:var(--ink);font-size:13px}
.lab-explorer svg .tick{fill:var(--quiet);font-size:12px;font-variant-numeric:tabular-nums}
.lab-explorer svg .number{font-size:12.5px;font-variant-numeric:tabular-nums}
.lab-explorer svg .sign{font-size:18px;fill:var(--quiet)}
.lab-explorer svg .halo{paint-order:stroke;stroke:light-dark(#fff,#14181e);stroke-width:3px;stroke-opacity:.75}
.lab-explorer .rule{stroke:var(--grid);stroke-width:1;opacity:.75}
.lab-explorer .zero{stroke:var(--quiet);stroke-width:1}
.lab-explorer .line,.lab-explorer .thin,.lab-explorer .shaft,.lab-explorer .ground{fill:none;stroke-linejoin:round}
.lab-explorer .line{stroke-width:2.4}
.lab-explorer .thin{stroke-width:1.3}
.lab-explorer .shaft{stroke-width:3}
.lab-explorer .ground{stroke:var(--grid);stroke-width:1}
.lab-explorer .dot{fill:none;stroke:var(--ink);stroke-width:1.6}
.lab-explorer .cell{stroke:var(--grid);stroke-width:1}
.lab-explorer .numbers{display:flex;flex-wrap:wrap;gap:.2rem 1.75rem;margin:.5rem 0 0;font-size:.95rem}
.lab-explorer .numbers strong{font-weight:600;font-variant-numeric:tabular-nums;margin-left:.3rem}
.lab-explorer [role=status],.lab-explorer .caption{font-size:.85rem;color:var(--quiet);margin-top:.4rem}
.lab-explorer details{margin-top:.5rem;font-size:.88rem;border:0;padding:0;background:none;box-shadow:none}
.lab-explorer summary{cursor:pointer;color:var(--quiet);width:fit-content}
.lab-explorer .wide{overflow-x:auto;margin-top:.4rem}
.lab-explorer table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0;width:auto;color:inherit;font-size:inherit}
.lab-explorer th,.lab-explorer td{padding:.15rem .8rem .15rem 0;text-align:right;border:0;border-bottom:1px solid var(--grid);
  background:none;color:inherit}
.lab-explorer th{font-weight:600;text-align:left}
.lab-explorer .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media print{.lab-explorer .controls,.lab-explorer [role=status]{display:none}}
`;

export default { render };
