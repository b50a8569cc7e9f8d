# Right and wrong answers to the exercises of `lazy`. The comment below a wrong one is what a student is told.

# %% second_flat right: the first width is found beforehand
def outcomes(shapes, out_features):
    width = next((shape[-1] for shape in shapes if len(shape) > 0), None)
    return [math.prod(shape[:-1]) * out_features if shape[-1:] == (width,) else -1 for shape in shapes]


# %% second_flat right: a small layer that remembers
def outcomes(shapes, out_features):
    class Flat:
        width = None

        def __call__(self, shape):
            *leading, last = shape
            if self.width is None:
                self.width = last
            if last != self.width:
                raise ValueError
            return math.prod([out_features, *leading])

    flat, seen = Flat(), []
    for shape in shapes:
        try:
            seen.append(flat(shape))
        except ValueError:
            seen.append(-1)
    return seen


# %% second_flat oracle
def outcomes(shapes, out_features):
    layer, seen = nn.LazyLinear(out_features), []
    for shape in shapes:
        try:
            seen.append(layer(torch.zeros(shape)).numel())
        except (RuntimeError, IndexError):
            seen.append(-1)
    return seen


# %% second_flat wrong: it adapts every time
# Every input got an output, whatever its width. A lazy layer is measured by the first one and never again.
def outcomes(shapes, out_features):
    return [math.prod(shape[:-1]) * out_features if shape else -1 for shape in shapes]


# %% second_flat wrong: measured again after an error
# After a call that raised, the width of the refused input counted. A refused input changes nothing.
def outcomes(shapes, out_features):
    width, seen = None, []
    for shape in shapes:
        if not shape:
            seen.append(-1)
            continue
        seen.append(math.prod(shape[:-1]) * out_features if width in (None, shape[-1]) else -1)
        width = shape[-1]
    return seen


# %% second_flat wrong: the axis after the batch
# The width was read off axis 1. A linear layer reads the last axis, and an input of one axis has no other.
def outcomes(shapes, out_features):
    width, seen = None, []
    for shape in shapes:
        if not shape:
            seen.append(-1)
            continue
        own = shape[1] if len(shape) > 1 else shape[0]
        width = own if width is None else width
        seen.append(math.prod(shape[:-1]) * out_features if own == width else -1)
    return seen


# %% second_flat wrong: the leading axes are forgotten
# Only the first leading axis was kept. All of them go through a linear layer unchanged.
def outcomes(shapes, out_features):
    width, seen = None, []
    for shape in shapes:
        if width is None and shape:
            width = shape[-1]
        fits = bool(shape) and shape[-1] == width
        seen.append(math.prod(shape[:-1][:1]) * out_features if fits else -1)
    return seen


# %% second_flat wrong: the number of axes is measured too
# An input with another number of axes was refused. Only the last axis is measured.
def outcomes(shapes, out_features):
    first, seen = None, []
    for shape in shapes:
        if first is None and shape:
            first = shape
        fits = bool(shape) and len(shape) == len(first) and shape[-1] == first[-1]
        seen.append(math.prod(shape[:-1]) * out_features if fits else -1)
    return seen


# %% second_flat wrong: broken after an error
# After the first call that raised, nothing was served any more. The layer is as it was, and the right width fits again.
def outcomes(shapes, out_features):
    width, seen, broken = None, [], False
    for shape in shapes:
        if width is None and shape:
            width = shape[-1]
        broken = broken or not shape or shape[-1] != width
        seen.append(-1 if broken else math.prod(shape[:-1]) * out_features)
    return seen


# %% second_flat wrong: an empty batch measures nothing
# An input with a size of 0 was not measured. Its last axis has a width all the same, and that is what is read.
def outcomes(shapes, out_features):
    width, seen = None, []
    for shape in shapes:
        if not shape:
            seen.append(-1)
            continue
        if width is None and 0 not in shape:
            width = shape[-1]
        seen.append(math.prod(shape[:-1]) * out_features if width in (None, shape[-1]) else -1)
    return seen


# %% second_flat wrong: an input without axes counts as one number
# The shape () was taken for a width of 1. There is no last axis to read: the call raises.
def outcomes(shapes, out_features):
    width, seen = None, []
    for shape in shapes:
        last = shape[-1] if shape else 1
        width = last if width is None else width
        seen.append(math.prod(shape[:-1]) * out_features if last == width else -1)
    return seen


# %% second_flat wrong: a width of 0 counts as none
# A width of 0 was taken for "not measured yet", and the next input decided again. 0 is a width: ask `is None`.
def outcomes(shapes, out_features):
    width, seen = None, []
    for shape in shapes:
        if shape and not width:
            width = shape[-1]
        seen.append(math.prod(shape[:-1]) * out_features if shape and shape[-1] == width else -1)
    return seen


# %% picture_net right: built up by append
def picture_net(channels, classes):
    net = nn.Sequential()
    for c in channels:
        net.append(nn.LazyConv2d(c, kernel_size=(3, 3), padding="same", bias=False))
        net.append(nn.LazyBatchNorm2d())
        net.append(nn.ReLU(inplace=True))
        net.append(nn.MaxPool2d(kernel_size=2, stride=2))
    net.append(nn.Flatten(start_dim=1))
    net.append(nn.LazyLinear(out_features=classes))
    return net


# %% picture_net right: blocks joined
def picture_net(channels, classes):
    def block(c):
        conv = nn.LazyConv2d(c, 3, 1, 1, bias=None)
        return nn.Sequential(conv, nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d((2, 2)))

    parts = [layer for c in channels for layer in block(c)]
    return nn.Sequential(*parts, nn.Flatten(), nn.LazyLinear(classes))


