// The filter of the layer index, and its addresses: #conv2D and #torch.nn.Conv2d lead to the row of nn.Conv2d.
// This is an ordinary script, so that it also runs in a page opened from a disk (file://).

(() => {
  const box = document.querySelector(".index-filter");
  const input = box.querySelector("input");
  const status = box.querySelector('[role="status"]');
  const bodies = [...document.querySelectorAll("table.layer-index tbody")];

  // "torch.nn.Conv_2D" and "conv2d" are the same search.
  const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const bare = (text) =>
    text
      .trim()
      .replace(/^(torch\.)?((nn|functional|f|init|utils|rnn|prune|parametrize|parametrizations|stateless)\.)*/i, "");

  const rows = [...document.querySelectorAll("table.layer-index tr[id]")].map((element) => ({
    element,
    name: element.cells[0].textContent,
    full: [plain(element.id), plain(element.id.replace(/^F\./, "nn.functional.").replace(/^(?!nn\.)/, "nn."))],
    keys: [bare(element.id), ...(element.dataset.also ?? "").split(" ")].filter(Boolean).map(plain),
    parts: (element.dataset.has ?? "").split(" ").filter(Boolean).map(plain),
    family: element.parentElement.rows[0].textContent.toLowerCase(),
    text: element.textContent.toLowerCase(),
  }));

  // Damerau's distance: the number of letters inserted, deleted, changed, or swapped with a neighbor.
  function distance(a, b) {
    let [before, last] = [[], [...Array(b.length + 1).keys()]];
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        const changed = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
        row[j] = Math.min(changed, last[j] + 1, row[j - 1] + 1);
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
          row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      [before, last] = [last, row];
    }
    return last[b.length];
  }

  // Rows whose name or alias is nearest to what was typed; none if all are too far away.
  function nearest(key) {
    const far = Math.max(1, Math.floor(key.length / 3)) + 1;
    const near = rows.map((row) => Math.min(...row.keys.map((k) => distance(key, k))));
    const least = Math.min(...near);
    return least < far ? rows.filter((_, i) => near[i] === least) : [];
  }

  // Whether a row has a word of a query: in its name, its arguments and methods, its text, or its family's name.
  const has = (row, word) =>
    row.keys.some((k) => k.includes(word.key)) ||
    row.parts.includes(word.key) ||
    row.text.includes(word.typed) ||
    row.family.includes(word.typed);

  function words(query) {
    const typed = query
      .toLowerCase()
      .split(/[\s,()=]+/)
      .map((word) => ({ typed: word, key: plain(bare(word)) }));
    const telling = typed.filter((word) => word.key && !["torch", "pytorch", "nn"].includes(word.key));
    return telling.length ? telling : typed.filter((word) => word.key);
  }

  // Rows with all words of a query, or with the most that any row has; and how many words those are.
  function matching(query) {
    const key = plain(bare(query));
    const sought = words(query);
    const counted = rows.map((row) =>
      key && row.keys.some((k) => k.includes(key)) ? sought.length : sought.filter((word) => has(row, word)).length,
    );
    const most = Math.max(...counted);
    return { found: most ? rows.filter((_, i) => counted[i] === most) : [], most, of: sought.length };
  }

  function show(found) {
    const shown = new Set(found);
    for (const row of rows) row.element.hidden = !shown.has(row);
    for (const body of bodies) body.hidden = [...body.rows].slice(1).every((row) => row.hidden);
    for (const table of document.querySelectorAll("table.layer-index")) {
      table.closest("section").hidden = [...table.tBodies].every((body) => body.hidden);
    }
  }

  function filter() {
    const query = input.value.trim();
    const { found, most, of } = query ? matching(query) : { found: rows, most: 0, of: 0 };
    if (found.length) {
      show(found);
      status.textContent = query
        ? `${found.length} of ${rows.length} names${told(query, found, most, of)}`
        : `${rows.length} names`;
      return;
    }
    const near = nearest(plain(bare(query)));
    show(near);
    status.textContent = near.length
      ? `Nothing is called “${query}”. Nearest: ${near.map((row) => row.name).join(", ")}`
      : `Nothing is called “${query}”, or nearly so.`;
  }

  // Why these rows are shown, if the reader can't see it.
  function told(query, found, most, of) {
    if (most < of) return ` have ${most} of these ${of} words; none has all`;
    const key = plain(bare(query));
    const byPart = found.every((row) => row.parts.includes(key) && !row.keys.some((k) => k.includes(key)));
    return byPart ? ` have it as an argument or method` : "";
  }

  // The row that an address means: by its exact id, else by its whole name, such as "nn.functional.conv2d", in any case.
  function meant(address) {
    const whole = plain(address.replace(/^torch\./, ""));
    return rows.find((row) => row.element.id === address) ?? rows.find((row) => row.full.includes(whole));
  }

  function follow() {
    const address = decodeURIComponent(location.hash.slice(1));
    const place = address && document.getElementById(address);
    const row = address && (!place || place.matches("table.layer-index tr")) ? meant(address) : null;
    document.querySelector("tr.sought")?.classList.remove("sought");
    if (!row) return;
    if (row.element.hidden) {
      input.value = "";
      filter();
    }
    row.element.classList.add("sought");
    row.element.tabIndex = -1;
    row.element.focus({ preventScroll: true });
    row.element.scrollIntoView({ block: "center" });
  }

  box.hidden = false;
  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      filter();
    }
  });
  addEventListener("hashchange", follow);
  addEventListener("load", follow); // before it, styles that arrive late move the row off the screen
  filter();
})();
