// A selection holds no text where a formula stands, because its letters are drawn by the style sheet. What is copied
// gets the formula's source instead: $…$ in a sentence, $$…$$ on a line of its own.
document.addEventListener("copy", (event) => {
  const selection = document.getSelection();
  const formulaAt = (node) =>
    (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("mjx-container");
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0).cloneRange();
  const [first, last] = [formulaAt(range.startContainer), formulaAt(range.endContainer)];
  if (first) range.setStartBefore(first); // half a formula is copied whole
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
