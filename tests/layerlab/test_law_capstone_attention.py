"""Test that the task of the third capstone, the letter next to the mark, requires the order of the tokens."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from layerlab.graded import tasks
from layerlab.graded.laws import LETTERS, MARK, PAD, PLACES

NAME = "letter beside the mark"


@pytest.mark.parametrize("seed", range(4))
def test_sequence_has_one_mark_and_one_deciding_distance(seed):
    data = tasks.make(NAME, seed)
    assert data.train_x.shape == (2000, PLACES)
    assert data.train_y.unique().tolist() == list(range(LETTERS))
    for x, y in [(data.train_x, data.train_y), (data.held_x, data.held_y)]:
        assert (x == MARK).sum(1).eq(1).all()
        place, length = (x == MARK).int().argmax(1), (x != PAD).sum(1)
        assert (x != PAD).cumprod(1).sum(1).equal(length)  # padding comes only at the end
        found = []
        for away in (-2, -1, 1, 2):
            at = place + away
            inside = ((at >= 0) & (at < length)).all()
            letters = x.gather(1, at.clamp(0, PLACES - 1)[:, None])[:, 0]
            pairs = {(int(letter), int(label)) for letter, label in zip(letters, y, strict=True)}
            found.append(bool(inside) and len(pairs) == LETTERS)
        assert found.count(True) == 1, "one distance to the mark, and one alone, decides"


def test_data_depends_only_on_the_seed():
    assert tasks.make(NAME, 5).held_y.equal(tasks.make(NAME, 5).held_y)
    assert not tasks.make(NAME, 5).held_y.equal(tasks.make(NAME, 6).held_y)


@pytest.mark.parametrize("seed", range(3))
def test_network_counting_tokens_stays_below_half_right(seed):
    """Use only token counts, which are all that a network can know without the order."""
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
