// Return a page's article for the printed book, as Chromium has drawn it. Each id gets the page's name as a suffix, and
// links to the book's other pages lead to their places in the same file; links to other files become plain text.
window.printed = async ([root, page, pages]) => {
  const UNPRINTED =
    ".course-places, .course-notebooks, a.headerlink, button, script, .tableofcontents-wrapper, template";
  const REFERENCES = ["for", "headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns"];
  const place = (name, id) => (id ? `${id}--` : "") + name.replaceAll("/", "-");

  await document.fonts.ready;
  document.querySelectorAll("img").forEach((image) => (image.loading = "eager"));
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  dispatchEvent(new Event("beforeprint")); // print.js opens folds and appends the answers
  const article = document.querySelector("article.bd-article");
  const lost = [...document.images].filter((image) => !image.naturalWidth).map((image) => image.src);
  article.querySelectorAll(UNPRINTED).forEach((element) => element.remove());
  const ids = new Set([...article.querySelectorAll("[id]")].map((element) => element.id));
  for (const element of article.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (name === "id") element.id = place(page, value);
      else if (REFERENCES.includes(name)) {
        element.setAttribute(
          name,
          value.replace(/\S+/g, (id) => (ids.has(id) ? place(page, id) : id)),
        );
      } else if (name === "src" || name === "srcset") element.setAttribute(name, new URL(value, location));
      else if (value.includes("url(#")) {
        element.setAttribute(
          name,
          value.replace(/url\(#([^)]+)\)/g, (_, id) => `url(#${place(page, id)})`),
        );
      }
    }
    const address = element.matches("a[href], use[href]") && new URL(element.getAttribute("href"), location);
    if (address?.protocol === "file:") {
      const target = decodeURIComponent(address.pathname.slice(root.length)).replace(/\.html$/, "");
      const link = `#${place(target, decodeURIComponent(address.hash.slice(1)))}`;
      if (pages.includes(target)) element.setAttribute("href", link);
      else element.removeAttribute("href");
    }
  }
  const words = (heading) => heading.textContent.trim().replace(/\s+/g, " ");
  const head = [...document.head.querySelectorAll("link[rel=stylesheet], style")].map((sheet) => {
    if (sheet.href) sheet.setAttribute("href", sheet.href);
    return sheet.outerHTML;
  });
  return {
    lost,
    head,
    title: words(article.querySelector("h1")),
    sections: [...article.querySelectorAll("section[id] > h2")].map((h2) => [h2.parentElement.id, words(h2)]),
    html: `<section class="printed-chapter bd-article" id="${place(page)}">${article.innerHTML}</section>`,
  };
};
