"""Markup that a page needs to be read at a glance, by keyboard or by ear, beyond what Markdown and the theme give.

The line of facts under an exercise's heading, quiz options that know whether they are right, and a focus that stays
where it is when a button of the theme is pressed.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

FACTS = re.compile(r"<p>Difficulty ([1-5]) of 5\. (About \d+ minutes?)\. (\d+ points?)\.</p>")
OPTION = re.compile(r"<details>(?=<summary>(?:(?!</summary>).)*</summary>\s*<p>(Yes|No)\b)", re.DOTALL)

# The theme takes the focus from its buttons when they are pressed, to hide their tooltips; whoever presses them by
# keyboard would have to begin again at the top of the page.
KEEP_FOCUS = """addEventListener("DOMContentLoaded", () => {
  for (const name of ["theme-switch-button", "search-button", "primary-toggle", "secondary-toggle"]) {
    const button = document.querySelector("." + name);
    if (button) button.blur = () => button.matches(":focus-visible") || HTMLElement.prototype.blur.call(button);
  }
});"""


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the changes to the build; after the pages of others are complete."""
    app.add_js_file(None, body=KEEP_FOCUS)
    app.connect("html-page-context", mend_body, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def mend_body(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Change the text of a page."""
    if "body" in context:
        context["body"] = options(facts(context["body"]))


def facts(body: str) -> str:
    """Part the line under an exercise's heading, so that each fact can be shown as one; the words stay."""
    return FACTS.sub(
        r'<p class="course-facts"><span class="course-difficulty" style="--level:\1">Difficulty \1 of 5.</span> '
        r"<span>\2.</span> <span>\3.</span></p>",
        body,
    )


def options(body: str) -> str:
    """Mark each option of a quiz as right or wrong: its reason begins with Yes or No."""
    return OPTION.sub(lambda found: f'<details class="course-{"right" if found[1] == "Yes" else "wrong"}">', body)
