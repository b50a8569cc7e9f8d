# Right and wrong answers to the exercises of `softmax`. The comment below a wrong one is what a student is told.

# %% purses right: the others multiplied
def purses(shape, dim=None):
    sizes = list(shape)
    if dim is None:
        dim = 1 if len(sizes) not in (1, 3) else 0
    sharers = sizes.pop(dim)
    groups = 1
    for size in sizes:
        groups *= size
    return groups, sharers

# %% purses right: ask an empty tensor for its sum
def purses(shape, dim=None):
    x = torch.empty(tuple(shape), device="meta")
    if dim is None:
        dim = {1: 0, 3: 0}.get(x.dim(), 1)
    return x.sum(dim).numel(), x.size(dim)

# %% purses oracle
def purses(shape, dim=None):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = F.softmax(torch.zeros(tuple(shape), dtype=torch.float64), dim)
    sharers = round(1 / y.flatten()[0].item())
    return round(y.sum().item()), sharers

# %% purses wrong: the two swapped
# You return the length of dim first. Along dim lie the sharers of one purse; the number of purses is all entries divided by that.
def purses(shape, dim=None):
    if dim is None:
        dim = 0 if len(shape) in (1, 3) else 1
    return shape[dim], math.prod(shape) // shape[dim]

# %% purses wrong: one purse per item of the batch
# You count one purse for each item of the batch. In a picture with classes on axis 1 every place has a purse of its own: multiply all axes except dim.
def purses(shape, dim=None):
    if dim is None:
        dim = 0 if len(shape) in (1, 3) else 1
    others = [size for axis, size in enumerate(shape) if axis != dim % len(shape)]
    if not -len(shape) <= dim < len(shape):
        raise IndexError(dim)
    return (others[0] if others else 1), shape[dim]

# %% purses wrong: only the axes in front
# You multiply only the axes in front of dim. The axes behind it count as well: softmax treats all others alike.
def purses(shape, dim=None):
    if dim is None:
        dim = 0 if len(shape) in (1, 3) else 1
    sharers = shape[dim]
    return math.prod(shape[: dim % len(shape)]), sharers

# %% purses wrong: everything from dim on shares
# You let all axes from dim on share one purse, as LayerNorm and flatten do. Softmax divides along the one axis dim alone.
def purses(shape, dim=None):
    if dim is None:
        dim = 0 if len(shape) in (1, 3) else 1
    shape[dim]
    sharers = math.prod(shape[dim % len(shape) :])
    return math.prod(shape) // sharers, sharers

# %% purses wrong: without dim the last axis
# Without dim you take the last axis. That would be sensible, but torch keeps an older rule: axis 0 for one and three axes, axis 1 otherwise.
def purses(shape, dim=-1):
    return math.prod(shape) // shape[dim], shape[dim]

# %% purses wrong: without dim axis 1
# Without dim you take axis 1 for everything with more than one axis. With three axes the old rule takes axis 0, and that is the trap: there it divides between the items of the batch.
def purses(shape, dim=None):
    if dim is None:
        dim = min(1, len(shape) - 1)
    return math.prod(shape) // shape[dim], shape[dim]

# %% purses wrong: an axis that does not exist is wrapped
# You take dim modulo the number of axes, so dim=5 of a matrix quietly becomes axis 1. It has to be an IndexError.
def purses(shape, dim=None):
    if dim is None:
        dim = 0 if len(shape) in (1, 3) else 1
    sharers = shape[dim % len(shape)]
    return math.prod(shape) // sharers, sharers

# %% purses wrong: negative axes one too far
# You turn -1 into the axis before the last: a negative dim counts from the back beginning with -1, so add the number of axes and nothing else.
def purses(shape, dim=None):
    if dim is None:
        dim = 0 if len(shape) in (1, 3) else 1
    if not -len(shape) <= dim < len(shape):
        raise IndexError(dim)
    dim = dim if dim >= 0 else (dim - 1) % len(shape)
    return math.prod(shape) // shape[dim], shape[dim]

# %% dividers right: the axis moved to the end
def own_softmax(x, dim):
    z = x.movedim(dim, -1)
    z = z - z.max(-1).values.detach()[..., None]
    share = torch.einsum("...c,...->...c", z.exp(), 1 / z.exp().sum(-1))
    return share.movedim(-1, dim)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    z = x.movedim(dim, -1)
    top = z.max(-1, keepdim=True).values.detach()
    out = z - top - torch.log(torch.einsum("...c->...", (z - top).exp()))[..., None]
    return out.movedim(-1, dim)

# %% dividers right: logarithms first, logaddexp in a loop
def own_softmax(x, dim):
    return own_log_softmax(x, dim).exp()


def own_softmin(x, dim):
    low = x.amin(dim, keepdim=True)
    weight = torch.exp(low - x)
    return weight * weight.sum(dim, keepdim=True).reciprocal()


def own_log_softmax(x, dim):
    with torch.no_grad():
        middle = x.amax(dim, keepdim=True)
    total = None
    for piece in (x - middle).split(1, dim):
        total = piece.exp() if total is None else total + piece.exp()
    return (x - middle) - total.log()

# %% dividers oracle
def own_softmax(x, dim):
    return F.softmax(x, dim)


def own_softmin(x, dim):
    return F.softmin(x, dim)


def own_log_softmax(x, dim):
    return F.log_softmax(x, dim)

# %% dividers wrong: the formula as printed
# You take e to the power of the score itself. From 89 on that is inf in float32, and inf / inf is nan. Subtract the largest score of each purse first; the shares stay the same.
def own_softmax(x, dim):
    return x.exp() / x.exp().sum(dim, keepdim=True)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: one largest score for all purses
# You subtract the largest score of the whole tensor. A purse whose scores lie far below it has only zeros left, and 0 / 0 is nan. Take the largest of each purse: amax(dim, keepdim=True).
def own_softmax(x, dim):
    weight = torch.exp(x - x.max())
    return weight / weight.sum(dim, keepdim=True)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: the mean in place of the largest
# You subtract the mean of the purse. That is allowed by the formula, but a score 100 above the mean still overflows. Only the largest makes every exponent at most 0.
def own_softmax(x, dim):
    weight = torch.exp(x - x.nan_to_num(neginf=0.0).mean(dim, keepdim=True))
    return weight / weight.sum(dim, keepdim=True)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: the logarithm of the share
# You take the logarithm of the finished share. A share below about 1e-45 is 0 in float32, and its logarithm is -inf. Take the logarithm on paper: score minus largest minus ln of the sum.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(dim, keepdim=True))
    return weight / weight.sum(dim, keepdim=True)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    return own_softmax(x, dim).log()

# %% dividers wrong: a small number inside the logarithm
# You add a small number before the logarithm. It hides the -inf, but every logarithm of a small share is wrong: for a share of e^-200 you say about -20.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(dim, keepdim=True))
    return weight / weight.sum(dim, keepdim=True)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    return torch.log(own_softmax(x, dim) + 1e-9)

# %% dividers wrong: a small number below the line
# The small number in the denominator is not needed: the largest entry contributes exactly 1 to the sum. With it your shares no longer sum to 1.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(dim, keepdim=True))
    return weight / (weight.sum(dim, keepdim=True) + 1e-6)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: always the last axis
# Your softmax takes the last axis, whatever dim says. For (N, C, H, W) and dim=1 the purses are then the rows of the picture.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(-1, keepdim=True))
    return weight / weight.sum(-1, keepdim=True)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: the summed axis is gone
# Your sum has lost the axis dim, so it is lined up with the wrong one: in a square tensor without a word. Keep it with keepdim=True.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(dim, keepdim=True))
    return weight / weight.sum(dim)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: softmin is one minus softmax
# Softmin is not 1 - softmax: those numbers sum to C - 1. It is the softmax of the negated scores.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(dim, keepdim=True))
    return weight / weight.sum(dim, keepdim=True)


