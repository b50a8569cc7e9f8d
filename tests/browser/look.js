// What the tests ask of a page, read off its DOM. Lists hold what is wrong; they are empty where all is well.
window.look = {
  shown: (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }),

  describe: (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 160),

  whole() {
    const alive = document.querySelectorAll("[data-lab-model]").length === 0;
    return (
      document.readyState === "complete" &&
      document.fonts.status === "loaded" &&
      alive &&
      [...document.images].every((image) => image.complete)
    );
  },

  sizes() {
    const root = document.documentElement;
    const clipped = [...document.body.querySelectorAll("*")].filter((element) => {
      if (!element.childNodes.length || !look.shown(element) || !element.clientWidth) return false;
      if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) return false;
      const style = getComputedStyle(element);
      const hides = style.overflowX === "hidden" || style.overflowX === "clip" || style.overflowY === "hidden";
      return (
        hides &&
        (element.scrollWidth > element.clientWidth + 2 || element.scrollHeight > element.clientHeight + 2) &&
        element.clientWidth > 2
      );
    });
    return { page: root.scrollWidth, window: window.innerWidth, clipped: clipped.map(look.describe) };
  },

  // Moves each control of each explorer to its last value; returns those for which the page has no computed figure.
  unmoved() {
    const found = [];
    for (const root of document.querySelectorAll(".lab-explorer")) {
      for (const input of root.querySelectorAll(".controls input")) {
        if (input.type === "radio") input.click();
        else {
          input.value = input.max;
          for (const event of ["input", "change"]) input.dispatchEvent(new Event(event));
        }
        const said = root.querySelector("[role=status]").textContent;
        if (/Python/.test(said)) found.push(`${root.dataset.explorer}: ${said}`);
      }
    }
    return found;
  },

  // Levels that skip one on the way down, and pages with no or several first headings.
  headings() {
    const found = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6, [role=heading]")].filter(look.shown);
    const level = (heading) => Number(heading.ariaLevel ?? heading.tagName[1]);
    const inText = found.filter((heading) => heading.closest("main"));
    const jumps = inText.filter((heading, i) => i > 0 && level(heading) > level(inText[i - 1]) + 1);
    const first = inText.filter((heading) => level(heading) === 1);
    return [...jumps.map(look.describe), ...(first.length === 1 ? [] : [`${first.length} headings of level 1`])];
  },

  // Two landmarks of the same kind and name; and those without a name where there is more than one of the kind.
  landmarks() {
    const kinds = { NAV: "navigation", MAIN: "main", ASIDE: "complementary", SEARCH: "search" };
    const kind = (element) => {
      const role = element.getAttribute("role") ?? kinds[element.tagName];
      if (role || element.closest("article, aside, main, nav, section")) return role;
      return { HEADER: "banner", FOOTER: "contentinfo" }[element.tagName];
    };
    const wanted = ["banner", "complementary", "contentinfo", "main", "navigation", "search"];
    const named = (element) => {
      const by = element.getAttribute("aria-labelledby");
      return element.getAttribute("aria-label") ?? (by ? document.getElementById(by)?.textContent.trim() : "") ?? "";
    };
    const all = [...document.querySelectorAll("nav, main, aside, search, header, footer, [role]")]
      .filter((element) => look.shown(element) && wanted.includes(kind(element)))
      .map((element) => `${kind(element)} "${named(element)}"`);
    return [...all.filter((one, i) => all.indexOf(one) !== i), ...(all.includes('main ""') ? [] : ["no main"])];
  },

  // What can be pressed and is less than 24 px wide or high; a link in running text may be.
  small() {
    const pressed = "a[href], button, summary, select, input:not([type=hidden]), [role=button], [tabindex='0'][role]";
    return [...document.querySelectorAll(pressed)]
      .filter((element) => {
        if (!look.shown(element) || getComputedStyle(element).display === "inline") return false;
        const { width, height } = element.getBoundingClientRect();
        return width > 1 && (width < 23.5 || height < 23.5);
      })
      .map(look.describe);
  },

  seen() {
    const images = [...document.images].filter(look.shown);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return {
      language: document.documentElement.lang,
      theme: document.documentElement.dataset.theme,
      sizes: look.sizes(),
      // The course's name stands beside its logo, which therefore says nothing (alt="") and may.
      silent: images
        .filter((image) => !image.matches(".logo__image") && !(image.getAttribute("alt") ?? "").trim())
        .map(look.describe),
      missing: images.filter((image) => !image.naturalWidth).map((image) => image.src),
      headings: look.headings(),
      landmarks: look.landmarks(),
      small: look.small(),
      headless: [...document.querySelectorAll("table")]
        .filter((table) => look.shown(table) && !table.querySelector("th"))
        .map(look.describe),
      doubles: ids.filter((id, i) => id && ids.indexOf(id) !== i),
    };
  },

  luminance(colour) {
    const [r, g, b] = colour
      .match(/[\d.]+/g)
      .slice(0, 3)
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  },

  stops: [],

  // Where the focus is: which element, whether it was there before and came in the document's order, what is drawn around
  // it, and whether it can be seen. Null if it is nowhere.
  stop() {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const again = look.stops.includes(element),
      before = look.stops.at(-1);
    look.stops.push(element);
    let ground = element.parentElement;
    while (ground.parentElement && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") {
      ground = ground.parentElement;
    }
    const style = getComputedStyle(element),
      { x, y, width, height } = element.getBoundingClientRect();
    const [dark, light] = [style.outlineColor, getComputedStyle(ground).backgroundColor]
      .map(look.luminance)
      .sort((a, b) => a - b);
    const top = (right, down) => document.elementFromPoint(x + right * width, y + down * height);
    const places = [
      [0.5, 0.5],
      [0.1, 0.5],
      [0.5, 0.1],
      [0.9, 0.9],
    ];
    const isOnTop = (found) => found && (element.contains(found) || found.contains(element));
    return {
      element: look.describe(element),
      again,
      order: !before || Boolean(before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING),
      outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
      contrast: (light + 0.05) / (dark + 0.05),
      seen: places.some((place) => isOnTop(top(...place))),
    };
  },

  unfold() {
    for (const details of document.querySelectorAll("details")) details.open = true;
  },

  // Hides the rows of long tables, or shows them again. One template writes all rows of a table, so twenty of them stand
  // for all: the table of points has more than 460, each with links.
  shorten(isShort) {
    for (const body of document.querySelectorAll("tbody")) {
      for (const row of [...body.rows].slice(20)) row.hidden = isShort;
    }
  },

  // Follows Tab: after each press the stop is noted. Begins where the text does, or before everything.
  follow(fromTheTop) {
    look.stops = [];
    look.path = { over: false, stops: [] };
    if (!fromTheTop) {
      const text = document.querySelector("#main-content, main");
      const before = document.createElement("span");
      before.tabIndex = -1;
      text.prepend(before);
      before.focus(); // Tab goes on from here, also when it is gone
      before.remove();
    }
    document.addEventListener("keyup", () => {
      if (look.path.over) return;
      const stop = look.stop(),
        top = document.querySelector("#pst-skip-link, #pst-skip-link *");
      look.path.over = stop === null || stop.again || (!fromTheTop && document.activeElement === top);
      if (!look.path.over) look.path.stops.push(stop);
    });
  },

  followed() {
    look.path.over ||= document.activeElement === document.body; // keys that go elsewhere are not heard of
    return look.path;
  },

  // What a page keeps about its reader.
  async kept() {
    return {
      cookie: document.cookie,
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
      databases: await indexedDB.databases(),
      workers: (await navigator.serviceWorker.getRegistrations()).length,
    };
  },

  // Boxes with something to scroll sideways that Tab does not reach, and things that stick out of the window unscrolled.
  sideways() {
    look.unfold();
    const shown = [...document.querySelectorAll("article *")].filter((element) => element.checkVisibility());
    const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
    const boxes = shown.filter((element) => scrolls(element) && element.scrollWidth > element.clientWidth + 1);
    const reached = "a[href], button, input, select, summary, [tabindex='0']";
    const unreached = boxes.filter((box) => !box.matches(reached) && !box.querySelector(reached));
    const inBox = (element) => element && (scrolls(element) || inBox(element.parentElement));
    const clipped = (element) =>
      element &&
      (getComputedStyle(element).overflow === "hidden" ||
        getComputedStyle(element).clipPath !== "none" ||
        clipped(element.parentElement));
    const out = shown.filter(
      (element) =>
        element.getBoundingClientRect().right > innerWidth + 1 &&
        !inBox(element.parentElement) &&
        !clipped(element) &&
        !element.closest(".katex-mathml, mjx-assistive-mml"),
    );
    const code = boxes.filter((box) => box.matches("pre"));
    return {
      boxes: boxes.length,
      code: code.length,
      unreached: unreached.map(look.describe),
      out: out.map(look.describe),
    };
  },

  // Of all text in the same colours, size and weight one element is to be asked for its contrast. Called in each theme,
  // as two colours may be one in another.
  mark() {
    const ground = new Map([[null, ""]]);
    const behind = (element) => {
      if (!ground.has(element)) {
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
        const own = [backgroundColor, backgroundImage, opacity].join();
        ground.set(element, behind(element.parentElement) + (own === "rgba(0, 0, 0, 0),none,1" ? "" : `|${own}`));
      }
      return ground.get(element);
    };
    const kinds = new Set();
    for (const element of document.body.querySelectorAll("*")) {
      if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
      if (!look.shown(element)) continue;
      const { color, fill, fontSize, fontWeight } = getComputedStyle(element);
      const kind = [color, fill, fontSize, fontWeight, behind(element)].join();
      if (!kinds.has(kind)) element.dataset.standsForAll = "";
      kinds.add(kind);
    }
  },

  // Makes a page lighter for axe without changing what it can find: the coloured words of code and the parts of formulas
  // that stand for nothing else become plain, and of the buttons that copy code one stays.
  thin() {
    const idle = (element) =>
      !element.matches("[data-stands-for-all]") && !element.querySelector("[data-stands-for-all]");
    for (const word of [...document.querySelectorAll(".highlight pre span")].filter(idle))
      word.replaceWith(word.textContent);
    const copies = [...document.querySelectorAll("button.copybtn")].slice(1);
    for (const button of copies.filter(idle)) button.remove();
    for (const formula of [...document.querySelectorAll(".katex-html, mjx-math")].filter(idle))
      formula.replaceChildren();
  },
};