# %% picture_net oracle
def picture_net(channels, classes):
    from collections import OrderedDict

    layers = OrderedDict()
    for i, c in enumerate(channels):
        layers[str(4 * i)] = nn.LazyConv2d(c, 3, padding=1, bias=False)
        layers[str(4 * i + 1)] = nn.LazyBatchNorm2d()
        layers[str(4 * i + 2)] = nn.ReLU()
        layers[str(4 * i + 3)] = nn.MaxPool2d(2)
    layers[str(4 * len(channels))] = nn.Flatten()
    layers[str(4 * len(channels) + 1)] = nn.LazyLinear(classes)
    return nn.Sequential(layers)


# %% picture_net wrong: the convolutions keep their bias
# The convolutions have a bias. The batch normalisation behind each would subtract it again, and it was not asked for.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        layers += [nn.LazyConv2d(c, 3, padding=1), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(classes))


# %% picture_net wrong: no Flatten
# There is no Flatten, and the lazy linear layer took the width of the picture for its features, without a word.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        layers += [nn.LazyConv2d(c, 3, padding=1, bias=False), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.LazyLinear(classes))


# %% picture_net wrong: flattened with the batch
# Flatten began at axis 0, and the whole batch became one row.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        layers += [nn.LazyConv2d(c, 3, padding=1, bias=False), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(0), nn.LazyLinear(classes))


# %% picture_net wrong: a dry run for one size
# The net was measured before it was handed over, with a size that you guessed; other pictures do not fit any more.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        layers += [nn.LazyConv2d(c, 3, padding=1, bias=False), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2)]
    net = nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(classes))
    net.eval()(torch.zeros(1, 1, 28, 28))
    return net.train()


# %% picture_net wrong: instance normalisation
# The normalisation is one over each picture by itself, not over the batch: in training its numbers are others.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        layers += [nn.LazyConv2d(c, 3, padding=1, bias=False), nn.LazyInstanceNorm2d(), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(classes))


# %% picture_net wrong: the bend before the normalisation
# The ReLU stands before the batch normalisation; the order was convolution, normalisation, ReLU, pooling.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        conv = nn.LazyConv2d(c, 3, padding=1, bias=False)
        layers += [conv, nn.ReLU(), nn.LazyBatchNorm2d(), nn.MaxPool2d(2)]
    net = nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(classes))
    return net


# %% picture_net wrong: no padding
# The convolutions have no padding, so every picture loses a frame of one pixel in each of them.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        layers += [nn.LazyConv2d(c, 3, bias=False), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(classes))


# %% picture_net wrong: pooling by averages
# The pooling takes the mean of each window; the largest was asked for.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        layers += [nn.LazyConv2d(c, 3, padding=1, bias=False), nn.LazyBatchNorm2d(), nn.ReLU(), nn.AvgPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(classes))


# %% picture_net wrong: only the first layer is lazy
# Only the first convolution waits; the others were made with the sizes written out. All were to wait.
def picture_net(channels, classes):
    layers, before = [], None
    for c in channels:
        conv = nn.Conv2d(before, c, 3, padding=1, bias=False) if before else nn.LazyConv2d(c, 3, padding=1, bias=False)
        layers += [conv, nn.BatchNorm2d(c), nn.ReLU(), nn.MaxPool2d(2)]
        before = c
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(classes))


# %% picture_net wrong: a bend behind the scores
# A ReLU stands behind the last layer too, so no score can be below zero. Nothing comes after the linear layer.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        layers += [nn.LazyConv2d(c, 3, padding=1, bias=False), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(classes), nn.ReLU())


# %% picture_net wrong: an average over each channel
# The picture was averaged to one number a channel before the linear layer. It was to be laid out whole.
def picture_net(channels, classes):
    layers = []
    for c in channels:
        layers += [nn.LazyConv2d(c, 3, padding=1, bias=False), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2)]
    layers[-1] = nn.AdaptiveMaxPool2d(1)
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(classes))


# %% stock right: module by module
def stock(net):
    numbers, waiting, seen = 0, [], set()
    for prefix, module in net.named_modules():
        for name, parameter in module._parameters.items():
            if parameter is None or id(parameter) in seen:
                continue
            seen.add(id(parameter))
            if nn.parameter.is_lazy(parameter):
                waiting.append(f"{prefix}.{name}" if prefix else name)
            else:
                numbers += math.prod(parameter.shape)
    return numbers, waiting


# %% stock right: by what raises
def stock(net):
    def size(parameter):
        try:
            return parameter.numel()
        except ValueError:
            return None

    sizes = {name: size(parameter) for name, parameter in net.named_parameters()}
    return sum(count or 0 for count in sizes.values()), [name for name, count in sizes.items() if count is None]


# %% stock oracle
def stock(net):
    from torch.nn.parameter import is_lazy

    there = [p for p in net.parameters() if not is_lazy(p)]
    return sum(p.numel() for p in there), [name for name, p in net.named_parameters() if is_lazy(p)]


# %% stock wrong: no care for what waits
# A waiting parameter was asked for its size, and it has none. Ask first whether it waits.
def stock(net):
    return sum(p.numel() for p in net.parameters()), []


# %% stock wrong: layers asked for their class
# The layers were asked whether they are lazy linear ones. Other layers wait too, and a filled one is still of that class.
def stock(net):
    numbers, waiting = 0, []
    for name, module in net.named_modules():
        for own, parameter in module.named_parameters(prefix=name, recurse=False):
            if isinstance(module, nn.LazyLinear):
                waiting.append(own)
            elif not isinstance(parameter, nn.UninitializedParameter):
                numbers += parameter.numel()
    return numbers, waiting


