"""Test what the chapter on vision layers says about torch."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, tries

said = tries("vision")


@said("they also accept integers and booleans.", "They accept any number of leading dimensions, including none.")
def pixel_shuffle_takes_any_dtype_and_any_leading_axes() -> None:
    for dtype in (torch.int64, torch.bool, torch.uint8, torch.float64):
        for lead in ((), (2,), (2, 3)):
            x = torch.randint(0, 2, (*lead, 8, 3, 5)).to(dtype)
            y = F.pixel_shuffle(x, 2)
            assert y.dtype == dtype
            assert y.shape == (*lead, 2, 6, 10)
            assert torch.equal(F.pixel_unshuffle(y, 2), x)


@said(
    "With more than one group and more than one channel in each, a shuffle is its own inverse only if $C = g^2$.",
    "In general, the inverse of `ChannelShuffle(g)` is `ChannelShuffle(C // g)`",
)
def the_inverse_of_a_channel_shuffle() -> None:
    for groups in range(2, 6):
        for size in range(2, 7):
            x = torch.arange(float(groups * size)).view(1, -1, 1)
            y = F.channel_shuffle(x, groups)
            assert torch.equal(F.channel_shuffle(y, size), x)
            assert torch.equal(F.channel_shuffle(y, groups), x) == (groups == size)


@said("The first two dimensions are the batch and the channels, and they are never resized.")
def the_first_two_axes_are_never_resized() -> None:
    for axes in (1, 2, 3):
        y = F.interpolate(torch.zeros(2, 3, *[4] * axes), scale_factor=2)
        assert y.shape == (2, 3, *[8] * axes)


@said("the mean of a window: adaptive average pooling")
def area_is_adaptive_average_pooling() -> None:
    x = torch.randn(2, 3, 7, 10)
    for size in ((3, 4), (9, 13), (7, 5)):
        assert close(F.interpolate(x, size=size, mode="area"), F.adaptive_avg_pool2d(x, size))


@said("Its gradient is computed with the transposed matrix, so the columns say how much gradient each input gets")
def the_gradient_of_interpolation_is_the_transposed_matrix() -> None:
    x, pull = torch.randn(1, 1, 5, dtype=torch.float64, requires_grad=True), torch.randn(1, 1, 8, dtype=torch.float64)
    (gradient,) = torch.autograd.grad(F.interpolate(x, size=8, mode="linear"), x, pull)
    weights = F.interpolate(torch.eye(5, dtype=torch.float64).view(5, 1, 5), size=8, mode="linear")[:, 0].T
    assert close(gradient[0, 0], weights.T @ pull[0, 0])


@said("each row sums to 1")
def the_weights_of_an_output_sum_to_one() -> None:
    for mode in ("nearest", "nearest-exact", "bilinear", "bicubic", "area"):
        for size in (2, 5, 11):
            y = F.interpolate(torch.ones(1, 1, 6, 6), size=size, mode=mode)
            assert close(y, torch.ones_like(y))


@said("all outputs use the same weights", "All outputs use the same kernel with a stride of 1.")
def resize_convolution_is_flat_on_a_flat_map() -> None:
    for _ in range(5):
        up = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(4, 3, 3, padding=1))
        y = up(torch.ones(1, 4, 6, 6))[..., 2:-2, 2:-2]
        assert close(y, y[..., :1, :1].expand_as(y))


@said("On square images, the two matrices are the same, so a test with square images does not catch the mistake.")
def a_plain_rotation_matrix_is_right_on_square_images() -> None:
    x = torch.randn(1, 2, 7, 7)
    theta = torch.tensor([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]])
    y = F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False)
    assert close(y, x.rot90(1, (2, 3)))


@said(
    'This works for images, with `"bilinear"`, `"bicubic"`, and `"lanczos"`',
    'This works for images, with `"bilinear"`, `"bicubic"`, and `"lanczos"`, which requires it.',
)
def antialias_has_three_modes() -> None:
    for mode in ("bilinear", "bicubic", "lanczos"):
        assert F.interpolate(torch.randn(1, 2, 8, 9), size=(3, 4), mode=mode, antialias=True).shape == (1, 2, 3, 4)
    for mode in ("nearest", "area"):
        with pytest.raises(ValueError, match=r"[Aa]nti-alias"):
            F.interpolate(torch.randn(1, 2, 8, 8), size=3, mode=mode, antialias=True)
    for mode, axes in (("linear", 1), ("lanczos", 1), ("trilinear", 3)):
        with pytest.raises((ValueError, NotImplementedError)):
            F.interpolate(torch.randn(1, 2, *[8] * axes), size=3, mode=mode, antialias=True)


@said("with negative weights; needs `antialias=True` and runs only on the CPU")
def lanczos_overshoots_and_needs_antialias() -> None:
    edge = torch.cat([torch.zeros(1, 1, 4, 6), torch.ones(1, 1, 4, 6)], 3)
    assert F.interpolate(edge, size=(4, 24), mode="lanczos", antialias=True).min() < -0.05
    for options in ({}, {"antialias": True, "align_corners": True}):
        with pytest.raises(ValueError, match="Lanczos"):
            F.interpolate(edge, size=(4, 24), mode="lanczos", **options)


@said("If you leave `align_corners` out, torch warns and uses `False`.")
def sampling_warns_where_align_corners_is_left_out() -> None:
    x, grid = torch.randn(1, 1, 3, 4), 2 * torch.rand(1, 5, 5, 2) - 1
    theta = torch.randn(1, 2, 3)
    with pytest.warns(UserWarning, match="align_corners=False"):
        assert torch.equal(F.grid_sample(x, grid), F.grid_sample(x, grid, align_corners=False))
    with pytest.warns(UserWarning, match="align_corners=False"):
        assert torch.equal(F.affine_grid(theta, (1, 1, 2, 3)), F.affine_grid(theta, (1, 1, 2, 3), align_corners=False))


@said("The old functions `F.upsample`, `F.upsample_nearest`, and `F.upsample_bilinear` still exist, but they warn.")
def old_upsampling_functions_warn() -> None:
    for function in (F.upsample, F.upsample_nearest, F.upsample_bilinear):
        with pytest.warns(UserWarning, match="deprecated"):
            function(torch.zeros(1, 1, 2, 2), scale_factor=2)


@said(
    "Bilinear interpolation rounds such images, so their mean drifts over many resizing steps; an int64 image raises "
    "an error."
)
@said("And neither mode accepts int64, the dtype of labels:")
def bilinear_interpolation_of_integers() -> None:
    pixels = torch.tensor([[[[0, 2, 5]]]])
    y = F.interpolate(pixels.to(torch.uint8), size=(1, 6), mode="bilinear")
    exact = F.interpolate(pixels.double(), size=(1, 6), mode="bilinear")
    assert y.dtype == torch.uint8
    assert 0 < (y - exact).abs().max() <= 0.5
    for mode in ("bilinear", "nearest", "nearest-exact"):
        with pytest.raises(NotImplementedError):
            F.interpolate(pixels, size=(1, 6), mode=mode)
