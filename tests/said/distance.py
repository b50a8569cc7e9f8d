"""Test what the chapter on distance says about torch."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, slope, tries

said = tries("distance")

PLAIN = "donot_use_mm_for_euclid_dist"


def rows(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


@said("None of them has parameters or buffers, and none behaves differently in `eval()`.")
def no_state() -> None:
    for layer in (nn.PairwiseDistance(), nn.CosineSimilarity()):
        assert not layer.state_dict()
        x, y = rows(4, 3), rows(4, 5)[:, :3]
        assert torch.equal(layer.train()(x, y), layer.eval()(x, y))


@said("Equal rows of $D$ values are $\\varepsilon\\,D^{1/p}$ apart.")
def equal_rows() -> None:
    for width in (1, 4, 100):
        for p in (0.5, 1.0, 2.0, 3.0):
            x = rows(2, width)
            assert F.pairwise_distance(x, x, p=p)[0].item() == pytest.approx(1e-6 * width ** (1 / p))


@said("`eps` is added to **each difference**, before the absolute value and the power,")
def where_eps_stands() -> None:
    x, y = rows(6, 4), rows(7, 4)[:6]
    for p in (0.5, 1.0, 2.0, 3.5):
        own = (x - y + 0.3).abs().pow(p).sum(1).pow(1 / p)
        assert close(F.pairwise_distance(x, y, p=p, eps=0.3), own)
    assert close(F.pairwise_distance(x, y, p=math.inf, eps=0.3), (x - y + 0.3).abs().amax(1))


@said("`torch.cdist` and `F.pdist` have no `eps`, so the distance between equal rows is exactly 0 there")
def no_eps() -> None:
    x = rows(1, 5).expand(4, 5)
    assert torch.equal(torch.cdist(x, x), torch.zeros(4, 4).double())
    assert torch.equal(F.pdist(x), torch.zeros(6).double())


@said("Multiplying every value of a row by the same positive number leaves every cosine unchanged.")
def scale_of_a_row() -> None:
    x, y = rows(6, 4), rows(7, 4)[:6]
    for factor in (0.01, 3.0, 1e5):
        assert close(F.cosine_similarity(factor * x, y), F.cosine_similarity(x, y))


@said("torch clamps **each** of the two lengths to at least `eps` before it divides:")
def eps_of_each_norm() -> None:
    x, y = 0.1 * rows(6, 4), 10 * rows(7, 4)[:6]
    least = x.norm(dim=1).clamp(min=0.5) * y.norm(dim=1).clamp(min=0.5)
    assert close(F.cosine_similarity(x, y, eps=0.5), (x * y).sum(1) / least)
    assert not close(F.cosine_similarity(x, y, eps=0.5), F.cosine_similarity(x, y))


@said("always uses differences: slower for many rows, but accurate")
def plain_differences() -> None:
    x = rows(60, 4) + 1e6
    direct = (x[:, None] - x).norm(dim=-1)
    assert close(torch.cdist(x, x, compute_mode=PLAIN), direct, 1e-9)


@said("uses the product if `x1` or `x2` has more than 25 rows, otherwise differences")
def from_26_rows_on() -> None:
    x = (rows(26, 8) + 1000).float()
    for n, m, plain in ((25, 25, True), (26, 5, False), (5, 26, False)):
        same = torch.equal(torch.cdist(x[:n], x[:m]), torch.cdist(x[:n], x[:m], compute_mode=PLAIN))
        assert same == plain


@said("`torch.linalg.vector_norm`, `torch.cdist`, and `F.pdist` give 0.")
def gradients_at_equal_rows() -> None:
    zero = torch.zeros(1, 3, dtype=torch.float64)
    for distance in (lambda x: torch.linalg.vector_norm(x - zero, dim=1), lambda x: torch.cdist(x, zero)):
        x = zero.clone().requires_grad_()
        assert torch.equal(torch.autograd.grad(distance(x).sum(), x)[0], zero)
    x = torch.ones(2, 3, requires_grad=True)
    assert torch.equal(torch.autograd.grad(F.pdist(x).sum(), x)[0], torch.zeros(2, 3))
    assert math.isnan(slope(lambda x: x.square().sum().sqrt(), 0.0)[0])


@said("*the derivative for '_cdist_backward' is not implemented*")
def cdist_once() -> None:
    x = rows(4, 3).requires_grad_()
    (gradient,) = torch.autograd.grad(torch.cdist(x, rows(5, 3)).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="the derivative for '_cdist_backward' is not implemented"):
        gradient.sum().backward()


@said(
    "`torch.cdist` accepts only floating-point tensors of the same dtype",
    "float16 raises an error when the distances are computed from differences",
)
def dtypes_of_cdist() -> None:
    x = torch.randn(3, 4)
    for a, b in ((x.long(), x.long()), (x, x.double())):
        with pytest.raises(RuntimeError):
            torch.cdist(a, b)
    with pytest.raises(NotImplementedError):
        torch.cdist(x.half(), x.half(), compute_mode="donot_use_mm_for_euclid_dist")
    assert torch.cdist(x.half(), x.half(), compute_mode="use_mm_for_euclid_dist").dtype == torch.float16


@said("`F.pdist` accepts only tensors with two dimensions")
def pdist_takes_two_axes() -> None:
    with pytest.raises(RuntimeError):
        F.pdist(torch.randn(2, 3, 4))
