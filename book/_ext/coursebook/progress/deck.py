"""Write all quiz questions as an Anki package; the same questions always give the same bytes.

Each card is identified by its question's name, which is the same in every build, so Anki keeps the card's history when
you import the package again.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import genanki
from bs4 import BeautifulSoup
from sphinx.application import Sphinx

from coursebook.progress.works import Question, Works, of_book

FILE = "layer-by-layer.apkg"
MADE = 1_600_000_000.0  # the same time for all builds, in seconds
OLDEST = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can store

STYLE = """.card { font: 18px/1.5 system-ui, sans-serif; max-width: 40em; margin: auto; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
ol { padding-left: 1.5em; } .right { font-weight: bold; }"""
LETTERS = "abcdefgh"


def write(app: Sphinx) -> None:
    """Write the package into the site."""
    Path(app.outdir, "_static", FILE).write_bytes(package(of_book(app), app.config.project))


def package(found: Iterable[Works], title: str) -> bytes:
    """Return a package with a deck for each chapter, below a deck called ``title``."""
    model = genanki.Model(
        _number(f"{title}: model"),
        f"{title}: a question with options",
        fields=[{"name": "Question"}, {"name": "Options"}, {"name": "Reasons"}],
        templates=[{"name": "Quiz", "qfmt": "{{Question}}{{Options}}", "afmt": "{{FrontSide}}<hr>{{Reasons}}"}],
        css=STYLE,
    )
    decks = []
    for one in found:
        deck = genanki.Deck(_number(f"{title}: {one.chapter}"), f"{title}::{one.title}")
        for question in one.questions:
            guid = genanki.guid_for(title, one.chapter, question.name)
            deck.add_note(genanki.Note(model=model, fields=fields(question), tags=[one.chapter], guid=guid))
        decks += [deck] if deck.notes else []
    made = io.BytesIO()
    genanki.Package(decks).write_to_file(made, timestamp=MADE)
    return _packed(made)


def fields(question: Question) -> list[str]:
    """Return a card's fields: the question, the options, and which option is right and why."""
    options = "".join(f"<li>{plain(option.words)}</li>" for option in question.options)
    reasons = "".join(
        f"<li{' class=right' if option.is_right else ''}>{plain(option.reason)}</li>" for option in question.options
    )
    return [plain(question.asked), f'<ol type="a">{options}</ol>', f'<ol type="a">{reasons}</ol>']


def plain(html: str) -> str:
    """Convert a page's HTML for a card: formulas become TeX, which Anki typesets, and links become plain words."""
    soup = BeautifulSoup(html, "html.parser")
    for formula in soup.find_all("mjx-container"):
        opens, closes = (r"\[", r"\]") if formula.get("display") == "true" else (r"\(", r"\)")
        (formula.find_parent(class_="math") or formula).replace_with(f"{opens}{formula['data-tex']}{closes}")
    for link in soup.find_all("a"):
        link.unwrap()
    for tag in soup.find_all(True):
        tag.attrs = {}
    return re.sub(r"\s*\n\s*", "\n" if soup.find("pre") else " ", str(soup)).strip()


def _number(words: str) -> int:
    """Return an Anki id that is a hash of these words, so that it never changes."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4], "big") // 2 + (1 << 30)


def _packed(made: io.BytesIO) -> bytes:
    """Return genanki's zip, compressed and without creation times."""
    packed = io.BytesIO()
    with zipfile.ZipFile(made) as loose, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as tight:
        for name in loose.namelist():
            tight.writestr(zipfile.ZipInfo(name, OLDEST), loose.read(name), zipfile.ZIP_DEFLATED, 9)
    return packed.getvalue()
