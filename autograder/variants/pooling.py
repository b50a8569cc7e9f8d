# Right and wrong answers to the exercises of `pooling`. The comment below a wrong one is what a student is told.

# %% pool_size right: begins counted one by one
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    if padding > kernel_size / 2:
        raise ValueError("too much padding")
    step, span = stride or kernel_size, dilation * (kernel_size - 1) + 1
    count, begin = 0, 0
    while begin + span <= n + 2 * padding:
        count, begin = count + 1, begin + step
    covered = begin - step + span if count else 0
    if ceil_mode and begin < n + padding and covered < n + 2 * padding and n + 2 * padding - span > -step:
        count += 1
    if count == 0:
        raise ValueError("no window")
    return count

# %% pool_size right: fractions and math.ceil
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    from fractions import Fraction

    stride = stride if stride is not None else kernel_size
    steps = Fraction(n + 2 * padding - dilation * (kernel_size - 1) - 1, stride)
    last = math.ceil(steps) if ceil_mode else math.floor(steps)
    if last * stride >= n + padding:
        last = last - 1
    if last < 0 or 2 * padding > kernel_size:
        raise ValueError
    return last + 1

# %% pool_size oracle
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    try:
        return F.max_pool1d(torch.zeros(1, n), kernel_size, stride, padding, dilation, ceil_mode).shape[-1]
    except RuntimeError as error:
        raise ValueError(str(error))

# %% pool_size wrong: stride 1 by default
# You take a stride of 1 when none is given, as a convolution does. Pooling's default stride is its kernel size: the windows lie side by side.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = 1 if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= n + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: ceil_mode without the extra rule
# With ceil_mode you round up and stop there. If the last window would begin in the padding on the right, or beyond, torch leaves it out.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: left out only beyond the padding
# The extra window is left out as soon as it begins in the padding on the right, at n + padding. You leave it out only when it begins behind that padding, at n + 2 * padding.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= n + 2 * padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: one cell too late
# A window that begins exactly at n + padding begins on the first cell of the right padding, and is left out too: the comparison is >=.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride > n + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: counted without the left padding
# Windows are counted from the left end of the padding, so the input ends at n + padding, not at n.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= n:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: a quotient with a point
# You divide with /, and 3.0 comes out where 3 is meant: range and the sizes of tensors do not take it. // divides whole numbers and stays with them.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (math.ceil(room / stride) if ceil_mode else room / stride // 1) + 1
    if ceil_mode and (windows - 1) * stride >= n + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: dilation ignored
# A window with dilation d spans d * (kernel_size - 1) + 1 cells. You count kernel_size cells, whatever the dilation is.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - kernel_size
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= n + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: the span one cell too long
# A window with dilation d spans d * (kernel_size - 1) + 1 cells: there are kernel_size - 1 gaps, not kernel_size.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - dilation * kernel_size
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= n + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: padding on one side
# Padding stands on both sides, so the axis has n + 2 * padding cells.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= n + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: rounded towards zero
# int(a / b) rounds towards zero. When the window is longer than the axis the quotient is negative, and you find one window where there is none.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else int(room / stride)) + 1
    if ceil_mode and (windows - 1) * stride >= n + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: half of the dilated window
# The limit for the padding is half of kernel_size itself, also when dilation makes the window wider.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > dilation * (kernel_size - 1) + 1:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= n + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: half, rounded up
# A padding of 2 for windows of 3 is more than half: 2 * 2 > 3. Compare 2 * padding with kernel_size, so that nothing is rounded.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if padding > (kernel_size + 1) // 2:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= n + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(f"no window of {kernel_size} fits into {n} cells")
    return windows

