// Brings the explorers of a built page to life: no kernel, no network, no widget libraries. It reads the widget state
// that a notebook saved into the page and hands each placeholder to its widget's own render function.
// An ordinary script without import or export, so that it also runs in pages opened from a disk (file://).

(() => {
  const states = {};

  class Model {
    #state;
    #listeners = new Map();
    widget_manager = { get_model: async (id) => modelOf(id) };

    constructor(state) {
      this.#state = { ...state, still: true }; // still: nobody answers, so sliders stay on the computed positions
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
    // Drawn in place of the still picture only when all of it is there: a failure leaves the picture standing.
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
    // The theme puts a light panel behind every HTML output in dark mode; an explorer has colours of its own.
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
