"""Show results as HTML that uses the page's own colors and loads no other files, and as plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from layerlab.scoring.exercise_file import ScoredClaim
from layerlab.scoring.result import LostClaim, Scored, Stage

_RULE = "border-bottom:1px solid rgba(128,128,128,.5);text-align:left;vertical-align:top;padding:.3em .8em .3em 0"
_HOLDS, _LOST = "holds", "lost"
_CODE = r"(`[^`\n]+`)"


class Shown:
    """Something that Jupyter shows as HTML, and everything else as text."""

    def __init__(self, text: str, page: str) -> None:
        self._text, self._page = text, page

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return self._page


def exercise(scored: Scored) -> Shown:
    """Show the result of one exercise: one line if nothing is lost, and otherwise a table of its claims."""
    line = summary(scored)
    if scored.stage is not Stage.LOST:
        return Shown(line, f"<p>{prose(line)}</p>")
    lost = {one.claim.name: one for one in scored.lost}
    text = [line]
    for claim in scored.claims:
        text.append(f"  {_state(claim, lost):<6} {_points(claim.points):<9} {claim.name}")
        text += [f"      {_plain(sentence)}" for sentence in _sentences(lost.get(claim.name))]
    rows = "".join(_claim_row(claim, lost) for claim in scored.claims)
    table = _table(("claim", "points", "result"), rows, "Claims of this exercise")
    return Shown("\n".join(text), f"<div><p><strong>{prose(line)}</strong></p>{table}</div>")


def points(results: Sequence[Scored]) -> Shown:
    """Show the results of a notebook: a table of exercises, what is lost and why, and the next exercise."""
    earned, total = (sum(getattr(one, name) for one in results) for name in ("earned", "points"))
    line = f"{earned} of {total} points"
    begun = [one for one in results if one.is_begun]
    others = [one for one in results if not one.is_begun]
    ending = [f"Not begun: {'; '.join(one.title for one in others)}."] if others else []
    ending += [next_exercise(results)]
    text = [line, *(f"  {f'{one.earned} of {one.points}':<9} {one.title}: {one.stage}" for one in begun)]
    for one in begun:
        for lost in one.lost:
            text += [f"\n{one.title}, {lost.claim.name}", *(f"  {_plain(sentence)}" for sentence in _sentences(lost))]
    rows = "".join(_row(one.title, f"{one.earned} of {one.points}", one.stage) for one in begun)
    parts = [f"<p><strong>{line}</strong></p>"]
    parts += [_table(("exercise", "points", "state"), rows, "Exercises that you have begun")] if begun else []
    for one in (one for one in begun if one.lost):
        reasons = "".join(f"<li>{prose(lost.claim.name)}{_list(_sentences(lost))}</li>" for lost in one.lost)
        parts.append(f"<details open><summary>{prose(one.title)}</summary><ul>{reasons}</ul></details>")
    parts += [f"<p>{prose(sentence)}</p>" for sentence in ending]
    return Shown("\n".join([*text, "", *ending]), f"<div>{''.join(parts)}</div>")


def summary(scored: Scored) -> str:
    """Return one line about an exercise."""
    if scored.stage is Stage.UNDEFINED:
        return f"{scored.title}: there is no `{scored.missing}` yet; run the cell with your answer, then this one"
    if scored.stage is Stage.FORBIDDEN:
        return f"0 of {scored.points} points; not allowed: {scored.forbidden}"
    if scored.stage in (Stage.SOLVED, Stage.LOST):
        return f"{scored.earned} of {scored.points} points"
    return f"{scored.title}: {scored.stage}"


def next_exercise(results: Sequence[Scored]) -> str:
    """Name the next exercise: core before others, begun ones first."""
    left = [one for one in results if one.stage is not Stage.SOLVED]
    left.sort(key=lambda one: (one.tier != "core", not one.is_begun))
    return f"Next: {left[0].title}, {left[0].stage}." if left else "Every exercise of this notebook is solved."


def prose(text: str) -> str:
    """Return a sentence as HTML in which only `backticks` and **stars** are markup; Jupyter draws $formulas$."""
    parts = re.split(_CODE, html.escape(text))
    parts[1::2] = [f"<code>{code[1:-1].replace('*', '&#42;')}</code>" for code in parts[1::2]]
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", "".join(parts))


def _sentences(lost: LostClaim | None) -> list[str]:
    if lost is None:
        return []
    return [*lost.reasons, *(f"The statement asks: {bullet}" for bullet in lost.claim.bullets)]


def _plain(text: str) -> str:
    """Return a sentence without the stars that mark bold words outside code."""
    parts = re.split(_CODE, text)
    parts[::2] = [part.replace("**", "") for part in parts[::2]]
    return "".join(parts)


def _claim_row(claim: ScoredClaim, lost: dict[str, LostClaim]) -> str:
    """Return a row, and below it a row as wide as the table for why the claim is lost."""
    row = _row(claim.name, str(claim.points), _state(claim, lost))
    reasons = _list(_sentences(lost.get(claim.name)))
    return f'{row}<tr><td colspan="3" style="{_RULE}">{reasons}</td></tr>' if reasons else row


def _row(name: str, *cells: str) -> str:
    others = "".join(f'<td style="{_RULE}">{cell}</td>' for cell in cells)
    return f'<tr><th scope="row" style="{_RULE};font-weight:normal">{prose(name)}</th>{others}</tr>'


def _state(claim: ScoredClaim, lost: dict[str, LostClaim]) -> str:
    return _LOST if claim.name in lost else _HOLDS


def _points(number: int) -> str:
    return f"{number} point" if number == 1 else f"{number} points"


def _list(sentences: Iterable[str]) -> str:
    rows = "".join(f"<li>{prose(sentence)}</li>" for sentence in sentences)
    return f'<ul style="margin:.2em 0">{rows}</ul>' if rows else ""


def _table(columns: Sequence[str], rows: str, caption: str) -> str:
    head = "".join(f'<th scope="col" style="{_RULE}">{name}</th>' for name in columns)
    return (
        f'<table style="border-collapse:collapse"><caption style="text-align:left">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )
