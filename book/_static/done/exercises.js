// A tick for every exercise, set by hand or from the file that `grade --mine` writes beside a notebook.

(() => {
  const store = globalThis.labStore;
  const { element } = globalThis.courseDone;
  const chapter = store.chapter();
  const sections = [...document.querySelectorAll("section[data-exercise]")];

  function addTick(section) {
    const name = section.dataset.exercise;
    const title = section.querySelector("h3").firstChild.textContent.replace(/^Exercise: /, "");
    const box = element("input", { type: "checkbox", "aria-label": `Done: ${title}` });
    const points = element("span", { class: "course-earned" });
    (section.querySelector(".course-facts") ?? section.querySelector("h3")).append(
      element("span", { class: "course-tick" }, element("label", {}, box, " Done"), points),
    );
    box.addEventListener("change", () => {
      store.set("exercise", chapter, name, box.checked ? { done: true, by: "hand", at: Date.now() } : null);
    });
    return () => {
      const found = store.get("exercise", chapter, name);
      box.checked = Boolean(found?.done);
      points.textContent = found?.by === "points" ? ` ${found.earned} of ${found.points} points` : "";
    };
  }

  /** This page's exercises in a points file: [[name, earned, points]]. Throws a sentence for any other file. */
  function read(text) {
    let file;
    try {
      file = JSON.parse(text);
    } catch {
      file = null;
    }
    const found = Object.entries(file?.exercises ?? {}).map(([name, one]) => [
      name,
      one?.result?.earned,
      one?.result?.points,
    ]);
    const isPoints = ([, earned, points]) =>
      [earned, points].every(Number.isInteger) && 0 <= earned && earned <= points;
    if (typeof file?.chapter !== "string" || !found.every(isPoints)) {
      throw new Error("This is not a file that grade --mine writes. Nothing was changed.");
    }
    if (file.chapter !== chapter)
      throw new Error(`This file is of the chapter ${file.chapter}, and this is ${chapter}. Nothing was changed.`);
    return found.filter(([name]) => sections.some((section) => section.dataset.exercise === name));
  }

  function take(found) {
    for (const [name, earned, points] of found) {
      const done = earned === points || Boolean(store.get("exercise", chapter, name)?.done);
      store.set("exercise", chapter, name, { done, earned, points, by: "points", at: Date.now() });
    }
    const solved = found.filter(([, earned, points]) => earned === points).length;
    return `${solved} of ${sections.length} exercises have all their points.`;
  }

  function addFile(place) {
    const input = element("input", { type: "file", accept: ".json,application/json" });
    const status = element("span", { role: "status" });
    const label = element(
      "label",
      {},
      "Tick exercises from ",
      element("code", {}, `${chapter}.points.json`),
      ", the file of ",
      element("code", {}, "grade --mine"),
      ": ",
      input,
    );
    input.addEventListener("change", async () => {
      if (!input.files.length) return;
      try {
        status.textContent = take(read(await input.files[0].text()));
      } catch (error) {
        status.textContent = error.message;
      }
      input.value = ""; // allows reading the same file again after the next run
    });
    place.append(element("div", { class: "course-file" }, label, " ", status));
  }

  const shows = sections.map(addTick);
  const showAll = () => shows.forEach((show) => show());
  const place = document.querySelector(".course-places details") ?? document.querySelector(".course-places");
  if (place) addFile(place);
  showAll();
  store.on(showAll);
})();