def own_softmin(x, dim):
    return 1 - own_softmax(x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: softmin by turning the shares over
# 1 / share, divided by its sum, is softmin on paper. But a tiny share is 0 in float32, and 1 / 0 is inf. Negate the scores instead.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(dim, keepdim=True))
    return weight / weight.sum(dim, keepdim=True)


def own_softmin(x, dim):
    turned = 1 / own_softmax(x, dim)
    return turned / turned.sum(dim, keepdim=True)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: the denominator is detached
# The sum was cut out of the graph. The shares are right, but their gradient forgets that what one gains the others lose.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(dim, keepdim=True).detach())
    return weight / weight.sum(dim, keepdim=True).detach()


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: scores cut at 80
# You cut the scores so that nothing overflows. Two scores above the cut then get the same share, however far they lie apart. Shifting all scores of a purse is free; cutting some is not.
def own_softmax(x, dim):
    weight = x.clamp(-80, 80).exp()
    return weight / weight.sum(dim, keepdim=True)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True).log()

# %% dividers wrong: the logarithm by one sum too few
# ln of the sum is missing its logarithm: the log-softmax is score minus largest minus ln(sum), not minus the sum.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(dim, keepdim=True))
    return weight / weight.sum(dim, keepdim=True)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = x - x.amax(dim, keepdim=True)
    return behind - behind.exp().sum(dim, keepdim=True)

# %% dividers wrong: in float32
# You compute in float32, so a float64 input loses half its digits. Keep the dtype of x.
def own_softmax(x, dim):
    weight = torch.exp(x - x.amax(dim, keepdim=True))
    return weight / weight.sum(dim, keepdim=True)


def own_softmin(x, dim):
    return own_softmax(-x, dim)


def own_log_softmax(x, dim):
    behind = (x - x.amax(dim, keepdim=True)).float()
    return (behind - behind.exp().sum(dim, keepdim=True).log()).to(x.dtype)

# %% own_logsumexp right: where, and a sum that drops the axes
def own_logsumexp(x, dim, keepdim=False):
    dims = (dim,) if isinstance(dim, int) else dim
    top = torch.where(x.isfinite(), x, torch.full_like(x, -math.inf)).detach().amax(dims, keepdim=True)
    top = torch.where(top.isfinite(), top, torch.zeros_like(top))
    total = torch.exp(x - top).sum(dims, keepdim=keepdim)
    if not keepdim:
        flat = top
        for axis in sorted((d % x.dim() for d in dims), reverse=True):
            flat = flat.select(axis, 0)
        top = flat
    safe = torch.where(total == 0, torch.ones_like(total), total)
    return torch.where(total == 0, torch.full_like(total, -math.inf), safe.log() + top)

# %% own_logsumexp right: all axes moved to one, log1p of the rest
def own_logsumexp(x, dim, keepdim=False):
    dims = sorted(d % x.dim() for d in ([dim] if isinstance(dim, int) else dim))
    shape = [1 if axis in dims else size for axis, size in enumerate(x.shape)]
    z = x.movedim(dims, list(range(-len(dims), 0))).flatten(-len(dims))
    best, at = z.max(-1, keepdim=True)
    shift = best.detach().nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
    rest = torch.where(best.isneginf() & ~z.isnan(), torch.zeros_like(z), (z - shift).exp()).sum(-1, keepdim=True)
    empty = best.isneginf()
    out = torch.where(empty, torch.full_like(best, -math.inf), torch.where(empty, torch.ones_like(rest), rest).log() + shift)
    out = out.reshape(shape)
    return out if keepdim else out.reshape([s for a, s in enumerate(shape) if a not in dims])

# %% own_logsumexp oracle
def own_logsumexp(x, dim, keepdim=False):
    empty = (x == -math.inf).all(dim, keepdim=True)
    y = torch.logsumexp(torch.where(empty, torch.zeros_like(x), x), dim, keepdim=True)
    y = y.masked_fill(empty, -math.inf)
    return y if keepdim else y.squeeze(dim)

# %% own_logsumexp equivalent: top = top.masked_fill(top.isinf(), 1.0)
# any finite number may stand for an infinite largest entry: it is subtracted and added again

# %% own_logsumexp equivalent: y = total.masked_fill(nothing, 2.0).log() + top
# the harmless number is taken away in the next line

# %% own_logsumexp wrong: the formula as printed
# You sum e to the power of the score itself: 1000 overflows to inf, and -1000 vanishes to 0. Take the largest out of the sum first and add it behind the logarithm.
def own_logsumexp(x, dim, keepdim=False):
    total = x.exp().sum(dim, keepdim=keepdim)
    nothing = total == 0
    return total.masked_fill(nothing, 1.0).log().masked_fill(nothing, -math.inf)

# %% own_logsumexp wrong: the largest may be infinite
# If all are -inf, so is the largest, and -inf minus -inf is nan. Put a finite number in the place of an infinite largest one.
def own_logsumexp(x, dim, keepdim=False):
    top = x.detach().amax(dim, keepdim=True)
    y = (x - top).exp().sum(dim, keepdim=True).log() + top
    return y if keepdim else y.squeeze(dim)

# %% own_logsumexp wrong: the gradient of nothing is nan
# The value of an empty purse is right, but its gradient is nan: the logarithm has slope inf at 0, and inf times 0 is nan. Make the sum harmless before the logarithm.
def own_logsumexp(x, dim, keepdim=False):
    top = x.detach().amax(dim, keepdim=True)
    top = top.masked_fill(top.isinf(), 0.0)
    y = (x - top).exp().sum(dim, keepdim=True).log() + top
    return y if keepdim else y.squeeze(dim)

# %% own_logsumexp wrong: a small number inside the logarithm
# You add a small number inside the logarithm, so that nothing becomes about -23 in place of -inf. Whoever takes e to that power later gets a share out of nothing.
def own_logsumexp(x, dim, keepdim=False):
    top = x.detach().amax(dim, keepdim=True)
    top = top.masked_fill(top.isinf(), 0.0)
    y = ((x - top).exp().sum(dim, keepdim=True) + 1e-10).log() + top
    return y if keepdim else y.squeeze(dim)

# %% own_logsumexp wrong: the largest is never below zero
# You shift only by what lies above 0. Scores around -1000 then vanish: their sum is 0 and the result -inf. Shift by the largest, whatever its sign.
def own_logsumexp(x, dim, keepdim=False):
    top = x.detach().amax(dim, keepdim=True).clamp(min=0.0)
    top = top.masked_fill(top.isinf(), 0.0)
    total = (x - top).exp().sum(dim, keepdim=True)
    nothing = total == 0
    y = total.masked_fill(nothing, 1.0).log() + top
    y = y.masked_fill(nothing, -math.inf)
    return y if keepdim else y.squeeze(dim)

# %% own_logsumexp wrong: one largest for the whole tensor
# You take the largest of the whole tensor. A row far below it vanishes to 0. Take the largest along dim.
def own_logsumexp(x, dim, keepdim=False):
    top = x.detach().max()
    top = top.masked_fill(top.isinf(), 0.0)
    total = (x - top).exp().sum(dim, keepdim=keepdim)
    nothing = total == 0
    y = total.masked_fill(nothing, 1.0).log() + top
    return y.masked_fill(nothing, -math.inf)

# %% own_logsumexp wrong: the axis always stays
# keepdim is ignored: without it the axes of dim have to be gone from the result.
def own_logsumexp(x, dim, keepdim=False):
    top = x.detach().amax(dim, keepdim=True)
    top = top.masked_fill(top.isinf(), 0.0)
    total = (x - top).exp().sum(dim, keepdim=True)
    nothing = total == 0
    y = total.masked_fill(nothing, 1.0).log() + top
    return y.masked_fill(nothing, -math.inf)

# %% own_logsumexp wrong: every axis of length one is gone
# squeeze() without an axis removes every axis of length 1, also one that has nothing to do with dim. Name the axes: squeeze(dim).
def own_logsumexp(x, dim, keepdim=False):
    top = x.detach().amax(dim, keepdim=True)
    top = top.masked_fill(top.isinf(), 0.0)
    total = (x - top).exp().sum(dim, keepdim=True)
    nothing = total == 0
    y = total.masked_fill(nothing, 1.0).log() + top
    y = y.masked_fill(nothing, -math.inf)
    return y if keepdim else y.squeeze()

# %% own_logsumexp wrong: the largest alone
# You return the largest. That is what logsumexp comes close to when one score stands far out; for equal scores it is ln of their number more.
def own_logsumexp(x, dim, keepdim=False):
    return x.amax(dim, keepdim=keepdim)

