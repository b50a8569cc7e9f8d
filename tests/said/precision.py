"""Test what the chapter on half precision says about torch."""

import warnings

import pytest
import torch
import torch.nn.functional as F

from tests.said.tried import tries

said = tries("precision")


@said(
    "A float16 and a bfloat16 vector give float32, because neither format contains all of the other's numbers.",
    "The sum of an int64 vector and a floating-point vector has the dtype of the latter, no matter how few bits that "
    "dtype has.",
)
def dtypes_are_promoted() -> None:
    half, brain = torch.ones(1).half(), torch.ones(1).bfloat16()
    assert (half + brain).dtype is torch.float32
    assert half.add(2**-10).bfloat16() != half.add(2**-10)
    assert torch.isinf(torch.full((1,), 2.0**16).bfloat16().half())
    for short in (half, brain):
        assert (torch.ones(1, dtype=torch.int64) + short).dtype is short.dtype


@said(
    "`float8_e4m3fn` (**f**inite, **n**an) spends no code on `inf`. Only the code whose bits are *all* 1 is `nan`, so "
    "the largest exponent code stores ordinary numbers, too."
)
def one_code_of_each_sign_is_nan() -> None:
    values = torch.arange(256, dtype=torch.uint8).view(torch.float8_e4m3fn).float()
    assert values.isnan().nonzero().flatten().tolist() == [0x7F, 0xFF]
    assert not values.isinf().any()


@said("If you read the 32 bits as an integer, the next larger float is the next larger integer, even across a change")
def floats_are_in_the_order_of_their_codes() -> None:
    x = torch.cat([torch.rand(1000), 2.0 ** torch.arange(-20, 20), torch.tensor([0.0, 1e-45, 3.4028234663852886e38])])
    after = (x.view(torch.int32) + 1).view(torch.float32)
    assert torch.equal(after, torch.nextafter(x, torch.tensor(torch.inf)))


@said("Inside the block, autocast would also change the dtypes in your own backward functions.")
def autocast_reaches_backward_functions() -> None:
    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, gradient):
            seen.append((gradient @ gradient.T).dtype)
            return gradient

    seen: list[torch.dtype] = []
    for inside in (True, False):
        x = torch.ones(2, 2, requires_grad=True)
        with torch.autocast("cpu", torch.bfloat16):
            y = Product.apply(x).sum()
            if inside:
                y.backward()
        if not inside:
            y.backward()
    assert seen == [torch.bfloat16, torch.float32]


@said("`torch.sum` gives the correct result, because it adds in float32 and rounds once at the end.")
def sum_adds_up_in_float32() -> None:
    x = torch.full((4096,), 0.1, dtype=torch.float16)
    assert x.sum() == x.float().sum().half()


@said("On the CPU, convert the codes to float32 first, because `add` and `sum` of float8 tensors raise an error.")
def float8_has_no_arithmetic() -> None:
    codes = torch.ones(2, 2).to(torch.float8_e4m3fn)
    for compute in (lambda: codes + codes, lambda: codes.sum()):
        with pytest.raises(RuntimeError, match="not implemented"):
            compute()


@said("It can't use `torch.amp.GradScaler`, which refuses to unscale float16 gradients.")
def the_scaler_refuses_float16() -> None:
    weight = torch.nn.Parameter(torch.ones(1).half())
    scaler = torch.amp.GradScaler("cpu")
    scaler.scale(weight.sum()).backward()
    with pytest.raises(ValueError, match="FP16"):
        scaler.step(torch.optim.SGD([weight], lr=0.1))


@said("`layer_norm` mixes the two dtypes silently, and `rms_norm` warns. `F.linear` would raise an error.")
def norms_mix_dtypes() -> None:
    x, weight = torch.randn(2, 4).bfloat16(), torch.ones(4)
    with warnings.catch_warnings(action="error"):
        assert F.layer_norm(x, (4,), weight).dtype is torch.bfloat16
    with pytest.raises(RuntimeError, match="dtype"):
        F.linear(x, torch.ones(3, 4))
