"""Add markup that makes a page easier to use at a glance, with the keyboard, or with a screen reader."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

from autograder.texts.facts import Facts, sentences
from coursebook import notebooks

FACTS = "course-facts"  # the class of the line under an exercise's heading
REASON = re.compile(r"(?:(?P<right>Yes)|No)\b")  # how the reason for a quiz option begins

# The theme removes the focus from its buttons when they are pressed, to hide their tooltips. Keyboard users would then
# have to start again at the top of the page.
KEEP_FOCUS = """addEventListener("DOMContentLoaded", () => {
  for (const name of ["theme-switch-button", "search-button", "primary-toggle", "secondary-toggle"]) {
    const button = document.querySelector("." + name);
    if (button) button.blur = () => button.matches(":focus-visible") || HTMLElement.prototype.blur.call(button);
  }
});"""


def split_facts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Split the line of facts under each exercise's heading into one element per fact; the words don't change."""
    known = notebooks.of_page(app.srcdir, docname).exercises.values()
    lines = {" ".join(said): (said, facts) for facts in known if (said := sentences(vars(facts)))}
    for paragraph in doctree.findall(nodes.paragraph):
        if found := lines.get(paragraph.astext()):
            paragraph.children = [nodes.raw("", spans(*found), format="html")]
            paragraph["classes"].append(FACTS)


def spans(said: list[str], facts: Facts) -> str:
    """Return an exercise's facts as HTML, with each of the sentences in ``said`` in its own element."""
    tier, difficulty, *others = said
    made = [f'<span class="course-{facts.tier}">{tier}</span>']
    made += [f'<span class="course-difficulty" style="--level:{facts.difficulty}">{difficulty}</span>']
    return " ".join([*made, *(f"<span>{sentence}</span>" for sentence in others)])


def mark_options(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Mark each quiz option as right or wrong, depending on whether its collapsed paragraph begins with Yes or No."""
    for raw in list(doctree.findall(nodes.raw)):
        reason = raw.next_node(descend=False, siblings=True)
        text = raw.astext()
        if text.startswith("<details>") and isinstance(reason, nodes.paragraph):
            found = REASON.match(reason.astext())
            if found:
                kind = "right" if found["right"] else "wrong"
                marked = text.replace("<details>", f'<details class="course-{kind}">', 1)
                raw.replace_self(nodes.raw("", marked, format=raw["format"]))
