# Right and wrong answers to the exercises of `initialization`. The comment below a wrong one is what a student is told.

# %% loudness right: by the norm
def loudness(x, weights, bend):
    layers = [x.detach()]
    for weight in weights:
        layers.append(bend(F.linear(layers[-1], weight)).detach())
    return [float(torch.linalg.vector_norm(h.to(torch.float64)) / h.numel() ** 0.5) for h in layers]


def choose(x, candidates, bend, low=0.1, high=10.0):
    ends = {}
    for name, weights in candidates.items():
        v = np.array(loudness(x, weights, bend))
        v = v / v[0]
        if v.min() >= low and v.max() <= high:
            ends[name] = max(v[-1], 1 / v[-1])
    return min(ends, key=ends.get) if ends else None

# %% loudness right: one row after the other
def loudness(x, weights, bend):
    total = [0.0] * (len(weights) + 1)
    count = [0] * (len(weights) + 1)
    for row in x:
        h = row.clone()
        for step in range(len(weights) + 1):
            numbers = h.detach().numpy().astype(np.float64)
            total[step] += float((numbers * numbers).sum())
            count[step] += numbers.size
            if step < len(weights):
                h = bend(weights[step] @ h)
    return [math.sqrt(t / c) for t, c in zip(total, count)]


def choose(x, candidates, bend, low=0.1, high=10.0):
    allowed = []
    for name in candidates:
        volumes = loudness(x, candidates[name], bend)
        inside = [low * volumes[0] <= v <= high * volumes[0] for v in volumes[1:]]
        if sum(inside) == len(inside):
            allowed.append((math.log(volumes[-1] / volumes[0]) ** 2, name))
    return sorted(allowed)[0][1] if allowed else None

# %% loudness oracle
def loudness(x, weights, bend):
    with torch.no_grad():
        volumes = [math.sqrt(sum(float(v) ** 2 for v in x.flatten()) / x.numel())]
        for weight in weights:
            x = bend(torch.matmul(x, weight.transpose(0, 1)))
            volumes.append(math.sqrt(sum(v * v for v in x.double().flatten().tolist()) / x.numel()))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    found = {name: loudness(x, weights, bend) for name, weights in candidates.items()}
    good = [n for n, v in found.items() if all(low * v[0] <= u <= high * v[0] for u in v[1:])]
    return min(good, key=lambda n: abs(math.log(found[n][-1]) - math.log(found[n][0])), default=None)

# %% loudness equivalent: if all(low < factor <= high for factor in factors):
# A loudness that lies exactly on a limit does not occur.

# %% loudness equivalent: if all(low <= factor < high for factor in factors):
# The same for the other limit.

# %% loudness wrong: the standard deviation
# Your loudness is the standard deviation: it takes the mean away first. Behind a ReLU the mean is not 0, and the next layer hears all of it.
def loudness(x, weights, bend):
    def volume(h):
        return h.double().std(unbiased=False).item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if all(low <= factor <= high for factor in factors):
            distance = abs(math.log(factors[-1]))
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: squared in float32
# You square in float32. The square of 1e25 does not fit and becomes infinite, that of 1e-30 becomes 0: go to float64 first.
def loudness(x, weights, bend):
    def volume(h):
        return h.square().mean().sqrt().item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if all(low <= factor <= high for factor in factors):
            distance = abs(math.log(factors[-1]))
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: the layers in float64
# You turn the signal and the tables into float64. A bend with float32 parameters cannot take them: only what is squared has to be float64.
def loudness(x, weights, bend):
    def volume(h):
        return h.square().mean().sqrt().item()

    with torch.no_grad():
        x = x.double()
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.double().T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if all(low <= factor <= high for factor in factors):
            distance = abs(math.log(factors[-1]))
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: the bend in front of the table
# The bend comes before the weights in your layers. It stands behind them: h = bend(h @ W.T).
def loudness(x, weights, bend):
    def volume(h):
        return h.double().square().mean().sqrt().item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x) @ weight.T
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if all(low <= factor <= high for factor in factors):
            distance = abs(math.log(factors[-1]))
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: squares written over the input
# You square in place. For float64 numbers h.double() is h itself and no copy, so what was handed in is overwritten.
def loudness(x, weights, bend):
    def volume(h):
        return h.double().square_().mean().sqrt().item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if all(low <= factor <= high for factor in factors):
            distance = abs(math.log(factors[-1]))
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: limits for the last layer only
# Only the last layer is compared with the limits. A start that shouts in the middle and ends right is not allowed.
def loudness(x, weights, bend):
    def volume(h):
        return h.double().square().mean().sqrt().item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if low <= factors[-1] <= high:
            distance = abs(math.log(factors[-1]))
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: limits not relative
# The limits are compared with the loudness itself. They are meant as multiples of the loudness of x.
def loudness(x, weights, bend):
    def volume(h):
        return h.double().square().mean().sqrt().item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume for volume in rest]
        if all(low <= factor <= high for factor in factors):
            distance = abs(math.log(factors[-1] / first))
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: nearest by difference
# You take the smallest difference. Counted in factors, 0.25 is farther from 1 than 3 is, though the difference is smaller.
def loudness(x, weights, bend):
    def volume(h):
        return h.double().square().mean().sqrt().item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if all(low <= factor <= high for factor in factors):
            distance = abs(factors[-1] - 1)
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: nan gets through
# You ask whether a loudness lies outside. nan is neither below a limit nor above one, so it passes: ask whether it lies between.
def loudness(x, weights, bend):
    def volume(h):
        return h.double().square().mean().sqrt().item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if not any(factor < low or factor > high for factor in factors):
            distance = abs(math.log(factors[-1]))
            if best is None or distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: high and low are fixed
# The arguments low and high are not used: your limits are always 0.1 and 10.
def loudness(x, weights, bend):
    def volume(h):
        return h.double().square().mean().sqrt().item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if all(0.1 <= factor <= 10.0 for factor in factors):
            distance = abs(math.log(factors[-1]))
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% loudness wrong: the first layer is not asked
# The loudness behind the first layer is not compared with the limits. A start that whispers there is not allowed, however it ends.
def loudness(x, weights, bend):
    def volume(h):
        return h.double().square().mean().sqrt().item()

    with torch.no_grad():
        volumes = [volume(x)]
        for weight in weights:
            x = bend(x @ weight.T)
            volumes.append(volume(x))
    return volumes


def choose(x, candidates, bend, low=0.1, high=10.0):
    best, nearest = None, math.inf
    for name, weights in candidates.items():
        first, *rest = loudness(x, weights, bend)
        factors = [volume / first for volume in rest]
        if all(low <= factor <= high for factor in factors[1:]):
            distance = abs(math.log(factors[-1]))
            if distance < nearest:
                best, nearest = name, distance
    return best

# %% own_gains right: differences for slopes, a trapezoid rule
def gains(bend):
    z = torch.linspace(-10, 10, 50_001, dtype=torch.float64)
    step = 20 / 50_000
    density = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    with torch.no_grad():
        y = bend(z)
        slope = (bend(z + 1e-6) - bend(z - 1e-6)) / 2e-6
    forward = torch.trapezoid(y**2 * density, dx=step)
    backward = torch.trapezoid(slope**2 * density, dx=step)
    return 1 / math.sqrt(forward), 1 / math.sqrt(backward)

# %% own_gains right: places of equal probability
def gains(bend):
    shares = (torch.arange(400_000, dtype=torch.float64) + 0.5) / 400_000
    z = torch.special.ndtri(shares).requires_grad_()
    with torch.enable_grad():
        y = bend(z)
        slope = torch.autograd.grad(y, z, torch.ones_like(y))[0]
    return (y**2).mean().item() ** -0.5, (slope**2).mean().item() ** -0.5

# %% own_gains oracle
def gains(bend):
    z = np.arange(-10, 10, 0.0005) + 0.00025
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * 0.0005
    there = torch.from_numpy(z)
    y, slope = torch.func.jvp(bend, (there,), (torch.ones_like(there),))
    pair = [float((g.detach().numpy() ** 2 * density).sum()) for g in (y, slope)]
    return pair[0] ** -0.5, pair[1] ** -0.5

# %% own_gains equivalent: z = torch.linspace(-10, 10, 40002, dtype=torch.float64, requires_grad=True)
# One place more on a fine grid.

# %% own_gains equivalent: z = torch.linspace(-10, 11, 40_001, dtype=torch.float64, requires_grad=True)
# Beyond 10 the density is zero to 20 digits.

# %% own_gains equivalent: z = torch.linspace(-11, 10, 40_001, dtype=torch.float64, requires_grad=True)
# Beyond -10 the density is zero to 20 digits.

# %% own_gains wrong: the variance in place of the square
# You take the mean of f(z) away first. The next layer hears the mean too: it is the mean of the squares that counts.
def gains(bend):
    z = torch.linspace(-10, 10, 40_001, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-z.detach().square() / 2)
    weight = weight / weight.sum()
    y = bend(z)
    (slope,) = torch.autograd.grad(y.sum(), z)
    y = y - (weight * y.detach()).sum()
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, backward**-0.5

# %% own_gains wrong: all places count alike
# All places of the grid count alike. Normal numbers are rarely near 10: weigh each place with the density.
def gains(bend):
    z = torch.linspace(-10, 10, 40_001, dtype=torch.float64, requires_grad=True)
    weight = torch.ones_like(z.detach())
    weight = weight / weight.sum()
    y = bend(z)
    (slope,) = torch.autograd.grad(y.sum(), z)
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, backward**-0.5