# %% own_logsumexp wrong: the mean for the sum
# Your result is the logarithm of the mean, that is ln of the number of entries too small.
def own_logsumexp(x, dim, keepdim=False):
    top = x.detach().amax(dim, keepdim=True)
    top = top.masked_fill(top.isinf(), 0.0)
    total = (x - top).exp().mean(dim, keepdim=True)
    nothing = total == 0
    y = total.masked_fill(nothing, 1.0).log() + top
    y = y.masked_fill(nothing, -math.inf)
    return y if keepdim else y.squeeze(dim)

# %% own_logsumexp wrong: minus infinity becomes minus 1000
# You put -1000 in the place of -inf. Beside entries that lie as low, it counts as one of them. Only -inf adds nothing to every sum.
def own_logsumexp(x, dim, keepdim=False):
    z = x.masked_fill(x == -math.inf, -1000.0)
    top = z.detach().amax(dim, keepdim=True)
    top = top.masked_fill(top.isinf(), 0.0)
    y = (z - top).exp().sum(dim, keepdim=True).log() + top
    y = y.masked_fill((x == -math.inf).sum(dim, keepdim=True) == (x == x).sum(dim, keepdim=True), -math.inf)
    return y if keepdim else y.squeeze(dim)

# %% own_logsumexp wrong: nan is swept away
# You replace every nan by a number. An input that is nan should give nan, so that nobody overlooks it.
def own_logsumexp(x, dim, keepdim=False):
    x = torch.where(x.isnan(), torch.full_like(x, -math.inf), x)
    top = x.detach().amax(dim, keepdim=True)
    top = top.masked_fill(top.isinf(), 0.0)
    total = (x - top).exp().sum(dim, keepdim=True)
    nothing = total == 0
    y = total.masked_fill(nothing, 1.0).log() + top
    y = y.masked_fill(nothing, -math.inf)
    return y if keepdim else y.squeeze(dim)

# %% own_logsumexp wrong: one axis after the other, lost count
# With several axes you reduce one after the other without keeping them, so the second number means another axis than before. Reduce them at once, or keep the axes until the end.
def own_logsumexp(x, dim, keepdim=False):
    for axis in (dim,) if isinstance(dim, int) else dim:
        top = x.detach().amax(axis, keepdim=True)
        top = top.masked_fill(top.isinf(), 0.0)
        total = (x - top).exp().sum(axis, keepdim=True)
        nothing = total == 0
        x = total.masked_fill(nothing, 1.0).log() + top
        x = x.masked_fill(nothing, -math.inf)
        x = x if keepdim else x.squeeze(axis)
    return x

# %% temperature_for right: doubling and halving, row by row
def temperature_for(scores, share):
    rows = scores.reshape(-1, scores.shape[-1]).double()
    found = []
    for row in rows:
        top = lambda T: torch.softmax(row / T, 0).max().item()
        low = high = 1.0
        while top(low) < share:
            low /= 2
        while top(high) > share:
            high *= 2
        for _ in range(60):
            middle = (low + high) / 2
            if top(middle) > share:
                low = middle
            else:
                high = middle
        found.append(middle)
    return torch.tensor(found, dtype=scores.dtype).reshape(scores.shape[:-1])

# %% temperature_for right: halving the logarithm of T in a wide range
def temperature_for(scores, share):
    z = scores.to(torch.float64)
    low = torch.full(z.shape[:-1], -25.0, dtype=torch.float64)
    high = torch.full_like(low, 25.0)
    for _ in range(80):
        middle = 0.5 * (low + high)
        p = F.log_softmax(z / middle.exp().unsqueeze(-1), -1).max(-1).values.exp()
        low[p >= share] = middle[p >= share]
        high[p < share] = middle[p < share]
    return high.exp().to(scores.dtype)

# %% temperature_for oracle
def temperature_for(scores, share):
    rows = scores.double().reshape(-1, scores.shape[-1])
    out = []
    for row in rows:
        others = row.max() - row
        low, high = -30.0, 30.0
        for _ in range(100):
            middle = (low + high) / 2
            total = torch.exp(-others / math.exp(middle)).sum().item()
            low, high = (middle, high) if 1 / total > share else (low, middle)
        out.append(math.exp(low))
    return torch.tensor(out, dtype=scores.dtype).reshape(scores.shape[:-1])

# %% temperature_for equivalent: high = math.log(share / (1 - share) * (z.shape[-1] + 1)) / gap
# the search may begin with a larger end

# %% temperature_for equivalent: for _ in range(51):
# one halving more: 50 are enough

# %% temperature_for equivalent: strict = torch.softmax(middle[..., None] * z, -1).amax(-1) >= share
# differs only where the share is met to the last bit

# %% temperature_for wrong: one over the temperature
# You return the factor that the scores are multiplied with. The temperature is one over it.
def temperature_for(scores, share):
    z = scores.double() - scores.double().amax(-1, keepdim=True)
    gap = -z.topk(2, -1).values[..., 1]
    high = math.log(share / (1 - share) * (z.shape[-1] - 1)) / gap
    low = torch.zeros_like(high)
    for _ in range(50):
        middle = (low + high) / 2
        strict = torch.softmax(middle[..., None] * z, -1).amax(-1) > share
        low, high = torch.where(strict, low, middle), torch.where(strict, middle, high)
    return high.to(scores.dtype)

# %% temperature_for wrong: only the first two count
# You use the formula for two scores, with the distance between the largest and the second. All the others take their shares as well.
def temperature_for(scores, share):
    two = scores.topk(2, -1).values
    return (two[..., 0] - two[..., 1]) / math.log(share / (1 - share))

# %% temperature_for wrong: the first score for the largest
# You look at the share of the first score. The largest may stand anywhere: take the maximum.
def temperature_for(scores, share):
    low = torch.full(scores.shape[:-1], 1e-06, dtype=scores.dtype)
    high = torch.full_like(low, 1000000.0)
    for _ in range(90):
        middle = (low + high) / 2
        strict = torch.softmax(scores / middle[..., None], -1)[..., 0] > share
        low, high = torch.where(strict, middle, low), torch.where(strict, high, middle)
    return high

# %% temperature_for wrong: a fixed range up to 10
# You search between 0 and 10. Scores in the hundreds need a larger temperature, and the search stops at the edge without a word.
def temperature_for(scores, share):
    low = torch.full(scores.shape[:-1], 1e-06, dtype=scores.dtype)
    high = torch.full_like(low, 10.0)
    for _ in range(60):
        middle = (low + high) / 2
        strict = torch.softmax(scores / middle[..., None], -1).amax(-1) > share
        low, high = torch.where(strict, middle, low), torch.where(strict, high, middle)
    return high

# %% temperature_for wrong: a range of some distances
# You search between a twentieth and twenty times the distance of the first two. A share close to 1 needs a colder purse, one close to 1/C a far hotter one. Move the ends until the condition lies between them.
def temperature_for(scores, share):
    z = scores.double()
    top = z.topk(2, -1).values
    low, high = (top[..., 0] - top[..., 1]) / 20, (top[..., 0] - top[..., 1]) * 20
    for _ in range(60):
        middle = (low + high) / 2
        strict = torch.softmax(z / middle[..., None], -1).amax(-1) > share
        low, high = torch.where(strict, middle, low), torch.where(strict, high, middle)
    return middle.to(scores.dtype)

# %% temperature_for wrong: too few halvings
# 20 halvings of a range from 0 to 1000 end at steps of 0.001. For a temperature of 0.7 that is two or three digits, for one of 0.005 nothing.
def temperature_for(scores, share):
    low = torch.full(scores.shape[:-1], 0.0, dtype=scores.dtype)
    high = torch.full_like(low, 1000.0)
    for _ in range(20):
        middle = (low + high) / 2
        strict = torch.softmax(scores / middle[..., None], -1).amax(-1) > share
        low, high = torch.where(strict, middle, low), torch.where(strict, high, middle)
    return high

