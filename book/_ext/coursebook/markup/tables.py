"""Write tables of numbers as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(heads: Iterable[str], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    """Return a scrolling HTML table of HTML cells, with a row's header first; ``kind`` is a class for style sheets."""
    head = "".join(f'<th scope="col">{words}</th>' for words in heads)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, *cells in rows
    )
    classes = f"table {kind}".strip()
    return scrolling(f'<table class="{classes}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def scrolling(made: str) -> str:
    """Return a table in a box that readers can scroll on a narrow page, even with the keyboard."""
    return f'<div class="pst-scrollable-table-container" tabindex="0">{made}</div>'
