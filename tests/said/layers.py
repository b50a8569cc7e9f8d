"""Test what the chapters in the part Layers say about torch."""

import math
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, tries

softmax = tries("softmax")
convolution = tries("convolution")
padding = tries("padding")
pooling = tries("pooling")


@softmax("the same as `nn.Softmax(dim=-3)`", "It takes `(C, H, W)` as well, because it counts from the end: `dim=-3`.")
def softmax2d_counts_from_the_back() -> None:
    for shape in ((2, 3, 4, 5), (3, 4, 5)):
        x = torch.randn(*shape)
        assert close(nn.Softmax2d()(x), x.softmax(-3))


@softmax("With three dimensions and no `dim`, torch chooses dimension 0:")
def the_implicit_axis() -> None:
    for axes, dim in ((1, 0), (2, 1), (3, 0), (4, 1), (5, 1)):
        x = torch.randn(*range(2, 2 + axes))
        with warnings.catch_warnings(action="ignore"):
            assert close(F.softmax(x), x.softmax(dim))


@softmax(
    "and the network looks more certain, but it gives the same answers and makes the same mistakes",
    "A softmax before `argmax` changes no answer (rounding aside)",
)
def doubled_scores_give_the_same_answers() -> None:
    torch.manual_seed(0)
    scores = torch.randn(500, 7)
    for same in (2 * scores, scores.softmax(1)):
        assert torch.equal(scores.argmax(1), same.argmax(1))
    assert (2 * scores).softmax(1).amax(1).mean() > scores.softmax(1).amax(1).mean()


@softmax(
    "Its gradient is 0 times `nan`, which is `nan`, and that can reach shared weights",
    "`masked_fill` happens to block it",
)
@tries("language_model")("If it attended to nothing, its softmax would be 0/0.")
@tries("capstone_attention")("Zero times `nan` is `nan`.")
def nan_times_zero_and_masked_fill() -> None:
    hidden = torch.tensor([True, True])
    x = torch.zeros(2, requires_grad=True)
    y = x.masked_fill(hidden, -math.inf).softmax(0)
    torch.where(hidden, 0.0, y).sum().backward()
    assert x.grad.isnan().sum() == 0  # masked_fill cuts off the gradient
    x = torch.zeros(2, requires_grad=True)
    y = (x + torch.tensor([-math.inf, -math.inf])).softmax(0)
    assert (0 * y).isnan().all()
    torch.where(hidden, 0.0, y).sum().backward()
    assert x.grad.isnan().all()


@softmax("so a parameter that is added to *all* of them gets a gradient of 0.")
def a_shift_has_no_gradient() -> None:
    shift = torch.zeros((), dtype=torch.float64, requires_grad=True)
    loss = F.cross_entropy(torch.randn(5, 4, dtype=torch.float64) + shift, torch.tensor([0, 1, 2, 3, 0]))
    assert abs(torch.autograd.grad(loss, shift)[0].item()) < 1e-12


@softmax(
    "Logsumexp is never below the largest score, and never more than $\\ln C$ above it.",
    "The difference is exactly $\\ln C$ when all $C$ scores are equal.",
)
def logsumexp_is_between_two_bounds() -> None:
    torch.manual_seed(0)
    for classes in (1, 2, 7, 9):
        z = 5 * torch.randn(1000, classes, dtype=torch.float64)
        above = z.logsumexp(1) - z.amax(1)
        assert (above >= 0).all()
        assert (above <= math.log(classes) + 1e-12).all()
        assert close(torch.full((classes,), 2.5).logsumexp(0), torch.tensor(2.5 + math.log(classes)))


@softmax("with the right pair, the fraction is less than 0.03")
def two_cutoffs_cost_little() -> None:
    up_to = (1 / torch.arange(1, 20_001, dtype=torch.float64)).cumsum(0)

    def part(first: int, second: int) -> float:
        products = 256 * (first + 2.0)
        for width, begin, end in ((64, first, second), (16, second, 20_000)):
            products += width * (256 + end - begin) * ((up_to[end - 1] - up_to[begin - 1]) / up_to[-1]).item()
        return products / (256 * 20_000)

    assert min(part(first, second) for first in (100, 200, 400) for second in (1000, 1500, 3000)) < 0.03


@softmax("Do not list the end, 2000, as a cutoff: the layer adds it, and raises an error if you do.")
def the_last_cutoff_is_added() -> None:
    assert nn.AdaptiveLogSoftmaxWithLoss(8, 2000, [10, 100]).cutoffs == [10, 100, 2000]
    with pytest.raises(ValueError, match="cutoffs"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 2000, [10, 100, 2000])


