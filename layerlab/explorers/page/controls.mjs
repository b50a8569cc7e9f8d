// The controls that a reader moves. Each row is { row, show(value) }; a step-through also has { limit(last), stop() }.

import { html, unique } from "./elements.mjs";
import { written } from "./numbers.mjs";

export const nearestIndex = ({ kind, values }, value) =>
  kind === "choice"
    ? Math.max(0, values.indexOf(value))
    : values.reduce((best, v, i) => (Math.abs(v - value) < Math.abs(values[best] - value) ? i : best), 0);

/** The value at a position between grid points: 2.3 is three tenths of the way from the third to the fourth. */
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

/** A labeled range input over the positions of a control. */
function range(control, live, changed, settled) {
  const whole = control.values.every(Number.isInteger);
  const input = html("input", { type: "range", id: unique("control"), min: 0, max: control.values.length - 1 });
  input.step = live && !whole ? 0.1 : 1;
  input.addEventListener("input", () => changed(valueAt(control.values, Number(input.value))));
  input.addEventListener("change", settled);
  input.addEventListener("keydown", (event) => {
    const by = { PageUp: 1, PageDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault(); // move to a grid position, even from between two
    const at = Number(input.value);
    input.value = by > 0 ? Math.floor(at + 1 + 1e-9) : Math.ceil(at - 1 - 1e-9);
    input.dispatchEvent(new Event("input"));
    input.dispatchEvent(new Event("change"));
  });
  return { input, label: html("label", { for: input.id }, control.name) };
}

function sliderRow(control, live, changed, settled) {
  const { input, label } = range(control, live, changed, settled);
  const value = html("span", { class: "value", "aria-hidden": "true" });
  const show = (now) => {
    input.value = positionOf(control.values, now);
    input.setAttribute("aria-valuetext", written(now));
    value.textContent = written(now);
  };
  return { row: html("div", { class: "control" }, label, input, value), show };
}

/** A slider over 0, 1, 2 … with buttons beside it. It never autoplays, and doesn't play at all under reduced motion. */
function stepsRow(control, _live, changed, settled) {
  let last = control.values.length - 1;
  let at = 0;
  let playing;
  const { input, label } = range(control, false, (value) => act(value, false), settled);
  const value = html("span", { class: "value", "aria-hidden": "true" });
  const button = (words, sign, acted) => {
    const made = html("button", { type: "button", "aria-label": `${control.name}: ${words}` }, sign);
    made.addEventListener("click", acted);
    return made;
  };
  const previous = button("previous", "‹", () => at > 0 && act(at - 1));
  const next = button("next", "›", () => at < last && act(at + 1));
  const play = button("play", "▶", () => (playing ? stop(true) : start()));
  play.classList.add("play");

  function act(to, isSettled = true) {
    stop();
    changed(to);
    if (isSettled) settled();
  }

  function start() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    if (at >= last) changed(0);
    const pause = Math.max(90, Math.min(700, 12000 / (last + 1)));
    playing = setInterval(() => (at < last ? changed(at + 1) : stop(true)), pause);
    play.textContent = "❚❚";
    play.setAttribute("aria-label", `${control.name}: pause`);
  }

  /** Announce the position once, when playing stops, not at every step. */
  function stop(isSettled = false) {
    if (!playing) return;
    clearInterval(playing);
    playing = undefined;
    play.textContent = "▶";
    play.setAttribute("aria-label", `${control.name}: play`);
    if (isSettled) settled();
  }

  function show(now) {
    at = now;
    input.value = now;
    input.setAttribute("aria-valuetext", `${now} of ${last}`);
    value.textContent = `${now} of ${last}`;
    previous.setAttribute("aria-disabled", String(now <= 0));
    next.setAttribute("aria-disabled", String(now >= last));
  }

  function limit(to) {
    if (to === last) return;
    last = to;
    input.max = to;
    show(Math.min(at, to));
  }

  const buttons = html("div", { class: "steps" }, input, previous, next, play);
  return { row: html("div", { class: "control" }, label, buttons, value), show, limit, stop };
}

function choiceRow(control, _live, changed, settled) {
  const group = unique("control");
  const inputs = control.values.map((value) => html("input", { type: "radio", name: group, value }));
  // The inputs hold words, and the values may be numbers, which must stay numbers to be found among the frames.
  inputs.forEach((input, i) =>
    input.addEventListener("change", () => {
      changed(control.values[i]);
      settled();
    }),
  );
  const options = inputs.map((input) => html("label", { class: "option" }, input, html("span", {}, input.value)));
  const name = html("span", { id: `${group}-name` }, control.name);
  const choices = html("div", { class: "options", role: "radiogroup", "aria-labelledby": `${group}-name` }, ...options);
  const row = html("div", { class: "control" }, name, choices);
  return { row, show: (value) => inputs.forEach((input, i) => (input.checked = control.values[i] === value)) };
}

/** Selection lists for up to `count` of many names. */
export function pickRow(names, picked, count, changed) {
  const selects = Array.from({ length: count }, (_, i) => {
    const options = ["none", ...names].map((name) => html("option", { value: name }, name));
    const select = html("select", { "aria-label": `shown, ${i + 1} of ${count}` }, ...options);
    select.value = picked[i] ?? "none";
    select.addEventListener("change", () => changed(names.filter((name) => selects.some((s) => s.value === name))));
    return select;
  });
  return html("div", { class: "control" }, html("span", {}, "shown"), html("div", { class: "options" }, ...selects));
}

export const ROWS = { slider: sliderRow, steps: stepsRow, choice: choiceRow };