# %% pool_size wrong: nothing is refused for being too small
# For an axis that holds no window you return 0 or less. torch raises an error, and you should raise a ValueError.
def pool_size(n, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return the number of windows along an axis of n cells."""
    if 2 * padding > kernel_size:
        raise ValueError(f"padding {padding} is more than half of kernel_size {kernel_size}")
    stride = kernel_size if stride is None else stride
    room = n + 2 * padding - (dilation * (kernel_size - 1) + 1)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= n + padding:
        windows -= 1
    return windows

# %% own_max_pool right: two loops over the windows
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    def pair(v):
        return tuple(v) if isinstance(v, (tuple, list)) else (v, v)

    kh, kw = pair(kernel_size)
    sh, sw = pair(stride if stride is not None else kernel_size)
    ph, pw = pair(padding)
    H, W = x.shape[-2:]
    rows, columns = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    values = x.new_zeros(*x.shape[:-2], rows, columns)
    indices = torch.zeros(values.shape, dtype=torch.int64)
    for i in range(rows):
        for j in range(columns):
            top, left = max(0, i * sh - ph), max(0, j * sw - pw)
            part = x[..., top : i * sh - ph + kh, left : j * sw - pw + kw]
            best, at = part.flatten(-2).max(-1)
            values[..., i, j] = best
            indices[..., i, j] = (top + at // part.shape[-1]) * W + left + at % part.shape[-1]
    return values, indices

# %% own_max_pool right: the best so far, offset by offset
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    stride = kernel_size if stride is None else stride
    (kh, kw), (sh, sw), (ph, pw) = [[v] * 2 if isinstance(v, int) else v for v in (kernel_size, stride, padding)]
    H, W = x.shape[-2:]
    framed = torch.nn.ConstantPad2d((pw, pw, ph, ph), -torch.inf)(x)
    row = torch.arange(-ph, H + ph).view(-1, 1).expand(H + 2 * ph, W + 2 * pw)
    column = torch.arange(-pw, W + pw).expand(H + 2 * ph, W + 2 * pw)
    rows, columns = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    best = where = None
    for a in range(kh):
        for b in range(kw):
            cut = (..., slice(a, a + (rows - 1) * sh + 1, sh), slice(b, b + (columns - 1) * sw + 1, sw))
            now, place = framed[cut], (row * W + column)[cut].expand(framed[cut].shape)
            better = torch.ones_like(now, dtype=torch.bool) if best is None else now > best
            best = now if best is None else torch.where(better, now, best)
            where = place if where is None else torch.where(better, place, where)
    return best, where.clone()

# %% own_max_pool oracle
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    return F.max_pool2d(x, kernel_size, stride, padding, return_indices=True)

# %% own_max_pool equivalent: where = windows(places, -2).expand(*winner.shape, -1)
# What stands in the frame of the map of places is never read, for the frame never wins.

# %% own_max_pool equivalent: where = windows(places, 1).expand(*winner.shape, -1)
# What stands in the frame of the map of places is never read, for the frame never wins.

# %% own_max_pool wrong: stride 1 by default
# Without a stride your window moves by one cell, as a convolution's does. Pooling's default stride is its kernel size.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(1 if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: zeros in the padding
# You pad with zeros. Where all numbers of a window are negative the border wins; max-pooling pads with minus infinity.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, 0.0).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: the lowest finite number in the padding
# The padding holds the lowest finite number. In a window where every cell is as low as that they are equal, and the padding comes first. Use -math.inf.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, torch.finfo(x.dtype).min).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: the smallest number in the padding
# You pad with the smallest number of the whole input. Where that number is the winner of its window, it ties with the padding, and the padding may come first. Use -math.inf.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, float(x.min())).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: places counted in the padded map
# The indices count cells of the padded map. They have to count those of the input without its padding.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange((x.shape[-2] + 2 * ph) * (x.shape[-1] + 2 * pw)).view(x.shape[-2] + 2 * ph, -1)

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).max(-1)
    where = places.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: places counted within the window
# The indices say where in its window the winner stands. They have to say where in the whole map.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).max(-1)
    return values, winner

# %% own_max_pool wrong: row times height
# A place is row times W plus column. You multiply the row by the number of rows H, which is the same for square maps alone.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2]).view(-1, 1) * x.shape[-2] + torch.arange(x.shape[-1])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: places counted through the channels
# Your indices go on counting from channel to channel. Each channel counts its own cells, from 0.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    shift = torch.arange(x.shape[-3]).view(-1, 1, 1) * places.numel()
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1) + shift

# %% own_max_pool wrong: the last of equal ones
# Among equal numbers your last one wins. It is the first in reading order.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).flip(-1).max(-1)
    winner = kh * kw - 1 - winner
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: kernel pair swapped
# A pair is (rows, columns). You use the first number of kernel_size for the columns.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kw, kh), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: padding pair swapped
# F.pad takes the last axis first: left, right, top, bottom. You pad the columns with the rows' number.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (ph, ph, pw, pw), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: the rows' stride for both
# A stride may be a pair. You move the columns with the rows' step.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sh).flatten(-2)

    values, winner = windows(x, -math.inf).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: values without a graph
# The values are cut out of the graph: no gradient reaches the winners.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).max(-1)
    where = windows(places, -1).expand(*winner.shape, -1)
    return values.detach(), where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_pool wrong: equal ones share the gradient
# The values are taken by amax, which divides the gradient among equal numbers. Take each from the place that its index names.
def own_max_pool2d(x, kernel_size, stride=None, padding=0):
    """Return (values, indices) for x of shape (..., H, W)."""
    def pair(size):
        return (size, size) if isinstance(size, int) else tuple(size)

    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    places = torch.arange(x.shape[-2] * x.shape[-1]).view(x.shape[-2:])

    def windows(cells, fill):
        framed = F.pad(cells, (pw, pw, ph, ph), value=fill)
        return framed.unfold(-2, kh, sh).unfold(-2, kw, sw).flatten(-2)

    values, winner = windows(x, -math.inf).amax(-1), windows(x, -math.inf).max(-1).indices
    where = windows(places, -1).expand(*winner.shape, -1)
    return values, where.gather(-1, winner.unsqueeze(-1)).squeeze(-1)

# %% own_max_unpool right: written into by advanced indexing
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    def pair(v):
        return list(v) if isinstance(v, (tuple, list)) else [v, v]

    ks, ps = pair(kernel_size), pair(padding)
    ss = pair(stride) if stride is not None else ks
    size = [ss[0] * (values.shape[-2] - 1) + ks[0] - 2 * ps[0], ss[1] * (values.shape[-1] - 1) + ks[1] - 2 * ps[1]]
    if output_size is not None:
        wanted = [int(output_size[-2]), int(output_size[-1])]
        for a, b, step in zip(wanted, size, ss):
            if not b - step < a < b + step:
                raise ValueError(f"{wanted} is too far from {size}")
        size = wanted
    lead = values.shape[:-2]
    flat, at = values.reshape(-1, values.shape[-2] * values.shape[-1]), indices.reshape(-1, values.shape[-2] * values.shape[-1])
    out = torch.zeros(len(flat), size[0] * size[1], dtype=values.dtype)
    out[torch.arange(len(flat)).unsqueeze(1), at] = flat
    return out.reshape(*lead, *size)

# %% own_max_unpool right: one loop over the channels
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    stride = kernel_size if stride is None else stride
    (k1, k2), (s1, s2), (p1, p2) = [(v, v) if isinstance(v, int) else tuple(v) for v in (kernel_size, stride, padding)]
    h, w = values.shape[-2:]
    H, W = (h - 1) * s1 + k1 - 2 * p1, (w - 1) * s2 + k2 - 2 * p2
    if output_size is not None:
        rows, columns = tuple(output_size)[-2:]
        if max(abs(rows - H) - s1, abs(columns - W) - s2) >= 0:
            raise ValueError("output_size")
        H, W = rows, columns
    maps = []
    for v, i in zip(values.reshape(-1, h * w), indices.reshape(-1, h * w)):
        maps.append(torch.zeros(H * W, dtype=v.dtype).index_put((i,), v))
    return torch.stack(maps).view(values.shape[:-2] + (H, W))

# %% own_max_unpool oracle
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    size = None if output_size is None else tuple(output_size)[-2:]
    return F.max_unpool2d(values, indices, kernel_size, stride, padding, size)

# %% own_max_unpool wrong: repeated places add up
# Where windows overlap, one place is named several times with the same value, and you add them up. Write the value, do not add it.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter_add(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: every window filled
# You write each value over its whole window. Only the place of the winner gets it; all others stay 0.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return F.interpolate(values if values.dim() == 4 else values[None], (H, W))[0 if values.dim() == 3 else slice(None)]

# %% own_max_unpool wrong: put into the corner of the window
# You write each value into the upper left cell of its window. It belongs where its index says.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    full = values.new_zeros(*values.shape[:-2], H, W)
    h, w = values.shape[-2:]
    full[..., : h * s[0] : s[0], : w * s[1] : s[1]] = values[..., : -(-H // s[0]), : -(-W // s[1])]
    return full

# %% own_max_unpool wrong: the stride forgotten in the size
# The default size is (h - 1) * stride - 2 * padding + kernel_size. You multiply by kernel_size, which is right only while the stride equals it.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [values.shape[i - 2] * k[i] - 2 * p[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: h times the stride
# The last window still has kernel_size cells: the default size is (h - 1) * stride - 2 * padding + kernel_size, not h * stride.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [values.shape[i - 2] * s[i] - 2 * p[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: the padding forgotten in the size
# The input had no padding of its own: take 2 * padding off the default size.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: output_size ignored
# You do not look at output_size. A map of odd size then comes back smaller, and every place in it is counted with the wrong width.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: the first two of output_size
# Of a whole shape (N, C, H, W) the last two numbers are the map's. You take the first two.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[:2]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: off by the stride is still accepted
# A size that differs from the default by exactly the stride has one window more, or one less: refuse it too.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) > s[0] or abs(W - usual[1]) > s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: only larger sizes
# A given size may also be smaller than the default, by less than the stride: with ceil_mode the last window hung over the border.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if not 0 <= H - usual[0] < s[0] or not 0 <= W - usual[1] < s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: only the rows are checked
# You check the rows of output_size and not its columns.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: stride 1 by default
# Without a stride you take 1. As for pooling, the default is kernel_size.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, 1 if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: column by column
# You fold the long row into W rows and turn it round. Indices count along the rows: the last axis is the columns.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2)).unflatten(-1, (W, H)).transpose(-2, -1)

# %% own_max_unpool wrong: no gradient for the values
# The result is cut off from values, so no gradient goes back through it.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = values.new_zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.detach().flatten(-2)).unflatten(-1, (H, W))

# %% own_max_unpool wrong: float32 whatever comes in
# The zeros you write into are float32. The result has the dtype of values.
def own_max_unpool2d(values, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return a map of shape (..., H, W) with the values at their places and zeros elsewhere."""
    k, s, p = (
        (size, size) if isinstance(size, int) else size
        for size in (kernel_size, kernel_size if stride is None else stride, padding)
    )
    usual = [(values.shape[i - 2] - 1) * s[i] - 2 * p[i] + k[i] for i in (0, 1)]
    H, W = usual if output_size is None else output_size[-2:]
    if abs(H - usual[0]) >= s[0] or abs(W - usual[1]) >= s[1]:
        raise ValueError(f"a map of {H} by {W} does not give {tuple(values.shape[-2:])} windows")
    empty = torch.zeros(*values.shape[:-2], H * W)
    return empty.scatter(-1, indices.flatten(-2), values.flatten(-2).float()).unflatten(-1, (H, W))

# %% peak_net right: a recursion
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.sizes = list(kernel_sizes)

    def between(self, x, sizes):
        if not sizes:
            return self.middle(x)
        y, places = F.max_pool2d(x, sizes[0], return_indices=True)
        return F.max_unpool2d(self.between(y, sizes[1:]), places, sizes[0], output_size=x.shape[-2:])

    def forward(self, x):
        return self.between(x, self.sizes)

# %% peak_net right: places followed to the end, written once
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.kernel_sizes, self.middle = tuple(kernel_sizes), middle

    def forward(self, x):
        n, c, h, w = x.shape
        origin = torch.arange(h * w).expand(n, c, h * w)
        y = x
        for k in self.kernel_sizes:
            y, at = F.max_pool2d(y, k, return_indices=True)
            origin = origin.gather(2, at.flatten(2))
        found = self.middle(y).flatten(2)
        return torch.zeros(n, c, h * w, dtype=found.dtype).scatter(2, origin, found).view(n, c, h, w)

# %% peak_net oracle
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.kernel_sizes, self.middle = list(kernel_sizes), middle

    def forward(self, x):
        steps = []
        for k in self.kernel_sizes:
            y, at = F.max_pool2d(x, k, return_indices=True)
            steps.append((at, k, x.shape))
            x = y
        x = self.middle(x)
        for at, k, shape in reversed(steps):
            x = F.max_unpool2d(x, at, k, output_size=shape)
        return x

# %% peak_net faulty start
# The start is as it was handed out: nn.Sequential hands a pair to the second pooling, one set of indices is meant to serve for all steps, they run in the same order as on the way down, and no size is given.

# %% peak_net wrong: sizes forgotten
# The unpooling is not told the size of the map it has to give back. Where a pooling left something over, rows come back too short and every index falls on another cell.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            before.append((indices, size))
        x = self.middle(x)
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = unpool(x, indices)
        return x

# %% peak_net wrong: the size of the first step alone
# Only the last unpooling is told its size. Every step that left something over needs the size it had.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            before.append((indices, size))
        x = self.middle(x)
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = unpool(x, indices, size) if not before else unpool(x, indices)
        return x

# %% peak_net wrong: windows of the wrong step
# You take the steps' indices in reverse order, but the unpoolings in the order of the way down. The last pooling is undone first.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            before.append((indices, size))
        x = self.middle(x)
        for unpool in self.up:
            indices, size = before.pop()
            x = unpool(x, indices, size)
        return x

# %% peak_net wrong: kept from call to call
# The list of what was kept lives in the module and is never emptied, so a second call finds the first one's indices.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.before = []
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            self.before.append((indices, size))
        x = self.middle(x)
        for unpool, (indices, size) in zip(reversed(self.up), self.before[: len(self.up)][::-1]):
            x = unpool(x, indices, size)
        return x

# %% peak_net wrong: the middle asked twice
# The middle is called once more, to look at its shape. Modules such as batch normalization count their calls, and have then moved twice.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            before.append((indices, size))
        if self.middle(x).shape != x.shape:
            raise ValueError("the middle must keep the shape")
        x = self.middle(x)
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = unpool(x, indices, size)
        return x

# %% peak_net wrong: the middle always in evaluation
# You put the middle into evaluation. In which mode it works, whoever called train() or eval() has decided.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            before.append((indices, size))
        x = self.middle.eval()(x)
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = unpool(x, indices, size)
        return x

# %% peak_net wrong: the middle after every step
# You call `middle` once for each step. It is called once, on what the last pooling left.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            x = self.middle(x)
            before.append((indices, size))
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = unpool(x, indices, size)
        return x

# %% peak_net wrong: peaks of the input at every step
# On the way down every pooling looks at the input again, with a larger window. It has to look at what the step before it left, or the indices do not fit.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before, full, window = [], x, 1
        for pool in self.down:
            size, window = x.shape, window * pool.kernel_size
            x, indices = F.max_pool2d(full, window, return_indices=True)
            before.append((indices, size))
        x = self.middle(x)
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = unpool(x, indices, size)
        return x

# %% peak_net wrong: no gradient for the input
# You pool a copy without a graph: the middle learns, but no gradient reaches x.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x.detach())
            before.append((indices, size))
        x = self.middle(x)
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = unpool(x, indices, size)
        return x

# %% peak_net wrong: spread over the windows
# On the way back you repeat each number over its whole window. It belongs to one cell, that of its peak, and 0 to the others.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            before.append((indices, size))
        x = self.middle(x)
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = F.interpolate(x, size[-2:])
        return x

# %% peak_net wrong: peaks found by comparing
# You keep the cells that equal the largest number of the whole map's windows of the last size. That is not the peak of the peaks, and it forgets what `middle` computed.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            before.append((indices, size))
        x = self.middle(x)
        size = before[0][1]
        return torch.where(F.interpolate(x, size[-2:]) == F.interpolate(self.middle(x), size[-2:]), 1.0, 0.0)

# %% peak_net wrong: the first window size for all
# All steps unpool with the first window's size. Each step has its own.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(kernel_sizes[0]) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            before.append((indices, size))
        x = self.middle(x)
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = unpool(x, indices, size)
        return x

# %% peak_net wrong: pooled with ceil_mode
# You pool with ceil_mode=True, so what is left over gets windows of its own and peaks come back from there. The statement drops it.
class PeakNet(nn.Module):
    def __init__(self, kernel_sizes, middle):
        super().__init__()
        self.middle = middle
        self.down = nn.ModuleList([nn.MaxPool2d(k, return_indices=True, ceil_mode=True) for k in kernel_sizes])
        self.up = nn.ModuleList([nn.MaxUnpool2d(k) for k in kernel_sizes])

    def forward(self, x):
        before = []
        for pool in self.down:
            size = x.shape
            x, indices = pool(x)
            before.append((indices, size))
        x = self.middle(x)
        for unpool in reversed(self.up):
            indices, size = before.pop()
            x = unpool(x, indices, size)
        return x

# %% own_avg_pool right: one window after the other
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    def pair(v):
        return (v, v) if isinstance(v, int) else (v[0], v[1])

    K, P = pair(kernel_size), pair(padding)
    S = K if stride is None else pair(stride)

    def spans(n, k, s, p):
        found, i = [], 0
        while True:
            begin = i * s - p
            whole = begin + k <= n + p
            reached = not found or found[-1][0] + k < n + p
            if not whole and not (ceil_mode and begin < n and reached):
                return found
            found.append((begin, begin + k))
            i += 1

    H, W = x.shape[-2:]
    rows = []
    for a, b in spans(H, K[0], S[0], P[0]):
        row = []
        for c, d in spans(W, K[1], S[1], P[1]):
            total = x[..., max(a, 0) : b, max(c, 0) : d].sum((-2, -1))
            if count_include_pad:
                area = (min(b, H + P[0]) - a) * (min(d, W + P[1]) - c)
            else:
                area = (min(b, H) - max(a, 0)) * (min(d, W) - max(c, 0))
            row.append(total / (divisor_override or area))
        rows.append(torch.stack(row, -1))
    return torch.stack(rows, -2)

# %% own_avg_pool right: a convolution with ones, and counts by axis
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    k = [kernel_size] * 2 if isinstance(kernel_size, int) else list(kernel_size)
    s = k if stride is None else [stride] * 2 if isinstance(stride, int) else list(stride)
    p = [padding] * 2 if isinstance(padding, int) else list(padding)
    counts, over = [], []
    for n, a, b, c in zip(x.shape[-2:], k, s, p):
        m = (n + 2 * c - a + (b - 1) * bool(ceil_mode)) // b + 1
        if (m - 1) * b >= n + c:
            m -= 1
        begin = torch.arange(m) * b - c
        low, high = (-c, n + c) if count_include_pad else (0, n)
        counts.append((begin + a).clamp(max=high) - begin.clamp(min=low))
        over.append(max(0, (m - 1) * b + a - n - 2 * c))
    planes = x.reshape(-1, 1, *x.shape[-2:])
    planes = F.pad(planes, (p[1], p[1] + over[1], p[0], p[0] + over[0]))
    sums = F.conv2d(planes, torch.ones(1, 1, *k, dtype=x.dtype), stride=s)
    sums = sums.reshape(*x.shape[:-2], *sums.shape[-2:])
    if divisor_override is not None:
        return sums / divisor_override
    return sums / (counts[0].unsqueeze(1) * counts[1]).to(x.dtype)

# %% own_avg_pool oracle
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    return F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)

