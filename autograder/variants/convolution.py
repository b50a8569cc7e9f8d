# Right and wrong answers to the exercises of `convolution`. The comment below a wrong one is what a student is told.

# %% own_conv1d right: windows as an axis
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    single = x.dim() == 2
    if single:
        x = x.unsqueeze(0)
    n, c, length = x.shape
    zeros = x.new_zeros(n, c, padding)
    wide = torch.cat([zeros, x, zeros], dim=2)
    reach = dilation * (weight.size(2) - 1) + 1
    if wide.size(2) < reach:
        raise ValueError("too short")
    windows = wide.unfold(2, reach, stride)[..., ::dilation]
    y = torch.tensordot(windows, weight, dims=([1, 3], [1, 2])).transpose(1, 2)
    if bias is not None:
        y = y + bias.view(1, -1, 1)
    return y[0] if single else y

# %% own_conv1d right: an index table
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    o, c, k = weight.shape
    wide = F.pad(x, (padding, padding))
    stops = (wide.shape[-1] - dilation * (k - 1) - 1) // stride + 1
    if stops < 1:
        raise ValueError("no window fits")
    at = torch.arange(stops)[None, :] * stride + torch.arange(k)[:, None] * dilation
    columns = wide[..., at].flatten(-3, -2)
    y = weight.reshape(o, c * k) @ columns
    if bias is None:
        return y
    return y + bias.unsqueeze(1)

# %% own_conv1d right: stop by stop
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    k = weight.shape[2]
    wide = F.pad(x, (padding, padding))
    outputs, t = [], 0
    while t + dilation * (k - 1) < wide.shape[-1]:
        lit = wide[..., t : t + dilation * (k - 1) + 1 : dilation]
        number = (lit.unsqueeze(-3) * weight).sum((-1, -2))
        outputs.append(number if bias is None else number + bias)
        t += stride
    if not outputs:
        raise ValueError("no window fits")
    return torch.stack(outputs, dim=-1)

# %% own_conv1d oracle
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    try:
        return F.conv1d(x, weight, bias, stride, padding, dilation)
    except RuntimeError as error:
        raise ValueError(str(error)) from error

# %% own_conv1d wrong: the rule turned round
# Your rule is applied back to front. Despite its name, the layer does not flip: entry 0 of the weight meets the first tile of the window.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = F.pad(x, (padding, padding))
    reach = dilation * (weight.shape[2] - 1) + 1
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight.flip(2)[:, :, k], seen)
    return y if bias is None else y + bias[:, None]

# %% own_conv1d wrong: dilation left out of the reach
# You count the stops as if the window had K tiles. With dilation it spans dilation * (K - 1) + 1.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = F.pad(x, (padding, padding))
    reach = weight.shape[2]
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen)
    return y if bias is None else y + bias[:, None]

# %% own_conv1d wrong: dilation times K
# You take the reach to be dilation * K. Behind the last entry no gap follows: it is dilation * (K - 1) + 1.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = F.pad(x, (padding, padding))
    reach = dilation * weight.shape[2]
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen)
    return y if bias is None else y + bias[:, None]

# %% own_conv1d wrong: padding on the left only
# You pad one end of the corridor. padding zeros stand at each end.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = F.pad(x, (padding, 0))
    reach = dilation * (weight.shape[2] - 1) + 1
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen)
    return y if bias is None else y + bias[:, None]

# %% own_conv1d wrong: the last window hangs over
# You round the number of stops up and fill the rest with zeros. A window that does not fit completely is left out.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = F.pad(x, (padding, padding))
    reach = dilation * (weight.shape[2] - 1) + 1
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    wide = F.pad(wide, (0, -(wide.shape[-1] - reach) % stride))
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen)
    return y if bias is None else y + bias[:, None]

# %% own_conv1d wrong: stride inside the window
# Your entries lie stride * dilation apart. The stride moves the whole window; inside it only dilation counts.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = F.pad(x, (padding, padding))
    reach = dilation * (weight.shape[2] - 1) + 1
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        start = min(k * dilation * stride, wide.shape[-1] - last - 1)
        seen = wide[..., start : start + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen)
    return y if bias is None else y + bias[:, None]

# %% own_conv1d wrong: the border repeated
# You continue the corridor with its last tile. padding means zeros.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = torch.cat([x[..., :1]] * padding + [x] + [x[..., -1:]] * padding, dim=-1)
    reach = dilation * (weight.shape[2] - 1) + 1
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen)
    return y if bias is None else y + bias[:, None]

# %% own_conv1d wrong: the bias at every entry
# You add the bias inside the loop over K, so it counts K times. It is added once for each stop.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = F.pad(x, (padding, padding))
    reach = dilation * (weight.shape[2] - 1) + 1
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen) + (0 if bias is None else bias[:, None])
    return y

# %% own_conv1d wrong: every axis of 1 in front taken away
# At the end you squeeze axis 0. A batch of one corridor then loses its batch axis too: ask at the beginning whether there is one.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    x = x[None] if x.dim() == 2 else x
    wide = F.pad(x, (padding, padding))
    reach = dilation * (weight.shape[2] - 1) + 1
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen)
    return (y if bias is None else y + bias[:, None]).squeeze(0)

# %% own_conv1d wrong: a batch axis too many
# For one corridor without a batch your result has a batch axis. Take it away again at the end.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    x = x[None] if x.dim() == 2 else x
    wide = F.pad(x, (padding, padding))
    reach = dilation * (weight.shape[2] - 1) + 1
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen)
    return y if bias is None else y + bias[:, None]

# %% own_conv1d wrong: written into float32
# You collect the sum in a new float32 tensor, so float64 loses its digits. Make new tensors with the dtype of x.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = F.pad(x, (padding, padding))
    reach = dilation * (weight.shape[2] - 1) + 1
    if wide.shape[-1] < reach:
        raise ValueError(f"a window of {reach} does not fit into {wide.shape[-1]}")
    last = (wide.shape[-1] - reach) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k].float(), seen.float())
    y = y.to(x.dtype)
    return y if bias is None else y + bias[:, None]

# %% own_conv1d wrong: no error for a short corridor
# When no window fits, your function returns something. It has to raise a ValueError.
def own_conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """(N, C_in, L) or (C_in, L) -> (N, C_out, T) or (C_out, T)."""
    wide = F.pad(x, (padding, padding))
    reach = dilation * (weight.shape[2] - 1) + 1
    last = max(wide.shape[-1] - reach, 0) // stride * stride
    y = 0
    for k in range(weight.shape[2]):
        seen = wide[..., k * dilation : k * dilation + last + 1 : stride]
        y = y + torch.einsum("oc,...ct->...ot", weight[:, :, k], seen)
    return y if bias is None else y + bias[:, None]

