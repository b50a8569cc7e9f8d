// Scroll the contents beside a page along, so that the entry of the section being read stays in sight.
addEventListener("DOMContentLoaded", () => {
  const panel = document.getElementById("pst-secondary-sidebar");
  const entries = panel?.querySelector("nav.page-toc");
  if (!entries) return;

  function follow() {
    const active = [...entries.querySelectorAll("a.active")].at(-1);
    if (panel.contains(document.activeElement) || panel.matches(":hover")) return; // not while the reader is using it
    if (!active) {
      panel.scrollTop = 0; // above the first section
      return;
    }
    const [box, entry] = [panel.getBoundingClientRect(), active.getBoundingClientRect()];
    const isInSight = entry.top > box.top + 60 && entry.bottom < box.bottom - 60;
    if (!isInSight) panel.scrollTop += entry.top - box.top - box.height / 3;
  }

  new MutationObserver(follow).observe(entries, { attributes: true, attributeFilter: ["class"], subtree: true });
  follow();
});