# %% stock wrong: classes with Lazy in their name
# Whether a layer waits was read off its class's name. One filled from a checkpoint is still called Lazy, and a layer of
# one's own may have any name.
def stock(net):
    numbers, waiting = 0, []
    for name, module in net.named_modules():
        for own, parameter in module.named_parameters(prefix=name, recurse=False):
            if type(module).__name__.startswith("Lazy"):
                waiting.append(own)
            elif not isinstance(parameter, nn.UninitializedParameter):
                numbers += parameter.numel()
    return numbers, waiting


# %% stock wrong: buffers counted
# Buffers were counted too. Running statistics belong to the state, and are no parameters.
def stock(net):
    numbers, waiting = 0, []
    for name, parameter in net.named_parameters():
        if isinstance(parameter, nn.UninitializedParameter):
            waiting.append(name)
        else:
            numbers += parameter.numel()
    there = [b for b in net.buffers() if not isinstance(b, nn.UninitializedBuffer)]
    return numbers + sum(b.numel() for b in there), waiting


# %% stock wrong: waiting buffers listed
# Buffers that wait are on the list as well. Only parameters were asked for.
def stock(net):
    from torch.nn.parameter import is_lazy

    numbers = sum(p.numel() for p in net.parameters() if not is_lazy(p))
    entries = [*net.named_parameters(), *net.named_buffers()]
    return numbers, [name for name, value in entries if is_lazy(value)]


# %% stock wrong: what is frozen does not count
# Frozen parameters were left out. They are there, whether they are trained or not.
def stock(net):
    numbers, waiting = 0, []
    for name, parameter in net.named_parameters():
        if isinstance(parameter, nn.UninitializedParameter):
            waiting.append(name)
        elif parameter.requires_grad:
            numbers += parameter.numel()
    return numbers, waiting


# %% stock wrong: shared ones counted twice
# A parameter that is used in two places was counted and listed under both of its names.
def stock(net):
    numbers, waiting = 0, []
    for name, parameter in net.named_parameters(remove_duplicate=False):
        if isinstance(parameter, nn.UninitializedParameter):
            waiting.append(name)
        else:
            numbers += parameter.numel()
    return numbers, waiting


# %% stock wrong: only the direct children
# Only the layers that stand directly in the net were looked at, not those further inside.
def stock(net):
    numbers, waiting = 0, []
    for name, module in [("", net), *net.named_children()]:
        for own, parameter in module.named_parameters(prefix=name, recurse=False):
            if isinstance(parameter, nn.UninitializedParameter):
                waiting.append(own)
            else:
                numbers += parameter.numel()
    return numbers, waiting


# %% stock wrong: names of layers
# The list holds the names of layers that wait. Each waiting parameter was to be named, "1.weight" and "1.bias".
def stock(net):
    numbers, waiting = 0, []
    for name, module in net.named_modules():
        for parameter in module.parameters(recurse=False):
            if not isinstance(parameter, nn.UninitializedParameter):
                numbers += parameter.numel()
            elif name not in waiting:
                waiting.append(name)
    return numbers, waiting


# %% stock wrong: parameters in place of numbers
# The parameters were counted, not the numbers in them: a table of 3 by 2 holds 6.
def stock(net):
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    return len(list(net.parameters())) - len(waiting), waiting


# %% stock wrong: put into evaluation
# Your stocktaking put the net into evaluation. It is to be left as it is: nothing is called, so nothing need be switched.
def stock(net):
    numbers, waiting = 0, []
    for name, parameter in net.eval().named_parameters():
        if isinstance(parameter, nn.UninitializedParameter):
            waiting.append(name)
        else:
            numbers += parameter.numel()
    return numbers, waiting


# %% fit right: a context manager that keeps the modes
def fit(net, *shapes):
    from contextlib import contextmanager

    @contextmanager
    def in_evaluation():
        training = [module for module in net.modules() if module.training]
        net.train(False)
        try:
            yield
        finally:
            for module in training:
                module.training = True

    inputs = [torch.zeros(*shape) for shape in shapes]
    with in_evaluation(), torch.set_grad_enabled(False):
        net(*inputs)
    left = [n for n, p in net.named_parameters() if nn.parameter.is_lazy(p)]
    if len(left) > 0:
        raise RuntimeError(str(left))
    return net


# %% fit right: with the graph thrown away
def fit(net, *shapes):
    flags = [(module, module.training) for module in net.modules()]
    error = None
    for module, _ in flags:
        module.training = False
    try:
        net(*[torch.zeros(shape) for shape in shapes])
    except Exception as raised:
        error = raised
    for module, flag in flags:
        module.training = flag
    if error is not None:
        raise error
    waiting = ", ".join(n for n, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter))
    if waiting:
        raise RuntimeError("these wait: " + waiting)
    return net


# %% fit oracle
def fit(net, *shapes):
    from torch.nn.parameter import is_lazy

    training = {name: module.training for name, module in net.named_modules()}
    net.eval()
    try:
        torch.no_grad()(net)(*map(torch.zeros, shapes))
    finally:
        for name, module in net.named_modules():
            module.training = training[name]
    if any(is_lazy(p) for p in net.parameters()):
        raise RuntimeError(" ".join(name for name, p in net.named_parameters() if is_lazy(p)))
    return net


