"""Check how readers of the built book find the answers to fifty lookups.

`tests/look_ups.yml` lists the lookups. There are two routes to an answer. The first is a query, which succeeds if the
section is among the first three hits on the search page. The second consists of two clicks: one on the layer index in
the sidebar, and then one on a link in the index. It succeeds if the link is in one of the first three rows that match
the index's filter.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import yaml

from authoring.book.leaks import INDEX, handed_over
from authoring.book.weigh import chromium, served

LIST, KEPT, TABLE = "tests/look_ups.yml", "benchmarks/look_ups.json", "benchmarks/look_ups.md"
FIRST = 3  # hits or rows that a reader checks
SEARCH, LAYERS = "search.html", "book/layer_index.html"
PLAIN = str.maketrans("‘’“”", "''\"\"")  # pages have curly quotes, but the list has those of a keyboard

# The hits of the search page, once it has answered.
ANSWERED = """() => document.querySelector("#search-said")?.textContent"""
HITS = """() => [...document.querySelectorAll("#search-hits > li > a")].map(link => link.href)"""
ROWS = """() => [...document.querySelectorAll("table.layer-index tr[id]")].filter(row => row.checkVisibility())
    .map(row => [...row.querySelectorAll("td a")].map(link => link.href))"""


@dataclass(frozen=True)
class LookUp:
    """What a reader types, where the question comes from, and the sections that answer it ("pooling/Max pooling")."""

    query: str
    origin: str
    at: tuple[str, ...]
    index: str = ""  # what is typed into the layer index; "" if no one would look there


@dataclass(frozen=True)
class Route:
    """The numbers of the first search hit and the first index row that lead to an answer; 0 if none does."""

    query: str
    hit: int
    row: int
    place: str  # the section that it found

    @property
    def arrived(self) -> bool:
        """Whether a reader finds the section."""
        return bool(self.hit or self.row)

    @property
    def way(self) -> str:
        """The route in words."""
        ways = [f"hit {self.hit} of the search"] if self.hit else []
        ways += [f"layer index, row {self.row}"] if self.row else []
        return "; ".join(ways) or "—"


def load(root: Path) -> list[LookUp]:
    """Return the fifty lookups in `tests/look_ups.yml`."""
    given = yaml.safe_load((root / LIST).read_text(encoding="utf-8"))
    return [LookUp(one["query"], one["from"], tuple(one["at"]), one.get("index", "")) for one in given]


def sections(site: Path) -> dict[str, str]:
    """Return the address of each section of each chapter, by name ("pooling/Max pooling: the wettest village")."""
    content = handed_over(site / INDEX)
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


def routes(look_ups: list[LookUp], site: Path, told: Callable[[Route], None]) -> list[Route]:
    """Try every lookup in a built book, using the local Chromium; call ``told`` with each route, and return the routes.

    Raises:
        PageError: if there is no Chromium.
        LookupError: if a section is not in the book.
    """
    with chromium() as browser:
        return taken_in(browser, look_ups, site, told)


def taken_in(browser: Any, look_ups: list[LookUp], site: Path, told: Callable[[Route], None]) -> list[Route]:
    """Try every lookup in a running browser, calling ``told`` with each route, and return the routes."""
    known, found = sections(site), []
    with served(site) as address, browser.new_page() as search, browser.new_page() as index:
        search.goto(f"{address}{SEARCH}")
        index.goto(f"{address}{LAYERS}")
        for look_up in look_ups:
            hits = searched(search, address, look_up.query)
            rows = filtered(index, address, look_up.index) if look_up.index else []
            found.append(route(look_up, addresses(look_up, known), hits, rows))
            told(found[-1])
    return found


def route(look_up: LookUp, wanted: set[str], hits: list[str], rows: list[list[str]]) -> Route:
    """Return the route that hits of the search, or rows of the index, give to the addresses that answer a lookup."""
    hit = next((n for n, place in enumerate(hits[:FIRST], start=1) if place in wanted), 0)
    row = next((n for n, places in enumerate(rows[:FIRST], start=1) if wanted & set(places)), 0)
    reached = [hits[hit - 1]] if hit else sorted(wanted & set(rows[row - 1])) if row else []
    return Route(look_up.query, hit, row, "".join(reached[:1]))


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


# -- the table --------------------------------------------------------------------------------------------------------


def keep(root: Path, taken: list[Route]) -> None:
    """Save the routes, and write their table."""
    (root / KEPT).write_text(json.dumps([asdict(one) for one in taken], indent=1, ensure_ascii=False) + "\n", "utf-8")
    (root / TABLE).write_text(table(load(root), taken), "utf-8")


def table(look_ups: list[LookUp], taken: list[Route]) -> str:
    """Return the routes as a Markdown table."""
    lines = [
        "# Fifty lookups and their routes",
        "",
        f"`python -m authoring look-ups` tries them. Reached: {sum(one.arrived for one in taken)} of {len(taken)}. A "
        f"route is one query with a section that answers it among the first {FIRST} hits, or two clicks: the layer "
        f"index, and a link in one of the first {FIRST} rows that match its filter.",
        "",
        "| typed | from | route | section |",
        "|---|---|---|---|",
    ]
    by_query = {one.query: one for one in taken}
    for one in look_ups:
        found = by_query[one.query]
        section = found.place.rpartition("/")[2].replace(".html", "")
        lines.append(f"| `{one.query}` | {one.origin} | {found.way} | {section} |")
    return "\n".join(lines) + "\n"
