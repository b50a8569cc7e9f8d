"""Reduce a style sheet to the classes that a site uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

import tinycss2
from tinycss2.ast import Node

NESTING = {"media", "supports", "layer", "container"}  # at-rules that contain rules
CHOICES = {"not", "is", "where", "has", "matches", "-webkit-any"}  # no class in their parentheses is required


def slimmed(sheet: str, used: Set[str]) -> str:
    """Return a style sheet without the rules that need a class that is not in `used`."""
    rules = tinycss2.parse_stylesheet(sheet, skip_whitespace=True)
    notices = [rule.serialize() for rule in rules if rule.type == "comment" and rule.value.startswith("!")]
    return "".join(dict.fromkeys(notices)) + escaped(_slimmed(rules, used))


def _slimmed(rules: Iterable[Node], used: Set[str]) -> str:
    kept = []
    for rule in rules:  # skip comments, and whatever a browser doesn't treat as a rule
        if rule.type == "at-rule":
            kept.append(_at_rule(rule, used))
        elif rule.type == "qualified-rule":
            matching = [one for one in _selectors(rule.prelude) if set(needed(one)) <= used]
            if matching:
                before = ",".join(tinycss2.serialize(one).strip() for one in matching)
                kept.append(f"{before}{{{tinycss2.serialize(rule.content).strip()}}}")
    return "".join(kept)


def _at_rule(rule: Node, used: Set[str]) -> str:
    before = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude).rstrip()}"
    if rule.content is None:
        return f"{before};"
    if rule.lower_at_keyword not in NESTING:
        return f"{before}{{{tinycss2.serialize(rule.content)}}}"
    inner = _slimmed(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True), used)
    return f"{before}{{{inner}}}" if inner else ""


def _selectors(prelude: list[Node]) -> list[list[Node]]:
    """Split a selector list at its commas; commas in brackets aren't tokens at this level."""
    found: list[list[Node]] = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def needed(selector: Iterable[Node]) -> Iterator[str]:
    """Yield the classes without which a selector cannot match anything."""
    dot = False
    for token in selector:
        if dot and token.type == "ident":
            yield token.value
        elif token.type == "function" and token.lower_name not in CHOICES:
            yield from needed(token.arguments)
        dot = token == "."


def escaped(css: str) -> str:
    """Return CSS in ASCII, with other characters escaped, so that no wrong encoding can garble them."""
    # A space ends an escape if the next character could be read as part of it.
    return re.sub(
        r"([^\x00-\x7f])(?=([0-9A-Fa-f\s])?)", lambda found: f"\\{ord(found[1]):x}{' ' if found[2] else ''}", css
    )


def classes(sheet: str) -> Iterator[str]:
    """Yield every class that a style sheet names anywhere; the unit in ``.5em`` doesn't count as a class."""
    dot = False
    for token in _tokens(tinycss2.parse_component_value_list(sheet)):
        if dot and token.type == "ident":
            yield token.value
        dot = token == "."


def quoted(sheet: str) -> Iterator[str]:
    """Yield the quoted strings in a style sheet, with escapes decoded."""
    tokens = _tokens(tinycss2.parse_component_value_list(sheet))
    yield from (token.value for token in tokens if token.type == "string")


def _tokens(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield all tokens in order, including those in brackets and blocks."""
    for node in nodes:
        yield node
        yield from _tokens(getattr(node, "content", None) or getattr(node, "arguments", None) or ())
