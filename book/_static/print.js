// Before printing, switch a page to its light colors and open its folds; afterward, undo that. Quiz options are closed
// instead, and their reasons, together with the answers of explorers, go on a separate page at the end.
(() => {
  const root = document.documentElement;
  const OPTION = "details[data-question]";
  let theme = null;
  let folds = [];
  let answers = null;

  function element(tag, attributes, ...children) {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  }

  const copies = (nodes) => [...nodes].map((node) => node.cloneNode(true));

  function ofQuiz() {
    const questions = Map.groupBy(document.querySelectorAll(OPTION), (option) => option.dataset.question);
    const reasons = (options) => options.map((option) => element("li", {}, ...copies([...option.children].slice(1))));
    const entries = [...questions.values()].map((options) =>
      element("li", {}, element("ol", { type: "a" }, ...reasons(options))),
    );
    return entries.length ? [element("h3", {}, "Quiz"), element("ol", {}, ...entries)] : [];
  }

  function ofExplorers() {
    const found = [...document.querySelectorAll(".lab-explorer:has(details.answer)")].flatMap((explorer) => [
      element("p", {}, element("strong", {}, explorer.querySelector(".question").textContent)),
      ...copies([...explorer.querySelector("details.answer").children].slice(1)),
    ]);
    return found.length ? [element("h3", {}, "Explorers"), ...found] : [];
  }

  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    folds = [...document.querySelectorAll("details")].map((fold) => [fold, fold.open]);
    for (const [fold] of folds) fold.open = !fold.matches(OPTION);
    const parts = [...ofExplorers(), ...ofQuiz()];
    if (parts.length) {
      answers = element("section", { className: "course-answers" }, element("h2", {}, "Answers"), ...parts);
      document.querySelector(".bd-article")?.append(answers);
    }
  });

  addEventListener("afterprint", () => {
    root.dataset.theme = theme;
    for (const [fold, open] of folds) fold.open = open;
    answers?.remove();
    answers = null;
  });
})();
