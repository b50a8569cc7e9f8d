"""Test that each row on the page of changed names is true for the course's version of torch."""

import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn, optim

from tests.root import ROOT

PAGE = (ROOT / "book" / "names.md").read_text(encoding="utf-8")
TODAY = re.compile(r"(raises|warns|runs)(?: `(\w+)`)?")


@dataclass(frozen=True)
class Row:
    """A row of the page: the old code, what the old code does today, and the new code."""

    old: tuple[str, ...]
    does: str  # "raises", "warns", or "runs"
    kind: str  # name of the exception or warning class
    new: tuple[str, ...]


def rows() -> list[Row]:
    found = []
    for line in PAGE.splitlines():
        if line.startswith("| `"):
            old, new, today = (cell.strip() for cell in line.strip("|").split(" | "))
            does, kind = TODAY.match(today).groups()
            found.append(
                Row(tuple(re.findall(r"`([^`]+)`", old)), does, kind or "", tuple(re.findall(r"`([^`]+)`", new)))
            )
    return found


def room(tmp_path) -> dict[str, Any]:
    layer = nn.Linear(3, 2)
    optimizer = optim.SGD(layer.parameters(), lr=0.1)
    torch.save({"loss": np.float64(0.5)}, tmp_path / "run.pt")
    with warnings.catch_warnings(action="ignore"):
        scheduler = optim.lr_scheduler.StepLR(optimizer, 1)
    return {
        **{"torch": torch, "nn": nn, "F": F, "optim": optim, "layer": layer, "optimizer": optimizer},
        **{"x": torch.randn(4, 3), "image": torch.randn(1, 3, 8, 8), "loss": torch.tensor(0.5)},
        **{"scheduler": scheduler, "path": tmp_path / "run.pt"},
    }


def together(row: Row) -> list[tuple[str, ...]]:
    """Return the groups of lines that run together: single lines, unless the row is about their order."""
    in_order = any(code.startswith(("layer.zero_grad", "scheduler.step")) for code in row.old)
    return [row.old] if in_order else [(code,) for code in row.old]


def run(lines: tuple[str, ...], names: dict[str, Any]) -> list[str]:
    """Run lines in order; return the names of their warning classes, or only "raises" and an exception's name."""
    with warnings.catch_warnings(record=True, action="always") as said:
        try:
            for code in lines:
                exec(code, names)
        except Exception as error:
            return [f"raises {type(error).__name__}"]
    return [one.category.__name__ for one in said]


ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.old[0])
def test_old_code_behaves_as_the_page_says(row, tmp_path):
    for lines in together(row):
        found = run(lines, room(tmp_path))
        if row.does == "raises":
            assert found == [f"raises {row.kind}"]
        elif row.does == "warns":
            assert row.kind in found
        else:
            assert found == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.old[0])
def test_new_code_runs_without_warning(row, tmp_path):
    lines = tuple(code for code in row.new if "torchao" not in code)
    assert run(lines, room(tmp_path)) == []


def test_page_names_the_pinned_torch_version():
    pinned = re.search(r"^torch==(\d+\.\d+)", (ROOT / "requirements-torch.txt").read_text(), re.MULTILINE)[1]
    assert f"the version of torch that the course uses, {pinned}:" in PAGE
    assert len(ROWS) > 40


def test_statements_outside_the_table_are_true():
    tensor = torch.ones(2)
    assert type(torch.autograd.Variable(tensor)) is torch.Tensor
    assert torch.Tensor([1, 2]).dtype == torch.float32
    assert torch.Tensor(5).shape == (5,)
