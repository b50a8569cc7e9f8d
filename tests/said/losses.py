"""What the chapter on losses says of torch, each sentence with a function that tries it."""

from __future__ import annotations

import math
import warnings

import pytest
import torch
import torch.nn.functional as F

from tests.said.tried import close, said, slope


@said("losses", "`F.mse_loss` would not notice if you exchanged them")
def squares_do_not_know_the_order() -> None:
    a, b = torch.randn(2, 7)
    assert close(F.mse_loss(a, b), F.mse_loss(b, a))


@said("losses", "probabilities minus a one-hot row. Without weights it lies between −1 and 1")
def the_gradient_of_cross_entropy_is_bounded() -> None:
    z, y = (20 * torch.randn(200, 5)).requires_grad_(), torch.randint(0, 5, (200,))
    gradient = torch.autograd.grad(F.cross_entropy(z, y, reduction="sum"), z)[0]
    assert close(gradient, z.softmax(1) - F.one_hot(y, 5))
    assert gradient.abs().max() <= 1


@said("losses", "(A *log*-softmax before cross entropy is harmless: applied twice it changes nothing.)")
def log_softmax_twice() -> None:
    z, y = 5 * torch.randn(9, 4), torch.randint(0, 4, (9,))
    assert close(z.log_softmax(1).log_softmax(1), z.log_softmax(1))
    assert close(F.cross_entropy(z.log_softmax(1), y), F.cross_entropy(z, y))


@said("losses", "Huber(δ) = δ · SmoothL1(β = δ).", "`beta=0` makes SmoothL1 the L1 loss; `delta=0` is refused.")
def huber_and_smooth_l1() -> None:
    a, b = 3 * torch.randn(2, 50)
    for width in (0.1, 0.5, 1.0, 2.0, 7.0):
        assert close(F.huber_loss(a, b, delta=width), width * F.smooth_l1_loss(a, b, beta=width))
    assert close(F.smooth_l1_loss(a, b, beta=0.0), F.l1_loss(a, b))
    with pytest.raises(RuntimeError):
        F.huber_loss(a, b, delta=0.0)


@said("losses", "Unlike in cross entropy, the mean divides by the number of entries, whatever the weights are.")
def the_mean_of_bce() -> None:
    x, y, w = torch.randn(6, 3), torch.rand(6, 3), 5 * torch.rand(6, 3)
    for more in ({"weight": w}, {"pos_weight": w[0]}):
        each = F.binary_cross_entropy_with_logits(x, y, reduction="none", **more)
        assert close(F.binary_cross_entropy_with_logits(x, y, **more), each.sum() / 18)


@said("losses", "for probabilities it divides by the number of rows $N$, even with class weights")
def the_mean_of_probabilities() -> None:
    z, q, w = torch.randn(6, 3), torch.rand(6, 3).softmax(1), 5 * torch.rand(3)
    each = F.cross_entropy(z, q, weight=w, reduction="none")
    assert close(F.cross_entropy(z, q, weight=w), each.sum() / 6)


@said(
    "losses",
    "the Gaussian, the Poisson, the hinge embedding and the KL loss say nothing at all.",
)
def who_warns_of_broadcasting() -> None:
    a, b = torch.rand(4, 1), torch.rand(4)
    loud = (F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss)
    silent = (
        lambda: F.gaussian_nll_loss(a, b, torch.ones(4, 1)),
        lambda: F.poisson_nll_loss(a, b),
        lambda: F.hinge_embedding_loss(a, b),
        lambda: F.kl_div(a, b, reduction="sum"),
    )
    for loss in loud:
        with pytest.warns(UserWarning, match="target size"):
            loss(a, b)
    with warnings.catch_warnings(action="error"):
        for call in silent:
            call()


@said("losses", "It is 0 only for equal distributions, and it is not symmetric.")
def divergences() -> None:
    p, q = torch.randn(2, 500, 4, dtype=torch.float64).softmax(2)
    there, back = (F.kl_div(b.log(), a, reduction="none").sum(1) for a, b in ((p, q), (q, p)))
    assert there.min() > 0
    assert not close(there, back)
    assert close(F.kl_div(p.log(), p, reduction="sum"), torch.zeros((), dtype=torch.float64))


@said("losses", "Its gradient is $-1$ as long as $z < m$, and 0 beyond")
def the_slope_of_a_hinge() -> None:
    assert slope(lambda z: (1 - z).clamp(min=0), -5.0, 0.0, 0.99, 1.01, 7.0) == [-1, -1, -1, 0, 0]


@said("losses", "a softmax over one score is always 1, and the loss always 0")
def one_score() -> None:
    z = torch.randn(9, 1)
    assert torch.equal(z.softmax(1), torch.ones(9, 1))
    assert F.cross_entropy(z, torch.zeros(9).long()) == 0


@said("losses", "What stands behind the first −1 is not read at all.")
def behind_the_end_mark() -> None:
    x = torch.randn(2, 5)
    one, other = (
        torch.tensor([[2, 0, -1, 3, 4], [-1, 1, 1, 1, 1]]),
        torch.tensor([[2, 0, -1, 0, -1], [-1, 0, 2, -1, 4]]),
    )
    assert close(F.multilabel_margin_loss(x, one), F.multilabel_margin_loss(x, other))


def ctc(steps: int, target: list[int], **more) -> torch.Tensor:
    scores = torch.randn(steps, 1, 4).log_softmax(2)
    return F.ctc_loss(scores, torch.tensor([target]), torch.tensor([steps]), torch.tensor([len(target)]), **more)


@said("losses", "Two equal letters need three steps.")
def room_for_equal_letters() -> None:
    assert ctc(2, [3, 3]) == math.inf
    assert ctc(3, [3, 3]).isfinite()
    assert ctc(2, [3, 1]).isfinite()


@said("losses", '`"mean"` divides each loss by its **target length**, then averages over the batch.')
def the_mean_of_ctc() -> None:
    scores, targets = torch.randn(9, 3, 5).log_softmax(2), torch.randint(1, 5, (3, 3))
    sizes = torch.tensor([9, 8, 9]), torch.tensor([3, 1, 2])
    each = F.ctc_loss(scores, targets, *sizes, reduction="none")
    assert close(F.ctc_loss(scores, targets, *sizes), (each / sizes[1]).mean())


@said("losses", "it is not the derivative of the formula (it sums to 0 over the classes)")
def the_gradient_of_ctc() -> None:
    scores = torch.randn(9, 1, 5, dtype=torch.float64).log_softmax(2).requires_grad_()
    loss = F.ctc_loss(scores, torch.tensor([[1, 2]]), torch.tensor([9]), torch.tensor([2]))
    gradient = torch.autograd.grad(loss, scores)[0]
    assert gradient.sum(2).abs().max() < 1e-6
    true = -1 / 2  # each step's class lies on every path once: the derivatives of a step sum to -1, halved by the mean
    assert abs(gradient.sum(2)[0, 0].item() - true) > 0.4
