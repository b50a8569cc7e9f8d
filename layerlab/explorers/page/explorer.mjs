// An explorer as the reader sees it: question, controls, picture, numbers, tables, folded answer. It runs in JupyterLab
// as an anywidget, and on a page without Python from the saved state (book/_static/hydrate.mjs). A model with `still`
// has no kernel.

import { fromAddress, leadsHere, toAddress } from "./address.mjs";
import { ROWS, nearestIndex, pickRow } from "./controls.mjs";
import { cellField, dragHandles } from "./edit.mjs";
import { html, svg, unique } from "./elements.mjs";
import { KINDS } from "./kinds.mjs";
import { addStyle } from "./looks.mjs";
import { codesOf, decode, shown, written } from "./numbers.mjs";
import { ask } from "./predict.mjs";
import { folded } from "./table.mjs";

/** Build all elements of an explorer. */
function build(model, plan, rows) {
  const [name, question] = ["name", "question"].map((key) => model.get(key));
  const id = unique("question");
  const parts = {
    root: html("section", { class: "lab-explorer", "aria-labelledby": id, "data-explorer": name }),
    frame: html("div", { class: "picture" }),
    picture: svg("svg", { role: "img", "aria-label": model.get("alt") }),
    values: plan.numbers.map((key) => html("strong", { "data-number": key })),
    status: html("p", { role: "status" }),
    set: html("p", { class: "set" }),
    legend: html("ul", { class: "legend" }),
    readings: html("div", { class: "numbers" }),
    tables: folded(question),
    reset: html("button", { type: "button", class: "words reset" }, "Reset"),
  };
  const { root, frame, picture, values, status, tables } = parts;
  root.append(html("p", { class: "question", id }, question));
  root.append(html("div", { class: "controls" }, ...Object.values(rows).map((row) => row.row), parts.reset));
  frame.append(picture);
  root.append(parts.set, parts.legend, frame);
  if (plan.edits) root.append(html("p", { class: "hint edits" }));
  const readout = plan.numbers.map((key, i) => html("span", {}, `${key} `, values[i]));
  if (readout.length) root.append(html("div", { class: "numbers" }, ...readout));
  root.append(parts.readings, status);
  if (model.get("caption")) root.append(html("p", { class: "caption" }, model.get("caption")));
  root.append(tables.element);
  if (model.get("answer")) {
    const answer = html("details", { class: "answer" }, html("summary", {}, "Answer"));
    answer.insertAdjacentHTML("beforeend", model.get("answer")); // made by Python from plain text
    root.append(answer);
  }
  return parts;
}

