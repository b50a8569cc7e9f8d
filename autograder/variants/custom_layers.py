# Right and wrong answers to the exercises of `custom_layers`. The comment below a wrong one is what a student is told.

# %% dry_wet right: from dry towards wet
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if start <= 0 or start >= 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.logit(torch.tensor([float(start)] * features)))

    def forward(self, x):
        kept = x + 0
        wet = self.effect(kept)
        return torch.lerp(x, wet, torch.sigmoid(self.mix).expand_as(x))

# %% dry_wet right: dry kept, then the effect on the clone, one feature after the other
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not (start > 0 and start < 1):
            raise ValueError("start")
        self.register_parameter("mix", nn.Parameter(torch.ones(features) * -math.log(1 / start - 1)))
        self.effect = effect

    def forward(self, x):
        dry = x.clone()
        wet = self.effect(x.clone())
        columns = []
        for i, knob in enumerate(self.mix):
            w = 1 / (1 + torch.exp(-knob))
            columns.append(dry[..., i] + w * (wet[..., i] - dry[..., i]))
        return torch.stack(columns, dim=-1)

# %% dry_wet oracle
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((features,), math.log(start) - math.log(1 - start)))

    def forward(self, x):
        wet = self.effect(x.clone())
        w = F.sigmoid(self.mix)
        return torch.add(x.mul(1 - w), wet.mul(w))

# %% dry_wet wrong: no sigmoid
# Your knob is used as it is, and begins at `start`. The first step of an optimiser may turn it below 0 or above 1: keep a number of any size in `mix` and take its sigmoid.
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((features,), start))

    def forward(self, x):
        return (1 - self.mix) * x + self.mix * self.effect(x.clone())

# %% dry_wet wrong: begins at start, not at its logit
# `mix` itself begins at `start`, so its sigmoid does not: sigmoid(0.5) is 0.62. Begin at ln(start / (1 - start)).
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((features,), start))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x.clone())

# %% dry_wet wrong: dry and wet swapped
# Dry and wet are swapped: w is the share of the effect, 1 - w that of the input.
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((features,), math.log(start / (1 - start))))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return w * x + (1 - w) * self.effect(x.clone())

# %% dry_wet wrong: one knob for all
# There is one knob for all features. `mix` has one entry for each of them, shape (features,).
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((1,), math.log(start / (1 - start))))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x.clone())

# %% dry_wet wrong: a copy in training only
# The copy for the effect is made in training only. In evaluation an effect in place still writes over the dry part and over the caller's x.
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((features,), math.log(start / (1 - start))))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x.clone() if self.training else x)

# %% dry_wet wrong: the effect wrapped in a function
# You keep the effect inside a function (a lambda, a list, a closure). What is not assigned to an attribute as a module is not registered: its parameters are missing and eval() does not reach it.
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = lambda z: effect(z)
        self.mix = nn.Parameter(torch.full((features,), math.log(start / (1 - start))))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x.clone())

# %% dry_wet wrong: no copy for the effect
# The effect gets x itself. If it works in place, the dry part is no longer dry, and the caller's x is changed. Hand it x.clone().
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((features,), math.log(start / (1 - start))))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x)

# %% dry_wet wrong: the copy is detached
# x.detach().clone() cuts the graph: the effect's inputs get no gradient, only the dry part does. A plain clone lets gradients through.
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((features,), math.log(start / (1 - start))))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x.detach().clone())

# %% dry_wet wrong: the effect is called twice
# You call the effect twice in one call of the layer. With dropout inside the two calls differ, and it costs double: call it once and keep the result.
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((features,), math.log(start / (1 - start))))

    def forward(self, x):
        if self.effect(x.clone()).shape != x.shape:
            raise ValueError("the effect changes the shape")
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x.clone())

# %% dry_wet wrong: the ends are allowed
# start=0 and start=1 pass your check. A sigmoid reaches neither: the knob would stand at minus or plus infinity, or the layer starts elsewhere than asked.
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 <= start <= 1:
            raise ValueError("start")
        self.effect = effect
        start = min(max(start, 1e-6), 1 - 1e-6)
        self.mix = nn.Parameter(torch.full((features,), math.log(start / (1 - start))))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x.clone())

# %% dry_wet wrong: a copy of the effect
# You keep a deep copy of the effect. Whoever holds the original, an optimiser or a hook for instance, then holds parts that are no longer used.
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        from copy import deepcopy

        self.effect = deepcopy(effect)
        self.mix = nn.Parameter(torch.full((features,), math.log(start / (1 - start))))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x.clone())

# %% dry_wet wrong: always float32
# Your knobs are float32 whatever torch's default dtype is. Leave the dtype away, and torch takes the default of the moment.
class DryWet(nn.Module):
    def __init__(self, effect, features, start=0.5):
        super().__init__()
        if not 0 < start < 1:
            raise ValueError("start")
        self.effect = effect
        self.mix = nn.Parameter(torch.full((features,), math.log(start / (1 - start)), dtype=torch.float32))

    def forward(self, x):
        w = torch.sigmoid(self.mix)
        return (1 - w) * x + w * self.effect(x.clone())

# %% echo right: powers of the decay
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.ones(channels) * float(decay))

    def forward(self, x, state=None):
        n, c, length = x.shape
        if state is None:
            state = torch.zeros(n, c, dtype=x.dtype)
        series = torch.cat([state[:, :, None], x], dim=2)
        moments = []
        for t in range(1, length + 1):
            total = 0
            for s in range(t + 1):
                total = total + series[:, :, s] * self.decay ** (t - s)
            moments.append(total)
        return torch.stack(moments, 2), moments[-1]

# %% echo right: clones
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.empty(channels).fill_(decay))

    def forward(self, x, state=None):
        state = torch.zeros_like(x[..., 0]) if state is None else state.clone()
        moments = []
        for now in x.unbind(-1):
            state = torch.addcmul(now, self.decay, state)
            moments.append(state.clone().unsqueeze(-1))
        return torch.cat(moments, -1), moments[-1].squeeze(-1)

# %% echo oracle
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.tensor([float(decay)] * channels))

    def forward(self, x, state=None):
        length = x.shape[2]
        late = torch.arange(length)[None, :] - torch.arange(length)[:, None]
        table = torch.where(late >= 0, self.decay[:, None, None] ** late.clamp(min=0), 0.0)
        y = torch.einsum("ncs,cst->nct", x, table)
        if state is not None:
            y = y + state[:, :, None] * self.decay[:, None] ** torch.arange(1, length + 1)
        return y, y[:, :, -1]

# %% echo faulty start
# Three mistakes hide behind each other: the state is written over in place, so all moments are the same tensor; the detach that silenced autograd keeps the decay from learning; and the start takes neither whole numbers nor float64.

# %% echo wrong: still in place
# The state is still written over in place: every entry of your list is the same tensor, so each moment sounds like the last one, and the caller's state is changed. Make a new tensor at each moment.
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), float(decay)))

    def forward(self, x, state=None):
        heard = []
        if state is None:
            state = x.new_zeros(x.shape[:2])
        for t in range(x.shape[2]):
            state *= self.decay.detach()
            state += x[:, :, t]
            heard.append(state)
        return torch.stack(heard, dim=2), state

# %% echo wrong: clones in the list, the caller's state written over
# You clone what goes into the list, so the moments differ now. But the state is still written over in place, and the first one is the caller's own.
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), float(decay)))

    def forward(self, x, state=None):
        heard = []
        if state is None:
            state = x.new_zeros(x.shape[:2])
        for t in range(x.shape[2]):
            with torch.no_grad():
                state *= self.decay
            state += x[:, :, t]
            heard.append(state.clone())
        return torch.stack(heard, dim=2), state

# %% echo wrong: the decay stays detached
# The decay is still detached: what you hear is right, but no gradient reaches the knob, and it never learns.
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), float(decay)))

    def forward(self, x, state=None):
        heard = []
        if state is None:
            state = x.new_zeros(x.shape[:2])
        for t in range(x.shape[2]):
            state = x[:, :, t] + self.decay.detach() * state
            heard.append(state)
        return torch.stack(heard, dim=2), state

