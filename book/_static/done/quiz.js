// Store quiz answers: the first option that a reader opens is the answer, and options stay open or closed as left.

(() => {
  const store = globalThis.labStore;
  const chapter = store.chapter();
  const questions = new Map();
  for (const option of document.querySelectorAll("details[data-question]")) {
    const name = option.dataset.question;
    questions.set(name, [...(questions.get(name) ?? []), option]);
  }

  function show(name) {
    const found = store.get("quiz", chapter, name);
    questions.get(name).forEach((option, number) => {
      option.open = Boolean(found?.open?.includes(number));
      const summary = option.querySelector("summary");
      summary.querySelector(".course-said")?.remove();
      if (found?.said === number)
        summary.append(courseDone.element("span", { class: "course-said" }, " your first answer"));
    });
  }

  function keep(name, options, number) {
    const found = store.get("quiz", chapter, name);
    const open = options.flatMap((option, i) => (option.open ? [i] : []));
    const first = { said: number, right: options[number].matches(".course-right"), at: Date.now() };
    if (found || open.includes(number)) store.set("quiz", chapter, name, { ...(found ?? first), open });
  }

  for (const [name, options] of questions) {
    show(name);
    options.forEach((option, number) => {
      // A click always comes from a reader. Printing opens options too, but that isn't an answer.
      option.querySelector("summary").addEventListener("click", () => {
        option.addEventListener("toggle", () => keep(name, options, number), { once: true });
      });
    });
  }
  store.on((kind, of, name) => {
    if (!kind) for (const known of questions.keys()) show(known);
    else if (kind === "quiz" && of === chapter && questions.has(name)) show(name);
  });
})();