# %% temperature_for wrong: fixed steps
# You try temperatures in steps of 0.01 and take the nearest. That gives two digits for scores of that size, and none for others.
def temperature_for(scores, share):
    T = torch.arange(0.01, 5.0, 0.01, dtype=scores.dtype)
    top = torch.softmax(scores[..., None, :] / T[:, None], -1).amax(-1)
    return T[(top - share).abs().argmin(-1)]

# %% temperature_for wrong: one temperature for all rows
# You search one temperature for the mean over all rows. Each row has one of its own.
def temperature_for(scores, share):
    low, high = 1e-7, 1e7
    for _ in range(100):
        middle = math.sqrt(low * high)
        mean = torch.softmax(scores / middle, -1).amax(-1).mean().item()
        low, high = (middle, high) if mean > share else (low, middle)
    return torch.full(scores.shape[:-1], middle, dtype=scores.dtype)

# %% temperature_for wrong: the shares divided
# You divide the shares by T, not the scores. The results no longer sum to 1; the temperature belongs in front of the softmax.
def temperature_for(scores, share):
    return torch.softmax(scores, -1).amax(-1) / share

# %% temperature_for wrong: stopped near enough
# You stop when the share is within 0.001. Where the curve is flat, temperatures that differ in the second digit are that near.
def temperature_for(scores, share):
    low = torch.full(scores.shape[:-1], 1e-8, dtype=scores.dtype)
    high = torch.full_like(low, 1e8)
    for _ in range(200):
        middle = (low * high).sqrt()
        top = torch.softmax(scores / middle[..., None], -1).amax(-1)
        if bool(((top - share).abs() < 1e-3).all()):
            break
        low, high = torch.where(top > share, middle, low), torch.where(top > share, high, middle)
    return middle

# %% temperature_for wrong: matrices only
# You write out the batch axis, so only (N, C) works. Any number of leading axes is asked for, none included.
def temperature_for(scores, share):
    if scores.dim() == 1:
        return temperature_for(scores[None], share)[0]
    low = torch.full((scores.shape[0],), -25.0, dtype=torch.float64)
    high = -low
    for _ in range(80):
        middle = (low + high) / 2
        top = torch.softmax(scores.double() / middle.exp()[:, None], 1).amax(1)
        low, high = torch.where(top > share, middle, low), torch.where(top > share, high, middle)
    return middle.exp().to(scores.dtype)

# %% temperature_for wrong: always float64
# Your temperatures are float64, whatever dtype the scores have. Turn the result into scores.dtype.
def temperature_for(scores, share):
    z = scores.double()
    low = torch.full(z.shape[:-1], -25.0, dtype=torch.float64)
    high = -low
    for _ in range(80):
        middle = (low + high) / 2
        top = torch.softmax(z / middle.exp()[..., None], -1).amax(-1)
        low, high = torch.where(top > share, middle, low), torch.where(top > share, high, middle)
    return middle.exp()

# %% by_hand right: einsum, and what each gains and loses
def softmax_jacobian(y):
    size = y.shape[-1]
    same = torch.eye(size, dtype=y.dtype)
    return torch.einsum("...i,ij->...ij", y, same) - torch.einsum("...i,...j->...ij", y, y)


def softmax_backward(y, g, dim, T=1.0):
    y, g = y.movedim(dim, -1), g.movedim(dim, -1)
    lost = torch.einsum("...i,...i->...", y, g).unsqueeze(-1)
    return ((y * g - y * lost) / T).movedim(-1, dim)


def log_softmax_backward(log_y, g, dim):
    y = torch.exp(log_y)
    return torch.sub(g, y.mul(g.sum(dim).unsqueeze(dim)))

# %% by_hand right: log-softmax first
def softmax_jacobian(y):
    out = -y.unsqueeze(-1) @ y.unsqueeze(-2)
    out.diagonal(dim1=-2, dim2=-1).add_(y)
    return out


def softmax_backward(y, g, dim, T=1.0):
    h = y * g
    return (h - y * h.sum(dim, keepdim=True)) * (1 / T)


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% by_hand oracle
def softmax_jacobian(y):
    rows = y.reshape(-1, y.shape[-1])
    tables = [torch.autograd.functional.jacobian(lambda z: torch.softmax(z, -1), row.log()) for row in rows]
    return torch.stack(tables).reshape(*y.shape, y.shape[-1])


def softmax_backward(y, g, dim, T=1.0):
    return torch._softmax_backward_data(g, y, dim, y.dtype) / T


def log_softmax_backward(log_y, g, dim):
    return torch._log_softmax_backward_data(g, log_y, dim, log_y.dtype)

# %% by_hand wrong: as if it were a sigmoid
# You use only the diagonal of the table, y (1 - y), as for a sigmoid. What one share gains is taken from the others; those terms -y_i y_j are missing.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    return g * y * (1 - y) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% by_hand wrong: the plain mean
# You subtract the plain mean of g. It has to be the mean weighted with the shares: the sum of y times g.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    return y * (g - g.mean(dim, keepdim=True)) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% by_hand wrong: the plain sum
# You subtract the plain sum of g, which belongs to log-softmax. For the softmax it is the sum of y times g.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    return y * (g - g.sum(dim, keepdim=True)) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% by_hand wrong: the temperature is forgotten
# T is not used. The scores were divided by T before the softmax, so by the chain rule everything that comes back is divided by T too.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    return y * (g - (y * g).sum(dim, keepdim=True))


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% by_hand wrong: multiplied by the temperature
# You multiply by T. The scores were divided by it, so the gradient is too: a large T makes shares insensitive.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    return T * y * (g - (y * g).sum(dim, keepdim=True))


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% by_hand wrong: always the last axis
# The sum runs along the last axis, whatever dim says.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    return y * (g - (y * g).sum(-1, keepdim=True)) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% by_hand wrong: the summed axis is gone
# Your sum has lost the axis dim and is lined up with another one, in a square tensor without a word. Keep it: keepdim=True.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    mean = (y * g).sum(dim, keepdim=True)
    return y * (g - mean) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim)

# %% by_hand wrong: the shares once more
# Your log-softmax gradient has the shares in front, as that of the softmax. In the logarithm they cancel: it is g minus share times the sum of g.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    mean = (y * g).sum(dim, keepdim=True)
    return y * (g - mean) / T


def log_softmax_backward(log_y, g, dim):
    y = log_y.exp()
    return y * (g - g.sum(dim, keepdim=True))

# %% by_hand wrong: only the right class
# You subtract the shares as if exactly one g were 1 and the sum of g were 1. That is the case of cross entropy; in general the shares are multiplied by the sum of g.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    mean = (y * g).sum(dim, keepdim=True)
    return y * (g - mean) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp()

# %% by_hand wrong: logarithms taken for shares
# log_y holds logarithms. The formula needs the shares: log_y.exp().
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    mean = (y * g).sum(dim, keepdim=True)
    return y * (g - mean) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y * g.sum(dim, keepdim=True)

# %% by_hand wrong: back through the logarithm of the share
# You divide by the share and go back through the softmax. On paper that is right; where a share is 0 in float32 it is 0 / 0.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    mean = (y * g).sum(dim, keepdim=True)
    return y * (g - mean) / T


def log_softmax_backward(log_y, g, dim):
    y = log_y.exp()
    return softmax_backward(y, g / y, dim)

# %% by_hand wrong: float32 from a new matrix
# torch.eye makes float32 unless you say otherwise, so the tables of float16 shares come out in float32. Give it dtype=y.dtype.
def softmax_jacobian(y):
    return y[..., :, None] * (torch.eye(y.shape[-1]) - y[..., None, :])


def softmax_backward(y, g, dim, T=1.0):
    return y * (g - (y * g).sum(dim, keepdim=True)) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% by_hand wrong: a table for every purse
# You build the table of C times C slopes for every purse. With 150 000 sharers that is 90 gigabytes. The product with g needs one sum only.
def softmax_jacobian(y):
    return torch.diag_embed(y) - y[..., :, None] * y[..., None, :]


def softmax_backward(y, g, dim, T=1.0):
    y, g = y.movedim(dim, -1), g.movedim(dim, -1)
    return (g[..., None, :] @ softmax_jacobian(y))[..., 0, :].movedim(-1, dim) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% by_hand wrong: the table without its minus