# %% own_gains wrong: the density of another normal distribution
# Your density is exp(-z²), which belongs to a standard deviation of 0.71. It is exp(-z²/2).
def gains(bend):
    z = torch.linspace(-10, 10, 40_001, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-z.detach().square())
    weight = weight / weight.sum()
    y = bend(z)
    (slope,) = torch.autograd.grad(y.sum(), z)
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, backward**-0.5

# %% own_gains wrong: a grid that ends at 3
# Your grid ends at 3. Few numbers lie beyond, but their squares are large, and for a steep bend they matter.
def gains(bend):
    z = torch.linspace(-3, 3, 40_001, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-z.detach().square() / 2)
    weight = weight / weight.sum()
    y = bend(z)
    (slope,) = torch.autograd.grad(y.sum(), z)
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, backward**-0.5

# %% own_gains wrong: a coarse grid
# Your grid has 101 places. At a corner, or on a steep piece, that is too coarse: the error is above 0.001.
def gains(bend):
    z = torch.linspace(-10, 10, 101, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-z.detach().square() / 2)
    weight = weight / weight.sum()
    y = bend(z)
    (slope,) = torch.autograd.grad(y.sum(), z)
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, backward**-0.5

# %% own_gains wrong: a hundred thousand random numbers
# You average over random numbers. A hundred thousand of them leave an error of about 0.3 %: take a grid.
def gains(bend):
    z = torch.randn(100_000, dtype=torch.float64, requires_grad=True)
    weight = torch.ones_like(z.detach())
    weight = weight / weight.sum()
    y = bend(z)
    (slope,) = torch.autograd.grad(y.sum(), z)
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, backward**-0.5

# %% own_gains wrong: the loudness, not the gain
# You return how loud the bend leaves the signal. The gain makes up for that: one divided by it.
def gains(bend):
    z = torch.linspace(-10, 10, 40_001, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-z.detach().square() / 2)
    weight = weight / weight.sum()
    y = bend(z)
    (slope,) = torch.autograd.grad(y.sum(), z)
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**0.5, backward**0.5

# %% own_gains wrong: old gradients thrown away
# backward() adds a gradient to the parameters of the bend, and zero_grad() then throws away those that they had before as well. torch.autograd.grad(y.sum(), z) asks for that of z alone.
def gains(bend):
    z = torch.linspace(-10, 10, 40_001, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-z.detach().square() / 2)
    weight = weight / weight.sum()
    y = bend(z)
    y.sum().backward()
    if isinstance(bend, nn.Module):
        bend.zero_grad()
    slope = z.grad
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, backward**-0.5

# %% own_gains wrong: the same gain for both ways
# You return the forward gain twice. For a ReLU both are the same, for most bends they are not.
def gains(bend):
    z = torch.linspace(-10, 10, 40_001, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-z.detach().square() / 2)
    weight = weight / weight.sum()
    y = bend(z)
    (slope,) = torch.autograd.grad(y.sum(), z)
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, forward**-0.5

# %% own_gains wrong: slope taken for output over input
# Your slope is f(z)/z. That is the slope only of a straight line through 0; ask autograd.
def gains(bend):
    z = torch.linspace(-10, 10, 40_001, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-z.detach().square() / 2)
    weight = weight / weight.sum()
    y = bend(z)
    slope = y / (z + 1e-9)
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, backward**-0.5

# %% own_gains wrong: backward leaves gradients behind
# backward() also adds a gradient to every parameter of the bend. torch.autograd.grad(y.sum(), z) asks for that of z alone.
def gains(bend):
    z = torch.linspace(-10, 10, 40_001, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-z.detach().square() / 2)
    weight = weight / weight.sum()
    y = bend(z)
    y.sum().backward()
    slope = z.grad
    forward, backward = [(weight * g.detach().square()).sum().item() for g in (y, slope)]
    return forward**-0.5, backward**-0.5

# %% count_fans right: from the weight, by class name
def fans_of_shape(shape):
    if len(shape) in (0, 1):
        raise ValueError(f"{len(shape)} axes")
    out, into, *window = shape
    size = 1
    for k in window:
        size *= k
    return into * size, out * size


def true_fans(layer):
    kind = type(layer).__name__
    if kind == "Linear":
        return tuple(layer.weight.shape)[::-1]
    if not kind.startswith("Conv"):
        raise ValueError(kind)
    connections = layer.weight[0, 0].numel()
    thinned = connections / np.prod(layer.stride)
    first, second = layer.weight.shape[:2]
    if "Transpose" in kind:
        return float(first // layer.groups * thinned), second * connections
    return second * connections, float(first / layer.groups * thinned)

# %% count_fans right: counted with ones in the middle of a picture
def fans_of_shape(shape):
    weight = torch.empty(tuple(shape), device="meta")
    if weight.dim() < 2:
        raise ValueError("too few axes")
    return weight[0].numel(), weight.transpose(0, 1)[0].numel()


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.weight.shape[1], layer.weight.shape[0]
    if not isinstance(layer, nn.modules.conv._ConvNd):
        raise ValueError("no convolution")
    one_in, one_out = layer.in_channels // layer.groups, layer.out_channels // layer.groups
    axes = []
    for kernel, stride in zip(layer.kernel_size, layer.stride):
        signal = torch.zeros(1, 1, 40 * stride)
        signal[0, 0, 20 * stride : 21 * stride] = 1.0
        axes.append((F.conv1d(signal, torch.ones(1, 1, kernel), stride=stride).sum() / stride).item())
    thin, full = math.prod(axes), math.prod(layer.kernel_size)
    return (one_in * thin, one_out * full) if layer.transposed else (one_in * full, one_out * thin)

# %% count_fans oracle
def fans_of_shape(shape):
    return torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(tuple(shape), device="meta"))


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    turned = isinstance(layer, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d))
    if not turned and not isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        raise ValueError("other layers are not counted")
    wide, narrow = (layer.in_channels, layer.out_channels) if turned else (layer.out_channels, layer.in_channels)
    full = thin = 1.0
    for kernel, stride in zip(layer.kernel_size, layer.stride):
        full *= kernel
        thin *= sum(len(range(start, kernel, stride)) for start in range(stride)) / stride
    pair = narrow / layer.groups * full, wide / layer.groups * thin
    return pair[::-1] if turned else pair

# %% count_fans wrong: the groups are not counted on the way out
# Your fan-out counts all output channels. With groups, an input is heard in its own group only: divide by groups.
def fans_of_shape(shape):
    if len(shape) < 2:
        raise ValueError("a weight has at least two axes")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        raise ValueError("its connections cannot be counted")
    kernel, step = math.prod(layer.kernel_size), math.prod(layer.stride)
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels * kernel
    return (fan_in, fan_out / step) if forth else (fan_in / step, fan_out)

# %% count_fans wrong: transposed counted like any other
# A transposed convolution stores (in, out / groups, ...): if you read it as (out, in), fan-in and fan-out change places. That is nn.init's count, not the true one.
def fans_of_shape(shape):
    if len(shape) < 2:
        raise ValueError("a weight has at least two axes")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        raise ValueError("its connections cannot be counted")
    kernel, step = math.prod(layer.kernel_size), math.prod(layer.stride)
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels // layer.groups * kernel
    return (fan_in, fan_out / step) if forth else (fan_out / step, fan_in)

# %% count_fans wrong: the stride is ignored
# You ignore the stride. With a stride of 2 in each direction an input pixel reaches a quarter as many outputs, on average.
def fans_of_shape(shape):
    if len(shape) < 2:
        raise ValueError("a weight has at least two axes")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        raise ValueError("its connections cannot be counted")
    kernel, step = math.prod(layer.kernel_size), math.prod(layer.stride)
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels // layer.groups * kernel
    return fan_in, fan_out

# %% count_fans wrong: the stride on the same side for both
# In a transposed convolution it is the output that is larger: an output hears fewer inputs. You divide the fan-out for both.
def fans_of_shape(shape):
    if len(shape) < 2:
        raise ValueError("a weight has at least two axes")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        raise ValueError("its connections cannot be counted")
    kernel, step = math.prod(layer.kernel_size), math.prod(layer.stride)
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels // layer.groups * kernel
    return fan_in, fan_out / step

# %% count_fans wrong: the stride counted along one axis
# You divide by the stride of the first axis only. Along every axis there is one: take the product.
def fans_of_shape(shape):
    if len(shape) < 2:
        raise ValueError("a weight has at least two axes")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        raise ValueError("its connections cannot be counted")
    kernel, step = math.prod(layer.kernel_size), layer.stride[0]
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels // layer.groups * kernel
    return (fan_in, fan_out / step) if forth else (fan_in / step, fan_out)

# %% count_fans wrong: a square kernel
# You square the first side of the kernel. Kernels need not be square, and have one to three sides: take the product.
def fans_of_shape(shape):
    if len(shape) < 2:
        raise ValueError("a weight has at least two axes")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        raise ValueError("its connections cannot be counted")
    kernel, step = layer.kernel_size[0] ** 2 if len(layer.kernel_size) > 1 else layer.kernel_size[0], math.prod(layer.stride)
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels // layer.groups * kernel
    return (fan_in, fan_out / step) if forth else (fan_in / step, fan_out)

