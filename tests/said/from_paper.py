"""Test what the capstone on networks from papers says about torch."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from tests.said.tried import tries

said = tries("from_paper")


@said(
    "All windows here have an odd size and a padding of $(k - 1) / 2$, so the formula becomes "
    "$\\lfloor (n - 1) / s \\rfloor + 1$ for each of them."
)
@tries("capstone_cnn")(
    "With an odd kernel and a padding of half its size, rounded down, the height and width don't change."
)
def odd_windows_follow_one_formula() -> None:
    for n in range(1, 30):
        for stride in (1, 2, 3):
            for k in (1, 3, 7):
                x = torch.zeros(1, 1, n, 1)
                y = F.conv2d(x, torch.zeros(1, 1, k, 1), stride=(stride, 1), padding=(k // 2, 0))
                assert y.shape[2] == (n - 1) // stride + 1
            assert F.max_pool2d(x, (3, 1), (stride, 1), (1, 0)).shape[2] == (n - 1) // stride + 1
