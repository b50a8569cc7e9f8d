"""Test what the capstone on images says about torch."""

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from layerlab.graded.laws import small_pictures
from tests.said.tried import close, tries

said = tries("capstone_cnn")


@said("The mean image is therefore the same gray for every class.")
def mean_pictures_of_the_classes_agree() -> None:
    pictures, kinds = small_pictures(torch.Generator().manual_seed(3))(6000)
    for kind in range(5):
        mean = pictures[kinds == kind].float().mean((0, 1))
        assert (mean - 128).abs().max() < 5


@said("A batch norm layer has $2C$ parameters and $2C + 1$ numbers in buffers.")
@tries("from_paper")("Each batch norm has five entries: weight, bias, running mean, running variance, and a counter.")
def numbers_of_a_batch_norm() -> None:
    for channels in (1, 7):
        norm = nn.BatchNorm2d(channels)
        assert sum(p.numel() for p in norm.parameters()) == 2 * channels
        assert sum(b.numel() for b in norm.buffers()) == 2 * channels + 1
        assert " ".join(norm.state_dict()) == "weight bias running_mean running_var num_batches_tracked"


@said("If the last batch has a single image and its feature map has shrunk to 1×1, batch norm raises an error.")
def a_batch_norm_wants_more_than_one_number() -> None:
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        nn.BatchNorm2d(3)(torch.zeros(1, 3, 1, 1))
    nn.BatchNorm2d(3)(torch.zeros(1, 3, 1, 2))
    nn.BatchNorm2d(3).eval()(torch.zeros(1, 3, 1, 1))


@said("The convolutions need no bias because the batch norm layer after them has one.")
@tries("from_paper")("A convolution before a batch norm has no bias, because the batch norm would cancel it.")
def a_batch_norm_subtracts_the_bias_in_front_of_it() -> None:
    conv, norm = nn.Conv2d(2, 3, 3).double(), nn.BatchNorm2d(3).double()
    x = torch.randn(4, 2, 6, 7, dtype=torch.float64)
    before = norm(conv(x))
    with torch.no_grad():
        conv.bias += 100
    assert close(norm(conv(x)), before, 1e-9)


@said(
    "Yes: first the norm's weight moves away from 0, and from the next step on, the convolutions get a gradient",
    "Then the output of the body is 0 at the beginning, and each block only applies its shortcut (and the last ReLU).",
)
@tries("from_paper")(
    "The convolutions inside the pair get no gradient in the first step, since what they compute is multiplied by "
    "zero. The weight of the norm does get one"
)
def a_norm_at_zero_wakes_up_in_one_step() -> None:
    torch.manual_seed(0)
    conv, norm = nn.Conv2d(2, 2, 3, padding=1, bias=False), nn.BatchNorm2d(2)
    nn.init.zeros_(norm.weight)
    optimizer = torch.optim.SGD([*conv.parameters(), *norm.parameters()], lr=0.1)
    x, weights = torch.randn(8, 2, 5, 5), torch.randn(8, 2, 5, 5)
    assert not norm(conv(x)).any()
    gradients = []
    for _ in range(2):
        optimizer.zero_grad()
        ((x + norm(conv(x))) * weights).sum().backward()
        gradients.append((conv.weight.grad.abs().max().item(), norm.weight.grad.abs().min().item()))
        optimizer.step()
    assert gradients[0][0] == 0
    assert gradients[0][1] > 0
    assert gradients[1][0] > 0


@said("`np.fromfile` with a record type silently drops an incomplete record at the end.")
def numpy_drops_what_is_incomplete() -> None:

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "cut.bin"
        path.write_bytes(bytes(25))
        assert len(np.fromfile(path, np.dtype([("label", "u1"), ("rest", "u1", 9)]))) == 2


@said("Give torch a `bytearray`: plain `bytes` are read-only, so torch warns.")
def frombuffer_warns_of_plain_bytes() -> None:
    with warnings.catch_warnings(record=True, action="always") as told:
        torch.frombuffer(bytearray(3), dtype=torch.uint8)
        assert not told
    # torch warns once per process, so use a new one
    ask = "import torch; torch.frombuffer(bytes(3), dtype=torch.uint8)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert "not writable" in done.stderr


@said("Rows become columns, which are a different class.")
def a_quarter_turn_makes_columns_of_rows() -> None:
    rows = torch.tensor([[1.0], [-1.0]]).repeat(4, 8)
    assert torch.equal(rows.rot90(1, (0, 1)).abs(), rows.abs())
    assert torch.equal(rows.rot90(1, (0, 1))[:1].expand(8, 8), rows.rot90(1, (0, 1)))
    assert torch.equal(rows.flip(1), rows)
