"""The task of the third capstone: a letter beside a mark, which nobody finds who does not know the order."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from layerlab.graded import tasks
from layerlab.graded.laws import LETTERS, MARK, PAD, PLACES

NAME = "letter beside the mark"


@pytest.mark.parametrize("seed", range(4))
def test_there_is_one_mark_and_its_letter_lies_in_the_row(seed):
    data = tasks.make(NAME, seed)
    assert data.train_x.shape == (2000, PLACES)
    assert data.train_y.unique().tolist() == list(range(LETTERS))
    for x, y in [(data.train_x, data.train_y), (data.held_x, data.held_y)]:
        assert (x == MARK).sum(1).eq(1).all()
        place, length = (x == MARK).int().argmax(1), (x != PAD).sum(1)
        assert (x != PAD).cumprod(1).sum(1).equal(length)  # padding stands at the end
        found = []
        for away in (-2, -1, 1, 2):
            at = place + away
            inside = ((at >= 0) & (at < length)).all()
            letters = x.gather(1, at.clamp(0, PLACES - 1)[:, None])[:, 0]
            pairs = {(int(letter), int(label)) for letter, label in zip(letters, y, strict=True)}
            found.append(bool(inside) and len(pairs) == LETTERS)
        assert found.count(True) == 1, "one distance to the mark, and one alone, decides"


def test_the_same_seed_gives_the_same_and_another_one_another():
    assert tasks.make(NAME, 5).held_y.equal(tasks.make(NAME, 5).held_y)
    assert not tasks.make(NAME, 5).held_y.equal(tasks.make(NAME, 6).held_y)


@pytest.mark.parametrize("seed", range(3))
def test_a_net_that_counts_tokens_is_right_in_less_than_half(seed):
    """Without order: the counts of the tokens, and any function of them."""
    torch.manual_seed(0)
    data = tasks.make(NAME, seed)
    counts, held = (F.one_hot(x, LETTERS + 2).sum(1).float() for x in (data.train_x, data.held_x))
    net = nn.Sequential(nn.Linear(LETTERS + 2, 64), nn.ReLU(), nn.Linear(64, LETTERS))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(200):
        optimizer.zero_grad()
        F.cross_entropy(net(counts), data.train_y).backward()
        optimizer.step()
    assert 0.3 < (net(held).argmax(1) == data.held_y).float().mean() < 0.55