# %% fit wrong: in training mode
# The dry run was a call in training mode: statistics moved, and dropout used up random numbers.
def fit(net, *shapes):
    with torch.no_grad():
        net(*(torch.zeros(shape) for shape in shapes))
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: all in training afterwards
# Afterwards the whole net is in training mode, also the parts that were in evaluation before.
def fit(net, *shapes):
    with torch.no_grad():
        net.eval()(*(torch.zeros(shape) for shape in shapes))
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    net.train()
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: left in evaluation
# The net was put into evaluation and left there; the training flags were to be as before.
def fit(net, *shapes):
    with torch.no_grad():
        net.eval()(*(torch.zeros(shape) for shape in shapes))
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: one flag for all
# The outermost module's flag was given to all. Each module has a flag of its own, and they may differ.
def fit(net, *shapes):
    flag = net.training
    try:
        with torch.no_grad():
            net.eval()(*(torch.zeros(shape) for shape in shapes))
    finally:
        net.train(flag)
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: flags lost when it raises
# When the call raised, the training flags stayed in evaluation: the lines behind the call were never reached.
def fit(net, *shapes):
    modes = {module: module.training for module in net.modules()}
    with torch.no_grad():
        net.eval()(*(torch.zeros(shape) for shape in shapes))
    for module in net.modules():
        module.training = modes[module]
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: flags lost when something waits
# When something still waited, the error came before the training flags were set back.
def fit(net, *shapes):
    modes = {module: module.training for module in net.modules()}
    try:
        with torch.no_grad():
            net.eval()(*(torch.zeros(shape) for shape in shapes))
    except RuntimeError:
        for module in net.modules():
            module.training = modes[module]
        raise
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    for module in net.modules():
        module.training = modes[module]
    return net


# %% fit wrong: measured in inference mode
# The parameters were made in inference mode, and what is made there can never be trained. Use no_grad.
def fit(net, *shapes):
    modes = {module: module.training for module in net.modules()}
    try:
        with torch.inference_mode():
            net.eval()(*(torch.zeros(shape) for shape in shapes))
    finally:
        for module in net.modules():
            module.training = modes[module]
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: random inputs
# The inputs of the dry run were random, so all random numbers after it are others. Zeros measure just as well.
def fit(net, *shapes):
    modes = {module: module.training for module in net.modules()}
    try:
        with torch.no_grad():
            net.eval()(*(torch.randn(shape) for shape in shapes))
    finally:
        for module in net.modules():
            module.training = modes[module]
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: what waits is not named
# Something was still waiting after the call, and nobody was told.
def fit(net, *shapes):
    modes = {module: module.training for module in net.modules()}
    try:
        with torch.no_grad():
            net.eval()(*(torch.zeros(shape) for shape in shapes))
    finally:
        for module in net.modules():
            module.training = modes[module]
    return net


# %% fit wrong: only the first that waits is named
# Only the first waiting parameter is named in the error. All of them were asked for.
def fit(net, *shapes):
    modes = {module: module.training for module in net.modules()}
    try:
        with torch.no_grad():
            net.eval()(*(torch.zeros(shape) for shape in shapes))
    finally:
        for module in net.modules():
            module.training = modes[module]
    for name, parameter in net.named_parameters():
        if isinstance(parameter, nn.UninitializedParameter):
            raise RuntimeError(f"no input came to {name}")
    return net


# %% fit wrong: a copy is measured
# A copy of the net was measured and returned; the net that was handed over still waits.
def fit(net, *shapes):
    import copy

    net = copy.deepcopy(net)
    modes = {module: module.training for module in net.modules()}
    try:
        with torch.no_grad():
            net.eval()(*(torch.zeros(shape) for shape in shapes))
    finally:
        for module in net.modules():
            module.training = modes[module]
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: the statistics are set back to their start
# The statistics of every batch normalisation were reset, also of those that had counted batches before.
def fit(net, *shapes):
    modes = {module: module.training for module in net.modules()}
    try:
        with torch.no_grad():
            net.eval()(*(torch.zeros(shape) for shape in shapes))
    finally:
        for module in net.modules():
            module.training = modes[module]
            if hasattr(module, "reset_running_stats"):
                module.reset_running_stats()
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: ones in place of zeros
# The net was called with ones. It is to be called with zeros.
def fit(net, *shapes):
    modes = {module: module.training for module in net.modules()}
    try:
        with torch.no_grad():
            net.eval()(*(torch.ones(shape) for shape in shapes))
    finally:
        for module in net.modules():
            module.training = modes[module]
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    return net


# %% fit wrong: gradients cleared
# Gradients that were there are gone: you called zero_grad. Under no_grad no new ones come, so nothing has to be cleared.
def fit(net, *shapes):
    modes = {module: module.training for module in net.modules()}
    try:
        with torch.no_grad():
            net.eval()(*(torch.zeros(shape) for shape in shapes))
    finally:
        for module in net.modules():
            module.training = modes[module]
    waiting = [name for name, p in net.named_parameters() if isinstance(p, nn.UninitializedParameter)]
    if waiting:
        raise RuntimeError(f"no input came to {', '.join(waiting)}")
    net.zero_grad()
    return net


# %% wardrobe right: lazy inside a Sequential's parts
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.add_module("inner", nn.LazyLinear(compartments))
        self.add_module("front", nn.Linear(compartments, 2))

    def forward(self, x):
        hidden = F.linear(x, self.inner.weight, self.inner.bias) if type(self.inner) is nn.Linear else self.inner(x)
        return self.front(hidden.clamp(min=0))


# %% wardrobe right: as a Sequential
class Wardrobe(nn.Sequential):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.LazyLinear(compartments)
        self.bend = nn.ReLU()
        self.front = nn.Linear(compartments, 2)


# %% wardrobe oracle
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.LazyLinear(compartments)
        self.front = nn.Linear(compartments, 2)

    def forward(self, x):
        return F.linear(F.relu(self.inner(x)), self.front.weight, self.front.bias)


# %% wardrobe faulty start
# The inner layer is made during the first call: optimiser, double(), eval() and checkpoints that came before do not know
# it, and its width is read off axis 1.


# %% wardrobe wrong: made in forward, in the right dtype
# The inner layer is still made during the first call, so whatever came before, an optimiser or a checkpoint, missed it.
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.compartments, self.inner = compartments, None
        self.front = nn.Linear(compartments, 2)

    def forward(self, x):
        if self.inner is None:
            self.inner = nn.Linear(x.shape[-1], self.compartments, dtype=x.dtype).train(self.training)
        return self.front(torch.relu(self.inner(x)))