# %% own_conv2d right: slices and einsum
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    def two(value):
        return (value, value) if isinstance(value, int) else tuple(value)

    single = x.dim() == 3
    x = x.unsqueeze(0) if single else x
    o, c, kh, kw = weight.shape
    if x.size(1) != c * groups:
        raise ValueError("channels")
    (sh, sw), (dh, dw) = two(stride), two(dilation)
    rh, rw = dh * (kh - 1), dw * (kw - 1)
    if padding == "same":
        if (sh, sw) != (1, 1):
            raise ValueError("stride")
        pads = (rw // 2, rw - rw // 2, rh // 2, rh - rh // 2)
    elif padding == "valid":
        pads = (0, 0, 0, 0)
    elif isinstance(padding, str):
        raise ValueError(padding)
    else:
        ph, pw = two(padding)
        pads = (pw, pw, ph, ph)
    x = F.pad(x, pads)
    h, w = (x.size(2) - rh - 1) // sh + 1, (x.size(3) - rw - 1) // sw + 1
    parts = []
    for block, table in zip(x.chunk(groups, 1), weight.chunk(groups, 0)):
        y = x.new_zeros(x.size(0), o // groups, h, w)
        for i in range(kh):
            for j in range(kw):
                seen = block[:, :, i * dh : i * dh + (h - 1) * sh + 1 : sh, j * dw : j * dw + (w - 1) * sw + 1 : sw]
                y = y + torch.einsum("nchw,oc->nohw", seen, table[:, :, i, j])
        parts.append(y)
    y = torch.cat(parts, 1)
    if bias is not None:
        y = y + bias.view(-1, 1, 1)
    return y[0] if single else y

# %% own_conv2d right: windows by the method unfold, group by group
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    pair = lambda v: [v] * 2 if isinstance(v, int) else list(v)
    if x.ndim == 3:
        return own_conv2d(x.unsqueeze(0), weight, bias, stride, padding, dilation, groups).squeeze(0)
    if x.shape[1] / weight.shape[1] != groups:
        raise ValueError("groups")
    stride, dilation = pair(stride), pair(dilation)
    span = [d * (k - 1) + 1 for d, k in zip(dilation, weight.shape[-2:])]
    if isinstance(padding, str):
        if padding not in ("same", "valid") or (padding == "same" and stride != [1, 1]):
            raise ValueError(padding)
        front = [(s - 1) // 2 if padding == "same" else 0 for s in span]
        back = [s - 1 - f if padding == "same" else 0 for s, f in zip(span, front)]
    else:
        front = back = pair(padding)
    x = F.pad(x, (front[1], back[1], front[0], back[0]))
    windows = x.unfold(2, span[0], stride[0]).unfold(3, span[1], stride[1])
    windows = windows[..., :: dilation[0], :: dilation[1]]
    windows = windows.unflatten(1, (groups, weight.shape[1]))
    tables = weight.unflatten(0, (groups, weight.shape[0] // groups))
    y = torch.einsum("ngchwij,gocij->ngohw", windows, tables).flatten(1, 2)
    return y if bias is None else y + bias[None, :, None, None]

# %% own_conv2d right: groups as a table with empty blocks
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride)
    table = torch.block_diag(*weight.flatten(1).chunk(groups))
    y = torch.matmul(columns.transpose(1, 2), table.t()).transpose(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d oracle
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    try:
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)
    except RuntimeError as error:
        raise ValueError(str(error)) from error

# %% own_conv2d wrong: height and width swapped at the end
# You give the columns back as (W, H). The stops run row by row: height first. With square pictures nobody notices.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size[::-1])

# %% own_conv2d wrong: same asks one stride only
# For "same" you look at the stride along one axis. A pair has two, and either may be larger than 1.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and stride[1] == 1:
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: dilation left out of the size
# Your output size forgets the dilation: the window spans dilation * (K - 1) + 1.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - k) // s + 1 for n, p, k, s in zip(x.shape[2:], padding, weight.shape[2:], stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: the extra zero in front
# For 'same' you put the extra zero in front. With an even window it stands behind: below and to the right.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] - more[0] // 2, more[1] - more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: F.pad fed with the height first
# F.pad takes the last axis first: left, right, top, bottom. You pad the height where the width is meant.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (top, more[0] - top, left, more[1] - left)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: same without dilation
# Your 'same' needs dilation * (K - 1) zeros in all, not K - 1.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        h, w = [k - 1 for k in weight.shape[2:]]
        x, padding = F.pad(x, (w // 2, w - w // 2, h // 2, h - h // 2)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: every g-th channel
# Your groups take every g-th output channel. A group is a block of neighbours: the first C_out/g outputs belong to the first group.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.transpose(1, 2).flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: inputs dealt out like cards
# You deal the input channels out like cards, one to each group in turn. A group is a block of neighbours.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    x = x.unflatten(1, (-1, groups)).transpose(1, 2).flatten(1, 2)
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: channels inside the window
# You read a column as (window, channel). F.unfold runs through the channels first, then through the window.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.permute(0, 2, 3, 1).flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: pairs taken as (W, H)
# You take a pair for stride, padding or dilation as (for W, for H). It is (for H, for W).
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v if isinstance(v, str) else tuple(v)[::-1] for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: a batch axis too many
# Without a batch your result has a batch axis of one. Take it away again.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% own_conv2d wrong: the bias where nobody is
# You add the bias only where groups is 1. It belongs to every output channel, grouped or not.
def own_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """(N, C_in, H, W) or (C_in, H, W) -> the same with C_out and new H, W."""
    if x.dim() == 3:
        return own_conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0]
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError("the channels do not fit")
    if padding == "valid":
        padding = 0
    stride, padding, dilation = [(v, v) if isinstance(v, int) else v for v in (stride, padding, dilation)]
    more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same" and tuple(stride) == (1, 1):
        top, left = more[0] // 2, more[1] // 2
        x, padding = F.pad(x, (left, more[1] - left, top, more[0] - top)), (0, 0)
    if isinstance(padding, str):
        raise ValueError("padding is a number, a pair, 'valid', or 'same' with stride 1")
    columns = F.unfold(x, weight.shape[2:], dilation, padding, stride).unflatten(1, (groups, -1))
    y = weight.flatten(1).unflatten(0, (groups, -1)) @ columns
    y = y.flatten(1, 2)
    if bias is not None and groups == 1:
        y = y + bias[:, None]
    size = [(n + 2 * p - m - 1) // s + 1 for n, p, m, s in zip(x.shape[2:], padding, more, stride)]
    return y.unflatten(2, size)

# %% groups right: group by group
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    window = kernel_size ** 2 if isinstance(kernel_size, int) else math.prod(kernel_size)
    parameters = products = 0
    for _ in range(groups):
        table = (in_channels // groups) * (out_channels // groups) * window
        parameters += table + (out_channels // groups if bias else 0)
        products += table * math.prod(size)
    return parameters, products


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    common = math.gcd(in_channels, out_channels)
    fits = [g for g in range(1, common + 1) if common % g == 0 and conv_cost(in_channels, out_channels, kernel_size, (1, 1), g, bias)[0] <= budget]
    return min(fits, default=None)

# %% groups right: by solving for the number
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    if not isinstance(kernel_size, (tuple, list)):
        kernel_size = (kernel_size, kernel_size)
    entries = in_channels * out_channels * kernel_size[0] * kernel_size[1] // groups
    return entries + (out_channels if bias else 0), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    dense = conv_cost(in_channels, out_channels, kernel_size, (1, 1), 1, False)[0]
    room = budget - (out_channels if bias else 0)
    g = 1
    while g <= in_channels:
        if not in_channels % g and not out_channels % g and dense <= room * g:
            return g
        g += 1

# %% groups oracle
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    layer = nn.Conv2d(in_channels, out_channels, kernel_size, groups=groups, bias=bias, device="meta")
    return sum(p.numel() for p in layer.parameters()), layer.weight.numel() * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    for g in range(1, in_channels + 1):
        try:
            layer = nn.Conv2d(in_channels, out_channels, kernel_size, groups=g, bias=bias, device="meta")
        except ValueError:
            continue
        if sum(p.numel() for p in layer.parameters()) <= budget:
            return g
    return None

# %% groups equivalent: if conv_cost(in_channels, out_channels, kernel_size, (1, 2), groups, bias)[0] <= budget:
# The number of parameters, the first of the two, does not depend on the size of the output.

# %% groups equivalent: if conv_cost(in_channels, out_channels, kernel_size, (2, 1), groups, bias)[0] <= budget:
# The number of parameters, the first of the two, does not depend on the size of the output.

# %% groups equivalent: for groups in range(1, in_channels + 2):
# No number above in_channels divides it.

# %% groups wrong: both sides divided
# You divide the inputs and the outputs by the groups, and forget that there are as many such tables as groups. In all it is out * in / groups entries.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = (out_channels // groups) * (in_channels // groups) * kh * kw
    return entries + out_channels * bool(bias), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return None

# %% groups wrong: groups cost nothing less
# You ignore the groups. With g groups each rule reads only in_channels / g channels.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * in_channels * kh * kw
    return entries + out_channels * bool(bias), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return None

# %% groups wrong: one bias for each group
# You count one bias for each group. Every output channel has its own.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * (in_channels // groups) * kh * kw
    return entries + groups * bool(bias), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return None

# %% groups wrong: the window taken as square
# You square the first number of the window. With a pair, multiply the two.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * (in_channels // groups) * kh * kh
    return entries + out_channels * bool(bias), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return None

# %% groups wrong: the bias counted as products
# You count the bias among the products. It is added, not multiplied.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * (in_channels // groups) * kh * kw
    return entries + out_channels * bool(bias), (entries + out_channels * bool(bias)) * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return None

# %% groups wrong: products without the groups
# You divide by the groups for the parameters, but not for the products. Every entry is used once at every stop, so both shrink.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * (in_channels // groups) * kh * kw
    return entries + out_channels * bool(bias), entries * groups * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return None

# %% groups wrong: strictly below the budget
# You ask for fewer parameters than the budget. At most means that exactly as many are allowed.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * (in_channels // groups) * kh * kw
    return entries + out_channels * bool(bias), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] < budget:
                return groups
    return None

# %% groups wrong: the outputs are not asked
# Your number of groups divides in_channels only. It has to divide out_channels as well, or torch raises an error.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * (in_channels // groups) * kh * kw
    return entries + out_channels * bool(bias), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if in_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return None

# %% groups wrong: the largest number
# You return the largest number of groups that fits. The smallest was asked for: each further group takes away connections.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * (in_channels // groups) * kh * kw
    return entries + out_channels * bool(bias), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(in_channels, 0, -1):
        if in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return None

# %% groups wrong: powers of two
# You try powers of two only. 3, 5 or 6 groups are as good, if they divide both numbers of channels.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * (in_channels // groups) * kh * kw
    return entries + out_channels * bool(bias), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if groups & (groups - 1) == 0 and in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return None

# %% groups wrong: depthwise when nothing fits
# If nothing fits, you return the largest number of groups. None was asked for, so that nobody builds a layer that is too large.
def conv_cost(in_channels, out_channels, kernel_size, size, groups=1, bias=True):
    """Return (parameters, products), two whole numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    entries = out_channels * (in_channels // groups) * kh * kw
    return entries + out_channels * bool(bias), entries * size[0] * size[1]


def fewest_groups(in_channels, out_channels, kernel_size, budget, bias=True):
    """Return the smallest number of groups that fits the budget, or None."""
    for groups in range(1, in_channels + 1):
        if in_channels % groups == 0 and out_channels % groups == 0:
            if conv_cost(in_channels, out_channels, kernel_size, (1, 1), groups, bias)[0] <= budget:
                return groups
    return math.gcd(in_channels, out_channels)

# %% separable right: the dense rule by einsum
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(torch.einsum("oc,cij->ocij", point.weight[:, :, 0, 0], deep.weight.squeeze(1)))
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable right: a Sequential in disguise
class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        self.add_module("depthwise", nn.Conv2d(in_channels, in_channels, kernel_size, stride, padding, dilation, in_channels, False))
        self.add_module("pointwise", nn.Conv2d(in_channels, out_channels, (1, 1), bias=bias))

    def forward(self, x):
        seen = self.depthwise(x)
        weight, bias = self.pointwise.weight.flatten(1), self.pointwise.bias
        y = torch.einsum("oc,nchw->nohw", weight, seen)
        return y if bias is None else y + bias[:, None, None]

    def dense(self):
        weight = self.pointwise.weight.detach() * self.depthwise.weight.detach().transpose(0, 1)
        d = self.depthwise
        one = nn.Conv2d(d.in_channels, len(weight), d.kernel_size, d.stride, d.padding, d.dilation, bias=False)
        one.weight = nn.Parameter(weight.clone())
        if self.pointwise.bias is not None:
            one.bias = nn.Parameter(self.pointwise.bias.detach().clone())
        return one

# %% separable right: the stride in the second layer
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, point.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable oracle
class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride, padding, dilation, in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        d = self.depthwise
        weight = self.pointwise.weight * d.weight[:, 0]
        return F.conv2d(x, weight, self.pointwise.bias, d.stride, d.padding, d.dilation)

    def dense(self):
        d, p = self.depthwise, self.pointwise
        one = nn.Conv2d(d.in_channels, p.out_channels, d.kernel_size, d.stride, d.padding, d.dilation, bias=p.bias is not None)
        one = one.to(d.weight.dtype)
        state = {"weight": p.weight * d.weight[:, 0]} | ({} if p.bias is None else {"bias": p.bias})
        one.load_state_dict(state)
        return one

# %% separable wrong: no padding and no stride
# Your depthwise layer ignores stride, padding and dilation, so the block shrinks the picture and does not fit into a residual sum. Hand all of them on.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable wrong: padding in both layers
# You pad before the second layer too. It looks at single tiles and needs no padding: the output becomes too large, with a border that holds the bias alone.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, padding=padding, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable wrong: the dense layer kept inside
# You keep the dense layer as an attribute, so it joins the module: its weight turns up in the state and among the parameters. Only return it.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        window = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **window, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        self.one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            self.one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                self.one.bias.copy_(point.bias)
        return self.one

# %% separable wrong: the dilation forgotten
# Your depthwise layer ignores the dilation.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable wrong: no groups
# Your first layer is not depthwise: each of its rules reads all channels. Use groups=in_channels.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable wrong: a bias in the middle
# Your depthwise layer has a bias. It changes nothing that the second bias could not do, and the state has one entry too many.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=bias)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable wrong: always a bias
# Your layer has a bias even with bias=False.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable wrong: a bend in the middle
# You put a ReLU between the two layers. Then it is no longer one convolution, and no dense layer can do the same.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(F.relu(self.depthwise(x)))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable wrong: mix, then look
# You mix first and look afterwards. The depthwise layer comes first and has one rule for each input channel.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(out_channels, out_channels, kernel_size, **options, groups=out_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.depthwise(self.pointwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable wrong: the dense layer forgets the stride
# Your dense layer does not get the stride, the padding and the dilation.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% separable wrong: the dense layer keeps a random bias
# The bias of your dense layer is the random one it started with. Copy the pointwise bias.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
        return one

# %% separable wrong: the dense layer shares its bias
# Your dense layer uses the pointwise bias itself. Whoever trains one changes the other: copy it.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None, dtype=deep.weight.dtype)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias = point.bias
        return one

# %% separable wrong: the dense layer in float32
# Your dense layer is float32 whatever the module is. Make it with the dtype of the weights.
class SeparableConv2d(nn.Module):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, **options, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

    def dense(self):
        """Return one nn.Conv2d that computes the same."""
        deep, point = self.depthwise, self.pointwise
        args = deep.in_channels, point.out_channels, deep.kernel_size, deep.stride, deep.padding, deep.dilation
        one = nn.Conv2d(*args, bias=point.bias is not None)
        with torch.no_grad():
            one.weight.copy_(point.weight * deep.weight[:, 0])
            if point.bias is not None:
                one.bias.copy_(point.bias)
        return one

# %% spread right: an outer product with a single one, cut
def spread(weight, dilation):
    axes = weight.dim() - 2
    steps = (dilation,) * axes if isinstance(dilation, int) else tuple(dilation)
    out = weight
    for axis, step in enumerate(steps, start=2):
        parts = []
        for i, piece in enumerate(out.unbind(axis)):
            if i:
                parts += [torch.zeros_like(piece)] * (step - 1)
            parts.append(piece)
        out = torch.stack(parts, dim=axis)
    return out

# %% spread right: kron with a unit vector
def spread(weight, dilation):
    axes = weight.dim() - 2
    steps = [dilation] * axes if isinstance(dilation, int) else list(dilation)
    unit = weight.new_zeros(1, 1, *steps)
    unit[(0,) * (axes + 2)] = 1
    wide = torch.kron(weight, unit)
    for axis, (step, k) in enumerate(zip(steps, weight.shape[2:]), start=2):
        wide = wide.narrow(axis, 0, step * (k - 1) + 1)
    return wide.clone()

# %% spread oracle
def spread(weight, dilation):
    axes = weight.dim() - 2
    transposed = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d][axes - 1]
    one = weight.new_ones(1, 1, *[1] * axes)
    flat = weight.reshape(-1, 1, *weight.shape[2:])
    stride = dilation if isinstance(dilation, int) else tuple(dilation)
    wide = transposed(flat, one, stride=stride)
    return wide.reshape(*weight.shape[:2], *wide.shape[2:])

# %% spread wrong: zeros behind the last entry
# Your rule ends with zeros: an axis is d * K long. Behind the last entry there is no gap, so the window would reach too far.
def spread(weight, dilation):
    """(C_out, C, *kernel) -> (C_out, C, *spans), zeros in the gaps."""
    kernel = weight.shape[2:]
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    wide = weight.new_zeros(*weight.shape[:2], *[d * k for d, k in zip(dilation, kernel)])
    wide[(..., *[slice(None, None, d) for d in dilation])] = weight
    return wide

# %% spread wrong: dilation zeros in each gap
# You put d zeros into each gap, so the entries lie d + 1 apart. Between them are d - 1 zeros.
def spread(weight, dilation):
    """(C_out, C, *kernel) -> (C_out, C, *spans), zeros in the gaps."""
    kernel = weight.shape[2:]
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    dilation = [d + 1 if d > 1 else 1 for d in dilation]
    wide = weight.new_zeros(*weight.shape[:2], *[d * (k - 1) + 1 for d, k in zip(dilation, kernel)])
    wide[(..., *[slice(None, None, d) for d in dilation])] = weight
    return wide

# %% spread wrong: entries repeated
# You repeat the entries in place of zeros. The lamp does not light the tiles in the gaps.
def spread(weight, dilation):
    kernel = weight.shape[2:]
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    wide = weight.clone()
    for axis, (d, k) in enumerate(zip(dilation, kernel), start=2):
        wide = wide.repeat_interleave(d, dim=axis).narrow(axis, 0, d * (k - 1) + 1)
    return wide

# %% spread wrong: the last axis only
# You spread the last axis only. Every axis of the window has its dilation.
def spread(weight, dilation):
    """(C_out, C, *kernel) -> (C_out, C, *spans), zeros in the gaps."""
    kernel = weight.shape[2:]
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    dilation = [1] * (len(kernel) - 1) + [dilation[-1]]
    wide = weight.new_zeros(*weight.shape[:2], *[d * (k - 1) + 1 for d, k in zip(dilation, kernel)])
    wide[(..., *[slice(None, None, d) for d in dilation])] = weight
    return wide

# %% spread wrong: one number for all
# You use the first number of the pair for all axes.
def spread(weight, dilation):
    """(C_out, C, *kernel) -> (C_out, C, *spans), zeros in the gaps."""
    kernel = weight.shape[2:]
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    dilation = [dilation[0]] * len(kernel)
    wide = weight.new_zeros(*weight.shape[:2], *[d * (k - 1) + 1 for d, k in zip(dilation, kernel)])
    wide[(..., *[slice(None, None, d) for d in dilation])] = weight
    return wide

# %% spread wrong: two axes only
# Your indices fit a window with at most two axes. Build one slice for each axis.
def spread(weight, dilation):
    """(C_out, C, *kernel) -> (C_out, C, *spans), zeros in the gaps."""
    kernel = weight.shape[2:4]
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    wide = weight.new_zeros(*weight.shape[:2], *[d * (k - 1) + 1 for d, k in zip(dilation, kernel)], *weight.shape[4:])
    wide[(slice(None), slice(None), *[slice(None, None, d) for d in dilation[:2]])] = weight
    return wide

# %% spread wrong: nothing to do for 1
# For dilation 1 you return the weight itself. Whoever writes into the result changes the layer's rule: return a new tensor.
def spread(weight, dilation):
    """(C_out, C, *kernel) -> (C_out, C, *spans), zeros in the gaps."""
    kernel = weight.shape[2:]
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    if all(d == 1 for d in dilation):
        return weight
    wide = weight.new_zeros(*weight.shape[:2], *[d * (k - 1) + 1 for d, k in zip(dilation, kernel)])
    wide[(..., *[slice(None, None, d) for d in dilation])] = weight
    return wide

# %% spread wrong: cut out of the graph
# You copy weight.detach() or weight.data: the values are right, but no gradient flows back.
def spread(weight, dilation):
    """(C_out, C, *kernel) -> (C_out, C, *spans), zeros in the gaps."""
    kernel = weight.shape[2:]
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    wide = weight.new_zeros(*weight.shape[:2], *[d * (k - 1) + 1 for d, k in zip(dilation, kernel)])
    wide[(..., *[slice(None, None, d) for d in dilation])] = weight.detach()
    return wide

# %% spread wrong: a new float32 tensor
# Your zeros are float32, so a float64 rule loses its digits. Use weight.new_zeros.
def spread(weight, dilation):
    """(C_out, C, *kernel) -> (C_out, C, *spans), zeros in the gaps."""
    kernel = weight.shape[2:]
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    wide = torch.zeros(*weight.shape[:2], *[d * (k - 1) + 1 for d, k in zip(dilation, kernel)])
    wide[(..., *[slice(None, None, d) for d in dilation])] = weight
    return wide

# %% spread wrong: a shortcut without the graph
# For dilation 1 you return a copy that is cut out of the graph. clone() alone is a copy through which gradients flow.
def spread(weight, dilation):
    """(C_out, C, *kernel) -> (C_out, C, *spans), zeros in the gaps."""
    kernel = weight.shape[2:]
    if dilation == 1:
        return weight.detach().clone()
    if isinstance(dilation, int):
        dilation = [dilation] * len(kernel)
    wide = weight.new_zeros(*weight.shape[:2], *[d * (k - 1) + 1 for d, k in zip(dilation, kernel)])
    wide[(..., *[slice(None, None, d) for d in dilation])] = weight
    return wide

# %% receptive right: backwards from the output
def receptive_field(layers):
    low, high, next_low = 0, 0, 1
    for kernel_size, stride, padding, dilation in reversed(layers):
        low = low * stride - padding
        next_low = next_low * stride - padding
        high = high * stride - padding + dilation * (kernel_size - 1)
    return high - low + 1, next_low - low, low


def depth_for(size, kernel_size, growth=1):
    depth = 0
    while 1 + (kernel_size - 1) * sum(growth**i for i in range(depth)) < size:
        depth += 1
    return depth

# %% receptive right: products and sums, and the other function
def receptive_field(layers):
    jumps = [math.prod(layer[1] for layer in layers[:i]) for i in range(len(layers) + 1)]
    size = 1 + sum(jump * (k - 1) * d for jump, (k, _, _, d) in zip(jumps, layers))
    return size, jumps[-1], -sum(jump * p for jump, (_, _, p, _) in zip(jumps, layers))


def depth_for(size, kernel_size, growth=1):
    layers = []
    while receptive_field(layers)[0] < size:
        layers.append((kernel_size, 1, 0, growth ** len(layers)))
    return len(layers)

# %% receptive oracle
def receptive_field(layers):
    def window(output):
        low = high = output
        for kernel_size, stride, padding, dilation in layers[::-1]:
            taps = [low * stride - padding, high * stride - padding + (kernel_size - 1) * dilation]
            low, high = min(taps), max(taps)
        return low, high

    (low, high), (after, _) = window(0), window(1)
    return high - low + 1, after - low, low


def depth_for(size, kernel_size, growth=1):
    layers = []
    while True:
        if receptive_field(layers)[0] >= size:
            return len(layers)
        layers.append((kernel_size, 1, 0, growth ** len(layers)))

# %% receptive wrong: the stride too early
# You multiply the jump by a layer's stride before you use it. The stride acts behind the layer: its own window still looks at neighbours that are the old jump apart.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        jump *= stride
        size += dilation * (kernel_size - 1) * jump
        first -= padding * jump
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, 1
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: the dilation left out
# You leave out the dilation: a window of K entries, d apart, spans d * (K - 1) + 1.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        size += (kernel_size - 1) * jump
        first -= padding * jump
        jump *= stride
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, 1
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: the strides left out
# You add up the windows as if every stride were 1. Behind a layer with stride s neighbours are s times as far apart on the floor.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        size += dilation * (kernel_size - 1)
        first -= padding * jump
        jump *= stride
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, 1
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: from the last layer on
# You walk from the output to the input with the formula for the other direction. The first of the list lies next to the input.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers[::-1]:
        size += dilation * (kernel_size - 1) * jump
        first -= padding * jump
        jump *= stride
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, 1
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: padding not times the jump
# You move the beginning by padding. Behind a stride each of these zeros stands for jump tiles.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        size += dilation * (kernel_size - 1) * jump
        first -= padding
        jump *= stride
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, 1
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: padding moves to the right
# Your range begins further to the right with padding. Zeros in front move it to the left: first becomes negative.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        size += dilation * (kernel_size - 1) * jump
        first += padding * jump
        jump *= stride
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, 1
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: padding makes it larger
# You count the padding as seen tiles. It moves the range, and leaves its size as it is.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        size += (dilation * (kernel_size - 1) + 2 * padding) * jump
        first -= padding * jump
        jump *= stride
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, 1
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: the jump of the last layer alone
# Your jump is the stride of the last layer. It is the product of all strides.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        size += dilation * (kernel_size - 1) * jump
        first -= padding * jump
        jump *= stride
    return size, (layers[-1][1] if layers else 1), first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, 1
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: one layer too many
# You ask for more than size tiles. Exactly as many are enough.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        size += dilation * (kernel_size - 1) * jump
        first -= padding * jump
        jump *= stride
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, 1
    while seen <= size and size > 1:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: by a logarithm
# You use a logarithm of floats. Near powers of two it is wrong by one; count with whole numbers.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        size += dilation * (kernel_size - 1) * jump
        first -= padding * jump
        jump *= stride
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    if growth > 1:
        return math.ceil(math.log((size - 1) * (growth - 1) / (kernel_size - 1) + 1, growth))
    depth, seen, dilation = 0, 1, 1
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% receptive wrong: the first layer already dilated
# Your first layer has dilation growth. It has 1, and growth comes in from the second one on.
def receptive_field(layers):
    """[(kernel_size, stride, padding, dilation), ...] -> (size, jump, first)."""
    size, jump, first = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        size += dilation * (kernel_size - 1) * jump
        first -= padding * jump
        jump *= stride
    return size, jump, first


def depth_for(size, kernel_size, growth=1):
    """Return the least number of layers for a range of ``size`` tiles."""
    depth, seen, dilation = 0, 1, growth
    while seen < size:
        depth, seen, dilation = depth + 1, seen + dilation * (kernel_size - 1), dilation * growth
    return depth

# %% merge right: by a convolution with the turned rule
def merge(first, second):
    w1, w2 = first.weight.detach(), second.weight.detach()
    spread = w2.new_zeros(*w2.shape[:2], *[s * (k - 1) + 1 for s, k in zip(first.stride, second.kernel_size)])
    spread[:, :, :: first.stride[0], :: first.stride[1]] = w2
    pads = [k - 1 for k in first.kernel_size]
    weight = F.conv2d(spread, w1.transpose(0, 1).flip(2, 3), padding=pads)
    biased = first.bias is not None or second.bias is not None
    stride = tuple(a * b for a, b in zip(first.stride, second.stride))
    one = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2:], stride, bias=biased).to(weight.dtype)
    one.weight.data = weight
    if biased:
        bias = weight.new_zeros(len(weight))
        if first.bias is not None:
            bias = bias + torch.einsum("omij,m->o", w2, first.bias.detach())
        if second.bias is not None:
            bias = bias + second.bias.detach()
        one.bias.data = bias
    return one

# %% merge right: by asking with unit pictures
def merge(first, second):
    window = [k + s * (l - 1) for k, s, l in zip(first.kernel_size, first.stride, second.kernel_size)]
    c = first.in_channels
    with torch.no_grad():
        zeros = first.weight.new_zeros(1, c, *window)
        bias = second(first(zeros)).flatten()
        units = torch.eye(c * window[0] * window[1], dtype=zeros.dtype).view(-1, c, *window)
        weight = (second(first(units)).flatten(1) - bias).T.reshape(-1, c, *window)
    has_bias = not (first.bias is None and second.bias is None)
    stride = [a * b for a, b in zip(first.stride, second.stride)]
    one = nn.Conv2d(c, len(weight), tuple(window), tuple(stride), bias=has_bias)
    one.weight = nn.Parameter(weight.contiguous())
    if has_bias:
        one.bias = nn.Parameter(bias)
    return one

# %% merge oracle
def merge(first, second):
    with torch.no_grad():
        weight = F.conv_transpose2d(second.weight, first.weight, stride=first.stride)
        stride = first.stride[0] * second.stride[0], first.stride[1] * second.stride[1]
        biased = first.bias is not None or second.bias is not None
        one = nn.Conv2d(first.in_channels, second.out_channels, weight.shape[2:], stride, bias=biased, dtype=weight.dtype)
        one.weight.copy_(weight)
        if biased:
            size = weight.shape[2:]
            one.bias.copy_(second(first(weight.new_zeros(1, first.in_channels, *size))).flatten())
    return one

# %% merge wrong: the stride left out of the window
# Your merged window is K1 + K2 - 1 long. Behind a first layer with a stride, the second window is spread by that stride.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, (1, 1)
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = first.stride[0] * second.stride[0], first.stride[1] * second.stride[1]
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
        if first.bias is not None:
            one.bias += second.weight.sum((2, 3)) @ first.bias
    return one

# %% merge wrong: frozen as the first layer is
# You take over requires_grad from the first layer. The merged layer is a new one, and it can learn even if the two were frozen.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, first.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = sh * second.stride[0], sw * second.stride[1]
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
        if first.bias is not None:
            one.bias += second.weight.sum((2, 3)) @ first.bias
    return one.requires_grad_(first.weight.requires_grad)

# %% merge wrong: spread by the wrong stride
# You spread the second rule by the second layer's stride. What lies between its entries is the step of the first layer.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, second.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = first.stride[0] * sh, first.stride[1] * sw
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
        if first.bias is not None:
            one.bias += second.weight.sum((2, 3)) @ first.bias
    return one

# %% merge wrong: the second rule turned round
# You put the copies down in reverse order. Entry (0, 0) of the second rule sees the first window where it is.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, first.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = sh * second.stride[0], sw * second.stride[1]
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, -1 - i, -1 - j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
        if first.bias is not None:
            one.bias += second.weight.sum((2, 3)) @ first.bias
    return one

# %% merge wrong: the two strides swapped
# You use the stride of the height for the width. They may differ.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sw, sh) = first.kernel_size, first.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = first.stride[0] * second.stride[0], first.stride[1] * second.stride[1]
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
        if first.bias is not None:
            one.bias += second.weight.sum((2, 3)) @ first.bias
    return one

# %% merge wrong: the last copy wins
# You write the copies over each other. Where they overlap they add up.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, first.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = sh * second.stride[0], sw * second.stride[1]
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
        if first.bias is not None:
            one.bias += second.weight.sum((2, 3)) @ first.bias
    return one

# %% merge wrong: the first bias lost
# The bias of the first layer is missing. It reaches the output through the second layer's rules.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, first.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = sh * second.stride[0], sw * second.stride[1]
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
    return one

# %% merge wrong: the first bias through one entry
# You send the first bias through one entry of the second window. All tiles of that window hold the bias, so it counts with the sum of all entries.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, first.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = sh * second.stride[0], sw * second.stride[1]
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
        if first.bias is not None:
            one.bias += second.weight[:, :, 0, 0] @ first.bias
    return one

# %% merge wrong: a bias only if both have one
# Your layer has a bias only if both have one. One of the two is enough.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, first.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = sh * second.stride[0], sw * second.stride[1]
    has_bias = first.bias is not None and second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
        if has_bias:
            one.bias += second.weight.sum((2, 3)) @ first.bias
    return one

# %% merge wrong: a random bias
# If the second layer has no bias, yours starts from random numbers. Start from zero.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, first.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = sh * second.stride[0], sw * second.stride[1]
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias, dtype=first.weight.dtype)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else one.bias)
        if first.bias is not None:
            one.bias += second.weight.sum((2, 3)) @ first.bias
    return one

# %% merge wrong: always float32
# Your layer is float32 whatever the two layers are. Make it with the dtype of the first.
def merge(first, second):
    """Two nn.Conv2d -> one nn.Conv2d that computes second(first(x))."""
    (kh, kw), (sh, sw) = first.kernel_size, first.stride
    window = kh + sh * (second.kernel_size[0] - 1), kw + sw * (second.kernel_size[1] - 1)
    stride = sh * second.stride[0], sw * second.stride[1]
    has_bias = first.bias is not None or second.bias is not None
    one = nn.Conv2d(first.in_channels, second.out_channels, window, stride, bias=has_bias)
    with torch.no_grad():
        one.weight.zero_()
        for i in range(second.kernel_size[0]):
            for j in range(second.kernel_size[1]):
                part = torch.einsum("om,mcij->ocij", second.weight[:, :, i, j], first.weight)
                one.weight[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += part
        if has_bias:
            one.bias.copy_(second.bias if second.bias is not None else torch.zeros_like(one.bias))
        if first.bias is not None:
            one.bias += second.weight.sum((2, 3)) @ first.bias
    return one

# %% panorama right: by index, with own parameters
class RingConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__()
        pair = lambda v: (v, v) if isinstance(v, int) else tuple(v)
        self.kernel_size, self.stride, self.dilation, self.groups = pair(kernel_size), pair(stride), pair(dilation), groups
        if self.kernel_size[0] % 2 != 1 or self.kernel_size[1] % 2 != 1:
            raise ValueError("even")
        shape = out_channels, in_channels // groups, *self.kernel_size
        bound = (shape[1] * shape[2] * shape[3]) ** -0.5
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_channels).uniform_(-bound, bound)) if bias else None

    def forward(self, x):
        h = self.dilation[0] * (self.kernel_size[0] // 2)
        w = self.dilation[1] * (self.kernel_size[1] // 2)
        rows = torch.arange(-h, x.shape[2] + h).clamp(0, x.shape[2] - 1)
        columns = torch.arange(-w, x.shape[3] + w) % x.shape[3]
        x = x[:, :, rows][..., columns]
        return F.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

# %% panorama right: cat, and the parameters of a hidden layer
class RingConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__()
        like = nn.Conv2d(in_channels, out_channels, kernel_size, stride=stride, dilation=dilation, groups=groups, bias=bias)
        kh, kw = like.kernel_size
        if not (kh % 2 and kw % 2):
            raise ValueError("even window")
        self.weight, self.bias = like.weight, like.bias
        self.h, self.w = like.dilation[0] * (kh - 1) // 2, like.dilation[1] * (kw - 1) // 2
        self.options = {"stride": like.stride, "dilation": like.dilation, "groups": groups}

    def forward(self, x):
        top, bottom = x[:, :, :1].repeat(1, 1, self.h, 1), x[:, :, -1:].repeat(1, 1, self.h, 1)
        x = torch.cat([top, x, bottom], dim=2)
        if self.w:
            x = torch.cat([x[..., -self.w :], x, x[..., : self.w]], dim=3)
        return F.conv2d(x, self.weight, self.bias, **self.options)

# %% panorama oracle
class RingConv2d(nn.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, dilation=dilation, groups=groups, bias=bias)
        if self.kernel_size[0] % 2 == 0 or self.kernel_size[1] % 2 == 0:
            raise ValueError("even")
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        self.ring, self.rows = nn.CircularPad2d((w, w, 0, 0)), nn.ReplicationPad2d((0, 0, h, h))

    def forward(self, x):
        return super().forward(self.rows(self.ring(x)))

# %% panorama wrong: the axes swapped
# Your ring goes up and down. F.pad takes the last axis first: the first two numbers are left and right.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = F.pad(x, (w, w, 0, 0), mode="replicate")
        x = F.pad(x, (0, 0, h, h), mode="circular")
        return super().forward(x)

# %% panorama wrong: a ring both ways
# You wrap the height too. The lowest row of a panorama does not continue at the top.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = F.pad(x, (w, w, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, h, h), mode="circular")
        return super().forward(x)

# %% panorama wrong: mirrored up and down
# You mirror the rows at the border. They are to be repeated: with one added row the two differ already.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = F.pad(x, (w, w, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, h, h), mode="reflect" if h < x.shape[2] else "replicate")
        return super().forward(x)

# %% panorama wrong: zeros up and down
# Above and below you add zeros. The first and the last row are to be repeated.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = F.pad(x, (w, w, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, h, h))
        return super().forward(x)

# %% panorama wrong: the dilation left out of the padding
# You add (kernel_size - 1) // 2 tiles on each side. With dilation the window spans more: dilation * (kernel_size - 1) // 2.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [(k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = F.pad(x, (w, w, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, h, h), mode="replicate")
        return super().forward(x)

# %% panorama wrong: the same padding for both axes
# You pad both axes as the height needs it. Window and dilation may differ for H and W.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        w = h
        x = F.pad(x, (w, w, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, h, h), mode="replicate")
        return super().forward(x)

# %% panorama wrong: the ring turned once
# You roll the picture and add nothing around it.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = torch.roll(x, w, dims=3)
        x = F.pad(x, (w, w, 0, 0))
        x = F.pad(x, (0, 0, h, h), mode="replicate")
        return super().forward(x)

# %% panorama wrong: started by Xavier
# You start the weight with another rule. nn.Conv2d starts uniformly between -1/sqrt(f) and 1/sqrt(f), f being the entries of one rule.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        nn.init.xavier_uniform_(self.weight)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = F.pad(x, (w, w, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, h, h), mode="replicate")
        return super().forward(x)

# %% panorama wrong: fan-in of all channels
# Your start counts all input channels. With groups, one rule reads in_channels // groups of them.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        nn.init.uniform_(self.weight, -(in_channels * self.weight[0, 0].numel()) ** -0.5, (in_channels * self.weight[0, 0].numel()) ** -0.5)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = F.pad(x, (w, w, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, h, h), mode="replicate")
        return super().forward(x)

# %% panorama wrong: the bias starts at zero
# Your bias starts at 0. That of nn.Conv2d starts in the same range as its weight.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        if bias:
            nn.init.zeros_(self.bias)
        if any(k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = F.pad(x, (w, w, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, h, h), mode="replicate")
        return super().forward(x)

# %% panorama wrong: only one number is checked
# You check the height of the window only. An even width must raise a ValueError as well.
class RingConv2d(nn.Conv2d):
    """(N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        if self.kernel_size[0] % 2 == 0:
            raise ValueError(f"the window {self.kernel_size} has no middle")

    def forward(self, x):
        h, w = [d * (k - 1) // 2 for d, k in zip(self.dilation, self.kernel_size)]
        x = F.pad(x, (w, w, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, h, h), mode="replicate")
        return super().forward(x)

# %% stamp right: numbers spread out, then a convolution with the turned stamp
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    if output_padding >= stride and output_padding >= dilation:
        raise ValueError("output_padding")
    n, c, length = x.shape
    k = weight.shape[2]
    spread = x.new_zeros(n, c, (length - 1) * stride + 1)
    spread[..., ::stride] = x
    around = dilation * (k - 1) - padding
    spread = F.pad(spread, (around, around + output_padding))
    turned = weight.flip(2).unflatten(0, (groups, -1)).transpose(1, 2).flatten(0, 1)
    return F.conv1d(spread, turned, bias, dilation=dilation, groups=groups)

# %% stamp right: by a table of places
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    if not (output_padding < stride or output_padding < dilation):
        raise ValueError("output_padding")
    length, k = x.shape[2], weight.shape[2]
    size = (length - 1) * stride + dilation * (k - 1) + 1 + output_padding
    tiles = torch.arange(size)[:, None, None]
    places = torch.arange(length)[None, :, None] * stride + torch.arange(k)[None, None, :] * dilation
    lands = (tiles == places).to(x.dtype)[padding : size - padding]
    parts = [torch.einsum("nct,cok,stk->nos", a, b, lands) for a, b in zip(x.chunk(groups, 1), weight.chunk(groups, 0))]
    y = torch.cat(parts, dim=1)
    if bias is not None:
        y = y + bias.view(1, -1, 1)
    return y

# %% stamp right: by fold
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding")
    k = weight.shape[2]
    ys = []
    for a, b in zip(x.chunk(groups, 1), weight.chunk(groups)):
        columns = b.flatten(1).T @ a
        size = (x.shape[2] - 1) * stride + dilation * (k - 1) + 1
        floor = F.fold(columns, (1, size), (1, k), (1, dilation), 0, (1, stride))[:, :, 0]
        floor = F.pad(floor, (0, output_padding))
        ys.append(floor[..., padding : floor.shape[2] - padding])
    y = torch.cat(ys, 1)
    return y if bias is None else y + bias[None, :, None]

# %% stamp oracle
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    try:
        return F.conv_transpose1d(x, weight, bias, stride, padding, output_padding, groups, dilation)
    except RuntimeError as error:
        raise ValueError(str(error)) from error

# %% stamp wrong: the last stamp wins
# You write the stamps over each other. Where they overlap they add up: += in place of =.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] = part
    y = floor[:, :, padding : floor.shape[2] - padding]
    return y if bias is None else y + bias[:, None]

# %% stamp wrong: the mean where stamps overlap
# You divide by the number of stamps on a tile. They add up; nothing is divided.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] += part
    count = torch.zeros(floor.shape[2], dtype=x.dtype)
    for i in range(k):
        count[i * dilation : i * dilation + last + 1 : stride] += 1
    floor = floor / count.clamp(min=1)
    y = floor[:, :, padding : floor.shape[2] - padding]
    return y if bias is None else y + bias[:, None]

# %% stamp wrong: the stamp turned round
# Your stamps lie the wrong way round. Entry 0 lands on the tile where the stamp begins.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows.flip(3)).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] += part
    y = floor[:, :, padding : floor.shape[2] - padding]
    return y if bias is None else y + bias[:, None]

# %% stamp wrong: outputs first
# You read the weight as (C_out, C_in, K). A transposed convolution stores its inputs first.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gock->kngot", blocks, rows).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] += part
    y = floor[:, :, padding : floor.shape[2] - padding]
    return y if bias is None else y + bias[:, None]

# %% stamp wrong: zeros for output_padding
# You append zeros after the cut. output_padding makes the floor longer before padding is cut off, so stamped numbers come into view.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] += part
    y = floor[:, :, padding : floor.shape[2] - padding]
    y = F.pad(y, (0, output_padding))
    return y if bias is None else y + bias[:, None]

# %% stamp wrong: output_padding in front
# Your additional tiles stand at the beginning. They belong at the end.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    shift = output_padding
    for i, part in enumerate(stamps):
        floor[:, :, shift + i * dilation : shift + i * dilation + last + 1 : stride] += part
    y = floor[:, :, padding : floor.shape[2] - padding]
    return y if bias is None else y + bias[:, None]

# %% stamp wrong: padding added
# You add padding tiles at both ends. In the transposed layer they are cut off.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] += part
    y = F.pad(floor, (padding, padding))
    return y if bias is None else y + bias[:, None]

# %% stamp wrong: the bias in every stamp
# You add the bias to every stamp, so it counts several times where stamps overlap. It is added once for each tile.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows).flatten(2, 3)
    if bias is not None:
        stamps = stamps + bias[:, None]
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] += part
    y = floor[:, :, padding : floor.shape[2] - padding]
    return y

# %% stamp wrong: groups dealt out like cards
# You deal the channels out like cards. A group is a block of neighbours.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (-1, groups)).transpose(1, 2), weight.unflatten(0, (-1, groups)).transpose(0, 1)
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] += part
    y = floor[:, :, padding : floor.shape[2] - padding]
    return y if bias is None else y + bias[:, None]

# %% stamp wrong: groups and dilation swapped
# You take dilation before groups. In the transposed functions the order is output_padding, groups, dilation, unlike in F.conv1d.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= max(stride, dilation):
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] += part
    y = floor[:, :, padding : floor.shape[2] - padding]
    return y if bias is None else y + bias[:, None]

# %% stamp wrong: output_padding below the stride only
# You ask for output_padding < stride. Smaller than dilation is enough as well.
def own_conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """(N, C_in, L) -> (N, C_out, longer)."""
    if output_padding >= stride:
        raise ValueError("output_padding must be smaller than stride or dilation")
    (n, _, length), k = x.shape, weight.shape[2]
    blocks, rows = x.unflatten(1, (groups, -1)), weight.unflatten(0, (groups, -1))
    stamps = torch.einsum("ngct,gcok->kngot", blocks, rows).flatten(2, 3)
    last = (length - 1) * stride
    floor = x.new_zeros(n, stamps.shape[2], last + dilation * (k - 1) + 1 + output_padding)
    for i, part in enumerate(stamps):
        floor[:, :, i * dilation : i * dilation + last + 1 : stride] += part
    y = floor[:, :, padding : floor.shape[2] - padding]
    return y if bias is None else y + bias[:, None]

# %% sizes right: by walking, and by searching
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    if padding == "same":
        if stride != 1:
            raise ValueError("stride")
        return n
    if padding == "valid":
        padding = 0
    stops = len(range(-padding, n + padding - dilation * (kernel_size - 1), stride))
    if not stops:
        raise ValueError("no window")
    return stops


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    last = [t * stride for t in range(n)][-1] + [k * dilation for k in range(kernel_size)][-1]
    return last + 1 - padding - (padding - output_padding)


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    stops = conv_size(n, kernel_size, stride, padding, dilation)
    for extra in range(stride):
        if transposed_size(stops, kernel_size, stride, padding, extra, dilation) == n:
            return extra

# %% sizes right: with floats and floor
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    if isinstance(padding, str) and padding == "same":
        if stride > 1:
            raise ValueError("stride")
        return int(n)
    pad = 0 if isinstance(padding, str) else padding
    size = math.floor((n + 2 * pad - dilation * (kernel_size - 1) - 1) / stride + 1)
    if size <= 0:
        raise ValueError("no window")
    return size


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    return n * stride - stride - 2 * padding + dilation * kernel_size - dilation + output_padding + 1


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    return n - transposed_size(conv_size(n, kernel_size, stride, padding, dilation), kernel_size, stride, padding, 0, dilation)

# %% sizes oracle
def _run(layer, n):
    try:
        return layer.to("meta")(torch.empty(1, 1, n, device="meta")).shape[2]
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    return _run(nn.Conv1d(1, 1, kernel_size, stride, padding, dilation), n)


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    return _run(nn.ConvTranspose1d(1, 1, kernel_size, stride, padding, output_padding, dilation=dilation), n)


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    return n - transposed_size(conv_size(n, kernel_size, stride, padding, dilation), kernel_size, stride, padding, 0, dilation)

# %% sizes wrong: rounded up
# You round up. A window that does not fit completely is left out, so the size is rounded down.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        return n
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    if room < 0:
        raise ValueError("no window fits")
    return -(-room // stride) + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride

# %% sizes wrong: the familiar formula
# (n + 2 padding - kernel_size) / stride + 1 is the formula for dilation 1. The window spans dilation * (kernel_size - 1) + 1.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = kernel_size
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        return n
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    if room < 0:
        raise ValueError("no window fits")
    return room // stride + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride

# %% sizes wrong: cut off towards zero
# int(a / b) rounds towards zero: when the window is too long by less than a stride, it makes a size of 1 out of nothing. Check the room, or use a division that rounds down.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        return n
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    size = int(room / stride) + 1
    if size < 1:
        raise ValueError("no window fits")
    return size


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride

# %% sizes wrong: no error
# If no window fits, your function returns 0 or less. torch raises an error there, and a ValueError was asked for.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        return n
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    return room // stride + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride

# %% sizes wrong: same with a stride
# You let 'same' pass with a stride above 1 and return n / stride, as other libraries do. torch allows it for stride 1 alone: raise a ValueError.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        return -(-n // stride)
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    if room < 0:
        raise ValueError("no window fits")
    return room // stride + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride

# %% sizes wrong: same as half of the kernel
# For 'same' you compute with kernel_size // 2 on both sides. With an even kernel that is one tile too many; 'same' returns n for every kernel.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        padding = dilation * (kernel_size - 1) // 2 + (kernel_size % 2 == 0)
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    if room < 0:
        raise ValueError("no window fits")
    return room // stride + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride

# %% sizes wrong: the dilation lost on the way back
# On the way back you forget the dilation: each stamp spans dilation * (kernel_size - 1) + 1.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        return n
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    if room < 0:
        raise ValueError("no window fits")
    return room // stride + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + kernel_size - 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride

# %% sizes wrong: output_padding on both sides
# You count output_padding twice. It makes the output longer at one end only.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        return n
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    if room < 0:
        raise ValueError("no window fits")
    return room // stride + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + 2 * output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride

# %% sizes wrong: padding added
# On the way back you add the padding. What was added before a convolution is cut off after the transposed one.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        return n
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    if room < 0:
        raise ValueError("no window fits")
    return room // stride + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 + 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride

# %% sizes wrong: always stride minus one
# You always return stride - 1. That is right for one size only: what was lost on the way there is the remainder of the room.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        return n
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    if room < 0:
        raise ValueError("no window fits")
    return room // stride + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return stride - 1 if (n + 2 * padding - dilation * (kernel_size - 1) - 1) % stride else 0

# %% sizes wrong: the remainder of n
# You take the remainder of n itself. Take it of the room behind the first window: n + 2 padding minus the span.
def conv_size(n, kernel_size, stride=1, padding=0, dilation=1):
    """Size after a convolution: a whole number of at least 1."""
    reach = dilation * (kernel_size - 1) + 1
    if padding == "same":
        if stride != 1:
            raise ValueError("'same' needs stride 1")
        return n
    room = n + 2 * (0 if padding == "valid" else padding) - reach
    if room < 0:
        raise ValueError("no window fits")
    return room // stride + 1


def transposed_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Size after a transposed convolution."""
    return (n - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding


def recover(n, kernel_size, stride=1, padding=0, dilation=1):
    """The output_padding that leads back to size n."""
    return (n - 1) % stride

# %% conv2d_backward right: a transposed convolution, and a convolution with the roles swapped
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    s, p, d = [(v, v) if isinstance(v, int) else tuple(v) for v in (stride, padding, dilation)]
    rest = [(n + 2 * q - e * (k - 1) - 1) % t for n, q, e, k, t in zip(x.shape[2:], p, d, weight.shape[2:], s)]
    room = [(m - 1) * t + e * (k - 1) + 1 for m, t, e, k in zip(grad_y.shape[2:], s, d, weight.shape[2:])]
    floor = F.conv_transpose2d(grad_y, weight, stride=s, dilation=d)
    floor = F.pad(floor, (0, rest[1], 0, rest[0]))
    grad_x = floor[:, :, p[0] : p[0] + x.shape[2], p[1] : p[1] + x.shape[3]]
    seen = F.pad(x, (p[1], p[1], p[0], p[0]))[:, :, : room[0], : room[1]]
    grad_weight = F.conv2d(seen.transpose(0, 1), grad_y.transpose(0, 1), stride=d, dilation=s).transpose(0, 1)
    return grad_x, grad_weight, grad_y.sum(dim=(0, 2, 3))

# %% conv2d_backward right: entry by entry
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    two = lambda v: (v, v) if isinstance(v, int) else v
    (sh, sw), (ph, pw), (dh, dw) = two(stride), two(padding), two(dilation)
    wide = F.pad(x, (pw, pw, ph, ph))
    grad_wide, grad_weight = torch.zeros_like(wide), torch.zeros_like(weight)
    h, w = grad_y.shape[2:]
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            rows = slice(i * dh, i * dh + (h - 1) * sh + 1, sh)
            columns = slice(j * dw, j * dw + (w - 1) * sw + 1, sw)
            grad_weight[:, :, i, j] = torch.tensordot(grad_y, wide[:, :, rows, columns], dims=([0, 2, 3], [0, 2, 3]))
            grad_wide[:, :, rows, columns] += torch.einsum("nohw,oc->nchw", grad_y, weight[:, :, i, j])
    grad_x = grad_wide[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]]
    return grad_x, grad_weight, grad_y.sum((0, 2, 3))

# %% conv2d_backward oracle
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    grad_x = torch.nn.grad.conv2d_input(x.shape, weight, grad_y, **options)
    grad_weight = torch.nn.grad.conv2d_weight(x, weight.shape, grad_y, **options)
    return grad_x, grad_weight, grad_y.sum((0, 2, 3))

# %% conv2d_backward wrong: a transposed convolution without a rest
# Your grad_x comes from a transposed convolution without output_padding. Where the stride leaves a rest it is smaller than x.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.flatten(2)
    columns = F.unfold(x, **options)
    grad_weight = torch.einsum("not,nkt->ok", blame, columns).view_as(weight)
    grad_x = F.conv_transpose2d(grad_y, weight, None, stride, padding, dilation=dilation)
    return grad_x, grad_weight, blame.sum((0, 2))

# %% conv2d_backward wrong: the rest filled with zeros
# You fill the missing rows of grad_x with zeros. With padding, tiles there were seen by windows and have a gradient: use output_padding, or make the floor longer before you cut.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.flatten(2)
    columns = F.unfold(x, **options)
    grad_weight = torch.einsum("not,nkt->ok", blame, columns).view_as(weight)
    grad_x = F.conv_transpose2d(grad_y, weight, None, stride, padding, dilation=dilation)
    grad_x = F.pad(grad_x, (0, x.shape[3] - grad_x.shape[3], 0, x.shape[2] - grad_x.shape[2]))
    return grad_x, grad_weight, blame.sum((0, 2))

# %% conv2d_backward wrong: the rule turned round on the way back
# You turn the rule before you stamp it. A transposed convolution takes the weight as it is.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.flatten(2)
    columns = F.unfold(x, **options)
    grad_weight = torch.einsum("not,nkt->ok", blame, columns).view_as(weight)
    grad_x = F.fold(weight.flip(2, 3).flatten(1).T @ blame, x.shape[2:], **options)
    return grad_x, grad_weight, blame.sum((0, 2))

# %% conv2d_backward wrong: overlaps divided
# You divide grad_x by the number of windows that saw each tile. A tile that three windows saw has three shares of the blame.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.flatten(2)
    columns = F.unfold(x, **options)
    grad_weight = torch.einsum("not,nkt->ok", blame, columns).view_as(weight)
    grad_x = F.fold(weight.flatten(1).T @ blame, x.shape[2:], **options) / F.fold(F.unfold(torch.ones_like(x), **options), x.shape[2:], **options).clamp(min=1)
    return grad_x, grad_weight, blame.sum((0, 2))

# %% conv2d_backward wrong: the mean over the batch
# You take the mean over the pictures. There is one rule, and every picture has its say: the gradient is a sum.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.flatten(2)
    columns = F.unfold(x, **options)
    grad_weight = torch.einsum("not,nkt->ok", blame, columns).view_as(weight) / len(x)
    grad_x = F.fold(weight.flatten(1).T @ blame, x.shape[2:], **options)
    return grad_x, grad_weight, blame.sum((0, 2))

# %% conv2d_backward wrong: a view of the gradient
# You draw new lines over grad_y with view, which raises an error if it lies turned in memory, as gradients may. Use flatten or reshape.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.view(*grad_y.shape[:2], -1)
    columns = F.unfold(x, **options)
    grad_weight = torch.einsum("not,nkt->ok", blame, columns).view_as(weight)
    grad_x = F.fold(weight.flatten(1).T @ blame, x.shape[2:], **options)
    return grad_x, grad_weight, blame.sum((0, 2))

# %% conv2d_backward wrong: the first picture only
# Only the first picture counts for your grad_weight. Sum over the batch.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.flatten(2)
    columns = F.unfold(x, **options)
    grad_weight = torch.einsum("not,nkt->ok", blame[:1], columns[:1]).view_as(weight)
    grad_x = F.fold(weight.flatten(1).T @ blame, x.shape[2:], **options)
    return grad_x, grad_weight, blame.sum((0, 2))

# %% conv2d_backward wrong: roles swapped, strides not
# You slide grad_y over x as a rule, with the layer's own stride and dilation. When the roles are swapped these two swap as well.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.flatten(2)
    grad_weight = F.conv2d(x.transpose(0, 1), grad_y.transpose(0, 1), None, stride, padding, dilation).transpose(0, 1)
    grad_x = F.fold(weight.flatten(1).T @ blame, x.shape[2:], **options)
    return grad_x, grad_weight, blame.sum((0, 2))

# %% conv2d_backward wrong: the columns read as window first
# You read the columns as (window, channel). F.unfold runs through the channels first.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.flatten(2)
    columns = F.unfold(x, **options)
    grad_weight = torch.einsum("not,nkt->ok", blame, columns).reshape(len(weight), *weight.shape[2:], -1).movedim(3, 1).contiguous()
    grad_x = F.fold(weight.flatten(1).T @ blame, x.shape[2:], **options)
    return grad_x, grad_weight, blame.sum((0, 2))

# %% conv2d_backward wrong: bias and batch mixed up
# Your bias gradient sums over the wrong axes: one number remains for each output channel, summed over pictures and stops.
def conv2d_backward(grad_y, x, weight, stride=1, padding=0, dilation=1):
    """Return (grad_x, grad_weight, grad_bias)."""
    options = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding, "dilation": dilation}
    blame = grad_y.flatten(2)
    columns = F.unfold(x, **options)
    grad_weight = torch.einsum("not,nkt->ok", blame, columns).view_as(weight)
    grad_x = F.fold(weight.flatten(1).T @ blame, x.shape[2:], **options)
    return grad_x, grad_weight, blame.sum((1, 2))

# %% overlap right: by a table of tiles and index_add
def places(output_size, kernel_size, dilation, padding, stride):
    two = lambda v: (v, v) if isinstance(v, int) else tuple(v)
    axes = []
    for n, k, d, p, s in zip(output_size, two(kernel_size), two(dilation), two(padding), two(stride)):
        stops = torch.arange((n + 2 * p - d * (k - 1) - 1) // s + 1)
        axes.append(torch.arange(k)[:, None] * d + stops[None] * s - p)
    h, w = output_size
    rows, columns = axes[0][:, None, :, None], axes[1][None, :, None, :]
    inside = (rows >= 0) & (rows < h) & (columns >= 0) & (columns < w)
    return torch.where(inside, rows * w + columns, h * w)


def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    at = places(output_size, kernel_size, dilation, padding, stride)
    window, stops = at.shape[0] * at.shape[1], at.shape[2] * at.shape[3]
    if columns.shape[2] != stops:
        raise ValueError("columns")
    n, c = columns.shape[0], columns.shape[1] // window
    flat = columns.reshape(n, c, -1)
    floor = flat.new_zeros(n, c, output_size[0] * output_size[1] + 1)
    floor = floor.index_add(2, at.flatten(), flat)
    return floor[..., :-1].unflatten(2, tuple(output_size))


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    at = places(output_size, kernel_size, dilation, padding, stride)
    count = torch.bincount(at.flatten(), minlength=output_size[0] * output_size[1] + 1)
    return count[:-1].view(*output_size)


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    total = own_fold(columns, output_size, kernel_size, dilation, padding, stride)
    count = coverage(output_size, kernel_size, dilation, padding, stride)
    return torch.where(count > 0, total / count.clamp(min=1), torch.zeros_like(total))

# %% overlap right: window by window, and coverage from two axes
def _two(v):
    return (v, v) if isinstance(v, int) else tuple(v)


def _starts(n, k, d, p, s):
    return range(0, n + 2 * p - d * (k - 1), s)


def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    h, w = output_size
    k, d, p, s = _two(kernel_size), _two(dilation), _two(padding), _two(stride)
    starts = [(a, b) for a in _starts(h, k[0], d[0], p[0], s[0]) for b in _starts(w, k[1], d[1], p[1], s[1])]
    if len(starts) != columns.size(2):
        raise ValueError("wrong number of windows")
    floor = columns.new_zeros(columns.size(0), columns.size(1) // (k[0] * k[1]), h + 2 * p[0], w + 2 * p[1])
    for t, (a, b) in enumerate(starts):
        window = columns[:, :, t].reshape(columns.size(0), -1, *k)
        floor[:, :, a : a + d[0] * (k[0] - 1) + 1 : d[0], b : b + d[1] * (k[1] - 1) + 1 : d[1]] += window
    return floor[:, :, p[0] : p[0] + h, p[1] : p[1] + w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    counts = []
    for n, k, d, p, s in zip(output_size, _two(kernel_size), _two(dilation), _two(padding), _two(stride)):
        count = [0] * n
        for start in _starts(n, k, d, p, s):
            for i in range(k):
                tile = start + i * d - p
                if 0 <= tile < n:
                    count[tile] += 1
        counts.append(torch.tensor(count))
    return torch.outer(*counts)


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    options = kernel_size, dilation, padding, stride
    count = coverage(output_size, *options)
    count[count == 0] = 1
    return own_fold(columns, output_size, *options) / count

# %% overlap oracle
def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    try:
        return F.fold(columns, output_size, kernel_size, dilation, padding, stride)
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    ones = F.unfold(torch.ones(1, 1, *output_size), kernel_size, dilation, padding, stride)
    return F.fold(torch.ones_like(ones), output_size, kernel_size, dilation, padding, stride)[0, 0].long()


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    options = output_size, kernel_size, dilation, padding, stride
    return F.fold(columns, *options) / F.fold(torch.ones_like(columns), *options).clamp(min=1)

# %% overlap equivalent: floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 3 * pw)
# The floor is larger than needed; what is too much is cut off.

# %% overlap equivalent: floor = columns.new_zeros(len(columns), parts.shape[1], h + 3 * ph, w + 2 * pw)
# The floor is larger than needed; what is too much is cut off.

# %% overlap equivalent: ones = torch.ones(1, 2, *output_size)
# Every channel has the same count, and the first is taken.

# %% overlap equivalent: ones = torch.ones(2, 1, *output_size)
# Every picture has the same count, and the first is taken.

# %% overlap wrong: the last window wins
# You lay the windows over each other. Entries on the same tile add up.
def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), overlaps added up."""
    arguments = output_size, kernel_size, dilation, padding, stride
    (h, w), (kh, kw), (dh, dw), (ph, pw), (sh, sw) = [(v, v) if isinstance(v, int) else v for v in arguments]
    rows, across = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    if columns.shape[2] != rows * across:
        raise ValueError(f"{columns.shape[2]} columns for {rows} by {across} windows")
    parts = columns.reshape(len(columns), -1, kh, kw, rows, across)
    floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 2 * pw)
    for i in range(kh):
        for j in range(kw):
            down = slice(i * dh, i * dh + (rows - 1) * sh + 1, sh)
            right = slice(j * dw, j * dw + (across - 1) * sw + 1, sw)
            floor[:, :, down, right] = parts[:, :, i, j]
    return floor[:, :, ph : ph + h, pw : pw + w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(H, W) of int64: how many windows see each tile."""
    ones = torch.ones(1, 1, *output_size)
    columns = torch.ones_like(F.unfold(ones, kernel_size, dilation, padding, stride))
    return own_fold(columns, output_size, kernel_size, dilation, padding, stride)[0, 0].long()


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), the mean of what lies on a tile."""
    options = output_size, kernel_size, dilation, padding, stride
    return own_fold(columns, *options) / coverage(*options).clamp(min=1)

# %% overlap wrong: window first, channels last
# You read a column as (window, channel). It runs through the channels first.
def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), overlaps added up."""
    arguments = output_size, kernel_size, dilation, padding, stride
    (h, w), (kh, kw), (dh, dw), (ph, pw), (sh, sw) = [(v, v) if isinstance(v, int) else v for v in arguments]
    rows, across = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    if columns.shape[2] != rows * across:
        raise ValueError(f"{columns.shape[2]} columns for {rows} by {across} windows")
    parts = columns.reshape(len(columns), kh, kw, -1, rows, across).movedim(3, 1)
    floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 2 * pw)
    for i in range(kh):
        for j in range(kw):
            down = slice(i * dh, i * dh + (rows - 1) * sh + 1, sh)
            right = slice(j * dw, j * dw + (across - 1) * sw + 1, sw)
            floor[:, :, down, right] += parts[:, :, i, j]
    return floor[:, :, ph : ph + h, pw : pw + w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(H, W) of int64: how many windows see each tile."""
    ones = torch.ones(1, 1, *output_size)
    columns = torch.ones_like(F.unfold(ones, kernel_size, dilation, padding, stride))
    return own_fold(columns, output_size, kernel_size, dilation, padding, stride)[0, 0].long()


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), the mean of what lies on a tile."""
    options = output_size, kernel_size, dilation, padding, stride
    return own_fold(columns, *options) / coverage(*options).clamp(min=1)

# %% overlap wrong: windows column by column
# You take the windows from left to right and then down as if they ran down first. They stand in rows from top to bottom.
def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), overlaps added up."""
    arguments = output_size, kernel_size, dilation, padding, stride
    (h, w), (kh, kw), (dh, dw), (ph, pw), (sh, sw) = [(v, v) if isinstance(v, int) else v for v in arguments]
    rows, across = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    if columns.shape[2] != rows * across:
        raise ValueError(f"{columns.shape[2]} columns for {rows} by {across} windows")
    parts = columns.reshape(len(columns), -1, kh, kw, across, rows).mT
    floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 2 * pw)
    for i in range(kh):
        for j in range(kw):
            down = slice(i * dh, i * dh + (rows - 1) * sh + 1, sh)
            right = slice(j * dw, j * dw + (across - 1) * sw + 1, sw)
            floor[:, :, down, right] += parts[:, :, i, j]
    return floor[:, :, ph : ph + h, pw : pw + w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(H, W) of int64: how many windows see each tile."""
    ones = torch.ones(1, 1, *output_size)
    columns = torch.ones_like(F.unfold(ones, kernel_size, dilation, padding, stride))
    return own_fold(columns, output_size, kernel_size, dilation, padding, stride)[0, 0].long()


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), the mean of what lies on a tile."""
    options = output_size, kernel_size, dilation, padding, stride
    return own_fold(columns, *options) / coverage(*options).clamp(min=1)

# %% overlap wrong: the cut at the wrong corner
# You cut the border off below and to the right only. It lies on all four sides.
def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), overlaps added up."""
    arguments = output_size, kernel_size, dilation, padding, stride
    (h, w), (kh, kw), (dh, dw), (ph, pw), (sh, sw) = [(v, v) if isinstance(v, int) else v for v in arguments]
    rows, across = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    if columns.shape[2] != rows * across:
        raise ValueError(f"{columns.shape[2]} columns for {rows} by {across} windows")
    parts = columns.reshape(len(columns), -1, kh, kw, rows, across)
    floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 2 * pw)
    for i in range(kh):
        for j in range(kw):
            down = slice(i * dh, i * dh + (rows - 1) * sh + 1, sh)
            right = slice(j * dw, j * dw + (across - 1) * sw + 1, sw)
            floor[:, :, down, right] += parts[:, :, i, j]
    return floor[:, :, :h, :w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(H, W) of int64: how many windows see each tile."""
    ones = torch.ones(1, 1, *output_size)
    columns = torch.ones_like(F.unfold(ones, kernel_size, dilation, padding, stride))
    return own_fold(columns, output_size, kernel_size, dilation, padding, stride)[0, 0].long()


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), the mean of what lies on a tile."""
    options = output_size, kernel_size, dilation, padding, stride
    return own_fold(columns, *options) / coverage(*options).clamp(min=1)

# %% overlap wrong: stride and dilation swapped
# You swapped stride and dilation: windows begin stride apart, entries of one window lie dilation apart. nn.Fold takes dilation before padding and stride.
def own_fold(columns, output_size, kernel_size, stride=1, padding=0, dilation=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), overlaps added up."""
    arguments = output_size, kernel_size, dilation, padding, stride
    (h, w), (kh, kw), (dh, dw), (ph, pw), (sh, sw) = [(v, v) if isinstance(v, int) else v for v in arguments]
    rows, across = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    if columns.shape[2] != rows * across:
        raise ValueError(f"{columns.shape[2]} columns for {rows} by {across} windows")
    parts = columns.reshape(len(columns), -1, kh, kw, rows, across)
    floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 2 * pw)
    for i in range(kh):
        for j in range(kw):
            down = slice(i * dh, i * dh + (rows - 1) * sh + 1, sh)
            right = slice(j * dw, j * dw + (across - 1) * sw + 1, sw)
            floor[:, :, down, right] += parts[:, :, i, j]
    return floor[:, :, ph : ph + h, pw : pw + w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(H, W) of int64: how many windows see each tile."""
    ones = torch.ones(1, 1, *output_size)
    columns = torch.ones_like(F.unfold(ones, kernel_size, dilation, padding, stride))
    return own_fold(columns, output_size, kernel_size, dilation, padding, stride)[0, 0].long()


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), the mean of what lies on a tile."""
    options = output_size, kernel_size, dilation, padding, stride
    return own_fold(columns, *options) / coverage(*options).clamp(min=1)

# %% overlap wrong: no error
# If the number of columns does not fit, your function fails with another error. A ValueError was asked for.
def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), overlaps added up."""
    arguments = output_size, kernel_size, dilation, padding, stride
    (h, w), (kh, kw), (dh, dw), (ph, pw), (sh, sw) = [(v, v) if isinstance(v, int) else v for v in arguments]
    rows, across = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    parts = columns.reshape(len(columns), -1, kh, kw, rows, across)
    floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 2 * pw)
    for i in range(kh):
        for j in range(kw):
            down = slice(i * dh, i * dh + (rows - 1) * sh + 1, sh)
            right = slice(j * dw, j * dw + (across - 1) * sw + 1, sw)
            floor[:, :, down, right] += parts[:, :, i, j]
    return floor[:, :, ph : ph + h, pw : pw + w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(H, W) of int64: how many windows see each tile."""
    ones = torch.ones(1, 1, *output_size)
    columns = torch.ones_like(F.unfold(ones, kernel_size, dilation, padding, stride))
    return own_fold(columns, output_size, kernel_size, dilation, padding, stride)[0, 0].long()


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), the mean of what lies on a tile."""
    options = output_size, kernel_size, dilation, padding, stride
    return own_fold(columns, *options) / coverage(*options).clamp(min=1)

# %% overlap wrong: nan where nobody was
# Where no window lies you divide 0 by 0. The result there is 0: divide by 1.
def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), overlaps added up."""
    arguments = output_size, kernel_size, dilation, padding, stride
    (h, w), (kh, kw), (dh, dw), (ph, pw), (sh, sw) = [(v, v) if isinstance(v, int) else v for v in arguments]
    rows, across = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    if columns.shape[2] != rows * across:
        raise ValueError(f"{columns.shape[2]} columns for {rows} by {across} windows")
    parts = columns.reshape(len(columns), -1, kh, kw, rows, across)
    floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 2 * pw)
    for i in range(kh):
        for j in range(kw):
            down = slice(i * dh, i * dh + (rows - 1) * sh + 1, sh)
            right = slice(j * dw, j * dw + (across - 1) * sw + 1, sw)
            floor[:, :, down, right] += parts[:, :, i, j]
    return floor[:, :, ph : ph + h, pw : pw + w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(H, W) of int64: how many windows see each tile."""
    ones = torch.ones(1, 1, *output_size)
    columns = torch.ones_like(F.unfold(ones, kernel_size, dilation, padding, stride))
    return own_fold(columns, output_size, kernel_size, dilation, padding, stride)[0, 0].long()


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), the mean of what lies on a tile."""
    options = output_size, kernel_size, dilation, padding, stride
    return own_fold(columns, *options) / coverage(*options)

# %% overlap wrong: one too many
# You divide by the count plus one, against a division by zero. That makes every mean too small; only a count of 0 needs help.
def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), overlaps added up."""
    arguments = output_size, kernel_size, dilation, padding, stride
    (h, w), (kh, kw), (dh, dw), (ph, pw), (sh, sw) = [(v, v) if isinstance(v, int) else v for v in arguments]
    rows, across = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    if columns.shape[2] != rows * across:
        raise ValueError(f"{columns.shape[2]} columns for {rows} by {across} windows")
    parts = columns.reshape(len(columns), -1, kh, kw, rows, across)
    floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 2 * pw)
    for i in range(kh):
        for j in range(kw):
            down = slice(i * dh, i * dh + (rows - 1) * sh + 1, sh)
            right = slice(j * dw, j * dw + (across - 1) * sw + 1, sw)
            floor[:, :, down, right] += parts[:, :, i, j]
    return floor[:, :, ph : ph + h, pw : pw + w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(H, W) of int64: how many windows see each tile."""
    ones = torch.ones(1, 1, *output_size)
    columns = torch.ones_like(F.unfold(ones, kernel_size, dilation, padding, stride))
    return own_fold(columns, output_size, kernel_size, dilation, padding, stride)[0, 0].long()


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), the mean of what lies on a tile."""
    options = output_size, kernel_size, dilation, padding, stride
    return own_fold(columns, *options) / coverage(*options).add(1)

# %% overlap wrong: a coverage of floats
# Your coverage is a tensor of floats. How many is a whole number: int64.
def own_fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), overlaps added up."""
    arguments = output_size, kernel_size, dilation, padding, stride
    (h, w), (kh, kw), (dh, dw), (ph, pw), (sh, sw) = [(v, v) if isinstance(v, int) else v for v in arguments]
    rows, across = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    if columns.shape[2] != rows * across:
        raise ValueError(f"{columns.shape[2]} columns for {rows} by {across} windows")
    parts = columns.reshape(len(columns), -1, kh, kw, rows, across)
    floor = columns.new_zeros(len(columns), parts.shape[1], h + 2 * ph, w + 2 * pw)
    for i in range(kh):
        for j in range(kw):
            down = slice(i * dh, i * dh + (rows - 1) * sh + 1, sh)
            right = slice(j * dw, j * dw + (across - 1) * sw + 1, sw)
            floor[:, :, down, right] += parts[:, :, i, j]
    return floor[:, :, ph : ph + h, pw : pw + w]


