# %% quantise right: with detach
def quantise(x, step, levels):
    k = torch.round(x / step)
    passed = torch.where(k.abs() <= levels, x, x.detach())
    return passed + (step * torch.clip(k, -levels, levels) - passed).detach()


# %% quantise oracle
class Cut(torch.autograd.Function):
    """The fake quantisation of torch takes float32 alone: in float64 its definition is written out."""

    @staticmethod
    def forward(ctx, x, step, levels):
        ctx.inside = [abs(round(v)) <= levels for v in (x / step).flatten().tolist()]
        values = [step * min(max(round(v), -levels), levels) for v in (x / step).flatten().tolist()]
        return torch.tensor(values, dtype=x.dtype).reshape(x.shape)

    @staticmethod
    def backward(ctx, gradient):
        inside = torch.tensor(ctx.inside, dtype=gradient.dtype).reshape(gradient.shape)
        return gradient * inside, None, None


def quantise(x, step, levels):
    if x.dtype == torch.float32:
        return torch.fake_quantize_per_tensor_affine(x, step, 0, -levels, levels)
    return Cut.apply(x, step, levels)


# %% quantise wrong: the gradient of rounding
# The gradient of round is zero everywhere, so nothing before it learns: it needs a backward of its own.
def quantise(x, step, levels):
    return step * torch.round(x / step).clamp(-levels, levels)


# %% quantise wrong: the gradient passes everywhere
# The gradient passes where the value was cut too: an input that is out of range would be pushed further out.
def quantise(x, step, levels):
    y = step * torch.round(x / step).clamp(-levels, levels)
    return x + (y - x).detach()


# %% quantise wrong: cut before rounding
# The gradient is cut where |x| exceeds levels * step; values up to half a step above it still round to the last level and are inside.
def quantise(x, step, levels):
    y = step * torch.round(x / step).clamp(-levels, levels)
    soft = x.clamp(-levels * step, levels * step)
    return soft + (y - soft).detach()


# %% quantise wrong: what comes from above is dropped
# backward returns the mask itself; by the chain rule it is multiplied by the gradient from above. A sum as the loss hides that.
class StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, step, levels):
        k = torch.round(x / step)
        ctx.save_for_backward(k.abs() <= levels)
        return step * k.clamp(-levels, levels)

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return inside.to(gradient.dtype), None, None


def quantise(x, step, levels):
    return StraightThrough.apply(x, step, levels)


# %% quantise equivalent: (removed) @staticmethod
# `apply` takes forward and backward from the class, where a plain function works like a static method.