# %% wardrobe wrong: the width is guessed
# The width was written down as a number. Inputs of any other width do not fit, and nothing waits.
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.Linear(3, compartments)
        self.front = nn.Linear(compartments, 2)

    def forward(self, x):
        return self.front(torch.relu(self.inner(x)))


# %% wardrobe wrong: both wait
# The front waits too, though its width is known when the wardrobe is ordered.
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.LazyLinear(compartments)
        self.front = nn.LazyLinear(2)

    def forward(self, x):
        return self.front(torch.relu(self.inner(x)))


# %% wardrobe wrong: the bend is gone
# The ReLU between the two layers got lost on the way.
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.LazyLinear(compartments)
        self.front = nn.Linear(compartments, 2)

    def forward(self, x):
        return self.front(self.inner(x))


# %% wardrobe wrong: made anew for every width
# When another width comes, a new inner layer is made, and what the old one has learned is gone. A second width raises.
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.LazyLinear(compartments)
        self.front = nn.Linear(compartments, 2)

    def forward(self, x):
        if type(self.inner) is nn.Linear and self.inner.in_features != x.shape[-1]:
            self.inner = nn.Linear(x.shape[-1], self.inner.out_features)
        return self.front(torch.relu(self.inner(x)))


# %% wardrobe wrong: inner axes flattened
# Everything behind the first axis was put into one row. A linear layer takes the last axis and leaves the others alone.
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.LazyLinear(compartments)
        self.front = nn.Linear(compartments, 2)

    def forward(self, x):
        return self.front(torch.relu(self.inner(x.flatten(1) if x.dim() > 1 else x)))


# %% wardrobe wrong: cut off before the front
# The inner layer's output was detached: the optimiser holds its parameters and never gets a gradient for them.
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.LazyLinear(compartments)
        self.front = nn.Linear(compartments, 2)

    def forward(self, x):
        return self.front(torch.relu(self.inner(x).detach()))


# %% wardrobe wrong: no bias inside
# The inner layer has no bias, so checkpoints of the wardrobe do not fit.
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.LazyLinear(compartments, bias=False)
        self.front = nn.Linear(compartments, 2)

    def forward(self, x):
        return self.front(torch.relu(self.inner(x)))


# %% wardrobe wrong: the input is cut off
# No gradient comes back to the input: you detached it. A layer in front of the wardrobe could not learn.
class Wardrobe(nn.Module):
    def __init__(self, compartments):
        super().__init__()
        self.inner = nn.LazyLinear(compartments)
        self.front = nn.Linear(compartments, 2)

    def forward(self, x):
        return self.front(torch.relu(self.inner(x.detach())))


# %% house right: doors added one by one
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors, self.hall = nn.ModuleDict(), nn.Linear(out_features, out_features)
        for name in names:
            self.doors.add_module(name, nn.LazyLinear(out_features))

    def forward(self, x, name):
        return self.hall(self.doors[name](x).clamp_min(0.0))

    def cut(self):
        return [name for name in self.doors if not any(map(nn.parameter.is_lazy, self.doors[name].parameters()))]


# %% house right: asked by has_uninitialized_params
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.names = tuple(names)
        self.doors = nn.ModuleDict([(name, nn.LazyLinear(out_features)) for name in names])
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        if name not in self.names:
            raise KeyError(name)
        return F.linear(F.relu(self.doors[name](x)), self.hall.weight, self.hall.bias)

    def cut(self):
        def there(door):
            return type(door) is nn.Linear or not door.has_uninitialized_params()

        return [name for name in self.names if there(self.doors[name])]


# %% house oracle
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = nn.ModuleDict()
        for name in names:
            self.doors[name] = nn.LazyLinear(out_features)
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        door = self.doors[name]
        return self.hall(F.relu(door(x)))

    def cut(self):
        waiting = {name.split(".")[0] for name, p in self.doors.named_parameters() if nn.parameter.is_lazy(p)}
        return [name for name in self.doors.keys() if name not in waiting]


# %% house wrong: a plain dictionary
# The doors stand in a Python dict, and the house does not know that they are its layers: no parameters, no checkpoint.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = {name: nn.LazyLinear(out_features) for name in names}
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        return self.hall(torch.relu(self.doors[name](x)))

    def cut(self):
        return [name for name, door in self.doors.items() if not any(isinstance(p, nn.UninitializedParameter) for p in door.parameters())]


# %% house wrong: doors made when somebody comes
# A door is made at its first visit; the optimiser that was there before does not know it and never moves it.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.names, self.out_features = list(names), out_features
        self.doors = nn.ModuleDict()
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        if name not in self.names:
            raise KeyError(name)
        if name not in self.doors:
            self.doors[name] = nn.Linear(x.shape[-1], self.out_features)
        return self.hall(torch.relu(self.doors[name](x)))

    def cut(self):
        return [name for name in self.names if name in self.doors]


# %% house wrong: one door for all
# All names share one door. The first kind decides its width, and the others do not fit.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        door = nn.LazyLinear(out_features)
        self.doors = nn.ModuleDict({name: door for name in names})
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        return self.hall(torch.relu(self.doors[name](x)))

    def cut(self):
        return [name for name, door in self.doors.items() if not any(isinstance(p, nn.UninitializedParameter) for p in door.parameters())]


# %% house wrong: a hall for each door
# Every door has a hall of its own. One hall was to be shared by all.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = nn.ModuleDict({name: nn.LazyLinear(out_features) for name in names})
        self.hall = nn.ModuleDict({name: nn.Linear(out_features, out_features) for name in names})

    def forward(self, x, name):
        return self.hall[name](torch.relu(self.doors[name](x)))

    def cut(self):
        return [name for name, door in self.doors.items() if not any(isinstance(p, nn.UninitializedParameter) for p in door.parameters())]


