"""The page of names that changed: each row does what it says, under the torch of the course."""

from __future__ import annotations

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
    """One row: what is written, what it does and what it should be instead."""

    old: tuple[str, ...]
    does: str  # "raises", "warns" or "runs"
    kind: str  # of the exception or the warning
    new: tuple[str, ...]


def codes(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler = optim.lr_scheduler.StepLR(optimizer, 1)
    return {
        **{"torch": torch, "nn": nn, "F": F, "optim": optim, "layer": layer, "optimizer": optimizer},
        **{"x": torch.randn(4, 3), "image": torch.randn(1, 3, 8, 8), "loss": torch.tensor(0.5)},
        **{"scheduler": scheduler, "path": tmp_path / "run.pt"},
    }


def together(row: Row) -> list[tuple[str, ...]]:
    """Return what is run by itself: each spelling, or all of them where a row says what comes after what."""
    in_order = any(code.startswith(("layer.zero_grad", "scheduler.step")) for code in row.old)
    return [row.old] if in_order else [(code,) for code in row.old]


def run(lines: tuple[str, ...], names: dict[str, Any]) -> list[str]:
    """Run lines one after the other and return the kinds of warnings that came, or the exception's and nothing else."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            for code in lines:
                exec(code, names)
        except Exception as error:
            return [f"raises {type(error).__name__}"]
    return [one.category.__name__ for one in said]


ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.old[0])
def test_what_an_older_text_writes_does_what_the_page_says(row, tmp_path):
    for lines in together(row):
        found = run(lines, room(tmp_path))
        if row.does == "raises":
            assert found == [f"raises {row.kind}"]
        elif row.does == "warns":
            assert row.kind in found
        else:
            assert found == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.old[0])
def test_what_the_page_advises_runs_without_a_warning(row, tmp_path):
    lines = tuple(code for code in row.new if "torchao" not in code)
    assert run(lines, room(tmp_path)) == []


def test_the_page_names_the_torch_that_its_rows_were_run_under():
    pinned = re.search(r"^torch==(\d+\.\d+)", (ROOT / "requirements-torch.txt").read_text(), re.MULTILINE)[1]
    assert f"the torch that the course uses, {pinned}:" in PAGE
    assert len(ROWS) > 40


def test_what_is_said_beside_the_rows():
    tensor = torch.ones(2)
    assert type(torch.autograd.Variable(tensor)) is torch.Tensor
    assert torch.Tensor([1, 2]).dtype == torch.float32
    assert torch.Tensor(5).shape == (5,)
    for axes, guessed in [(1, 0), (2, 1), (3, 0), (4, 1)]:
        x = torch.randn((2,) * axes)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert torch.equal(F.softmax(x), F.softmax(x, dim=guessed))
