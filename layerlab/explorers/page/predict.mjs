// The question that comes first. Nothing moves until the reader answers or skips it; the answer is locked, stored, and
// compared with torch's number. See ../predict.py for the data of a prediction.

import "./store.mjs";
import { html, unique } from "./elements.mjs";
import { written } from "./numbers.mjs";

const quoted = (words) => words.map((word) => `“${word}”`).join(words.length > 2 ? ", " : " and ");

/** What a reader typed, as a number; a decimal comma and 1,000 work too. NaN if it isn't a number. */
export function numberOf(typed) {
  const plain = typed.replaceAll("−", "-").replace(/[\s_']/g, "");
  const point = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(",", "") : plain.replace(",", ".");
  return point === "" ? NaN : Number(point);
}

function isRight({ choices, torch, right, within }, said) {
  if (choices.length) return right.includes(choices.indexOf(said));
  return Math.abs(said - torch[0]) <= within + 1e-6 * Math.abs(torch[0]);
}

/** Compare the answer with torch's numbers, in words. */
export function gap(prediction, said) {
  const { number, choices, torch, right, aim } = prediction;
  const good = isRight(prediction, said);
  if (!choices.length) {
    const off = Math.abs(said - torch[0]);
    const end = good ? (off <= 1e-6 * Math.abs(torch[0]) ? "Right." : "Close enough.") : `Off by ${written(off, 3)}.`;
    return `You said ${written(said)}, torch says ${written(torch[0])}. ${end}`;
  }
  const at = written(torch[choices.indexOf(said)]);
  const best = `${quoted(right.map((i) => choices[i]))}: ${written(torch[right[0]])}`;
  if (good) return `You said “${said}”, and so does torch. The ${number} (${aim}) is ${at}.`;
  return `You said “${said}”, torch says ${best}. With yours the ${number} is ${at}.`;
}

/** A row of buttons, or a field for a number. */
function fields({ choices, question }, given) {
  const skip = html("button", { type: "button", class: "words skip" }, "Skip (Esc)");
  skip.addEventListener("click", () => given(null));
  if (choices.length) {
    const buttons = choices.map((words) => html("button", { type: "button", class: "words" }, words));
    buttons.forEach((button, i) => button.addEventListener("click", () => given(choices[i])));
    return html("div", { class: "options", role: "group", "aria-label": question }, ...buttons, skip);
  }
  const hint = html("span", { class: "hint", id: unique("hint") });
  const input = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": hint.id });
  input.setAttribute("aria-label", question);
  const lock = html("button", { type: "submit", class: "words" }, "Predict");
  const form = html("form", { class: "options" }, input, lock, skip, hint);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = numberOf(input.value);
    if (Number.isFinite(said)) return given(said);
    input.setAttribute("aria-invalid", "true");
    hint.textContent = "Type a number, such as 12 or 0.5.";
    input.focus();
  });
  return form;
}

/** Ask before `root` moves. Calls `seen(setting)` with the setting of the right answer once the reader has answered. */
export function ask(prediction, name, root, seen) {
  const key = ["predict", globalThis.labStore.chapter(), name];
  const element = html("div", { class: "predict" });
  const question = html("p", { class: "ask" }, html("strong", {}, "Predict first: "), prediction.question);
  const said = html("p", { class: "gap", tabindex: "-1" });
  let asking = true;

  function settle({ said: words, skipped }) {
    asking = false;
    root.classList.remove("asking");
    said.textContent = skipped ? "You made no prediction." : gap(prediction, words);
    element.replaceChildren(question, said);
  }

  function given(words) {
    const always = { asked: prediction.question, at: Date.now() };
    const good = words !== null && isRight(prediction, words);
    const record = words === null ? { skipped: true, ...always } : { said: words, right: good, ...always };
    settle(record);
    globalThis.labStore.set(...key, record);
    if (words !== null) seen(prediction.settings[prediction.right[0] ?? 0]);
    said.focus();
  }

  /** Use an earlier record of this question, or one from another tab, unless its wording or kind differs. */
  function recall() {
    const kept = globalThis.labStore.get(...key);
    const { choices } = prediction;
    const fits = choices.length ? choices.includes(kept?.said) : Number.isFinite(kept?.said);
    if (asking && kept?.asked === prediction.question && (kept.skipped || fits)) settle(kept);
  }

  const escape = (event) => {
    if (event.key !== "Escape" || !asking) return;
    event.preventDefault();
    event.stopPropagation();
    given(null);
  };
  root.classList.add("asking");
  root.addEventListener("keydown", escape);
  element.append(question, fields(prediction, given));
  recall();
  return { element, stop: globalThis.labStore.on(recall) };
}