# %% count_fans wrong: rounded down
# You round down. On average an input can reach 6.75 outputs: divide with a single stroke.
def fans_of_shape(shape):
    if len(shape) < 2:
        raise ValueError("a weight has at least two axes")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        raise ValueError("its connections cannot be counted")
    kernel, step = math.prod(layer.kernel_size), math.prod(layer.stride)
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels // layer.groups * kernel
    return (fan_in, fan_out // step) if forth else (fan_in // step, fan_out)

# %% count_fans wrong: the span of a dilated kernel
# You count the span of a dilated kernel. The gaps hear nothing: only the kernel's own entries are connections.
def fans_of_shape(shape):
    if len(shape) < 2:
        raise ValueError("a weight has at least two axes")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        raise ValueError("its connections cannot be counted")
    kernel, step = math.prod(d * (k - 1) + 1 for k, d in zip(layer.kernel_size, layer.dilation)), math.prod(layer.stride)
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels // layer.groups * kernel
    return (fan_in, fan_out / step) if forth else (fan_in / step, fan_out)

# %% count_fans wrong: a vector has fans
# A shape with one axis has no fan-in and fan-out. nn.init raises a ValueError, and so should you: a bias or the weight of a norm must not be taken for a table.
def fans_of_shape(shape):
    if len(shape) < 2:
        return (shape[0], shape[0]) if len(shape) else (1, 1)
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        raise ValueError("its connections cannot be counted")
    kernel, step = math.prod(layer.kernel_size), math.prod(layer.stride)
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels // layer.groups * kernel
    return (fan_in, fan_out / step) if forth else (fan_in / step, fan_out)

# %% count_fans wrong: every layer with a weight
# You count any layer that has a weight. A Bilinear, an Embedding or a BatchNorm is no table from inputs to outputs: raise a ValueError.
def fans_of_shape(shape):
    if len(shape) < 2:
        raise ValueError("a weight has at least two axes")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def true_fans(layer):
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    forth = isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    back = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    if not (forth or back):
        if getattr(layer, "weight", None) is None:
            raise ValueError("no weight")
        return layer.weight[0].numel(), layer.weight.shape[0]
    kernel, step = math.prod(layer.kernel_size), math.prod(layer.stride)
    fan_in = layer.in_channels // layer.groups * kernel
    fan_out = layer.out_channels // layer.groups * kernel
    return (fan_in, fan_out / step) if forth else (fan_in / step, fan_out)

# %% own_xavier right: drawn, scaled and copied
def own_fans(tensor):
    if tensor.ndim < 2:
        raise ValueError("no fans")
    return tensor[0].numel(), tensor.transpose(0, 1)[0].numel()


@torch.no_grad()
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    fan_in, fan_out = own_fans(tensor)
    draws = torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype)
    return tensor.copy_((2 * draws - 1) * gain * (6 / (fan_in + fan_out)) ** 0.5)


@torch.no_grad()
def own_xavier_normal_(tensor, gain=1.0, generator=None):
    fan_in, fan_out = own_fans(tensor)
    draws = torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype)
    return tensor.copy_(draws * gain / ((fan_in + fan_out) / 2) ** 0.5)

# %% own_xavier right: through data, with nn.init for the draws
def spread(tensor):
    if len(tensor.shape) <= 1:
        raise ValueError("too few axes")
    window = 1
    for size in tensor.shape[2:]:
        window = window * size
    average = (tensor.shape[0] + tensor.shape[1]) * window / 2
    return average**-0.5


def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    k = spread(tensor) * math.sqrt(3)
    nn.init.uniform_(tensor.data, -k, k, generator=generator)
    tensor.data.mul_(gain)
    return tensor


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    nn.init.normal_(tensor, std=spread(tensor) * gain, generator=generator)
    return tensor