# %% echo wrong: the state is detached at each moment
# You detach the state at each moment. Then the decay learns from one step back only, and nothing reaches the inputs before.
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), float(decay)))

    def forward(self, x, state=None):
        heard = []
        if state is None:
            state = x.new_zeros(x.shape[:2])
        for t in range(x.shape[2]):
            state = x[:, :, t] + self.decay * state.detach()
            heard.append(state)
        return torch.stack(heard, dim=2), state

# %% echo wrong: whole numbers
# decay=1 is still turned into a tensor of int64, which cannot require a gradient. Say float(decay).
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), decay))

    def forward(self, x, state=None):
        heard = []
        if state is None:
            state = x.new_zeros(x.shape[:2])
        for t in range(x.shape[2]):
            state = x[:, :, t] + self.decay * state
            heard.append(state)
        return torch.stack(heard, dim=2), state

# %% echo wrong: float32 fixed
# You fix the knob to float32. The default dtype of the moment decides; float(decay) alone does that.
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), decay, dtype=torch.float32))

    def forward(self, x, state=None):
        heard = []
        if state is None:
            state = x.new_zeros(x.shape[:2])
        for t in range(x.shape[2]):
            state = x[:, :, t] + self.decay * state
            heard.append(state)
        return torch.stack(heard, dim=2), state

# %% echo wrong: the state given is ignored
# Your echo begins from silence at every call: the state that was handed over is not used.
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), float(decay)))

    def forward(self, x, state=None):
        heard = []
        state = x.new_zeros(x.shape[:2])
        for t in range(x.shape[2]):
            state = x[:, :, t] + self.decay * state
            heard.append(state)
        return torch.stack(heard, dim=2), state

# %% echo wrong: the state is read one moment too early
# You put the state itself out as the first moment, and everything comes one moment late. The output of moment t already holds x_t.
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), float(decay)))

    def forward(self, x, state=None):
        heard = []
        if state is None:
            state = x.new_zeros(x.shape[:2])
        for t in range(x.shape[2]):
            heard.append(state)
            state = x[:, :, t] + self.decay * state
        return torch.stack(heard, dim=2), state

# %% echo wrong: only one repetition
# Each moment hears the *input* of the moment before. An echo hears its own output: y, not x, is carried on.
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), float(decay)))

    def forward(self, x, state=None):
        heard = []
        if state is None:
            state = x.new_zeros(x.shape[:2])
        before = state
        for t in range(x.shape[2]):
            now = x[:, :, t] + self.decay * before
            before = x[:, :, t]
            heard.append(now)
        return torch.stack(heard, dim=2), now

# %% echo wrong: silence in float32
# Your silence is float32 whatever x is. With a float64 input the sum is float64 only by luck; written into, it loses the digits. Ask x for its dtype: x.new_zeros(...).
class Echo(nn.Module):
    def __init__(self, channels, decay=0.5):
        super().__init__()
        self.decay = nn.Parameter(torch.full((channels,), float(decay)))

    def forward(self, x, state=None):
        if state is None:
            state = torch.zeros(x.shape[:2])
        moments = torch.zeros(*x.shape[:2], x.shape[2] + 1)
        moments[:, :, 0] = state
        for t in range(x.shape[2]):
            moments[:, :, t + 1] = x[:, :, t] + self.decay * moments[:, :, t].clone()
        return moments[:, :, 1:], moments[:, :, -1]

# %% numeric_gradient right: indices and clones
def numeric_gradient(f, x, pull, step=1e-6):
    import itertools

    base = x.detach().clone()
    result = torch.empty(x.shape, dtype=torch.float64)
    for place in itertools.product(*[range(n) for n in x.shape]):
        ends = []
        for sign in (1, -1):
            z = base.clone()
            z[place] = z[place] + sign * step
            ends.append((f(z).detach() * pull).sum().item())
        result[place] = (ends[0] - ends[1]) / (2 * step)
    return result

# %% numeric_gradient right: a table of nudges
@torch.no_grad()
def numeric_gradient(f, x, pull, step=1e-6):
    nudges = step * torch.eye(max(1, x.numel()), dtype=x.dtype)
    S = lambda z: torch.sum(f(z) * pull)
    halves = [S(x + nudge.view(x.shape)) / (2 * step) - S(x - nudge.view(x.shape)) / (2 * step) for nudge in nudges]
    return torch.tensor([half.item() for half in halves], dtype=torch.float64).view(x.shape)

# %% numeric_gradient oracle
def numeric_gradient(f, x, pull, step=1e-6):
    flat = x.detach().reshape(-1).tolist()
    found = []
    for i in range(len(flat)):
        total = 0.0
        for sign in (1, -1):
            moved = list(flat)
            moved[i] = moved[i] + sign * step
            value = f(torch.tensor(moved, dtype=torch.float64).reshape(x.shape)).detach()
            total += sign * sum(p * v for p, v in zip(pull.reshape(-1).tolist(), value.reshape(-1).tolist()))
        found.append(total / (2 * step))
    return torch.tensor(found, dtype=torch.float64).reshape(x.shape)

# %% numeric_gradient wrong: one side only
# You measure at x + step and at x. One-sided differences are off by a multiple of step, where the two-sided ones are off by its square: measure at x - step, too.
def numeric_gradient(f, x, pull, step=1e-6):
    slopes = []
    with torch.no_grad():
        for i in range(x.numel()):
            nudge = torch.zeros(x.numel(), dtype=x.dtype)
            nudge[i] = step
            slopes.append((pull * (f(x + nudge.reshape(x.shape)) - f(x.clone()))).sum() / step)
    return torch.stack(slopes).reshape(x.shape)

# %% numeric_gradient wrong: divided by one step
# From x - step to x + step are two steps. You divide by one, so every slope is twice too large.
def numeric_gradient(f, x, pull, step=1e-6):
    slopes = []
    with torch.no_grad():
        for i in range(x.numel()):
            nudge = torch.zeros(x.numel(), dtype=x.dtype)
            nudge[i] = step
            up, down = f(x + nudge.reshape(x.shape)), f(x - nudge.reshape(x.shape))
            slopes.append((pull * (up - down)).sum() / step)
    return torch.stack(slopes).reshape(x.shape)

# %% numeric_gradient wrong: half a step each way
# You go half a step up and half a step down. The formula goes a whole step each way, and divides by two.
def numeric_gradient(f, x, pull, step=1e-6):
    slopes = []
    with torch.no_grad():
        for i in range(x.numel()):
            nudge = torch.zeros(x.numel(), dtype=x.dtype)
            nudge[i] = step / 2
            up, down = f(x + nudge.reshape(x.shape)), f(x - nudge.reshape(x.shape))
            slopes.append((pull * (up - down)).sum() / step)
    return torch.stack(slopes).reshape(x.shape)

# %% numeric_gradient wrong: pull is ignored
# You add the outputs up without weighing them: `pull` says how much each output counts.
def numeric_gradient(f, x, pull, step=1e-6):
    slopes = []
    with torch.no_grad():
        for i in range(x.numel()):
            nudge = torch.zeros(x.numel(), dtype=x.dtype)
            nudge[i] = step
            up, down = f(x + nudge.reshape(x.shape)), f(x - nudge.reshape(x.shape))
            slopes.append((up - down).sum() / (2 * step))
    return torch.stack(slopes).reshape(x.shape)

# %% numeric_gradient wrong: all entries at once
# You nudge all entries at the same time. That is right only if output i depends on input i alone; in general each entry needs a measurement of its own.
def numeric_gradient(f, x, pull, step=1e-6):
    with torch.no_grad():
        slopes = pull * (f(x + step) - f(x - step)) / (2 * step)
        if slopes.shape != x.shape:
            slopes = slopes.reshape(*slopes.shape, *[1] * (x.dim() - slopes.dim())).expand(x.shape) / x.shape[-1]
        return slopes.clone()

# %% numeric_gradient wrong: x is nudged and put back
# You nudge x itself and put it back by arithmetic. After + step, - 2 step, + step the last digit is often another one, and whoever handed x over finds it changed. Nudge a copy.
def numeric_gradient(f, x, pull, step=1e-6):
    result = torch.zeros(x.shape, dtype=x.dtype)
    with torch.no_grad():
        for i in range(x.numel()):
            place = tuple(int(k) for k in np.unravel_index(i, x.shape))
            x[place] += step
            up = f(x.clone())
            x[place] -= 2 * step
            down = f(x.clone())
            x[place] += step
            result[place] = (pull * (up - down)).sum() / (2 * step)
    return result

