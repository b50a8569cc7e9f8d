# Right and wrong answers to the exercises of `padding`. The comment below a wrong one is what a student is told.

# %% own_pad right: pieces put together
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    if mode == "constant":
        before, after = x.new_full((*x.shape[:-1], left), value), x.new_full((*x.shape[:-1], right), value)
    elif mode == "replicate":
        before, after = x[..., :1].expand(*x.shape[:-1], left), x[..., -1:].expand(*x.shape[:-1], right)
    elif mode == "reflect":
        if left >= n or right >= n:
            raise ValueError("too wide for a mirror")
        before, after = x[..., 1 : left + 1].flip(-1), x[..., n - 1 - right : n - 1].flip(-1)
    elif mode == "circular":
        if left > n or right > n:
            raise ValueError("more than once around")
        before, after = x[..., n - left :], x[..., :right]
    else:
        raise ValueError(mode)
    return torch.cat([before, x, after], dim=-1)

# %% own_pad right: one cell at a time
def own_pad(x, left, right, mode="constant", value=0.0):
    n, cells = x.shape[-1], []
    if mode not in ("constant", "replicate", "reflect", "circular"):
        raise ValueError("unknown mode")
    if (mode == "reflect" and max(left, right) >= n) or (mode == "circular" and max(left, right) > n):
        raise ValueError("too wide")
    for p in range(-left, n + right):
        if 0 <= p < n:
            cells.append(x[..., p])
        elif mode == "constant":
            cells.append(torch.full_like(x[..., 0], value))
        elif mode == "replicate":
            cells.append(x[..., 0 if p < 0 else -1])
        elif mode == "reflect":
            cells.append(x[..., -p if p < 0 else 2 * (n - 1) - p])
        else:
            cells.append(x[..., p - n if p >= n else p + n])
    return torch.stack(cells, dim=-1)

# %% own_pad right: index_select, the mirror as a triangle wave
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.size(-1)
    if mode not in {"constant", "replicate", "reflect", "circular"}:
        raise ValueError("no such mode")
    if (mode == "reflect" and (left > n - 1 or right > n - 1)) or (mode == "circular" and (left > n or right > n)):
        raise ValueError("too wide")
    p = torch.arange(left + n + right) - left
    if mode == "reflect":
        p = p % max(2 * n - 2, 1)
        p = torch.where(p < n, p, 2 * n - 2 - p)
    elif mode == "circular":
        p = torch.remainder(p, n)
    outside = (p < 0) | (p >= n)
    y = torch.index_select(x, x.dim() - 1, torch.minimum(torch.maximum(p, torch.tensor(0)), torch.tensor(n - 1)))
    return y.masked_fill(outside, value) if mode == "constant" else y

# %% own_pad oracle
def own_pad(x, left, right, mode="constant", value=0.0):
    if mode == "constant":
        return F.pad(x, (left, right), value=value)
    rows = (x.to(torch.int64) if x.dtype == torch.bool else x).reshape(1, -1, x.shape[-1])
    try:
        return F.pad(rows, (left, right), mode=mode).reshape(*x.shape[:-1], -1).to(x.dtype)
    except (RuntimeError, NotImplementedError) as error:
        raise ValueError(str(error)) from error

# %% own_pad wrong: the mirror repeats the border cell
# Your mirror stands behind the border cell and repeats it: 2 1 | 1 2 3. In torch's `reflect` the border cell itself is the mirror: 3 2 | 1 2 3. What you wrote is called symmetric elsewhere, and torch has no mode for it.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        made = x.new_full((*x.shape[:-1], left + n + right), value)
        made[..., inside] = x
        return made
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = torch.where(place < 0, -1 - place, torch.where(place >= n, 2 * n - 1 - place, place))
    else:
        source = place % n
    return x[..., source]

# %% own_pad wrong: a leading axis of one taken away
# You add a leading axis to a bare row and squeeze it away again, but a batch of one row has that axis too, and loses it. Take away only what you have added; better, index with `x[..., source]`, which needs no such axis.
def own_pad(x, left, right, mode="constant", value=0.0):
    x = x[None] if x.dim() == 1 else x
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        made = x.new_full((*x.shape[:-1], left + n + right), value)
        made[..., inside] = x
        return made.squeeze(0)
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        source = place % n
    return x[..., source].squeeze(0)

# %% own_pad wrong: the value through float32
# `torch.tensor(value)` is float32, and a drawn 0.1 becomes 0.10000000149 before it stands in your float64 row; beside whole numbers it makes floats of them. Say the dtype: `x.new_full`, or `torch.full((), value, dtype=x.dtype)`.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        return torch.where(inside, x[..., place.clamp(0, n - 1)], torch.tensor(value))
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        source = place % n
    return x[..., source]

# %% own_pad wrong: the value ignored
# The new cells are 0 whatever `value` says.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        made = x.new_zeros((*x.shape[:-1], left + n + right))
        made[..., inside] = x
        return made
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        source = place % n
    return x[..., source]

# %% own_pad wrong: a mask that is multiplied
# You multiply by a mask of zeros and ones. Zero times inf is nan, so an infinite border cell, or an infinite value, spoils what it must not touch. Select instead of multiplying.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = ((place >= 0) & (place < n)).to(x.dtype)
        filler = x.new_full(inside.shape, value)
        return x[..., place.clamp(0, n - 1)] * inside + filler * (1 - inside)
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        source = place % n
    return x[..., source]

# %% own_pad wrong: too wide a mirror wraps round
# With a width that reaches beyond the far end your mirror quietly takes cells from somewhere. torch refuses: for `reflect` both widths must be less than the row is long. Raise a ValueError.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        made = x.new_full((*x.shape[:-1], left + n + right), value)
        made[..., inside] = x
        return made
    widest = {"replicate": math.inf, "reflect": math.inf, "circular": n}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place % max(2 * n - 2, 1)).abs()
    else:
        source = place % n
    return x[..., source]

# %% own_pad wrong: a circle refused one cell too early
# Going round exactly once is allowed: for `circular` a width may be as large as the row. The strict rule, less than the row, is the mirror's.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        made = x.new_full((*x.shape[:-1], left + n + right), value)
        made[..., inside] = x
        return made
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n - 1}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        source = place % n
    return x[..., source]

# %% own_pad wrong: the sum of the widths checked
# You check the sum of the widths. Each side by itself must fit: for `reflect` left < n and right < n.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        made = x.new_full((*x.shape[:-1], left + n + right), value)
        made[..., inside] = x
        return made
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if mode not in widest or left + right > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        source = place % n
    return x[..., source]

# %% own_pad wrong: a slice that ends at minus zero
# With a width of 0 your result is wrong: `x[..., -0:]` is the whole row, not an empty piece. Count from the front, `x[..., n - left:]`, or treat 0 by itself.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        made = x.new_full((*x.shape[:-1], left + n + right), value)
        made[..., inside] = x
        return made
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        return torch.cat([x[..., -left:], x, x[..., :right]], dim=-1)
    return x[..., source]

# %% own_pad wrong: through NumPy
# The values come out right, but they went through NumPy: the way back for the gradient is cut.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    if (mode == "reflect" and max(left, right) >= n) or (mode == "circular" and max(left, right) > n):
        raise ValueError("too wide")
    names = {"constant": "constant", "replicate": "edge", "reflect": "reflect", "circular": "wrap"}
    if mode not in names:
        raise ValueError(mode)
    widths = [(0, 0)] * (x.dim() - 1) + [(left, right)]
    more = {"constant_values": value} if mode == "constant" else {}
    return torch.from_numpy(np.pad(x.detach().numpy(), widths, mode=names[mode], **more)).requires_grad_(
        x.requires_grad
    )

# %% own_pad wrong: the input itself for widths of 0
# With nothing to add you hand back the input itself. Whoever changes the result then changes the input: return a copy.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        made = x.new_full((*x.shape[:-1], left + n + right), value)
        made[..., inside] = x
        return made
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if left == right == 0:
        return x
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        source = place % n
    return x[..., source]

# %% own_pad wrong: an unknown mode taken for a constant
# A mode that you do not know, "zeros" or "symmetric", quietly becomes a constant. Raise a ValueError, so that a slip of the pen is noticed.
def own_pad(x, left, right, mode="constant", value=0.0):
    n = x.shape[-1]
    place = torch.arange(-left, n + right)
    if mode not in ("replicate", "reflect", "circular"):
        inside = (place >= 0) & (place < n)
        made = x.new_full((*x.shape[:-1], left + n + right), value)
        made[..., inside] = x
        return made
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        source = place % n
    return x[..., source]

# %% own_pad wrong: every dtype through float64
# You compute in float64 and go back at the end. Whole numbers beyond 2 to the power of 53 do not survive that: index them as they are.
def own_pad(x, left, right, mode="constant", value=0.0):
    n, dtype, x = x.shape[-1], x.dtype, x.double()
    place = torch.arange(-left, n + right)
    if mode == "constant":
        inside = (place >= 0) & (place < n)
        made = x.new_full((*x.shape[:-1], left + n + right), value)
        made[..., inside] = x
        return made.to(dtype)
    widest = {"replicate": math.inf, "reflect": n - 1, "circular": n}
    if mode not in widest or max(left, right) > widest[mode]:
        raise ValueError(f"cannot pad {n} cells by {left} and {right} in mode {mode!r}")
    if mode == "replicate":
        source = place.clamp(0, n - 1)
    elif mode == "reflect":
        source = (n - 1) - ((n - 1) - place.abs()).abs()
    else:
        source = place % n
    return x[..., source].to(dtype)

# %% pad_order right: walking from the back
def torch_order(widths):
    flat, keep = [], 0
    for before, after in list(widths)[::-1]:
        flat += [before, after]
        if before or after:
            keep = len(flat)
    return tuple(flat[:keep])


def padded_shape(shape, pad):
    pad = list(pad)
    sides = [pad[i] + pad[i + 1] for i in range(0, len(pad), 2)][::-1]
    sides = [0] * (len(shape) - len(sides)) + sides
    return tuple(n + more for n, more in zip(shape, sides, strict=True))

# %% pad_order right: sums of slices
def torch_order(widths):
    touched = [i for i, pair in enumerate(widths) if any(pair)]
    if not touched:
        return ()
    out = ()
    for i in range(touched[0], len(widths)):
        out = (widths[i][0], widths[i][1]) + out
    return out


def padded_shape(shape, pad):
    n = len(shape)
    return tuple(size + sum(pad[2 * (n - 1 - axis) : 2 * (n - axis)]) for axis, size in enumerate(shape))

# %% pad_order oracle
def torch_order(widths):
    flat = [int(w) for w in np.array([tuple(pair) for pair in widths], dtype=int)[::-1].ravel()]
    while flat and flat[-1] == 0 and flat[-2] == 0:
        flat = flat[:-2]
    return tuple(flat)


def padded_shape(shape, pad):
    return tuple(F.pad(torch.empty(tuple(shape), device="meta"), tuple(pad)).shape)