# %% house wrong: cut asks for the class
# Whether a door is cut was read off its class. One that a checkpoint has filled is still of the lazy class.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = nn.ModuleDict({name: nn.LazyLinear(out_features) for name in names})
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        return self.hall(torch.relu(self.doors[name](x)))

    def cut(self):
        return [name for name, door in self.doors.items() if not isinstance(door, nn.LazyLinear)]


# %% house wrong: cut remembers the visits
# The names were listed in the order of the visits, and a door that a checkpoint has filled is missing.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = nn.ModuleDict({name: nn.LazyLinear(out_features) for name in names})
        self.hall = nn.Linear(out_features, out_features)
        self.visited = []

    def forward(self, x, name):
        y = self.hall(torch.relu(self.doors[name](x)))
        if name not in self.visited:
            self.visited.append(name)
        return y

    def cut(self):
        return list(self.visited)


# %% house wrong: the bend is missing
# There is no ReLU between door and hall, so the two are one linear layer.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = nn.ModuleDict({name: nn.LazyLinear(out_features) for name in names})
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        return self.hall(self.doors[name](x))

    def cut(self):
        return [name for name, door in self.doors.items() if not any(isinstance(p, nn.UninitializedParameter) for p in door.parameters())]


# %% house wrong: the bend behind the hall
# The ReLU stands behind the hall in place of before it: no output is below zero.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = nn.ModuleDict({name: nn.LazyLinear(out_features) for name in names})
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        return torch.relu(self.hall(self.doors[name](x)))

    def cut(self):
        return [name for name, door in self.doors.items() if not any(isinstance(p, nn.UninitializedParameter) for p in door.parameters())]


# %% house wrong: an unknown name passes
# A name that the house does not know was let in without a door. It should raise a KeyError.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = nn.ModuleDict({name: nn.LazyLinear(out_features) for name in names})
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        if name in self.doors:
            x = self.doors[name](x)
        return torch.relu(x) if name not in self.doors else self.hall(torch.relu(x))

    def cut(self):
        return [name for name, door in self.doors.items() if not any(isinstance(p, nn.UninitializedParameter) for p in door.parameters())]


# %% house wrong: every visit opens all doors
# Each visitor was sent through every door that still waited, and measured those too.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = nn.ModuleDict({name: nn.LazyLinear(out_features) for name in names})
        self.hall = nn.Linear(out_features, out_features)

    def forward(self, x, name):
        through = {key: door(x) for key, door in self.doors.items() if key == name or isinstance(door, nn.LazyLinear)}
        return self.hall(torch.relu(through[name]))

    def cut(self):
        return [name for name, door in self.doors.items() if not any(isinstance(p, nn.UninitializedParameter) for p in door.parameters())]


# %% house wrong: the hall waits too
# The hall is lazy as well. Its width is known, and an optimiser or a rule for the start could use it at once.
class House(nn.Module):
    def __init__(self, names, out_features):
        super().__init__()
        self.doors = nn.ModuleDict({name: nn.LazyLinear(out_features) for name in names})
        self.hall = nn.LazyLinear(out_features)

    def forward(self, x, name):
        return self.hall(torch.relu(self.doors[name](x)))

    def cut(self):
        return [name for name, door in self.doors.items() if not any(isinstance(p, nn.UninitializedParameter) for p in door.parameters())]


# %% own_lazy_linear right: drawn by hand
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, False)
        self.out_features = out_features
        self.weight = nn.parameter.UninitializedParameter()
        self.bias = nn.parameter.UninitializedParameter() if bias else None

    def reset_parameters(self):
        pass

    def initialize_parameters(self, x):
        waiting = self.has_uninitialized_params()
        self.in_features = x.size(-1)
        if not waiting:
            return
        with torch.no_grad():
            k = 1 / math.sqrt(self.in_features)
            for parameter, shape in ((self.weight, (self.out_features, self.in_features)), (self.bias, (self.out_features,))):
                if parameter is not None:
                    parameter.materialize(shape)
                    nn.init.uniform_(parameter, -k, k)


# %% own_lazy_linear right: the mixin's parts, each asked by itself
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import UninitializedParameter, is_lazy


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        del self.bias
        self.register_parameter("weight", UninitializedParameter())
        self.register_parameter("bias", UninitializedParameter() if bias else None)
        self.out_features = out_features

    def reset_parameters(self):
        if self.in_features:
            super().reset_parameters()

    @torch.no_grad()
    def initialize_parameters(self, x):
        *_, width = x.shape
        fresh = is_lazy(self.weight)
        if fresh:
            self.weight.materialize((self.out_features, width))
        if self.bias is not None and is_lazy(self.bias):
            self.bias.materialize((self.out_features,))
        self.in_features = width
        if fresh:
            nn.Linear.reset_parameters(self)


# %% own_lazy_linear oracle
OwnLazyLinear = nn.LazyLinear


# %% own_lazy_linear equivalent: super().__init__(0, 1, bias=False)
# out_features is set in the next line, and a table with no inputs holds no number, however many rows it has.


# %% own_lazy_linear wrong: it stays lazy
# The layer does not become an nn.Linear: cls_to_become is not set, so its class stays what it was.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        if bias:
            self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        if self.in_features:
            super().reset_parameters()

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.in_features = x.shape[-1]
            self.weight.materialize((self.out_features, self.in_features))
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
            self.reset_parameters()
        self.in_features = self.weight.shape[1]


# %% own_lazy_linear wrong: in_features stays 0
# in_features was never set, so the finished layer prints as one of nothing, and nothing was drawn.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        if bias:
            self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        if not self.has_uninitialized_params() and self.weight.numel():
            super().reset_parameters()

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.weight.materialize((self.out_features, x.shape[-1]))
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
            self.reset_parameters()