# %% own_avg_pool wrong: padding never counted
# You divide by the cells of the input alone. By default, count_include_pad=True, the cells of the padding count as well, and the border comes out smaller.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), 0.0)
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override)

# %% own_avg_pool wrong: padding always counted
# You count the padding even with count_include_pad=False. Then the divisor is the number of input cells alone.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), 1.0)
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override)

# %% own_avg_pool wrong: always the full window
# You divide by kernel_size times kernel_size even where the window hangs over the padding. With ceil_mode what lies beyond is not counted.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = k[0] * k[1] if count_include_pad else sums(torch.ones_like(x), 0.0)
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override)

# %% own_avg_pool wrong: ceil_mode ignored
# With ceil_mode=True the leftover gets a window of its own. Yours is dropped.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), float(count_include_pad))
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override)

# %% own_avg_pool wrong: ceil_mode without the extra rule
# With ceil_mode a window that would begin in the padding on the right is left out. You keep it, and a row of zeros (or nan) comes out.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), float(count_include_pad))
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override)

# %% own_avg_pool wrong: divisor_override times the window
# divisor_override takes the place of the divisor; you divide by the cells as well.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), float(count_include_pad))
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override * counted)

# %% own_avg_pool wrong: divisor_override multiplies
# divisor_override divides the sum; you multiply by it.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), float(count_include_pad))
    total = sums(x, 0.0)
    return total / counted if divisor_override is None else total * divisor_override

# %% own_avg_pool wrong: divisor_override only with counted padding
# With count_include_pad=False you ignore divisor_override. It holds whatever else is said.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), float(count_include_pad))
    return sums(x, 0.0) / (counted if divisor_override is None or not count_include_pad else divisor_override)

# %% own_avg_pool wrong: a divisor of 1 ignored
# divisor_override=1 gives the plain sums. Ask whether it is None, not whether it is larger than 1.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), float(count_include_pad))
    return sums(x, 0.0) / (counted if (divisor_override or 1) == 1 else divisor_override)

# %% own_avg_pool wrong: stride 1 by default
# Without a stride your window moves by one cell. Pooling's default stride is its kernel size.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = 1 if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), float(count_include_pad))
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override)

# %% own_avg_pool wrong: zeros not counted
# You divide by the number of cells that are not 0. A dry village counts too; only the padding may be left out.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums((x != 0).to(x.dtype), float(count_include_pad))
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override)