# %% pad_order wrong: the axes in the order in which they stand
# You hand the pairs over first axis first. F.pad starts at the last axis; on a square picture with equal widths nobody notices.
def torch_order(widths):
    pairs = [tuple(pair) for pair in widths]
    while pairs and pairs[0] == (0, 0):
        pairs.pop(0)
    return tuple(w for pair in pairs for w in pair)


def padded_shape(shape, pad):
    shape = list(shape)
    for i, width in enumerate(pad):
        shape[i // 2] += width
    return tuple(shape)

# %% pad_order wrong: every number reversed
# You reverse the flat list, so within each pair the width behind comes before the width in front. Only the order of the axes turns round.
def torch_order(widths):
    pairs = [tuple(pair) for pair in widths]
    while pairs and pairs[0] == (0, 0):
        pairs.pop(0)
    return tuple([w for pair in pairs for w in pair][::-1])


def padded_shape(shape, pad):
    shape = list(shape)
    for i, width in enumerate(pad):
        shape[-1 - i // 2] += width
    return tuple(shape)

# %% pad_order wrong: nothing left out
# Your tuple has a pair for every axis. Pairs of untouched leading axes come last in F.pad's order and can be left out; the modes that copy even insist on it.
def torch_order(widths):
    return tuple(w for pair in list(widths)[::-1] for w in pair)


def padded_shape(shape, pad):
    shape = list(shape)
    for i, width in enumerate(pad):
        shape[-1 - i // 2] += width
    return tuple(shape)

# %% pad_order wrong: every untouched axis left out
# You leave out every untouched axis. Behind the first touched one a pair of zeros must stay: without it the numbers that follow move to the wrong axis.
def torch_order(widths):
    return tuple(w for pair in list(widths)[::-1] if tuple(pair) != (0, 0) for w in pair)


def padded_shape(shape, pad):
    shape = list(shape)
    for i, width in enumerate(pad):
        shape[-1 - i // 2] += width
    return tuple(shape)

# %% pad_order wrong: untouched axes cut from the wrong end
# You leave out untouched axes at the end of the list of axes. Those come first in F.pad's order and must stay; it is the leading axes that can go.
def torch_order(widths):
    pairs = [tuple(pair) for pair in widths]
    while pairs and pairs[-1] == (0, 0):
        pairs.pop()
    return tuple(w for pair in reversed(pairs) for w in pair)


def padded_shape(shape, pad):
    shape = list(shape)
    for i, width in enumerate(pad):
        shape[-1 - i // 2] += width
    return tuple(shape)

# %% pad_order wrong: zeros cut number by number
# You cut trailing zeros one number at a time, which can tear a pair apart: F.pad then complains that the length is not even, or pads another axis. Cut whole pairs.
def torch_order(widths):
    flat = [w for pair in list(widths)[::-1] for w in pair]
    while flat and flat[-1] == 0:
        flat.pop()
    return tuple(flat)


def padded_shape(shape, pad):
    shape = list(shape)
    for i, width in enumerate(pad):
        shape[-1 - i // 2] += width
    return tuple(shape)

# %% pad_order wrong: a pair taken for untouched when it sums to zero
# You take a pair such as (-2, 2) for untouched because its sum is 0. It moves the picture by two cells: look at both numbers.
def torch_order(widths):
    pairs = [tuple(pair) for pair in widths]
    while pairs and sum(pairs[0]) == 0:
        pairs.pop(0)
    return tuple(w for pair in reversed(pairs) for w in pair)


def padded_shape(shape, pad):
    shape = list(shape)
    for i, width in enumerate(pad):
        shape[-1 - i // 2] += width
    return tuple(shape)

# %% pad_order wrong: the same width on both sides
# Your shape takes one width twice, as a convolution's padding argument does. F.pad has a width for each side: add both.
def torch_order(widths):
    pairs = [tuple(pair) for pair in widths]
    while pairs and pairs[0] == (0, 0):
        pairs.pop(0)
    return tuple(w for pair in reversed(pairs) for w in pair)


def padded_shape(shape, pad):
    shape = list(shape)
    for i in range(len(pad) // 2):
        shape[-1 - i] += 2 * pad[2 * i]
    return tuple(shape)

# %% pad_order wrong: negative widths ignored
# Your shape takes negative widths for 0. They cut: the axis gets shorter.
def torch_order(widths):
    pairs = [tuple(pair) for pair in widths]
    while pairs and pairs[0] == (0, 0):
        pairs.pop(0)
    return tuple(w for pair in reversed(pairs) for w in pair)


def padded_shape(shape, pad):
    shape = list(shape)
    for i, width in enumerate(pad):
        shape[-1 - i // 2] += max(width, 0)
    return tuple(shape)

# %% pad_order wrong: the last axis first, in the shape too
# Your shape comes out in F.pad's order, last axis first. Only the widths are read from the back; the shape keeps its order.
def torch_order(widths):
    pairs = [tuple(pair) for pair in widths]
    while pairs and pairs[0] == (0, 0):
        pairs.pop(0)
    return tuple(w for pair in reversed(pairs) for w in pair)


def padded_shape(shape, pad):
    sides = [pad[i] + pad[i + 1] for i in range(0, len(pad), 2)]
    sides += [0] * (len(shape) - len(sides))
    return tuple(n + more for n, more in zip(list(shape)[::-1], sides, strict=True))

# %% pad_order wrong: the caller's list changed
# You add to, or remove from, the list that was handed to you. Make a copy with `list(...)` first.
def torch_order(widths):
    while widths and not any(widths[0]):
        widths.remove(widths[0]) if isinstance(widths, list) else None
        widths = widths if isinstance(widths, list) else widths[1:]
    return tuple(w for pair in reversed(widths) for w in pair)


def padded_shape(shape, pad):
    shape = shape if isinstance(shape, list) else list(shape)
    for i, width in enumerate(pad):
        shape[-1 - i // 2] += width
    return tuple(shape)

# %% constant_pad right: axis by axis with cat
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 == 1 or len(pad) // 2 > x.dim():
        raise ValueError("pad does not fit")
    y = x.clone()
    for i, (before, after) in enumerate(zip(pad[::2], pad[1::2], strict=True)):
        axis = x.dim() - 1 - i
        n = y.shape[axis]
        low, high = max(0, -before), max(0, -after)
        if low + high > n:
            raise ValueError("cut more than there is")
        parts = [y.narrow(axis, low, n - low - high)]
        for width, where in ((before, 0), (after, len(parts))):
            if width > 0:
                shape = list(y.shape)
                shape[axis] = width
                parts.insert(where if where == 0 else len(parts), y.new_full(shape, value))
        y = torch.cat(parts, axis)
    return y

# %% constant_pad right: index_select and a mask
def constant_pad(x, pad, value=0.0):
    widths = list(pad)
    if len(widths) % 2 or len(widths) > 2 * x.ndim:
        raise ValueError("pad does not fit")
    y = x.clone()
    for axis in range(x.ndim - 1, x.ndim - 1 - len(widths) // 2, -1):
        before, after = widths.pop(0), widths.pop(0)
        n = y.size(axis)
        if max(-before, 0) + max(-after, 0) > n:
            raise ValueError("cut more than there is")
        kept = torch.arange(n)[max(-before, 0) : n - max(-after, 0)]
        y = y.index_select(axis, kept)
        before, after = max(before, 0), max(after, 0)
        shape = list(y.shape)
        shape[axis] += before + after
        y = torch.full(shape, value, dtype=x.dtype).index_copy(axis, torch.arange(len(kept)) + before, y)
    return y

# %% constant_pad oracle
def constant_pad(x, pad, value=0.0):
    try:
        return F.pad(x, tuple(pad), value=value).clone()
    except RuntimeError as error:
        raise ValueError(str(error)) from error

# %% constant_pad wrong: the first pair for the first axis
# You give the first pair to the first axis. In F.pad's order the first pair belongs to the last axis; for a picture that is left and right.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError("pad does not fit")
    y = x.clone()
    for i in range(len(pad) // 2):
        before, after, n = pad[2 * i], pad[2 * i + 1], y.shape[i]
        if max(-before, 0) + max(-after, 0) > n:
            raise ValueError("too much")
        y = y.transpose(0, i)[max(-before, 0) : n - max(-after, 0)]
        y = torch.cat(
            [y.new_full((max(before, 0), *y.shape[1:]), value), y, y.new_full((max(after, 0), *y.shape[1:]), value)]
        )
        y = y.transpose(0, i)
    return y

# %% constant_pad wrong: the list of widths used up
# You pop the widths from the list that was handed over. Whoever pads a second tensor with it finds it empty: read it by index, or copy it first.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError(f"{len(pad)} widths do not fit {x.dim()} axes")
    pad = pad if isinstance(pad, list) else list(pad)
    shape, taken, place = list(x.shape), [slice(None)] * x.dim(), [slice(None)] * x.dim()
    for pair in range(len(pad) // 2):
        axis, before, after = -1 - pair, pad.pop(0), pad.pop(0)
        first, last = max(-before, 0), shape[axis] - max(-after, 0)
        if last < first:
            raise ValueError(f"axis {axis} has only {shape[axis]} cells")
        taken[axis] = slice(first, last)
        start = max(before, 0)
        place[axis] = slice(start, start + last - first)
        shape[axis] += before + after
    made = x.new_full(shape, value)
    made[tuple(place)] = x[tuple(taken)]
    return made

# %% constant_pad wrong: negative widths taken for zero
# Negative widths do nothing in your version. They cut cells off.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError("pad does not fit")
    y = x.clone()
    for i in range(len(pad) // 2):
        axis, before, after = -1 - i, max(pad[2 * i], 0), max(pad[2 * i + 1], 0)
        if max(-pad[2 * i], 0) + max(-pad[2 * i + 1], 0) > y.shape[axis]:
            raise ValueError("too much")
        y = y.transpose(0, axis)
        y = torch.cat([y.new_full((before, *y.shape[1:]), value), y, y.new_full((after, *y.shape[1:]), value)])
        y = y.transpose(0, axis)
    return y

# %% constant_pad wrong: padded first, then cut
# You add first and cut afterwards, so a cut can take away cells that were just added, or fewer of the row's own. Cut the row first.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError("pad does not fit")
    y = x.clone()
    for i in range(len(pad) // 2):
        axis, before, after = -1 - i, pad[2 * i], pad[2 * i + 1]
        if y.shape[axis] + before + after < 0 or -before > y.shape[axis] or -after > y.shape[axis]:
            raise ValueError("too much")
        y = y.transpose(0, axis)
        if after > 0:
            y = torch.cat([y, y.new_full((after, *y.shape[1:]), value)])
        if before > 0:
            y = torch.cat([y.new_full((before, *y.shape[1:]), value), y])
        if min(before, after) < -y.shape[0]:
            raise ValueError("too much")
        y = y[max(-after, 0) if before < 0 and after < 0 else max(-before, 0) :]
        y = y[: y.shape[0] - (max(-before, 0) if before < 0 and after < 0 else max(-after, 0))]
        y = y.transpose(0, axis)
    return y

# %% constant_pad wrong: a slice up to minus zero
# Where only the front is cut, your slice ends at -0, which is 0: everything is lost. Write the end as the length minus what is cut.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError("pad does not fit")
    y = x.clone()
    for i in range(len(pad) // 2):
        axis, before, after = -1 - i, pad[2 * i], pad[2 * i + 1]
        if max(-before, 0) + max(-after, 0) > y.shape[axis]:
            raise ValueError("too much")
        y = y.transpose(0, axis)
        if before < 0:
            y = y[-before : min(after, 0)]
        elif after < 0:
            y = y[:after]
        y = torch.cat(
            [y.new_full((max(before, 0), *y.shape[1:]), value), y, y.new_full((max(after, 0), *y.shape[1:]), value)]
        )
        y = y.transpose(0, axis)
    return y

# %% constant_pad wrong: cut out of the graph where nothing is added
# Where you only cut, or do nothing at all, you make the copy with `detach`: no gradient comes back. `clone` alone copies and stays in the graph.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError(f"{len(pad)} widths do not fit {x.dim()} axes")
    shape, taken, place = list(x.shape), [slice(None)] * x.dim(), [slice(None)] * x.dim()
    for pair in range(len(pad) // 2):
        axis, before, after = -1 - pair, pad[2 * pair], pad[2 * pair + 1]
        first, last = max(-before, 0), shape[axis] - max(-after, 0)
        if last < first:
            raise ValueError(f"axis {axis} has only {shape[axis]} cells")
        taken[axis] = slice(first, last)
        start = max(before, 0)
        place[axis] = slice(start, start + last - first)
        shape[axis] += before + after
    if all(width <= 0 for width in pad):
        return x[tuple(taken)].detach().clone()
    made = x.new_full(shape, value)
    made[tuple(place)] = x[tuple(taken)]
    return made

# %% constant_pad wrong: a view where nothing is added
# Where cells are only cut, or nothing happens, you hand back a view: whoever changes the result changes the input. Clone it.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError("pad does not fit")
    y = x
    for i in range(len(pad) // 2):
        axis, before, after, n = x.dim() - 1 - i, pad[2 * i], pad[2 * i + 1], y.shape[-1 - i]
        if max(-before, 0) + max(-after, 0) > n:
            raise ValueError("too much")
        y = y.narrow(axis, max(-before, 0), n - max(-after, 0) - max(-before, 0))
        if max(before, after) > 0:
            y = y.transpose(0, axis)
            y = torch.cat(
                [y.new_full((max(before, 0), *y.shape[1:]), value), y, y.new_full((max(after, 0), *y.shape[1:]), value)]
            )
            y = y.transpose(0, axis)
    return y

# %% constant_pad wrong: too deep a cut is quietly empty
# Where the two cuts take more cells than the axis has, your result is quietly empty, or comes from a slice that wrapped round. Say so with a ValueError.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError("pad does not fit")
    y = x.clone()
    for i in range(len(pad) // 2):
        axis, before, after, n = -1 - i, pad[2 * i], pad[2 * i + 1], y.shape[-1 - i]
        y = y.transpose(0, axis)[max(-before, 0) : max(n - max(-after, 0), 0)]
        y = torch.cat(
            [y.new_full((max(before, 0), *y.shape[1:]), value), y, y.new_full((max(after, 0), *y.shape[1:]), value)]
        )
        y = y.transpose(0, axis)
    return y

# %% constant_pad wrong: only the final size is checked
# You look at the final size only. With (-7, 8) six cells would end as seven, but one of the seven cut cells was never there: compare the cuts by themselves with the size of the axis.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError("pad does not fit")
    y = x.clone()
    for i in range(len(pad) // 2):
        axis, before, after, n = -1 - i, pad[2 * i], pad[2 * i + 1], y.shape[-1 - i]
        if n + before + after < 0:
            raise ValueError("nothing would be left")
        y = y.transpose(0, axis)[max(-before, 0) : max(n - max(-after, 0), 0)]
        y = torch.cat(
            [y.new_full((max(before, 0), *y.shape[1:]), value), y, y.new_full((max(after, 0), *y.shape[1:]), value)]
        )
        y = y.transpose(0, axis)
    return y

# %% constant_pad wrong: an axis of nothing refused
# You refuse to cut an axis down to 0 cells. That is allowed; only more than everything is too much.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError("pad does not fit")
    y = x.clone()
    for i in range(len(pad) // 2):
        axis, before, after, n = -1 - i, pad[2 * i], pad[2 * i + 1], y.shape[-1 - i]
        if max(-before, 0) + max(-after, 0) >= n:
            raise ValueError("nothing is left")
        y = y.transpose(0, axis)[max(-before, 0) : n - max(-after, 0)]
        y = torch.cat(
            [y.new_full((max(before, 0), *y.shape[1:]), value), y, y.new_full((max(after, 0), *y.shape[1:]), value)]
        )
        y = y.transpose(0, axis)
    return y

# %% constant_pad wrong: the dtype of the value
# `torch.full(shape, value)` has never heard of x: it makes float32 of 0.0 and int64 of 7, whatever x is. `x.new_full` takes the dtype of x.
def constant_pad(x, pad, value=0.0):
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        raise ValueError(f"{len(pad)} widths do not fit {x.dim()} axes")
    shape, taken, place = list(x.shape), [slice(None)] * x.dim(), [slice(None)] * x.dim()
    for pair in range(len(pad) // 2):
        axis, before, after = -1 - pair, pad[2 * pair], pad[2 * pair + 1]
        first, last = max(-before, 0), shape[axis] - max(-after, 0)
        if last < first:
            raise ValueError(f"axis {axis} has only {shape[axis]} cells")
        taken[axis] = slice(first, last)
        start = max(before, 0)
        place[axis] = slice(start, start + last - first)
        shape[axis] += before + after
    made = torch.full(shape, value)
    made[tuple(place)] = x[tuple(taken)]
    return made

# %% border_errors right: guesses by index
def border_errors(x, width):
    n = len(x) - 2 * width
    inner = x[width : width + n]
    hidden = torch.cat([x[:width], x[width + n :]])
    zeros = torch.zeros(width, dtype=x.dtype)
    guesses = {
        "constant": (zeros, zeros),
        "replicate": (inner[0].expand(width), inner[-1].expand(width)),
        "reflect": (inner[1 : width + 1].flip(0), inner[n - 1 - width : n - 1].flip(0)),
        "circular": (inner[n - width :], inner[:width]),
    }
    return {mode: float(((torch.cat(pair) - hidden) ** 2).mean()) for mode, pair in guesses.items()}


def choose(x, width):
    best, smallest = None, math.inf
    for mode, error in border_errors(x, width).items():
        if error < smallest:
            best, smallest = mode, error
    return best

# %% border_errors right: the layers, and mse_loss
def border_errors(x, width):
    layers = {
        "constant": nn.ZeroPad1d(width),
        "replicate": nn.ReplicationPad1d(width),
        "reflect": nn.ReflectionPad1d(width),
        "circular": nn.CircularPad1d(width),
    }
    sides = [*range(width), *range(len(x) - width, len(x))]
    return {
        name: F.mse_loss(layer(x[width:-width].view(1, -1))[0, sides], x[sides]).item()
        for name, layer in layers.items()
    }


def choose(x, width):
    names, errors = zip(*border_errors(x, width).items(), strict=True)
    return names[int(np.argmin(errors))]

# %% border_errors oracle
def border_errors(x, width):
    row = x.tolist()
    inner, n = row[width : len(row) - width], len(row) - 2 * width
    totals = {"constant": 0.0, "replicate": 0.0, "reflect": 0.0, "circular": 0.0}
    for i, true in enumerate(row):
        p = i - width
        if 0 <= p < n:
            continue
        mirrored = -p if p < 0 else 2 * (n - 1) - p
        guess = {
            "constant": 0.0,
            "replicate": inner[min(max(p, 0), n - 1)],
            "reflect": inner[mirrored],
            "circular": inner[p % n],
        }
        for mode in totals:
            totals[mode] += (guess[mode] - true) ** 2
    return {mode: total / (2 * width) for mode, total in totals.items()}


def choose(x, width):
    errors = border_errors(x, width)
    return sorted(errors, key=lambda mode: errors[mode])[0]

# %% border_errors wrong: the mean over the whole row
# Your mean runs over the whole row. The inner cells are right in every mode and say nothing: divide by the number of hidden cells.
def border_errors(x, width):
    inner = x[None, width:-width]
    modes = ("constant", "replicate", "reflect", "circular")
    return {m: (F.pad(inner, (width, width), mode=m)[0] - x).square().mean().item() for m in modes}


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% border_errors wrong: the full row padded
# You pad the full row and compare the new cells with the row's own border. Nothing was hidden: cut `width` cells off on both sides first.
def border_errors(x, width):
    errors = {}
    for m in ("constant", "replicate", "reflect", "circular"):
        y = F.pad(x[None], (width, width), mode=m)[0]
        off = torch.cat([y[:width] - x[:width], y[-width:] - x[-width:]])
        errors[m] = off.square().mean().item()
    return errors


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% border_errors wrong: only one side
# You hide and compare the left side only.
def border_errors(x, width):
    inner = x[None, width:-width]
    modes = ("constant", "replicate", "reflect", "circular")
    return {m: (F.pad(inner, (width, width), mode=m)[0, :width] - x[:width]).square().mean().item() for m in modes}


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% border_errors wrong: the sum of both sides' means
# You add the means of the two sides. The mean over all hidden cells is half of that.
def border_errors(x, width):
    inner, errors = x[None, width:-width], {}
    for m in ("constant", "replicate", "reflect", "circular"):
        off = (F.pad(inner, (width, width), mode=m)[0] - x).square()
        errors[m] = (off[:width].mean() + off[-width:].mean()).item()
    return errors


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% border_errors wrong: absolute errors
# You average the absolute error. Asked for is the squared one, which can prefer another mode.
def border_errors(x, width):
    inner, errors = x[None, width:-width], {}
    for m in ("constant", "replicate", "reflect", "circular"):
        errors[m] = ((F.pad(inner, (width, width), mode=m)[0] - x).abs().sum() / (2 * width)).item()
    return errors


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% border_errors wrong: the root of it
# You take the root of the mean. The order of the modes stays, the numbers do not: return the mean squared error itself.
def border_errors(x, width):
    inner, errors = x[None, width:-width], {}
    for m in ("constant", "replicate", "reflect", "circular"):
        errors[m] = ((F.pad(inner, (width, width), mode=m)[0] - x).square().sum() / (2 * width)).sqrt().item()
    return errors


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% border_errors wrong: the error in the mean
# You square the mean of the errors, where too high and too low cancel. Square first, then take the mean.
def border_errors(x, width):
    inner, errors = x[None, width:-width], {}
    for m in ("constant", "replicate", "reflect", "circular"):
        errors[m] = ((F.pad(inner, (width, width), mode=m)[0] - x).sum() / (2 * width)).square().item()
    return errors


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% border_errors wrong: the mirror with the border cell
# Your reflect repeats the border cell. In torch's reflection the border cell is the mirror and stands there once.
def border_errors(x, width):
    inner, errors = x[width:-width], {}
    for m in ("constant", "replicate", "reflect", "circular"):
        if m == "reflect":
            y = torch.cat([inner[:width].flip(0), inner, inner[-width:].flip(0)])
        else:
            y = F.pad(inner[None], (width, width), mode=m)[0]
        errors[m] = ((y - x).square().sum() / (2 * width)).item()
    return errors


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% border_errors wrong: the last of several equal ones
# Where several modes have the same error you choose the last of them; asked for is the first in the order of the statement.
def border_errors(x, width):
    inner, errors = x[None, width:-width], {}
    for m in ("constant", "replicate", "reflect", "circular"):
        errors[m] = ((F.pad(inner, (width, width), mode=m)[0] - x).square().sum() / (2 * width)).item()
    return errors


def choose(x, width):
    best, smallest = None, math.inf
    for mode, error in border_errors(x, width).items():
        if error <= smallest:
            best, smallest = mode, error
    return best

# %% border_errors wrong: float32 inside
# You turn the row into float32 first. A small difference between two modes can drown in that, and the errors lose their last digits.
def border_errors(x, width):
    x = x.float()
    inner, errors = x[None, width:-width], {}
    for m in ("constant", "replicate", "reflect", "circular"):
        errors[m] = ((F.pad(inner, (width, width), mode=m)[0] - x).square().sum() / (2 * width)).item()
    return errors


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% border_errors wrong: the largest error chosen
# You choose the mode with the largest error.
def border_errors(x, width):
    inner, errors = x[None, width:-width], {}
    for m in ("constant", "replicate", "reflect", "circular"):
        errors[m] = ((F.pad(inner, (width, width), mode=m)[0] - x).square().sum() / (2 * width)).item()
    return errors


def choose(x, width):
    errors = border_errors(x, width)
    return max(errors, key=errors.get)

# %% border_errors wrong: rounded errors
# You round the errors. Two modes that differ in the third digit then look alike, and the first of them wins.
def border_errors(x, width):
    inner, errors = x[None, width:-width], {}
    for m in ("constant", "replicate", "reflect", "circular"):
        errors[m] = round(((F.pad(inner, (width, width), mode=m)[0] - x).square().sum() / (2 * width)).item(), 2)
    return errors


def choose(x, width):
    errors = border_errors(x, width)
    return min(errors, key=errors.get)

# %% own_reflection right: flipped pieces
class OwnReflectionPad2d(nn.Module):
    def __init__(self, padding):
        super().__init__()
        self.padding = tuple(padding) if isinstance(padding, (tuple, list)) else (padding, padding, padding, padding)

    def forward(self, x):
        left, right, top, bottom = self.padding
        if x.dim() < 3 or x.dim() > 4:
            raise ValueError("3 or 4 axes")
        h, w = x.shape[-2:]
        if left >= w or right >= w or top >= h or bottom >= h:
            raise ValueError("too wide")
        x = torch.cat([x[..., 1 : left + 1].flip(-1), x, x[..., w - right - 1 : w - 1].flip(-1)], dim=-1)
        return torch.cat([x[..., 1 : top + 1, :].flip(-2), x, x[..., h - bottom - 1 : h - 1, :].flip(-2)], dim=-2)

# %% own_reflection right: index_select twice, places from lists
class OwnReflectionPad2d(nn.Module):
    def __init__(self, padding):
        super().__init__()
        if not hasattr(padding, "__len__"):
            padding = [padding] * 4
        self.padding = tuple(int(width) for width in padding)

    def forward(self, x):
        if x.ndim not in {3, 4}:
            raise ValueError("not a picture")
        for axis, (before, after) in ((-1, self.padding[:2]), (-2, self.padding[2:])):
            n = x.size(axis)
            if before > n - 1 or after > n - 1:
                raise ValueError("too wide")
            order = list(range(before, 0, -1)) + list(range(n)) + list(range(n - 2, n - 2 - after, -1))
            x = torch.index_select(x, axis, torch.tensor(order))
        return x

# %% own_reflection right: matrices of zeros and ones
class OwnReflectionPad2d(nn.Module):
    def __init__(self, padding):
        super().__init__()
        self.padding = (padding,) * 4 if isinstance(padding, int) else tuple(padding)

    def table(self, n, before, after, like):
        if before >= n or after >= n:
            raise ValueError("too wide")
        table = torch.zeros(before + n + after, n, dtype=like.dtype)
        for row, p in enumerate(range(-before, n + after)):
            table[row, -p if p < 0 else p if p < n else 2 * n - 2 - p] = 1.0
        return table

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError("3 or 4 axes")
        left, right, top, bottom = self.padding
        down = self.table(x.shape[-2], top, bottom, x)
        return down @ x @ self.table(x.shape[-1], left, right, x).T

# %% own_reflection oracle
class OwnReflectionPad2d(nn.ReflectionPad2d):
    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError("3 or 4 axes")
        try:
            return super().forward(x)
        except RuntimeError as error:
            raise ValueError(str(error)) from error

# %% own_reflection wrong: top and bottom first
# You read the four numbers as (top, bottom, left, right). The list starts at the last axis: left, right, top, bottom.
class OwnReflectionPad2d(nn.Module):
    """Pad (N, C, H, W) or (C, H, W) by mirrors at the border cells."""

    def __init__(self, padding):
        super().__init__()
        if isinstance(padding, int):
            padding = (padding,) * 4
        self.padding = tuple(padding)

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError(f"expected 3 or 4 axes, got {x.dim()}")
        for axis, (before, after) in ((-2, self.padding[:2]), (-1, self.padding[2:])):
            last = x.shape[axis] - 1
            if max(before, after) > last:
                raise ValueError(f"a mirror of {before} and {after} at {last + 1} cells")
            place = torch.arange(-before, last + 1 + after)
            x = x.index_select(axis, last - (last - place.abs()).abs())
        return x

# %% own_reflection wrong: a mirror behind the border cell
# Your mirror repeats the border cell. In torch's reflection the border cell is the mirror itself: beside 1 2 3 stand 2 and 3, not 1 and 2.
class OwnReflectionPad2d(nn.Module):
    """Pad (N, C, H, W) or (C, H, W) by mirrors at the border cells."""

    def __init__(self, padding):
        super().__init__()
        if isinstance(padding, int):
            padding = (padding,) * 4
        self.padding = tuple(padding)

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError(f"expected 3 or 4 axes, got {x.dim()}")
        for axis, (before, after) in ((-1, self.padding[:2]), (-2, self.padding[2:])):
            last = x.shape[axis] - 1
            if max(before, after) > last:
                raise ValueError(f"a mirror of {before} and {after} at {last + 1} cells")
            place = torch.arange(-before, last + 1 + after)
            place = torch.where(place < 0, -1 - place, place)
            x = x.index_select(axis, torch.where(place > last, 2 * last + 1 - place, place))
        return x

# %% own_reflection wrong: the corners left at zero
# Your corners are 0. They are mirrored in both directions: pad the columns first, then the rows of what you got.
class OwnReflectionPad2d(nn.Module):
    def __init__(self, padding):
        super().__init__()
        self.padding = (padding,) * 4 if isinstance(padding, int) else tuple(padding)

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError("axes")
        l, r, t, b = self.padding
        h, w = x.shape[-2:]
        if max(l, r) >= w or max(t, b) >= h:
            raise ValueError("too wide")
        y = x.new_zeros(*x.shape[:-2], h + t + b, w + l + r)
        y[..., t : t + h, l : l + w] = x
        y[..., :t, l : l + w] = x[..., 1 : t + 1, :].flip(-2)
        y[..., t + h :, l : l + w] = x[..., h - 1 - b : h - 1, :].flip(-2)
        y[..., t : t + h, :l] = x[..., 1 : l + 1].flip(-1)
        y[..., t : t + h, l + w :] = x[..., w - 1 - r : w - 1].flip(-1)
        return y

# %% own_reflection wrong: the right side in the wrong order
# On the right and at the bottom your pieces are not turned round: the first cell outside copies from the last but one, the next from the one before that.
class OwnReflectionPad2d(nn.Module):
    """Pad (N, C, H, W) or (C, H, W) by mirrors at the border cells."""

    def __init__(self, padding):
        super().__init__()
        if isinstance(padding, int):
            padding = (padding,) * 4
        self.padding = tuple(padding)

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError(f"expected 3 or 4 axes, got {x.dim()}")
        for axis, (before, after) in ((-1, self.padding[:2]), (-2, self.padding[2:])):
            last = x.shape[axis] - 1
            if max(before, after) > last:
                raise ValueError(f"a mirror of {before} and {after} at {last + 1} cells")
            place = torch.arange(-before, last + 1).abs()
            x = x.index_select(axis, torch.cat([place, torch.arange(last - after, last)]))
        return x

# %% own_reflection wrong: only batches
# Your layer wants a batch. A single picture (C, H, W) has its rows and columns on the last two axes as well: count from the end.
class OwnReflectionPad2d(nn.Module):
    """Pad (N, C, H, W) or (C, H, W) by mirrors at the border cells."""

    def __init__(self, padding):
        super().__init__()
        if isinstance(padding, int):
            padding = (padding,) * 4
        self.padding = tuple(padding)

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError(f"expected 3 or 4 axes, got {x.dim()}")
        for axis, (before, after) in ((3, self.padding[:2]), (2, self.padding[2:])):
            last = x.shape[axis] - 1
            if max(before, after) > last:
                raise ValueError(f"a mirror of {before} and {after} at {last + 1} cells")
            place = torch.arange(-before, last + 1 + after)
            x = x.index_select(axis, last - (last - place.abs()).abs())
        return x

# %% own_reflection wrong: places kept from the first picture
# You keep the list of places from the first picture. For a picture of another size it is wrong: compute it in every call.
class OwnReflectionPad2d(nn.Module):
    def __init__(self, padding):
        super().__init__()
        self.padding = (padding,) * 4 if isinstance(padding, int) else tuple(padding)
        self.rows = self.columns = None

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError("axes")
        l, r, t, b = self.padding
        h, w = x.shape[-2:]
        if self.rows is None:
            if max(l, r) >= w or max(t, b) >= h:
                raise ValueError("too wide")
            self.rows = (h - 1) - ((h - 1) - torch.arange(-t, h + b).abs()).abs()
            self.columns = (w - 1) - ((w - 1) - torch.arange(-l, w + r).abs()).abs()
        return x.index_select(-2, self.rows.clamp(max=h - 1)).index_select(-1, self.columns.clamp(max=w - 1))

# %% own_reflection wrong: the widths are a buffer
# Your widths are a buffer and appear in the state_dict: a net with torch's layer in this place could not load its weights. Keep plain Python numbers.
class OwnReflectionPad2d(nn.Module):
    """Pad (N, C, H, W) or (C, H, W) by mirrors at the border cells."""

    def __init__(self, padding):
        super().__init__()
        if isinstance(padding, int):
            padding = (padding,) * 4
        self.padding = tuple(padding)
        self.register_buffer("widths", torch.tensor(self.padding))

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError(f"expected 3 or 4 axes, got {x.dim()}")
        for axis, (before, after) in ((-1, self.widths[:2].tolist()), (-2, self.widths[2:].tolist())):
            last = x.shape[axis] - 1
            if max(before, after) > last:
                raise ValueError(f"a mirror of {before} and {after} at {last + 1} cells")
            place = torch.arange(-before, last + 1 + after)
            x = x.index_select(axis, last - (last - place.abs()).abs())
        return x

# %% own_reflection wrong: too wide is cut down
# A width that is too large is quietly clamped into the picture. torch refuses it; raise a ValueError when a width is not less than the axis is long.
class OwnReflectionPad2d(nn.Module):
    """Pad (N, C, H, W) or (C, H, W) by mirrors at the border cells."""

    def __init__(self, padding):
        super().__init__()
        if isinstance(padding, int):
            padding = (padding,) * 4
        self.padding = tuple(padding)

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError(f"expected 3 or 4 axes, got {x.dim()}")
        for axis, (before, after) in ((-1, self.padding[:2]), (-2, self.padding[2:])):
            last = x.shape[axis] - 1
            place = torch.arange(-before, last + 1 + after)
            x = x.index_select(axis, (last - (last - place.abs()).abs()).clamp(0, last))
        return x

# %% own_reflection wrong: rows checked against the columns
# You compare the widths with the wrong axes: left and right must be less than the number of columns, top and bottom less than the number of rows.
class OwnReflectionPad2d(nn.Module):
    """Pad (N, C, H, W) or (C, H, W) by mirrors at the border cells."""

    def __init__(self, padding):
        super().__init__()
        if isinstance(padding, int):
            padding = (padding,) * 4
        self.padding = tuple(padding)

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError(f"expected 3 or 4 axes, got {x.dim()}")
        for axis, (before, after) in ((-1, self.padding[:2]), (-2, self.padding[2:])):
            last = x.shape[axis] - 1
            if max(before, after) >= x.shape[-3 - axis]:
                raise ValueError(f"a mirror of {before} and {after} at {last + 1} cells")
            place = torch.arange(-before, last + 1 + after)
            x = x.index_select(axis, last - (last - place.abs()).abs())
        return x

# %% own_reflection wrong: the gradient of the copies is lost
# The frame is made of detached copies: the values are right, but no gradient comes back from the copies to the cells they were taken from.
class OwnReflectionPad2d(nn.Module):
    def __init__(self, padding):
        super().__init__()
        self.padding = (padding,) * 4 if isinstance(padding, int) else tuple(padding)

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError("axes")
        l, r, t, b = self.padding
        h, w = x.shape[-2:]
        y = x.detach()
        for axis, (p, q) in ((-1, (l, r)), (-2, (t, b))):
            n = y.shape[axis]
            if max(p, q) >= n:
                raise ValueError("too wide")
            y = y.index_select(axis, (n - 1) - ((n - 1) - torch.arange(-p, n + q).abs()).abs())
        y = y.clone()
        y[..., t : t + h, l : l + w] = x
        return y

# %% own_reflection wrong: any number of axes
# Your layer takes a bare (H, W) table and a (N, C, D, H, W) volume without a word. A picture has 3 or 4 axes; refuse the others, as torch does.
class OwnReflectionPad2d(nn.Module):
    """Pad (N, C, H, W) or (C, H, W) by mirrors at the border cells."""

    def __init__(self, padding):
        super().__init__()
        if isinstance(padding, int):
            padding = (padding,) * 4
        self.padding = tuple(padding)

    def forward(self, x):
        for axis, (before, after) in ((-1, self.padding[:2]), (-2, self.padding[2:])):
            last = x.shape[axis] - 1
            if max(before, after) > last:
                raise ValueError(f"a mirror of {before} and {after} at {last + 1} cells")
            place = torch.arange(-before, last + 1 + after)
            x = x.index_select(axis, last - (last - place.abs()).abs())
        return x

# %% own_reflection wrong: the attribute stays a whole number
# `layer.padding` is what was handed in, once a number and once a list. Turn it into a tuple of four in the constructor.
class OwnReflectionPad2d(nn.Module):
    def __init__(self, padding):
        super().__init__()
        self.padding = padding

    def forward(self, x):
        if x.dim() not in (3, 4):
            raise ValueError
        pad = (self.padding,) * 4 if isinstance(self.padding, int) else tuple(self.padding)
        for axis, (a, b) in ((-1, pad[:2]), (-2, pad[2:])):
            n = x.shape[axis]
            if max(a, b) >= n:
                raise ValueError
            x = x.index_select(axis, (n - 1) - ((n - 1) - torch.arange(-a, n + b).abs()).abs())
        return x

# %% pad_backward right: pieces folded back
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    before, middle, after = grad.split([left, n, right], dim=-1)
    back = middle.clone()
    if mode == "replicate":
        back[..., 0] += before.sum(-1)
        back[..., -1] += after.sum(-1)
    elif mode == "reflect":
        back[..., 1 : left + 1] += before.flip(-1)
        back[..., n - 1 - right : n - 1] += after.flip(-1)
    elif mode == "circular":
        back[..., n - left :] += before
        back[..., :right] += after
    return back

# %% pad_backward right: a matrix of zeros and ones
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    eye = torch.eye(n, dtype=grad.dtype)
    return grad @ F.pad(eye, (left, right), mode=mode).T

# %% pad_backward right: place by place
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    cells = [torch.zeros_like(grad[..., 0]) for _ in range(n)]
    for i in range(grad.shape[-1]):
        p = i - left
        if 0 <= p < n:
            source = p
        elif mode == "constant":
            continue
        elif mode == "replicate":
            source = 0 if p < 0 else n - 1
        elif mode == "reflect":
            source = -p if p < 0 else 2 * (n - 1) - p
        else:
            source = p % n
        cells[source] = cells[source] + grad[..., i]
    return torch.stack(cells, dim=-1)

# %% pad_backward oracle
def pad_backward(grad, left, right, mode="constant"):
    rows = grad.reshape(1, -1, grad.shape[-1])
    x = torch.zeros(*rows.shape[:-1], rows.shape[-1] - left - right, dtype=grad.dtype, requires_grad=True)
    (back,) = torch.autograd.grad(F.pad(x, (left, right), mode=mode), x, rows)
    return back.reshape(*grad.shape[:-1], -1)

# %% pad_backward wrong: the middle in every mode
# You cut out the middle whatever the mode is. Only a constant owes nothing: in the other modes what arrived at the copies belongs to the cells they were copied from.
def pad_backward(grad, left, right, mode="constant"):
    return grad[..., left : grad.shape[-1] - right].clone()

# %% pad_backward wrong: plus-equals on repeated places
# `back[..., source] += grad` adds only one of the numbers that go to the same cell; the others are lost. Use `index_add`.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    if mode == "constant":
        return grad[..., left : left + n].clone()
    source = F.pad(torch.arange(float(n))[None], (left, right), mode=mode)[0].long()
    back = grad.new_zeros(*grad.shape[:-1], n)
    back[..., source] += grad
    return back

# %% pad_backward wrong: the mean of the copies
# You take the mean over a cell and its copies. Each copy had its own effect on the result, and effects add up: take the sum.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    if mode == "constant":
        return grad[..., left : left + n].clone()
    source = F.pad(torch.arange(float(n))[None], (left, right), mode=mode)[0].long()
    back = grad.new_zeros(*grad.shape[:-1], n).index_add(-1, source, grad)
    return back / torch.bincount(source, minlength=n).to(grad.dtype)

# %% pad_backward wrong: the mirror not turned round
# The pieces of reflect go back in the wrong order: the outermost copy came from the innermost cell, so the piece has to be flipped.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    before, back, after = grad[..., :left], grad[..., left : left + n].clone(), grad[..., left + n :]
    if mode == "replicate":
        back[..., 0] += before.sum(-1)
        back[..., -1] += after.sum(-1)
    elif mode == "reflect":
        back[..., 1 : left + 1] += before
        back[..., n - 1 - right : n - 1] += after
    elif mode == "circular":
        back[..., n - left :] += before
        back[..., :right] += after
    return back

# %% pad_backward wrong: the mirror hits the border cell
# Your mirror sends what arrived at the first copy back to the border cell. In torch's reflection the border cell has no copy: the first copy came from its neighbour.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    before, back, after = grad[..., :left], grad[..., left : left + n].clone(), grad[..., left + n :]
    if mode == "replicate":
        back[..., 0] += before.sum(-1)
        back[..., -1] += after.sum(-1)
    elif mode == "reflect":
        back[..., :left] += before.flip(-1)
        back[..., n - right :] += after.flip(-1)
    elif mode == "circular":
        back[..., n - left :] += before
        back[..., :right] += after
    return back

# %% pad_backward wrong: the circle goes back to the near end
# In circular padding the cells in front were copied from the far end. You give what arrived there back to the near end.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    before, back, after = grad[..., :left], grad[..., left : left + n].clone(), grad[..., left + n :]
    if mode == "replicate":
        back[..., 0] += before.sum(-1)
        back[..., -1] += after.sum(-1)
    elif mode == "reflect":
        back[..., 1 : left + 1] += before.flip(-1)
        back[..., n - 1 - right : n - 1] += after.flip(-1)
    elif mode == "circular":
        back[..., :left] += before
        back[..., n - right :] += after
    return back

# %% pad_backward wrong: a slice from minus zero
# With no cells in front your slice starts at -0, the whole row, and everything is added once more. Write `n - left`.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    before, back, after = grad[..., :left], grad[..., left : left + n].clone(), grad[..., left + n :]
    if mode == "replicate":
        back[..., 0] += before.sum(-1)
        back[..., -1] += after.sum(-1)
    elif mode == "reflect":
        back[..., 1 : left + 1] += before.flip(-1)
        back[..., n - 1 - right : n - 1] += after.flip(-1)
    elif mode == "circular":
        back[..., -left:] = back[..., -left:] + (before if left else back[..., -left:])
        back[..., :right] += after
    return back

# %% pad_backward wrong: only the nearest copy goes back
# In replicate only the copy next to the border is given back. All the cells outside are copies of the border cell: sum them.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    before, back, after = grad[..., :left], grad[..., left : left + n].clone(), grad[..., left + n :]
    if mode == "replicate":
        if left:
            back[..., 0] += before[..., -1]
        if right:
            back[..., -1] += after[..., 0]
    elif mode == "reflect":
        back[..., 1 : left + 1] += before.flip(-1)
        back[..., n - 1 - right : n - 1] += after.flip(-1)
    elif mode == "circular":
        back[..., n - left :] += before
        back[..., :right] += after
    return back

# %% pad_backward wrong: what arrived is written over
# You add into a view of `grad`, so whoever handed it over finds it changed. Clone the middle first.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    before, back, after = grad[..., :left], grad[..., left : left + n], grad[..., left + n :]
    if mode == "replicate":
        back[..., 0] += before.sum(-1)
        back[..., -1] += after.sum(-1)
    elif mode == "reflect":
        back[..., 1 : left + 1] += before.flip(-1)
        back[..., n - 1 - right : n - 1] += after.flip(-1)
    elif mode == "circular":
        back[..., n - left :] += before
        back[..., :right] += after
    return back

# %% pad_backward wrong: a constant collects too
# In mode constant the new cells were copied from nowhere; you give what arrived there to the border cells.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    real = "replicate" if mode == "constant" else mode
    source = F.pad(torch.arange(float(n))[None], (left, right), mode=real)[0].long()
    return grad.new_zeros(*grad.shape[:-1], n).index_add(-1, source, grad)

# %% pad_backward wrong: float32 results
# The zeros into which you add are float32, and a float64 gradient is brought down to them: make them with `grad.new_zeros`.
def pad_backward(grad, left, right, mode="constant"):
    n = grad.shape[-1] - left - right
    if mode == "constant":
        return grad[..., left : left + n].clone()
    source = F.pad(torch.arange(float(n))[None], (left, right), mode=mode)[0].long()
    return torch.zeros(*grad.shape[:-1], n).index_add(-1, source, grad.float())

# %% same_conv right: a module of its own with F.conv2d
def same_pads(size, kernel, stride=1, dilation=1):
    left_over = size % stride or stride
    total = max(dilation * (kernel - 1) + 1 - left_over, 0)
    return total // 2, (total + 1) // 2


class SameConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__()
        pair = lambda v: (v, v) if isinstance(v, int) else tuple(v)
        self.kernel, self.stride, self.dilation, self.groups = pair(kernel_size), pair(stride), pair(dilation), groups
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels // groups, *self.kernel) * 0.1)
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None

    def forward(self, x):
        top, bottom = same_pads(x.shape[-2], self.kernel[0], self.stride[0], self.dilation[0])
        left, right = same_pads(x.shape[-1], self.kernel[1], self.stride[1], self.dilation[1])
        x = nn.ZeroPad2d((left, right, top, bottom))(x)
        return F.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

# %% same_conv right: convolved at stride 1, then every s-th taken
def same_pads(size, kernel, stride=1, dilation=1):
    outputs, total = math.ceil(size / stride), 0
    while (size + total - dilation * (kernel - 1) - 1) // stride + 1 < outputs:
        total += 1
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, groups=groups, bias=bias)
        self.steps = (stride, stride) if isinstance(stride, int) else stride

    def forward(self, x):
        (h, w), (a, b), (s, t), (d, e) = x.shape[-2:], self.kernel_size, self.steps, self.dilation
        y = F.conv2d(
            F.pad(x, (*same_pads(w, b, t, e), *same_pads(h, a, s, d))),
            self.weight,
            self.bias,
            1,
            0,
            self.dilation,
            self.groups,
        )
        return y[..., ::s, ::t]

# %% same_conv oracle
def same_pads(size, kernel, stride=1, dilation=1):
    wanted = math.ceil(size / stride)
    for total in range(100_000):
        if len(range(0, size + total - dilation * (kernel - 1), stride)) >= wanted:
            return total // 2, total - total // 2


class SameConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__()
        pair = lambda v: [v, v] if isinstance(v, int) else list(v)
        self.k, self.s, self.d, self.groups = pair(kernel_size), pair(stride), pair(dilation), groups
        self.weight = nn.Parameter(torch.zeros(out_channels, in_channels // groups, *self.k))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None

    def forward(self, x):
        x4 = (x if x.dim() == 4 else x[None]).double()
        h, w = x4.shape[-2:]
        top, left = same_pads(h, self.k[0], self.s[0], self.d[0])[0], same_pads(w, self.k[1], self.s[1], self.d[1])[0]
        weight = self.weight.double()
        each, per = weight.shape[1], weight.shape[0] // self.groups
        y = []
        for i in range(-top, h - top, self.s[0]):
            for j in range(-left, w - left, self.s[1]):
                total = x4.new_zeros(len(x4), len(weight))
                for a in range(self.k[0]):
                    for b in range(self.k[1]):
                        r, c = i + a * self.d[0], j + b * self.d[1]
                        if 0 <= r < h and 0 <= c < w:
                            parts = [
                                x4[:, g * each : (g + 1) * each, r, c] @ weight[g * per : (g + 1) * per, :, a, b].T
                                for g in range(self.groups)
                            ]
                            total = total + torch.cat(parts, 1)
                y.append(total)
        rows, columns = -(-h // self.s[0]), -(-w // self.s[1])
        y = torch.stack(y, -1).reshape(len(x4), -1, rows, columns)
        if self.bias is not None:
            y = y + self.bias.double()[:, None, None]
        y = y.to(x.dtype)
        return y if x.dim() == 4 else y[0]

# %% same_conv wrong: half the kernel on both sides
# You pad half the kernel on both sides. At stride 1 and odd kernels that is SAME; at stride 2 and an even size SAME needs one zero less, and every window stands one cell further to the right.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    half = dilation * (kernel - 1) // 2
    return half, half


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[1], *pads[0])))

# %% same_conv wrong: the extra zero before
# An odd zero goes to the end; you put it in front, and all windows stand one cell too far to the left.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = max(reach - size, 0)
    return total - total // 2, total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[1], *pads[0])))

# %% same_conv wrong: the padding does not look at the size
# You pad dilation * (kernel - 1) zeros whatever the size and the stride are, as torch's padding="same" does at stride 1. The number of outputs is right, but they are not the fewest zeros, and the windows start too early.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    total = dilation * (kernel - 1)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[1], *pads[0])))

# %% same_conv wrong: below zero
# With a stride larger than the kernel your number of zeros becomes negative, and F.pad cuts cells off. It is at least 0.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = reach - size
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[1], *pads[0])))

# %% same_conv wrong: outputs rounded down
# You round the number of outputs down. SAME rounds up: nine cells at stride 2 have five outputs.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = size // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = max(reach - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[1], *pads[0])))

# %% same_conv wrong: dilation forgotten
# The holes of a dilated kernel are forgotten: it reaches over dilation * (kernel - 1) + 1 cells.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + kernel
    total = max(reach - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[1], *pads[0])))

# %% same_conv wrong: rows padded with the columns' widths
# The function is right, but the layer hands the vertical pair to F.pad first. F.pad starts at the last axis, with left and right.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = max(reach - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[0], *pads[1])))

# %% same_conv wrong: one axis for both
# You take the first number of kernel_size, stride and dilation for both axes. They may differ.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = max(reach - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)

    def forward(self, x):
        k, s, d = self.kernel_size[0], self.stride[0], self.dilation[0]
        return super().forward(F.pad(x, (*same_pads(x.shape[-1], k, s, d), *same_pads(x.shape[-2], k, s, d))))

# %% same_conv wrong: padded as for the first picture
# The padding is worked out once, for the first picture. It depends on the size: work it out in every call.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = max(reach - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.pads = None

    def forward(self, x):
        if self.pads is None:
            self.pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*self.pads[1], *self.pads[0])))

# %% same_conv wrong: groups not handed on
# The layer takes `groups` and does not hand it on.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = max(reach - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, bias=bias)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[1], *pads[0])))

# %% same_conv wrong: bias=False not handed on
# The layer has a bias even with bias=False.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = max(reach - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[1], *pads[0])))

# %% same_conv wrong: convolved at stride 1, every s-th taken
# You convolve at stride 1 with padding="same" and take every s-th output. The padding in front is then that of stride 1, which is too much: the windows of SAME begin later.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = max(reach - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, 1, "same", dilation, groups, bias)
        self.steps = (stride, stride) if isinstance(stride, int) else stride

    def forward(self, x):
        return super().forward(x)[..., :: self.steps[0], :: self.steps[1]]

# %% same_conv wrong: the border repeated outside
# Outside you repeat the border cells. SAME pads with zeros.
def same_pads(size, kernel, stride=1, dilation=1):
    """Return how many zeros SAME puts before and after an axis."""
    outputs = (size + stride - 1) // stride
    reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = max(reach - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """Conv with ceil(H / stride) rows and ceil(W / stride) columns of output."""

    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, dilation=1, groups=1, bias=True,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)

    def forward(self, x):
        pads = [same_pads(*axis) for axis in zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation)]
        return super().forward(F.pad(x, (*pads[1], *pads[0]), mode="replicate"))

# %% causal_conv right: F.pad and F.conv1d
class CausalConv1d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size) / kernel_size)
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.dilation = dilation

    def forward(self, x, past=None):
        reach = self.dilation * (self.weight.shape[2] - 1)
        z = F.pad(x, (reach, 0)) if past is None else torch.cat((past, x), -1)
        new = z[..., z.shape[-1] - reach :] + 0.0
        return F.conv1d(z, self.weight, self.bias, dilation=self.dilation), new

# %% causal_conv right: tap by tap with einsum
class CausalConv1d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.rand(out_channels, in_channels, kernel_size)))
        self.register_parameter("bias", nn.Parameter(torch.rand(out_channels)) if bias else None)
        self.dilation = dilation

    def forward(self, x, past=None):
        steps, taps = x.shape[-1], self.weight.shape[-1]
        if past is None:
            past = torch.zeros(x.shape[0], x.shape[1], (taps - 1) * self.dilation, dtype=x.dtype)
        z = torch.cat([past, x], 2)
        y = sum(
            torch.einsum("oc,nct->not", self.weight[:, :, j], z[:, :, j * self.dilation : j * self.dilation + steps])
            for j in range(taps)
        )
        if self.bias is not None:
            y = y + self.bias[:, None]
        return y, torch.index_select(z, 2, torch.arange(steps, z.shape[2]))

# %% causal_conv oracle
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(
            in_channels, out_channels, kernel_size, padding=dilation * (kernel_size - 1), dilation=dilation, bias=bias
        )

    def forward(self, x, past=None):
        reach = self.padding[0]
        if past is None:
            past = torch.zeros_like(x[:, :, :1]).expand(-1, -1, reach)
        z = torch.cat([past, x], dim=2)
        return super().forward(z)[:, :, reach : reach + x.shape[2]], z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: zeros on both sides
# Half of your zeros stand behind the series, so the output at step t already knows later steps. All of them belong in front.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            z = F.pad(x, (self.back // 2, self.back - self.back // 2))
            return super().forward(z), F.pad(x, (self.back, 0))[:, :, x.shape[2] :].clone()
        z = torch.cat([past, x], dim=2)
        return super().forward(z), z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: the wrong end cut off
# You pad both ends fully and cut off the first outputs. Those are the causal ones: keep the first L, drop the last.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        first = x.new_zeros(*x.shape[:2], self.back) if past is None else past
        z = torch.cat([first, x], dim=2)
        y = super().forward(F.pad(z, (0, self.back)))
        return y[:, :, self.back :], z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: dilation forgotten in the reach
# You count kernel_size - 1 steps back. A dilated kernel reaches dilation times as far.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = kernel_size - 1

    def forward(self, x, past=None):
        if past is None:
            past = x.new_zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x], dim=2)
        return super().forward(z), z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: one step too far back
# Your output lags by one step: it never sees x at its own step t. The last tap belongs on step t, so there are (kernel_size - 1) * dilation zeros, not kernel_size * dilation.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            past = x.new_zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x], dim=2)
        return super().forward(F.pad(z, (1, -1))), z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: a past of minus zero
# For a kernel of size 1 your past is the whole series: `z[:, :, -0:]` starts at 0. Count from the front.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            past = x.new_zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x], dim=2)
        return super().forward(z), z[:, :, -self.back :].clone()

# %% causal_conv wrong: the past from the last piece alone
# Your new past is taken from the last piece alone. A piece can be shorter than the kernel reaches: take the last steps of past and piece together.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            past = x.new_zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x], dim=2)
        return super().forward(z), F.pad(x, (max(self.back - x.shape[2], 0), min(0, 0)))[
            :, :, max(x.shape[2] - self.back, 0) :
        ].clone()

# %% causal_conv wrong: the past ignored
# The past that is handed in is ignored: every piece starts from zeros again.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        z = torch.cat([x.new_zeros(*x.shape[:2], self.back), x], dim=2)
        return super().forward(z), z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: the layer remembers
# Your layer keeps the past of its last call and uses it when none is given. A second series then starts with the past of the first.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)
        self.kept = None

    def forward(self, x, past=None):
        if past is None:
            usable = self.kept is not None and self.kept.shape[:2] == x.shape[:2] and self.kept.dtype == x.dtype
            past = self.kept if usable else x.new_zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x], dim=2)
        self.kept = z[:, :, x.shape[2] :].detach()
        return super().forward(z), z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: the past cut out of the graph
# The past you return is detached, so no gradient reaches the earlier piece. Whether to cut is for the caller to say.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            past = x.new_zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x], dim=2)
        return super().forward(z), z[:, :, x.shape[2] :].detach().clone()

# %% causal_conv wrong: the kernel turned round
# You turn the kernel round. The last weight belongs to step t itself, as in the formula: torch does not flip kernels.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            past = x.new_zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x], dim=2)
        return F.conv1d(z, self.weight.flip(2), self.bias, dilation=self.dilation), z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: the border repeated in front
# Before the series begins you repeat its first step. Asked for are zeros.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            past = x[:, :, :1].expand(-1, -1, self.back)
        z = torch.cat([past, x], dim=2)
        return super().forward(z), z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: zeros in float32
# Your zeros are float32, so a layer that was turned to float64 meets two dtypes, or computes with half of the digits. Make them with `x.new_zeros`.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            past = torch.zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x.float()], dim=2)
        return super().forward(z.to(self.weight.dtype)), z[:, :, x.shape[2] :].clone()

# %% causal_conv wrong: the past is a window on x
# The past you return is a view of x: whoever changes it changes the input. Take it from past and piece put together, which is a new tensor.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            past = x.new_zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x], dim=2)
        new = x[:, :, -self.back :] if 0 < self.back <= x.shape[2] else z[:, :, x.shape[2] :]
        return super().forward(z), new

# %% causal_conv wrong: the past written over
# You write the new past into the old one. Whoever kept it, to start again from there, finds it changed.
class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size, dilation=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, bias=bias)
        self.back = dilation * (kernel_size - 1)

    def forward(self, x, past=None):
        if past is None:
            past = x.new_zeros(*x.shape[:2], self.back)
        z = torch.cat([past, x], dim=2)
        with torch.no_grad():
            past.copy_(z[:, :, x.shape[2] :])
        return super().forward(z), z[:, :, x.shape[2] :]

# %% ring_conv right: a ring of places, gathered
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    t, j = torch.arange(length)[:, None], torch.arange(taps)[None, :]
    windows = x[:, :, (t + j - (taps - 1) // 2) % length]
    return torch.einsum("nctj,ocj->not", windows, weight)

# %% ring_conv right: full complex transform and a phase
def ring_conv(x, weight):
    length, taps = x.shape[2], weight.shape[2]
    spectrum = torch.fft.fft(x)
    other = torch.fft.fft(weight, n=length).conj()
    f = torch.arange(length, dtype=x.dtype)
    angle = 2 * math.pi * f * (-((taps - 1) // 2)) / length
    phase = torch.complex(torch.cos(angle), torch.sin(angle))
    product = (spectrum[:, None] * other[None]).sum(2) * phase
    return torch.fft.ifft(product).real

# %% ring_conv right: tap by tap
def ring_conv(x, weight):
    length, taps = x.shape[2], weight.shape[2]
    y = x.new_zeros(len(x), len(weight), length)
    for j in range(taps):
        first = (j - (taps - 1) // 2) % length
        turned = torch.cat([x[:, :, first:], x[:, :, :first]], dim=2)
        y = y + weight[:, :, j] @ turned
    return y

# %% ring_conv oracle
def ring_conv(x, weight):
    before = (weight.shape[2] - 1) // 2
    return F.conv1d(F.pad(x, (before, weight.shape[2] - 1 - before), mode="circular"), weight)

# %% ring_conv wrong: the conjugate forgotten
# Without the conjugate your kernel is turned round: that is the convolution of mathematics. torch's layers do not turn it.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    place = (torch.arange(taps) - (taps - 1) // 2) % length
    ring = weight.new_zeros(*weight.shape[:2], length).index_copy(2, place, weight)
    return torch.fft.irfft(torch.einsum("ncf,ocf->nof", torch.fft.rfft(x), torch.fft.rfft(ring)), n=length)

# %% ring_conv wrong: the other one conjugated
# You conjugate the transform of x, not that of the kernel: the output runs backwards round the ring.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    place = (torch.arange(taps) - (taps - 1) // 2) % length
    ring = weight.new_zeros(*weight.shape[:2], length).index_copy(2, place, weight)
    return torch.fft.irfft(torch.einsum("ncf,ocf->nof", torch.fft.rfft(x).conj(), torch.fft.rfft(ring)), n=length)

# %% ring_conv wrong: the kernel not centred
# Your kernel begins at place 0 of the ring, so the output is shifted by the number of cells that torch puts in front, (K - 1) // 2.
def ring_conv(x, weight):
    length = x.shape[-1]
    product = torch.einsum("ncf,ocf->nof", torch.fft.rfft(x), torch.fft.rfft(weight, n=length).conj())
    return torch.fft.irfft(product, n=length)

# %% ring_conv wrong: half the kernel in front
# You shift by K // 2. For an even number of taps torch puts (K - 1) // 2 cells in front and one more behind.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    place = (torch.arange(taps) - taps // 2) % length
    ring = weight.new_zeros(*weight.shape[:2], length).index_copy(2, place, weight)
    return torch.fft.irfft(torch.einsum("ncf,ocf->nof", torch.fft.rfft(x), torch.fft.rfft(ring).conj()), n=length)

# %% ring_conv wrong: an odd ring comes back even
# `irfft` takes the ring for an even one unless you tell it the length: an odd ring comes back with one cell less.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    place = (torch.arange(taps) - (taps - 1) // 2) % length
    ring = weight.new_zeros(*weight.shape[:2], length).index_copy(2, place, weight)
    return torch.fft.irfft(torch.einsum("ncf,ocf->nof", torch.fft.rfft(x), torch.fft.rfft(ring).conj()))

# %% ring_conv wrong: zeros beyond the ends
# Your row ends at its ends: what reaches beyond counts as 0. On a ring it goes on at the other side.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    a = (taps - 1) // 2
    wide = torch.fft.irfft(
        torch.einsum(
            "ncf,ocf->nof", torch.fft.rfft(x, n=2 * length + taps), torch.fft.rfft(weight, n=2 * length + taps).conj()
        ),
        n=2 * length + taps,
    )
    return torch.cat([wide[..., 2 * length + taps - a :], wide], -1)[..., :length]

# %% ring_conv wrong: channels summed too early
# You sum the channels of x, and those of the weight, before you multiply. Each input channel has weights of its own: multiply first, then sum.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    place = (torch.arange(taps) - (taps - 1) // 2) % length
    ring = weight.new_zeros(*weight.shape[:2], length).index_copy(2, place, weight)
    product = torch.fft.rfft(x).sum(1)[:, None] * torch.fft.rfft(ring).conj().sum(1)
    return torch.fft.irfft(product, n=length)

# %% ring_conv wrong: taps that meet on the ring overwrite each other
# You place the taps by counting forwards without going round, so those in front of cell 0 are lost. They belong at the end of the ring.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    place = (torch.arange(taps) - (taps - 1) // 2).clamp(min=0)
    ring = weight.new_zeros(*weight.shape[:2], length).index_copy(2, place, weight)
    return torch.fft.irfft(torch.einsum("ncf,ocf->nof", torch.fft.rfft(x), torch.fft.rfft(ring).conj()), n=length)

# %% ring_conv wrong: scaled by the length
# Your result is too small by a factor of L: forward and inverse transform together already divide by L once.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    place = (torch.arange(taps) - (taps - 1) // 2) % length
    ring = weight.new_zeros(*weight.shape[:2], length).index_copy(2, place, weight)
    product = torch.einsum("ncf,ocf->nof", torch.fft.rfft(x), torch.fft.rfft(ring, norm="forward").conj())
    return torch.fft.irfft(product, n=length)

# %% ring_conv wrong: the kernel's values taken without gradient
# Your ring is filled with the kernel's data, cut out of the graph: the output is right, but the weights get no gradient and never learn.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    place = (torch.arange(taps) - (taps - 1) // 2) % length
    ring = weight.new_zeros(*weight.shape[:2], length)
    ring[:, :, place] = weight.detach()
    ring = ring.requires_grad_(weight.requires_grad)
    extra = 0.0 * weight.sum()
    return (
        torch.fft.irfft(torch.einsum("ncf,ocf->nof", torch.fft.rfft(x), torch.fft.rfft(ring).conj()), n=length) + extra
    )

# %% ring_conv wrong: the magnitudes multiplied
# You multiply the magnitudes of the transforms. The phases say where things are; without them every bump ends up at cell 0.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    place = (torch.arange(taps) - (taps - 1) // 2) % length
    ring = weight.new_zeros(*weight.shape[:2], length).index_copy(2, place, weight)
    product = torch.einsum("ncf,ocf->nof", torch.fft.rfft(x).abs(), torch.fft.rfft(ring).abs())
    return torch.fft.irfft(product, n=length)

# %% ring_conv wrong: a ring of a rounder size
# You make the ring longer, up to a power of two, because transforms of such lengths are fast. On a longer ring the ends no longer meet.
def ring_conv(x, weight):
    length, taps = x.shape[-1], weight.shape[-1]
    size = 1 << (length - 1).bit_length()
    place = (torch.arange(taps) - (taps - 1) // 2) % size
    ring = weight.new_zeros(*weight.shape[:2], size).index_copy(2, place, weight)
    product = torch.einsum("ncf,ocf->nof", torch.fft.rfft(x, n=size), torch.fft.rfft(ring).conj())
    return torch.fft.irfft(product, n=size)[..., :length]

# %% halve_maps right: the border repeated
def halve(x):
    h, w = x.shape[-2:]
    x = F.pad(x, (0, w % 2, 0, h % 2), mode="replicate")
    return F.max_pool2d(x, 2)

# %% halve_maps right: blocks cut out and joined
def halve(x):
    rows = [
        torch.stack([block.flatten(-2).max(-1).values for block in strip.split(2, dim=-1)], -1)
        for strip in x.split(2, dim=-2)
    ]
    return torch.stack(rows, -2)

# %% halve_maps oracle
def halve(x):
    return F.max_pool2d(x, 2, ceil_mode=True)

# %% halve_maps equivalent: height, width = x.shape[2:]
# The maps have four axes, so the last two and all from the third on are the same.

# %% halve_maps faulty start
# Rows and columns are exchanged in the list for F.pad, two cells are added to an even side, the new cells hold 0 and win against everything below it, and the cut at the end throws the last row and column away.

# %% halve_maps wrong: zeros outside
# The new cells hold 0, which is higher than anything below sea level. Fill them with minus infinity, which never wins.
def halve(x):
    h, w = x.shape[-2:]
    return F.max_pool2d(F.pad(x, (0, w % 2, 0, h % 2)), 2)

# %% halve_maps wrong: rows and columns exchanged
# The list for F.pad starts with the columns: left, right, then top, bottom.
def halve(x):
    h, w = x.shape[-2:]
    return F.max_pool2d(F.pad(x, (0, h % 2, 0, w % 2), value=-math.inf), 2)

# %% halve_maps wrong: two more on an even side
# An even side needs nothing; you add two cells to it, and a block of nothing but padding comes out.
def halve(x):
    h, w = x.shape[-2:]
    return F.max_pool2d(F.pad(x, (0, 2 - w % 2, 0, 2 - h % 2), value=-math.inf), 2)

# %% halve_maps wrong: the last row and column left out
# For an odd side the last row or column is left out: the half is rounded down. Nothing on the map may be lost.
def halve(x):
    return F.max_pool2d(x, 2)

# %% halve_maps wrong: the new cell in front
# You add the new row and column in front, so all blocks are shifted by one cell. They belong behind.
def halve(x):
    h, w = x.shape[-2:]
    return F.max_pool2d(F.pad(x, (w % 2, 0, h % 2, 0), value=-math.inf), 2)

# %% halve_maps wrong: a large negative number
# You fill with a number that you took for small enough. Heights may be lower still: minus infinity is the only safe one.
def halve(x):
    h, w = x.shape[-2:]
    return F.max_pool2d(F.pad(x, (0, w % 2, 0, h % 2), value=-1e9), 2)

# %% halve_maps wrong: mirrored at the edge
# You mirror the map at its edge. A mirrored cell comes from the neighbouring block and can win there, and a map of one row has nothing to mirror.
def halve(x):
    h, w = x.shape[-2:]
    return F.max_pool2d(F.pad(x, (0, w % 2, 0, h % 2), mode="reflect"), 2)

# %% halve_maps wrong: shifted above zero first
# You lift the map above zero, pad with zeros and lower it again. That looks right, but rounding spoils low heights, most of all beside one very deep cell.
def halve(x):
    h, w = x.shape[-2:]
    low = x.min()
    return F.max_pool2d(F.pad(x - low, (0, w % 2, 0, h % 2)), 2) + low

# %% halve_maps wrong: averaged at the edge
# Blocks that hang over the edge are averaged, or doubled up, instead of taking their highest cell.
def halve(x):
    h, w = x.shape[-2:]
    y = F.pad(x, (0, w % 2, 0, h % 2), mode="replicate")
    y = y.unflatten(-2, (-1, 2)).unflatten(-1, (-1, 2))
    top = y.amax((-3, -1))
    if h % 2:
        top = torch.cat([top[..., :-1, :], y[..., -1, 0, :, :].mean(-1)[..., None, :]], -2)
    return top

# %% halve_maps wrong: adaptive pooling
# Adaptive pooling to the right size chooses its own windows: for an odd side they overlap, so a cell can win twice. Asked for are blocks of two, one after the other.
def halve(x):
    h, w = x.shape[-2:]
    return F.adaptive_max_pool2d(x, ((h + 1) // 2, (w + 1) // 2))

# %% halve_maps wrong: the lowest finite number
# You fill with the lowest finite number. It still wins over cells that are minus infinity themselves; minus infinity never wins.
def halve(x):
    height, width = x.shape[-2:]
    return F.max_pool2d(F.pad(x, (0, width % 2, 0, height % 2), value=torch.finfo(x.dtype).min), 2)

# %% round_world right: the convolution's own circular padding
def train_net(x, y):
    net = nn.Sequential(nn.Conv2d(1, 6, 3, padding="same", padding_mode="circular"), nn.ReLU(), nn.Conv2d(6, 1, 1))
    optimiser = torch.optim.LBFGS(net.parameters(), max_iter=60)

    def loss():
        optimiser.zero_grad()
        value = F.mse_loss(net(x), y)
        value.backward()
        return value

    optimiser.step(loss)
    return net

# %% round_world right: a wide frame once, two convolutions, batches
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 12, 3), nn.Conv2d(12, 1, 3)

    def forward(self, x):
        x = F.pad(x, (2, 2, 2, 2), mode="circular")
        return self.second(F.relu(self.first(x)))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for lr in (0.02, 0.005, 0.001):
        optimiser.param_groups[0]["lr"] = lr
        for _ in range(15):
            for rows in torch.randperm(len(x)).split(20):
                optimiser.zero_grad()
                F.mse_loss(net(x[rows]), y[rows]).backward()
                optimiser.step()
    return net.eval()

# %% round_world oracle
# The law's own form: one circular convolution and a bend, fitted by L-BFGS from a start where all is wet.
def train_net(x, y):
    net = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular"), nn.Softplus(beta=50))
    start = torch.linalg.lstsq(
        F.unfold(F.pad(x, (1, 1, 1, 1), mode="circular"), 3).transpose(1, 2).reshape(-1, 9), y.reshape(-1, 1)
    ).solution
    with torch.no_grad():
        net[0].weight.copy_(start.reshape(1, 1, 3, 3))
    optimiser = torch.optim.LBFGS(net.parameters(), max_iter=60)

    def loss():
        optimiser.zero_grad()
        value = F.mse_loss(net(x), y)
        value.backward()
        return value

    optimiser.step(loss)
    return net

# %% round_world equivalent: for _ in range(101):
# One step more of training; no behaviour depends on it.

# %% round_world wrong: zeros at the border
# Your convolution pads with zeros: for a cell at the border the world ends there. Inside all is right, at the border the neighbours from the other side are missing.
def train_net(x, y):
    net = nn.Sequential(nn.ZeroPad2d(1), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 1))
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimiser.step()
    return net

# %% round_world wrong: a mirror at the border
# Your border is a mirror. Beyond the edge of this world lies its other side, not its own picture.
def train_net(x, y):
    net = nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 1))
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimiser.step()
    return net

# %% round_world wrong: the border repeated
# Your border is repeated outwards. Beyond the edge of this world lies its other side.
def train_net(x, y):
    net = nn.Sequential(nn.ReplicationPad2d(1), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 1))
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimiser.step()
    return net

# %% round_world wrong: round in one direction only
# Your world is a tube: it closes from left to right, but at the top and at the bottom it ends.
def train_net(x, y):
    net = nn.Sequential(
        nn.CircularPad2d((1, 1, 0, 0)), nn.ZeroPad2d((0, 0, 1, 1)), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 1)
    )
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimiser.step()
    return net

# %% round_world wrong: no padding, stretched afterwards
# Without padding the map shrinks, and stretching it afterwards moves every cell. Pad before the convolution.
def train_net(x, y):
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 1))
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y[..., 1:-1, 1:-1]).backward()
        optimiser.step()

    class Stretched(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, x):
            return F.interpolate(self.net(x), size=tuple(x.shape[-2:]))

    return Stretched()

# %% round_world wrong: zeros put round the result
# You convolve without padding and put zeros round the result: inside all is right, but at the border of every map it never rains.
def train_net(x, y):
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 1))
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y[..., 1:-1, 1:-1]).backward()
        optimiser.step()
    return nn.Sequential(net, nn.ZeroPad2d(1))

