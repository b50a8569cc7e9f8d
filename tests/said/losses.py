"""Test what the chapter on losses says about torch, and related sentences in other chapters."""

import math
import warnings

import pytest
import torch
import torch.nn.functional as F

from tests.said.tried import close, slope, tries

said = tries("losses")


@said("`F.mse_loss` would not notice if you swapped them")
def squares_do_not_know_the_order() -> None:
    a, b = torch.randn(2, 7)
    assert close(F.mse_loss(a, b), F.mse_loss(b, a))


@said("probabilities minus a one-hot row. Without weights, each entry of the gradient lies between −1 and 1")
def the_gradient_of_cross_entropy_is_bounded() -> None:
    z, y = (20 * torch.randn(200, 5)).requires_grad_(), torch.randint(0, 5, (200,))
    gradient = torch.autograd.grad(F.cross_entropy(z, y, reduction="sum"), z)[0]
    assert close(gradient, z.softmax(1) - F.one_hot(y, 5))
    assert gradient.abs().max() <= 1


@said("(A *log*-softmax before cross-entropy is harmless: applying it twice changes nothing.)")
def log_softmax_twice() -> None:
    z, y = 5 * torch.randn(9, 4), torch.randint(0, 4, (9,))
    assert close(z.log_softmax(1).log_softmax(1), z.log_softmax(1))
    assert close(F.cross_entropy(z.log_softmax(1), y), F.cross_entropy(z, y))


@said("Huber(δ) = δ · SmoothL1(β = δ).", "With `beta=0`, SmoothL1 is the L1 loss; `delta=0` raises an error.")
def huber_and_smooth_l1() -> None:
    a, b = 3 * torch.randn(2, 50)
    for width in (0.1, 0.5, 1.0, 2.0, 7.0):
        assert close(F.huber_loss(a, b, delta=width), width * F.smooth_l1_loss(a, b, beta=width))
    assert close(F.smooth_l1_loss(a, b, beta=0.0), F.l1_loss(a, b))
    with pytest.raises(RuntimeError):
        F.huber_loss(a, b, delta=0.0)


@said("Unlike in cross-entropy, the mean divides by the number of entries, whatever the weights are.")
def the_mean_of_bce() -> None:
    x, y, w = torch.randn(6, 3), torch.rand(6, 3), 5 * torch.rand(6, 3)
    for more in ({"weight": w}, {"pos_weight": w[0]}):
        each = F.binary_cross_entropy_with_logits(x, y, reduction="none", **more)
        assert close(F.binary_cross_entropy_with_logits(x, y, **more), each.sum() / 18)


@said("For probabilities, the mean divides by the number of rows $N$, even with class weights")
def the_mean_of_probabilities() -> None:
    z, q, w = torch.randn(6, 3), torch.rand(6, 3).softmax(1), 5 * torch.rand(3)
    each = F.cross_entropy(z, q, weight=w, reduction="none")
    assert close(F.cross_entropy(z, q, weight=w), each.sum() / 6)


@said("the Gaussian, Poisson, hinge embedding, and KL losses say nothing at all.")
@tries("debugging")("`mse_loss` only warns, while binary cross-entropy raises an error.")
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
    for loss in (F.binary_cross_entropy, F.binary_cross_entropy_with_logits):
        with pytest.raises(ValueError, match="arget size"):
            loss(a, b)
    with warnings.catch_warnings(action="error"):
        for call in silent:
            call()


@said("The KL divergence is 0 only for equal distributions, and it is not symmetric.")
def divergences() -> None:
    p, q = torch.randn(2, 500, 4, dtype=torch.float64).softmax(2)
    there, back = (F.kl_div(b.log(), a, reduction="none").sum(1) for a, b in ((p, q), (q, p)))
    assert there.min() > 0
    assert not close(there, back)
    assert close(F.kl_div(p.log(), p, reduction="sum"), torch.zeros((), dtype=torch.float64))


@said("Its gradient is $-1$ as long as $z < m$, and 0 beyond")
def the_slope_of_a_hinge() -> None:
    assert slope(lambda z: (1 - z).clamp(min=0), -5.0, 0.0, 0.99, 1.01, 7.0) == [-1, -1, -1, 0, 0]


@said("a softmax over one score is always 1, and the loss is always 0")
def one_score() -> None:
    z = torch.randn(9, 1)
    assert torch.equal(z.softmax(1), torch.ones(9, 1))
    assert F.cross_entropy(z, torch.zeros(9).long()) == 0


@said("Everything after the first −1 is ignored.")
def behind_the_end_mark() -> None:
    x = torch.randn(2, 5)
    one, other = (
        torch.tensor([[2, 0, -1, 3, 4], [-1, 1, 1, 1, 1]]),
        torch.tensor([[2, 0, -1, 0, -1], [-1, 0, 2, -1, 4]]),
    )
    assert close(F.multilabel_margin_loss(x, one), F.multilabel_margin_loss(x, other))