def coverage(output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(H, W) of int64: how many windows see each tile."""
    ones = torch.ones(1, 1, *output_size)
    columns = torch.ones_like(F.unfold(ones, kernel_size, dilation, padding, stride))
    return own_fold(columns, output_size, kernel_size, dilation, padding, stride)[0, 0]


def blend(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """(N, C * KH * KW, T) -> (N, C, H, W), the mean of what lies on a tile."""
    options = output_size, kernel_size, dilation, padding, stride
    return own_fold(columns, *options) / coverage(*options).clamp(min=1)

# %% sensor_net right: permute, and the words same and valid
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        self.first = nn.Conv1d(features, hidden, kernel_size, padding="same")
        self.second = nn.Conv1d(hidden, hidden, kernel_size, padding="same", dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = self.first(readings.permute(0, 2, 1)).relu()
        h = torch.relu(h + self.norm(self.second(h)))
        weight = self.out.weight[:, :, None]
        return F.conv1d(h, weight, self.out.bias).permute(0, 2, 1)

# %% sensor_net right: padded by hand
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        self.half, self.reach = (kernel_size - 1) // 2, dilation * (kernel_size - 1) // 2
        self.first = nn.Conv1d(features, hidden, kernel_size)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        x = F.pad(readings.mT, (self.half, self.half))
        h = F.relu(self.first(x))
        z = self.norm(self.second(F.pad(h, (self.reach, self.reach))))
        return self.out(F.relu(h + z).mT)

# %% sensor_net oracle
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        p = kernel_size // 2
        self.first = nn.Conv1d(features, hidden, kernel_size, 1, p)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, 1, dilation * p, dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = F.relu(self.first(torch.einsum("ntf->nft", readings)))
        h = F.relu(h + self.norm(self.second(h)))
        return self.out(torch.einsum("nht->nth", h))

# %% sensor_net faulty start
# Four things are wrong: reshape mixes time and sensors, the padding of the second layer forgets the dilation (and the sum is cut to fit), the ReLU behind the first layer is missing, and the second layer's bias is dead weight in front of a normalisation.

# %% sensor_net wrong: still regrouped
# You still regroup the readings with reshape or view, so time and sensors are mixed. Turn the axes with transpose(1, 2).
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        half = kernel_size // 2
        self.first = nn.Conv1d(features, hidden, kernel_size, padding=half)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, padding=dilation * half, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = F.relu(self.first(readings.reshape(len(readings), -1, readings.shape[1])))
        h = F.relu(h + self.norm(self.second(h)))
        return self.out(h.transpose(1, 2))

# %% sensor_net wrong: turned only if it does not fit
# You turn the axes only when the shapes do not fit. With as many steps as sensors nothing is turned, and the net looks along the wrong axis.
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        half = kernel_size // 2
        self.first = nn.Conv1d(features, hidden, kernel_size, padding=half)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, padding=dilation * half, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = F.relu(self.first((readings if readings.shape[1] == self.first.in_channels else readings.transpose(1, 2))))
        h = F.relu(h + self.norm(self.second(h)))
        return self.out(h.transpose(1, 2))

# %% sensor_net wrong: no bend behind the first layer
# The ReLU behind the first convolution is missing. Without it the two convolutions are one.
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        half = kernel_size // 2
        self.first = nn.Conv1d(features, hidden, kernel_size, padding=half)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, padding=dilation * half, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = self.first(readings.transpose(1, 2))
        h = F.relu(h + self.norm(self.second(h)))
        return self.out(h.transpose(1, 2))

# %% sensor_net wrong: all the padding in front
# You pad the second layer in front only. As many zeros stand on each side.
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        half = kernel_size // 2
        self.first = nn.Conv1d(features, hidden, kernel_size, padding=half)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, padding=dilation * half, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = F.relu(self.first(readings.transpose(1, 2)))
        h = F.relu(h + self.norm(self.second(F.pad(h, (self.second.padding[0], 0)))[:, :, : h.shape[2]]))
        return self.out(h.transpose(1, 2))

# %% sensor_net wrong: the bias in front of the normalisation
# The second convolution still has a bias. The normalisation right behind it subtracts it again: bias=False.
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        half = kernel_size // 2
        self.first = nn.Conv1d(features, hidden, kernel_size, padding=half)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, padding=dilation * half, dilation=dilation)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = F.relu(self.first(readings.transpose(1, 2)))
        h = F.relu(h + self.norm(self.second(h)))
        return self.out(h.transpose(1, 2))

# %% sensor_net wrong: the bend before the sum
# You apply the last ReLU before the sum. It stands over the sum.
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        half = kernel_size // 2
        self.first = nn.Conv1d(features, hidden, kernel_size, padding=half)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, padding=dilation * half, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = F.relu(self.first(readings.transpose(1, 2)))
        h = h + F.relu(self.norm(self.second(h)))
        return self.out(h.transpose(1, 2))

# %% sensor_net wrong: no residual sum
# The sum with the result of step 1 is missing.
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        half = kernel_size // 2
        self.first = nn.Conv1d(features, hidden, kernel_size, padding=half)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, padding=dilation * half, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = F.relu(self.first(readings.transpose(1, 2)))
        h = F.relu(self.norm(self.second(h)))
        return self.out(h.transpose(1, 2))

# %% sensor_net wrong: the scores regrouped
# You bring the time back with reshape. That mixes steps and hidden channels: transpose(1, 2).
class SensorNet(nn.Module):
    def __init__(self, features, hidden, classes, kernel_size=5, dilation=2):
        super().__init__()
        half = kernel_size // 2
        self.first = nn.Conv1d(features, hidden, kernel_size, padding=half)
        self.second = nn.Conv1d(hidden, hidden, kernel_size, padding=dilation * half, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, readings):
        h = F.relu(self.first(readings.transpose(1, 2)))
        h = F.relu(h + self.norm(self.second(h)))
        return self.out(h.reshape(len(h), -1, h.shape[1]))

# %% conv_net right: residual blocks and dropout
class Block(nn.Module):
    def __init__(self, width, window):
        super().__init__()
        self.look = nn.Conv2d(width, width, window, padding="same", bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return x + F.silu(self.norm(self.look(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.GELU(), Block(8, 3), Block(8, 5), nn.Dropout2d(0.1))
        self.head = nn.Conv2d(8, 4, 4, stride=4)
        self.out = nn.Linear(16, 4)

    def forward(self, pictures):
        return self.out(self.head(self.features(pictures)).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(40):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    net.eval()
    return net

# %% conv_net right: two window sizes side by side
class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.small, self.large = nn.Conv2d(1, 6, 3, padding=1), nn.Conv2d(1, 6, 5, padding=2)
        self.mix = nn.Conv2d(12, 8, 1)

    def forward(self, x):
        return self.mix(torch.cat([self.small(x), self.large(x)], 1).abs())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = Both()
        self.out = nn.Linear(8 * 4, 4)

    def forward(self, pictures):
        return self.out(F.adaptive_max_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(60):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% conv_net oracle
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding="same", padding_mode="replicate"),
            nn.ReLU(),
        )
        self.head = nn.Linear(128, 4)

    def forward(self, pictures):
        return self.head(F.avg_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(40):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()

# %% conv_net equivalent: nn.Conv2d(1, 8, 5, padding=2, bias=True),
# One more bias in front of the normalisation is superfluous, and allowed.

# %% conv_net equivalent: optimiser = torch.optim.RMSprop(net.parameters(), lr=1.01)
# The learning rate is free; RMSprop and the normalisation stand even this one.

# %% conv_net equivalent: for _ in range(31):
# One step more is allowed.

# %% conv_net wrong: no bend
# Your features have no bend, so two convolutions are one and a bright and a dark patch cancel. Put an activation behind each.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2, bias=False),
            nn.BatchNorm2d(8),
            nn.Conv2d(8, 8, 3, padding=1),
        )
        self.head = nn.Linear(128, 4)

    def forward(self, pictures):
        return self.head(F.avg_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()

# %% conv_net wrong: the bend comes too late
# Between your two windows stands no bend, only behind both: the two layers are one with a larger window. Put an activation between them.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2, bias=False),
            nn.BatchNorm2d(8),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(128, 4)

    def forward(self, pictures):
        return self.head(F.avg_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()

# %% conv_net wrong: left in training mode
# You return the net in training mode. Batch normalisation then uses the batch it is given: a picture's maps depend on all pixels and on the other pictures. Return net.eval().
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(128, 4)

    def forward(self, pictures):
        return self.head(F.avg_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% conv_net wrong: one size of window
# Both convolutions have the same window. Two different sizes were asked for.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(128, 4)

    def forward(self, pictures):
        return self.head(F.avg_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()

# %% conv_net wrong: a second size of one pixel
# Your second size is 1×1. That is a table for each place, and does not look at neighbours; it does not count.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 1),
            nn.ReLU(),
        )
        self.head = nn.Linear(128, 4)

    def forward(self, pictures):
        return self.head(F.avg_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()

# %% conv_net wrong: a map that knows its place
# You hand the coordinates of each place to the features. Then they do not look at every place alike: moved pictures give other maps.
class Placed(nn.Sequential):
    def forward(self, x):
        return super().forward(x + 0.1 * torch.arange(x.shape[3], dtype=x.dtype))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = Placed(
            nn.Conv2d(1, 8, 5, padding=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(128, 4)

    def forward(self, pictures):
        return self.head(F.avg_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()

# %% conv_net wrong: normalised over the whole map
# A normalisation over the whole map stands in your features. It looks at all pixels at once, so a place depends on pixels far away.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2, bias=False),
            nn.GroupNorm(2, 8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(128, 4)

    def forward(self, pictures):
        return self.head(F.avg_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()

# %% conv_net wrong: the maps shrink
# Without padding your maps are smaller than the picture. Pad each window so that height and width stay.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3),
            nn.ReLU(),
        )
        self.head = nn.Linear(72, 4)

    def forward(self, pictures):
        return self.head(F.avg_pool2d(self.features(pictures), 2).flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()

# %% conv_net wrong: features that nobody uses
# Your net has features and does not use them: the scores come from the pixels. Their parameters get no gradient.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
        )
        self.table = nn.Sequential(nn.Linear(64, 28), nn.ReLU(), nn.Linear(28, 4))

    def forward(self, pictures):
        return self.table(pictures.flatten(1))


def train_net(x, y):
    net = Net()
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()