# %% own_avg_pool wrong: padding pair swapped
# F.pad takes the last axis first. You pad the columns with the rows' number.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[0], p[0], p[1], p[1]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), float(count_include_pad))
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override)

# %% own_avg_pool wrong: the rows' window for both
# kernel_size may be a pair (rows, columns). Your window is as wide as it is high.
def own_avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the means (or quotients) of the windows of x, shape (..., H, W)."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    over = []
    for i, n in enumerate(x.shape[-2:]):
        room = n + 2 * p[i] - k[i]
        last = -(-room // s[i]) if ceil_mode else room // s[i]
        last -= last * s[i] >= n + p[i]
        over.append(max(0, last * s[i] - room))

    def sums(cells, outside):
        framed = F.pad(cells, (p[1], p[1], p[0], p[0]), value=outside)
        framed = F.pad(framed, (0, over[1], 0, over[0]))
        return framed.unfold(-2, k[0], s[0]).unfold(-2, k[0], s[1]).sum((-2, -1))

    counted = sums(torch.ones_like(x), float(count_include_pad))
    return sums(x, 0.0) / (counted if divisor_override is None else divisor_override)

# %% adaptive right: one matrix product for each axis
def adaptive_windows(n, m):
    return [(math.floor(i * n / m), (i * n + n + m - 1) // m) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    if isinstance(output_size, int):
        output_size = [output_size] * 2

    def weights(n, m):
        table = x.new_zeros(m or n, n)
        for i, (a, b) in enumerate(adaptive_windows(n, m or n)):
            table[i, a:b] = 1 / (b - a)
        return table

    rows, columns = weights(x.shape[-2], output_size[0]), weights(x.shape[-1], output_size[1])
    return torch.einsum("rh,...hw,cw->...rc", rows, x, columns)

# %% adaptive right: running sums
def adaptive_windows(n, m):
    windows = []
    for i in range(m):
        begin, end = divmod(i * n, m)[0], divmod((i + 1) * n, m)
        windows.append((begin, end[0] + (end[1] > 0)))
    return windows


def own_adaptive_avg_pool2d(x, output_size):
    rows, columns = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * 2
    H, W = x.shape[-2:]
    a, b = torch.tensor(adaptive_windows(H, H if rows is None else rows)).T
    c, d = torch.tensor(adaptive_windows(W, W if columns is None else columns)).T
    sums = F.pad(x.double(), (1, 0, 1, 0)).cumsum(-2).cumsum(-1)
    down = sums[..., b, :] - sums[..., a, :]
    totals = down[..., d] - down[..., c]
    return (totals / ((b - a).unsqueeze(1) * (d - c))).to(x.dtype)

# %% adaptive oracle
def adaptive_windows(n, m):
    line = torch.zeros(1, n, dtype=torch.float64, requires_grad=True)
    seen = [torch.autograd.grad(y, line, retain_graph=True)[0][0].nonzero() for y in F.adaptive_avg_pool1d(line, m)[0]]
    return [(int(cells[0]), int(cells[-1]) + 1) for cells in seen]


def own_adaptive_avg_pool2d(x, output_size):
    return F.adaptive_avg_pool2d(x, output_size)

# %% adaptive wrong: ends rounded down
# The ends of the windows are rounded up. Rounded down, windows never overlap, and where the sizes do not divide each other cells are missing from the means.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, max((i + 1) * n // m, i * n // m + 1)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: begins rounded up
# The begin of a window is rounded down. You round it up, so a cell that is cut belongs to one window alone.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(min(-(-i * n // m), n - 1), -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: windows of one size
# You cut windows of n // m cells. Adaptive windows differ in size, and none of the input is left over.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * max(n // m, 1), min((i + 1) * max(n // m, 1), n)) if n >= m else (i * n // m, i * n // m + 1) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: windows of one size, overlapping
# You lay equal windows with a stride of n // m, the last of which reaches the end. That gives as many numbers, but the windows are not adaptive pooling's: those differ in size.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * (n // m), i * (n // m) + n - (m - 1) * (n // m)) for i in range(m)] if n >= m else [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: rounded to the nearest
# Begins and ends are rounded to the nearest cell. The begin is rounded down, the end up.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(round(i * n / m) - (n < m), max(round((i + 1) * n / m), round(i * n / m) + 1)) for i in range(m)] if n >= m else [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: one cell at least, and no more
# The end is the ceiling of (i + 1) n / m. You always add one to the floor, which is one cell too many where the quotient is whole.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, min((i + 1) * n // m + 1, n)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: the last cell included
# A window's end is the first cell that does not belong to it. You return the last cell that does.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, -(-(i + 1) * n // m) - 1) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin + 1).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: pair swapped
# output_size is (rows, columns). You give the first number to the columns.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-1, -2), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: None taken for 1
# None means that this axis stays as it is. You average it away.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, m or 1)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: whole numbers alone
# output_size may be a pair. You use its first number for both axes.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else (output_size[0], output_size[0])
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: output_size read as a window
# The number is the size of the output, not of a window: output_size=1 gives one number for each channel.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        m = None if m is None else n // m or 1
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: never more than the input
# You cap the output at the size of the input. Adaptive pooling also enlarges: windows of one or two cells, some of them repeated.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else min(m, n))
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: no graph
# The result is cut off from x: no gradient flows back.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.detach().narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% adaptive wrong: float32 whatever comes in
# The result has the dtype of x. You compute in float32.
def adaptive_windows(n, m):
    """Return m pairs (begin, end) of cells of an axis of length n."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def own_adaptive_avg_pool2d(x, output_size):
    """Return the means, shape (..., rows, columns), of x of shape (..., H, W)."""
    wanted = (output_size, output_size) if isinstance(output_size, int) else output_size
    x = x.float()
    for axis, m in zip((-2, -1), wanted):
        n = x.shape[axis]
        windows = adaptive_windows(n, n if m is None else m)
        means = [x.narrow(axis, begin, end - begin).mean(axis) for begin, end in windows]
        x = torch.stack(means, axis)
    return x

# %% own_lp_pool right: by average pooling
def roots(total, p):
    some = total != 0
    return torch.where(some, total.masked_fill(~some, 1.0).pow(1 / p), torch.zeros_like(total))


def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    cells = kernel_size * kernel_size if isinstance(kernel_size, int) else math.prod(kernel_size)
    if norm_type == float("inf"):
        return F.max_pool2d(x.abs(), kernel_size, stride)
    return roots(F.avg_pool2d(x.pow(norm_type), kernel_size, stride) * cells, norm_type)


def power_mean_pool2d(x, p, kernel_size, stride=None):
    return roots(F.avg_pool2d(x.abs().pow(p), kernel_size, stride), p)

# %% own_lp_pool right: one window after the other, vector norms where they fit
def each(x, kernel_size, stride, f):
    (a, b), (c, d) = [(v, v) if isinstance(v, int) else v for v in (kernel_size, stride or kernel_size)]
    rows, columns = (x.shape[-2] - a) // c + 1, (x.shape[-1] - b) // d + 1
    parts = [[f(x[..., i * c : i * c + a, j * d : j * d + b].flatten(-2)) for j in range(columns)] for i in range(rows)]
    return torch.stack([torch.stack(row, -1) for row in parts], -2)


def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    def f(cells):
        if norm_type == math.inf or norm_type == 2:
            return torch.linalg.vector_norm(cells, ord=norm_type, dim=-1)
        total = torch.pow(cells, norm_type).sum(-1)
        safe = torch.where(total == 0, torch.ones_like(total), total)
        return torch.where(total == 0, torch.zeros_like(total), torch.pow(safe, 1 / norm_type))

    return each(x, kernel_size, stride, f)


def power_mean_pool2d(x, p, kernel_size, stride=None):
    def f(cells):
        return torch.linalg.vector_norm(cells, ord=p, dim=-1) * cells.shape[-1] ** (-1 / p)

    return each(x, kernel_size, stride, f)

# %% own_lp_pool oracle
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    return F.lp_pool2d(x, norm_type, kernel_size, stride)


def power_mean_pool2d(x, p, kernel_size, stride=None):
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return F.lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool equivalent: return torch.where(zero, 0 * total, torch.where(zero, 2.0, total) ** (1 / norm_type))
# Any harmless number will do where the other piece is taken.

# %% own_lp_pool wrong: a mean in LP-pooling
# You divide the sum by the number of cells. torch's LPPool does not: ones in a window of 2 by 2 give 2 for p = 2, and 4 for p = 1.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).mean((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    return own_lp_pool2d(x.abs(), p, kernel_size, stride)

# %% own_lp_pool wrong: absolute values in LP-pooling
# You take absolute values, as a norm does. torch's LPPool does not: with an odd p numbers of both signs cancel, and a negative sum gives nan.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows.abs()**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: the sign of the sum kept
# Where the sum is negative you take the root of its absolute value and give the sign back. torch's result there is nan.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total).abs() ** (1 / norm_type) * total.sign())


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: negative sums cut to 0
# You cut negative sums off at 0. torch's result there is nan, and for p = 1 the sum itself.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1)).relu()
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: nan as the gradient of zeros
# In a window of zeros the result is 0, but the gradient nan: the root has an infinite slope there. Make its argument harmless before the root, not the result after it.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1))
    return total ** (1 / norm_type)


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: zeros chosen after the root
# You choose 0 after the root is taken. autograd walks through both branches of torch.where, and 0 times the infinite slope is nan.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, total ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: never below 1
# You raise p to 1 where it is smaller. LP-pooling takes every p above 0.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    norm_type = max(norm_type, 1)
    total = (windows**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: zero where any cell is zero
# One cell of 0 makes the result of its window 0. Only a window of zeros alone gives 0.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1))
    zero = (windows == 0).any(-1).any(-1)
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: the largest number for inf
# For p = inf the result is the largest absolute value. You take the largest number, which a large negative one does not reach.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: no case for inf
# For p = inf the formula does not work: x to the power inf is inf, 0 or nan. The limit is the largest absolute value.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    total = (windows**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: divided by the cells after the root
# The mean stands under the root: sum / cells first, then the root. After it, divide by cells to the power 1 / p.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells

# %% own_lp_pool wrong: no absolute value in the mean
# The power mean is of absolute values. Without them an odd p gives nan, or numbers of both signs cancel.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x, p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: the mean of square windows alone
# You divide by kernel_size squared also when it is a pair; a window of 2 by 3 has 6 cells.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = kernel_size if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] ** 2
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% own_lp_pool wrong: stride 1 by default
# Without a stride your window moves by one cell. The default is kernel_size.
def own_lp_pool2d(x, norm_type, kernel_size, stride=None):
    """Return the roots of the sums of powers, shape (..., rows, columns)."""
    stride = 1 if stride is None else stride
    k, s = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride))
    windows = x.unfold(-2, k[0], s[0]).unfold(-2, k[1], s[1])
    if norm_type == math.inf:
        return windows.abs().amax((-2, -1))
    total = (windows**norm_type).sum((-2, -1))
    zero = total == 0
    return torch.where(zero, 0 * total, torch.where(zero, 1.0, total) ** (1 / norm_type))


def power_mean_pool2d(x, p, kernel_size, stride=None):
    """Return the power means of the absolute values, shape (..., rows, columns)."""
    cells = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return own_lp_pool2d(x.abs(), p, kernel_size, stride) / cells ** (1 / p)

# %% fractional right: loops over pictures, channels and windows
def begins(size, kernel_size, output_size, samples):
    rows = []
    for u in samples.reshape(-1).tolist():
        row = []
        for i in range(output_size - 1):
            alpha = (size - kernel_size) / (output_size - 1)
            row.append(math.floor((i + u) * alpha) - math.floor(u * alpha))
        rows.append(row + [size - kernel_size])
    return torch.tensor(rows).reshape(*samples.shape, output_size)


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.k = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)
        self.m = (output_size,) * 2 if isinstance(output_size, int) else tuple(output_size)

    def forward(self, x):
        planes, tops, lefts = x.flatten(0, 1), [], []
        for _ in planes:
            u, v = torch.rand(2, dtype=torch.float64) if self.training else torch.tensor([0.5, 0.5], dtype=torch.float64)
            tops.append(begins(x.shape[2], self.k[0], self.m[0], u))
            lefts.append(begins(x.shape[3], self.k[1], self.m[1], v))
        outputs = []
        for plane, top, left in zip(planes, tops, lefts):
            tall = plane.unfold(0, self.k[0], 1)[top]
            block = tall.unfold(1, self.k[1], 1)[:, left]
            outputs.append(block.amax((-2, -1)))
        return torch.stack(outputs).unflatten(0, x.shape[:2])

# %% fractional right: rows first, then columns, by gather
def begins(size, kernel_size, output_size, samples):
    free = size - kernel_size
    if output_size == 1:
        return torch.full((*samples.shape, 1), free)
    at = samples[..., None] + torch.arange(output_size, dtype=torch.float64)
    cuts = torch.floor(at * (free / (output_size - 1))).to(torch.int64)
    found = cuts - cuts[..., :1]
    return torch.cat([found[..., :-1], torch.full_like(found[..., :1], free)], dim=-1)


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.sizes = [[v, v] if isinstance(v, int) else list(v) for v in (kernel_size, output_size)]

    def forward(self, x):
        (kh, kw), (mh, mw) = self.sizes
        n, c, h, w = x.shape
        lots = torch.rand(n, c, 2, dtype=torch.float64)
        if not self.training:
            lots = torch.ones_like(lots) / 2
        top, left = begins(h, kh, mh, lots[..., 0]), begins(w, kw, mw, lots[..., 1])
        tall = x.unfold(2, kh, 1).amax(-1)
        tall = tall.gather(2, top[..., None].expand(n, c, mh, w))
        wide = tall.unfold(3, kw, 1).amax(-1)
        return wide.gather(3, left[:, :, None].expand(n, c, mh, mw))

# %% fractional oracle
def begins(size, kernel_size, output_size, samples):
    u = samples.reshape(1, -1, 1).double().repeat(1, 1, 2)
    count = torch.arange(size, dtype=torch.float64).expand(1, u.shape[1], kernel_size, size)
    top = F.fractional_max_pool2d(count, (kernel_size, kernel_size), (1, output_size), _random_samples=u)
    return (top - kernel_size + 1).long().reshape(*samples.shape, output_size)


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel_size, self.output_size = kernel_size, output_size

    def forward(self, x):
        u = None if self.training else torch.full((*x.shape[:2], 2), 0.5, dtype=x.dtype)
        return F.fractional_max_pool2d(x, self.kernel_size, self.output_size, _random_samples=u)

# %% fractional equivalent: step = last / max(output_size - 1, 2)
# With two windows the first begins at 0 and the second at the end, whatever the step is.

# %% fractional equivalent: u = torch.full((3, n, c), 0.5, dtype=torch.float64)
# A third set of numbers is never looked at.

# %% fractional wrong: random in evaluation too
# Your layer draws in evaluation as well, as torch's does. Then one map gives two answers; read self.training, and take 1/2.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        u.uniform_()
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: never random
# In training nothing is drawn: the windows always lie at the same places.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: the columns mirror the rows
# The columns take 1 - u where the rows take u. That is one number; each axis draws one of its own.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u[0].uniform_()
            u[1] = (1 - u[0]).clamp(max=1 - 1e-9)
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: kept while the shape stays
# The numbers are kept as long as the input has the same shape, so a second call uses the same windows. Every call in training draws anew.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.lots = torch.zeros(2, 0, 0)
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            if self.lots.shape != u.shape:
                self.lots = u.clone().uniform_()
            u = self.lots
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: a fixed seed
# You set the seed in forward, so every call draws the same numbers, and whatever draws after your layer is no longer random.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            torch.manual_seed(0)
            u.uniform_()
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: one draw for the whole batch
# All pictures share one draw. Each picture draws for itself.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u[:] = torch.rand(2, 1, c, dtype=torch.float64)
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: one draw for all channels
# All channels of a picture share one draw. Each channel draws for itself.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u[:] = torch.rand(2, n, 1, dtype=torch.float64)
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: one draw for both axes
# Rows and columns use the same number. Each axis has its own.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u[:] = torch.rand(n, c, dtype=torch.float64)
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: drawn from half of the interval
# Your numbers lie between 0 and 1/2. They are drawn evenly from 0 to 1.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u.uniform_(0, 0.5)
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: the first cut not taken off
# You forgot to take floor(u * alpha) off: the first window has to begin at 0.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u.uniform_()
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: alpha from all cells
# alpha is (size - kernel_size) / (output_size - 1): that is how far the last window's begin lies from the first one's.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = size / output_size
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u.uniform_()
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: float32 in between
# You turn the samples into float32, and a number just below 1 becomes 1. The cut then falls into the next cell. Stay with float64.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.float().unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u.uniform_()
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: evenly spaced
# Your windows are as evenly spaced as they can be, whatever u is. u moves the cuts before they are rounded down.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = (torch.arange(output_size - 1) * step + 0 * u).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u.uniform_()
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% fractional wrong: output pair swapped
# output_size is (rows, columns). You take it the other way round.
def begins(size, kernel_size, output_size, samples):
    """Return int64 begins of shape (*samples.shape, output_size)."""
    last = size - kernel_size
    step = last / max(output_size - 1, 1)
    u = samples.unsqueeze(-1)
    first = ((torch.arange(output_size - 1) + u) * step).floor() - (u * step).floor()
    return F.pad(first, (0, 1), value=last).long()


class CalmFractionalMaxPool2d(nn.Module):
    def __init__(self, kernel_size, output_size):
        super().__init__()
        self.kernel, self.output = (
            (size, size) if isinstance(size, int) else size for size in (kernel_size, output_size)
        )

    def forward(self, x):
        n, c = x.shape[:2]
        u = torch.full((2, n, c), 0.5, dtype=torch.float64)
        if self.training:
            u.uniform_()
        cells = [
            begins(x.shape[2 + i], self.kernel[i], self.output[1 - i], u[i]).unsqueeze(-1) + torch.arange(self.kernel[i])
            for i in (0, 1)
        ]
        picture, channel = torch.arange(n).view(n, 1, 1, 1, 1, 1), torch.arange(c).view(c, 1, 1, 1, 1)
        windows = x[picture, channel, cells[0][:, :, :, None, :, None], cells[1][:, :, None, :, None, :]]
        return windows.flatten(-2).max(-1).values

# %% pool_backward right: windows cut, one-hot winners folded back; shares by strided slices
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else tuple(v) for v in (kernel_size, stride, padding))
    framed = F.pad(x, (p[1], p[1], p[0], p[0]), value=-math.inf)
    cells = framed.unfold(2, k[0], s[0]).unfold(3, k[1], s[1]).flatten(4)
    won = F.one_hot(cells.argmax(-1), k[0] * k[1]).to(grad_y.dtype)
    parts = (won * grad_y.unsqueeze(-1)).permute(0, 1, 4, 2, 3)
    return F.fold(parts.flatten(1, 2).flatten(2), x.shape[2:], k, padding=p, stride=s)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward right: window after window; transposed convolution
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    stride = stride or kernel_size
    (a, b), (c, d), (e, f) = [(v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding)]
    out = torch.zeros(x.shape, dtype=grad_y.dtype)
    first, second = torch.meshgrid(torch.arange(x.shape[0]), torch.arange(x.shape[1]), indexing="ij")
    for i in range(grad_y.shape[2]):
        for j in range(grad_y.shape[3]):
            top, left = max(i * c - e, 0), max(j * d - f, 0)
            part = x[:, :, top : i * c - e + a, left : j * d - f + b]
            at = part.flatten(2).argmax(2)
            out[first, second, top + at // part.shape[3], left + at % part.shape[3]] += grad_y[:, :, i, j]
    return out


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    stride = stride or kernel_size
    k, s, p = [(v, v) if isinstance(v, int) else tuple(v) for v in (kernel_size, stride, padding)]
    ones = torch.full((1, 1, *k), 1 / (k[0] * k[1]), dtype=grad_y.dtype)
    wide = F.conv_transpose2d(grad_y.flatten(0, 1).unsqueeze(1), ones, stride=s)
    wide = F.pad(wide, (0, size[1] + 2 * p[1] - wide.shape[3], 0, size[0] + 2 * p[0] - wide.shape[2]))
    return wide[:, 0, p[0] : p[0] + size[0], p[1] : p[1] + size[1]].reshape(*grad_y.shape[:2], *size)

# %% pool_backward oracle
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    x = x.to(grad_y.dtype).detach().requires_grad_()
    return torch.autograd.grad(F.max_pool2d(x, kernel_size, stride, padding), x, grad_y)[0]


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    x = torch.zeros(*grad_y.shape[:2], *size, dtype=grad_y.dtype, requires_grad=True)
    return torch.autograd.grad(F.avg_pool2d(x, kernel_size, stride, padding), x, grad_y)[0]

# %% pool_backward wrong: the last window wins
# A village that wins several windows gets the gradient of one of them only. Writing replaces what stood there; add.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, stride, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: all equal ones get it
# Every cell that is as large as the largest gets the whole gradient. Among equal numbers only the first one is asked.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = F.pad(x, (p[1], p[1], p[0], p[0]), value=-math.inf)
    out, y = framed.new_zeros(framed.shape).to(grad_y.dtype), F.max_pool2d(x, k, s, p)
    h, w = y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            cut = (..., slice(i, i + (h - 1) * s[0] + 1, s[0]), slice(j, j + (w - 1) * s[1] + 1, s[1]))
            out[cut] += grad_y * (framed[cut] == y)
    return out[..., p[0] : p[0] + x.shape[2], p[1] : p[1] + x.shape[3]]


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: equal ones share it
# Equal numbers share the gradient, as they do under amax. Max-pooling gives all of it to the first.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = F.pad(x, (p[1], p[1], p[0], p[0]), value=-math.inf)
    cells = framed.unfold(2, k[0], s[0]).unfold(3, k[1], s[1]).flatten(4)
    won = (cells == cells.amax(-1, keepdim=True)).to(grad_y.dtype)
    parts = (won / won.sum(-1, keepdim=True) * grad_y.unsqueeze(-1)).permute(0, 1, 4, 2, 3)
    return F.fold(parts.flatten(0, 1).flatten(2), x.shape[2:], k, padding=p, stride=s).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: the last of equal ones
# Among equal numbers the last one gets the gradient. It is the first in reading order.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    places = torch.arange(x[0, 0].numel(), dtype=x.dtype).view(x.shape[2:]) * 1e-9
    winners = F.max_pool2d(x.double() + places, k, s, p, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: spread over the window
# The gradient of a window goes to its winner alone. You give it to all cells of the window.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    k = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return avg_pool2d_backward(grad_y, x.shape[2:], kernel_size, stride, padding) * (k[0] * k[1])


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: winners without the padding
# You look for the winners without the padding, so the windows lie elsewhere.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, stride, 0, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: the default stride for all
# You do not hand the stride on when you look for the winners.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, None, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: largest absolute value
# You look for the largest absolute value. A very negative number does not win.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x.abs(), kernel_size, stride, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: only where the memory lies in order
# view needs numbers that lie in memory in their order; an expanded or transposed tensor does not have that. flatten and reshape copy where they must.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, stride, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.view(*grad_y.shape[:2], -1)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: not divided
# Each cell gets the whole gradient of its window. A mean of k cells gives each of them 1/k of it.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, stride, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: divided by one side
# A window of k rows and k columns has k times k cells. You divide by one side.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, stride, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / k[0]
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: overlaps replace each other
# Where windows overlap, the shares add up. You write the last one over the others.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, stride, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] = grad_y / (k[0] * k[1])
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: the padding gives its share back
# The padding's share is lost. You divide by the cells of the window that lie in the input, as with count_include_pad=False.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, stride, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / F.avg_pool2d(torch.ones(1, 1, *size, dtype=grad_y.dtype), k, s, p, divisor_override=1)
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: repeated, as if nothing overlapped
# You repeat each gradient over kernel_size cells. That is right only if the stride is the kernel size and nothing is left over.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, stride, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    wide = grad_y.repeat_interleave(k[0], 2).repeat_interleave(k[1], 3) / (k[0] * k[1])
    a, b = min(wide.shape[2], framed.shape[2]), min(wide.shape[3], framed.shape[3])
    framed[:, :, :a, :b] = wide[:, :, :a, :b]
    return framed[:, :, p[0] : p[0] + size[0], p[1] : p[1] + size[1]]

# %% pool_backward wrong: cut off at the wrong end
# You keep the padding above and on the left and lose as much below and on the right. The input begins at row and column `padding` of the padded map.
def max_pool2d_backward(grad_y, x, kernel_size, stride=None, padding=0):
    """Return the gradient of x, shape (N, C, H, W), under max-pooling."""
    winners = F.max_pool2d(x, kernel_size, stride, padding, return_indices=True)[1]
    nobody = grad_y.new_zeros(*x.shape[:2], x.shape[2] * x.shape[3])
    return nobody.scatter_add(2, winners.flatten(2), grad_y.flatten(2)).view(x.shape)


def avg_pool2d_backward(grad_y, size, kernel_size, stride=None, padding=0):
    """Return the gradient, shape (N, C, H, W), of the input of average pooling; (H, W) = size."""
    stride = kernel_size if stride is None else stride
    k, s, p = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride, padding))
    framed = grad_y.new_zeros(*grad_y.shape[:2], size[0] + 2 * p[0], size[1] + 2 * p[1])
    h, w = grad_y.shape[2:]
    for i in range(k[0]):
        for j in range(k[1]):
            framed[:, :, i : i + h * s[0] : s[0], j : j + w * s[1] : s[1]][:, :, :h, :w] += grad_y / (k[0] * k[1])
    return framed[:, :, : size[0], : size[1]]

# %% global_pool right: one map after the other
def global_pool(x, mask=None):
    rows = []
    for i in range(len(x)):
        places = x[i].reshape(x.shape[1], -1) if mask is None else x[i][:, mask[i]]
        rows.append(torch.cat([places.mean(1), places.max(1).values]))
    return torch.stack(rows)

# %% global_pool right: torch.where, and all axes named
def global_pool(x, mask=None):
    axes = tuple(range(2, x.dim()))
    if mask is None:
        mask = torch.ones(x.shape[0], *x.shape[2:], dtype=torch.bool)
    mask = mask[:, None]
    low = torch.full((), -float("inf"), dtype=x.dtype)
    total = torch.where(mask, x, torch.zeros((), dtype=x.dtype)).sum(axes)
    count = mask.to(x.dtype).sum(axes)
    return torch.hstack([total / count, torch.where(mask, x, low).amax(axes)])

# %% global_pool oracle
def global_pool(x, mask=None):
    rows = []
    for i in range(len(x)):
        line = x[i].flatten(1)
        line = line if mask is None else line[:, mask[i].flatten().nonzero()[:, 0]]
        rows.append(torch.cat([F.adaptive_avg_pool1d(line, 1), F.adaptive_max_pool1d(line, 1)]).squeeze(1))
    return torch.stack(rows)

# %% global_pool wrong: multiplied away
# You multiply by the mask. Outside, nan times 0 is nan; fill the places with 0 instead.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = (x * valid.unsqueeze(1)).sum(2) / valid.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% global_pool wrong: divided by all places
# You divide the sum by the number of all places. Only the valid ones count.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.shape[1]
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% global_pool wrong: divided by the valid places of the whole batch
# You divide by the valid places of the whole batch. Each map has its own number.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum() * len(x)
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% global_pool wrong: zeros for the largest
# Outside you fill with 0, also for the largest value. Where all valid numbers are negative, 0 wins.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, 0.0).amax(2)], dim=1)

# %% global_pool wrong: a large negative number for the largest
# You fill with a number that is small, but not smaller than every number. Use -math.inf.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, -1e4).amax(2)], dim=1)

# %% global_pool wrong: the mask upside down
# True marks the valid places. You average the others.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    valid = ~valid
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% global_pool wrong: squeezed
# squeeze() drops every axis of length 1, also that of a batch of one. Reduce the places only.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1).squeeze()

# %% global_pool wrong: mean and largest in turns
# Your numbers alternate, mean and largest of each channel. First come all means, then all largest values.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    return torch.stack([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=2).flatten(1)

# %% global_pool wrong: counted in float32
# The number of valid places is a float32, and the mean becomes one when the maps are bfloat16. The result has the dtype of x; whole numbers leave it alone.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.float().sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% global_pool wrong: a mean of means
# You average the columns, and then the means of the columns. Columns with few valid places then weigh as much as full ones.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    parts = None
    if mask is not None and x.dim() == 4:
        inside = mask.unsqueeze(1)
        counts = inside.sum(2)
        parts = x.masked_fill(~inside, 0.0).sum(2) / counts.clamp(min=1)
        parts = parts.sum(2) / (counts > 0).sum(2)
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    mean = mean if parts is None else parts
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% global_pool wrong: two axes only
# You count on exactly two axes after the channels. There may be one, or three.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2, 3)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1, 2)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% global_pool wrong: without a mask, an error
# mask=None means that every place is valid. You do not handle it.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% global_pool wrong: filled in place
# You fill the places in x itself, so whoever handed it over finds it changed.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.data.masked_fill_(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% global_pool wrong: no graph
# You work on a copy without a graph; no gradient flows back to x.
def global_pool(x, mask=None):
    """Return means and largest values of the valid places, shape (N, 2 * C)."""
    x = x.detach().flatten(2)
    valid = torch.ones_like(x[:, 0], dtype=torch.bool) if mask is None else mask.flatten(1)
    outside = ~valid.unsqueeze(1)
    mean = x.masked_fill(outside, 0.0).sum(2) / valid.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(outside, -math.inf).amax(2)], dim=1)

# %% max_blur right: one axis after the other, by slices
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride
        self.register_buffer("blur", torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]).div(16))

    def forward(self, x):
        y = F.max_pool2d(x, self.kernel_size, stride=1)
        y = nn.ReflectionPad2d(1)(y)
        h, w = y.shape[-2] - 2, y.shape[-1] - 2
        total = 0
        for i in range(3):
            for j in range(3):
                total = total + self.blur[i, j] * y[..., i : i + h, j : j + w]
        return total[..., :: self.stride, :: self.stride]

# %% max_blur right: windows and einsum
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.k, self.s = kernel_size, stride
        row = torch.tensor([0.25, 0.5, 0.25])
        self.register_buffer("blur", row.unsqueeze(0) * row.unsqueeze(1))

    def forward(self, x):
        y = x.unfold(2, self.k, 1).unfold(3, self.k, 1).flatten(4).max(-1).values
        y = torch.cat([y[:, :, 1:2], y, y[:, :, -2:-1]], dim=2)
        y = torch.cat([y[..., 1:2], y, y[..., -2:-1]], dim=3)
        return torch.einsum("nchwij,ij->nchw", y.unfold(2, 3, self.s).unfold(3, 3, self.s), self.blur)

# %% max_blur oracle
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest, self.mirror = nn.MaxPool2d(kernel_size, 1), nn.ReflectionPad2d(1)
        self.stride = stride
        self.register_buffer("blur", torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16)

    def forward(self, x):
        y = self.mirror(self.largest(x))
        out = [[[self.block(y, a, b) for b in range(0, y.shape[3] - 2, self.stride)] for a in range(0, y.shape[2] - 2, self.stride)]]
        return torch.stack([torch.stack(row, -1) for row in out[0]], -2)

    def block(self, y, a, b):
        return (y[:, :, a : a + 3, b : b + 3] * self.blur).sum((-2, -1))

# %% max_blur wrong: skipped before the blur
# You skip first and blur what is left. What was skipped is lost then; the blur has to see it.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=stride)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, groups=y.shape[1])

# %% max_blur wrong: skipped twice
# Both the maximum and the blur take a step of `stride`. The maximum is taken at every place, with stride 1.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=stride)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: the default stride of max-pooling
# nn.MaxPool2d without a stride moves by its kernel size. Here it moves by 1.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: blurred before the maximum
# You blur first and then take the maximum. The maximum comes first.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(x, (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        y = self.largest(F.conv2d(y, kernel, groups=y.shape[1]))
        return y[:, :, :: self.stride, :: self.stride]

# %% max_blur wrong: zeros around
# At the border you blur with zeros, so it comes out too small. The neighbours outside are mirrored.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1))
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: the border repeated
# mode="replicate" repeats the border itself. Mirrored at the border means mode="reflect".
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="replicate")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: weights that do not sum to 1
# The weights sum to 16: divide by 16, so that ones stay ones.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0])
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: a plain mean of nine
# All nine cells weigh the same in your blur. The weights are 1, 2, 1 times 1, 2, 1.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.ones(3) / 3
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: a parameter
# The weights are an nn.Parameter, so an optimiser would change them. They are fixed: a buffer.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.blur = nn.Parameter(torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: a plain tensor
# The weights are a plain attribute: not part of the state, and double() leaves them behind. Register a buffer.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.blur = torch.outer(line, line)

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: a buffer that is not saved
# persistent=False keeps the buffer out of the state. It belongs to the state.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line), persistent=False)

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: the buffer is not what is used
# You compute with weights of your own, and the buffer stands idle: weights that are loaded change nothing.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = (torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]).to(y) / 16).expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=self.stride, groups=y.shape[1])

# %% max_blur wrong: channels mixed
# Your convolution adds up the channels. With groups=C each is blurred by itself.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], y.shape[1], 3, 3) / y.shape[1]
        return F.conv2d(y, kernel, stride=self.stride)

# %% max_blur wrong: stride of 2 whatever is asked
# You always keep every second row and column. `stride` says which.
class MaxBlurPool2d(nn.Module):
    def __init__(self, kernel_size=2, stride=2):
        super().__init__()
        self.largest = nn.MaxPool2d(kernel_size, stride=1)
        self.stride = stride
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", torch.outer(line, line))

    def forward(self, x):
        y = F.pad(self.largest(x), (1, 1, 1, 1), mode="reflect")
        kernel = self.blur.expand(y.shape[1], 1, 3, 3)
        return F.conv2d(y, kernel, stride=2, groups=y.shape[1])

# %% wobble right: map by map
def wobble(pool, x, shifts):
    total = 0.0
    for i in range(len(x)):
        means = []
        for by in range(shifts):
            by = by % x.shape[-1]
            moved = torch.cat([x[i : i + 1, ..., x.shape[-1] - by :], x[i : i + 1, ..., : x.shape[-1] - by]], dim=-1)
            means.append(pool(moved).mean().item())
        total += max(means) - min(means)
    return total / len(x)


def choose(pools, x, shifts):
    best = None
    for name, pool in pools.items():
        value = float(wobble(pool, x, shifts))
        if best is None or value < best[0]:
            best = (value, name)
    return best[1]

# %% wobble right: sorted, with indices for the columns
def wobble(pool, x, shifts):
    columns = torch.arange(x.shape[-1])
    means = [pool(x[..., (columns - by) % x.shape[-1]]).mean((1, 2, 3)) for by in range(shifts)]
    table, _ = torch.sort(torch.stack(means, 1), dim=1)
    return torch.mean(table[:, -1] - table[:, 0])


def choose(pools, x, shifts):
    values = torch.tensor([float(wobble(pool, x, shifts)) for pool in pools.values()])
    return list(pools)[int((values == values.min()).nonzero()[0])]

# %% wobble oracle
def wobble(pool, x, shifts):
    x = x.double()
    low = high = None
    for by in range(shifts):
        moved = torch.zeros_like(x)
        for column in range(x.shape[3]):
            moved[:, :, :, (column + by) % x.shape[3]] = x[:, :, :, column]
        y = pool(moved)
        mean = y.sum((1, 2, 3)) / y[0].numel()
        low = mean if low is None else torch.minimum(low, mean)
        high = mean if high is None else torch.maximum(high, mean)
    return float((high - low).sum() / len(x))


def choose(pools, x, shifts):
    return sorted(pools, key=lambda name: float(wobble(pools[name], x, shifts)))[0]

# %% wobble wrong: the maps averaged first
# You average over the maps before you look for the largest and the smallest. Each map wobbles by itself; average at the end.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).mean() for maps in moved])
    return (means.max() - means.min())


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: largest and smallest of all maps
# You take the largest and the smallest over all maps together. That measures how the maps differ, not how each of them wobbles.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return means.max() - means.min()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: moved downwards
# You move the rows. The maps move to the right: along the last axis.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-2) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return (means.amax(0) - means.amin(0)).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: moved to the left
# You move the maps to the left. A positive step of torch.roll goes to the right.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, -by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return (means.amax(0) - means.amin(0)).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: rolled without an axis
# torch.roll without dims lays all numbers in one row: what leaves one row, or one map, comes into the next.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return (means.amax(0) - means.amin(0)).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: one move too many
# You make moves of 0 to shifts, which is one too many.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(shifts + 1)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return (means.amax(0) - means.amin(0)).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: the first place left out
# The map as it was, moved by 0, counts too. You begin with 1.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(1, shifts + 1)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return (means.amax(0) - means.amin(0)).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: a standard deviation
# You return the standard deviation of the means. The wobble is the largest minus the smallest.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return means.std(0, correction=0).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: distance from the unmoved map
# You measure how far the moved maps are from the unmoved one. The wobble is the largest mean minus the smallest, whichever moves they belong to.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return (means - means[0]).abs().amax(0).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: one number for each map
# You return one wobble for each map. Average them to one number.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return means.amax(0) - means.amin(0)


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts).mean()))

# %% wobble wrong: cells instead of means
# You compare the pooled maps cell by cell. The wobble is that of each map's mean.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1) for maps in moved])
    return (means.amax(0) - means.amin(0)).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: float32 in between
# The maps are turned into float32 before they are pooled. Where the numbers are large and the wobble is small, little of it is left.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x.float(), by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return (means.amax(0) - means.amin(0)).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    return min(pools, key=lambda name: float(wobble(pools[name], x, shifts)))

# %% wobble wrong: the place in the dictionary
# You return a position. The name is asked for.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return (means.amax(0) - means.amin(0)).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    values = [float(wobble(pool, x, shifts)) for pool in pools.values()]
    return values.index(min(values))

# %% wobble wrong: the last of equally calm ones
# Of equally calm poolings the first one counts; with <= the last one wins.
def wobble(pool, x, shifts):
    """Return how far the mean of a pooled map moves on average, as one number."""
    moved = [torch.roll(x, by, dims=-1) for by in range(shifts)]
    means = torch.stack([pool(maps).flatten(1).mean(1) for maps in moved])
    return (means.amax(0) - means.amin(0)).mean()


def choose(pools, x, shifts):
    """Return the name of the pooling with the smallest wobble."""
    best = math.inf
    for name, pool in pools.items():
        value = float(wobble(pool, x, shifts))
        if value <= best:
            best, found = value, name
    return found

# %% pooled_net right: convolution, and the largest on a grid
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.see = nn.Conv2d(1, 16, 3, padding=1)
        self.grid = nn.AdaptiveMaxPool2d((4, 4))
        self.say = nn.Linear(256, 4)

    def forward(self, x):
        return self.say(self.grid(F.relu(self.see(x))).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(100):
        rows = torch.randint(len(x), (64,))
        loss = F.cross_entropy(net(x[rows]), y[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return net.eval()

# %% pooled_net right: two poolings, trained on larger pictures too
def train_net(x, y):
    first = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    net = nn.Sequential(first, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(192, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    sizes = [x, F.interpolate(x, scale_factor=2.0), F.interpolate(x, scale_factor=3.0)]
    for step in range(120):
        rows = torch.randperm(len(x))[:60]
        optimiser.zero_grad()
        F.cross_entropy(net(sizes[step % 3][rows]), y[rows]).backward()
        optimiser.step()
    return net

# %% pooled_net oracle
# The strength of each quarter, and a linear layer fitted to the end.
class Squares(nn.Module):
    def forward(self, x):
        return x.square()


def train_net(x, y):
    net = nn.Sequential(Squares(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4, 4))
    optimiser = torch.optim.LBFGS(net.parameters(), max_iter=40, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        loss = F.cross_entropy(net(x), y) + 1e-3 * net[3].weight.square().sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return net

# %% pooled_net equivalent: for _ in range(16):
# One round of training more: the number of rounds is free.

# %% pooled_net equivalent: for rows in torch.randperm(len(x)).split(51):
# The size of a training batch is free.

# %% pooled_net wrong: no pooling
# There is no pooling layer: the linear layer fits pictures of 8 by 8 alone.
def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    head = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4))
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), head)
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% pooled_net wrong: one number for each picture
# The pooling leaves one number for each picture. That does not say where the patch is.
def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    head = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4))
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 16), head)
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% pooled_net wrong: windows of a fixed size
# Your windows have a fixed size, so a larger picture gives more numbers than the linear layer takes. Adaptive pooling fixes the number instead.
def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    head = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4))
    net = nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), head)
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% pooled_net wrong: global pooling after convolutions
# The global pooling forgets where the patch was. The net reads it off the zeros around the border of the convolutions instead, and in a larger picture that border is too far away.
def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    see = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU())
    net = nn.Sequential(see, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(16, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% pooled_net wrong: resized, not pooled
# The pictures are resized by interpolation, and the pooling layer of windows of 1 does nothing.
class Resize(nn.Module):
    def forward(self, x):
        return F.interpolate(x, (4, 4))


def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    head = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4))
    net = nn.Sequential(nn.MaxPool2d(1), Resize(), nn.Flatten(), head)
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% pooled_net wrong: a pooling layer that nobody calls
# There is a pooling layer among the modules, but forward never calls it.
class Net(nn.Module):
    def __init__(self, head):
        super().__init__()
        self.head, self.pool = head, nn.AdaptiveAvgPool2d(4)

    def forward(self, x):
        return self.head(F.adaptive_max_pool2d(x, 4).flatten(1))


def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    head = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4))
    net = Net(head)
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% pooled_net wrong: no bend
# Between the pooling and the scores everything is straight. Bright and dark patches of one quarter average out, and the net guesses.
def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    head = nn.Sequential(nn.Linear(16, 64), nn.Linear(64, 4))
    net = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), head)
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% pooled_net wrong: the upper left corner
# You cut 8 rows and columns out of the picture. In a larger one that is its upper left corner.
class Corner(nn.Module):
    def forward(self, x):
        return x[:, :, :8, :8]


def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    head = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4))
    net = nn.Sequential(Corner(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), head)
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% pooled_net wrong: not trained
# The net comes back as it began. Its labels are guesses.
def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    head = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4))
    net = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), head)
    return net

# %% pooled_net wrong: statistics of the batch
# There is a batch normalisation in the net, and it comes back in training mode: a picture's scores depend on the others in its batch. Call eval() first.
def train_net(x, y):
    """Return a trained net from pictures of any size to four scores."""
    head = nn.Sequential(nn.Linear(16, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 4))
    net = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), head)
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net