# %% numeric_gradient wrong: a nudge that is lost in a copy
# flatten() of a transposed view is a copy: you nudge the copy, f sees no difference, and the gradient of a view comes out 0.
def numeric_gradient(f, x, pull, step=1e-6):
    slopes = []
    with torch.no_grad():
        for i in range(x.numel()):
            up, down = x.detach().clone(), x.detach().clone()
            up.flatten()[i] += step
            down.flatten()[i] -= step
            slopes.append((pull * (f(up) - f(down))).sum() / (2 * step))
    return torch.stack(slopes).reshape(x.shape)

# %% numeric_gradient wrong: one tensor for all measurements
# You hand f the same tensor again and again. An f that works in place writes over it, and the next measurement starts from there. Make a new one for each call.
def numeric_gradient(f, x, pull, step=1e-6):
    result = torch.zeros(x.numel(), dtype=x.dtype)
    z = x.detach().clone(memory_format=torch.contiguous_format)
    flat = z.view(-1)
    with torch.no_grad():
        for i in range(x.numel()):
            old = flat[i].item()
            flat[i] = old + step
            up = f(z).clone()
            flat[i] = old - step
            down = f(z).clone()
            flat[i] = old
            result[i] = (pull * (up - down)).sum() / (2 * step)
    return result.reshape(x.shape)

# %% numeric_gradient wrong: float32 in between
# Your result, or something on the way to it, is float32. Differences of nearly equal numbers need every digit that float64 has.
def numeric_gradient(f, x, pull, step=1e-6):
    slopes = torch.zeros(x.numel())
    with torch.no_grad():
        for i in range(x.numel()):
            nudge = torch.zeros(x.numel(), dtype=x.dtype)
            nudge[i] = step
            up, down = f(x + nudge.reshape(x.shape)), f(x - nudge.reshape(x.shape))
            slopes[i] = (pull * (up - down)).sum() / (2 * step)
    return slopes.reshape(x.shape).double()

# %% numeric_gradient wrong: the result has a history
# Your result still hangs on the weights of f: it requires a gradient. Measure under torch.no_grad().
def numeric_gradient(f, x, pull, step=1e-6):
    slopes = []
    for i in range(x.numel()):
        nudge = torch.zeros(x.numel(), dtype=x.dtype)
        nudge[i] = step
        up, down = f(x.detach() + nudge.reshape(x.shape)), f(x.detach() - nudge.reshape(x.shape))
        slopes.append((pull * (up - down)).sum() / (2 * step))
    return torch.stack(slopes).reshape(x.shape)

# %% numeric_gradient wrong: rows, not entries
# You nudge a whole row at once (`for i in range(len(x))`). Walk over the entries, x.numel() of them; then a tensor without axes works, too.
def numeric_gradient(f, x, pull, step=1e-6):
    result = torch.zeros(x.shape, dtype=x.dtype)
    with torch.no_grad():
        for i in range(len(x)):
            nudge = torch.zeros(x.shape, dtype=x.dtype)
            nudge[i] = step
            result[i] = (pull * (f(x + nudge) - f(x - nudge))).sum() / (2 * step)
            if x.dim() > 1:
                result[i] /= x[i].numel()
    return result

# %% numeric_gradient wrong: its own step
# Your function always takes steps of 1e-6, whatever `step` says.
def numeric_gradient(f, x, pull, step=1e-6):
    step = 1e-6
    slopes = []
    with torch.no_grad():
        for i in range(x.numel()):
            nudge = torch.zeros(x.numel(), dtype=x.dtype)
            nudge[i] = step
            up, down = f(x + nudge.reshape(x.shape)), f(x - nudge.reshape(x.shape))
            slopes.append((pull * (up - down)).sum() / (2 * step))
    return torch.stack(slopes).reshape(x.shape)

# %% soft_limit right: from the output
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(x, a):
        return x / torch.sqrt(1 + a * a * x * x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[1], output)

    @staticmethod
    def backward(ctx, gradient):
        a, y = ctx.saved_tensors
        share = 1 - (a * y) ** 2
        of_a = gradient * -a * y**3
        while of_a.dim() > 1:
            of_a = of_a.sum(0)
        return gradient * share.sqrt() * share, of_a


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit right: the sum over the rows is left to autograd
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x / torch.hypot(torch.ones_like(x), a * x)

    @staticmethod
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        s = 1 + (a * x).square()
        return gradient / s**1.5, gradient * (-a * x**3) / (s * s.sqrt())


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit right: only what is asked for
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x.mul((1 + (a * x).pow(2)).pow(-0.5))

    @staticmethod
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        cube = (1 + (a * x).pow(2)).pow(-1.5)
        dx = gradient * cube if ctx.needs_input_grad[0] else None
        da = None
        if ctx.needs_input_grad[1]:
            da = torch.einsum("...f,f,...f->f", gradient * cube, -a, x**3)
        return dx, da


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit oracle
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x / torch.sqrt(1 + (a * x) ** 2)

    @staticmethod
    def backward(ctx, gradient):
        _, back = torch.func.vjp(lambda x, a: x / torch.sqrt(1 + (a * x) ** 2), *ctx.saved_tensors)
        return back(gradient)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit equivalent: (removed) @staticmethod
# torch calls forward and backward on the class, never on an instance, so they work without it; the decorator is good manners, and a linter asks for it.

# %% soft_limit wrong: without what comes from above
# You return the slope alone. By the chain rule it is multiplied by `gradient`, what comes from above; a loss that is a plain sum sends 1 and hides the mistake.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x * torch.rsqrt(1 + (a * x) ** 2)

    @staticmethod
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        passed = torch.rsqrt(1 + (a * x) ** 2) ** 3
        of_a = -a * x**3 * passed
        return passed, of_a.reshape(-1, len(a)).sum(0)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: only x gets what comes from above
# The gradient of x is multiplied by what comes from above, that of a is not.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x * torch.rsqrt(1 + (a * x) ** 2)

    @staticmethod
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        cube = torch.rsqrt(1 + (a * x) ** 2) ** 3
        return gradient * cube, (-a * x**3 * cube).reshape(-1, len(a)).sum(0)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: None for a
# You return None for a: that says "not differentiable", and the knob never learns.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x * torch.rsqrt(1 + (a * x) ** 2)

    @staticmethod
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        return gradient * torch.rsqrt(1 + (a * x) ** 2) ** 3, None


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: autograd under another name
# Your class has an apply of its own, so torch never hears of your backward: autograd writes the return line after all. Leave apply as it is inherited, and write forward and backward.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def apply(x, a):
        return x * torch.rsqrt(1 + (a * x).square())


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: the factor a is lost
# In the gradient of a the inner derivative is missing: of (a x)^2 by a it is 2 a x^2, so a factor a stays. At a = 1 nobody notices.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x * torch.rsqrt(1 + (a * x) ** 2)

    @staticmethod
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        passed = gradient * torch.rsqrt(1 + (a * x) ** 2) ** 3
        return passed, -(x**3 * passed).reshape(-1, len(a)).sum(0)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: the mean over the rows
# You average the rows' gradients of a. The knob is used by every row, and what they say is added up; a mean, if any, is the loss's business.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x * torch.rsqrt(1 + (a * x) ** 2)

    @staticmethod
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        passed = gradient * torch.rsqrt(1 + (a * x) ** 2) ** 3
        return passed, (-a * x**3 * passed).reshape(-1, len(a)).mean(0)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: all features in one sum
# You add up over the features, too, and give every knob the same gradient. Sum over the leading axes only.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x * torch.rsqrt(1 + (a * x) ** 2)

    @staticmethod
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        passed = gradient * torch.rsqrt(1 + (a * x) ** 2) ** 3
        return passed, (-a * x**3 * passed).sum().expand_as(a)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: r is kept from the forward