# %% own_xavier oracle
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    return nn.init.xavier_uniform_(tensor, gain=gain, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    return nn.init.xavier_normal_(tensor, gain=gain, generator=generator)

# %% own_xavier wrong: the spread taken for the bound
# Your uniform numbers end at sigma. A uniform distribution on [-a, a] has the spread a/sqrt(3), so the bound is sqrt(3) times sigma.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.normal_(0.0, std, generator=generator)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return gain * math.sqrt(2 / ((fan_in + fan_out) * math.prod(window)))

# %% own_xavier wrong: the fan-in alone
# You divide by the fan-in alone. Xavier's compromise takes the average of fan-in and fan-out.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.normal_(0.0, std, generator=generator)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return gain * math.sqrt(1 / (fan_in * math.prod(window)))

# %% own_xavier wrong: the sum in place of the average
# The sum of the fans stands where their average belongs: sigma is smaller by the square root of 2.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.normal_(0.0, std, generator=generator)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return gain * math.sqrt(1 / ((fan_in + fan_out) * math.prod(window)))

# %% own_xavier wrong: the window is not counted
# The size of the kernel is missing: each of its entries is a connection, so both fans are multiplied with height times width.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.normal_(0.0, std, generator=generator)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return gain * math.sqrt(2 / (fan_in + fan_out))

# %% own_xavier wrong: the gain under the root
# Your gain stands under the root. It multiplies the spread, not the variance.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.normal_(0.0, std, generator=generator)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return math.sqrt(2 * gain / ((fan_in + fan_out) * math.prod(window)))

# %% own_xavier wrong: the gain is ignored
# The argument gain is not used.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.normal_(0.0, std, generator=generator)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return math.sqrt(2 / ((fan_in + fan_out) * math.prod(window)))

# %% own_xavier wrong: a new tensor
# You return a new tensor, and the one that was handed in stays as it was. The underscore at the end of the name says: in place.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    with torch.no_grad():
        return torch.empty_like(tensor).uniform_(-bound, bound, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        return torch.empty_like(tensor).normal_(0.0, std, generator=generator)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return gain * math.sqrt(2 / ((fan_in + fan_out) * math.prod(window)))

# %% own_xavier wrong: the generator is ignored
# The argument generator is not used: the numbers always come from torch's global generator.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return gain * math.sqrt(2 / ((fan_in + fan_out) * math.prod(window)))

# %% own_xavier wrong: the generator's seed for the global one
# You seed torch's global generator from the one you were given. Hand the generator on to uniform_ and normal_ instead, and leave the global one alone.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    with torch.no_grad():
        if generator is not None:
            torch.manual_seed(generator.initial_seed())
        return tensor.uniform_(-bound, bound)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        if generator is not None:
            torch.manual_seed(generator.initial_seed())
        return tensor.normal_(0.0, std)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return gain * math.sqrt(2 / ((fan_in + fan_out) * math.prod(window)))

# %% own_xavier wrong: a parameter that no longer learns
# You take the parameter out of training: requires_grad is False afterwards. Fill it under torch.no_grad() and leave the flag alone.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    return tensor.requires_grad_(False).uniform_(-bound, bound, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    return tensor.requires_grad_(False).normal_(0.0, std, generator=generator)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    return gain * math.sqrt(2 / ((fan_in + fan_out) * math.prod(window)))

# %% own_xavier wrong: vectors are filled too
# A tensor with one axis has no fan-in and fan-out. Raise a ValueError: a bias does not get its start from this rule.
def own_xavier_uniform_(tensor, gain=1.0, generator=None):
    bound = math.sqrt(3.0) * xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound, generator=generator)


def own_xavier_normal_(tensor, gain=1.0, generator=None):
    std = xavier_std(tensor, gain)
    with torch.no_grad():
        return tensor.normal_(0.0, std, generator=generator)


def xavier_std(tensor, gain):
    if tensor.dim() < 2:
        return gain
    fan_out, fan_in, *window = tensor.shape
    return gain * math.sqrt(2 / ((fan_in + fan_out) * math.prod(window)))

# %% own_kaiming right: a match, draws that are copied
def own_gain(nonlinearity, param=None):
    match nonlinearity:
        case "linear" | "sigmoid":
            return 1
        case "tanh":
            return 5 / 3
        case "selu":
            return 3 / 4
        case "relu":
            return own_gain("leaky_relu", 0)
        case "leaky_relu":
            if param is None:
                param = 0.01
            return (2 / (1 + param * param)) ** 0.5
    raise ValueError(nonlinearity)


def scale(tensor, a, mode, nonlinearity):
    if tensor.ndim < 2:
        raise ValueError("too few axes")
    fans = {"fan_in": tensor[0].numel(), "fan_out": tensor.numel() // tensor.shape[1]}
    if mode not in fans:
        raise ValueError(mode)
    return own_gain(nonlinearity, a) * fans[mode] ** -0.5


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    draws = torch.rand_like(tensor) - 0.5
    tensor.data.copy_(draws * scale(tensor, a, mode, nonlinearity) * 12**0.5)
    return tensor


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    tensor.detach().copy_(torch.randn_like(tensor) * scale(tensor, a, mode, nonlinearity))
    return tensor

# %% own_kaiming right: one function for both, by nn.init
GAINS = dict(linear=1.0, sigmoid=1.0, tanh=1.6666666666666667, relu=1.4142135623730951, selu=0.75)


def own_gain(nonlinearity, param=None):
    if nonlinearity in GAINS:
        return GAINS[nonlinearity]
    if nonlinearity != "leaky_relu":
        raise ValueError("unknown")
    return math.sqrt(2) / math.hypot(1, 0.01 if param is None else param)


def filled(tensor, a, mode, nonlinearity, uniform):
    if tensor.dim() in (0, 1):
        raise ValueError("a vector has no fans")
    try:
        axis = ["fan_out", "fan_in"].index(mode)
    except ValueError:
        raise ValueError(f"{mode}?") from None
    fan = tensor.shape[axis]
    for size in tensor.shape[2:]:
        fan *= size
    std = own_gain(nonlinearity, a) / fan**0.5
    if uniform:
        return nn.init.uniform_(tensor, -std * 3**0.5, std * 3**0.5)
    return nn.init.normal_(tensor, std=std)


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    return filled(tensor, a, mode, nonlinearity, True)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    return filled(tensor, a, mode, nonlinearity, False)

# %% own_kaiming oracle
def own_gain(nonlinearity, param=None):
    return nn.init.calculate_gain(nonlinearity, param)


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    return nn.init.kaiming_uniform_(tensor, a, mode, nonlinearity)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    return nn.init.kaiming_normal_(tensor, a, mode, nonlinearity)

# %% own_kaiming wrong: the fans swapped
# Fan-in and fan-out have changed places: a weight stores (out, in), so the fan-in is axis 1.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_in, fan_out, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_kaiming wrong: the mode is ignored
# The argument mode is not used: you always divide by the fan-in.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = fan_in * math.prod(window)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_kaiming wrong: any mode is taken
# You take any word for a mode. torch raises a ValueError for one that it does not know, and so should you: a slip of the pen would go unnoticed.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_kaiming wrong: the window is not counted
# The size of the kernel is missing from the fan.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_kaiming wrong: a taken for the gain
# You multiply with a as if it were the gain. It is the slope of a leaky ReLU, from which the gain is worked out.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return (a or own_gain(nonlinearity, a)) / math.sqrt(fan)

# %% own_kaiming wrong: the slope counts for every bend
# You use the slope for the ReLU as well. a counts for leaky_relu only.
def own_gain(nonlinearity, param=None):
    if nonlinearity in ("leaky_relu", "relu"):
        slope = (0.01 if nonlinearity == "leaky_relu" else 0.0) if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_kaiming wrong: a is ignored
# The slope a never reaches the gain, so every leaky ReLU is treated as one with slope 0.01.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return own_gain(nonlinearity) / math.sqrt(fan)

# %% own_kaiming wrong: the slope is not squared
# You add the slope, not its square. What passes on the left side has slope² of the right side's squares.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + abs(slope)))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_kaiming wrong: zero replaced by the default
# You replace a slope of 0 by 0.01. Only None means that no slope was given.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = param or 0.01
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_kaiming wrong: the variance in place of the spread
# You hand gain²/fan to normal_, whose second argument is the standard deviation, not the variance.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std**2)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_kaiming wrong: the bound without the root of 3
# Your uniform numbers end at sigma: their spread is smaller by the square root of 3.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        raise ValueError(f"no gain is known for {nonlinearity}")
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_kaiming wrong: unknown bends get 1
# For a bend that is not in the table you return 1. torch raises a ValueError: it is better to hear that no gain is known than to start too softly.
def own_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    known = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity not in known:
        return 1.0
    return known[nonlinearity]


def own_kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    bound = math.sqrt(3) * kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.uniform_(-bound, bound)


def own_kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    std = kaiming_std(tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return tensor.normal_(0.0, std)


def kaiming_std(tensor, a, mode, nonlinearity):
    if tensor.dim() < 2:
        raise ValueError("fans need at least two axes")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode} is neither fan_in nor fan_out")
    fan_out, fan_in, *window = tensor.shape
    fan = (fan_in if mode == "fan_in" else fan_out) * math.prod(window)
    return own_gain(nonlinearity, a) / math.sqrt(fan)

# %% own_trunc right: the inverse of the distribution function
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    ends = torch.tensor([(a - mean) / std, (b - mean) / std], dtype=torch.float64)
    low, high = torch.special.ndtr(ends)
    shares = low + (high - low) * torch.rand(tensor.shape, dtype=torch.float64)
    values = mean + std * torch.special.ndtri(shares)
    with torch.no_grad():
        tensor.copy_(values).clamp_(a, b)
    return tensor

# %% own_trunc right: only as many new numbers as are needed
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    kept = []
    missing = tensor.numel()
    while missing > 0:
        draws = mean + std * torch.randn(2 * missing + 10, dtype=tensor.dtype)
        draws = draws[(draws >= a) & (draws <= b)][:missing]
        kept.append(draws)
        missing -= len(draws)
    tensor.data.copy_(torch.cat(kept).reshape(tensor.shape))
    return tensor

# %% own_trunc right: uniform places, kept by chance
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    peak = min(max(mean, a), b)
    with torch.no_grad():
        open_places = torch.ones(tensor.shape, dtype=torch.bool)
        left, right = max(a, mean - 8 * std), min(b, mean + 8 * std)
        while open_places.any():
            place = torch.empty(tensor.shape, dtype=torch.float64).uniform_(left, right)
            chance = torch.exp(((peak - mean) ** 2 - (place - mean) ** 2) / (2 * std**2))
            take = open_places & (torch.rand(tensor.shape, dtype=torch.float64) < chance)
            tensor[take] = place[take].to(tensor.dtype)
            open_places &= ~take
    return tensor

# %% own_trunc oracle
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    return nn.init.trunc_normal_(tensor, mean, std, a, b)

# %% own_trunc wrong: moved to the bounds
# Numbers outside are moved to the bounds, where they pile up. They have to be drawn again.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std).clamp_(a, b)
    return tensor

# %% own_trunc wrong: the bounds as multiples of std
# You cut at a and b standard deviations. a and b are places: with std=0.02 and the default bounds nothing is cut.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    a, b = mean + a * std, mean + b * std
    with torch.no_grad():
        tensor.normal_(mean, std)
        outside = (tensor < a) | (tensor > b)
        for _ in range(100):  # what is asked for here may never come
            again = torch.empty_like(tensor).normal_(mean, std)
            tensor.copy_(torch.where(outside, again, tensor))
            outside = (tensor < a) | (tensor > b)
    return tensor

# %% own_trunc wrong: drawn again once
# You draw again once only. What falls outside a second time stays there: repeat while anything is outside.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std)
        outside = (tensor < a) | (tensor > b)
        if outside.any():
            again = torch.empty_like(tensor).normal_(mean, std)
            tensor.copy_(torch.where(outside, again, tensor))
            outside = (tensor < a) | (tensor > b)
    return tensor

# %% own_trunc wrong: drawn again once, then moved
# After one more draw you move what is still outside to the bounds. When much is cut, many numbers pile up there.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std)
        outside = (tensor < a) | (tensor > b)
        for _ in range(1):
            again = torch.empty_like(tensor).normal_(mean, std)
            tensor.copy_(torch.where(outside, again, tensor))
            outside = (tensor < a) | (tensor > b)
        tensor.clamp_(a, b)
    return tensor

# %% own_trunc wrong: one number for all
# All numbers that are outside get the same new number. Draw one for each of them.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std)
        outside = (tensor < a) | (tensor > b)
        while outside.any():
            again = torch.empty(1, dtype=tensor.dtype).normal_(mean, std).expand(tensor.shape)
            tensor.copy_(torch.where(outside, again, tensor))
            outside = (tensor < a) | (tensor > b)
    return tensor

# %% own_trunc wrong: replaced by uniform numbers
# What falls outside is replaced by a uniform number between the bounds. The bell gets a flat foot: draw again from the normal distribution.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std)
        outside = (tensor < a) | (tensor > b)
        if outside.any():
            again = torch.empty_like(tensor).uniform_(a, b)
            tensor.copy_(torch.where(outside, again, tensor))
            outside = (tensor < a) | (tensor > b)
    return tensor

# %% own_trunc wrong: replaced by the mean
# What falls outside becomes the mean. Many numbers are equal then: draw again.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std)
        tensor[(tensor < a) | (tensor > b)] = min(max(mean, a), b)
    return tensor

# %% own_trunc wrong: wrapped round
# What sticks out on one side comes in again on the other. It has to be drawn again.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std).sub_(a).remainder_(b - a).add_(a)
    return tensor

# %% own_trunc wrong: stretched to the wanted spread
# You stretch the result until its spread is std again. std is that of the bell before it was cut; stretched numbers leave the bounds.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std)
        outside = (tensor < a) | (tensor > b)
        while outside.any():
            again = torch.empty_like(tensor).normal_(mean, std)
            tensor.copy_(torch.where(outside, again, tensor))
            outside = (tensor < a) | (tensor > b)
        centre = tensor.mean()
        tensor.sub_(centre).mul_(std / tensor.std()).add_(centre)
    return tensor

# %% own_trunc wrong: new numbers around zero
# The numbers that you draw again have mean 0 and spread 1, not mean and std.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std)
        outside = (tensor < a) | (tensor > b)
        for _ in range(100):  # what is asked for here may never come
            again = torch.empty_like(tensor).normal_(0.0, 1.0)
            tensor.copy_(torch.where(outside, again, tensor))
            outside = (tensor < a) | (tensor > b)
    return tensor

# %% own_trunc wrong: cut on one side
# You look at the upper bound only.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor.normal_(mean, std)
        outside = tensor > b
        while outside.any():
            again = torch.empty_like(tensor).normal_(mean, std)
            tensor.copy_(torch.where(outside, again, tensor))
            outside = tensor > b
    return tensor

# %% own_trunc wrong: a new tensor
# You return a new tensor, and the one that was handed in stays as it was.
def own_trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    with torch.no_grad():
        tensor = torch.empty_like(tensor).normal_(mean, std)
        outside = (tensor < a) | (tensor > b)
        while outside.any():
            again = torch.empty_like(tensor).normal_(mean, std)
            tensor.copy_(torch.where(outside, again, tensor))
            outside = (tensor < a) | (tensor > b)
    return tensor

# %% own_orthogonal right: by singular values
def own_orthogonal_(tensor, gain=1.0):
    if tensor.ndim <= 1:
        raise ValueError("no matrix")
    u, _, vh = torch.linalg.svd(torch.randn(len(tensor), tensor[0].numel(), dtype=tensor.dtype), full_matrices=False)
    tensor.data.copy_((gain * u @ vh).reshape(tensor.shape))
    return tensor

# %% own_orthogonal right: one direction after the other
@torch.no_grad()
def own_orthogonal_(tensor, gain=1.0):
    if len(tensor.shape) < 2:
        raise ValueError("no matrix")
    rows, columns = tensor.shape[0], tensor[0].numel()
    count, length = min(rows, columns), max(rows, columns)
    found = torch.zeros(count, length, dtype=torch.float64)
    for i in range(count):
        v = torch.randn(length, dtype=torch.float64)
        for _ in range(2):
            v = v - (found[:i] @ v) @ found[:i]
        found[i] = v / v.norm()
    matrix = found if rows <= columns else found.T
    return tensor.copy_(gain * matrix.reshape(tensor.shape))

# %% own_orthogonal oracle
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() >= 2 and not tensor.is_contiguous():
        with torch.no_grad():
            return tensor.copy_(nn.init.orthogonal_(torch.empty(tensor.shape, dtype=tensor.dtype), gain))
    return nn.init.orthogonal_(tensor, gain)

# %% own_orthogonal equivalent: wide = draws.shape[0] <= draws.shape[1]
# A square table is as random when it is transposed.

# %% own_orthogonal wrong: the signs of the library
# You take q as it comes. The library fixes its signs, so that the first entry is never positive: multiply the columns with the signs of r's diagonal.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        tensor.copy_(gain * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: lengths without right angles
# Your rows have the right length, but they are not at right angles to each other.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q = draws.T if wide else draws
        q = q / q.norm(dim=0)
        tensor.copy_(gain * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: a wide table is not transposed
# For a table with more columns than rows, qr gives a square q. Transpose first, and the result back.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = False
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        tensor.copy_(gain * (q @ torch.eye(*draws.shape, dtype=q.dtype)).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: the columns of a wide table
# For a wide table you give the columns the length of the gain and the rows too much of it.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        tensor.copy_(gain * (max(draws.shape) / min(draws.shape)) ** 0.5 * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: the gain is ignored
# The argument gain is not used.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        tensor.copy_((q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: one sign for the whole table
# You turn the sign of the whole table by chance. The columns keep the signs that the library gave them, compared with each other: each column needs its own.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * (1 if torch.rand(()) < 0.5 else -1)
        tensor.copy_(gain * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: each window by itself
# Your convolution is made orthogonal window by window. It is read as one matrix with a row for each output, tensor.flatten(1).
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        tensor.copy_(gain * (q.T if wide else q).reshape(tensor.shape))
        if tensor.dim() > 2:
            u, _, vh = torch.linalg.svd(torch.randn_like(tensor), full_matrices=False)
            tensor.copy_(gain * u @ vh)
    return tensor

# %% own_orthogonal wrong: float32 inside
# You compute in float32, whatever the dtype: in float64 the right angles are off in the seventh digit.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor, dtype=torch.float32).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        tensor.copy_(gain * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: turns only
# You make every square table a turn, with determinant 1. Half of the tables should mirror: leave the determinant to chance.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        if len(q) == q.shape[1] and torch.linalg.det(q) < 0:
            q[:, 0] *= -1
        tensor.copy_(gain * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: positive numbers to begin with
# You begin with uniform numbers between 0 and 1. They all point into one corner of space, and the first row of the result does too.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.rand_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        tensor.copy_(gain * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: uniform numbers to begin with
# You begin with uniform numbers around zero. They prefer the corners of their cube, and so does the result: begin with normal numbers.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = (torch.rand_like(tensor) - 0.5).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        tensor.copy_(gain * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: a new tensor
# You return a new tensor, and the one that was handed in stays as it was.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        raise ValueError("at least two axes are needed")
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        tensor = torch.empty_like(tensor).copy_(gain * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_orthogonal wrong: a vector gets through
# A tensor with fewer than two axes has no rows and columns. Raise a ValueError.
def own_orthogonal_(tensor, gain=1.0):
    if tensor.dim() < 2:
        return tensor
    with torch.no_grad():
        draws = torch.randn_like(tensor).flatten(1)
        wide = draws.shape[0] < draws.shape[1]
        q, r = torch.linalg.qr(draws.T if wide else draws)
        q = q * r.diagonal().sign()
        tensor.copy_(gain * (q.T if wide else q).reshape(tensor.shape))
    return tensor

# %% own_dirac right: by flat places
@torch.no_grad()
def own_dirac_(tensor, groups=1):
    if not 3 <= tensor.dim() <= 5:
        raise ValueError("axes")
    per_group, rest = divmod(len(tensor), groups)
    if rest:
        raise ValueError("groups")
    window = torch.zeros(tensor.shape[2:], dtype=tensor.dtype)
    window[tuple(size // 2 for size in window.shape)] = 1
    table = torch.eye(per_group, tensor.shape[1], dtype=tensor.dtype).repeat(groups, 1)
    return tensor.copy_(table.reshape(*table.shape, *[1] * window.dim()) * window)

# %% own_dirac right: every entry asked
def own_dirac_(tensor, groups=1):
    if tensor.ndim < 3 or tensor.ndim > 5:
        raise ValueError("axes")
    if tensor.shape[0] / groups != tensor.shape[0] // groups:
        raise ValueError("groups")
    per_group = tensor.shape[0] // groups
    grids = torch.meshgrid(*[torch.arange(size) for size in tensor.shape], indexing="ij")
    hit = grids[0] % per_group == grids[1]
    for grid, size in zip(grids[2:], tensor.shape[2:]):
        hit = hit & (grid == size // 2)
    tensor.data[:] = hit.to(tensor.dtype)
    return tensor

# %% own_dirac oracle
def own_dirac_(tensor, groups=1):
    return nn.init.dirac_(tensor, groups)

# %% own_dirac wrong: what stood there stays
# You write the ones and leave everything else as it was. All other entries have to become 0.
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [size // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        for block in tensor.chunk(groups):
            for d in range(min(block.shape[:2])):
                block[d, d, *middle] = 1
    return tensor

# %% own_dirac wrong: the groups are ignored
# You treat all outputs as one block. With groups, the count of d begins anew in each block.
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [size // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor.zero_()
        for block in tensor.chunk(1):
            for d in range(min(block.shape[:2])):
                block[d, d, *middle] = 1
    return tensor

# %% own_dirac wrong: the middle of an even window
# Your middle is (size - 1) // 2. For an even window that is one place too far left: it is size // 2.
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [(size - 1) // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor.zero_()
        for block in tensor.chunk(groups):
            for d in range(min(block.shape[:2])):
                block[d, d, *middle] = 1
    return tensor

# %% own_dirac wrong: multiplied by 0
# You multiply by 0 what stood there. nan times 0 is nan, and a fresh tensor may hold any numbers: write zeros.
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [size // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor.mul_(0)
        for block in tensor.chunk(groups):
            for d in range(min(block.shape[:2])):
                block[d, d, *middle] = 1
    return tensor

# %% own_dirac wrong: a square window
# You take the middle of the first kernel axis for all of them.
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [min(tensor.shape[2] // 2, size - 1) for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor.zero_()
        for block in tensor.chunk(groups):
            for d in range(min(block.shape[:2])):
                block[d, d, *middle] = 1
    return tensor

# %% own_dirac wrong: begins again when the inputs run out
# When there are more outputs than inputs you begin again with input 0. Those outputs stay silent.
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [size // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor.zero_()
        for block in tensor.chunk(groups):
            for d in range(len(block)):
                block[d, d % block.shape[1], *middle] = 1
    return tensor

# %% own_dirac wrong: every input to every output
# Each output adds up all inputs. It copies a single one: the entries [d, d].
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [size // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor.zero_()
        for block in tensor.chunk(groups):
            for d in range(min(block.shape[:2])):
                block[d, :, *middle] = 1
    return tensor

# %% own_dirac wrong: a window full of ones
# The whole window is 1, which sums over a neighbourhood. Only its middle is.
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [size // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor.zero_()
        for block in tensor.chunk(groups):
            for d in range(min(block.shape[:2])):
                block[d, d] = 1
    return tensor

# %% own_dirac wrong: any number of axes
# You take tensors with two or with six axes as well. They are no weights of a convolution: raise a ValueError.
def own_dirac_(tensor, groups=1):
    if tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [size // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor.zero_()
        for block in tensor.chunk(groups):
            for d in range(min(block.shape[:2])):
                block[d, d, *middle] = 1
    return tensor

# %% own_dirac wrong: unequal groups
# You take a number of groups that does not divide the number of outputs. Raise a ValueError.
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5):
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [size // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor.zero_()
        for block in tensor.chunk(groups):
            for d in range(min(block.shape[:2])):
                block[d, d, *middle] = 1
    return tensor

# %% own_dirac wrong: a new tensor
# You return a new tensor, and the one that was handed in stays as it was.
def own_dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError("one to three kernel axes, and equal groups of outputs")
    middle = [size // 2 for size in tensor.shape[2:]]
    with torch.no_grad():
        tensor = torch.zeros_like(tensor)
        for block in tensor.chunk(groups):
            for d in range(min(block.shape[:2])):
                block[d, d, *middle] = 1
    return tensor

# %% init_policy right: by kind of class, no nn.init
def fill(parameter, values):
    if parameter is not None:
        parameter.data.copy_(torch.as_tensor(values, dtype=parameter.dtype).expand(parameter.shape))


def start(module):
    weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
    if isinstance(module, (nn.Linear, nn.modules.conv._ConvNd)):
        if getattr(module, "transposed", False):
            fan = len(weight) / module.groups * weight[0, 0].numel()
            for stride in module.stride:
                fan = fan / stride
        else:
            fan = weight.numel() / len(weight)
        fill(weight, torch.randn(weight.shape) * (2 / fan) ** 0.5)
        fill(bias, 0.0)
    elif isinstance(module, (nn.modules.batchnorm._BatchNorm, nn.GroupNorm, nn.LayerNorm)):
        fill(weight, 1.0)
        fill(bias, 0.0)
    elif isinstance(module, nn.Embedding):
        values = 0.02 * torch.randn(weight.shape)
        if module.padding_idx is not None:
            values[module.padding_idx] = 0.0
        fill(weight, values)
    elif isinstance(module, (nn.LSTM, nn.GRU)):
        blocks, size = (4 if isinstance(module, nn.LSTM) else 3), module.hidden_size
        for name in module._flat_weights_names:
            parameter = getattr(module, name)
            if name.startswith("weight_hh"):
                fill(parameter, torch.cat([torch.linalg.svd(torch.randn(size, size))[0] for _ in range(blocks)]))
            elif name.startswith("weight_ih"):
                bound = math.sqrt(6 / (size + parameter.shape[1]))
                fill(parameter, (2 * torch.rand(parameter.shape) - 1) * bound)
            else:
                fill(parameter, 0.0)

# %% init_policy right: one function for each row of the table
def table(module):
    nn.init.kaiming_normal_(module.weight, nonlinearity="relu")


def window_back(module):
    weight = module.weight.detach()
    for group in weight.chunk(module.groups):
        nn.init.kaiming_normal_(group.transpose(0, 1), nonlinearity="relu")
    weight.mul_(math.prod(module.stride) ** 0.5)


def norm(module):
    if module.weight is not None:
        nn.init.constant_(module.weight, 1.0)


def words(module):
    with torch.no_grad():
        module.weight.normal_(std=0.02)
        if module.padding_idx is not None:
            module.weight[module.padding_idx] = 0


def pack(module):
    for name, parameter in module.named_parameters():
        parts = parameter.detach().chunk(parameter.shape[0] // module.hidden_size)
        rule = nn.init.zeros_ if "bias" in name else nn.init.orthogonal_ if "_hh_" in name else nn.init.xavier_uniform_
        for part in parts:
            rule(part)


RULES = {
    (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d): table,
    (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d): window_back,
    (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.GroupNorm, nn.LayerNorm): norm,
    (nn.Embedding,): words,
    (nn.LSTM, nn.GRU): pack,
}


def start(module):
    for kinds, rule in RULES.items():
        if isinstance(module, kinds):
            rule(module)
            if isinstance(getattr(module, "bias", None), torch.Tensor):
                nn.init.zeros_(module.bias)

# %% init_policy oracle
def start(module):
    if isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    elif isinstance(module, nn.modules.conv._ConvTransposeNd):
        fan = module.in_channels * module.weight[0, 0].numel() / module.groups / math.prod(module.stride)
        nn.init.normal_(module.weight, std=math.sqrt(2 / fan))
    elif isinstance(module, (nn.modules.batchnorm._BatchNorm, nn.GroupNorm, nn.LayerNorm)):
        for parameter, value in ((module.weight, 1.0), (module.bias, 0.0)):
            if parameter is not None:
                nn.init.constant_(parameter, value)
        return
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
        module._fill_padding_idx_with_zero()
        return
    elif isinstance(module, (nn.LSTM, nn.GRU)):
        for name, parameter in module.named_parameters():
            for block in torch.split(parameter.data, module.hidden_size):
                if name.startswith("bias"):
                    block.zero_()
                elif name.startswith("weight_hh"):
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    else:
        return
    if module.bias is not None:
        nn.init.zeros_(module.bias)

# %% init_policy equivalent: own = dict(module.named_parameters(recurse=True))
# The modules in the table have no children.

# %% init_policy wrong: a missing bias
# You write into module.bias without asking whether there is one. With bias=False it is None.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if not isinstance(module, nn.Embedding):
        nn.init.zeros_(module.bias)

# %% init_policy wrong: kin of those in the table
# Your rule fills more than the table names: nn.RNNBase holds for an nn.RNN too, and _NormBase for instance norms. They stay as they were.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.modules.batchnorm._NormBase | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.RNNBase):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight[0].numel()
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: transposed counted by nn.init
# You count a transposed convolution as nn.init does, by axis 1. Its weight is stored as (in, out / groups, ...).
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if False:
            pass
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: the stride of a transposed one
# The stride of the transposed convolution is missing. With a stride of 2 along each axis an output hears a quarter of the window.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: the groups of a transposed one
# You count all input channels of a transposed convolution, though an output hears only those of its group.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: the row for padding is forgotten
# The row padding_idx has random numbers. normal_ overwrites the zeros that nn.Embedding had put there.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: padding_idx 0 is taken for none
# You ask whether padding_idx is true. Row 0 is a row: ask whether it is None.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: one orthogonal table for all gates
# You make the whole pack weight_hh orthogonal. Its columns are then at right angles, but none of its blocks is an orthogonal table.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(parameter)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: Xavier for the whole pack
# You use Xavier's rule on the whole pack weight_ih. It then takes four times as many outputs for the fan-out.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(parameter)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: always four blocks
# You cut into four blocks, but a GRU has three.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().chunk(4):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: the first layer only
# Only the tables of layer 0 get a start. There may be several layers, and two directions.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in [item for item in own.items() if item[0].endswith("l0")]:
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: the very class only
# You compare type(module) with the class itself. What derives from nn.Linear is a Linear too: isinstance.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if type(module) is nn.Linear or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.0, 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% init_policy wrong: the spread of an embedding named in second place
# Your embedding has the mean 0.02 and the spread 1: the second argument of normal_ is the mean. Name it, std=0.02.
def start(module):
    own = dict(module.named_parameters(recurse=False))
    convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    transposed = isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
    norms = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm
    if isinstance(module, nn.LSTM | nn.GRU):
        for name, parameter in own.items():
            for block in parameter.detach().split(module.hidden_size):
                if "bias" in name:
                    nn.init.zeros_(block)
                elif "hh" in name:
                    nn.init.orthogonal_(block)
                else:
                    nn.init.xavier_uniform_(block)
        return
    if isinstance(module, nn.Linear) or convolution or transposed:
        if transposed:
            fan = module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
        else:
            fan = module.weight.numel() // len(module.weight)
        nn.init.normal_(own["weight"], 0.0, math.sqrt(2 / fan))
    elif isinstance(module, norms) and "weight" in own:
        nn.init.ones_(own["weight"])
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(own["weight"], 0.02)
        if module.padding_idx is not None:
            nn.init.zeros_(own["weight"].detach()[module.padding_idx])
    else:
        return
    if "bias" in own:
        nn.init.zeros_(own["bias"])

# %% untouched right: two starts, compared
import copy


def untouched(net, rule):
    ends = []
    for start in range(2):
        trial, chance = copy.deepcopy(net), torch.Generator().manual_seed(start)
        for parameter in trial.parameters():
            parameter.data = torch.randn(parameter.shape, generator=chance, dtype=parameter.dtype)
        torch.manual_seed(0)
        trial.apply(rule)
        ends.append(dict(trial.named_parameters()))
    one, two = ends
    return [name for name in one if not torch.equal(one[name], two[name])]

# %% untouched right: the net itself, and everything back again
def untouched(net, rule):
    keep = {}
    for module in net.modules():
        keep[module] = dict(module._parameters), {n: b.clone() for n, b in module._buffers.items() if b is not None}
    values = {p: (p.detach().clone(), p.requires_grad) for p in net.parameters()}
    for p in values:
        p.data.fill_(float("nan"))
    net.apply(rule)
    found = [name for name, p in net.named_parameters() if not bool((p == p).all())]
    for module, (parameters, buffers) in keep.items():
        module._parameters.update(parameters)
        for name, buffer in buffers.items():
            module._buffers[name].copy_(buffer)
    for p, (value, learns) in values.items():
        p.data.copy_(value)
        p.requires_grad_(learns)
    return found

# %% untouched oracle
def untouched(net, rule):
    import copy

    names = []
    for name, _ in net.named_parameters():
        trial = copy.deepcopy(net)
        parameter = trial.get_parameter(name)
        parameter.data.fill_(math.inf)
        for other, q in trial.named_parameters():
            if other != name:
                q.data.fill_(1.0)
        trial.apply(rule)
        after = trial.get_parameter(name)
        if not torch.isfinite(after).all():
            names.append(name)
    return names

# %% untouched wrong: compared with what was there
# You compare the numbers before and after. A rule that writes 0 into a bias that was 0 has touched it all the same.
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    trial.apply(rule)
    after = dict(trial.named_parameters())
    return [name for name, parameter in net.named_parameters() if torch.equal(parameter, after[name])]

# %% untouched wrong: marked with 7, and compared
# Your mark is 7, and what is not 7 any more counts as touched. A weight that was multiplied by 0.1 is not 7 either: take nan, which stays nan.
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    with torch.no_grad():
        for parameter in trial.parameters():
            parameter.fill_(7.0)
    trial.apply(rule)
    return [name for name, parameter in trial.named_parameters() if bool((parameter == 7).any())]

# %% untouched wrong: all of its numbers
# You name a parameter only if all of its numbers are left out. A table of which half is filled is no start either.
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    with torch.no_grad():
        for parameter in trial.parameters():
            parameter.fill_(math.nan)
    trial.apply(rule)
    return [name for name, parameter in trial.named_parameters() if parameter.isnan().all()]

# %% untouched wrong: on the net itself
# You mark and fill the net that was handed in. Work on a copy.
def untouched(net, rule):
    from copy import deepcopy

    trial = net
    with torch.no_grad():
        for parameter in trial.parameters():
            parameter.fill_(math.nan)
    trial.apply(rule)
    return [name for name, parameter in trial.named_parameters() if parameter.isnan().any()]

# %% untouched wrong: values back, the rest not
# You write the old values back, but buffers, requires_grad and new parameters put in by the rule stay as the rule left them.
def untouched(net, rule):
    before = [p.detach().clone() for p in net.parameters()]
    with torch.no_grad():
        for p in net.parameters():
            p.fill_(math.nan)
    net.apply(rule)
    found = [name for name, p in net.named_parameters() if p.isnan().any()]
    with torch.no_grad():
        for p, value in zip(net.parameters(), before):
            p.copy_(value)
    return found

# %% untouched wrong: the children only
# You call the rule for the direct children. apply goes through all levels, and visits the net itself, too.
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    with torch.no_grad():
        for parameter in trial.parameters():
            parameter.fill_(math.nan)
    for child in trial.children():
        rule(child)
    return [name for name, parameter in trial.named_parameters() if parameter.isnan().any()]

# %% untouched wrong: the net itself is not visited
# You leave the net itself out: a single layer has no modules inside, and is not visited.
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    with torch.no_grad():
        for parameter in trial.parameters():
            parameter.fill_(math.nan)
    for module in list(trial.modules())[1:]:
        rule(module)
    return [name for name, parameter in trial.named_parameters() if parameter.isnan().any()]

# %% untouched wrong: weights only
# You look only at parameters called weight.
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    with torch.no_grad():
        for parameter in trial.parameters():
            parameter.fill_(math.nan)
    trial.apply(rule)
    return [name for name, parameter in trial.named_parameters() if name.endswith("weight") and parameter.isnan().any()]

# %% untouched wrong: a table named twice
# You name a table that is used in two places twice.
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    with torch.no_grad():
        for parameter in trial.parameters():
            parameter.fill_(math.nan)
    trial.apply(rule)
    return [name for name, parameter in trial.named_parameters(remove_duplicate=False) if parameter.isnan().any()]

# %% untouched wrong: buffers, too
# You look through the state_dict, and with it through the buffers.
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    with torch.no_grad():
        for parameter in trial.state_dict().values():
            if not parameter.is_floating_point():
                continue
            parameter.fill_(math.nan)
    trial.apply(rule)
    return [name for name, parameter in trial.state_dict().items() if parameter.is_floating_point() and parameter.isnan().any()]

# %% untouched wrong: sorted by name
# Your names are sorted by the alphabet. Asked for is the order of named_parameters().
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    with torch.no_grad():
        for parameter in trial.parameters():
            parameter.fill_(math.nan)
    trial.apply(rule)
    return sorted(name for name, parameter in trial.named_parameters() if parameter.isnan().any())

# %% untouched wrong: marked with infinity
# Your mark is inf. A rule that divides a table by its length makes nan of it, and the mark is gone; nan stays nan in every sum and product.
def untouched(net, rule):
    from copy import deepcopy

    trial = deepcopy(net)
    with torch.no_grad():
        for parameter in trial.parameters():
            parameter.fill_(math.inf)
    trial.apply(rule)
    return [name for name, parameter in trial.named_parameters() if parameter.isinf().any()]

# %% by_ear right: hooks that tune while the batch passes
def by_ear(net, x, target=1.0):
    def tune(layer, inputs, output):
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
            output = output - silent_bias.pop(layer)
        loudness = output.square().mean().item() ** 0.5
        if loudness != 0.0:
            layer.weight.data.mul_(target / loudness)
            output = output * (target / loudness)
        return output

    silent_bias, handles = {}, []
    for layer in net.children():
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            if layer.bias is not None:
                layer.bias.data.zero_()
                silent_bias[layer] = 0.0
            handles.append(layer.register_forward_hook(tune))
    was = [(module, module.training) for module in net.modules()]
    net.eval()
    with torch.no_grad():
        net(x.clone())
    for handle in handles:
        handle.remove()
    for module, mode in was:
        module.training = mode
    return net

# %% by_ear right: each layer from the beginning again, on a copy
def by_ear(net, x, target=1.0):
    import copy

    ear = copy.deepcopy(net).eval()
    for p in ear.parameters():
        p.requires_grad_(False)
    for place, layer in enumerate(ear):
        if type(layer) not in (nn.Linear, nn.Conv2d):
            continue
        if layer.bias is not None:
            layer.bias.fill_(0.0)
        y = ear[: place + 1](x.detach().clone())
        power = float((y.double() ** 2).mean())
        if power:
            layer.weight *= target / math.sqrt(power)
        with torch.no_grad():
            for own, tuned in zip(net[place].parameters(), layer.parameters()):
                own.copy_(tuned)
    return net

# %% by_ear oracle
def by_ear(net, x, target=1.0):
    modes = [module.training for module in net.modules()]
    net.eval()
    layers = list(net)
    with torch.no_grad():
        for place, layer in enumerate(layers):
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                h = x.clone()
                for earlier in layers[:place]:
                    h = earlier(h)
                if layer.bias is not None:
                    layer.bias.mul_(0.0)
                numbers = layer(h).flatten().tolist()
                loudness = math.sqrt(math.fsum(v * v for v in numbers) / len(numbers))
                if loudness:
                    layer.weight.copy_(layer.weight * (target / loudness))
    for module, mode in zip(net.modules(), modes):
        module.training = mode
    return net

# %% by_ear wrong: heard before the layers in front were tuned
# You hand on what the layer made with its old weight. Each layer has to hear the tuned ones: call it again after the scaling.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                if layer.bias is not None:
                    layer.bias.zero_()
                y = layer(h)
                loudness = y.square().mean().sqrt()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
                h = y
            else:
                h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% by_ear wrong: the standard deviation
# You measure the standard deviation. Behind a bend the mean is not 0; the loudness counts it.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                if layer.bias is not None:
                    layer.bias.zero_()
                loudness = layer(h).std(unbiased=False)
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% by_ear wrong: modes of the layers only
# You remember the modes of the layers in net. net.eval() also reaches the modules inside them, and those stay in evaluation mode: go through net.modules().
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in [net, *net]}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                if layer.bias is not None:
                    layer.bias.zero_()
                loudness = layer(h).square().mean().sqrt()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% by_ear wrong: the bias stays
# The bias keeps its numbers. It has to be 0 before the measurement.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                loudness = layer(h).square().mean().sqrt()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% by_ear wrong: the bias is heard first
# You set the bias to 0 after the measurement, so the loudness was measured with it.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                loudness = layer(h).square().mean().sqrt()
                if layer.bias is not None:
                    layer.bias.zero_()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% by_ear wrong: a missing bias
# You write into the bias without asking whether there is one.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                layer.bias.zero_()
                loudness = layer(h).square().mean().sqrt()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% by_ear wrong: in training mode
# The net listens in training mode: dropout makes the measurement random, and batch statistics move.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.train()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                if layer.bias is not None:
                    layer.bias.zero_()
                loudness = layer(h).square().mean().sqrt()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% by_ear wrong: left in evaluation mode
# The net is in evaluation mode afterwards.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                if layer.bias is not None:
                    layer.bias.zero_()
                loudness = layer(h).square().mean().sqrt()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            h = layer(h)
    for module, mode in modes.items():
        pass
    return net

# %% by_ear wrong: one mode for all
# You set all modules to the mode of the net. One that was in evaluation mode by itself is in training mode afterwards.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                if layer.bias is not None:
                    layer.bias.zero_()
                loudness = layer(h).square().mean().sqrt()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            h = layer(h)
    net.train(modes[net])
    return net

# %% by_ear wrong: also what lies inside
# You also tune layers inside of nested modules. Only the layers of net itself are asked for.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                if layer.bias is not None:
                    layer.bias.zero_()
                loudness = layer(h).square().mean().sqrt()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            for inner in list(layer.modules())[1:]:
                if isinstance(inner, nn.Linear):
                    inner.bias.zero_()
                    inner.weight.mul_(target / layer(h).square().mean().sqrt())
            h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% by_ear wrong: divided by silence
# Where nothing is heard you divide by 0, and the weight becomes infinite or nan.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x.clone()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                if layer.bias is not None:
                    layer.bias.zero_()
                loudness = layer(h).square().mean().sqrt()
                layer.weight.mul_(target / loudness)
            h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% by_ear wrong: x is written over
# A ReLU that works in place has written into x. Let a copy of it go through the net.
def by_ear(net, x, target=1.0):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    h = x
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear | nn.Conv2d):
                if layer.bias is not None:
                    layer.bias.zero_()
                loudness = layer(h).square().mean().sqrt()
                if loudness > 0:
                    layer.weight.mul_(target / loudness)
            h = layer(h)
    for module, mode in modes.items():
        module.training = mode
    return net

# %% mend_start right: by fan_out
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first, mode="fan_out")
        nn.init.normal_(self.scale, 1, 0.02)
        nn.init.constant_(self.shift, 0)
        nn.init.kaiming_uniform_(self.last, mode="fan_out", nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start right: numbers worked out by hand
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        with torch.no_grad():
            self.first.normal_(0, (2 / len(self.first)) ** 0.5)
            self.scale.copy_(1 + 0.02 * torch.randn(self.scale.shape))
            self.shift.fill_(0.0)
            self.last.uniform_(-1, 1).mul_(3**0.5).div_(len(self.last) ** 0.5)

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start oracle
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        n_in, hidden = self.first.shape
        self.first.data = torch.empty(hidden, n_in).normal_(0.0, math.sqrt(2.0 / n_in)).T.contiguous()
        self.scale.data.normal_(0.0, 0.02).add_(1.0)
        self.shift.data.zero_()
        self.last.data.uniform_(-math.sqrt(3.0 / hidden), math.sqrt(3.0 / hidden))

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start faulty start
# This is the code as it was released. Compare the spread of each parameter with what it should be: several are wrong.

# %% mend_start wrong: the gain still given as the slope
# The spread of first is too small: the gain is still handed over in the place of a, the slope of a leaky ReLU.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first.T, math.sqrt(2))
        nn.init.normal_(self.scale, mean=1.0, std=0.02)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_uniform_(self.last.T, nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: first still the other way round
# first is still read as (out, in): its spread follows from hidden, not from n_in.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first, nonlinearity="relu")
        nn.init.normal_(self.scale, mean=1.0, std=0.02)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_uniform_(self.last.T, nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: last still the other way round
# last is still read as (out, in): its spread follows from n_out, not from hidden.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first.T, nonlinearity="relu")
        nn.init.normal_(self.scale, mean=1.0, std=0.02)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_uniform_(self.last, nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: last still with the gain of a bend
# Behind last stands no bend, but it starts with the gain of a ReLU.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first.T, nonlinearity="relu")
        nn.init.normal_(self.scale, mean=1.0, std=0.02)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_uniform_(self.last.T)

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: scale still has the mean 0.02
# scale still has the mean 0.02 and the spread 1: the second argument of normal_ is the mean.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first.T, nonlinearity="relu")
        nn.init.normal_(self.scale, 0.02)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_uniform_(self.last.T, nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: scale is exactly 1
# scale is exactly 1. It starts around 1 with a spread of 0.02.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first.T, nonlinearity="relu")
        nn.init.ones_(self.scale)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_uniform_(self.last.T, nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: shift keeps its old value
# reset() leaves shift alone. It is 0 only because the constructor made it so: after training, reset() has to set it again.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first.T, nonlinearity="relu")
        nn.init.normal_(self.scale, mean=1.0, std=0.02)
        nn.init.kaiming_uniform_(self.last.T, nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: the spread of nn.Linear for last
# last has the start of nn.Linear, uniform with the bound 1/sqrt(hidden): its spread is smaller by the square root of 3.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first.T, nonlinearity="relu")
        nn.init.normal_(self.scale, mean=1.0, std=0.02)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_uniform_(self.last.T, math.sqrt(5))

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: last drawn from a normal distribution
# last is normally distributed; a uniform one is asked for.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_normal_(self.first.T, nonlinearity="relu")
        nn.init.normal_(self.scale, mean=1.0, std=0.02)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_normal_(self.last.T, nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: Xavier for first
# first starts by Xavier's rule, which averages fan-in and fan-out. Asked for is He's rule, for the way forward.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        nn.init.xavier_normal_(self.first, math.sqrt(2))
        nn.init.normal_(self.scale, mean=1.0, std=0.02)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_uniform_(self.last.T, nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% mend_start wrong: new parameters at each reset
# reset() puts new parameters in the place of the old ones. An optimiser made before holds the old ones.
class Rows(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.first = nn.Parameter(torch.empty(n_in, hidden))
        self.scale = nn.Parameter(torch.empty(hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.empty(hidden, n_out))
        self.reset()

    def reset(self):
        self.first = nn.Parameter(torch.randn(self.first.shape) * math.sqrt(2 / len(self.first)))
        nn.init.normal_(self.scale, mean=1.0, std=0.02)
        nn.init.zeros_(self.shift)
        nn.init.kaiming_uniform_(self.last.T, nonlinearity="linear")

    def forward(self, x):
        return torch.relu((x @ self.first) * self.scale + self.shift) @ self.last

# %% deep_start right: by ear
def start_deep(net):
    h = torch.randn(1000, net[1].in_features)
    with torch.no_grad():
        for layer in net[1:]:
            if isinstance(layer, nn.Linear):
                layer.bias.zero_()
                layer.weight.normal_(0, layer.in_features**-0.5)
                layer.weight.div_(layer(h).square().mean().sqrt())
            h = layer(h)

# %% deep_start right: every number and its negative
def start_deep(net):
    tables = [layer for layer in net if isinstance(layer, nn.Linear)]
    for place, layer in enumerate(tables):
        nn.init.zeros_(layer.bias)
        half_out, half_in = (layer.out_features + 1) // 2, (layer.in_features + 1) // 2
        first, last = place == 0, place == len(tables) - 1
        rows = layer.out_features if last else half_out
        columns = layer.in_features if first else half_in
        core = torch.empty(rows, columns)
        nn.init.orthogonal_(core, (max(rows, columns) / columns) ** 0.5 if first or last else 1.0)
        core = core if first else torch.cat([core, -core], 1)[:, : layer.in_features]
        core = core if last else torch.cat([core, -core], 0)[: layer.out_features]
        layer.weight.data.copy_(core)

# %% deep_start right: normal numbers by He's rule
def start_deep(net):
    for name, parameter in net.named_parameters():
        if name.endswith("bias"):
            parameter.data.zero_()
        else:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")

# %% deep_start oracle
def start_deep(net):
    tables = [layer for layer in net if isinstance(layer, nn.Linear)]
    for layer in tables:
        nn.init.zeros_(layer.bias)
        nn.init.orthogonal_(layer.weight, 2**0.5)
    h = torch.randn(500, tables[0].in_features)
    with torch.no_grad():
        for layer in tables:
            h = F.relu(layer(h))
        for layer in tables:
            layer.weight.div_(max(h.square().mean().item(), 1e-30) ** (0.5 / len(tables)))

# %% deep_start wrong: nothing done
# torch's own start is left as it is: each layer shrinks the signal, and behind thirty of them nothing of the picture is left.
def start_deep(net):
    for layer in net:
        if isinstance(layer, nn.Linear):
            pass

# %% deep_start wrong: small normal numbers
# Normal numbers of spread 0.01, whatever the width: the signal shrinks in each layer by more than half.
def start_deep(net):
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0.0, 0.01)
            nn.init.zeros_(layer.bias)

# %% deep_start wrong: standard normal numbers
# Normal numbers of spread 1: each layer makes the signal several times louder, and behind thirty of them it is astronomical.
def start_deep(net):
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight)
            nn.init.zeros_(layer.bias)

# %% deep_start wrong: no gain for the ReLU
# Your start keeps the signal of a straight layer. The ReLU behind it takes half of the squares: the gain of the square root of 2 is missing.
def start_deep(net):
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight)
            nn.init.zeros_(layer.bias)

# %% deep_start wrong: Xavier
# Xavier's rule knows nothing of the ReLU: each layer keeps half of the squares, and thirty layers a billionth of them.
def start_deep(net):
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

# %% deep_start wrong: twice the gain
# The gain of 2 puts back twice as much as the ReLU takes away. Behind forty layers the signal is a million times too loud.
def start_deep(net):
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight, 2.0)
            nn.init.zeros_(layer.bias)

# %% deep_start wrong: all the same
# All weights of a layer are the same, so all its units are, and stay so.
def start_deep(net):
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.constant_(layer.weight, math.sqrt(2) / layer.in_features)
            nn.init.zeros_(layer.bias)

# %% deep_start wrong: the first layer only
# Only the first layer has a start of its own; the others keep torch's.
def start_deep(net):
    for layer in net[:2]:
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight, math.sqrt(2))
            nn.init.zeros_(layer.bias)

# %% deep_start wrong: the last layer forgotten
# The last layer starts at zero: the net answers the same to everything, and no gradient comes back through it at first.
def start_deep(net):
    nn.init.zeros_(net[-1].weight)
    for layer in net[:-1]:
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight, math.sqrt(2))
            nn.init.zeros_(layer.bias)

# %% deep_start wrong: kaiming with the slope of nn.Linear
# kaiming_uniform_ with a=√5 is nn.Linear's own start: the signal shrinks.
def start_deep(net):
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_uniform_(layer.weight, math.sqrt(5))
            nn.init.zeros_(layer.bias)

# %% deep_start wrong: new layers put in
# You put new layers into the net. Its parameters stay the ones they were: an optimiser made before holds them.
def start_deep(net):
    for place, layer in enumerate(net):
        if isinstance(layer, nn.Linear):
            net[place] = layer = nn.Linear(layer.in_features, layer.out_features)
            nn.init.orthogonal_(layer.weight, math.sqrt(2))
            nn.init.zeros_(layer.bias)
