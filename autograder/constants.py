"""Read and replace personal constants: values in an exercise that can differ between the students of a class.

The class file turns personal constants on. A mark on an exercise's solution cell declares the exercise's constants:

    :personal: eps=1e-5 | 1e-4 | 1e-3; example=0.7 | 0.6 | 0.5

The first value of each constant is the one in the public course, where it is ordinary text in the statement, the
answers, the tests, and the hints. The second edition of the exercise uses the second value of every constant, and so
on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import prod

from autograder.model import Constant, Exercise

MOST = 8  # editions of a chapter, because the reference runs once for each of them


def declared(mark: str, section: str, statement: str, answer: str) -> tuple[Constant, ...]:
    """Return the constants that a mark declares.

    Args:
        mark: the text of the mark.
        section: the exercise's whole text.
        statement: the part of the section that tells a student what to write.
        answer: the part of the section that a student does not receive but could copy from another student.

    Raises:
        ValueError: if the mark is invalid, or the exercise cannot have these values.
    """
    found = tuple(_constant(part) for part in mark.split(";"))
    values = [value for constant in found for value in constant.values]
    if len({len(constant.values) for constant in found}) > 1:
        raise ValueError("list as many values for each personal constant: the n-th values belong together")
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"the value {value} is listed twice")
        if value.isdigit():
            raise ValueError(f"the value {value} could be any number in the text: list it with what surrounds it")
    for constant in found:
        first, *others = constant.values
        if not _is_in(section, first):
            raise ValueError(f"the exercise does not contain {first}, the first value of {constant.name}")
        for value in others:
            if _is_in(section, value):
                raise ValueError(f"the exercise already contains {value}, another value of {constant.name}")
    if not any(_is_in(statement, one.values[0]) and _is_in(answer, one.values[0]) for one in found):
        raise ValueError("a copied answer would be right: one constant must be in the statement and in the solution")
    return found


def _constant(part: str) -> Constant:
    name, _, listed = part.partition("=")
    values = tuple(value.strip() for value in listed.split("|"))
    if not name.strip().isidentifier() or len(values) < 2 or not all(values):
        raise ValueError(f"{part.strip()!r} is not a personal constant: write eps=1e-5 | 1e-4")
    return Constant(name.strip(), values)


def require_few(constants: Sequence[Sequence[Constant]]) -> None:
    """Check that a chapter has at most `MOST` editions.

    Args:
        constants: the constants of each exercise that has any.

    Raises:
        ValueError: if the chapter has more than `MOST` editions.
    """
    count = prod(len(of_one[0].values) for of_one in constants)
    if count > MOST:
        raise ValueError(f"the chapter has {count} editions, and at most {MOST} are allowed: list fewer values")


def stored(constants: Sequence[Constant]) -> dict[str, list[str]]:
    """Return constants in the form in which a notebook's metadata stores them."""
    return {constant.name: list(constant.values) for constant in constants}


def kept(stored: Mapping[str, Sequence[str]]) -> tuple[Constant, ...]:
    """Return the constants that a notebook's metadata stores."""
    return tuple(Constant(name, tuple(values)) for name, values in stored.items())


def put_in(source: str, constants: Sequence[Constant], edition: int, instead_of: int = 0) -> str:
    """Return a text with the values of one edition replaced by those of another.

    Args:
        edition: the edition whose values the result contains.
        instead_of: the edition whose values ``source`` contains.
    """
    new = {constant.values[instead_of]: constant.values[edition] for constant in constants}
    return _pattern(new).sub(lambda found: new[found[0]], source) if new else source


def said(exercise: Exercise, edition: int) -> str:
    """Describe the constants that the answer uses in one edition, such as "`eps` is 1e-4"."""
    asked = [one for one in exercise.personal if _is_in(exercise.solution, one.values[exercise.edition or 0])]
    return " and ".join(f"`{constant.name}` is {constant.values[edition]}" for constant in asked)


def _is_in(text: str, value: str) -> bool:
    return bool(_pattern([value]).search(text))


def _pattern(values: Sequence[str] | Mapping[str, str]) -> re.Pattern[str]:
    """Return a pattern that matches these values, except inside a longer number or name."""
    any_of = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
    return re.compile(rf"(?<![\w.])(?:{any_of})(?!\w|\.\d)")