# You save r, computed in forward, where nothing is recorded. The first derivative is right; the second takes r for a constant. Save x and a, and compute r in backward.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        r = torch.rsqrt(1 + (a * x) ** 2)
        ctx.save_for_backward(x, a, r)
        return x * r

    @staticmethod
    def backward(ctx, gradient):
        x, a, r = ctx.saved_tensors
        passed = gradient * r**3
        return passed, (-a * x**3 * passed).reshape(-1, len(a)).sum(0)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: a is kept detached
# You save a detached copy of an input. Its first derivative is right, but the graph of the second one ends there.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x)
        ctx.a = a.detach().clone()
        return x * torch.rsqrt(1 + (a * x) ** 2)

    @staticmethod
    def backward(ctx, gradient):
        (x,), a = ctx.saved_tensors, ctx.a
        passed = gradient * torch.rsqrt(1 + (a * x) ** 2) ** 3
        return passed, (-a * x**3 * passed).reshape(-1, len(a)).sum(0)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: once differentiable
# Your backward runs without a graph (once_differentiable, or no_grad), so a gradient of the gradient cannot be computed.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x * torch.rsqrt(1 + (a * x) ** 2)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        passed = gradient * torch.rsqrt(1 + (a * x) ** 2) ** 3
        return passed, (-a * x**3 * passed).reshape(-1, len(a)).sum(0)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: r as output over input
# You get r back as y / x. Where x is 0, that is 0 / 0, and the gradient becomes nan; the true slope there is 1.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        y = x * torch.rsqrt(1 + (a * x) ** 2)
        ctx.save_for_backward(x, a, y)
        return y

    @staticmethod
    def backward(ctx, gradient):
        x, a, y = ctx.saved_tensors
        passed = gradient * (y / x) ** 3
        return passed, (-a * x**3 * passed).reshape(-1, len(a)).sum(0)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% soft_limit wrong: writes over what comes from above
# You multiply `gradient` in place. That tensor is not yours: whoever sent it, or another branch of the graph, still needs it.
class SoftLimit(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return x * torch.rsqrt(1 + (a * x) ** 2)

    @staticmethod
    def backward(ctx, gradient):
        x, a = ctx.saved_tensors
        gradient *= torch.rsqrt(1 + (a * x) ** 2) ** 3
        return gradient, (-a * x**3 * gradient).reshape(-1, len(a)).sum(0)


def soft_limit(x, a):
    return SoftLimit.apply(x, a)

# %% limit_return right: a hook on a copy
def limit_return(x, most):
    y = x.clone()

    def hook(gradient):
        rows = [row if row.norm() <= most else row * (most / row.norm()) for row in gradient]
        return torch.stack(rows)

    if y.requires_grad:
        y.register_hook(hook)
    return y

# %% limit_return right: renorm
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(x, most):
        return x.clone()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.most = inputs[1]

    @staticmethod
    def backward(ctx, gradient):
        squares = gradient * gradient
        for axis in range(1, gradient.dim()):
            squares = squares.sum(axis, keepdim=True)
        length = squares.sqrt()
        return torch.where(length > ctx.most, gradient / length * ctx.most, gradient), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return oracle
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        rows = gradient.reshape(len(gradient), -1).double()
        short = [row * min(1.0, ctx.most / max(math.sqrt(sum(v * v for v in row.tolist())), 1e-300)) for row in rows]
        return torch.stack(short).reshape(gradient.shape).to(gradient.dtype), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return equivalent: (removed) @staticmethod
# torch calls forward and backward on the class, never on an instance, so they work without it; the decorator is good manners, and a linter asks for it.

# %% limit_return wrong: one length for the batch
# You measure one length for the whole batch. One loud example then silences all the others; each example has its own.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        length = gradient.norm()
        return gradient * (ctx.most / length.clamp(min=ctx.most)), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: every number by itself
# You cut every number by itself (clamp). That turns the gradient into another direction; here a long one is made shorter and keeps its direction.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient.clamp(-ctx.most, ctx.most), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: only the last axis
# You measure along the last axis only. An example of shape (C, H, W) has one length, over all its numbers.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        if gradient.dim() == 1:
            return gradient.clamp(-ctx.most, ctx.most), None
        length = gradient.norm(dim=-1, keepdim=True)
        return gradient * (ctx.most / length.clamp(min=ctx.most)), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: axis 1 only
# You measure along axis 1 only, so every pixel gets its own limit. An example of shape (C, H, W) has one length, over all its numbers.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        length = gradient.norm(dim=1, keepdim=True) if gradient.dim() > 1 else gradient.abs()
        return gradient * (ctx.most / length.clamp(min=ctx.most)), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: short ones are made longer
# You bring every example to the length `most`, the quiet ones as well. A limiter only makes things quieter.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        length = gradient.reshape(len(gradient), -1).norm(dim=1)
        factor = ctx.most / length.clamp(min=1e-12)
        return gradient * factor.reshape(-1, *[1] * (gradient.dim() - 1)), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: a little something in the divisor
# You add a small number to the length, against dividing by 0. Then every limited example comes out a little too short; divide by the larger of length and most instead.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        length = gradient.reshape(len(gradient), -1).norm(dim=1)
        factor = (ctx.most / (length + 1e-6)).clamp(max=1.0)
        return gradient * factor.reshape(-1, *[1] * (gradient.dim() - 1)), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: nan for silence
# For an example without any complaint you divide by 0 and multiply by 0: nan. From there it spreads over all weights.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        rows = gradient.reshape(len(gradient), -1)
        length = rows.norm(dim=1, keepdim=True)
        unit = rows / length
        return (unit * length.clamp(max=ctx.most)).reshape(gradient.shape), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: the largest number for the length
# You take the largest number of an example for its length. The length is the root of the sum of the squares.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        length = gradient.reshape(len(gradient), -1).abs().amax(dim=1)
        factor = ctx.most / length.clamp(min=ctx.most)
        return gradient * factor.reshape(-1, *[1] * (gradient.dim() - 1)), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: the root is forgotten
# You compare the sum of the squares with `most`. The length is its root.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        length = gradient.reshape(len(gradient), -1).square().sum(dim=1)
        factor = ctx.most / length.clamp(min=ctx.most)
        return gradient * factor.reshape(-1, *[1] * (gradient.dim() - 1)), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: the way forward is limited, too
# Your forward limits x itself. Forward this box does nothing; only what comes back is limited.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        length = x.reshape(len(x), -1).norm(dim=1)
        return x * (most / length.clamp(min=most)).reshape(-1, *[1] * (x.dim() - 1))

    @staticmethod
    def backward(ctx, gradient):
        length = gradient.reshape(len(gradient), -1).norm(dim=1)
        factor = ctx.most / length.clamp(min=ctx.most)
        return gradient * factor.reshape(-1, *[1] * (gradient.dim() - 1)), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: left to autograd
# You return x and leave the rest to autograd, which then passes everything: the limit is never applied. A gradient that is defined and not derived needs a backward of its own.
def limit_return(x, most):
    return x.view_as(x)

# %% limit_return wrong: writes over what comes from above
# You shorten the gradient in place. That tensor belongs to whoever sent it; make a new one.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        length = gradient.reshape(len(gradient), -1).norm(dim=1)
        factor = ctx.most / length.clamp(min=ctx.most)
        return gradient.mul_(factor.reshape(-1, *[1] * (gradient.dim() - 1))), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: always in float32
# You compute the lengths in float32, so a float64 gradient loses half its digits.
class LimitReturn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, most):
        ctx.most = most
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        length = gradient.reshape(len(gradient), -1).float().norm(dim=1)
        factor = ctx.most / length.clamp(min=ctx.most)
        return gradient * factor.reshape(-1, *[1] * (gradient.dim() - 1)), None


def limit_return(x, most):
    return LimitReturn.apply(x, most)

# %% limit_return wrong: a hook on x itself
# Your hook sits on x itself. It limits the sum of everything that comes back to x, also what comes from its other uses. Make a new tensor and limit what comes back to that.
def limit_return(x, most):
    def hook(g):
        n = g.reshape(len(g), -1).norm(dim=1).clamp(min=most)
        return g * (most / n).reshape(-1, *[1] * (g.dim() - 1))

    if x.requires_grad:
        x.register_hook(hook)
    return x

