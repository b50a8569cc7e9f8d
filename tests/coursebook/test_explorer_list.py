"""Test that the explorer list covers every notebook, including new chapters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docutils import nodes

from coursebook import notebooks
from coursebook.pages import explorer_list
from layerlab.explorers.code import kinds
from tests.root import ROOT

pytestmark = pytest.mark.course

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_explorer_has_a_link_target(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    notebook = notebooks.of_page(path.parent, path.stem)
    found = list(explorer_list.explorers(notebook))
    shown = [
        name
        for cell in notebook.content["cells"]
        for output in cell.get("outputs", [])
        for name in re.findall(r"Explorer\('(\w+)'\)", "".join(output.get("data", {}).get("text/plain", "")))
    ]
    assert [explorer.name for explorer in found] == shown
    assert len(set(shown)) == len(shown), "two explorers of a page have one name, and share an address"
    for explorer in found:
        assert text.count(f'id=\\"explorer-{explorer.name}\\"') == 1
        assert explorer.question.endswith("?")
        assert explorer.controls


def test_explorer_page_has_one_of_each_kind() -> None:
    text = (ROOT / "notebooks" / "explorers" / "explorers.ipynb").read_text(encoding="utf-8")
    found = set(re.findall(r'"kind": "(\w+)"', text))
    assert set(kinds()) - found == {"plane"}, "the plane is in linear"


def test_entry_links_question_and_names_controls() -> None:
    found = [explorer_list.Explorer("bend", "Does it bend?", ("turn", "squeeze"))]
    item = explorer_list._chapter("Linear", "../linear/linear.html", found)
    (link,) = item.findall(nodes.reference)
    assert link["refuri"] == "../linear/linear.html#explorer-bend"
    assert item.astext().split("\n\n") == ["Linear", "Does it bend? Move turn, squeeze."]
