"""Test how readers of the built book find the answers to what they look up.

`tests/look_ups.yml` lists fifty lookups. There are two routes to an answer. The first is a query, which succeeds if the
section is among the first three hits on the search page. The second consists of two clicks: one on the layer index in
the sidebar, and then one on a link in the index. It succeeds if the link is in one of the first three rows that match
the index's filter. For those in `tests/look_ups_taught.yml`, the query's first hit must be a section that explains.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest
import yaml

from authoring.book.leaks import INDEX
from tests.browser.visits import SITE
from tests.root import ROOT

SEARCH, LAYERS = "search.html", "book/layer_index.html"
PLAIN = str.maketrans("‘’“”", "''\"\"")  # pages have curly quotes, but the list has those of a keyboard

# The hits of the search page, once it has answered.
ANSWERED = """() => document.querySelector("#search-said")?.textContent"""
HITS = """() => [...document.querySelectorAll("#search-hits > li > a")].map(link => link.href)"""
ROWS = """() => [...document.querySelectorAll("table.layer-index tr[id]")].filter(row => row.checkVisibility())
    .map(row => [...row.querySelectorAll("td a")].map(link => link.href))"""


@dataclass(frozen=True)
class LookUp:
    """What a reader types, and the sections that answer it ("pooling/Max pooling")."""

    query: str
    at: tuple[str, ...]
    index: str = ""  # what is typed into the layer index; "" if no one would look there


def load(path: Path) -> list[LookUp]:
    """Return the lookups in a file."""
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [LookUp(one["query"], tuple(one["at"]), one.get("index", "")) for one in given]


def sections(site: Path) -> dict[str, str]:
    """Return the address of each section of each chapter, by name ("pooling/Max pooling: the wettest village")."""
    script = (site / INDEX).read_text(encoding="utf-8")
    content = json.loads(script.partition("(")[2].rpartition(")")[0])
    pages = [Path(name) for name, _ in content["pages"]]
    return {
        f"{pages[number].name}/{title.translate(PLAIN)}": f"{pages[number]}.html#{anchor}"
        for number, anchor, title, *_ in content["entries"]
        if pages[number].parts[0] == "notebooks"
    }


def addresses(look_up: LookUp, known: dict[str, str]) -> set[str]:
    """Return the addresses of the sections that answer a lookup.

    Raises:
        LookupError: if a section is missing because no heading in the book equals its name or begins with it.
    """
    found = set()
    for wanted in look_up.at:
        fitting = {place for title, place in known.items() if title == wanted or title.startswith(f"{wanted}:")}
        if not fitting:
            raise LookupError(f"{look_up.query!r}: there is no section {wanted!r}")
        found |= fitting
    return found


def missed(browser: Any, look_ups: list[LookUp], address: str, first: int) -> list[str]:
    """Try every lookup in the served book; return the queries for which neither route leads to an answer.

    A reader checks the ``first`` hits or rows.
    """
    known, found = sections(SITE), []
    with browser.new_page() as search, browser.new_page() as index:
        search.goto(f"{address}{SEARCH}")
        index.goto(f"{address}{LAYERS}")
        for look_up in look_ups:
            reached = set(searched(search, address, look_up.query)[:first])
            if look_up.index:
                reached = reached.union(*filtered(index, address, look_up.index)[:first])
            if not reached & addresses(look_up, known):
                found.append(look_up.query)
    return found


def searched(tab: Any, address: str, query: str) -> list[str]:
    """Return the addresses of the hits that an open search page shows for a query, in order."""
    for typed in ("", query):  # an empty query removes the last answer
        tab.fill("#search-words", typed)
        tab.press("#search-words", "Enter")
    tab.wait_for_function(ANSWERED)
    return [_in_site(link, address) for link in tab.evaluate(HITS)]


def filtered(tab: Any, address: str, typed: str) -> list[list[str]]:
    """Return the addresses of the links in each row that an open layer index shows for a filter."""
    tab.fill("#index-filter", typed)
    return [[_in_site(link, address) for link in links] for links in tab.evaluate(ROWS)]


def _in_site(link: str, address: str) -> str:
    page, anchor = urldefrag(unquote(link).removeprefix(address))
    return f"{page.partition('?')[0]}#{anchor}"


@pytest.mark.parametrize(
    ("file", "count", "first", "enough"), [("look_ups", 50, 3, 45), ("look_ups_taught", 24, 1, 22)]
)
def test_enough_lookups_reach_their_target(chromium, book, file, count, first, enough):
    wanted = load(ROOT / f"tests/{file}.yml")
    assert len(wanted) == count
    missed_ = missed(chromium, wanted, book, first)
    assert count - len(missed_) >= enough, missed_
