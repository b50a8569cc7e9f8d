// Bring the explorers of a built page to life without a kernel, a network, or widget libraries. The script reads the
// widget state that the notebook saved into the page, and passes each placeholder to its widget's own render function.
// It is an ordinary script without import or export, so that it also runs in pages opened from a disk (file://).

(() => {
  const states = {};

  class Model {
    #state;
    #listeners = new Map();
    widget_manager = { get_model: async (id) => modelOf(id) };

    constructor(state) {
      this.#state = { ...state, still: true }; // still: no kernel answers, so sliders stay on computed positions
    }
    get(key) {
      return this.#state[key];
    }
    set(key, value) {
      this.#state[key] = value;
      for (const listener of [...(this.#listeners.get(`change:${key}`) ?? [])]) listener();
    }
    on(event, listener) {
      if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
      this.#listeners.get(event).add(listener);
    }
    off(event, listener) {
      this.#listeners.get(event)?.delete(listener);
    }
    save_changes() {}
    send() {}
  }

  function modelOf(id) {
    if (!states[id]) throw new Error(`this page holds no widget ${id}`);
    return new Model(states[id].state);
  }

  async function hydrate(place) {
    const model = modelOf(place.dataset.labModel);
    const url = URL.createObjectURL(new Blob([model.get("_esm")], { type: "text/javascript" }));
    const widget = await import(url);
    URL.revokeObjectURL(url);
    // Replace the still picture only once the whole explorer is drawn: after a failure, the picture stays.
    const root = document.createElement("div");
    place.after(root);
    try {
      await widget.default.render({ model, el: root });
      place.remove();
    } catch (error) {
      root.remove();
      throw error;
    }
  }

  function start() {
    for (const script of document.querySelectorAll('script[type="application/vnd.jupyter.widget-state+json"]')) {
      Object.assign(states, JSON.parse(script.textContent).state);
    }
    // In dark mode, the theme puts a light panel behind every HTML output; an explorer has its own colors.
    const style = document.createElement("style");
    style.textContent =
      "div.cell_output .text_html:not(:has(table.dataframe)):has(.lab-explorer){background:none!important;padding:0!important;border:0!important;color:inherit!important;overflow:visible!important}";
    document.head.append(style);
    for (const place of document.querySelectorAll("[data-lab-model]")) {
      hydrate(place).catch((error) => console.error(`explorer ${place.dataset.labModel}: ${error}`));
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
