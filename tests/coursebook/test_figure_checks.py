"""Test which images without alternative text are found in HTML."""

import pytest

from coursebook.checks import figure_checks


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<p><img src="a.png" alt="a line"></p>', 0),
        ('<img src="a.png">', 1),
        ('<IMG SRC="a.png" ALT=" "/><img alt src="b.png">', 2),
        ("<img src='a.png' alt=\"it's a > b\">", 0),
        ("<!-- <img src='a.png'> -->", 0),
    ],
)
def test_images_without_alternative_text_are_found(html, count):
    assert len(figure_checks.silent_images(html)) == count