# %% round_world wrong: no bend
# There is nothing between your convolutions but convolutions, so together they are one, and it rains negative amounts. Put an activation in.
def train_net(x, y):
    net = nn.Sequential(nn.CircularPad2d(1), nn.Conv2d(1, 8, 3), nn.Conv2d(8, 1, 1))
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimiser.step()
    return net

# %% round_world wrong: one cell for its own tomorrow
# Your kernel is one cell wide: nothing comes from the neighbours, and no padding is needed for that.
def train_net(x, y):
    net = nn.Sequential(nn.CircularPad2d(0), nn.Conv2d(1, 16, 1), nn.ReLU(), nn.Conv2d(16, 1, 1))
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimiser.step()
    return net

# %% round_world wrong: never trained
# The net is built and never trained: the loop computes a loss and takes no step.
def train_net(x, y):
    net = nn.Sequential(nn.CircularPad2d(1), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 1))
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(3):
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
    return net

# %% round_world wrong: padded on the near sides only
# Your kernel is two cells wide and reaches to the left and upwards only: five of the nine cells take no part. Take a kernel of three and one cell of padding on each side.
def train_net(x, y):
    net = nn.Sequential(nn.CircularPad2d((1, 0, 1, 0)), nn.Conv2d(1, 8, 2), nn.ReLU(), nn.Conv2d(8, 1, 1))
    optimiser = torch.optim.Rprop(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimiser.step()
    return net

# %% round_world wrong: only one of two convolutions goes round
# Your first convolution goes round the world, the second one pads with zeros. Every convolution wider than one cell needs the same border.
def train_net(x, y):
    net = nn.Sequential(nn.CircularPad2d(1), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(20):
            optimiser.zero_grad()
            F.mse_loss(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% round_world wrong: normalised over the batch
# Your net still normalises over the batch when it comes back, so a map's forecast depends on the other maps. Call `net.eval()` before you return it.
def train_net(x, y):
    net = nn.Sequential(nn.CircularPad2d(1), nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 1, 1))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(20):
            optimiser.zero_grad()
            F.mse_loss(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% round_world wrong: maps of one size only
# A linear layer over all cells knows one size of map, and it would have to learn each of its cells separately from 100 maps.
def train_net(x, y):
    net = nn.Sequential(
        nn.CircularPad2d(1), nn.Flatten(), nn.Linear(100, 64), nn.ReLU(), nn.Linear(64, 64), nn.Unflatten(1, (1, 8, 8))
    )
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimiser.step()
    return net

# %% round_world wrong: a weight for every place
# Your net adds a learned number for each place of the map. The law is the same everywhere: a map turned round the world must give the turned result.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.CircularPad2d(1), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 1))
        self.place = nn.Parameter(0.3 * torch.randn(1, 1, 20, 20))

    def forward(self, x):
        return self.conv(x) + self.place[..., : x.shape[2], : x.shape[3]]


def train_net(x, y):
    net = Net()
    opt = torch.optim.Rprop(net.parameters())
    for _ in range(100):
        opt.zero_grad()
        F.mse_loss(net(x), y).backward()
        opt.step()
    return net
