// The reader's answers, stored only in this browser: one record under each key layerlab/1/<kind>/<chapter>/<name>.
// This file has no import or export, so that it is both part of the explorers' code and an ordinary script of the book
// (_static/store.js). The first copy on a page serves all. If the browser stores nothing, memory does until reload.

globalThis.labStore ??= (() => {
  const ROOT = "layerlab/1/";
  const memory = new Map();
  const listeners = new Set();
  const keyOf = (...parts) => ROOT + parts.map(encodeURIComponent).join("/");

  function attempt(task) {
    try {
      return task(localStorage); // even this name may be refused: in a private window, on a page from a disk
    } catch {
      return undefined;
    }
  }

  function record(words) {
    try {
      const found = JSON.parse(words);
      return found && typeof found === "object" ? found : null;
    } catch {
      return null; // someone else's record, or a half-written one
    }
  }

  function partsOf(key) {
    try {
      const parts = key.startsWith(ROOT) ? key.slice(ROOT.length).split("/").map(decodeURIComponent) : [];
      return parts.length === 3 ? parts : null;
    } catch {
      return null;
    }
  }

  const read = (key) => record(memory.get(key) ?? attempt((kept) => kept.getItem(key)) ?? "null");
  const tell = (key) => listeners.forEach((listener) => listener(...(partsOf(key) ?? [])));

  function write(key, value) {
    memory.delete(key);
    const words = JSON.stringify(value);
    const isKept = attempt((kept) => (value === null ? kept.removeItem(key) : kept.setItem(key, words), true));
    if (!isKept && value !== null) memory.set(key, words);
    tell(key);
  }

  globalThis.addEventListener?.("storage", ({ key }) => (key === null || partsOf(key)) && tell(key ?? ""));

  return {
    /** The record, or null. */
    get: (kind, chapter, name) => read(keyOf(kind, chapter, name)),
    /** Store a record (any JSON object); null removes it. Notifies listeners, here and in other tabs. */
    set: (kind, chapter, name, value) => write(keyOf(kind, chapter, name), value),
    /** Every record of a kind, or of all kinds: [{ kind, chapter, name, value }], sorted by key. */
    all(kind) {
      const keys = new Set([...memory.keys(), ...(attempt((kept) => Object.keys(kept)) ?? [])]);
      return [...keys].sort().flatMap((key) => {
        const parts = partsOf(key);
        const value = parts && (!kind || parts[0] === kind) ? read(key) : null;
        return value ? [{ kind: parts[0], chapter: parts[1], name: parts[2], value }] : [];
      });
    },
    /** Call listener(kind, chapter, name) after each change, without arguments after many; returns a stop function. */
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Does this browser store what is written? */
    keeps: () => Boolean(attempt((kept) => (kept.setItem(`${ROOT}?`, "1"), kept.removeItem(`${ROOT}?`), true))),
    /** The chapter of this page or notebook: the last part of its address, without the extension. */
    chapter: () =>
      decodeURIComponent(location.pathname)
        .split("/")
        .at(-1)
        .replace(/\.\w+$/, "") || "index",
  };
})();