# The entries beside the diagonal are negative: a higher score of one takes from the share of another.
def softmax_jacobian(y):
    outer = y[..., :, None] * y[..., None, :]
    diagonal = torch.diag_embed(y - y * y)
    off = outer - torch.diag_embed(y * y)
    return diagonal + off


def softmax_backward(y, g, dim, T=1.0):
    mean = (y * g).sum(dim, keepdim=True)
    return y * (g - mean) / T


def log_softmax_backward(log_y, g, dim):
    return g - log_y.exp() * g.sum(dim, keepdim=True)

# %% sorter right: log-softmax and a hand-made mean
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return F.linear(x, self.linear.weight, self.linear.bias)

    def shares(self, x, T=1.0):
        return torch.log_softmax(self(x) / T, -1).exp()

    def loss(self, x, y):
        z = self(x)
        return (z.logsumexp(1) - z.gather(1, y[:, None])[:, 0]).mean()

# %% sorter right: NLL of the log-softmax
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)
        self.divide = nn.Softmax(dim=-1)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return self.divide(self.forward(x).div(T))

    def loss(self, x, y):
        return nn.NLLLoss()(nn.LogSoftmax(dim=1)(self(x)), y)

# %% sorter oracle
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return F.linear(x, self.linear.weight, self.linear.bias)

    def shares(self, x, T=1.0):
        return torch.softmax(self.linear(x) / T, -1)

    def loss(self, x, y):
        return nn.CrossEntropyLoss()(self.linear(x), y)

# %% sorter faulty start
# A softmax stands in forward, so the loss takes log-softmax of shares; shares() divides between the things of the batch, and divides by T behind the softmax.

# %% sorter wrong: scores in training only
# In eval mode forward gives shares, and the loss takes the softmax of them. The net ends in scores in both modes; shares has a method of its own.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        scores = self.linear(x)
        return scores if self.training else F.softmax(scores, dim=-1)

    def shares(self, x, T=1.0):
        return F.softmax(self.linear(x) / T, dim=-1)

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)

# %% sorter wrong: only the loss is mended
# The loss is right now, but forward still returns shares: it should hand out the scores.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return F.softmax(self.linear(x), dim=-1)

    def shares(self, x, T=1.0):
        return F.softmax(self.linear(x) / T, dim=-1)

    def loss(self, x, y):
        return F.cross_entropy(self.linear(x), y)

# %% sorter wrong: shares of shares
# shares() applies a softmax to what is already a share: all come out nearly equal. One softmax is enough.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(F.softmax(self(x), dim=-1) / T, dim=-1)

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)

# %% sorter wrong: the temperature behind
# You divide the shares by T, not the scores: they sum to 1 / T, and their order of size is as strict as before.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(self(x), dim=-1) / T

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)

# %% sorter wrong: the temperature multiplies
# You multiply by T. A temperature of 2 has to make the shares more even, not less: divide.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(self(x) * T, dim=-1)

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)

# %% sorter wrong: between the things of the batch
# dim=0 divides one purse between the things of the batch. A single thing of shape (n_in,) looks right, a batch of one gets all ones.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(self(x) / T, dim=0)

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)

# %% sorter wrong: a batch only
# dim=1 is the axis of the classes in a batch, but a single thing of shape (n_in,) has no axis 1. Count from the back: dim=-1.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(self(x) / T, dim=1)

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)

# %% sorter wrong: NLL of the shares
# nll_loss expects logarithms. Of shares it makes a number between -1 and 0.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(self(x) / T, dim=-1)

    def loss(self, x, y):
        return F.nll_loss(F.softmax(self(x), dim=-1), y)

# %% sorter wrong: the logarithm of the share
# ln of a finished share is -inf where the share is 0 in float32, and the gradient nan. Use log-softmax, or cross_entropy of the scores.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(self(x) / T, dim=-1)

    def loss(self, x, y):
        return F.nll_loss(torch.log(F.softmax(self(x), dim=-1)), y)

# %% sorter wrong: the logarithm with a small number
# The small number keeps the loss finite, but where the share of the right class is tiny the gradient is gone: just there the net has most to learn.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(self(x) / T, dim=-1)

    def loss(self, x, y):
        return F.nll_loss(torch.log(F.softmax(self(x), dim=-1) + 1e-12), y)

# %% sorter wrong: the sum for the mean
# Your loss is the sum over the batch. It is to be the mean.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(self(x) / T, dim=-1)

    def loss(self, x, y):
        return F.cross_entropy(self(x), y, reduction="sum")

# %% sorter wrong: the softmax is only detached
# A softmax in front of cross_entropy makes the loss wrong, wherever it stands. cross_entropy wants scores.
class Sorter(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_in, n_classes)

    def forward(self, x):
        return self.linear(x)

    def shares(self, x, T=1.0):
        return F.softmax(self(x) / T, dim=-1)

    def loss(self, x, y):
        return F.cross_entropy(self.shares(x), y)

# %% masked_softmax right: where, in front and behind
def masked_softmax(scores, mask, dim=-1):
    low = torch.full_like(scores, -math.inf)
    y = torch.softmax(torch.where(mask, scores, low), dim)
    return torch.where(mask, y, torch.zeros_like(y))

# %% masked_softmax right: own exponentials, guarded sum
def masked_softmax(scores, mask, dim=-1):
    mask = torch.broadcast_to(mask, scores.shape)
    wide = scores.double().masked_fill(~mask, 0.0)
    top = wide.detach().masked_fill(~mask, -1e300).amax(dim, keepdim=True)
    weight = (wide - top).masked_fill(~mask, 0.0).exp() * mask
    total = weight.sum(dim, keepdim=True)
    return (weight / torch.where(total == 0, torch.ones_like(total), total)).to(scores.dtype)

# %% masked_softmax right: -inf, and every nan set to zero
def masked_softmax(scores, mask, dim=-1):
    shares = scores.masked_fill(~mask, float("-inf")).softmax(dim)
    return shares.nan_to_num(0.0)

# %% masked_softmax oracle
def masked_softmax(scores, mask, dim=-1):
    return torch._safe_softmax(scores.masked_fill(~mask, -math.inf), dim)

# %% masked_softmax equivalent: inside = scores.masked_fill(out, -math.inf).masked_fill(closed, 1.0)
# in a closed purse any number does: its shares are taken away in the next line

# %% masked_softmax wrong: no guard for the closed purse
# A purse with nothing but -inf gives 0 / 0, that is nan. Decide what it should give, and guard it before the softmax.
def masked_softmax(scores, mask, dim=-1):
    return torch.softmax(scores.masked_fill(~mask, -math.inf), dim)

# %% masked_softmax wrong: minus 1e20
# -1e20 is no number of float16: masked_fill stops with an overflow. And a closed purse is divided evenly among those who are out. Take -inf, and guard the closed purse.
def masked_softmax(scores, mask, dim=-1):
    return torch.softmax(scores.masked_fill(~mask, -1e20), dim)

# %% masked_softmax wrong: minus 1e4
# -10000 is not far enough below everything: scores may lie as low themselves, and a closed purse is divided evenly among those who are out.
def masked_softmax(scores, mask, dim=-1):
    return torch.softmax(scores.masked_fill(~mask, -1e4), dim)

# %% masked_softmax wrong: the lowest number of the dtype
# The lowest number of the dtype in place of -inf avoids the nan, but divides a closed purse evenly among those who are out. Take their shares away behind the softmax.
def masked_softmax(scores, mask, dim=-1):
    return torch.softmax(scores.masked_fill(~mask, torch.finfo(scores.dtype).min), dim)

# %% masked_softmax wrong: the lowest number, and the mask once more
# The closed purse is right now. But a score that is in may be the lowest number of its dtype; then those who are out take a part of the purse, which you throw away. Only -inf is below every score.
def masked_softmax(scores, mask, dim=-1):
    y = torch.softmax(scores.masked_fill(~mask, torch.finfo(scores.dtype).min), dim)
    return y.masked_fill(~mask, 0.0)

# %% masked_softmax wrong: the mask is added
# You add -inf where the mask is False. A nan or +inf that stands there becomes nan, and in a closed purse the gradients do.
def masked_softmax(scores, mask, dim=-1):
    low = torch.zeros_like(scores).masked_fill(~mask, -math.inf)
    return torch.softmax(scores + low, dim).nan_to_num(0.0)