function render({ model, el }) {
  const [name, controls] = ["name", "controls"].map((key) => model.get(key));
  const plan = JSON.parse(model.get("plan"));
  plan.picked = plan.pick;
  const kind = KINDS[model.get("kind")];
  const still = Boolean(model.get("still"));
  const codes = codesOf(model.get("frames"));
  addStyle(model.get("palette"));
  const rows = {};
  for (const control of controls) {
    rows[control.name] = ROWS[control.kind](control, !still, (value) => move({ [control.name]: value }), settle);
  }
  const start = model.get("setting");
  const { root, frame, picture, values, status, set, tables, legend, readings, reset } = build(model, plan, rows);
  if (still) root.id = `explorer-${name}`;
  const prediction = model.get("prediction") && JSON.parse(model.get("prediction"));
  const asked = prediction && ask(prediction, name, root, (setting) => (move(setting), settle()));
  if (asked) root.querySelector(".question").after(asked.element);
  el.replaceChildren(root);

  let width = 0;
  let numbers;
  let base; // without the reader's changes in the picture
  let waiting;
  const changes = new Map();
  const places = plan.edits ? edits() : [];

  function draw() {
    if (!width) return;
    picture.replaceChildren();
    const height = kind.draw(picture, plan, numbers, width);
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.setAttribute("width", width);
    picture.setAttribute("height", height);
    for (const place of places) place();
    if (plan.edits) root.querySelector(".edits button").hidden = changes.size === 0;
    reset.hidden = changes.size === 0 && same(model.get("setting"), start);
  }

  /** Add what the reader can change on top of the picture, and the line below it that says how. */
  function edits() {
    const change = (key, to) => {
      changes.set(key, { from: kind.original(base, key), to });
      take(base);
      say("Changed by you, computed in this page.");
    };
    const back = html("button", { type: "button", class: "words" }, "Undo changes");
    back.addEventListener("click", () => (changes.clear(), take(base), say(`${words(model.get("setting"))}.`)));
    root.querySelector(".hint.edits").append(`${kind.hint} `, back);
    const handles = () => (numbers && kind.handles ? kind.handles(plan, numbers, picture) : []);
    return kind.handles ? [dragHandles(frame, picture, handles, change)] : [cellField(frame, picture, change)];
  }

  const read = () => (plan.edits && kind.readings ? kind.readings(plan, numbers) : []);

  function showLegend() {
    const items = kind.legend(plan);
    legend.replaceChildren(...items);
    legend.hidden = items.length === 0;
  }

  const number = (key) => shown(plan, `number:${key}`, numbers[`number:${key}`][0]);

  function take(next) {
    base = next;
    numbers = changes.size ? kind.edit(plan, base, changes) : base;
    draw();
    tables.update(kind.tables(plan, numbers));
    readings.replaceChildren(...read().map(([name, words]) => html("span", {}, `${name} `, html("strong", {}, words))));
    plan.numbers.forEach((key, i) => (values[i].textContent = number(key)));
  }

  const onGrid = (setting) => controls.every((c) => c.values.includes(setting[c.name]));
  const nearest = (setting) =>
    Object.fromEntries(controls.map((c) => [c.name, c.values[nearestIndex(c, setting[c.name])]]));
  const words = (setting) => controls.map((c) => `${c.name} ${written(setting[c.name])}`).join(", ");
  const same = (a, b) => Boolean(a) && controls.every((c) => a[c.name] === b[c.name]);

  function say(sentence) {
    const found = [...read().map((pair) => pair.join(" ")), ...plan.numbers.map((key) => `${key} ${number(key)}`)].join(
      ", ",
    );
    status.textContent = found ? `${sentence} ${found}.` : sentence; // names keep their case
  }

  /** End step-throughs where this frame ends; true if one was past the end and was moved. */
  function limit(setting) {
    const last = kind.last?.(numbers);
    if (last === undefined) return false;
    const behind = {};
    for (const c of controls.filter((c) => c.kind === "steps")) {
      rows[c.name].limit(Math.min(last, c.values.length - 1));
      if (setting[c.name] > last) behind[c.name] = last;
    }
    if (!Object.keys(behind).length) return false;
    move(behind);
    return true;
  }

  /** Show the model's setting: its own frame, or the nearest one until Python has answered. */
  function show() {
    clearTimeout(waiting);
    const setting = model.get("setting");
    for (const c of controls) rows[c.name].show(setting[c.name]);
    set.textContent = `Shown: ${words(setting)}.`;
    if (!onGrid(setting) && same(model.get("reply")?.setting, setting)) return showReply();
    take(
      decode(
        codes,
        plan,
        controls.map((c) => nearestIndex(c, setting[c.name])),
      ),
    );
    if (limit(setting) || onGrid(setting)) return;
    status.textContent = `Asking Python for ${words(setting)} …`;
    waiting = setTimeout(
      () => say(`Python does not answer. Shown is the nearest computed setting: ${words(nearest(setting))}.`),
      3000,
    );
  }

  function showReply() {
    const setting = model.get("setting");
    const reply = model.get("reply");
    if (!same(reply?.setting, setting)) return; // a reply to an earlier question
    clearTimeout(waiting);
    if (reply.error) {
      say(`Python could not compute ${words(setting)}: ${reply.error}. Shown is ${words(nearest(setting))}.`);
      return;
    }
    take(Object.fromEntries(Object.entries(reply.series).map(([k, v]) => [k, v.map((x) => x ?? NaN)])));
    limit(setting);
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

  function goBack() {
    changes.clear();
    move(start);
    take(base);
    settle();
    root.querySelector(".controls :is(input, button)").focus(); // the button is now hidden
  }

  function followAddress() {
    const asked = fromAddress(name, controls);
    if (!asked) return;
    const setting = { ...model.get("setting"), ...asked };
    const snapped = nearest(setting);
    move(snapped);
    say(
      same(setting, snapped)
        ? `${words(model.get("setting"))}.`
        : `${words(setting)} is not computed here. Shown is the nearest setting: ${words(snapped)}.`,
    );
  }

  const scroll = () => leadsHere(name) && root.scrollIntoView({ block: "center", behavior: "instant" });

  /** The reader followed a link on this page. An address that a slider writes doesn't cause this event. */
  function followLink() {
    followAddress();
    scroll();
  }

  reset.addEventListener("click", goBack);
  model.on("change:setting", show);
  model.on("change:reply", showReply);
  const watch = new ResizeObserver(() => {
    const now = Math.floor(frame.clientWidth);
    if (now === width) return;
    width = now;
    draw();
  });
  watch.observe(frame);
  showLegend();
  if (plan.pick) {
    const picked = (names) => ((plan.picked = names), showLegend(), take(base));
    root.querySelector(".controls").prepend(pickRow(plan.lines, plan.pick, 3, picked));
  }
  // JupyterLab intercepts the arrow keys unless the focused element itself opts out.
  for (const e of root.querySelectorAll("input, select, button, summary, [tabindex]"))
    e.dataset.lmSuppressShortcuts = "true";
  width = Math.floor(frame.clientWidth);
  show();
  status.textContent ||= still ? "Every position was computed with torch." : "Between the positions, Python is asked.";
  if (still) {
    window.addEventListener("hashchange", followLink);
    followAddress();
    if (performance.getEntriesByType("navigation")[0]?.type === "navigate") scroll();
  }
  return () => {
    watch.disconnect();
    asked?.stop();
    clearTimeout(waiting);
    for (const row of Object.values(rows)) row.stop?.();
    window.removeEventListener("hashchange", followLink);
    model.off("change:setting", show);
    model.off("change:reply", showReply);
  };
}

export default { render };