@convolution(
    "Merging layers is still useful after training",
    "Two 3×3 layers with nothing between them and no padding are one 5×5 layer.",
)
def two_convolutions_are_one() -> None:
    first, second = (nn.Conv2d(2, 2, 3, bias=False).double() for _ in range(2))
    merged = F.conv2d(first.weight.transpose(0, 1), second.weight.flip(2, 3), padding=2).transpose(0, 1)
    x = torch.randn(1, 2, 9, 9, dtype=torch.float64)
    assert merged.shape == (2, 2, 5, 5)
    assert close(second(first(x)), F.conv2d(x, merged))


@convolution("A window of 3 that moves by 2 leaves no gaps between its positions")
def a_window_of_three_that_moves_by_two() -> None:
    read = F.conv_transpose1d(torch.ones(1, 1, 5), torch.ones(1, 1, 3), stride=2)
    assert (read > 0).all()


def paths(length: int, size: int, stride: int = 1, growth: int = 1) -> torch.Tensor:
    """Return how many paths lead from each input element to the first output of four convolutions."""
    x = torch.zeros(1, 1, length, requires_grad=True)
    y = x
    for layer in range(4):
        y = F.conv1d(y, torch.ones(1, 1, size), stride=stride, dilation=growth**layer)
    return torch.autograd.grad(y[0, 0, 0], x)[0][0, 0] if y.shape[-1] else x.new_ones(1)


@convolution("With a window of 2 and growth 2, there is exactly one path to each of the 16 elements.")
def paths_of_dilated_stacks() -> None:
    two, three = (paths(64, size, growth=2) for size in (2, 3))
    assert two[:16].tolist() == [1.0] * 16
    assert three[:31].min() >= 1
    assert three.max() > 1


@convolution("If you combine stride and growth, with a window of 2 or 3, the network leaves out some elements")
def stride_and_growth_leave_elements_out() -> None:
    def unread(size: int, stride: int, growth: int) -> int:
        found = paths(200, size, stride, growth)
        return int((found[: int(found.nonzero().max()) + 1] == 0).sum())

    assert all(unread(size, 2, 2) > 0 for size in (2, 3))
    assert not any(unread(size, *both) for size in (2, 3) for both in ((1, 1), (1, 2), (2, 1)))


@convolution(
    "without padding, columns 1, 6, and 8 are in no window",
    "So a grid of unread pixels remains",
    "Pixels in no window have gradient 0.",
)
def columns_in_no_window() -> None:
    def unread(stride: int) -> list[int]:
        x = torch.zeros(1, 1, 9, requires_grad=True)
        y = F.conv1d(x, torch.ones(1, 1, 3), stride=stride, dilation=2)
        return (torch.autograd.grad(y.sum(), x)[0][0, 0] == 0).nonzero().flatten().tolist()

    assert [unread(stride) for stride in (1, 2, 3)] == [[], [1, 3, 5, 7], [1, 6, 8]]


@convolution(
    "If the total number of zeros is odd, the extra zero goes at the end.",
    'With a stride above 1, torch rejects `"same"`',
)
def same_pads_the_end_and_refuses_a_stride() -> None:
    x, weight = torch.randn(1, 1, 9), torch.randn(1, 1, 4)
    assert close(F.conv1d(x, weight, padding="same"), F.conv1d(F.pad(x, (1, 2)), weight))
    with pytest.raises(RuntimeError, match="strided"):
        F.conv1d(x, weight, stride=2, padding="same")
    with pytest.raises(ValueError, match="strided"):
        nn.Conv1d(1, 1, 4, stride=2, padding="same")


@padding("a padding layer has no parameters, and nothing else that a `state_dict` would save")
def padding_layers_hold_nothing() -> None:
    kinds = [getattr(nn, name) for name in dir(nn) if name.endswith(("Pad1d", "Pad2d", "Pad3d"))]
    assert len(kinds) == 15
    for kind in kinds:
        made = kind(1, 0.0) if kind.__name__.startswith("Constant") else kind(1)
        assert not made.state_dict()


@padding("The layers accept negative widths as well. Reflect and replicate can crop on one side and copy on the other")
def layers_take_negative_widths() -> None:
    x = torch.arange(6.0)[None]
    assert nn.ZeroPad1d((-1, -2))(x).tolist() == [[1.0, 2.0, 3.0]]
    assert nn.ReflectionPad1d((-1, 2))(x).shape == (1, 7)
    assert nn.ReplicationPad1d((-1, 2))(x).shape == (1, 7)
    assert nn.CircularPad1d((-1, -1))(x).shape == (1, 4)


