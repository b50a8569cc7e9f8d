"""Define directives for the pages on practicing and teaching: downloads, and commands with current file names."""

from __future__ import annotations

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from autograder import practicing
from coursebook.pages.parts import Listing


class Take(Listing):
    """``{course-take}``: buttons to download all notebooks in one file, layerlab alone, or single notebooks."""

    def run(self) -> list[nodes.Node]:
        """Return the buttons."""
        up = "../" * self.env.docname.count("/")
        wheel = practicing.wheel_name()
        buttons = [
            f'<a class="main" href="{up}{practicing.NOTEBOOKS}" download>All notebooks and layerlab (zip)</a>',
            f'<a href="{up}{wheel}" download>layerlab alone ({wheel})</a>',
        ]
        notebooks = [f"<li>{self.download(page, up)}</li>" for page in self.chapters()]
        places = f'<nav class="course-places" aria-label="Take along">{" ".join(buttons)}</nav>'
        if notebooks:
            places += f'<div class="course-notebooks"><p>Or one by one:</p><ul>{"".join(notebooks)}</ul></div>'
        return [nodes.raw("", places, format="html")]

    def download(self, page: str, up: str) -> str:
        """Return a link that downloads the notebook of a chapter."""
        file, title = f"{page.rpartition('/')[2]}.ipynb", self.notebook(page).title
        return f'<a href="{up}_sources/{page}.ipynb" download="{file}">{escape(title)}</a>'


class Whole(SphinxDirective):
    """``{course-whole}``: links to the published book as one PDF and as a zip; nothing if it isn't published."""

    def run(self) -> list[nodes.Node]:
        """Return the sentence; its addresses are absolute, because only the published site contains the files."""
        base = practicing.addresses(Path(self.env.srcdir)).book
        if not base:
            return []
        sentence = nodes.paragraph("", "To read without a connection, take the book with you as ")
        for words, kind, after in (("one PDF", "pdf", ", or as "), ("a zip with all notebooks", "zip", ".")):
            sentence += [nodes.reference("", words, refuri=f"{base}/{practicing.WHOLE_BOOK}.{kind}"), nodes.Text(after)]
        return [sentence]


class Repository(SphinxDirective):
    """``{course-repository}``: a sentence on where the course's repository is."""

    def run(self) -> list[nodes.Node]:
        """Return the sentence."""
        address = practicing.addresses(Path(self.env.srcdir)).repository
        if not address:
            return [nodes.paragraph("", "Whoever gave you this book has the course’s repository.")]
        sentence = nodes.paragraph("", "The course’s repository is at ")
        sentence += [nodes.reference("", address, refuri=address), nodes.Text(".")]
        return [sentence]


class Commands(SphinxDirective):
    """``{course-sh}``: a block of commands for a terminal."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the block."""
        words = "\n".join(self.content).replace("{wheel}", practicing.wheel_name())
        return [nodes.literal_block(words, words, language="sh")]
