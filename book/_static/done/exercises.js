// A tick for every exercise, which the reader sets.

(() => {
  const store = globalThis.labStore;
  const { element } = globalThis.courseDone;
  const chapter = store.chapter();
  const sections = [...document.querySelectorAll("section[data-exercise]")];

  function addTick(section) {
    const name = section.dataset.exercise;
    const title = section.querySelector("h3").firstChild.textContent.replace(/^Exercise: /, "");
    const box = element("input", { type: "checkbox", "aria-label": `Done: ${title}` });
    (section.querySelector(".course-facts") ?? section.querySelector("h3")).append(
      element("span", { class: "course-tick" }, element("label", {}, box, " Done")),
    );
    box.addEventListener("change", () => {
      store.set("exercise", chapter, name, box.checked ? { done: true, by: "hand", at: Date.now() } : null);
    });
    return () => {
      box.checked = Boolean(store.get("exercise", chapter, name)?.done);
    };
  }

  const shows = sections.map(addTick);
  const showAll = () => shows.forEach((show) => show());
  showAll();
  store.on(showAll);
})();
