// The button that copies a block of code is a stop of Tab only while its block is focused or pointed at: a chapter has a
// hundred of them. The theme lets a block take the focus: by a click, and by Tab where it scrolls.

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
