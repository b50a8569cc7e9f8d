"""Test that a change without line numbers applies if it matches exactly once, and is rejected with advice if not."""

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.texts.variant_change import ChangeError, applied, hunks

TEXT = "def f(x):\n    y = x + 1\n    z = y * 2\n\n    y = x + 1\n    return z"


def change(old: list[str], new: list[str], context: int) -> str:
    """Return the change from one text to another, as hunks with at most this many lines around each difference."""
    _, _, _, *lines = difflib.unified_diff(old, new, n=context, lineterm="")
    return "\n".join("@@" if line.startswith("@@ ") else line for line in lines)


LINES = st.lists(st.sampled_from(["a", "  b", "", "c = 1", "-d", "+e", "@@"]), min_size=1, max_size=9)


@given(LINES, LINES)
def test_single_hunk_produces_the_new_text(old, new):
    if old == new or not any(line.strip() for line in old):
        return
    assert applied(change(old, new, context=9), "\n".join(old)) == "\n".join(new)


@given(st.permutations(["a", "b", "c", "d", "e", "f"]), st.data())
def test_separate_hunks_are_applied_together(old, data):
    kept = data.draw(st.lists(st.sampled_from(old[1:]), unique=True))
    new = [old[0], *(line if line not in kept else line.upper() for line in old[1:])]
    if new != old:
        assert applied(change(old, new, context=0), "\n".join(old)) == "\n".join(new)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("-    z = y * 2\n+    z = y * 3", TEXT.replace("* 2", "* 3")),
        ("-    z = y * 2", TEXT.replace("    z = y * 2\n", "")),
        (" def f(x):\n+    x = -x", TEXT.replace("f(x):\n", "f(x):\n    x = -x\n")),
        ("\n-    y = x + 1\n+    y = x - 1", TEXT[:40] + TEXT[40:].replace("x + 1", "x - 1")),
        ("-    return z\n+    return\n@@\n-def f(x):\n+def f(w):", TEXT.replace("f(x)", "f(w)").replace("n z", "n")),
    ],
)
def test_hunk_applies_at_its_old_lines(changed, expected):
    assert applied(changed, TEXT) == expected


@pytest.mark.parametrize(
    ("changed", "line", "words"),
    [
        ("-    y = x + 1", 0, "appears twice in the solution, starting with `y = x + 1`. Add a line of context"),
        ("-    z = y * 4", 0, "it has no line `z = y * 4`; the nearest lines are `z = y * 2`. Rewrite"),
        (
            "     y = x + 1\n-    z = y / 2",
            0,
            "has no line `z = y / 2`; the nearest lines are `y = x + 1`, `z = y * 2`",
        ),
        (" def f(x):\n-    z = y * 2", 0, "the lines of this hunk are not consecutive"),
        ("-    return z\n@@\n-    z = 1", 2, "it has no line `z = 1`"),
        (" def f(x):\n     y = x + 1\n+\n@@\n     y = x + 1\n-    z = y * 2", 4, "two hunks change the same line"),
        (" def f(x):", 0, "this hunk changes nothing"),
        ("-def f(x):\n@@", 2, "this hunk changes nothing"),
        ("+    w = 1", 0, "this hunk does not say where"),
        ("\n+    w = 1", 0, "this hunk does not say where"),
        ("-def f(x):\nreturn 1", 1, "`return 1` is not a line of a change. Begin it with `-`"),
        ("@@ -1,2 +1,2 @@\n-def f(x):", 0, "`@@ -1,2 +1,2 @@` is not a line of a change. Write `@@` alone"),
    ],
)
def test_invalid_change_is_reported_with_its_line(changed, line, words):
    with pytest.raises(ChangeError) as caught:
        applied(changed, TEXT)
    assert caught.value.line == line
    assert words in str(caught.value)


def test_hunks_are_read_in_order():
    first, second = hunks("-a\n+b\n@@\n c\n\n-d")
    assert (first.line, first.old, first.new) == (0, ("a",), ("b",))
    assert (second.line, second.old, second.new) == (3, ("c", "", "d"), ("c", ""))
