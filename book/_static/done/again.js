// The page "Again": missed questions and predictions, asked again on the day they are due.

(() => {
  const store = globalThis.labStore;
  const { answered, dayOf, element, load, missed, pageOf, root } = globalThis.courseDone;
  const place = document.querySelector(".course-again");
  const shown = new Map(); // for each question on the page: its element, and whether it was answered here

  const keyOf = (one) => [one.kind, one.chapter, one.name].join("/");

  function inWords(day) {
    const [year, month, date] = day.split("-").map(Number);
    const words = new Date(year, month - 1, date).toLocaleDateString("en-GB", {
      weekday: "long",
      day: "numeric",
      month: "long",
    });
    return `${words} ${year}`;
  }

  function take(one, entry, right) {
    const key = keyOf(one);
    if (shown.get(key).answered) return;
    shown.get(key).answered = true;
    const due = answered(one, right);
    entry.querySelector('[role="status"]').textContent =
      `${right ? "Right" : "Not right"}. It comes again on ${inWords(due)}.`;
  }

  /** A quiz question as its page shows it: the first option that is opened is the answer. */
  function quiz(one, entry, html) {
    const question = element("div", {});
    question.innerHTML = html; // safe: the build of this site wrote it
    for (const option of question.querySelectorAll("details")) {
      option
        .querySelector("summary")
        .addEventListener("click", () => take(one, entry, option.matches(".course-right")));
    }
    return question;
  }

  /** An explorer's first question: a choice or a number. Torch's own numbers are the answer. */
  function prediction(one, entry, asked) {
    const question = element("div", {}, element("p", {}, element("strong", {}, asked.question)));
    if (!asked.choices.length) {
      question.append(value(one, entry, asked));
      return question;
    }
    asked.choices.forEach((words, i) => {
      const right = asked.right.includes(i);
      const number = asked.torch[i] === undefined ? "" : ` torch: ${asked.number} ${asked.torch[i]}.`;
      const option = element(
        "details",
        { class: right ? "course-right" : "course-wrong" },
        element("summary", {}, words),
        element("p", {}, `${right ? "Yes." : "No."}${number}`),
      );
      option.firstChild.addEventListener("click", () => take(one, entry, right));
      question.append(option);
    });
    return question;
  }

  function value(one, entry, asked) {
    const input = element("input", { type: "number", step: "any", required: "" });
    const said = element("p", {});
    const form = element(
      "form",
      { class: "course-value" },
      element("label", {}, `${asked.number} `, input),
      " ",
      element("button", {}, "Compare"),
      said,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [torch] = asked.torch;
      said.textContent = `You say ${input.value}, torch says ${torch}.`;
      take(one, entry, Math.abs(Number(input.value) - torch) <= asked.within);
    });
    return form;
  }

  async function ask(one) {
    await load(`questions/${one.chapter}.js`);
    const asked = courseQuestions[one.chapter][one.kind][one.name];
    const where = { quiz: "quiz", predict: `explorer-${one.name}` }[one.kind];
    const from = element("a", { href: `${pageOf(one.chapter)}#${where}` }, courseMap.chapters[one.chapter].title);
    const entry = element("li", {}, element("p", { class: "course-note" }, from));
    entry.append({ quiz, predict: prediction }[one.kind](one, entry, asked), element("p", { role: "status" }));
    return entry;
  }

  function summary(due, all) {
    if (due.length)
      return `${due.length} of ${all.length} missed questions ${due.length === 1 ? "is" : "are"} due today.`;
    if (all.length) {
      const next = all.map((one) => one.due).sort()[0];
      const count = all.filter((one) => one.due === next).length;
      return `Nothing is due today. The next ${count === 1 ? "question comes" : `${count} questions come`} on ${inWords(next)}.`;
    }
    return "Nothing to ask yet. When the first option that you open in a quiz is wrong, or a prediction before an explorer is, the question comes back on this page: after 1 day, then, each time you are right, after 3, 7, 16, 35, and 75 days. If you are wrong, it starts over.";
  }

  /** Update the page; questions answered here stay until the reader leaves the page. */
  async function show() {
    await load("course-map.js");
    const all = missed();
    const due = all.filter((one) => one.due <= dayOf(Date.now()));
    for (const one of due) {
      if (!shown.has(keyOf(one))) {
        shown.set(keyOf(one), { entry: null, answered: false });
        shown.get(keyOf(one)).entry = await ask(one);
      }
    }
    const wanted = new Set(due.map(keyOf));
    for (const [key, { answered }] of shown) if (!answered && !wanted.has(key)) shown.delete(key);
    const entries = [...shown.values()].map(({ entry }) => entry).filter(Boolean);
    const list = place.querySelector("ol");
    for (const entry of [...list.children]) if (!entries.includes(entry)) entry.remove();
    for (const entry of entries) if (!entry.isConnected) list.append(entry);
    list.hidden = !entries.length;
    place.querySelector(".course-due").textContent = summary(due, all);
    if (list.querySelector("mjx-container")) addStyle("math.css");
  }

  function addStyle(name) {
    const href = `${root}_static/${name}`;
    if (
      ![...document.styleSheets].some((sheet) => sheet.href?.startsWith(href)) &&
      !document.querySelector(`link[href="${href}"]`)
    ) {
      document.head.append(element("link", { rel: "stylesheet", href }));
    }
  }

  place.append(element("p", { class: "course-due", role: "status" }), element("ol", { hidden: "" }));
  if (!store.keeps()) {
    place.append(
      element("p", {}, "This browser keeps nothing for this page: what you do is forgotten when you leave."),
    );
  }
  let last = Promise.resolve();
  const again = () => (last = last.then(show));
  store.on(again);
  document.addEventListener("visibilitychange", again); // a new day may have begun
  again();
})();