# %% own_lazy_linear wrong: in_features missing after a checkpoint
# When a checkpoint came first, in_features stayed 0: it was set only where something was still to be measured.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        if bias:
            self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        if self.in_features:
            super().reset_parameters()

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.in_features = x.shape[-1]
            self.weight.materialize((self.out_features, self.in_features))
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
            self.reset_parameters()


# %% own_lazy_linear wrong: nothing is drawn
# The parameters got memory and nobody wrote into it: they hold whatever stood there. Draw the start values.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        if bias:
            self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        pass

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.weight.materialize((self.out_features, x.shape[-1]))
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
            self.reset_parameters()
        self.in_features = self.weight.shape[1]


# %% own_lazy_linear wrong: drawn over the checkpoint
# The first call drew new start values over a checkpoint that had been loaded. Draw only what waits.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        if bias:
            self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        if self.in_features:
            super().reset_parameters()

    def initialize_parameters(self, x):
        self.in_features = x.shape[-1]
        if self.has_uninitialized_params():
            self.weight.materialize((self.out_features, self.in_features))
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
        self.reset_parameters()


# %% own_lazy_linear wrong: new parameters
# New parameters were made at the first call. An optimiser that was there before holds the old ones and moves nothing.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        if bias:
            self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        if self.in_features:
            super().reset_parameters()

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.in_features = x.shape[-1]
            dtype = self.weight.dtype
            self.weight = nn.Parameter(torch.empty(self.out_features, self.in_features, dtype=dtype))
            if self.bias is not None:
                self.bias = nn.Parameter(torch.empty(self.out_features, dtype=dtype))
            self.reset_parameters()
        self.in_features = self.weight.shape[1]


# %% own_lazy_linear wrong: the axis after the batch
# in_features was read off axis 1; a linear layer reads the last axis.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        if bias:
            self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        if self.in_features:
            super().reset_parameters()

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.in_features = x.shape[1]
            self.weight.materialize((self.out_features, self.in_features))
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
            self.reset_parameters()
        self.in_features = self.weight.shape[1]


# %% own_lazy_linear wrong: the bias starts at zero
# The bias starts at zero. torch draws it from the same distribution as the weight.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        if bias:
            self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        pass

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.in_features = x.shape[-1]
            self.weight.materialize((self.out_features, self.in_features))
            nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
                nn.init.zeros_(self.bias)
        self.in_features = self.weight.shape[1]


# %% own_lazy_linear wrong: a start for ReLU
# The weight was drawn as for a ReLU, with a spread that is too large. nn.Linear draws within 1 over the root of its inputs.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        if bias:
            self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        pass

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.in_features = x.shape[-1]
            self.weight.materialize((self.out_features, self.in_features))
            nn.init.kaiming_uniform_(self.weight)
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
                nn.init.uniform_(self.bias, -self.in_features**-0.5, self.in_features**-0.5)
        self.in_features = self.weight.shape[1]


# %% own_lazy_linear wrong: bias=False is ignored
# The layer has a bias although bias=False was asked for.
from torch.nn.modules.lazy import LazyModuleMixin


class OwnLazyLinear(LazyModuleMixin, nn.Linear):
    cls_to_become = nn.Linear

    def __init__(self, out_features, bias=True):
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = nn.UninitializedParameter()
        self.bias = nn.UninitializedParameter()

    def reset_parameters(self):
        if self.in_features:
            super().reset_parameters()

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.in_features = x.shape[-1]
            self.weight.materialize((self.out_features, self.in_features))
            self.bias.materialize((self.out_features,))
            self.reset_parameters()
        self.in_features = self.weight.shape[1]


# %% own_lazy_linear wrong: measured outside of itself
# The layer holds an nn.Linear that it makes during the first call; it is none itself, and nothing of it was on the list.
class OwnLazyLinear(nn.Module):
    def __init__(self, out_features, bias=True):
        super().__init__()
        self.in_features, self.out_features, self.wants_bias, self.inner = 0, out_features, bias, None

    def forward(self, x):
        if self.inner is None:
            self.in_features = x.shape[-1]
            self.inner = nn.Linear(self.in_features, self.out_features, bias=self.wants_bias)
        return self.inner(x)


# %% when_measured right: hooked to every module of the torch class
def when_measured(net, rule):
    def paint(module, args, kwargs):
        handles.pop(module).remove()
        rule(module)

    handles = {}
    for module in list(net.modules()):
        own = [p for p in module._parameters.values() if p is not None]
        if not own:
            continue
        if any(map(nn.parameter.is_lazy, own)):
            handles[module] = module.register_forward_pre_hook(paint, with_kwargs=True)
        else:
            rule(module)


# %% when_measured right: initialize_parameters is wrapped
def when_measured(net, rule):
    for module in net.modules():
        own = [name for name, _ in module.named_parameters(recurse=False)]
        if any(isinstance(getattr(module, name), nn.UninitializedParameter) for name in own):
            handle = []

            def once(module, args, handle=handle):
                handle[0].remove()
                rule(module)

            handle.append(module.register_forward_pre_hook(once, prepend=False))
        elif own:
            rule(module)


# %% when_measured oracle
def when_measured(net, rule):
    def paint(module, args):
        module._forward_pre_hooks.pop(keys.pop(id(module)))
        rule(module)

    keys = {}
    for module in net.modules():
        waits = [nn.parameter.is_lazy(p) for p in module.parameters(recurse=False)]
        if any(waits):
            keys[id(module)] = module.register_forward_pre_hook(paint).id
        elif waits:
            rule(module)


