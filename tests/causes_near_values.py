"""Define near misses for causes about order, functions, and factors. See `causes_near.py`."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from causes_named import matrix
from causes_near import near

# -- order and dimensions ------------------------------------------------------------------------------------------


@near("reversed_order", "shifted", "another_order")
def palindrome_doubled(draw):
    x = draw.randn(4)
    x = torch.cat([x, x.flip(0)])
    return x, 2 * x


@near("shifted")
def constant_along_the_axis(draw):
    x = draw.randn(4, 1).expand(4, 9)
    return x, 2 * x


@near("shifted")
def half_of_it_moved(draw):
    x = draw.randn(10)
    return x, torch.cat([x[1:6], x[:1], x[6:].flip(0)])


@near("another_order")
def rows_in_order_but_scaled(draw):
    x = draw.randn(5, 4)
    return x, x.flip(0) * 1.5


@near("scrambled")
def few_whole_numbers(draw):
    x = draw.integers(0, 2, 8)
    return x, x.flip(0)


@near("unit_over_another_axis")
def softmax_of_something_else(draw):
    a, b = draw.sizes(2, 4, 9)
    return draw.randn(a, b).softmax(1), draw.randn(a, b).softmax(0)


@near("unit_over_another_axis")
def both_over_the_same_axis(draw):
    x = matrix(draw)
    return x.softmax(1), (2 * x).softmax(1)


@near("standardised_over_another_axis")
def both_standardised_alike(draw):
    x, other = draw.randn(7, 20), draw.randn(7, 20)
    return F.layer_norm(x, (20,)), F.layer_norm(other, (20,))


@near("accumulated_over_another_axis")
def running_product(draw):
    x = matrix(draw)
    return x.cumsum(1), x.cumprod(0)


@near("only_border", "only_one_slice")
def wrong_here_and_there(draw):
    x = draw.randn(2, 3, 8, 8)
    return x, x + (draw.rand(2, 3, 8, 8) > 0.5)


@near("only_border")
def wrong_in_one_corner(draw):
    x = draw.randn(2, 3, 8, 8)
    yours = x.clone()
    yours[:, :, 0, 0] += 1
    return x, yours


@near("only_one_slice")
def wrong_in_two_rows(draw):
    x = draw.randn(6, 5)
    yours = x.clone()
    yours[[1, 4]] += draw.randn(2, 5)
    return x, yours


# -- functions and factors -----------------------------------------------------------------------------------------


@near("complement")
def mask_turned(draw):
    mask = torch.ones(5, 5, dtype=torch.bool).tril()
    return mask, mask.T


@near("complement")
def two_truths(draw):
    return torch.tensor([True, False]), torch.tensor([False, True])


@near("missing_function", "extra_function")
def nearly_relu(draw):
    x = matrix(draw)
    return F.leaky_relu(x, 0.03), x


@near("missing_function")
def all_positive_and_shifted(draw):
    x = matrix(draw).exp()
    return x.relu() + 0.5, x


@near("missing_function")
def one_or_two_near_whole_numbers(draw):
    wanted, got = (([3.0], [2.56]), ([3.0, 0.0], [2.56, -0.1]), ([3.0, 0.0], [2.045, -0.3]))[draw.size(0, 2)]
    return torch.tensor(wanted), torch.tensor(got)


@near("missing_function")
def whole_numbers_a_little_wrong(draw):
    whole = (5 * draw.randn(9, 12)).round()
    return whole, whole + 0.05 * draw.randn(9, 12)


@near("extra_function")
def two_whole_numbers(draw):
    return torch.tensor([2.56, -0.1]), torch.tensor([3.0, 0.0])


@near("extra_function")
def signs_of_large_numbers(draw):
    x = 50 * draw.randn(5, 8)
    return x + 3 * x.sign(), x.sign()


@near("extra_function")
def zeros_by_another_rule(draw):
    x = draw.randn(5, 7)
    return x, x * (x > 0.5)


@near("negative_side")
def curve_below_zero(draw):
    x = draw.randn(5, 7)
    return x, F.elu(x)


@near("negative_side")
def positive_side_off_too(draw):
    x = draw.randn(5, 7)
    return x, torch.where(x > 0, 1.1 * x, 0.5 * x)


@near("clipped")
def squashed(draw):
    x = draw.randn(5, 7) * 3
    return x, x.tanh()


@near("clipped")
def one_extreme_value_off(draw):
    x = draw.randn(5, 7)
    yours = x.clone()
    yours.view(-1)[x.argmax()] = x.flatten().sort().values[-2]
    return x, yours


@near("dropout_in_eval")
def zeros_by_relu(draw):
    x = draw.randn(5, 7)
    return x, torch.where(x > 0, x + 0.3, torch.zeros(()))


@near("dropout_in_eval")
def another_mask_at_another_rate(draw):
    x = draw.randn(6, 9)
    return x * (draw.rand(6, 9) > 0.5) / 0.5, x * (draw.rand(6, 9) > 0.3) / 0.7


@near("another_normalisation")
def normalised_by_the_largest(draw):
    x = draw.randn(5, 7)
    return F.layer_norm(x, (7,)), x / x.abs().amax(1, keepdim=True), {"inputs": (x,)}


@near("another_gelu")
def silu_for_gelu(draw):
    x = draw.randn(5, 7)
    return F.gelu(x), F.silu(x), {"inputs": (x,)}


@near("sign_flipped")
def sign_of_half_flipped(draw):
    x = draw.randn(4, 6)
    return x, x * torch.tensor([1.0, -1.0]).repeat(3)


@near("sign_flipped")
def symmetric_by_nature(draw):
    return torch.zeros(4), torch.tensor([0.0, 0.0, 0.0, 1.0])


@near("factor")
def two_factors(draw):
    x = draw.randn(4, 6)
    return x, x * torch.tensor([2.0, 3.0]).repeat(3)


@near("factor", "shift")
def constant_expected(draw):
    return torch.ones(3, 4), torch.full((3, 4), 2.0)


@near("factor")
def one_number_some_times_larger(draw):
    loss = draw.randn().abs() + 0.5
    return loss, loss * 1.7


@near("factor")
def two_numbers_some_times_larger(draw):
    x = draw.randn(1, 2)
    return x, x * 1.7


@near("factor")
def one_whole_number_twice(draw):
    return 4, 8


@near("shift")
def noise_added(draw):
    x = draw.randn(4, 6)
    return x, x + 0.37 + 1e-3 * draw.randn(4, 6)


@near("shift_per_axis", "factor_per_axis")
def one_item_each(draw):
    return draw.randn(1, 6), draw.randn(1, 6)


@near("shift_per_axis")
def bias_and_factor(draw):
    x = draw.randn(5, 6)
    return x + draw.randn(6), 1.2 * x


@near("factor_per_axis")
def scale_per_row_and_column(draw):
    x = draw.randn(5, 6)
    return x, x * draw.rand(6, low=0.5) * draw.rand(5, 1, low=0.5)


@near("scaled_and_shifted")
def three_values(draw):
    return draw.randn(3), draw.randn(3)


@near("scaled_and_shifted")
def bent(draw):
    x = draw.randn(5, 6)
    return x, 2 * x + 1 + 0.1 * x.square()


@near("nearly_right")
def wrong_by_a_percent(draw):
    x = draw.randn(5, 6)
    return x, x + 0.01 * draw.randn(5, 6)


@near("nearly_right")
def nearly_right_but_one(draw):
    x = draw.randn(5, 6)
    yours = x + 1e-4 * draw.randn(5, 6)
    yours[2, 3] += 1
    return x, yours


@near("conjugated")
def conjugate_transposed(draw):
    x = torch.complex(draw.randn(3, 3), draw.randn(3, 3))
    return x, x.T.conj()
