// Progress, shown on every page: counts in the sidebar and in lists of parts and chapters, and a link on the cover back
// to where you were. Nothing leaves this browser. Until you have done something, nothing is shown or loaded.

(() => {
  const store = globalThis.labStore;
  const root = new URL(document.documentElement.dataset.content_root, location.href).href;
  const CHAPTER = /notebooks\/([\w-]+)\/\1\.html$/;
  const KINDS = { exercise: "exercises", quiz: "quiz questions", predict: "predictions" };
  const DAYS = [1, 3, 7, 16, 35, 75]; // until a question comes back; the last one repeats
  const pageOf = (chapter) => `${root}notebooks/${chapter}/${chapter}.html`;

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  const loading = new Map();

  /** Load a script of the site once. A page opened from a disk can't fetch, but it can load scripts. */
  function load(name) {
    if (!loading.has(name)) {
      loading.set(
        name,
        new Promise((done, fail) => {
          const script = element("script", { src: `${root}_static/${name}` });
          script.onload = done;
          script.onerror = () => fail(new Error(`${name} is not there`));
          document.head.append(script);
        }),
      );
    }
    return loading.get(name);
  }

  // -- counts ---------------------------------------------------------------------------------------------------------

  const HAS = {
    exercise: (chapter, name) => Boolean(store.get("exercise", chapter, name)?.done),
    quiz: (chapter, name) => Boolean(store.get("quiz", chapter, name)),
    predict(chapter, name) {
      const found = store.get("predict", chapter, name);
      const asked = courseMap.chapters[chapter].predict[name];
      return Boolean(found && "said" in found && found.asked === asked);
    },
  };

  /** [done, all] for each kind in some chapters, and for all kinds. */
  function counted(chapters) {
    const found = { all: [0, 0] };
    for (const kind of Object.keys(KINDS)) {
      const names = chapters.flatMap((one) => {
        const known = courseMap.chapters[one][kind];
        return (Array.isArray(known) ? known : Object.keys(known)).map((name) => [one, name]);
      });
      found[kind] = [names.filter(([chapter, name]) => HAS[kind](chapter, name)).length, names.length];
      found.all = found.all.map((sum, i) => sum + found[kind][i]);
    }
    const core = chapters.flatMap((one) => courseMap.chapters[one].core.map((name) => HAS.exercise(one, name)));
    found.core = [core.filter(Boolean).length, core.length];
    return found;
  }

  const bar = ([done, all]) =>
    element("span", { class: "course-bar", "aria-hidden": "true", style: `--done: ${(100 * done) / all}%` });

  /** Put a note at the end of an element, replacing the previous one. */
  function put(place, note) {
    const before = place.querySelector(":scope > .course-done");
    if (note?.outerHTML === before?.outerHTML) return;
    before?.remove();
    if (note) place.append(note);
  }

  function inSidebar() {
    for (const link of document.querySelectorAll("#pst-primary-sidebar nav.bd-links a")) {
      const chapter = CHAPTER.exec(link.href.split("#")[0])?.[1];
      const { all } = courseMap.chapters[chapter] ? counted([chapter]) : { all: [0, 0] };
      if (chapter)
        put(link, all[0] ? element("span", { class: "course-done" }, bar(all), ` ${all[0]} of ${all[1]} done`) : null);
      if (link.href.split("#")[0] === `${root}book/again.html`) {
        const due = missed().filter((one) => one.due <= dayOf(Date.now())).length;
        put(link, due ? element("span", { class: "course-done" }, `${due} due`) : null);
      }
    }
  }

  function inLists() {
    for (const entry of document.querySelectorAll(".course-list > li")) {
      const link = entry.querySelector("a");
      const chapter = CHAPTER.exec(link?.href)?.[1];
      const part = courseMap.parts[/book\/parts\/([\w-]+)\.html$/.exec(link?.href)?.[1]];
      const chapters = chapter in courseMap.chapters ? [chapter] : (part ?? []);
      const found = counted(chapters);
      const words = Object.keys(KINDS)
        .filter((kind) => found[kind][1])
        .map((kind) => `${found[kind].join(" of ")} ${KINDS[kind]}`);
      const core = found.core[1] ? `${found.core.join(" of ")} core exercises, ` : "";
      const said = core + (part ? `${found.all.join(" of ")} done` : words.join(", "));
      put(
        entry.lastElementChild,
        found.all[0] ? element("span", { class: "course-note course-done" }, bar(found.all), ` ${said}`) : null,
      );
    }
  }

  /** On the cover, link to where the reader was, before the other ways to begin. */
  function wayBack() {
    const begin = document.querySelector(".course-begin");
    const places = store.all("place").filter(({ chapter }) => chapter in courseMap.chapters);
    begin?.querySelector(".course-back")?.remove();
    if (!begin || !places.length) return;
    const { chapter, value } = places.reduce((a, b) => (b.value.at > a.value.at ? b : a));
    const words = [courseMap.chapters[chapter].title, value.heading].filter(Boolean).join(": ");
    const address = pageOf(chapter) + (value.section ? `#${encodeURIComponent(value.section)}` : "");
    begin.prepend(element("a", { class: "course-back", href: address }, `Go on where you were: ${words}`), " ");
  }

  // -- what was missed, and when it is asked again --------------------------------------------------------------------

  /** The local date of a moment, such as "2026-11-21"; these strings compare like dates. */
  function dayOf(moment) {
    const date = new Date(moment);
    return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
  }

  /** The date `days` later, counted in days, so that a switch to or from daylight saving time doesn't shift it. */
  function later(day, days) {
    const [year, month, date] = day.split("-").map(Number);
    return dayOf(new Date(year, month - 1, date + days));
  }

  /** Every missed question and prediction that hasn't changed since: { kind, chapter, name, due, step, of }. */
  function missed() {
    return [...store.all("quiz"), ...store.all("predict")].flatMap(({ kind, chapter, name, value }) => {
      const known = courseMap.chapters[chapter]?.[kind] ?? [];
      if (
        value.right !== false ||
        !(Array.isArray(known) ? known.includes(name) : name in known && HAS.predict(chapter, name))
      )
        return [];
      const again = store.get("again", chapter, `${kind}:${name}`);
      const isOfIt = again?.of === value.at; // a new prediction starts over
      return [
        {
          kind,
          chapter,
          name,
          of: value.at,
          step: isOfIt ? again.step : 0,
          due: isOfIt ? again.due : later(dayOf(value.at), DAYS[0]),
        },
      ];
    });
  }

  /** Store the answer to a question that came back; returns the date of its next turn. */
  function answered({ kind, chapter, name, step, of }, right) {
    const next = right ? Math.min(step + 1, DAYS.length - 1) : 0;
    const due = later(dayOf(Date.now()), DAYS[next]);
    store.set("again", chapter, `${kind}:${name}`, { step: next, due, of, at: Date.now() });
    return due;
  }

  // -- the last section read ------------------------------------------------------------------------------------------

  /** Store the section at the window's upper third once a reader scrolls. */
  function followReading() {
    const chapter = CHAPTER.exec(location.href.split(/[?#]/)[0])?.[1];
    if (!chapter) return;
    const heads = [...document.querySelectorAll("article section[id] > :is(h2, h3)")];
    let waiting;
    function keep() {
      const head = heads.findLast((one) => one.getBoundingClientRect().top < innerHeight / 3);
      const section = head?.parentElement.id ?? "";
      if (store.get("place", chapter, "last")?.section === section && isLast(chapter)) return;
      const words = head
        ? [...head.childNodes].filter((node) => !node.matches?.("a.headerlink")).map((node) => node.textContent)
        : [];
      store.set("place", chapter, "last", { section, heading: words.join("").trim(), at: Date.now() });
    }
    addEventListener(
      "scroll",
      () => {
        clearTimeout(waiting);
        waiting = setTimeout(keep, 400);
      },
      { passive: true },
    );
  }

  function isLast(chapter) {
    const places = store.all("place");
    const newest = Math.max(...places.map(({ value }) => value.at));
    return places.some((one) => one.chapter === chapter && one.value.at === newest);
  }

  // -- all of it ------------------------------------------------------------------------------------------------------

  let asked = false;

  /** Show progress, batching changes that happen together. */
  function refresh() {
    if (asked) return;
    asked = true;
    queueMicrotask(async () => {
      asked = false;
      if (!globalThis.courseMap && !store.all().length) return;
      await load("course-map.js");
      inSidebar();
      inLists();
      wayBack();
    });
  }

  globalThis.courseDone = { answered, dayOf, element, load, missed, pageOf, root };
  store.on(refresh);
  refresh();
  followReading();
})();
