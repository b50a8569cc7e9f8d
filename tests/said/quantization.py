"""Test what the chapter on quantization says about torch."""

import warnings

import pytest
import torch
import torch.ao.quantization as ao
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, tries

said = tries("quantization")


@said("torch rounds halves to the nearest even integer.")
def halves() -> None:
    for dtype in (torch.float32, torch.float64, torch.float16):
        k = torch.arange(-50, 50)
        assert ((k + 0.5).to(dtype).round() % 2 == 0).all()


@said("Inside the range, the error is at most half a step.")
def rounding_error() -> None:
    x = torch.linspace(-12.8, 12.7, 9001)
    for scale in (0.1, 0.2, 1.0):
        assert ((torch.fake_quantize_per_tensor_affine(x, scale, 0, -128, 127) - x).abs() <= scale / 2 + 1e-6).all()


@said("stands for $s\\,(q - z)$, and 0 stays exactly 0.")
def zero_stays() -> None:
    for scale in torch.logspace(-5, 5, 40).tolist():
        for zero in range(-128, 128, 15):
            assert torch.fake_quantize_per_tensor_affine(torch.zeros(1), scale, zero, -128, 127) == 0


@said("For a symmetric range, torch divides the largest absolute value by 127.5.")
def symmetric_range() -> None:
    for largest in (0.3, 1.0, 2.55):
        for x in (torch.tensor([0.1, largest]), torch.tensor([-largest, 0.1])):
            observer = ao.MinMaxObserver(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
            observer(x)
            scale, zero = observer.calculate_qparams()
            assert close(scale, torch.tensor([largest / 127.5]))
            assert zero == 0


@said("it has room for the sum of more than 100,000 of the largest products")
def sums_in_int32() -> None:
    assert torch.iinfo(torch.int32).max > 100_000 * 127**2
    ones = torch.full((1, 100_000), 127, dtype=torch.int32)
    assert (ones @ ones.T).item() == 100_000 * 127**2


@said("A positive scale can be moved through a ReLU")
def scale_through_relu() -> None:
    x = torch.randn(500)
    for scale in (1e-3, 0.7, 40.0):
        assert close(F.relu(scale * x), scale * F.relu(x))


@said("It is 0 on each step of the staircase, so no weight would ever change.")
def rounding_has_no_gradient() -> None:
    x = (10 * torch.randn(500)).requires_grad_()
    assert not torch.autograd.grad(x.round().sum(), x)[0].any()


@said("Inside the range, rounding is treated as the identity, with gradient 1.")
def straight_through() -> None:
    x = (4 * torch.randn(500, dtype=torch.float64)).requires_grad_()
    code = (x / 0.5).round() + 3
    gradient = torch.autograd.grad(torch.fake_quantize_per_tensor_affine(x, 0.5, 3, -8, 7).sum(), x)[0]
    assert torch.equal(gradient, ((code >= -8) & (code <= 7)).double())


@said("`quantize_dynamic` replaces the *children* of the module you pass.")
@said("By default, `quantize_dynamic` doesn't quantize convolutions.")
def what_is_replaced() -> None:
    with warnings.catch_warnings(action="ignore"):
        alone = ao.quantize_dynamic(nn.Linear(3, 2))
        made = ao.quantize_dynamic(nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 2))))
        convs = nn.Sequential(nn.Conv1d(1, 1, 2), nn.Conv2d(1, 1, 2), nn.Conv3d(1, 1, 2))
        kept = ao.quantize_dynamic(convs, {nn.Conv1d, nn.Conv2d, nn.Conv3d})
        default = ao.quantize_dynamic(convs)
    assert type(alone) is nn.Linear
    assert type(made[0]) is type(made[1][0]) is not nn.Linear
    assert [type(layer) for layer in kept] == [type(layer) for layer in default] == [type(layer) for layer in convs]


@said("torch.ao.quantization is deprecated and will be removed in 2.10")
def deprecated() -> None:
    with pytest.warns(DeprecationWarning, match="torch.ao.quantization is deprecated and will be removed in 2.10"):
        ao.quantize_dynamic(nn.Sequential(nn.Linear(3, 2)))


@said("The layers that `quantize_dynamic` makes also have one scale for all inputs of a call.")
def one_scale_for_a_call() -> None:
    torch.manual_seed(0)
    with warnings.catch_warnings(action="ignore"):
        made = ao.quantize_dynamic(nn.Sequential(nn.Linear(8, 4)))
    x = torch.randn(1, 8)
    assert (made(x) - made(torch.cat([x, 100 * x]))[:1]).abs().max() > 0.1


@said("`prepare_qat` expects a network in training mode, and raises an error in evaluation mode.")
def mode_of_prepare_qat() -> None:
    with warnings.catch_warnings(action="ignore"), pytest.raises(AssertionError, match="training mode"):
        ao.prepare_qat(nn.Sequential(nn.Linear(2, 2)).eval())


@said("`x + y` raises an error if `x` and `y` are quantized tensors.")
def sums_of_quantized_tensors() -> None:
    with warnings.catch_warnings(action="ignore"):
        x = torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8)
        with pytest.raises((RuntimeError, NotImplementedError)):
            x + x


@said("An integer that doesn't fit loses its upper bits.")
def wrapping_around() -> None:
    k = torch.arange(-2000, 2000)
    assert torch.equal(k.to(torch.int8).long(), (k + 128) % 256 - 128)


@said("$H^{-1} = U^\\top U$: one factorization serves all columns.")
def columns_that_remain() -> None:
    x = torch.randn(40, 6, dtype=torch.float64)
    hessian = x.T @ x
    upper = torch.linalg.cholesky(torch.linalg.inv(hessian), upper=True)
    for j in range(5):
        best = torch.linalg.solve(hessian[j + 1 :, j + 1 :], hessian[j + 1 :, j])
        assert close(best, -upper[j, j + 1 :] / upper[j, j])