# %% kept_bytes right: a class that writes down
class Ledger:
    def __init__(self, known):
        self.seen = set(t.untyped_storage().data_ptr() for t in known)
        self.alive, self.total = [], 0

    def pack(self, tensor):
        memory = tensor.untyped_storage()
        if memory.data_ptr() not in self.seen:
            self.seen.add(memory.data_ptr())
            self.total = self.total + memory.nbytes()
            self.alive.append(tensor)
        return tensor


def kept_bytes(f, x):
    known = [x]
    if isinstance(f, nn.Module):
        known = known + [*f.parameters(), *f.buffers()]
    ledger = Ledger(known)
    with torch.autograd.graph.saved_tensors_hooks(ledger.pack, lambda tensor: tensor):
        output = f(x)
    del output
    return ledger.total


def choose(candidates, x):
    best, fewest = None, math.inf
    for name, f in candidates.items():
        kept = kept_bytes(f, x)
        if kept < fewest:
            best, fewest = name, kept
    return best

# %% kept_bytes right: sorted by place
def kept_bytes(f, x):
    rows = []

    def pack(t):
        rows.append(t)
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        out = f(x)
    own = [x]
    for part in getattr(f, "parameters", list)():
        own.append(part)
    for part in getattr(f, "buffers", list)():
        own.append(part)
    where = sorted((t.untyped_storage().data_ptr(), t.untyped_storage().nbytes()) for t in rows)
    total = 0
    for i, (place, size) in enumerate(where):
        if i and where[i - 1][0] == place:
            continue
        if not any(place == t.untyped_storage().data_ptr() for t in own):
            total += size
    return int(total)


def choose(candidates, x):
    order = [(kept_bytes(f, x), i, name) for i, (name, f) in enumerate(candidates.items())]
    return sorted(order)[0][2]

# %% kept_bytes oracle
def kept_bytes(f, x):
    shown = []
    hooks = torch.autograd.graph.saved_tensors_hooks(lambda t: (shown.append(t), t)[1], lambda t: t)
    with hooks:
        y = f(x)
    places = {}
    for t in shown:
        memory = t.untyped_storage()
        places[memory.data_ptr()] = len(memory)
    known = [x] + (list(f.parameters()) + list(f.buffers()) if isinstance(f, nn.Module) else [])
    for t in known:
        places.pop(t.untyped_storage().data_ptr(), None)
    return sum(places.values())


def choose(candidates, x):
    names = list(candidates)
    counts = [kept_bytes(candidates[name], x) for name in names]
    return names[counts.index(min(counts))]

# %% kept_bytes wrong: counted as often as saved
# You count every saved tensor. The same memory may be saved several times, by this step and by the next, and is kept only once.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    return sum(t.untyped_storage().nbytes() for t in saved if t.untyped_storage().data_ptr() not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: the input counts
# You count the memory of x as well. It is there anyway, whatever f does.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [*f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else []
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: the weights count
# You count the weights of a module. They are there anyway.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: the buffers count
# You leave the parameters out but not the buffers, which are there anyway as well.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters()] if isinstance(f, nn.Module) else [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: entries in place of bytes
# You count entries. A float32 has 4 bytes, a float64 has 8, a bool has 1.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() // t.element_size() for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: four bytes each
# You take 4 bytes for each entry. A float64 has 8, a bool has 1; ask the memory itself: nbytes().
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() // t.element_size() * 4 for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: views by their own size
# You count a view by its own number of entries. As long as it lives, it holds the whole memory that it looks into.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {t.untyped_storage().data_ptr(): t.numel() * t.element_size() for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: views told apart
# You ask a tensor for data_ptr(), where its own first entry lies. Two views of one memory begin at different places; ask the storage.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else [x]
    there = {t.data_ptr() for t in known}
    sizes = {t.data_ptr(): t.untyped_storage().nbytes() for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: by shape
# You take tensors of the same shape for the same memory. Two results may have one shape and both be kept.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {(t.untyped_storage().data_ptr() if t.untyped_storage().data_ptr() in there else tuple(t.shape)): t.untyped_storage().nbytes() for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: the output counted
# You measure the size of the output. What is kept for the way back may be less, or much more.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in saved}
    return y.untyped_storage().nbytes()


def choose(candidates, x):
    return min(candidates, key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: the last of several
# Of several candidates with as few bytes you return the last one. Asked is the first.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(reversed(candidates), key=lambda name: kept_bytes(candidates[name], x))

# %% kept_bytes wrong: the first in the alphabet
# Among equals you choose by name. The order of the dictionary decides.
def kept_bytes(f, x):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = f(x)
    known = [x, *f.parameters(), *f.buffers()] if isinstance(f, nn.Module) else [x]
    there = {t.untyped_storage().data_ptr() for t in known}
    sizes = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in saved}
    return sum(size for place, size in sizes.items() if place not in there)


def choose(candidates, x):
    return min(candidates, key=lambda name: (kept_bytes(candidates[name], x), name))

# %% kept_bytes wrong: only what the state_dict holds
# Buffers with persistent=False belong to the module, but do not stand in its state_dict. Take f.buffers().
def kept_bytes(f, x):
    seen = []

    def pack(t):
        seen.append(t)
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        y = f(x)
    there = {x.untyped_storage().data_ptr()}
    if isinstance(f, nn.Module):
        for t in f.state_dict(keep_vars=True).values():
            there.add(t.untyped_storage().data_ptr())
    sizes = {}
    for t in seen:
        s = t.untyped_storage()
        if s.data_ptr() not in there:
            sizes[s.data_ptr()] = s.nbytes()
    return sum(sizes.values())


def choose(candidates, x):
    costs = {name: kept_bytes(f, x) for name, f in candidates.items()}
    return min(costs, key=costs.get)

# %% residual_block right: an identity, and unfold in place of the convolutions
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        fits = stride == 1 and in_channels == out_channels
        self.conv1 = nn.Conv2d(in_channels, out_channels, (3, 3), (stride, stride), (1, 1), bias=None)
        self.conv2 = nn.Conv2d(out_channels, out_channels, kernel_size=3, stride=1, padding="same", bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(out_channels), nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if not fits:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))
        self.stride = stride

    @staticmethod
    def by_columns(x, weight, stride, padding):
        k = weight.shape[-1]
        h, w = ((n + 2 * padding - k) // stride + 1 for n in x.shape[2:])
        columns = F.unfold(x, k, padding=padding, stride=stride)
        return (weight.flatten(1) @ columns).unflatten(2, (h, w))

    def forward(self, x):
        dry = x
        if len(self.shortcut.state_dict()):
            dry = self.shortcut[1](self.by_columns(x, self.shortcut[0].weight, self.stride, 0))
        y = self.bn1(self.by_columns(x, self.conv1.weight, self.stride, 1)).clamp_min(0)
        y = self.bn2(self.by_columns(y, self.conv2.weight, 1, 1))
        y += dry
        return torch.where(y > 0, y, torch.zeros_like(y))

# %% residual_block right: functional batch normalisation, the shortcut by slicing
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.stride = stride
        self.add_module("conv1", nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False))
        self.add_module("bn1", nn.BatchNorm2d(out_channels))
        self.add_module("conv2", nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False))
        self.add_module("bn2", nn.BatchNorm2d(out_channels))
        if stride == 1 and in_channels == out_channels:
            self.shortcut = None
        else:
            layers = [nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)]
            self.shortcut = nn.ModuleList(layers)

    def forward(self, x):
        body = nn.Sequential(self.conv1, self.bn1, nn.ReLU(inplace=True), self.conv2, self.bn2)
        dry = x.clone()
        if self.shortcut is not None:
            conv, norm = self.shortcut
            thin = x[:, :, :: self.stride, :: self.stride]
            dry = norm(torch.einsum("nchw,oc->nohw", thin, conv.weight[:, :, 0, 0]))
        return torch.relu_(body(x) + dry)

# %% residual_block oracle
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        fits = (stride, in_channels) == (1, out_channels)
        adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity() if fits else nn.Sequential(*adapter)

    def forward(self, x):
        y = self.conv2(self.bn1(self.conv1(x)).relu())
        return torch.relu(torch.add(self.bn2(y), self.shortcut(x)))

