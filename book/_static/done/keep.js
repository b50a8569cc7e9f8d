// Save progress to a file, and load it again. A broken or foreign file changes nothing, and the page says so.

(() => {
  const store = globalThis.labStore;
  const { dayOf, element } = globalThis.courseDone;
  const FORMAT = "layer-by-layer";
  const VERSION = 1;
  const LARGEST = 4_000_000; // bytes: a hundred times the size of a whole course

  const isText = (value, most = 2_000) => typeof value === "string" && value.length <= most;
  const isCount = (value) => Number.isInteger(value) && value >= 0;
  const isDay = (value) => isText(value) && /^\d{4}-\d\d-\d\d$/.test(value);

  // The content of each kind of record, besides the time `at`.
  const HOLDS = {
    quiz: (v) => isCount(v.said) && typeof v.right === "boolean" && Array.isArray(v.open) && v.open.every(isCount),
    predict: (v) =>
      isText(v.asked) &&
      (v.skipped === true || (typeof v.right === "boolean" && (isText(v.said) || Number.isFinite(v.said)))),
    exercise: (v) =>
      typeof v.done === "boolean" && (v.by === "hand" || (v.by === "points" && isCount(v.earned) && isCount(v.points))),
    again: (v) => isCount(v.step) && v.step <= 9 && isDay(v.due) && Number.isFinite(v.of),
    place: (v) => isText(v.section, 300) && isText(v.heading, 300),
  };

  const isRecord = (one) =>
    Boolean(
      one &&
      Object.hasOwn(HOLDS, one.kind) &&
      /^[\w-]{1,80}$/.test(one.chapter) &&
      isText(one.name, 200) &&
      one.name &&
      one.value &&
      Number.isFinite(one.value.at) &&
      HOLDS[one.kind](one.value),
    );

  const known = () => store.all().filter(isRecord);

  function save() {
    const day = dayOf(Date.now());
    const text = JSON.stringify({ format: FORMAT, version: VERSION, day, records: known() }, null, 1);
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    element("a", { href: url, download: `layer-by-layer-${day}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  /** The records of a file; throws a sentence for any other file. */
  function read(text) {
    let file;
    try {
      file = JSON.parse(text);
    } catch {
      throw new Error("This file is broken, or not one that this page saved. Nothing was changed.");
    }
    if (file?.format !== FORMAT) throw new Error("This file was not saved by this page. Nothing was changed.");
    if (file.version !== VERSION) {
      throw new Error(
        `This file has the format ${file.version}, and this book reads format ${VERSION}. Nothing was changed.`,
      );
    }
    const wrong = Array.isArray(file.records) ? file.records.findIndex((one) => !isRecord(one)) : 0;
    if (wrong >= 0) throw new Error(`Record ${wrong + 1} of this file cannot be read. Nothing was changed.`);
    return file.records;
  }

  /** Keep every record that is newer than the one stored here. */
  function take(records) {
    const newer = records.filter(({ kind, chapter, name, value }) => !(store.get(kind, chapter, name)?.at >= value.at));
    for (const { kind, chapter, name, value } of newer) store.set(kind, chapter, name, value);
    const rest = records.length - newer.length;
    return `${newer.length} records were taken in${rest ? `; ${rest} were here already, as new or newer` : ""}.`;
  }

  const place = document.querySelector(".course-keep");
  const button = element("button", { type: "button" }, "Save what I did");
  const input = element("input", { type: "file", accept: ".json,application/json" });
  const status = element("p", { role: "status" });
  button.addEventListener("click", () => {
    save();
    status.textContent = `${known().length} records were saved.`;
  });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      if (file.size > LARGEST)
        throw new Error("This file is too large to be one that this page saved. Nothing was changed.");
      status.textContent = take(read(await file.text()));
    } catch (error) {
      status.textContent = error.message;
    }
    input.value = "";
  });
  place.append(
    element("p", {}, button),
    element("p", {}, element("label", {}, "Take in a saved file: ", input)),
    status,
  );
})();
