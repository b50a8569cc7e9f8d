// Tab stops at the copy button of a code block only while the block is focused or hovered, because a chapter has a
// hundred of them. In the theme, a block takes the focus on a click, and on Tab if it scrolls.

addEventListener("load", () => {
  for (const button of document.querySelectorAll("button.copybtn")) {
    const block = button.parentElement;
    const offer = () => (button.tabIndex = 0);
    const take = () => (button.tabIndex = block.contains(document.activeElement) || block.matches(":hover") ? 0 : -1);
    button.tabIndex = -1;
    block.addEventListener("focusin", offer);
    block.addEventListener("pointerenter", offer);
    block.addEventListener("focusout", () => setTimeout(take));
    block.addEventListener("pointerleave", take);
  }
});