# %% residual_block wrong: always an adapter
# You build the adapter always. Where the input fits, it goes through as it is: a block that begins as "the input and a bit" is what makes deep nets trainable.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if True:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.shortcut(x))

# %% residual_block wrong: an adapter for the stride only
# Your adapter depends on the stride alone. Other channels need one as well, or the sum has no common shape.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.shortcut(x))

# %% residual_block wrong: an adapter for the channels only
# Your adapter depends on the channels alone. A stride makes the picture smaller, so it needs one as well.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.shortcut(x))

# %% residual_block wrong: both conditions at once
# You ask for stride *and* channels to differ. Either is enough to need an adapter.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 and in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.shortcut(x))

# %% residual_block wrong: the stride in the second convolution
# The stride sits in conv2. Shapes agree, but conv1 then works on the large picture: here conv1 takes the stride.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.shortcut(x))

# %% residual_block wrong: relu in front of the sum
# Your last ReLU stands in front of the sum, so the effect can only add and never take away. It belongs behind the sum.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(F.relu(y) + self.shortcut(x))

# %% residual_block wrong: no relu at the end
# The last ReLU, behind the sum, is missing.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return y + self.shortcut(x)

# %% residual_block wrong: no relu in the middle
# The ReLU between the two convolutions is missing. Without it they are nearly one convolution.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = self.bn1(self.conv1(x))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.shortcut(x))

# %% residual_block wrong: biases in front of the normalisation
# Your convolutions have a bias, right in front of a batch normalisation that subtracts it again: numbers that are stored and never matter. Say bias=False.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.shortcut(x))

# %% residual_block wrong: an adapter for stride 2 only
# Your adapter asks for the stride 2. With a stride of 3 and the same channels the sum needs one just as much: ask whether the stride is other than 1.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        if stride != 2 and in_channels == out_channels:
            self.shortcut = nn.Identity()
        else:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        effect = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(effect + self.shortcut(x))

# %% residual_block wrong: an adapter without normalisation
# Your adapter is the convolution alone; the batch normalisation behind it is missing.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.shortcut(x))

# %% residual_block wrong: relu in place on x
# The dry path is the input itself, and something works in place on it: whoever handed x over finds it changed.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        dry = self.shortcut(x)
        dry += y
        return F.relu(dry)

# %% residual_block wrong: the relu of x as dry path
# Your dry path is relu(x), which loses the negative half of the input. It is x itself.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        x = F.relu(x)
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.shortcut(x))

# %% residual_block wrong: one normalisation for both
# You use bn1 twice. It keeps one set of running statistics and learns one scale; behind conv2 stands bn2.
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            adapter = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(adapter, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn1(self.conv2(y)) + 0 * self.bn2.weight.sum()
        return F.relu(y + self.shortcut(x))

# %% squeeze_excite right: einsum and indices of None
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = channels // reduction or 1
        self.fc1, self.fc2 = nn.Linear(channels, hidden), nn.Linear(hidden, channels)

    def forward(self, x):
        places = tuple(range(2, x.dim()))
        s = x.sum(places) / math.prod(x.shape[2:])
        h = torch.einsum("nc,hc->nh", s, self.fc1.weight) + self.fc1.bias
        g = torch.einsum("nh,ch->nc", h.clamp(min=0), self.fc2.weight) + self.fc2.bias
        g = 1 / (1 + torch.exp(-g))
        for _ in places:
            g = g[..., None]
        return g * x

# %% squeeze_excite right: example by example, channel by channel
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = channels // reduction
        if hidden < 1:
            hidden = 1
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        mixed = []
        for example in x:
            squeezed = torch.stack([channel.mean() for channel in example])
            gates = self.fc2(self.fc1(squeezed).relu()).sigmoid()
            mixed.append(torch.stack([gate * channel for gate, channel in zip(gates, example)]))
        return torch.stack(mixed)

# %% squeeze_excite oracle
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, int(channels / reduction))
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        s = F.adaptive_avg_pool1d(x.reshape(*x.shape[:2], -1), 1)[..., 0]
        gate = torch.sigmoid(F.linear(torch.relu(F.linear(s, self.fc1.weight, self.fc1.bias)), self.fc2.weight, self.fc2.bias))
        return (x.reshape(*x.shape[:2], -1) * gate.unsqueeze(-1)).reshape(x.shape)

# %% squeeze_excite wrong: the sum in place of the mean
# You add the places up. The mean does not depend on how large the picture is.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).sum(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: the largest in place of the mean
# You take the loudest place of each channel. Squeeze-and-excitation takes the mean.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).amax(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: only the last axis
# You take the mean over the last axis only, or over one axis after the other place by place: one number for each channel is needed, over all places.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.mean(-1) if x.dim() == 3 else x.mean(-1).flatten(2)[:, :, 0]
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: the mean over the batch, too
# You average over the batch as well, so all examples get the same faders. Each example is mixed by itself.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2).mean(0, keepdim=True).expand(len(x), -1)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: softmax for the gates
# You use softmax, so the channels share one total and more of one means less of the others. Each fader moves by itself: sigmoid.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.softmax(self.fc2(F.relu(self.fc1(squeezed))), 1)
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: no relu
# The ReLU between fc1 and fc2 is missing; without it the two are one linear layer of low rank.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.sigmoid(self.fc2(self.fc1(squeezed)))
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: no sigmoid
# The sigmoid is missing: a fader of -3 turns a channel upside down.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = self.fc2(F.relu(self.fc1(squeezed)))
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: the gate is added
# You add the gate. A fader multiplies.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x + gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: x plus the gated x
# You return x + g x. The faders of squeeze-and-excitation can turn a channel nearly off; with the sum they cannot go below 1.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x + x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: lined up with the last axes
# The gate is lined up with the wrong axes. It belongs to axes 0 and 1: give it axes of size 1 for the places.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        extra = x.dim() - 2
        return x * (gate.reshape(*gate.shape, *[1] * extra) if x.shape[-1] != x.shape[1] else gate)

# %% squeeze_excite wrong: pictures only
# You average and multiply over exactly two axes of places. (N, C, L) and (N, C, D, H, W) are asked for as well.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.mean((2, 3))
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x * gate[:, :, None, None]

# %% squeeze_excite wrong: reduction as a width
# You use `reduction` as the number of hidden features. It is the factor by which there are fewer of them.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = reduction
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: no hidden feature at all
# With more reduction than channels, channels // reduction is 0: a layer without features, and every gate the same. At least one is needed.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = channels // reduction
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: rounded up
# You round channels / reduction up, or to the nearest. The statement rounds down.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, -(-channels // reduction))
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: faders in training only
# In evaluation your layer hands x through. The faders are no help for training alone, as dropout is: the net has learned with them and needs them afterwards.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        if not self.training:
            return x
        s = x.flatten(2).mean(2)
        g = torch.sigmoid(self.fc2(F.relu(self.fc1(s))))
        return x * g.reshape(*g.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: the gate is detached
# You cut the gate out of the graph (detach, no_grad): fc1 and fc2 never learn.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        gate = gate.detach() + 0 * gate
        return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))

# %% squeeze_excite wrong: in place
# You multiply x in place, so whoever handed it over finds it changed.
class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.flatten(2).mean(2)
        gate = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        factor = gate.reshape(*gate.shape, *[1] * (x.dim() - 2))
        y = x * factor
        x.data.mul_(factor)
        return y

# %% bypass right: by recursion, with F.linear
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.empty_like(layer.weight[:1]).repeat(rank, 1).detach())
        self.up = nn.Parameter(layer.weight.new_zeros((len(layer.weight), rank)))
        nn.init.normal_(self.down, std=layer.in_features**-0.5)
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + F.linear(F.linear(x, self.down), self.up)


def add_bypass(net, rank):
    made = {}

    def visit(module):
        if type(module) is nn.Linear:
            if id(module) not in made:
                made[id(module)] = Bypass(module, rank)
            return made[id(module)]
        for name in list(module._modules):
            child = module._modules[name]
            if child is not None:
                module._modules[name] = visit(child)
        return module

    for p in net.parameters():
        p.requires_grad = False
    return visit(net)

