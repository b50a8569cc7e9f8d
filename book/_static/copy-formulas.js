// A selection has no text for a formula, because the style sheet draws its letters. Copying therefore inserts the
// formula's source: $…$ in a sentence, $$…$$ on its own line.
document.addEventListener("copy", (event) => {
  const selection = document.getSelection();
  const formulaAt = (node) =>
    (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("mjx-container");
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0).cloneRange();
  const [first, last] = [formulaAt(range.startContainer), formulaAt(range.endContainer)];
  if (first) range.setStartBefore(first); // a partly selected formula is copied whole
  if (last) range.setEndAfter(last);
  const copy = range.cloneContents();
  const formulas = copy.querySelectorAll("mjx-container");
  if (!formulas.length) return;
  for (const formula of formulas) {
    const sign = formula.hasAttribute("display") ? "$$" : "$";
    formula.replaceWith(sign + formula.dataset.tex + sign);
  }
  event.clipboardData.setData("text/plain", copy.textContent.trim());
  const holder = document.createElement("div");
  holder.append(copy);
  event.clipboardData.setData("text/html", holder.innerHTML);
  event.preventDefault();
});
