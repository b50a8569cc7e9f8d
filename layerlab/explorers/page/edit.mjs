// What a reader changes in the picture itself: cells to type into, points to drag. A kind that offers this computes the
// consequences in the page, without Python.

import { html } from "./elements.mjs";
import { written } from "./numbers.mjs";
import { numberOf } from "./predict.mjs";

const tidy = (v) => Number(v.toFixed(6));

/** A field over one of the cells that have data-edit ("input 2 3") and data-value; it calls `change(key, number)`. */
export function cellField(frame, picture, change) {
  const field = html("input", {
    type: "text",
    inputmode: "decimal",
    role: "spinbutton",
    class: "field",
    autocomplete: "off",
  });
  let at = "";
  let typing = false;

  /** Every cell once, in reading order; if one is drawn over another, the upper one. */
  const cells = () => new Map([...picture.querySelectorAll("[data-edit]")].map((cell) => [cell.dataset.edit, cell]));

  function place() {
    const all = cells();
    field.hidden = all.size === 0;
    if (!all.has(at)) at = all.keys().next().value ?? "";
    const cell = all.get(at);
    if (!cell) return;
    for (const [side, name] of Object.entries({ left: "x", top: "y", width: "width", height: "height" })) {
      field.style[side] = `${cell.getAttribute(name)}px`;
    }
    const [grid, row, column] = at.split(" ");
    field.setAttribute("aria-label", `${grid}, row ${row}, column ${column}`);
    field.setAttribute("aria-valuenow", cell.dataset.value);
    if (!typing) field.value = written(Number(cell.dataset.value));
  }

  function go(key) {
    typing = false;
    if (cells().has(key)) at = key;
    place();
    field.select();
  }

  const moves = {
    ArrowUp: () => add(1),
    ArrowDown: () => add(-1),
    ArrowRight: () => go(beside(1)),
    ArrowLeft: () => go(beside(-1)),
    PageDown: () => go(below(1)),
    PageUp: () => go(below(-1)),
    Enter: () => go(at),
    Escape: () => field.blur(),
  };
  function add(by) {
    change(at, tidy(Number(cells().get(at).dataset.value) + by));
    field.select(); // typing replaces it
  }

  const beside = (by) => [...cells().keys()].at(([...cells().keys()].indexOf(at) + by) % cells().size);
  const below = (by) => at.replace(/ (\d+) /, (_, row) => ` ${Number(row) + by} `);

  field.addEventListener("keydown", (event) => {
    if (!moves[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key.startsWith("Arrow")) typing = false;
    moves[event.key]();
  });
  field.addEventListener("input", () => {
    typing = true;
    const value = numberOf(field.value);
    if (Number.isFinite(value)) change(at, value);
  });
  field.addEventListener("focus", () => field.select());
  field.addEventListener("blur", () => ((typing = false), place()));
  picture.addEventListener("click", ({ target }) => {
    const cell = target.closest("[data-edit]");
    if (!cell) return;
    go(cell.dataset.edit);
    field.focus();
  });
  frame.append(field);
  return place;
}

/** Points to drag by mouse, touch, or arrow keys. A handle is { key, label, at, x, y, step, read(x, y) }; see kinds. */
export function dragHandles(frame, picture, handlesNow, change) {
  const made = new Map();

  function make(key) {
    const button = html("button", { type: "button", class: "handle", "data-handle": key });
    const now = () => handlesNow().find((handle) => handle.key === key);
    button.addEventListener("pointerdown", (event) => button.setPointerCapture(event.pointerId));
    button.addEventListener("pointermove", (event) => {
      if (!button.hasPointerCapture(event.pointerId)) return;
      const { left, top } = picture.getBoundingClientRect();
      change(key, now().read(event.clientX - left, event.clientY - top));
    });
    button.addEventListener("keydown", (event) => {
      const by = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const { at, step } = now();
      change(
        key,
        at.map((v, i) => tidy(v + by[i] * step)),
      );
    });
    frame.append(button);
    button.dataset.lmSuppressShortcuts = "true";
    return button;
  }

  return () => {
    for (const { key, label, at, x, y } of handlesNow()) {
      if (!made.has(key)) made.set(key, make(key));
      const button = made.get(key);
      Object.assign(button.style, { left: `${x}px`, top: `${y}px` });
      button.setAttribute("aria-label", `${label}, at ${at.map((v) => written(v)).join(", ")}; arrow keys move it`);
    }
  };
}