@said('`"mean"` divides each loss by its **target length**, then averages over the batch.')
def the_mean_of_ctc() -> None:
    scores, targets = torch.randn(9, 3, 5).log_softmax(2), torch.randint(1, 5, (3, 3))
    sizes = torch.tensor([9, 8, 9]), torch.tensor([3, 1, 2])
    each = F.ctc_loss(scores, targets, *sizes, reduction="none")
    assert close(F.ctc_loss(scores, targets, *sizes), (each / sizes[1]).mean())


@said("torch's gradient is not the derivative of the formula (it sums to 0 over the classes)")
def the_gradient_of_ctc() -> None:
    scores = torch.randn(9, 1, 5, dtype=torch.float64).log_softmax(2).requires_grad_()
    loss = F.ctc_loss(scores, torch.tensor([[1, 2]]), torch.tensor([9]), torch.tensor([2]))
    gradient = torch.autograd.grad(loss, scores)[0]
    assert gradient.sum(2).abs().max() < 1e-6
    true = -1 / 2  # a path has one class per step, so a step's derivatives sum to -1, halved by the mean
    assert abs(gradient.sum(2)[0, 0].item() - true) > 0.4


@said("Class indices as int64 (or uint8) of shape `(N,)`")
@tries("before_you_start")("labels of shape `(N,)` and dtype int64, and returns the mean over the rows")
def class_indices() -> None:
    z, y = torch.randn(4, 3), torch.tensor([0, 2, 1, 1])
    assert close(F.cross_entropy(z, y), F.cross_entropy(z, y, reduction="none").mean())
    assert close(F.cross_entropy(z, y.byte()), F.cross_entropy(z, y))
    for dtype in (torch.int32, torch.int16, torch.int8, torch.float32):
        with pytest.raises(RuntimeError):
            F.cross_entropy(z, y.to(dtype))


@said('torch warns about this; for the mean over rows, use `"batchmean"`')
@tries("transfer")(
    'With `reduction="mean"`, the function divides by the number of elements; `"batchmean"` divides by the number of '
    "rows."
)
def the_mean_of_kl() -> None:
    log_q, p = torch.randn(4, 3).log_softmax(1), torch.randn(4, 3).softmax(1)
    total = F.kl_div(log_q, p, reduction="sum")
    with pytest.warns(UserWarning, match="batchmean"):
        assert close(F.kl_div(log_q, p), total / 12)
    assert close(F.kl_div(log_q, p, reduction="batchmean"), total / 4)


@said("A variance below `eps` counts as `eps`; the gradient passes through as if nothing had been clamped")
def a_variance_below_eps() -> None:
    var, error = torch.tensor([1e-9], requires_grad=True), torch.tensor([0.01])
    loss = F.gaussian_nll_loss(torch.zeros(1), error, var, eps=1e-3, reduction="sum")
    assert close(loss, F.gaussian_nll_loss(torch.zeros(1), error, torch.tensor([1e-3]), eps=1e-3, reduction="sum"))
    assert close(torch.autograd.grad(loss, var)[0], 0.5 * (1e3 - 1e-4 * torch.tensor([1e6])))


@said("(for Poisson, as Stirling's approximation, and only where $y > 1$)")
def stirling() -> None:
    y = torch.tensor([0.0, 0.5, 1.0, 2.0, 5.0])
    full, part = (F.poisson_nll_loss(torch.zeros(5), y, full=full, reduction="none") for full in (True, False))
    more = y * y.log() - y + 0.5 * (2 * math.pi * y).log()
    assert close(full - part, torch.where(y > 1, more, torch.zeros(())))


@said("`nn.TripletMarginLoss` measures with the $p$-norm of $a - b + 10^{-6}$")
def the_distance_of_triplets() -> None:
    a, b, c = torch.randn(3, 6, 4, dtype=torch.float64)
    for p in (1.0, 2.0, 3.0):
        near, far = ((a - other + 1e-6).norm(p, dim=1) for other in (b, c))
        found = F.triplet_margin_loss(a, b, c, p=p, reduction="none")
        assert close(found, (near - far + 1).clamp(min=0), 1e-9)


@said("its gradients are `nan`; `zero_infinity=True` makes both 0.")
def a_target_without_room() -> None:
    for zero in (False, True):
        scores = torch.randn(2, 1, 4).requires_grad_()
        sizes = torch.tensor([2]), torch.tensor([2])
        loss = F.ctc_loss(scores.log_softmax(2), torch.tensor([[3, 3]]), *sizes, zero_infinity=zero)
        gradient = torch.autograd.grad(loss, scores)[0]
        assert loss == (0 if zero else math.inf)
        assert torch.equal(gradient, torch.zeros(2, 1, 4)) if zero else gradient.isnan().any()


@said("With `swap=True`, the negative's distance is the smaller of $d(a, n)$ and $d(p, n)$")
def swapped_triplets() -> None:
    a, b, c = torch.randn(3, 50, 4)
    far = torch.minimum((a - c + 1e-6).norm(dim=1), (b - c + 1e-6).norm(dim=1))
    found = F.triplet_margin_loss(a, b, c, swap=True, reduction="none")
    assert close(found, ((a - b + 1e-6).norm(dim=1) - far + 1).clamp(min=0))