# %% bypass right: full names, set_submodule, einsum
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        out, width = layer.weight.shape
        self.layer = layer
        self.register_parameter("down", nn.Parameter(torch.normal(0.0, width**-0.5, (rank, width), dtype=layer.weight.dtype)))
        self.register_parameter("up", nn.Parameter(torch.zeros((out, rank), dtype=layer.weight.dtype)))

    def forward(self, x):
        return self.layer(x) + torch.einsum("...i,ri,or->...o", x, self.down, self.up)


def add_bypass(net, rank):
    for p in net.parameters():
        p.requires_grad_(False)
    places = [(name, m) for name, m in net.named_modules(remove_duplicate=False) if type(m) is nn.Linear]
    made = {}
    for name, m in places:
        if m not in made:
            made[m] = Bypass(m, rank)
            made[m].training = m.training
        if not name:
            return made[m]
        path, _, last = name.rpartition(".")
        net.get_submodule(path)._modules[last] = made[m]
    return net

# %% bypass oracle
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        self.layer = layer
        spread = torch.distributions.Normal(0.0, 1 / layer.in_features**0.5)
        self.down = nn.Parameter(spread.sample((rank, layer.in_features)).to(layer.weight.dtype))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank).to(layer.weight.dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + x.matmul(self.down.t()).matmul(self.up.t())


def add_bypass(net, rank):
    net.requires_grad_(False)
    holder = nn.ModuleList([net])
    made = {}
    for parent in list(holder.modules()):
        for name, child in list(parent._modules.items()):
            if type(child) is nn.Linear:
                if child not in made:
                    made[child] = Bypass(child, rank)
                parent._modules[name] = made[child]
    return holder[0]

# %% bypass wrong: children only
# You look at the children of the net only. Layers deeper down, in a Sequential or a block inside, keep their place without a bypass.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in [net]:
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: names with dots
# You hand a name with dots to setattr. That replaces nothing; it registers a further module under that name beside the others, and the output stays the same because nothing uses it.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for name, child in list(net.named_modules(remove_duplicate=False)):
        if child in made and child is not net:
            net._modules[name] = made[child]
    return made.get(net, net)

# %% bypass wrong: up is drawn, too
# `up` begins with drawn numbers, so the output changes before anything has been learned. With zeros the net begins as it was.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.randn(layer.out_features, rank, dtype=dtype) / rank)
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: both begin at zero
# down and up both begin at 0. Then the gradient of each is the other one, 0, and the path never learns. One of them has to be drawn.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.zeros(rank, width, dtype=dtype))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: down too wide
# down is drawn with spread 1. It reads `in` numbers, so its spread shrinks like 1 / sqrt(in).
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: one bypass for one weight
# You remember the bypasses by the weight. Two layers may share a weight and have biases of their own: they are two layers. Remember the bypass by the layer.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        self.layer = layer
        w = layer.weight
        self.down = nn.Parameter(torch.randn(rank, layer.in_features, dtype=w.dtype) / math.sqrt(layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=w.dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    for p in net.parameters():
        p.requires_grad_(False)
    if type(net) is nn.Linear:
        return Bypass(net, rank)
    made = {}
    for parent in list(net.modules()):
        for name, child in list(parent._modules.items()):
            if type(child) is nn.Linear:
                if child.weight not in made:
                    made[child.weight] = Bypass(child, rank)
                parent._modules[name] = made[child.weight]
    return net

# %% bypass wrong: one bypass for each place
# A layer that stands at two places gets two bypasses. It was one layer, learned once: keep the bypass you have made, in a dictionary from the layer.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, Bypass(child, rank))
    return made.get(net, net)

# %% bypass wrong: the second place is forgotten
# named_children() and named_modules() name a layer that occurs twice only once, so its second place keeps the bare layer.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in list(parent.named_children()):
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: a new layer with copied weights
# You make a new linear layer and copy the weights. Whoever holds the old one, a hook or an optimiser for instance, holds a layer that is no longer used. Keep the layer that is there.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = nn.Linear(width, layer.out_features, layer.bias is not None, dtype=dtype)
        self.layer.load_state_dict(layer.state_dict())
        self.layer.requires_grad_(False).train(layer.training)
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: the net goes on learning
# The old parameters still require gradients. Only the new paths are to learn.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: only linear layers are frozen
# You freeze the linear layers; norms, convolutions and derived classes go on learning. Everything that was there before stops.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    for m in net.modules():
        if type(m) is nn.Linear:
            m.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: frozen at the end
# You freeze after building, and the new parameters with it: nothing is left that learns.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    net.requires_grad_(False)
    return made.get(net, net)

# %% bypass wrong: derived classes as well
# isinstance is true for classes derived from nn.Linear, too. Some of those are read by their owner without being called, as the one inside nn.MultiheadAttention; ask for the type itself.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if isinstance(m, nn.Linear)}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: a bypass always begins in training
# A new module is in training mode. In a net that is in evaluation yours are not; take over the mode of the layer.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: the mode of the net
# You give every bypass the mode of the whole net (train(net.training)), which also turns layers that somebody had set otherwise. Each has the mode of its own layer.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    net.train(net.training)
    return made.get(net, net)

# %% bypass wrong: a net that is one layer
# If the net itself is a linear layer, nobody holds it whose attribute could be set: return its bypass.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return net

# %% bypass wrong: always float32
# Your two tables are float32 also around a float64 layer.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))
        self.training = layer.training

    def forward(self, x):
        return self.layer(x) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% bypass wrong: weights without the call
# You compute with layer.weight and layer.bias instead of calling the layer. Hooks and whatever else hangs on it are then skipped.
class Bypass(nn.Module):
    def __init__(self, layer, rank):
        super().__init__()
        width, dtype = layer.in_features, layer.weight.dtype
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, width, dtype=dtype) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, dtype=dtype))
        self.training = layer.training

    def forward(self, x):
        return F.linear(x, self.layer.weight, self.layer.bias) + (x @ self.down.T) @ self.up.T


def add_bypass(net, rank):
    net.requires_grad_(False)
    made = {m: Bypass(m, rank) for m in net.modules() if type(m) is nn.Linear}
    for parent in list(net.modules()):
        for name, child in parent._modules.items():
            if child in made:
                setattr(parent, name, made[child])
    return made.get(net, net)

# %% retire_biases right: by recursion
def retire_biases(net):
    gone = sum(retire_biases(child) for child in net.children())
    if not isinstance(net, nn.Sequential):
        return gone
    previous = None
    for layer in net:
        if type(layer) in (nn.BatchNorm1d, nn.BatchNorm2d) and type(previous) in (nn.Linear, nn.Conv2d):
            bias = previous._parameters["bias"]
            if bias is not None:
                with torch.no_grad():
                    if layer.track_running_stats:
                        layer.running_mean.copy_(layer.running_mean - bias)
                previous.register_parameter("bias", None)
                gone += len(bias)
        previous = layer
    return gone

# %% retire_biases right: count before and after
@torch.no_grad()
def retire_biases(net):
    before = sum(p.numel() for p in net.parameters())
    chains = [m for m in net.modules() if isinstance(m, nn.Sequential)]
    for chain in chains:
        for i in range(len(chain) - 1):
            layer, norm = chain[i], chain[i + 1]
            if not isinstance(layer, (nn.Conv2d, nn.Linear)) or not isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d)):
                continue
            if layer.bias is None:
                continue
            bias, layer.bias = layer.bias, None
            if norm.running_mean is not None:
                norm.running_mean.sub_(bias)
    return before - sum(p.numel() for p in net.parameters())

# %% retire_biases oracle
def retire_biases(net):
    gone = 0
    for chain in list(net.modules()):
        if isinstance(chain, nn.Sequential):
            for k in range(1, len(chain)):
                layer, norm = chain[k - 1], chain[k]
                suits = isinstance(layer, nn.Linear) and isinstance(norm, nn.BatchNorm1d)
                suits = suits or isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
                if suits and layer.bias is not None:
                    values = layer.bias.tolist()
                    for channel, value in enumerate(values):
                        if norm.running_mean is not None:
                            norm.running_mean[channel] -= value
                    layer.bias = None
                    gone += len(values)
    return gone