# %% masked_softmax wrong: scores multiplied by the mask
# You multiply the scores by the mask. A score of 0 is not "out": it takes its share like any other. Fill with -inf.
def masked_softmax(scores, mask, dim=-1):
    mask = mask.expand_as(scores)
    y = torch.softmax(scores * mask, dim)
    return y * mask.any(dim, keepdim=True)

# %% masked_softmax wrong: the shares multiplied by the mask
# You take the shares of those who are out away afterwards, so the rest no longer sums to 1. They must not take part in the first place.
def masked_softmax(scores, mask, dim=-1):
    return torch.softmax(scores, dim) * mask

# %% masked_softmax wrong: divided again by what is left
# You take shares away and divide by what is left. If somebody who is out has a score 100 above the others, nothing is left but rounding; and a nan there spoils all.
def masked_softmax(scores, mask, dim=-1):
    y = torch.softmax(scores, dim) * mask
    total = y.sum(dim, keepdim=True)
    return torch.where(total > 0, y / total.clamp(min=1e-30), torch.zeros_like(y))

# %% masked_softmax wrong: a small number for every purse
# You add 1e-9 to the sum for the sake of the closed purse. Where all scores are low that is no longer small beside the sum, for you do not subtract the largest first.
def masked_softmax(scores, mask, dim=-1):
    weight = scores.masked_fill(~mask, -math.inf).exp()
    return weight / (weight.sum(dim, keepdim=True) + 1e-9)

# %% masked_softmax wrong: the mask turned round
# Your mask says who is out. Here True means in, as for scaled_dot_product_attention; MultiheadAttention has it the other way round.
def masked_softmax(scores, mask, dim=-1):
    y = torch.softmax(scores.masked_fill(mask, -math.inf), dim)
    return y.nan_to_num(0.0)

# %% masked_softmax wrong: always the last axis
# Your softmax takes the last axis, whatever dim says.
def masked_softmax(scores, mask, dim=-1):
    y = torch.softmax(scores.masked_fill(~mask, -math.inf), -1)
    return y.nan_to_num(0.0)

# %% masked_softmax wrong: closed as the small mask sees it
# You ask along dim of the mask as it came. A mask of shape (L,) or (N, 1, L) has other axes: expand it to the shape of the scores first.
def masked_softmax(scores, mask, dim=-1):
    closed = ~mask.any(dim, keepdim=True)
    inside = scores.masked_fill(~mask, -math.inf).masked_fill(closed, 0.0)
    return torch.softmax(inside, dim).masked_fill(~mask, 0.0)

# %% masked_softmax wrong: in place
# masked_fill_ writes into the scores of whoever called you. Use masked_fill, which makes a new tensor.
def masked_softmax(scores, mask, dim=-1):
    with torch.no_grad():
        scores.masked_fill_(~mask.expand_as(scores), -math.inf)
    y = torch.softmax(scores, dim)
    return y.nan_to_num(0.0)

# %% masked_softmax wrong: by way of float32
# You compute in float32 and return float32. The shares have to have the dtype of the scores.
def masked_softmax(scores, mask, dim=-1):
    y = torch.softmax(scores.float().masked_fill(~mask, -math.inf), dim)
    return y.nan_to_num(0.0)

# %% own_gumbel_softmax right: two logarithms, one_hot
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    u = torch.rand_like(logits).clamp(min=1e-20)
    z = logits - torch.log(-torch.log(u))
    soft = F.log_softmax(z / tau, dim).exp()
    if hard:
        best = soft.argmax(dim)
        one_hot = F.one_hot(best, logits.shape[dim]).movedim(-1, dim).to(soft.dtype)
        return (one_hot - soft).detach() + soft
    return soft

# %% own_gumbel_softmax right: a function with its own backward
class Winner(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, dim):
        return F.one_hot(y.max(dim).indices, y.shape[dim]).to(y.dtype).movedim(-1, dim)

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    with torch.no_grad():
        drawn = torch.empty(logits.shape, dtype=logits.dtype).exponential_()
    y = torch.softmax(logits / tau - drawn.log() / tau, dim)
    return Winner.apply(y, dim) if hard else y

# %% own_gumbel_softmax oracle
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    return F.gumbel_softmax(logits, tau, hard, dim=dim)

# %% own_gumbel_softmax wrong: the shares for the logits
# You add the noise to the shares, not to the logits. Shares lie between 0 and 1, so the odds come out far too even: 0.9 is drawn about 0.69 of the time.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax((torch.softmax(logits, dim) + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: one logarithm
# Your noise has one logarithm only, -ln u. The lottery needs -ln(-ln u); with another noise the odds are others.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.log(torch.rand_like(logits))
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: normal noise
# Normal noise makes a lottery too, but not one whose odds are the softmax.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = torch.randn_like(logits)
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: the sign of the noise
# The sign of the noise is turned round: ln(-ln u). For two entries nobody sees it; from three on the odds are others.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = torch.empty_like(logits).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: the noise divided too late
# You divide the logits by tau and add the noise afterwards. Then tau changes the odds; it should only change how hard the shares are.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax(logits / tau + noise, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: tau multiplies
# You multiply by tau. A small tau has to make the shares harder: divide.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax((logits + noise) * tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: one noise for all
# One number of noise per purse shifts all scores alike, and a shift changes no shares: your result is not random at all. Every entry needs its own.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits.narrow(dim, 0, 1)).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: one row of noise for the batch
# All rows get the same noise, so they win and lose together. Every entry of every row needs its own.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits[:1]).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: one noise for all sentences
# The noise has the last two axes only. With a third axis in front, every sentence of the batch has the same luck. Draw in the whole shape of the logits.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty(logits.shape[-2:], dtype=logits.dtype).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: luck with an upper bound
# You keep u between 0.01 and 0.99, so nobody is ever very lucky: who is far behind never wins. Take u as it is, or a bound that only keeps the logarithm finite.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    u = torch.rand_like(logits).clamp(0.01, 0.99)
    y = torch.softmax((logits - torch.log(-torch.log(u))) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: no luck without a gradient
# Under torch.no_grad you leave the noise out. The draw is random in every call; whoever wants the best in evaluation takes argmax.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    if not torch.is_grad_enabled():
        noise = torch.zeros_like(logits)
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: two winners at once
# You ask which share equals the largest. In half precision, with many classes or a hot purse, several do, and all of them win. argmax names one.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = (y == y.amax(dim, keepdim=True)).to(y.dtype)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: hard cuts the gradient
# The hard result is a constant for autograd, so nothing learns through it. Add y and take it away again, detached.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner.detach() + 0 * y

# %% own_gumbel_softmax wrong: y is not taken away
# You add y to the winner and do not take it away: the value is 1 + y. Subtract y.detach().
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + y

# %% own_gumbel_softmax wrong: the detach on the wrong part
# The gradient of your hard result is that of -y: you detached the wrong one. The value needs winner - y as a constant, the gradient y.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner - y + y.detach()

# %% own_gumbel_softmax wrong: hard without the noise
# Your hard result picks the largest logit. It is to pick the largest of the drawn shares, so that everyone wins at times.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, logits.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: always the last axis
# Shares and winner are taken along the last axis, whatever dim says.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax((logits + noise) / tau, -1)
    if not hard:
        return y
    winner = F.one_hot(y.argmax(-1), y.shape[-1]).to(y.dtype)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: a seed of its own
# You set the seed, so every call draws the same. A lottery that always has the same winner is none.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_(generator=torch.Generator().manual_seed(0)).log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (y - y.detach())

# %% own_gumbel_softmax wrong: the gradient without tau
# Your own gradient of the hard result leaves out tau, for it takes the softmax at tau = 1.
def own_gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    y = torch.softmax((logits + noise) / tau, dim)
    if not hard:
        return y
    winner = torch.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return winner + (lambda soft: soft - soft.detach())(torch.softmax(logits + noise, dim))

# %% own_adaptive right: one row of tails at a time, masks over the targets
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        cuts = list(cutoffs)
        if len(cuts) == 0 or any(c % 1 for c in cuts) or sorted(set(cuts)) != cuts or cuts[0] < 1 or cuts[-1] >= n_classes:
            raise ValueError("bad cutoffs")
        self.cuts, self.n_classes = cuts + [n_classes], n_classes
        self.head = nn.Linear(in_features, cuts[0] + len(cuts), bias=False)
        tails = []
        for i in range(len(cuts)):
            hidden = int(in_features / div_value ** (i + 1))
            inner = nn.Linear(in_features, hidden, bias=False)
            outer = nn.Linear(hidden, self.cuts[i + 1] - self.cuts[i], bias=False)
            tails.append(nn.Sequential(inner, outer))
        self.tail = nn.ModuleList(tails)

    def log_prob(self, x):
        out = x.new_empty(len(x), self.n_classes)
        top = self.head(x).log_softmax(-1)
        out[:, : self.cuts[0]] = top[:, : self.cuts[0]]
        for i in range(len(self.tail)):
            inside = self.tail[i](x).log_softmax(-1)
            out[:, self.cuts[i] : self.cuts[i + 1]] = inside + top[:, self.cuts[0] + i].unsqueeze(1)
        return out

    def forward(self, x, target):
        top = self.head(x).log_softmax(-1)
        output = x.new_zeros(len(x))
        place = target.clone()
        for i in range(len(self.tail)):
            rows = ((target >= self.cuts[i]) & (target < self.cuts[i + 1])).nonzero()[:, 0]
            if len(rows):
                inside = self.tail[i](x[rows]).log_softmax(-1)
                own = inside.gather(1, target[rows, None] - self.cuts[i])[:, 0]
                output = output.index_add(0, rows, own)
                place[rows] = self.cuts[0] + i
        output = output + top.gather(1, place[:, None])[:, 0]
        return output, output.neg().mean()

# %% own_adaptive right: logsumexp by hand, and cross entropy for the loss
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = self.head(x)
        head = head - head.logsumexp(1, keepdim=True)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i, None] + tail(x) - tail(x).logsumexp(1, keepdim=True))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        every = self.log_prob(x)
        return every[torch.arange(len(x)), target], F.nll_loss(every, target)