# %% when_measured wrong: after the first output
# The rule came in a forward hook, after the first output had been computed with torch's own start.
def when_measured(net, rule):
    def paint_later(module):
        def paint(module, inputs, output):
            handle.remove()
            rule(module)

        handle = module.register_forward_hook(paint)

    for module in net.modules():
        own = list(module.parameters(recurse=False))
        if any(isinstance(p, nn.UninitializedParameter) for p in own):
            paint_later(module)
        elif own:
            rule(module)


# %% when_measured wrong: at once for all
# The rule was called for layers that still wait, and there is nothing to paint yet.
def when_measured(net, rule):
    for module in net.modules():
        if list(module.parameters(recurse=False)):
            rule(module)


# %% when_measured wrong: at every call
# The hook stays and paints again at every call: what was learned in between is gone.
def when_measured(net, rule):
    for module in net.modules():
        own = list(module.parameters(recurse=False))
        if any(isinstance(p, nn.UninitializedParameter) for p in own):
            module.register_forward_pre_hook(lambda module, inputs: rule(module))
        elif own:
            rule(module)


# %% when_measured wrong: a hook that does nothing stays
# The rule is called once, but the hook is never removed: it is called for ever and stands in the way of saving the net.
def when_measured(net, rule):
    painted = set()

    def paint(module, inputs):
        if module not in painted:
            painted.add(module)
            rule(module)

    for module in net.modules():
        own = list(module.parameters(recurse=False))
        if any(isinstance(p, nn.UninitializedParameter) for p in own):
            module.register_forward_pre_hook(paint)
        elif own:
            rule(module)


# %% when_measured wrong: before it is measured
# The hook was put in front of torch's own, so it came before the layer was measured.
def when_measured(net, rule):
    def paint_later(module):
        def paint(module, inputs):
            handle.remove()
            rule(module)

        handle = module.register_forward_pre_hook(paint, prepend=True)

    for module in net.modules():
        own = list(module.parameters(recurse=False))
        if any(isinstance(p, nn.UninitializedParameter) for p in own):
            paint_later(module)
        elif own:
            rule(module)


# %% when_measured wrong: the ordinary layers are left out
# Layers that wait for nothing were not painted. For them the rule was to be called at once.
def when_measured(net, rule):
    def paint_later(module):
        def paint(module, inputs):
            handle.remove()
            rule(module)

        handle = module.register_forward_pre_hook(paint)

    for module in net.modules():
        if any(isinstance(p, nn.UninitializedParameter) for p in module.parameters(recurse=False)):
            paint_later(module)


# %% when_measured wrong: asked for the class
# Whether a layer waits was read off its class; one that a checkpoint has filled was painted at its first call, too late.
def when_measured(net, rule):
    def paint_later(module):
        def paint(module, inputs):
            handle.remove()
            rule(module)

        handle = module.register_forward_pre_hook(paint)

    for module in net.modules():
        if type(module).__name__.startswith("Lazy"):
            paint_later(module)
        elif list(module.parameters(recurse=False)):
            rule(module)


# %% when_measured wrong: parents painted too
# Modules without parameters of their own, only with children, were given to the rule as well.
def when_measured(net, rule):
    def paint_later(module):
        def paint(module, inputs):
            handle.remove()
            rule(module)

        handle = module.register_forward_pre_hook(paint)

    for module in net.modules():
        if any(isinstance(p, nn.UninitializedParameter) for p in module.parameters(recurse=False)):
            paint_later(module)
        else:
            rule(module)


# %% when_measured wrong: parents wait for their children
# A module was made to wait because something in its children waits; its own parameters were there at once.
def when_measured(net, rule):
    def paint_later(module):
        def paint(module, inputs):
            handle.remove()
            rule(module)

        handle = module.register_forward_pre_hook(paint)

    for module in net.modules():
        if any(isinstance(p, nn.UninitializedParameter) for p in module.parameters()):
            if list(module.parameters(recurse=False)):
                paint_later(module)
        elif list(module.parameters(recurse=False)):
            rule(module)


# %% when_measured wrong: children only
# Only the layers that stand directly in the net were painted, not those further inside.
def when_measured(net, rule):
    def paint_later(module):
        def paint(module, inputs):
            handle.remove()
            rule(module)

        handle = module.register_forward_pre_hook(paint)

    for module in [net, *net.children()]:
        own = list(module.parameters(recurse=False))
        if any(isinstance(p, nn.UninitializedParameter) for p in own):
            paint_later(module)
        elif own:
            rule(module)


# %% when_measured wrong: all wait for the last hook
# The hooks were made in a loop and share one variable: the last handle is removed by all of them, and the others stay.
def when_measured(net, rule):
    for module in net.modules():
        own = list(module.parameters(recurse=False))
        if any(isinstance(p, nn.UninitializedParameter) for p in own):

            def paint(module, inputs):
                handle.remove()
                rule(module)

            handle = module.register_forward_pre_hook(paint)
        elif own:
            rule(module)


# %% when_measured wrong: the net itself is left out
# The net itself was not painted, only what is in it. A net may be a single layer, or have parameters of its own.
def when_measured(net, rule):
    def paint_later(module):
        def paint(module, inputs):
            handle.remove()
            rule(module)

        handle = module.register_forward_pre_hook(paint)

    for module in list(net.modules())[1:]:
        own = list(module.parameters(recurse=False))
        if any(isinstance(p, nn.UninitializedParameter) for p in own):
            paint_later(module)
        elif own:
            rule(module)


# %% when_measured wrong: one parameter speaks for all
# You asked the first parameter alone. Of one layer some may be there and others wait: ask whether any of them does.
def when_measured(net, rule):
    def paint_later(module):
        def paint(module, inputs):
            handle.remove()
            rule(module)

        handle = module.register_forward_pre_hook(paint)

    for module in net.modules():
        own = list(module.parameters(recurse=False))
        if own and isinstance(own[0], nn.UninitializedParameter):
            paint_later(module)
        elif own:
            rule(module)
