"""Test personal constants: how they are declared, and how one value replaces another in a text."""

from pathlib import Path

import pytest

from autograder import constants
from autograder.constants import MOST
from autograder.model import Constant
from autograder.texts import text
from tests.personal_class import PERSONAL

EPS = (Constant("eps", ("1e-5", "1e-4")), Constant("kernel", ("(3, 5)", "(5, 3)")))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f(x, eps=1e-5)", "f(x, eps=1e-4)"),
        ("It is 1e-5.", "It is 1e-4."),
        ("-1e-5, $1e-5$", "-1e-4, $1e-4$"),
        ("1e-50 + 11e-5 + 1e-5.5 + x1e-5", "1e-50 + 11e-5 + 1e-5.5 + x1e-5"),
        ("kernel_size=(3, 5)", "kernel_size=(5, 3)"),
    ],
)
def test_value_is_replaced_where_it_is_whole(source: str, expected: str) -> None:
    assert constants.put_in(source, EPS, 1) == expected
    assert constants.put_in(expected, EPS, 0, instead_of=1) == source


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("factor", "is not a personal constant: write"),
        ("factor=0.5", "is not a personal constant: write"),
        ("factor=0.5 |", "is not a personal constant: write"),
        ("2x=0.5 | 0.25", "is not a personal constant: write"),
        ("factor=0.5 | 0.5", "the value 0.5 is listed twice"),
        ("factor=2 | 3", "the value 2 could be any number"),
        ("factor=0.5 | 0.25; other=0.7 | 0.8 | 0.9", "list as many values"),
        ("factor=0.75 | 0.25", "does not contain 0.75, the first value of factor"),
        ("factor=0.5 | 2.0", "already contains 2.0, another value of factor"),
        ("answer=2.0 | 3.0", "a copied answer would be right"),
        (f"factor=0.5 | {' | '.join(f'0.0{n}' for n in range(MOST))}", f"has {MOST + 1} editions, and at most {MOST}"),
    ],
)
def test_author_mistake_is_reported_with_its_line(mark: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "text.md"
    path.write_text(PERSONAL.replace("factor=0.5 | 0.25 | 0.75", mark))
    with pytest.raises(text.ChapterError) as raised:
        text.read(path)
    assert said in raised.value.message
    assert path.read_text().split("\n")[raised.value.line - 1] == "def halved(x):"


def test_mark_without_a_solution_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.md"
    path.write_text(PERSONAL.replace(":test: halved", ":test: halved\n:personal: factor=0.5 | 0.25"))
    with pytest.raises(text.ChapterError, match=":personal: belongs on a solution cell"):
        text.read(path)