# %% own_adaptive oracle
class OwnAdaptive(nn.AdaptiveLogSoftmaxWithLoss):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__(in_features, n_classes, cutoffs, div_value)

    def forward(self, x, target):
        return tuple(super().forward(x, target))

# %% own_adaptive wrong: the tail forgets its entry in the head
# In a tail you take the log-softmax inside of it alone. A tail has only a share of the whole: add the log-share of its entry in the head.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: the entries of the tails in front
# You take the entries of the tails from the front of the head. They stand behind its classes: column c_1 + i.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: one entry too far
# The entries of the tails in the head are mixed up by one, so a tail gets the share of its neighbour. Tail 0 has column c_1.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        head = torch.cat([head[:, : self.first], head[:, self.first :].flip(1)], 1)
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: scores instead of shares in the head
# You add the raw score of the tail's entry, not its log-softmax: the shares no longer sum to 1.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(self.head(x)[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: one softmax over everything
# You put all scores in one row and take one softmax over them. That is a softmax over all classes again, with scores that do not belong together.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(tail(x))
        return F.log_softmax(torch.cat([self.head(x)[:, : self.first], *parts[1:]], dim=1), dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: shares multiplied as logarithms
# You multiply the two logarithms. Shares are multiplied; their logarithms are added.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] * F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: the logarithm of a product of shares
# You multiply shares and take the logarithm at the end. For scores far apart a share is 0 in float32 and its logarithm -inf; add log-softmaxes.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(torch.log(head[:, i : i + 1].exp() * F.softmax(tail(x), dim=1)))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: cutoffs counted from 1
# You let the class with the number of the cutoff stand on the near side. Cutoffs are the first class of the next tail, counted from 0: with cutoffs [10, …] class 10 is the first in tail 0.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, (target - 1).clamp(min=0)[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: the loss is the sum
# Your loss is the sum over the batch. It is to be the mean.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.sum()

# %% own_adaptive wrong: the output is the loss of each row
# Your output is the negative log-probability. The output is the log-probability itself; only the loss has the minus.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return -output, -output.mean()

# %% own_adaptive wrong: squeeze takes the batch as well
# squeeze() without an axis takes the batch away too when it is 1. Pick the column: [:, 0].
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None]).squeeze()
        return output, -output.mean()