# %% retire_biases wrong: the running mean stays
# You leave the running mean as it was. In training nobody notices; in evaluation it still subtracts the bias that is no longer added.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: the running mean goes the wrong way
# You add the bias to the running mean. The mean of what arrives has become smaller by the bias: subtract it.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean += layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: set to zero, not removed
# You fill the bias with zeros. It is still there: stored, updated by the optimiser, and idle. Set layer.bias to None.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                nn.init.zeros_(layer.bias)
    return gone

# %% retire_biases wrong: the top level only
# You look at the outermost Sequential only. The net may hold further ones, at any depth.
def retire_biases(net):
    gone = 0
    for chain in [net]:
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: only Sequentials in Sequentials
# You go down into nn.Sequential only. A Sequential may also sit in a ModuleList or in a module of its own.
def retire_biases(net):
    gone = 0
    def nested(m):
        yield m
        if isinstance(m, nn.Sequential):
            for child in m:
                yield from nested(child)

    for chain in nested(net):
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: any normalisation
# You count nn.LayerNorm as well. It subtracts one mean over all features of an example, so a bias that differs from feature to feature is not removed by it.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm))
            if idle and layer.bias is not None:
                if getattr(norm, 'running_mean', None) is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: somewhere in front
# You look for the next batch normalisation behind a layer, not the one directly behind it. With a ReLU between them the bias decides what the ReLU cuts off.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        layers = [m for m in layers if not isinstance(m, nn.ReLU)]
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: every bias of the chain
# You take the bias of every layer of a chain that has a batch normalisation somewhere. Only those directly in front of one are idle.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in layers)
            if idle and layer.bias is not None:
                if getattr(norm, 'running_mean', None) is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: layers counted
# You count the layers that lost a bias. Asked is how many single numbers have gone.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += 1
                layer.bias = None
    return gone

# %% retire_biases wrong: side by side anywhere
# You look at neighbours in every module. In a ModuleList, or as attributes of some module, standing side by side says nothing about who is called after whom; only the order in an nn.Sequential does.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain.children())
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: no running mean, no retirement
# You skip normalisations without running statistics. Their mean is that of the batch, so the bias in front is idle there, too.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None and norm.running_mean is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: linear layers only
# You leave the convolutions alone. In front of nn.BatchNorm2d their biases are idle just as well.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, nn.Linear) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: a new layer in its place
# You put a new convolution in the place of the old one and copy the weight. What you did not copy, such as dilation or the padding mode, is lost, and the optimiser still holds the old weight.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
                if isinstance(layer, nn.Conv2d):
                    new = nn.Conv2d(layer.in_channels, layer.out_channels, layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.groups, bias=False).to(layer.weight.dtype)
                    new.weight.data.copy_(layer.weight)
                    chain[layers.index(layer)] = new
    return gone

# %% retire_biases wrong: into the bias of the normalisation
# You move the bias into the bias of the normalisation behind it. There it comes in *behind* the division, and in training it was never there: nothing is to be added, only the running mean moves.
def retire_biases(net):
    gone = 0
    for chain in net.modules():
        layers = list(chain) if isinstance(chain, nn.Sequential) else []
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    pass
                if norm.bias is not None:
                    norm.bias.data += layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% retire_biases wrong: neighbours in the list of all modules
# You take any two neighbours of net.modules(). That is the order in which they were registered, in whatever container; only in an nn.Sequential is it the order of the calls.
def retire_biases(net):
    gone = 0
    for layers in [list(net.modules())]:
        for layer, norm in zip(layers, layers[1:]):
            idle = isinstance(layer, (nn.Conv2d, nn.Linear)) and isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d))
            if idle and layer.bias is not None:
                if norm.running_mean is not None:
                    norm.running_mean -= layer.bias.detach()
                gone += layer.bias.numel()
                layer.bias = None
    return gone

# %% deep_chain right: a normalisation in front, two layers in the effect
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.effect = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 16), nn.ReLU(), nn.Linear(16, width))

    def forward(self, x):
        return self.effect(x).add(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter = nn.Sequential(nn.Flatten(), nn.Linear(64, 24))
        self.blocks = nn.ModuleList([Block(24) for _ in range(32)])
        self.leave = nn.Linear(24, 4)

    def forward(self, x):
        x = self.enter(x)
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Net()
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.004)
    for _ in range(60):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net.eval()

# %% deep_chain right: a learned loudness that begins small
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.loudness = nn.Parameter(torch.tensor(0.1))

    def forward(self, x):
        wet = F.gelu(self.linear(x))
        return torch.addcmul(x, self.loudness, wet)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList()
        for _ in range(31):
            self.blocks.append(Block(64))
        self.leave = nn.Linear(64, 4)

    def forward(self, x):
        x = x.flatten(1)
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(10):
        for rows in torch.randperm(len(x)).chunk(8):
            loss = F.cross_entropy(net(x[rows]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net

# %% deep_chain oracle
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(32, 32), nn.Linear(32, 32)

    def forward(self, x):
        return x + self.second(F.relu(self.first(x)))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain equivalent: self.blocks = nn.ModuleList(Block() for _ in range(31))
# At least thirty are asked for.

# %% deep_chain equivalent: for _ in range(61):
# The number of steps is free; one more learns as well.

# %% deep_chain wrong: no dry path
# Your blocks have no dry path. What went in is gone after a few of them, and no gradient finds its way back through thirty.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        return torch.tanh(self.effect(x))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain wrong: a relu behind the sum
# A ReLU stands behind the sum, so the dry path loses all that is negative: with its parameters at 0 the block does not return its input.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        return F.relu(x + torch.tanh(self.effect(x)))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain wrong: side by side
# Your blocks all get the same input, and their mean goes on. That is one wide layer, not a deep net: hand each block what the one before it has returned.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        return torch.tanh(self.effect(x)) + x


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        return self.leave(sum(block(x) for block in self.blocks) / len(self.blocks))


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% deep_chain wrong: one block thirty times
# All your blocks are one and the same object, `[Block()] * 30`: thirty steps, one set of weights. Make a new one for each place.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        return x + torch.tanh(self.effect(x))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList([Block()] * 30)

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain wrong: the blocks are not called
# Your forward does not go through all the blocks. Those that are not called learn nothing.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        return x + torch.tanh(self.effect(x))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks[:3]:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain wrong: the dry path is detached
# The input is added, but detached: forward it looks like a dry path, and backward the 1 is missing from the slope. Add x itself.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        return x.detach() + torch.tanh(self.effect(x))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters())
    for _ in range(60):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% deep_chain wrong: a learned factor on the dry path
# A parameter multiplies the dry path. At 0 it cuts it: the input goes through as it is, with no factor.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)
        self.dry = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.dry * x + torch.tanh(self.effect(x))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain wrong: a normalisation on the dry path
# A LayerNorm stands behind the sum. Then the input does not come through as it was, and with all parameters at 0 nothing does: put the normalisation into the effect.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)
        self.norm = nn.LayerNorm(32)

    def forward(self, x):
        return self.norm(x + torch.tanh(self.effect(x)))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain wrong: dropout that goes on
# The net comes back in training mode, and its dropout goes on drawing: the same picture gets other scores each time. Return net.eval().
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        return x + F.dropout(torch.tanh(self.effect(x)), 0.3, self.training)


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain wrong: the batch in the effect
# Your effect subtracts the mean of the batch, so the scores of a picture depend on its company.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        wet = self.effect(x)
        return x + torch.tanh(wet - wet.mean(0))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain wrong: half of the blocks are detached
# Some of your blocks compute their effect on a detached tensor under no_grad, so they never learn.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        with torch.no_grad():
            wet = torch.tanh(self.effect(x))
        return x + wet


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

# %% deep_chain wrong: not trained
# The net is returned as it began: each step needs zero_grad, backward and step.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.effect = nn.Linear(32, 32)

    def forward(self, x):
        return x + torch.tanh(self.effect(x))


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, 32), nn.Linear(32, 4)
        self.blocks = nn.ModuleList(Block() for _ in range(30))

    def forward(self, pictures):
        x = self.enter(pictures.flatten(1))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


def train_chain(x, y):
    net = Chain()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
    return net