@padding(
    "`result[source] += grad` adds only **one** of several values that go to the same cell.",
    "`index_add` adds them all.",
)
def index_add_adds_all() -> None:
    source, result = torch.tensor([0, 0, 1]), torch.zeros(2)
    result[source] += torch.ones(3)
    assert result.tolist() == [1.0, 1.0]
    assert torch.zeros(2).index_add(0, source, torch.ones(3)).tolist() == [2.0, 1.0]


@padding("`nn.ConstantPad1d(1, -math.inf)` does the same")
def max_poolings_padding_is_minus_infinity() -> None:
    x = -torch.rand(1, 1, 6) - 1
    assert close(F.max_pool1d(x, 3, 1, 1), F.max_pool1d(nn.ConstantPad1d(1, -math.inf)(x), 3, 1))
    assert close(F.max_pool1d(x, 3, 1, 1, 2), F.max_pool1d(F.pad(x, (1, 1), value=-math.inf), 3, 1, 0, 2))


@padding("and `nn.ConvTranspose2d` accepts only zeros")
def transposed_convolutions_pad_zeros_only() -> None:
    with pytest.raises(ValueError, match="zeros"):
        nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect")


@padding("Circular can raise an error if you mix the two, so crop first and pad afterward.")
def circular_cut_and_copied_at_once() -> None:
    x = torch.arange(6.0)[None]
    with pytest.raises(RuntimeError):
        F.pad(x, (-3, 4), mode="circular")
    assert F.pad(F.pad(x, (-3, 0)), (0, 3), mode="circular").tolist() == [[3.0, 4.0, 5.0, 3.0, 4.0, 5.0]]


@padding(
    "NumPy reflects again at the other end, but torch raises an error.",
    'And `"circular"` repeats the row at most once on each side.',
)
def widths_beyond_the_row() -> None:
    x = torch.arange(3.0)
    assert np.pad(x.numpy(), (4, 0), "reflect").tolist() == [0, 1, 2, 1, 0, 1, 2]
    for mode, width in (("reflect", 3), ("circular", 4)):
        assert F.pad(x[None], (width - 1, 0), mode=mode).shape == (1, width + 2)
        with pytest.raises(RuntimeError):
            F.pad(x[None], (width, 0), mode=mode)


@pooling("`_random_samples[..., 0]` is for the columns (the width), and `[..., 1]` is for the rows.")
def fractional_samples_begin_with_the_width() -> None:
    x = torch.arange(36.0).view(1, 1, 6, 6)

    def at(columns: float, rows: float) -> torch.Tensor:
        samples = torch.tensor([[[columns, rows]]])
        return nn.FractionalMaxPool2d(1, output_size=(4, 4), _random_samples=samples)(x)[0, 0]

    wide, low = at(0.9, 0.0), at(0.0, 0.9)
    assert not torch.equal(wide, low)
    assert torch.equal(wide[:, 0] % 6, wide[0, :1].expand(4) % 6)
    assert torch.equal(at(0.9, 0.0) // 6, at(0.0, 0.0) // 6)
    assert torch.equal(low % 6, at(0.0, 0.0) % 6)


@pooling(
    "You have to pass exactly one of `output_size` and `output_ratio`, or the constructor raises an error",
    "the *function* accepts both and silently ignores the ratio",
)
def fractional_pooling_wants_one_of_two() -> None:
    assert F.fractional_max_pool2d(torch.zeros(1, 1, 9, 9), 2, output_size=3, output_ratio=0.9).shape[2:] == (3, 3)
    for given in ({}, {"output_size": 3, "output_ratio": 0.5}):
        with pytest.raises(ValueError, match=r"requires specifying|only one of"):
            nn.FractionalMaxPool2d(2, **given)


@pooling("Two max pooling layers in a row equal one larger max pooling layer if no cell is left out between windows")
def max_poolings_in_a_row() -> None:
    x = torch.randn(2, 3, 12, 18)
    assert torch.equal(F.max_pool2d(F.max_pool2d(x, 2), 3), F.max_pool2d(x, 6))
    assert torch.equal(F.max_pool2d(F.max_pool2d(x, 3, 1), 2, 1), F.max_pool2d(x, 4, 1))
    assert not torch.equal(F.max_pool2d(F.max_pool2d(x, 1, 2), 2), F.max_pool2d(x, 4))


@pooling("And `nan` wins against every number, so pooling doesn't hide a broken value.")
def nan_wins() -> None:
    assert F.max_pool1d(torch.tensor([[[math.inf, math.nan, 1.0]]]), 3).isnan().all()


@pooling("`nn.AdaptiveAvgPool2d((None, 1))` averages every row.")
def adaptive_pooling_of_rows() -> None:
    x = torch.randn(2, 3, 4, 5)
    assert close(nn.AdaptiveAvgPool2d((None, 1))(x), x.mean(-1, keepdim=True))