# %% own_adaptive wrong: all tails equally narrow
# All tails have the same width. Each is narrower than the one before by div_value: in_features // div_value ** (i + 1).
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: the first tail is not narrowed
# You start the powers at 0, so the first tail keeps the whole width. It has in_features // div_value already.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value ** (i - 1))
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: never narrower than one
# You keep at least one feature in every tail. A sensible idea, but torch gives such a tail width 0, and weights of another shape cannot be loaded.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = max(1, int(in_features // div_value**i))
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: with a bias
# Your layers have a bias. The head has none by default, the tails never.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes))
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: the caller finds a longer list
# You append n_classes to the list that the caller handed over. Make a list of your own.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if isinstance(cutoffs, list):
            cutoffs.append(n_classes)
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: the last cutoff may be the end
# You let a cutoff be n_classes itself. It is added by the layer; the last tail would hold nobody. It has to be a ValueError.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends[:-1], ends[1:-1])) or cutoffs[-1] > n_classes:
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = nn.ModuleList()
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% own_adaptive wrong: a plain list of tails
# The tails are in a Python list, so parameters() does not find them and they do not learn. Use nn.ModuleList.
class OwnAdaptive(nn.Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0):
        super().__init__()
        ends = [0, *cutoffs, n_classes]
        if not cutoffs or any(c != int(c) for c in cutoffs) or any(low >= high for low, high in zip(ends, ends[1:])):
            raise ValueError(f"cutoffs have to rise, from 1 to {n_classes - 1}, not {cutoffs}")
        sizes = [high - low for low, high in zip(ends[1:], ends[2:])]
        self.first = cutoffs[0]
        self.head = nn.Linear(in_features, self.first + len(sizes), bias=False)
        self.tail = []
        for i, size in enumerate(sizes, start=1):
            narrow = int(in_features // div_value**i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, narrow, False), nn.Linear(narrow, size, False)))

    def log_prob(self, x):
        head = F.log_softmax(self.head(x), dim=1)
        parts = [head[:, : self.first]]
        for i, tail in enumerate(self.tail, start=self.first):
            parts.append(head[:, i : i + 1] + F.log_softmax(tail(x), dim=1))
        return torch.cat(parts, dim=1)

    def forward(self, x, target):
        output = self.log_prob(x).gather(1, target[:, None])[:, 0]
        return output, -output.mean()

# %% cheapest right: by building the layer
def cost(counts, cutoffs, in_features, div_value=4.0):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not cutoffs:
            return (in_features * len(counts),) * 2
        layer = nn.AdaptiveLogSoftmaxWithLoss(in_features, len(counts), list(cutoffs), div_value, device="meta")
    weights = torch.tensor(counts, dtype=torch.float64)
    share = weights / weights.sum()
    ends = [*cutoffs, len(counts)]
    price = layer.head.weight.numel()
    for i, tail in enumerate(layer.tail):
        price += float(share[ends[i] : ends[i + 1]].sum()) * sum(p.numel() for p in tail.parameters())
    return sum(p.numel() for p in layer.parameters()), price


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest right: target by target
def cost(counts, cutoffs, in_features, div_value=4.0):
    cutoffs = list(cutoffs)
    first = cutoffs[0] if cutoffs else len(counts)
    head = in_features * (first + len(cutoffs))
    tails = []
    for i, start in enumerate(cutoffs):
        stop = (cutoffs + [len(counts)])[i + 1]
        hidden = int(in_features // (div_value ** (i + 1)))
        tails.append(in_features * hidden + hidden * (stop - start))
    paid = 0
    for label, count in enumerate(counts):
        where = sum(label >= cut for cut in cutoffs)
        paid += count * (head + (tails[where - 1] if where else 0))
    return head + sum(tails), paid / sum(counts)


def choose(counts, candidates, in_features, div_value=4.0):
    best, least = None, float("inf")
    for cutoffs in candidates:
        price = cost(counts, cutoffs, in_features, div_value)[1]
        if price < least - 1e-9:
            best, least = cutoffs, price
    return best

# %% cheapest oracle
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [0] + list(cutoffs) + [len(counts)]
    weights = [in_features * (ends[1] + len(cutoffs))]
    for i in range(len(cutoffs)):
        hidden = int(in_features // div_value ** (i + 1))
        weights.append(in_features * hidden + hidden * (ends[i + 2] - ends[i + 1]))
    used = [sum(counts)] + [sum(counts[ends[i + 1] : ends[i + 2]]) for i in range(len(cutoffs))]
    return sum(weights), sum(w * u for w, u in zip(weights, used)) / sum(counts)


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: the head without entries for the tails
# The head has one more output for each tail, besides its own classes.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * ends[0]
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: one entry for all tails
# The head has an entry for each tail, not one for all of them.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + bool(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: every tail is computed
# You count all tails in full. In training a tail is computed only for targets that lie in it: multiply by their share.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: shares of classes, not of targets
# You weight a tail with its share of the classes. What counts is how often its classes are the target; most targets are frequent.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * (high - low) / len(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: cutoffs counted from 1
# You let the class with the number of the cutoff still belong to the part before. With cutoffs [2] the classes 0 and 1 are in the head, 2 is the first in the tail.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low + 1 : high + 1]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: a tail of one layer
# A tail has two layers: down to the narrow width, and from there to its classes. You count only the second.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: all tails equally narrow
# All your tails have the same width. Each is narrower than the one before by div_value.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: the width is not rounded
# The width of a tail is a whole number, rounded down: //, not /.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features / div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: div_value is always 4
# You compute with 4, whatever div_value is.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // 4.0**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: the head only for its own targets
# You count the head only for targets that lie in it. It is computed for every target: somebody has to say which tail comes next.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    multiplications -= head * (1 - sum(counts[: ends[0]]) / sum(counts))
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: not on average
# You return the multiplications for all targets together. They are asked for one target, on average.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high])
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: parameters on average, too
# You weight the parameters with the share of targets. Parameters are there whether they are used or not.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail * sum(counts[low:high]) / sum(counts)
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: the fewest parameters
# You choose by the parameters. Asked for are the fewest multiplications.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[0])

# %% cheapest wrong: the last of several
# If several are equally cheap you return the last one. Asked for is the first.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(reversed(candidates), key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: never without tails
# You leave [] out of the candidates. With few classes, or with classes that are equally frequent, the ordinary layer may be the cheapest.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    divided = [cutoffs for cutoffs in candidates if cutoffs]
    return min(divided, key=lambda cutoffs: cost(counts, cutoffs, in_features, div_value)[1])

# %% cheapest wrong: choose forgets div_value
# choose does not hand div_value on, so it always compares at 4.
def cost(counts, cutoffs, in_features, div_value=4.0):
    ends = [*cutoffs, len(counts)]
    head = in_features * (ends[0] + len(cutoffs))
    parameters = multiplications = head
    for i, (low, high) in enumerate(zip(ends, ends[1:]), start=1):
        narrow = in_features // div_value**i
        tail = narrow * (in_features + high - low)
        parameters += tail
        multiplications += tail * sum(counts[low:high]) / sum(counts)
    return parameters, multiplications


def choose(counts, candidates, in_features, div_value=4.0):
    return min(candidates, key=lambda cutoffs: cost(counts, cutoffs, in_features)[1])

# %% pointer right: a bar over rows and columns, the place as a mean
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 12, 3, padding=1)
        self.b = nn.Conv2d(12, 1, 3, padding=1)
        self.rows = nn.Parameter(0.1 * torch.randn(4, 8, 8))

    def where(self, x):
        z = self.b(F.gelu(self.a(x)))[:, 0]
        z = z - z.amax((1, 2), keepdim=True)
        weight = z.exp()
        return weight / weight.sum((1, 2), keepdim=True)

    def answer(self, shares):
        return torch.einsum("mhw,chw->mc", shares, self.rows)

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.02)
    for _ in range(60):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer right: squares as scores, small batches
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.average = nn.Conv2d(1, 4, 3, padding=1)
        self.sharp = nn.Parameter(torch.ones(4))
        self.out = nn.Linear(64, 4, bias=False)

    def where(self, x):
        seen = self.average(x).square()
        scores = torch.einsum("mkhw,k->mhw", seen, self.sharp)
        return torch.softmax(scores.reshape(len(x), 64), -1).reshape(len(x), 8, 8)

    def answer(self, shares):
        return self.out(shares.reshape(-1, 64))

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% pointer oracle
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(4, 64))

    def where(self, x):
        return F.softmax(8 * F.avg_pool2d(x, 3, 1, 1).abs().flatten(1), 1).view(-1, 8, 8)

    def answer(self, shares):
        return shares.flatten(1) @ self.table.T

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.3)
    for _ in range(60):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer equivalent: for _ in range(31):
# one step more

# %% pointer wrong: the purse of the batch
# Your softmax runs over the batch (dim=0): the pictures share one purse for each place. Each picture has a purse of its own.
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.table = nn.Linear(64, 4)

    def where(self, x):
        return F.softmax(self.look(x).flatten(1), dim=0).view(-1, 8, 8)

    def answer(self, shares):
        return self.table(shares.flatten(1))

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer wrong: a purse for every row
# You take the softmax along one axis of the picture, so each of the 8 rows has a purse of its own and the sum is 8. Flatten the places first.
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.table = nn.Linear(64, 4)

    def where(self, x):
        return F.softmax(self.look(x)[:, 0], dim=-1)

    def answer(self, shares):
        return self.table(shares.flatten(1))

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer wrong: a purse for the channels
# The softmax runs over the one channel, where every share is 1. Divide among the 64 places.
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.table = nn.Linear(64, 4)

    def where(self, x):
        return F.softmax(self.look(x), dim=1)[:, 0]

    def answer(self, shares):
        return self.table(shares.flatten(1))

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer wrong: sigmoids
# A sigmoid at every place is 64 valves, not one purse: the numbers do not sum to 1.
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.table = nn.Linear(64, 4)

    def where(self, x):
        return torch.sigmoid(self.look(x))[:, 0]

    def answer(self, shares):
        return self.table(shares.flatten(1))

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer wrong: scores are passed on
# where() hands the scores on as they are. They can be negative and sum to anything.
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.table = nn.Linear(64, 4)

    def where(self, x):
        return self.look(x)[:, 0]

    def answer(self, shares):
        return self.table(shares.flatten(1))

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer wrong: a bend in the answer
# The answer has a bend. Then the shares need not point any more; the statement asks for a straight line.
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.table = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))

    def where(self, x):
        return F.softmax(self.look(x).flatten(1), dim=1).view(-1, 8, 8)

    def answer(self, shares):
        return self.table(shares.flatten(1))

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.03)
    for _ in range(60):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer wrong: round the purse
# forward adds something that does not go through the shares. The answer is to see the shares and nothing else.
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.table = nn.Linear(64, 4)
        self.other = nn.Linear(64, 4)

    def where(self, x):
        return F.softmax(self.look(x).flatten(1), dim=1).view(-1, 8, 8)

    def answer(self, shares):
        return self.table(shares.flatten(1))

    def forward(self, x):
        return self.answer(self.where(x)) + self.other(x.flatten(1).abs())


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer wrong: divided evenly
# Every place gets the same share, whatever the picture shows; the net can only guess.
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.table = nn.Linear(64, 4)

    def where(self, x):
        return torch.full((len(x), 8, 8), 1 / 64) + 0 * F.softmax(self.look(x).flatten(1), 1).view(-1, 8, 8)

    def answer(self, shares):
        return self.table(shares.flatten(1))

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% pointer wrong: divided by the sum
# You divide scores by their sum. Where scores are negative the "shares" are too.
class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.table = nn.Linear(64, 4)

    def where(self, x):
        z = self.look(x)
        return (z / (z.sum((1, 2, 3), keepdim=True) + 1e-6))[:, 0]

    def answer(self, shares):
        return self.table(shares.flatten(1))

    def forward(self, x):
        return self.answer(self.where(x))


def train_net(x, y):
    net = Pointer()
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net
