// The search page: finds the sections with the words of a query, using lunr's index, which the first query loads. All
// scripts are ordinary ones, so that the search also runs in a page opened from a disk (file://).

(() => {
  const AT_ONCE = 10; // hits shown at first, and added by "Show more"
  const AROUND = 230; // letters quoted from a section
  const NOISE = new Set(["pytorch", "torch", "nn", "use", "using", "between", "difference", "vs"]);
  const root = document.documentElement.dataset.content_root ?? "./";
  const input = document.getElementById("search-words");
  const said = document.getElementById("search-said");
  const list = document.getElementById("search-hits");
  const more = document.getElementById("search-more");
  let known = null; // the pages and sections, and lunr's index of them
  let loading = null;
  let shown = 0; // counts queries, so that late answers are dropped
  const texts = new Map(); // for each quoted page, the texts of its sections
  const coming = new Map();

  const script = (path) =>
    new Promise((done, failed) => {
      const element = document.createElement("script");
      element.src = root + path;
      element.onload = done;
      element.onerror = () => failed(new Error(path));
      document.head.append(element);
    });

  courseSearch.index = ({ pages, entries, lunr: index }) => {
    known = { pages, entries, index: lunr.Index.load(index) };
  };
  courseSearch.texts = ([page, all]) => texts.set(page, all);

  const load = () => (loading ??= script("_static/lunr.js").then(() => script("search/index.js")));

  async function textOf([page, , , at]) {
    if (!coming.has(page)) coming.set(page, script(`search/${known.pages[page][0]}.js`));
    await coming.get(page).catch(() => {}); // a hit without its text still links to its section
    return texts.get(page)?.[at] ?? "";
  }

  const stem = (word) => lunr.stemmer(new lunr.Token(word)).toString();

  // The meaningful words of a query, or all words if none is.
  function telling(query) {
    const all = courseSearch.words(query);
    const rare = all.filter(({ plain }) => !NOISE.has(plain) && lunr.stopWordFilter(new lunr.Token(plain)));
    return rare.length ? rare : all;
  }

  // Every entry that has a word: itself, as the start of a longer one, in parts, or, if it is unknown, a similar one.
  function withWord({ plain, parts }) {
    const { index } = known;
    const { TRAILING } = lunr.Query.wildcard;
    const isKnown = index.invertedIndex[stem(plain)];
    const ask = (write) => index.query(write);
    let found = ask((query) => {
      query.term(plain, { boost: 10 });
      if (plain.length > 2) query.term(plain, { usePipeline: false, wildcard: TRAILING, boost: isKnown ? 1 : 5 });
    });
    if (!isKnown && parts.length) {
      const required = lunr.Query.presence.REQUIRED;
      found = found.concat(ask((query) => parts.forEach((part) => query.term(part, { presence: required, boost: 4 }))));
    }
    if (!found.length && plain.length > 3) {
      const editDistance = plain.length > 7 ? 2 : 1;
      found = ask((query) => query.term(stem(plain), { usePipeline: false, editDistance, boost: 3 }));
    }
    return found;
  }

  const isExercise = ({ number }) => known.entries[number][2].startsWith("Exercise:");

  // Put the section that contains an exercise before the exercise, if the section has as many of the words.
  function taughtFirst(ordered) {
    const taught = new Map();
    for (const hit of ordered.filter(isExercise)) {
      let { number } = hit;
      while (number > 0 && isExercise({ number })) number--;
      const section = ordered.find((other) => other.number === number);
      const isOfPage = known.entries[number][0] === known.entries[hit.number][0];
      if (isOfPage && section?.words.size >= hit.words.size) taught.set(hit, section);
    }
    return [...new Set(ordered.flatMap((hit) => (taught.has(hit) ? [taught.get(hit), hit] : [hit])))];
  }

  // The entries that fit a query best. Each missing word costs a lot, so that entries with all words come first; but a
  // section with one word in its heading comes before a list that mentions both.
  function search(query) {
    const words = telling(query);
    const hits = new Map();
    const unknown = [];
    words.forEach((word, number) => {
      const found = withWord(word);
      if (!found.length) unknown.push(word.written);
      for (const { ref, score, matchData } of found) {
        const hit = hits.get(ref) ?? { number: Number(ref), score: 0, words: new Set(), terms: new Set() };
        hit.score += score;
        hit.words.add(number);
        for (const term of Object.keys(matchData.metadata)) hit.terms.add(term);
        hits.set(ref, hit);
      }
    });
    const wanted = words.length - unknown.length;
    for (const hit of hits.values()) {
      hit.rank = hit.score * (hit.words.size / wanted) ** 3;
      hit.missing = words.filter((word, number) => !hit.words.has(number) && !unknown.includes(word.written));
    }
    const ordered = taughtFirst([...hits.values()].sort((a, b) => b.rank - a.rank || a.number - b.number));
    const complete = unknown.length ? 0 : ordered.filter((hit) => !hit.missing.length).length;
    return { hits: ordered, unknown, complete, words: words.length };
  }

  // Write a text into an element, and mark the words that were found.
  function write(element, text, terms) {
    let from = 0;
    const isFound = ({ plain, parts }) => [plain, ...parts].some((part) => terms.has(stem(part)) || terms.has(part));
    for (const word of courseSearch.words(text)) {
      if (!isFound(word)) continue;
      element.append(text.slice(from, word.index));
      const mark = document.createElement("mark");
      mark.textContent = word.written;
      element.append(mark);
      from = word.index + word.written.length;
    }
    element.append(text.slice(from));
  }

  // The part of a text with the most different words of a query, cut between words.
  function quote(text, terms) {
    if (text.length <= AROUND) return text;
    const found = courseSearch
      .words(text)
      .map(({ plain, parts, index }) => ({
        index,
        terms: [plain, ...parts].map(stem).filter((part) => terms.has(part)),
      }))
      .filter((word) => word.terms.length);
    let best = { begin: 0, count: 0 };
    for (const { index } of found) {
      const inside = found.filter((word) => word.index >= index && word.index < index + AROUND - 40);
      const count = new Set(inside.flatMap((word) => word.terms)).size + inside.length / 100;
      if (count > best.count) best = { begin: index, count };
    }
    const begin = Math.max(0, text.lastIndexOf(" ", Math.max(0, best.begin - 40)) + 1);
    const end = text.length - begin <= AROUND ? text.length : text.lastIndexOf(" ", begin + AROUND);
    return (begin ? "… " : "") + text.slice(begin, end) + (end < text.length ? " …" : "");
  }

  async function item(hit) {
    const entry = known.entries[hit.number];
    const [page, anchor, title] = entry;
    const [name, pageTitle] = known.pages[page];
    const text = await textOf(entry);
    const element = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${root}${name}.html#${anchor}`;
    write(link, title, hit.terms);
    const where = document.createElement("span");
    where.className = "search-where";
    const missing = hit.missing.map(({ written }) => `“${written}”`).join(", ");
    where.textContent =
      (pageTitle === title ? "Chapter" : pageTitle.split(": ")[0]) + (missing && `, without ${missing}`);
    const excerpt = document.createElement("p");
    write(excerpt, quote(text, hit.terms), hit.terms);
    element.append(link, where, excerpt);
    return element;
  }

  function told({ hits, unknown, complete, words }) {
    if (!hits.length) return "Nothing has these words, or nearly so. The layer index lists every name of torch.nn.";
    const missing = unknown.length ? ` “${unknown.join("”, “")}” is nowhere.` : "";
    const sections = (n) => `${n} section${n === 1 ? "" : "s"}`;
    if (words === 1 || missing) return `${sections(hits.length)}.${missing}`;
    if (!complete) return `No section has all of these words; ${sections(hits.length)} with some of them.`;
    return `${sections(complete)} with all of these words, ${hits.length - complete} with some.`;
  }

  async function show() {
    const query = input.value.trim();
    const mine = ++shown;
    if (!query) {
      said.textContent = "";
      list.replaceChildren();
      more.hidden = true;
      return;
    }
    try {
      await load();
    } catch (error) {
      said.textContent = `The index could not be loaded (${error.message}).`;
      return;
    }
    const found = search(query);
    const first = await Promise.all(found.hits.slice(0, AT_ONCE).map(item));
    if (mine !== shown) return;
    list.replaceChildren(...first);
    said.textContent = told(found);
    more.hidden = found.hits.length <= AT_ONCE;
    more.firstElementChild.onclick = async () => {
      const next = await Promise.all(found.hits.slice(list.children.length, list.children.length + AT_ONCE).map(item));
      if (mine !== shown) return;
      list.append(...next);
      next[0].querySelector("a").focus();
      more.hidden = list.children.length >= found.hits.length;
    };
  }

  function remember() {
    try {
      history.replaceState(null, "", `?q=${encodeURIComponent(input.value.trim())}`);
    } catch {
      // a page opened from a disk may not change its address
    }
  }

  // Down and Up move through the hits and back to the field.
  document.querySelector(".search-page").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [input, ...list.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  });

  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      remember();
      show();
    }, 150);
  });
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    remember();
    show();
  });

  input.value = new URLSearchParams(location.search).get("q") ?? "";
  if (matchMedia("(min-width: 768px)").matches) input.focus(); // a phone would open its keyboard over the hits
  if (input.value) show();
})();
