# Right and wrong answers to the exercises of `activations`. The comment below a wrong one is what a student is told.

# %% rectifiers right: where, and relu minus the slope times the other relu
def own_relu(x):
    return torch.where(x <= 0, torch.zeros_like(x), x)


def own_leaky_relu(x, negative_slope=0.01):
    factor = torch.full_like(x, negative_slope)
    factor[x > 0] = 1.0
    return x * factor

# %% rectifiers right: written into a new tensor
def own_relu(x):
    y = x.clone()
    y[x <= 0] = 0
    return y


def own_leaky_relu(x, negative_slope=0.01):
    left = x <= 0
    return x.masked_fill(left, 0) + negative_slope * x.masked_fill(~left, 0)

# %% rectifiers oracle
def own_relu(x):
    return F.relu(x)


def own_leaky_relu(x, negative_slope=0.01):
    return F.leaky_relu(x, negative_slope)

# %% rectifiers wrong: clamp
# You use clamp, which counts its corner as inside: at exactly 0 its gradient is 1. Here 0 belongs to the left piece, where the gradient is 0.
def own_relu(x):
    return x.clamp(min=0)


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, negative_slope * x)

# %% rectifiers wrong: the maximum of x and 0
# torch.maximum shares the gradient of a tie, so at exactly 0 yours is 0.5. It belongs to the left piece alone.
def own_relu(x):
    return torch.maximum(x, torch.zeros_like(x))


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, negative_slope * x)

# %% rectifiers wrong: multiplied by the mask
# You multiply by a mask of zeros and ones. Minus infinity times 0 is nan; choose between two values instead.
def own_relu(x):
    return x * (x > 0)


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, negative_slope * x)

# %% rectifiers wrong: half of x plus its absolute value
# (x + |x|) / 2 has the right values, but the gradient at exactly 0 is 0.5, and at minus infinity it is nan.
def own_relu(x):
    return (x + x.abs()) / 2


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, negative_slope * x)

# %% rectifiers wrong: nan becomes zero
# Your relu turns nan into 0, because nan > 0 is false. A nan says that something went wrong before: ask for x <= 0 and let everything else pass.
def own_relu(x):
    return torch.where(x > 0, x, torch.zeros_like(x))


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, negative_slope * x)

# %% rectifiers wrong: the maximum of x and slope times x
# max(x, slope * x) is the leaky ReLU for slopes up to 1 only. For a slope of 3 it takes the wrong piece on both sides.
def own_relu(x):
    return x.masked_fill(x <= 0, 0.0)


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > negative_slope * x, x, negative_slope * x)

# %% rectifiers wrong: the slope on the right
# The slope stands on the wrong side: it belongs to x <= 0.
def own_relu(x):
    return x.masked_fill(x <= 0, 0.0)


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x < 0, x, negative_slope * x)

# %% rectifiers wrong: laid out by view
# view(-1) needs numbers that lie one behind the other, and raises an error for a transposed x. Here nothing has to be laid out at all.
def own_relu(x):
    row = x.view(-1)
    return row.masked_fill(row <= 0, 0.0).view(x.shape)


def own_leaky_relu(x, negative_slope=0.01):
    row = x.view(-1)
    return torch.where(row > 0, row, negative_slope * row).view(x.shape)

# %% rectifiers wrong: zero on the right side
# At exactly 0 the gradient of your leaky ReLU is 1. Zero belongs to the left piece: write x > 0, not x >= 0.
def own_relu(x):
    return x.masked_fill(x <= 0, 0.0)


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x >= 0, x, negative_slope * x)

# %% rectifiers wrong: in place
# Your relu writes into x itself, so whoever handed it over finds it changed. Make a new tensor.
def own_relu(x):
    with torch.no_grad():
        x[x <= 0] = 0
    return x * (x > 0)


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, negative_slope * x)

# %% rectifiers wrong: float32
# You compute with a new float32 tensor, so a float64 input loses its digits. Make new tensors with the dtype of x.
def own_relu(x):
    return x.masked_fill(x <= 0, 0.0)


def own_leaky_relu(x, negative_slope=0.01):
    slopes = torch.where(x > 0, torch.tensor(1.0), torch.tensor(negative_slope))
    return (x.float() * slopes).to(x.dtype)

# %% rectifiers wrong: the slope without its sign
# You use the absolute value of the slope. A negative slope turns the left side upwards.
def own_relu(x):
    return x.masked_fill(x <= 0, 0.0)


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, -abs(negative_slope) * x.abs())

# %% rectifiers wrong: a sum of two clamps
# In your sum both clamps count at exactly 0, so the gradient there is 1 plus the slope. Zero belongs to the left piece alone.
def own_relu(x):
    return x.masked_fill(x <= 0, 0.0)


def own_leaky_relu(x, negative_slope=0.01):
    return x.clamp(min=0) + negative_slope * x.clamp(max=0)

# %% rectifiers wrong: a second minus sign
# You turn the left side upwards: negative_slope is the slope of the left side as it is, without another minus sign.
def own_relu(x):
    return x.masked_fill(x <= 0, 0.0)


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, -negative_slope * x)

# %% rectifiers wrong: the left side is cut off
# The left side of your leaky ReLU was detached: the values are right, but no gradient comes back, which is all that the leak is for.
def own_relu(x):
    return x.masked_fill(x <= 0, 0.0)


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, (negative_slope * x).detach())

# %% rectifiers wrong: the square root of the square
# (x + sqrt(x^2)) / 2 has the right values, but the slope of the square root at 0 is infinite, and 0 times infinity is nan.
def own_relu(x):
    return (x + torch.sqrt(x * x)) / 2


def own_leaky_relu(x, negative_slope=0.01):
    return torch.where(x > 0, x, negative_slope * x)

# %% own_prelu right: the channels moved to the end
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_parameters) * init)

    def forward(self, x):
        if self.weight.numel() == 1:
            return x.masked_fill(x <= 0, 0.0) + self.weight.squeeze() * x.masked_fill(x > 0, 0.0)
        if x.dim() < 2 or x.size(1) != self.weight.numel():
            raise ValueError("the number of channels does not fit")
        turned = x.movedim(1, -1)
        slopes = torch.where(turned > 0, torch.ones_like(turned), self.weight)
        return (turned * slopes).movedim(-1, 1)

# %% own_prelu right: channel by channel
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.empty(num_parameters).fill_(init)))

    def forward(self, x):
        slopes = self.weight.unbind()
        if len(slopes) == 1:
            return torch.where(x > 0, x, slopes[0] * x)
        if x.ndim == 1 or x.ndim == 0 or x.shape[1] != len(slopes):
            raise ValueError("channels")
        parts = [torch.where(part > 0, part, slope * part) for part, slope in zip(x.unbind(1), slopes)]
        return torch.stack(parts, dim=1)

# %% own_prelu oracle
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        try:
            return F.prelu(x, self.weight)
        except RuntimeError as error:
            raise ValueError(str(error)) from error

# %% own_prelu wrong: slopes along the last axis
# Your slopes lie along the last axis, because broadcasting lines up from the right. Channels are axis 1.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        if len(self.weight) > 1 and (x.dim() < 2 or x.shape[1] != len(self.weight)):
            raise ValueError("channels")
        return torch.where(x > 0, x, (self.weight if x.dim() else self.weight[0]) * x)

# %% own_prelu wrong: made for pictures
# Your weight has two ones behind it whatever comes in. That fits four axes only: for (N, C) the result gets axes that nobody asked for.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        if len(self.weight) == 1:
            return torch.where(x > 0, x, self.weight[0] * x)
        if x.dim() < 2 or x.shape[1] != len(self.weight):
            raise ValueError("channels")
        return torch.where(x > 0, x, self.weight.view(-1, 1, 1) * x)

# %% own_prelu wrong: slopes along the batch
# When the batch is as large as the number of channels, your slopes run along axis 0. Each example gets a slope; each channel should.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            axis = list(x.shape).index(len(a))
            a = a.view(-1, *[1] * (x.dim() - 1 - axis))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: a plain tensor
# The slopes are a plain tensor. Nothing finds them: they are not in parameters(), not in the state, and no optimiser moves them. Make an nn.Parameter.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = torch.full((num_parameters,), float(init), requires_grad=True)

    def forward(self, x):
        a = self.weight
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: a buffer
# The slopes are a buffer: they are saved with the layer, but never learned. A buffer is for state, a parameter for what the optimiser moves.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.register_buffer("weight", torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: the maximum of x and a x
# max(x, a x) is right as long as a is at most 1. In training a slope may grow beyond that, and then your layer takes the wrong piece on both sides.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.maximum(x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: two relus
# relu(x) - a relu(-x) has the right values. But at exactly 0 both ReLUs have gradient 0, and so has yours; it is a there.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return F.relu(x) - (a if x.dim() else a[0]) * F.relu(-x)

# %% own_prelu wrong: the slope made positive
# You take the absolute value of the slope. The optimiser may make it negative, and then the left side goes up.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight.abs()
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: init ignored
# The slopes start at 0.25 whatever init says.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), 0.25))

    def forward(self, x):
        a = self.weight
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: computed with .data
# Your forward reads weight.data, which autograd does not see: the slopes get no gradient and stay where they started.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight.data
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: the mean of the slopes
# Your layer holds a slope for each channel and uses their mean for all of them. Each channel has its own.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        if len(self.weight) > 1 and (x.dim() < 2 or x.shape[1] != len(self.weight)):
            raise ValueError("channels")
        return torch.where(x > 0, x, self.weight.mean() * x)

# %% own_prelu wrong: no error for a wrong number of channels
# An input with another number of channels, or with one axis, must raise a ValueError. Yours broadcasts, or fails with another error.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight
        if len(a) > 1:
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: stored with the axes of a picture
# The weight is stored in the shape (C, 1, 1). torch stores (C,), so its weights do not load into your layer; give it the other axes in forward.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters, 1, 1), float(init)))

    def forward(self, x):
        a = self.weight.flatten()
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: in place
# Your forward writes into its input. Make a new tensor.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        y = torch.where(x > 0, x, (a if x.dim() else a[0]) * x)
        x.data.copy_(y.data)
        return y

# %% own_prelu wrong: four axes at most
# You thought of two, three and four axes. With five the slopes land on the wrong one: make as many ones as there are axes behind the channels.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * min(x.dim() - 2, 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: init as it comes
# Filled with init as it comes, the weight holds integers for init=1, and integers cannot learn: torch refuses. Make a float of it.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), init))

    def forward(self, x):
        a = self.weight
        if len(a) > 1 and (x.dim() < 2 or x.shape[1] != len(a)):
            raise ValueError("channels")
        a = a[0] if len(a) == 1 else a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, a * x)

# %% own_prelu wrong: a single slope without an axis
# With one parameter your weight has no axis. torch stores the shape (1,), and its weights would not load.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,) if num_parameters > 1 else (), float(init)))

    def forward(self, x):
        a = self.weight.reshape(-1)
        if len(a) > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_prelu wrong: one slope asked to fit the channels
# With a single slope you still compare it with the number of channels. One slope fits any input, of any shape.
class OwnPReLU(nn.Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.weight = nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x):
        a = self.weight
        if x.dim() > 1:
            if x.dim() < 2 or x.shape[1] != len(a):
                raise ValueError("channels")
            a = a.view(-1, *[1] * (x.dim() - 2))
        return torch.where(x > 0, x, (a if x.dim() else a[0]) * x)

# %% own_rrelu right: lerp between the bounds
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.bounds = lower, upper

    def forward(self, x):
        lower, upper = self.bounds
        share = torch.rand_like(x) if self.training else torch.full_like(x, 0.5)
        slopes = torch.lerp(torch.full_like(x, lower), torch.full_like(x, upper), share)
        return slopes.masked_fill(x > 0, 1.0) * x

# %% own_rrelu right: only where it is needed
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower = lower
        self.spread = upper - lower

    def forward(self, x):
        left = x <= 0
        y = x.clone()
        count = int(left.sum())
        if self.training:
            y[left] = x[left] * (self.lower + self.spread * torch.rand(count, dtype=x.dtype))
        else:
            y[left] = x[left] * (self.lower + 0.5 * self.spread)
        return y

# %% own_rrelu right: random numbers scaled to the bounds
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        if not self.training:
            return torch.where(x > 0, x, x * (0.5 * (self.lower + self.upper)))
        drawn = self.lower + (self.upper - self.lower) * torch.rand(x.shape, dtype=x.dtype)
        return torch.where(x > 0, x, x * drawn)

# %% own_rrelu oracle
class OwnRReLU(nn.RReLU):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__(lower, upper)

# %% own_rrelu wrong: one slope for each call
# Each call draws one slope and uses it for all entries. Every entry has its own.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = torch.empty(()).uniform_(self.lower, self.upper)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: one slope for each row
# Your slopes are the same for all entries of a column. Draw as many as x has entries.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = torch.empty(x.shape[-1:], dtype=x.dtype).uniform_(self.lower, self.upper)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: drawn once
# The slopes are drawn at the first call and kept. Every call draws afresh; a slope that stays is a leaky ReLU.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper, self.slopes = lower, upper, {}

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            if x.shape not in self.slopes:
                self.slopes[x.shape] = torch.empty_like(x).uniform_(self.lower, self.upper).detach()
            slope = self.slopes[x.shape]
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: the seed is set
# Your layer sets the seed before it draws, so every call draws the same numbers. Leave the seed to whoever runs the net.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            torch.manual_seed(0)
            slope = torch.empty_like(x).uniform_(self.lower, self.upper)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: random in evaluation too
# Your layer is random in evaluation as well. There the slope is the middle of the bounds: ask self.training, and ask it in forward, for in the constructor every layer is in training.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = torch.empty_like(x).uniform_(self.lower, self.upper)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: the middle in training too
# Your layer uses the middle of the bounds in training too, so it is a leaky ReLU. In training each entry draws a slope.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        return torch.where(x > 0, x, (self.lower + self.upper) / 2 * x)

# %% own_rrelu wrong: divided by the slope
# You divide by a drawn number, as in the competition in which this layer was first used. In torch the drawn number is the slope itself, and x is multiplied by it.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        low, high = 1 / self.upper, 1 / self.lower
        divisor = (low + high) / 2
        if self.training:
            divisor = torch.empty_like(x).uniform_(low, high)
        return torch.where(x > 0, x, x / divisor)

# %% own_rrelu wrong: slopes always in float32
# torch.rand(x.shape) is float32 whatever x is, so a bfloat16 input comes out as float32. Give it x's dtype, or use empty_like.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = self.lower + (self.upper - self.lower) * torch.rand(x.shape)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: bounds ignored
# The slopes lie between 1/8 and 1/3 whatever the layer was made with.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()

    def forward(self, x):
        slope = (1 / 8 + 1 / 3) / 2
        if self.training:
            slope = torch.empty_like(x).uniform_(1 / 8, 1 / 3)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: normal instead of uniform
# Your slopes are normally distributed. They are to be uniform between the bounds, and never beyond.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = slope + (self.upper - self.lower) / 12**0.5 * torch.randn_like(x)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: drawn a second time for the gradient
# The gradient belongs to other slopes than the output does: you drew twice. Use the same slopes for both, which autograd does by itself.
class Rattle(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lower, upper):
        ctx.save_for_backward(x)
        ctx.bounds = lower, upper
        return torch.where(x > 0, x, torch.empty_like(x).uniform_(lower, upper) * x)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        slope = torch.empty_like(x).uniform_(*ctx.bounds)
        return torch.where(x > 0, gradient, slope * gradient), None, None


class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        if self.training:
            return Rattle.apply(x, self.lower, self.upper)
        return torch.where(x > 0, x, (self.lower + self.upper) / 2 * x)

# %% own_rrelu wrong: in place
# Your layer writes into its input: what was handed over is changed, and as a leaf that wants a gradient it cannot be. Make a new tensor.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = torch.empty_like(x).uniform_(self.lower, self.upper)
        y = torch.where(x > 0, x, slope * x)
        with torch.no_grad():
            x.copy_(y)
        return y

# %% own_rrelu wrong: one of the two bounds
# Your slopes are the lower or the upper bound, by the toss of a coin. They are to lie anywhere between, all values equally likely.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = torch.empty_like(x).uniform_(self.lower, self.upper)
        if self.training:
            slope = torch.where(torch.rand_like(x) < 0.5, self.lower, self.upper).to(x.dtype)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: from lower to lower plus upper
# Your slopes reach from lower to lower + upper. A random number in [0, 1) is stretched by the distance, upper - lower.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = torch.empty_like(x).uniform_(self.lower, self.upper)
        if self.training:
            slope = self.lower + self.upper * torch.rand_like(x)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: the right side rattles too
# You multiply everything by the slope, the right side too. What is above 0 passes unchanged.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = torch.empty_like(x).uniform_(self.lower, self.upper)
        return slope * x

# %% own_rrelu wrong: calm without gradients
# You rattle only where gradients are recorded. torch.no_grad() is not eval(): in training mode the slopes are drawn with it as without.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training and torch.is_grad_enabled():
            slope = torch.empty_like(x).uniform_(self.lower, self.upper)
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: bounds that are learned
# Your bounds are parameters. They are fixed numbers; an optimiser must not find them.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = nn.Parameter(torch.tensor(lower)), nn.Parameter(torch.tensor(upper))

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = torch.empty_like(x).uniform_(self.lower.item(), self.upper.item())
        return torch.where(x > 0, x, slope * x)

# %% own_rrelu wrong: a sum of two clamps
# In your sum both clamps count at exactly 0: the gradient there is 1 plus the slope. Zero belongs to the left piece alone.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = torch.empty_like(x).uniform_(self.lower, self.upper)
        return x.clamp(min=0) + slope * x.clamp(max=0)

# %% own_rrelu wrong: the slope without a gradient
# You cut the left side off the graph. The gradient of an entry is the slope that was used for it.
class OwnRReLU(nn.Module):
    def __init__(self, lower=1 / 8, upper=1 / 3):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x):
        slope = (self.lower + self.upper) / 2
        if self.training:
            slope = torch.empty_like(x).uniform_(self.lower, self.upper)
        return torch.where(x > 0, x, (slope * x).detach())

# %% hard_versions right: clamp and a mask for the gradient
def cut(x, low, high):
    inside = (x > low) & (x < high)
    return torch.where(inside, x, x.detach().clamp(low, high))


def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    return cut(x, min_val, max_val)


def own_relu6(x):
    return cut(x, 0.0, 6.0)


def own_hardsigmoid(x):
    return cut(x / 6 + 0.5, 0.0, 1.0)

# %% hard_versions right: from relus
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    y = x.masked_fill(x <= min_val, min_val)
    return y.masked_fill(x >= max_val, max_val)


def own_relu6(x):
    return x.masked_fill(x <= 0, 0.0).masked_fill(x >= 6, 6.0)


def own_hardsigmoid(x):
    return ((x + 3) / 6).masked_fill(x <= -3, 0.0).masked_fill(x >= 3, 1.0)

# %% hard_versions oracle
# The gradient of F.hardsigmoid holds 1/6 in float32 even for float64 inputs (torch 2.13): relu6 has all digits.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    return F.hardtanh(x, min_val, max_val)


def own_relu6(x):
    return F.relu6(x)


def own_hardsigmoid(x):
    return F.relu6(x + 3) / 6

# %% hard_versions wrong: clamp
# clamp has the right values. But it counts its corners as inside, so at exactly 1, 6 or 3 the gradient goes through. On the flat side, corner included, it is 0.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    return x.clamp(min_val, max_val)


def own_relu6(x):
    return x.clamp(0, 6)


def own_hardsigmoid(x):
    return (x / 6 + 0.5).clamp(0, 1)

# %% hard_versions wrong: minimum and maximum
# torch.minimum and torch.maximum share the gradient of a tie, so exactly at a corner you get half of it. It is to be 0.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    return torch.minimum(torch.maximum(x, torch.full_like(x, min_val)), torch.full_like(x, max_val))


def own_relu6(x):
    return own_hardtanh(x, 0.0, 6.0)


def own_hardsigmoid(x):
    return own_relu6(x + 3) / 6

# %% hard_versions wrong: the other hard sigmoid
# Your hardsigmoid is (x + 1) / 2, cut to 0 and 1, as in BinaryConnect. torch's has the slope 1/6 and its corners at -3 and 3.
def cut(x, low, high):
    return torch.where((x > low) & (x < high), x, x.detach().clamp(low, high))


def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    return cut(x, min_val, max_val)


def own_relu6(x):
    return cut(x, 0.0, 6.0)


def own_hardsigmoid(x):
    return cut((x + 1) / 2, 0.0, 1.0)

# %% hard_versions wrong: a slope of one fifth
# Your hardsigmoid is 0.2 x + 0.5, cut, as in some other libraries. In torch the slope is 1/6, and the corners lie at -3 and 3.
def cut(x, low, high):
    return torch.where((x > low) & (x < high), x, x.detach().clamp(low, high))


def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    return cut(x, min_val, max_val)


def own_relu6(x):
    return cut(x, 0.0, 6.0)


def own_hardsigmoid(x):
    return cut(0.2 * x + 0.5, 0.0, 1.0)

# %% hard_versions wrong: bounds ignored
# Your hardtanh cuts at -1 and 1 whatever its arguments say.
def cut(x, low, high):
    return torch.where((x > low) & (x < high), x, x.detach().clamp(low, high))


def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    return cut(x, -1.0, 1.0)


def own_relu6(x):
    return cut(x, 0.0, 6.0)


def own_hardsigmoid(x):
    return own_relu6(x + 3) / 6

# %% hard_versions wrong: relu6 without its lid
# Your relu6 has no upper bound. It is 6 from x = 6 on.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    y = torch.where(x <= min_val, torch.full_like(x, min_val), x)
    return torch.where(x >= max_val, torch.full_like(x, max_val), y)


def own_relu6(x):
    return F.relu(x)


def own_hardsigmoid(x):
    return own_hardtanh(x + 3, 0.0, 6.0) / 6

# %% hard_versions wrong: whole numbers
# Your relu6 rounds to whole numbers. The 6 in its name is only a bound; the values between 0 and 6 stay as they are.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    y = torch.where(x <= min_val, torch.full_like(x, min_val), x)
    return torch.where(x >= max_val, torch.full_like(x, max_val), y)


def own_relu6(x):
    y = own_hardtanh(x, 0.0, 6.0)
    return y + (y.round() - y).detach()


def own_hardsigmoid(x):
    return own_hardtanh(x + 3, 0.0, 6.0) / 6

# %% hard_versions wrong: the gradient passes everywhere
# The values are right, but the gradient passes everywhere, also where the pipe is full. There it is 0: nothing changes if x does.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    return x + (x.clamp(min_val, max_val) - x).detach()


def own_relu6(x):
    return x + (x.clamp(0, 6) - x).detach()


def own_hardsigmoid(x):
    y = torch.where(x <= -3, torch.zeros_like(x), (x + 3) / 6)
    return torch.where(x >= 3, torch.ones_like(x), y)

# %% hard_versions wrong: a symmetric pipe
# You cut at plus and minus the upper bound. The two bounds are independent, and both may lie on the same side of 0.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    y = torch.where(x <= -max_val, torch.full_like(x, -max_val), x)
    return torch.where(x >= max_val, torch.full_like(x, max_val), y)


def own_relu6(x):
    y = torch.where(x <= 0, torch.zeros_like(x), x)
    return torch.where(x >= 6, torch.full_like(x, 6.0), y)


def own_hardsigmoid(x):
    return own_relu6(x + 3) / 6

# %% hard_versions wrong: nan becomes a bound
# A nan comes out as a bound, because every comparison with nan is false. Ask for the flat sides and let everything else pass.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    y = torch.where(x > min_val, x, torch.full_like(x, min_val))
    return torch.where(x >= max_val, torch.full_like(x, max_val), y)


def own_relu6(x):
    return own_hardtanh(x, 0.0, 6.0)


def own_hardsigmoid(x):
    return own_relu6(x + 3) / 6

# %% hard_versions wrong: in place
# Your code cuts x itself: clamp_ writes into its tensor. Make a new one.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    inside = (x > min_val) & (x < max_val)
    y = torch.where(inside, x.clone(), x.detach().clamp(min_val, max_val))
    x.data.clamp_(min_val, max_val)
    return y


def own_relu6(x):
    return own_hardtanh(x, 0.0, 6.0)


def own_hardsigmoid(x):
    return own_relu6(x + 3) / 6

# %% hard_versions wrong: the arguments in another order
# Your hardtanh takes max_val first. In torch the order is min_val, max_val.
def own_hardtanh(x, max_val=1.0, min_val=-1.0):
    y = torch.where(x <= min_val, torch.full_like(x, min_val), x)
    return torch.where(x >= max_val, torch.full_like(x, max_val), y)


def own_relu6(x):
    return x.masked_fill(x <= 0, 0.0).masked_fill(x >= 6, 6.0)


def own_hardsigmoid(x):
    return ((x + 3) / 6).masked_fill(x <= -3, 0.0).masked_fill(x >= 3, 1.0)

# %% hard_versions wrong: the slope cut off in hardsigmoid
# The line of your hardsigmoid was detached, or its gradient is 1: it is 1/6 between the corners.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    y = torch.where(x <= min_val, torch.full_like(x, min_val), x)
    return torch.where(x >= max_val, torch.full_like(x, max_val), y)


def own_relu6(x):
    return x.masked_fill(x <= 0, 0.0).masked_fill(x >= 6, 6.0)


def own_hardsigmoid(x):
    y = F.relu6(x + 3)
    return y + (y / 6 - y).detach()

# %% hard_versions wrong: the right corner passes
# Your lower corner is right, but at the upper one the gradient goes through: write >= there too.
def own_hardtanh(x, min_val=-1.0, max_val=1.0):
    y = torch.where(x <= min_val, torch.full_like(x, min_val), x)
    return torch.where(x > max_val, torch.full_like(x, max_val), y)


def own_relu6(x):
    return x.masked_fill(x <= 0, 0.0).masked_fill(x >= 6, 6.0)


def own_hardsigmoid(x):
    return ((x + 3) / 6).masked_fill(x <= -3, 0.0).masked_fill(x >= 3, 1.0)

# %% elu_family right: written into a new tensor, piece by piece
def pieces(x, left, right):
    y, low = right * x, x <= 0
    return y.masked_scatter(low, left(x[low]))


def own_elu(x, alpha=1.0):
    return pieces(x, lambda part: alpha * torch.expm1(part), 1.0)


def own_celu(x, alpha=1.0):
    return pieces(x, lambda part: alpha * torch.expm1(part / alpha), 1.0)


def own_selu(x):
    scale = 1.0507009873554805
    return pieces(x, lambda part: scale * 1.6732632423543772 * torch.expm1(part), scale)

# %% elu_family right: sinh of the half near zero, and a mask that makes the argument harmless
def left_side(x, width):
    z = x.masked_fill(x > 0, 0.0) / width
    half = z.clamp(min=-1.0) / 2
    return torch.where(z < -1, torch.exp(z) - 1, 2 * torch.exp(half) * torch.sinh(half))


def own_elu(x, alpha=1.0):
    return torch.where(x <= 0, alpha * left_side(x, 1.0), x)


def own_celu(x, alpha=1.0):
    return torch.where(x <= 0, alpha * left_side(x, alpha), x)


def own_selu(x):
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return torch.where(x <= 0, scale * alpha * left_side(x, 1.0), scale * x)

# %% elu_family right: celu as a stretched elu
def own_elu(x, alpha=1.0):
    harmless = torch.minimum(x, torch.full_like(x, 0.5))
    return torch.where(x <= 0, torch.expm1(harmless) * alpha, x)


def own_celu(x, alpha=1.0):
    return alpha * own_elu(x / alpha)


def own_selu(x):
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return own_elu(scale * x, 1.0).where(x > 0, scale * own_elu(x, alpha))

# %% elu_family oracle
def own_elu(x, alpha=1.0):
    return F.elu(x, alpha)


def own_celu(x, alpha=1.0):
    return F.celu(x, alpha)


def own_selu(x):
    return F.selu(x)

# %% elu_family equivalent: left = x.clamp(max=1.0)
# Any harmless bound will do: where x is above 0 the other piece is taken, and this one only has to stay finite.

# %% elu_family wrong: alpha in the exponent only
# In elu you divide x by alpha in the exponent, as celu does. elu's alpha stands in front only, so its gradient at 0 is alpha.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_selu(x):
    return 1.0507009873554805 * torch.where(x > 0, x, 1.6732632423543772 * torch.expm1(x.clamp(max=0.0)))

# %% elu_family wrong: celu is elu
# Your celu is elu. With alpha = 1 they agree; otherwise celu also divides x by alpha in the exponent, which makes the gradient at 0 equal to 1.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0)))


def own_celu(x, alpha=1.0):
    return own_elu(x, alpha)


def own_selu(x):
    return 1.0507009873554805 * own_elu(x, 1.6732632423543772)

# %% elu_family wrong: exponential of everything
# The output is right, but where x is large e^x overflows in the piece that is not taken, and its gradient is nan. Cut the argument before the exponential.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x))


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x / alpha))


def own_selu(x):
    return 1.0507009873554805 * own_elu(x, 1.6732632423543772)

# %% elu_family wrong: e to the x, minus 1
# Near 0 your result has only a few right digits: e^x is rounded to seven digits before 1 is taken away. Use torch.expm1.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * (torch.exp(x.clamp(max=0.0)) - 1))


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * (torch.exp(x.clamp(max=0.0) / alpha) - 1))


def own_selu(x):
    return 1.0507009873554805 * own_elu(x, 1.6732632423543772)

# %% elu_family wrong: a sum of two clamped pieces
# You add two pieces that both count at exactly 0, so the gradient there is the sum of both slopes. Choose one piece instead.
def own_elu(x, alpha=1.0):
    return x.clamp(min=0.0) + alpha * torch.expm1(x.clamp(max=0.0))


def own_celu(x, alpha=1.0):
    return x.clamp(min=0.0) + alpha * torch.expm1(x.clamp(max=0.0) / alpha)


def own_selu(x):
    return 1.0507009873554805 * own_elu(x, 1.6732632423543772)

# %% elu_family wrong: a sum of relus
# relu has gradient 0 at 0, from both sides: in your sum neither piece counts at exactly 0, and the gradient is 0. It is that of the left piece.
def own_elu(x, alpha=1.0):
    return F.relu(x) + alpha * torch.expm1(-F.relu(-x))


def own_celu(x, alpha=1.0):
    return F.relu(x) + alpha * torch.expm1(-F.relu(-x) / alpha)


def own_selu(x):
    return 1.0507009873554805 * own_elu(x, 1.6732632423543772)

# %% elu_family wrong: zero on the right side
# At exactly 0 you take the right piece, so the gradient of elu is 1. Zero belongs to the left piece, where it is alpha.
def own_elu(x, alpha=1.0):
    return torch.where(x >= 0, x, alpha * torch.expm1(x.clamp(max=0.0)))


def own_celu(x, alpha=1.0):
    return torch.where(x >= 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_selu(x):
    return 1.0507009873554805 * own_elu(x, 1.6732632423543772)

# %% elu_family wrong: selu's scale on the left only
# In selu the scale stands in front of both pieces. Yours leaves the right side with slope 1.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0)))


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_selu(x):
    return own_elu(x, 1.0507009873554805 * 1.6732632423543772)

# %% elu_family wrong: the exponent cut at -15
# You cut the argument at -15 too. Nothing can overflow on that side, and what you lose shows in float64: the value stops at the seventh decimal, and the gradient is 0.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(-15.0, 0.0)))


def own_celu(x, alpha=1.0):
    return alpha * own_elu(x / alpha)


def own_selu(x):
    return 1.0507009873554805 * own_elu(x, 1.6732632423543772)

# %% elu_family wrong: rounded constants
# The constants of selu are rounded to four digits, and so is your result. Copy all of their digits.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0)))


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_selu(x):
    return 1.0507 * own_elu(x, 1.6733)

# %% elu_family wrong: alpha ignored in elu
# The alpha of elu is ignored: it is always 1.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, torch.expm1(x.clamp(max=0.0)))


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_selu(x):
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return scale * torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0)))

# %% elu_family wrong: multiplied instead of divided in celu
# In the exponent of celu you multiply x by alpha. It is divided: a larger alpha makes the bend wider.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0)))


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) * alpha))


def own_selu(x):
    return 1.0507009873554805 * own_elu(x, 1.6732632423543772)

# %% elu_family wrong: in place
# You clamp x itself. clamp_ and every other method that ends in an underscore writes into its tensor.
def own_elu(x, alpha=1.0):
    right = x > 0
    y = torch.where(right, x, torch.zeros_like(x)) + torch.where(right, torch.zeros_like(x), alpha * torch.expm1(x.clamp(max=0.0)))
    x.data.clamp_(max=0.0)
    return y


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_selu(x):
    return torch.where(x > 0, 1.0507009873554805 * x, 1.0507009873554805 * 1.6732632423543772 * torch.expm1(x.clamp(max=0.0)))

# %% elu_family wrong: constants in a float32 tensor
# The constants of selu stand in a float32 tensor, so they have seven digits, and a float64 input gets no more. Use plain Python numbers.
def own_elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0)))


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_selu(x):
    scale, alpha = torch.tensor([1.0507009873554805, 1.6732632423543772])
    return scale * torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0)))

# %% elu_family wrong: the larger of the two pieces
# You take the larger of the two pieces. That is right for alpha = 1 only: the piece depends on the sign of x, not on the size of the result.
def own_elu(x, alpha=1.0):
    left = alpha * torch.expm1(x.clamp(max=0.0))
    return torch.where(x > left, x, left)


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_selu(x):
    return 1.0507009873554805 * torch.where(x > 0, x, 1.6732632423543772 * torch.expm1(x.clamp(max=0.0)))

# %% elu_family wrong: nan_to_num on the result
# You cleaned up the result. The nan is in the gradient: it comes from an exponential that overflowed in the piece that was not taken. Cut its argument.
def own_elu(x, alpha=1.0):
    return torch.nan_to_num(torch.where(x > 0, x, alpha * torch.expm1(x)))


def own_celu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0.0) / alpha))


def own_selu(x):
    return 1.0507009873554805 * torch.where(x > 0, x, 1.6732632423543772 * torch.expm1(x.clamp(max=0.0)))

# %% self_gated right: by the logistic function of 2 softplus, and hardsigmoid
def own_silu(x):
    return x / 2 * (1 + torch.tanh(x / 2))


def own_mish(x):
    return x * (2 * torch.sigmoid(2 * torch.logaddexp(x, torch.zeros_like(x))) - 1)


def own_hardswish(x):
    gate = torch.where(x >= 3, torch.ones_like(x), torch.where(x <= -3, torch.zeros_like(x), (x + 3) / 6))
    return torch.where(x <= -3, torch.zeros_like(x), x * gate)

# %% self_gated right: the hard sigmoid as the gate
def own_silu(x):
    return x - x * torch.sigmoid(-x)


def own_mish(x):
    soft = F.softplus(x)
    return x * (1 - torch.exp(-2 * soft)) / (1 + torch.exp(-2 * soft))


def own_hardswish(x):
    return x * F.hardsigmoid(x)

# %% self_gated right: relu6 as the gate
def own_silu(x):
    return x * torch.exp(F.logsigmoid(x))


def own_mish(x):
    return x * torch.tanh(-F.logsigmoid(-x))


def own_hardswish(x):
    return x * F.relu6(x + 3) / 6

# %% self_gated right: hardswish by masks
def own_silu(x):
    return torch.mul(x, torch.special.expit(x))


def own_mish(x):
    return torch.tanh(F.softplus(x)).mul(x)


def own_hardswish(x):
    middle = (x > -3) & (x < 3)
    quadratic = x.masked_fill(~middle, 0.0)
    return quadratic * (quadratic + 3) / 6 + x.masked_fill(x < 3, 0.0)

# %% self_gated oracle
def own_silu(x):
    return F.silu(x)


def own_mish(x):
    return F.mish(x)


def own_hardswish(x):
    return F.hardswish(x)

# %% self_gated wrong: softplus by hand
# You compute ln(1 + e^x) as it stands. Where e^x overflows the value may survive, but the gradient is nan. F.softplus avoids it.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    return x * torch.tanh(torch.log(1 + torch.exp(x)))


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: sigmoid by hand
# You divide by 1 + e^-x as it stands. For a very negative x that is infinite: the value survives, the gradient is nan. torch.sigmoid avoids it.
def own_silu(x):
    return x / (1 + torch.exp(-x))


def own_mish(x):
    return x * torch.tanh(F.softplus(x))


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: a clamped gate
# The values of your hardswish are right. But clamp hands the gradient on at its own corners: at -3 you get -0.5 and at 3 you get 1.5, where 0 and 1 are asked for.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    return x * torch.tanh(F.softplus(x))


def own_hardswish(x):
    return x * (x + 3).clamp(0, 6) / 6

# %% self_gated wrong: the inside of mish cut at 10
# You cut x at 10 inside the gate. tanh(10) is 1 in float32, but in float64 it is 1 - 4e-9, and so many digits are asked for. softplus and tanh need no protection.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    return x * torch.tanh(F.softplus(x.clamp(max=10.0)))


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: shut left of -20
# You shut silu left of -20, where it is nearly 0. Nearly: -4e-8 shows in float64. torch.sigmoid is right there without help.
def own_silu(x):
    return torch.where(x > -20, x * torch.sigmoid(x), torch.zeros_like(x))


def own_mish(x):
    return x * torch.tanh(F.softplus(x))


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: the gate is cut off
# The gate was detached: the values are right, the gradient lacks the part that goes through the gate.
def own_silu(x):
    return x * torch.sigmoid(x).detach()


def own_mish(x):
    return x * torch.tanh(F.softplus(x))


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: mish with a sigmoid
# In mish the softplus goes through tanh. You send it through a sigmoid, which starts at one half.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    return x * torch.sigmoid(F.softplus(x))


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: mish without softplus
# Your mish is x * tanh(x). Before tanh comes the softplus, which keeps the gate above 0.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    return x * torch.tanh(x)


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: corners at one
# The corners of your hardswish lie at -1 and 1. They lie at -3 and 3.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    return x * torch.tanh(F.softplus(x))


def own_hardswish(x):
    return torch.where(x < 1, torch.where(x > -1, x * (x + 1) / 2, torch.zeros_like(x)), x)

# %% self_gated wrong: mish by its fraction of exponentials
# You turned tanh(ln(1 + e^x)) into a fraction of squares of exponentials. That is the same on paper; in float32 the squares overflow from x = 44 on, and infinity over infinity is nan.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    square = (1 + torch.exp(x)) ** 2
    return x * (square - 1) / (square + 1)


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: the outer piece begins too late
# At exactly 3 your hardswish still takes the middle piece, whose gradient there is 1.5. The corners belong to the outer pieces.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    return x * torch.tanh(F.softplus(x))


def own_hardswish(x):
    return torch.where(x <= 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: no dip on the left
# Your hardswish is 0 for all negative x. Between -3 and 0 the valve is partly open, and what flows is negative.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    return x * torch.tanh(F.softplus(x))


def own_hardswish(x):
    return F.relu(x) * F.relu6(x + 3) / 6

# %% self_gated wrong: a sigmoid of 1.702 x
# Your silu is the quick GELU, with 1.702 inside the sigmoid. SiLU has a 1 there.
def own_silu(x):
    return x * torch.sigmoid(1.702 * x)


def own_mish(x):
    return x * torch.tanh(F.softplus(x))


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: the input clamped
# You clamp x to keep the exponential small, and then also what flows is clamped. Only the gate may be protected.
def own_silu(x):
    return x * torch.sigmoid(x)


def own_mish(x):
    z = x.clamp(-20, 20)
    return z * torch.tanh(torch.log1p(torch.exp(z)))


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% self_gated wrong: in place
# Your silu multiplies x itself. Make a new tensor.
def own_silu(x):
    y = x * torch.sigmoid(x)
    x.data.copy_(y.data)
    return y


def own_mish(x):
    return x * torch.tanh(F.softplus(x))


def own_hardswish(x):
    return torch.where(x < 3, torch.where(x > -3, x * (x + 3) / 6, torch.zeros_like(x)), x)

# %% own_gelu right: the normal distribution, and sigmoid for tanh
def own_gelu(x, approximate="none"):
    if approximate == "none":
        return x * torch.special.ndtr(x)
    if approximate != "tanh":
        raise ValueError(approximate)
    return x * torch.sigmoid((8 / math.pi) ** 0.5 * (x + 0.044715 * x.pow(3)))

# %% own_gelu right: erfc, and a table of functions
def own_gelu(x, approximate="none"):
    gates = {
        "none": lambda z: torch.erfc(-z * 0.5**0.5) / 2,
        "tanh": lambda z: (1 + torch.tanh(math.sqrt(2 / math.pi) * z * (1 + 0.044715 * z * z))) / 2,
    }
    if not isinstance(approximate, str) or approximate not in gates:
        raise ValueError("none or tanh")
    return x.mul(gates[approximate](x))

# %% own_gelu oracle
def own_gelu(x, approximate="none"):
    if approximate not in ("none", "tanh"):
        raise ValueError(approximate)
    return F.gelu(x, approximate=approximate)

# %% own_gelu wrong: the approximation by default
# Without a second argument you compute the tanh approximation. The default of torch is the exact GELU; they differ by up to 0.0005.
def own_gelu(x, approximate="tanh"):
    if approximate == "none":
        opening = torch.erf(x / math.sqrt(2))
    elif approximate == "tanh":
        opening = torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    else:
        raise ValueError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_gelu wrong: swapped
# The two are swapped: "none" means no approximation, hence the error function.
def own_gelu(x, approximate="none"):
    if approximate == "tanh":
        opening = torch.erf(x / math.sqrt(2))
    elif approximate == "none":
        opening = torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    else:
        raise ValueError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_gelu wrong: the power binds first
# (2 / pi) ** 1/2 is half of 2 / pi, for the power binds before the division. Write math.sqrt(2 / math.pi).
def own_gelu(x, approximate="none"):
    if approximate == "none":
        opening = torch.erf(x / math.sqrt(2))
    elif approximate == "tanh":
        opening = torch.tanh((2 / math.pi) ** 1 / 2 * (x + 0.044715 * x**3))
    else:
        raise ValueError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_gelu wrong: the constant with eight digits
# 0.79788456 is what many copies of the formula say. It has eight digits, and so have your results; math.sqrt(2 / math.pi) has sixteen.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
    if approximate == "tanh":
        return 0.5 * x * (1 + torch.tanh(0.79788456 * x * (1 + 0.044715 * x * x)))
    raise ValueError(approximate)

# %% own_gelu wrong: a sigmoid of 1.702 x
# x * sigmoid(1.702 x) is a third GELU, a quick and rough one. It is off by up to 0.02 and is none of the two here.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
    if approximate == "tanh":
        return x * torch.sigmoid(1.702 * x)
    raise ValueError(approximate)

# %% own_gelu wrong: a point in the wrong place
# The constant in front of the cube is 0.044715. Yours is ten times as large, or as small.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        opening = torch.erf(x / math.sqrt(2))
    elif approximate == "tanh":
        opening = torch.tanh(math.sqrt(2 / math.pi) * (x + 0.44715 * x**3))
    else:
        raise ValueError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_gelu wrong: rounded constants
# Your constants are rounded to four digits. In float32 that passes; in float64 most digits of the result are wrong.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        opening = torch.erf(x * 0.70711)
    elif approximate == "tanh":
        opening = torch.tanh(0.79788 * (x + 0.044715 * x**3))
    else:
        raise ValueError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_gelu wrong: a constant in float32
# The square root is taken of a float32 tensor, so it has seven digits, and a float64 input loses the rest. Use math.sqrt.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        opening = torch.erf(x / torch.tensor(2.0).sqrt())
    elif approximate == "tanh":
        opening = torch.tanh(torch.tensor(2 / math.pi).sqrt() * (x + 0.044715 * x**3))
    else:
        raise ValueError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_gelu wrong: other words are taken for tanh
# Any word but "none" gives you the approximation. A misspelt argument must raise a ValueError, or nobody will ever notice it.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

# %% own_gelu wrong: a random gate
# You open the gate at random. GELU is the mean over that chance and itself not random: two calls give the same.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        return x * (torch.randn_like(x) <= x)
    if approximate == "tanh":
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    raise ValueError(approximate)

# %% own_gelu wrong: the density instead of the distribution
# You multiply with the density of the normal distribution. GELU multiplies with the distribution, the share of values below x.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        return x * torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    if approximate == "tanh":
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    raise ValueError(approximate)

# %% own_gelu wrong: the gate is cut off
# The gate was detached: the values are right, but the gradient lacks the part that goes through the gate.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        opening = torch.erf(x / math.sqrt(2)).detach()
    elif approximate == "tanh":
        opening = torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)).detach()
    else:
        raise ValueError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_gelu wrong: in place
# Your code multiplies x itself. Make a new tensor.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        opening = torch.erf(x / math.sqrt(2))
    elif approximate == "tanh":
        opening = torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    else:
        raise ValueError(approximate)
    y = 0.5 * x.clone() * (1 + opening)
    x.data.mul_(0.5)
    return y

# %% own_gelu wrong: a bracket in the wrong place
# The root of 2 / pi multiplies the cube too: both x and 0.044715 x^3 stand in the bracket.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        opening = torch.erf(x / math.sqrt(2))
    elif approximate == "tanh":
        opening = torch.tanh(math.sqrt(2 / math.pi) * x + 0.044715 * x**3)
    else:
        raise ValueError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_gelu wrong: an assertion
# For another word your code raises an AssertionError. A wrong argument is a ValueError, and assertions can be switched off.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        opening = torch.erf(x / math.sqrt(2))
    elif approximate == "tanh":
        opening = torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    else:
        raise AssertionError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_gelu wrong: the error function in float32
# You compute the error function in float32. A float64 input must keep all its digits.
def own_gelu(x, approximate="none"):
    if approximate == "none":
        opening = torch.erf(x.float() / math.sqrt(2)).to(x.dtype)
    elif approximate == "tanh":
        opening = torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    else:
        raise ValueError(approximate)
    return 0.5 * x * (1 + opening)

# %% own_softplus right: logaddexp
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = x * beta
    soft = torch.logaddexp(scaled, torch.zeros_like(scaled)) / beta
    return torch.where(scaled <= threshold, soft, x)

# %% own_softplus right: the large part taken out
def own_softplus(x, beta=1.0, threshold=20.0):
    z = beta * x
    soft = torch.where(z > 0, z, torch.zeros_like(z)) + torch.log1p(torch.exp(torch.where(z > 0, -z, z)))
    y = soft / beta
    linear = z > threshold
    return y.masked_fill(linear, 0.0) + x.masked_fill(~linear, 0.0)

# %% own_softplus oracle
def own_softplus(x, beta=1.0, threshold=20.0):
    return F.softplus(x, beta, threshold)

# %% own_softplus equivalent: safe = scaled.masked_fill(linear, 1.0)
# Any harmless number will do in the places where the linear piece is taken.

# %% own_softplus wrong: the formula as it stands
# You compute ln(1 + e^x) everywhere and choose afterwards. Where e^x overflowed, the gradient of the piece that was not taken is nan, and a very negative x gives 0.
def own_softplus(x, beta=1.0, threshold=20.0):
    return torch.where(beta * x > threshold, x, torch.log(1 + torch.exp(beta * x)) / beta)

# %% own_softplus wrong: log1p, but an exponential of everything
# The values are right, but where e^x overflows in the piece that is not taken the gradient is nan. Put a harmless number there before the exponential.
def own_softplus(x, beta=1.0, threshold=20.0):
    return torch.where(beta * x > threshold, x, torch.log1p(torch.exp(beta * x)) / beta)

# %% own_softplus wrong: threshold ignored, but stable up to 20
# Your threshold is always 20, whatever is handed over. With a small one the function jumps, and yours must jump at the same place.
def own_softplus(x, beta=1.0, threshold=20.0):
    linear = beta * x > 20
    return torch.where(linear, x, torch.log1p(torch.exp((beta * x).masked_fill(linear, 0.0))) / beta)

# %% own_softplus wrong: relu plus a small part
# relu(x) + ln(1 + e^-|x|) has the right values everywhere. But at exactly 0 both relu and |x| have gradient 0, and so has yours; it is 0.5 there.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    soft = (F.relu(scaled) + torch.log1p(torch.exp(-scaled.abs()))) / beta
    return torch.where(scaled > threshold, x, soft)

# %% own_softplus wrong: no threshold
# Your softplus is stable everywhere and has no threshold. With a small one the function jumps, and yours must too.
def own_softplus(x, beta=1.0, threshold=20.0):
    return torch.logaddexp(beta * x, torch.zeros_like(x)) / beta

# %% own_softplus wrong: the threshold compared with x
# You compare x itself with the threshold. It is compared with beta * x.
def own_softplus(x, beta=1.0, threshold=20.0):
    linear = x > threshold
    safe = (beta * x).masked_fill(linear, 0.0)
    return torch.where(linear, x, torch.log1p(torch.exp(safe)) / beta)

# %% own_softplus wrong: the bound belongs to the wrong piece
# Exactly at the threshold you take the linear piece. It begins above the threshold.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    linear = scaled >= threshold
    safe = scaled.masked_fill(linear, 0.0)
    return torch.where(linear, x, torch.log1p(torch.exp(safe)) / beta)

# %% own_softplus wrong: a negative threshold taken for 0
# You take a threshold below 0 for 0. The formula compares beta * x with it as it is: for a threshold of -15 the linear piece begins there.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    linear = scaled > max(threshold, 0.0)
    safe = scaled.masked_fill(linear, 0.0)
    return torch.where(linear, x, torch.log1p(torch.exp(safe)) / beta)

# %% own_softplus wrong: beta times x in the linear piece
# In the linear piece you return beta * x. It is x.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    linear = scaled > threshold
    safe = scaled.masked_fill(linear, 0.0)
    return torch.where(linear, scaled, torch.log1p(torch.exp(safe)) / beta)

# %% own_softplus wrong: beta ignored
# beta is ignored: your softplus is always that of beta = 1.
def own_softplus(x, beta=1.0, threshold=20.0):
    linear = x > threshold
    return torch.where(linear, x, torch.log1p(torch.exp(x.masked_fill(linear, 0.0))))

# %% own_softplus wrong: the exponent cut at 20
# You protect the exponential by a cut at 20. The threshold may be larger: between 20 and it your function stands still, with gradient 0.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    return torch.where(scaled > threshold, x, torch.log1p(torch.exp(scaled.clamp(max=20.0))) / beta)

# %% own_softplus wrong: the logarithm of one plus a tiny number
# For a very negative x your result is 0: next to a 1, float32 has no room for 1e-13. torch.log1p makes no sum.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    linear = scaled > threshold
    safe = scaled.masked_fill(linear, 0.0)
    return torch.where(linear, x, torch.log(1 + torch.exp(safe)) / beta)

# %% own_softplus wrong: the exponent is clamped
# You clamp the exponent, so the function is flat and has gradient 0 where the argument was cut: far on the left, or between the cut and the threshold.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    soft = torch.log1p(torch.exp(scaled.clamp(-15, 15))) / beta
    return torch.where(scaled > threshold, x, soft)

# %% own_softplus wrong: the linear piece without its gradient
# In the linear piece you return a detached x. The value is right, but the gradient there is 1, not 0.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    linear = scaled > threshold
    safe = scaled.masked_fill(linear, 0.0)
    return torch.where(linear, x.detach(), torch.log1p(torch.exp(safe)) / beta)

# %% own_softplus wrong: in place
# You write into x itself to avoid the overflow, so the caller's numbers are gone. Make a new tensor.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    linear = scaled > threshold
    safe = scaled.masked_fill(linear, 0.0)
    y = torch.where(linear, x, torch.log1p(torch.exp(safe)) / beta)
    x.data[x.data < 0] = 0.0
    return y

# %% own_softplus wrong: decided for the whole tensor
# You ask whether the largest entry is above the threshold and then treat all of them alike. Every entry has its own piece.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    if bool((scaled > threshold).any()):
        return x.clone()
    return torch.log1p(torch.exp(scaled)) / beta

# %% own_softplus wrong: float64 inside
# Computing in float64 only moves the cliff: at 1000 the exponential overflows there too, and the gradient is nan.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x.double()
    return torch.where(scaled > threshold, x.double(), torch.log1p(torch.exp(scaled)) / beta).to(x.dtype)

# %% own_softplus wrong: the threshold on both sides
# You compare the absolute value with the threshold. Far on the left the function goes to 0; only far on the right it is x.
def own_softplus(x, beta=1.0, threshold=20.0):
    scaled = beta * x
    linear = scaled.abs() > threshold
    return torch.where(linear, x, torch.log1p(torch.exp(scaled.masked_fill(linear, 0.0))) / beta)

# %% own_logsigmoid right: logaddexp
def own_logsigmoid(x):
    return -torch.logaddexp(torch.zeros_like(x), -x)

# %% own_logsigmoid right: two pieces, both harmless
def own_logsigmoid(x):
    left = x < 0
    small = torch.log1p(torch.exp(torch.where(left, x, -x)))
    return torch.where(left, x, torch.zeros_like(x)) - small

# %% own_logsigmoid right: logsumexp over a pair
def own_logsigmoid(x):
    y = -torch.logsumexp(torch.stack([torch.zeros_like(x), -x]), dim=0)
    tiny = -torch.log1p(torch.exp(-torch.where(x > 10, x, torch.full_like(x, 10.0))))
    return torch.where(x > 10, tiny, y)

# %% own_logsigmoid oracle
def own_logsigmoid(x):
    return F.logsigmoid(x)

# %% own_logsigmoid wrong: the logarithm of the sigmoid
# For x below about -88 the sigmoid is 0 in float32, its logarithm is -inf and the gradient nan. Take the large part out of the logarithm before you compute it.
def own_logsigmoid(x):
    return torch.log(torch.sigmoid(x))

# %% own_logsigmoid wrong: a small number added
# The small number inside the logarithm keeps it finite and wrong: at -200 you get its logarithm, with gradient 0, instead of -200 with gradient 1.
def own_logsigmoid(x):
    return torch.log(torch.sigmoid(x) + 1e-12)

# %% own_logsigmoid wrong: minus the logarithm of 1 plus e to the minus x
# Where e^-x overflows your result is -inf. Use a formula whose exponential can only be small.
def own_logsigmoid(x):
    return -torch.log1p(torch.exp(-x))

# %% own_logsigmoid wrong: the input is clamped
# You clamp x before you compute. Beyond the clamp the result stands still and the gradient is 0; it should be x, with gradient 1.
def own_logsigmoid(x):
    return -torch.log1p(torch.exp(-x.clamp(-80, 80)))

# %% own_logsigmoid wrong: computed in float64
# Computing in float64 only moves the cliff: the sigmoid is 0 below about -745 there too. And float64 inputs gain nothing.
def own_logsigmoid(x):
    return torch.log(torch.sigmoid(x.double())).to(x.dtype)

# %% own_logsigmoid wrong: clamp in place of the minimum
# The values are right. But clamp counts 0 as inside, so exactly at 0 the gradient is 1 instead of 0.5.
def own_logsigmoid(x):
    return x.clamp(max=0.0) - torch.log1p(torch.exp(-x.abs()))

# %% own_logsigmoid wrong: relu in place of the minimum
# The values are right. But relu has gradient 0 at 0, so exactly there yours is 0 instead of 0.5.
def own_logsigmoid(x):
    return -F.relu(-x) - torch.log1p(torch.exp(-x.abs()))

# %% own_logsigmoid wrong: no log1p
# For large x your result is 0: next to a 1, float32 has no room for 1e-13. torch.log1p makes no sum.
def own_logsigmoid(x):
    return torch.minimum(x, torch.zeros_like(x)) - torch.log(1 + torch.exp(-x.abs()))

# %% own_logsigmoid wrong: x itself below -15
# Below -15 you return x. ln(1 + e^x) is still 3e-7 there: nothing in float32, but in float64 half of the digits.
def own_logsigmoid(x):
    return torch.where(x < -15, x, -torch.log1p(torch.exp(-x.clamp(min=-15.0))))

# %% own_logsigmoid wrong: where over two formulas
# The values are right, but torch.where also sends the gradient through the formula that was not taken, and where that overflowed it is nan.
def own_logsigmoid(x):
    return torch.where(x < 0, x - torch.log1p(torch.exp(x)), -torch.log1p(torch.exp(-x)))

# %% own_logsigmoid wrong: the small part is cut off
# You computed the small part without autograd. The values are right, but the gradient is only 0 or 1.
def own_logsigmoid(x):
    with torch.no_grad():
        small = torch.log1p(torch.exp(-x.abs()))
    return torch.minimum(x, torch.zeros_like(x)) - small

# %% own_logsigmoid wrong: log_softmax of a pair
# log_softmax over x and 0 is stable on the left. But for large x it adds a tiny number to 1 and the result is 0; log1p keeps its digits.
def own_logsigmoid(x):
    return torch.log_softmax(torch.stack([x, torch.zeros_like(x)]), dim=0)[0]

# %% own_logsigmoid wrong: another piece below -80
# The value below -80 is right, but torch.where also sends the gradient through the logarithm of 0 that was not taken, and that is nan.
def own_logsigmoid(x):
    return torch.where(x > -80, torch.log(torch.sigmoid(x)), x)

# %% own_logsigmoid wrong: the sigmoid clamped
# You clamp the sigmoid from below. Where the clamp holds the result stands still, and the gradient is 0 instead of 1.
def own_logsigmoid(x):
    return torch.log(torch.sigmoid(x).clamp(min=1e-38))

# %% own_logsigmoid wrong: infinities replaced
# You replace the infinity afterwards. The value is a large number that has nothing to do with x, and the gradient is nan or 0.
def own_logsigmoid(x):
    return torch.nan_to_num(torch.log(torch.sigmoid(x)))

# %% own_glu right: chunk, and a check of the remainder
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[dim] % 2 == 1:
        raise ValueError("odd")
    value, opening = torch.chunk(x, 2, dim)
    return gate(opening) * value

# %% own_glu right: unflatten and unbind
def own_glu(x, dim=-1, gate=torch.sigmoid):
    turned = x.movedim(dim, 0)
    if len(turned) & 1:
        raise ValueError(f"{len(turned)} cannot be halved")
    pair = turned.reshape(2, len(turned) // 2, *turned.shape[1:])
    return (pair[0] * gate(pair[1])).movedim(0, dim)

# %% own_glu right: picked by number
def own_glu(x, dim=-1, gate=torch.sigmoid):
    size = x.size(dim)
    if size != 2 * (size // 2):
        raise ValueError("an even size is needed")
    numbers = torch.arange(size)
    value = x.index_select(dim, numbers[: size // 2])
    return value * gate(x.index_select(dim, numbers[size // 2 :]))

# %% own_glu oracle
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if gate is torch.sigmoid:
        try:
            return F.glu(x, dim)
        except RuntimeError as error:
            raise ValueError(str(error)) from error
    half = x.shape[dim] // 2
    return x.narrow(dim, 0, half) * gate(x.narrow(dim, half, half))

# %% own_glu wrong: halves swapped
# The halves are swapped: the first is the value, the second goes through the gate.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[dim] % 2:
        raise ValueError("odd")
    opening, value = x.chunk(2, dim)
    return value * gate(opening)

# %% own_glu wrong: every second entry
# You take every second entry as the gate. The axis is cut in the middle: first half value, second half gate.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[dim] % 2:
        raise ValueError("odd")
    turned = x.movedim(dim, -1)
    return (turned[..., ::2] * gate(turned[..., 1::2])).movedim(-1, dim)

# %% own_glu wrong: always the last axis
# You cut the last axis whatever dim says.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[-1] % 2:
        raise ValueError("odd")
    value, opening = x.chunk(2, -1)
    return value * gate(opening)

# %% own_glu wrong: channels by default
# By default you cut axis 1. torch's default is the last axis, which surprises people who have channels in axis 1.
def own_glu(x, dim=1, gate=torch.sigmoid):
    dim = min(dim, x.dim() - 1)
    if x.shape[dim] % 2:
        raise ValueError("odd")
    value, opening = x.chunk(2, dim)
    return value * gate(opening)

# %% own_glu wrong: always a sigmoid
# The gate is always a sigmoid, whatever function is handed over.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[dim] % 2:
        raise ValueError("odd")
    value, opening = x.chunk(2, dim)
    return value * torch.sigmoid(opening)

# %% own_glu wrong: a sigmoid and the gate
# You send the second half through the given gate and then through a sigmoid too. The gate alone decides.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[dim] % 2:
        raise ValueError("odd")
    value, opening = x.chunk(2, dim)
    if gate is not torch.sigmoid:
        opening = gate(opening)
    return value * torch.sigmoid(opening)

# %% own_glu wrong: an odd size is accepted
# An axis of odd size is cut into unequal pieces, or loses its last entry, without a word. Raise a ValueError.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    half = x.shape[dim] // 2
    return x.narrow(dim, 0, half) * gate(x.narrow(dim, half, half))

# %% own_glu wrong: another error for an odd size
# For an odd size an error of torch comes out. Check the size yourself and raise a ValueError that says what is wrong.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    value, opening = x.split([x.shape[dim] // 2, x.shape[dim] // 2], dim)
    return value * gate(opening)

# %% own_glu wrong: negative axes cut in the wrong place
# For a negative axis you cut another one. -1 is the last axis, -2 the one before it.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    dim = abs(dim) if dim < -1 else dim
    if x.shape[dim] % 2:
        raise ValueError("odd")
    value, opening = x.chunk(2, dim)
    return value * gate(opening)

# %% own_glu wrong: the gate on both halves
# You send both halves through the gate. The value passes as it is; only its size is gated.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[dim] % 2:
        raise ValueError("odd")
    value, opening = gate(x).chunk(2, dim)
    return value * opening

# %% own_glu wrong: the gate is cut off
# The gate gets no gradient: you detached it, so it never learns when to open.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[dim] % 2:
        raise ValueError("odd")
    value, opening = x.chunk(2, dim)
    return value * gate(opening.detach())

# %% own_glu wrong: in place
# You multiply the first half in place. It is a view of x, so x is changed with it.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[dim] % 2:
        raise ValueError("odd")
    value, opening = x.chunk(2, dim)
    y = value * gate(opening)
    value.data.copy_(y.data)
    return y

# %% own_glu wrong: the product has to complain
# You wait for the product to complain about halves of unequal size. An axis of 3 is cut into 2 and 1, and those broadcast: no error.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    value, opening = x.chunk(2, dim)
    try:
        return value * gate(opening)
    except RuntimeError as error:
        raise ValueError("odd") from error

# %% own_glu wrong: the flattened tensor cut in two
# You lay out all numbers in a row and cut that row in two. The axis dim is cut, and only that.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.shape[dim] % 2:
        raise ValueError("odd")
    shape = list(x.shape)
    shape[dim] //= 2
    value, opening = x.reshape(-1).chunk(2)
    return (value * gate(opening)).reshape(shape)

# %% own_glu wrong: the number of all entries checked
# You check whether the number of all entries is even. What has to be even is the size of the axis that is cut.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    if x.numel() % 2:
        raise ValueError("odd")
    value, opening = x.chunk(2, dim)
    return value * gate(opening)

# %% own_glu wrong: an assertion
# For an odd size your code raises an AssertionError. A wrong argument is a ValueError, and assertions can be switched off.
def own_glu(x, dim=-1, gate=torch.sigmoid):
    assert x.shape[dim] % 2 == 0
    value, opening = x.chunk(2, dim)
    return value * gate(opening)

# %% shrinks right: relus and where
def own_hardshrink(x, lambd=0.5):
    return torch.where((x > lambd) | (x < -lambd), x, torch.zeros_like(x))


def own_softshrink(x, lambd=0.5):
    return F.relu(x - lambd) - F.relu(-x - lambd)


def own_tanhshrink(x):
    return torch.sub(x, x.tanh())


def own_threshold(x, threshold, value):
    return torch.where(x > threshold, x, torch.full_like(x, value))

# %% shrinks right: written into new tensors
def own_hardshrink(x, lambd=0.5):
    y, far = torch.zeros_like(x), x.abs() > lambd
    y[far] = x[far]
    return y


def own_softshrink(x, lambd=0.5):
    y, right, left = torch.zeros_like(x), x > lambd, x < -lambd
    y[right] = x[right] - lambd
    y[left] = x[left] + lambd
    return y


def own_tanhshrink(x):
    return x + 1 - 2 * torch.sigmoid(2 * x)


def own_threshold(x, threshold, value):
    y, keep = torch.full_like(x, value), x > threshold
    y[keep] = x[keep]
    return y

# %% shrinks oracle
def own_hardshrink(x, lambd=0.5):
    return F.hardshrink(x, lambd)


def own_softshrink(x, lambd=0.5):
    return F.softshrink(x, lambd)


def own_tanhshrink(x):
    return F.tanhshrink(x)


def own_threshold(x, threshold, value):
    return F.threshold(x, threshold, value)

# %% shrinks wrong: the corner passes in hardshrink
# At exactly lambd your hardshrink lets x pass. The corner belongs to the flat piece: it becomes 0 where |x| <= lambd.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() < lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: the corner passes in softshrink
# The values of your softshrink are right, but at exactly lambd the gradient is 1. The corner belongs to the flat piece, where it is 0.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() < lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: x minus the cut x
# x minus the cut x has the right values. But minimum and maximum give half of the gradient to each side of a tie, so exactly at lambd half of it comes through. With clamp, which counts its corners as inside, it would be 0.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return x - torch.minimum(torch.maximum(x, torch.full_like(x, -lambd)), torch.full_like(x, lambd))


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: hard and soft swapped
# The hard and the soft one are swapped. The hard one jumps, the soft one moves everything towards 0 and has no jump.
def own_hardshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: the same shift on both sides
# In softshrink you subtract lambd on the left side too. There it is added: both sides move towards 0.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: one side only
# On the left side you have nothing: large negative numbers pass too. The play lies around 0, on both sides.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd).masked_fill(x <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: lambd ignored
# The play is 0.5 whatever lambd says.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= 0.5, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - 0.5 * torch.sign(x)).masked_fill(x.abs() <= 0.5, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: the threshold as a lower bound
# Your threshold is a lower bound: max(x, threshold). What does not pass becomes `value`, which may be any number.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, threshold)

# %% shrinks wrong: the threshold itself passes
# Exactly at the threshold x becomes `value`; yours lets it pass.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x < threshold, value)

# %% shrinks wrong: tanh typed as its formula
# You typed tanh as a fraction of exponentials. Far away both overflow, and infinity divided by infinity is nan. torch.tanh does not overflow.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    up, down = torch.exp(x), torch.exp(-x)
    return x - (up - down) / (up + down)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: the tanh is cut off
# Your tanhshrink subtracts a detached tanh: the values are right, but the gradient is 1 everywhere instead of tanh squared.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x).detach()


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: the gradient leaks through the play
# You multiply by the mask what you then add again, or pass the gradient where the valve is shut: in the play the gradient is 0, not 1.
def own_hardshrink(x, lambd=0.5):
    return x - x.detach() * (x.abs() <= lambd)


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: in place
# You write into x itself: masked_fill_ with an underscore changes its tensor.
def own_hardshrink(x, lambd=0.5):
    y = x.masked_fill(x.abs() <= lambd, 0.0)
    x.data.masked_fill_(x.data.abs() <= lambd, 0.0)
    return y


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: divided by the absolute value
# You divide by |x|. At exactly 0 the value may survive, but the gradient is nan.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return x * F.relu(1 - lambd / x.abs())


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: the sign lost
# Your softshrink returns sizes without their signs: large negative numbers come out positive.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return F.relu(x.abs() - lambd)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return x.masked_fill(x <= threshold, value)

# %% shrinks wrong: the value detached from x
# Where x passes, your threshold returns a detached copy: the gradient there is 1, not 0.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return torch.where(x > threshold, x.detach(), torch.full_like(x, value)) + 0 * x

# %% shrinks wrong: the value in float32
# The value that you fill in went through a float32 tensor, so in a float64 result it has seven right digits. masked_fill and full_like take the number as it is.
def own_hardshrink(x, lambd=0.5):
    return x.masked_fill(x.abs() <= lambd, 0.0)


def own_softshrink(x, lambd=0.5):
    return (x - lambd * torch.sign(x)).masked_fill(x.abs() <= lambd, 0.0)


def own_tanhshrink(x):
    return x - torch.tanh(x)


def own_threshold(x, threshold, value):
    return torch.where(x > threshold, x, torch.tensor(float(value)).to(x.dtype))

# %% hard_sign right: the detour over detach
def hard_sign(x, width=1.0):
    soft = x.clamp(-width, width)
    hard = torch.where(x < 0, -torch.ones_like(x), torch.ones_like(x))
    return soft + (hard - soft).detach()

# %% hard_sign right: the input is kept and compared on the way back
class Switch(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.save_for_backward(x)
        ctx.width = width
        return 2 * (x >= 0).to(x.dtype) - 1

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient.masked_fill(x.abs() > ctx.width, 0.0), None


def hard_sign(x, width=1.0):
    return Switch.apply(x, width)

# %% hard_sign right: a gradient by multiplication
def hard_sign(x, width=1.0):
    inside = (x.detach().abs() <= width).to(x.dtype)
    slope = (x - x.detach()) * inside
    return slope + (2.0 * (x.detach() >= 0) - 1.0).to(x.dtype)

# %% hard_sign oracle
# A hook on the input: forward by the sign, the gradient cut where the input lies outside.
def hard_sign(x, width=1.0):
    passes = x * 1.0
    if passes.requires_grad:
        outside = x.detach().abs() > width
        passes.register_hook(lambda gradient: gradient.masked_fill(outside, 0.0))
    sign = torch.copysign(torch.ones_like(x), x.detach() + 0.0)
    return passes + (sign - passes).detach()

# %% hard_sign equivalent: (removed) @staticmethod
# autograd takes both methods from the class and never makes an instance, so they are plain functions either way.

# %% hard_sign wrong: torch.sign
# At exactly 0 your output is 0. The switch has two positions only: zero counts as +1.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.save_for_backward(x.abs() <= width)
        return torch.sign(x)

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return gradient * inside, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: autograd alone
# You left the gradient to autograd. A step has slope 0 everywhere, so nothing arrives and nothing is learned.
def hard_sign(x, width=1.0):
    return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x)) + 0 * x

# %% hard_sign wrong: the gradient passes everywhere
# The gradient passes everywhere. Beyond the width it is to be 0, or the inputs run away from the switch without end.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: the gradient itself is clipped
# You clip the gradient to plus or minus the width. What counts is where the input lay: inside the gradient passes as it is, outside it is 0.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.width = width
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        return gradient.clamp(-ctx.width, ctx.width), None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: the bound is outside
# An input exactly at the width counts as inside: write <=, not <.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.save_for_backward(x.abs() < width)
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return gradient * inside, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: width ignored
# The width is always 1, whatever is handed over.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.save_for_backward(x.abs() <= 1)
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return gradient * inside, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: what comes from above is forgotten
# Your backward returns the mask alone. It has to be multiplied by the gradient that comes from above.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.save_for_backward(x.abs() <= width)
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return inside.to(gradient.dtype), None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: the output is remembered
# You remembered the output, which is always 1 or -1, and asked whether it lies inside. The question is where the input lay.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        y = torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))
        ctx.save_for_backward(y.abs() <= width)
        return y

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return gradient * inside, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: the slope of tanh
# On the way back you use the slope of tanh. That is another surrogate; here the gradient passes unchanged inside the width.
def hard_sign(x, width=1.0):
    soft = width * torch.tanh(x / width)
    hard = torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))
    return soft + (hard - soft).detach()

# %% hard_sign wrong: the pipe forward too
# Your output is the clamped input. Forward it is a switch, with +1 and -1 only; the pipe is pretended on the way back.
def hard_sign(x, width=1.0):
    return x.clamp(-width, width)

# %% hard_sign wrong: the gradient is divided by the width
# You scale the gradient by the width. Inside it passes as it is.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.save_for_backward(x.abs() <= width)
        ctx.width = width
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return gradient * inside / ctx.width, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: float32 output
# The output is float32 whatever x is. Make it with the dtype of x.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.save_for_backward(x.abs() <= width)
        return (x >= 0).float() * 2 - 1

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return gradient * inside, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: one side only
# You ask whether x <= width, so everything on the left counts as inside. The width reaches to both sides.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.save_for_backward(x <= width)
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return gradient * inside, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: the gradient from above changed in place
# Your backward writes zeros into the gradient that it was handed. Others may need it: make a new tensor.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.width = width
        ctx.save_for_backward(x.abs() <= width)
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        (saved,) = ctx.saved_tensors
        gradient[~saved] = 0
        return gradient, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: one memory for all calls
# You remember what lay inside on the class, so a second call overwrites what the first one needs on its way back. ctx belongs to one call.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        HardSign.inside = x.abs() <= width
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        return gradient * HardSign.inside, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: a triangle for the pipe
# Your gradient fades towards the width like a triangle. It passes unchanged inside, and not at all outside.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.width = width
        ctx.save_for_backward(x)
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        (saved,) = ctx.saved_tensors
        return gradient * F.relu(1 - saved.abs() / ctx.width), None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% hard_sign wrong: the sign of the gradient
# You pass on the sign of the gradient only. What comes from above arrives in full size.
class HardSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, width):
        ctx.width = width
        ctx.save_for_backward(x.abs() <= width)
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, gradient):
        (saved,) = ctx.saved_tensors
        return torch.sign(gradient) * saved, None


def hard_sign(x, width=1.0):
    return HardSign.apply(x, width)

# %% dead_units right: a wrapper for each forward
def dead_units(net, x):
    found, modes = {}, [(module, module.training) for module in net.modules()]
    relus = {name: module for name, module in net.named_modules() if isinstance(module, nn.ReLU)}
    try:
        for name, module in relus.items():
            def forward(z, name=name, module=module):
                y = type(module).forward(module, z)
                most = y.detach().movedim(1, 0).reshape(y.shape[1], -1).amax(1)
                found[name] = most <= 0
                return y
            module.forward = forward
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for module in relus.values():
            del module.forward
        for module, mode in modes:
            module.train(mode) if not list(module.children()) else setattr(module, "training", mode)
    return found

# %% dead_units right: outputs copied, looked at afterwards
def dead_units(net, x):
    outputs, handles = {}, []
    for name, module in net.named_modules():
        if isinstance(module, nn.ReLU):
            handles.append(module.register_forward_hook(lambda m, i, o, name=name: outputs.update({name: o.clone()})))
    before = {name: module.training for name, module in net.named_modules()}
    with torch.inference_mode():
        net.eval()
        net(x)
    for handle in handles:
        handle.remove()
    for name, module in net.named_modules():
        module.training = before[name]
    return {name: (y != 0).sum([axis for axis in range(y.dim()) if axis != 1]).clone() == 0 for name, y in outputs.items()}

# %% dead_units right: a copy of the net
def dead_units(net, x):
    import copy

    twin, answer = copy.deepcopy(net).eval(), {}
    for name, module in twin.named_modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda m, args, out, name=name: answer.update({name: out.transpose(0, 1).reshape(out.shape[1], -1).sum(1) == 0}))
    with torch.no_grad():
        twin(x.clone())
    return answer

# %% dead_units oracle
# A copy of the net is run one example at a time, and everything is counted in loops.
def dead_units(net, x):
    import copy

    twin = copy.deepcopy(net).eval()
    alive = {}
    for name, module in twin.named_modules():
        if isinstance(module, nn.ReLU):
            def hook(module, args, output, name=name):
                for example in output.detach():
                    for unit in range(len(example)):
                        alive.setdefault(name, [False] * len(example))
                        alive[name][unit] = alive[name][unit] or bool(example[unit].any())
            module.register_forward_hook(hook)
    for i in range(len(x)):
        twin(x[i : i + 1])
    return {name: ~torch.tensor(units) for name, units in alive.items()}

# %% dead_units wrong: dead for one example is dead
# You call a unit dead if it is 0 for some example. Every ReLU is 0 now and then; dead means 0 for all of them.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).any(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: over the units
# You ask, for each example, whether all units are 0. The question is for each unit, whether all examples are: keep axis 1.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: places kept apart
# For pictures you reduce over the batch only and keep the places. A channel is one unit: it is dead if it is 0 everywhere.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).all(0)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: in training mode
# You ran the net as it was, in training: dropout and the statistics of the batch decided with, and the running statistics have moved. Use eval() and put the modes back.
def dead_units(net, x):
    dead = {}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net(x)
    for hook in hooks:
        hook.remove()
    return dead

# %% dead_units wrong: train() at the end
# At the end you put the whole net into training. It may have been in evaluation, or part of it: remember the mode of each module.
def dead_units(net, x):
    dead = {}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    net.train()
    return dead

# %% dead_units wrong: the mode of the root for all
# You put back the mode of the net as a whole. A part that had been set to evaluation on purpose is in training now.
def dead_units(net, x):
    dead, mode = {}, net.training

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    net.train(mode)
    return dead

# %% dead_units wrong: hooks left behind
# Your hooks stay on the net and work on at every later call. Keep the handles and call remove().
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    for name, module in net.named_modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(record(name))
    with torch.no_grad():
        net.eval()(x)
    for module, mode in modes.items():
        module.training = mode
    return dict(dead)

# %% dead_units wrong: the children of the net only
# You look at the direct children of the net. ReLUs may be nested deeper: named_modules() finds them all.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_children() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: one name for all hooks
# All your hooks write under the last name, because they read the loop's variable when they run. Bind the name when you make the hook.
def dead_units(net, x):
    dead, hooks, modes = {}, [], {module: module.training for module in net.modules()}
    for name, module in net.named_modules():
        if isinstance(module, nn.ReLU):
            def hook(module, args, output):
                dead[last] = (output == 0).transpose(0, 1).flatten(1).all(1)
            last = name
            hooks.append(module.register_forward_hook(hook))
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: outputs kept and looked at later
# You keep the outputs and look at them after the pass. A layer behind the ReLU that works in place has overwritten them by then: decide inside the hook, or clone.
def dead_units(net, x):
    outputs, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            outputs[name] = output
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return {name: (y == 0).transpose(0, 1).flatten(1).all(1) for name, y in outputs.items()}

# %% dead_units wrong: ReLU6 counted too
# You listed every layer that has ReLU in its name, or that is a Hardtanh. Only nn.ReLU is asked for.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(n)) for n, m in net.named_modules() if "ReLU" in type(m).__name__]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: inplace switched off
# You switch inplace off, so that nothing is overwritten, and leave it off. Decide inside the hook, and nothing has to be switched.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    for module in modes:
        if hasattr(module, "inplace"):
            module.inplace = False
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: mostly dead is dead
# You call a unit dead if its mean output is small. A unit that speaks for one example in a hundred is rare, not dead.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = output.transpose(0, 1).flatten(1).mean(1) < 0.1
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: grad mode switched off for good
# You switch grad mode off and never on again: nothing in the whole program gets a gradient any more. Use `with torch.no_grad():`.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    torch.set_grad_enabled(False)
    net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: nearly nothing counts as nothing
# You count an output below 1e-6 as 0. However small it is, a unit that puts something out has slope 1, and is alive.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output < 1e-6).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: all hooks cleared
# You clear every hook of the net, also one that somebody else had put there. Keep the handles of yours, and remove those.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for module in modes:
        module._forward_hooks.clear()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: only the first example
# You look at the first example of the batch only. Dead means 0 for all of them.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output[:1] == 0).transpose(0, 1).flatten(1).all(1)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% dead_units wrong: the last axis
# You keep the last axis. Units are axis 1, and for pictures the last one is a place.
def dead_units(net, x):
    dead, modes = {}, {module: module.training for module in net.modules()}

    def record(name):
        def hook(module, args, output):
            dead[name] = (output == 0).flatten(0, -2).all(0)
        return hook

    hooks = [m.register_forward_hook(record(name)) for name, m in net.named_modules() if isinstance(m, nn.ReLU)]
    with torch.no_grad():
        net.eval()(x)
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return dead

# %% in_place right: functions only
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)

    def forward(self, x):
        h = F.leaky_relu(self.linear(F.relu(x)), 0.01)
        return torch.addcmul(x, torch.sigmoid(self.gate(x)), h, value=2.0)

# %% in_place right: in place where nobody else reads
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU(inplace=True)
        self.leak = nn.LeakyReLU(inplace=True)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x.clone())))
        opening = torch.sigmoid(self.gate(x))
        return x + opening * h * 2

# %% in_place oracle
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)

    def forward(self, x):
        weight, bias = self.linear.weight, self.linear.bias
        h = torch.einsum("oi,...i->...o", weight, torch.where(x > 0, x, torch.zeros_like(x))) + bias
        h = torch.where(h > 0, h, 0.01 * h)
        g = torch.einsum("oi,...i->...o", self.gate.weight, x) + self.gate.bias
        return x + 2 / (1 + torch.exp(-g)) * h

# %% in_place faulty start
# The start is as it was handed out: an in-place ReLU on the block's own input, a slope of True, which is 1, and a product written into the output of the sigmoid.

# %% in_place wrong: the slope is still True
# The first argument of nn.LeakyReLU is its slope, and True is 1: yours does not bend at all. Write nn.LeakyReLU(0.01), or inplace=True by its name.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(True)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x)))
        opening = 2 * torch.sigmoid(self.gate(x))
        return x + opening * h

# %% in_place wrong: the ReLU still writes into x
# The first ReLU still works in place on the block's input. Gate and sum then read relu(x), and so does whoever handed x over. (`skip = x` beforehand is a second name for the same tensor, no copy.)
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU(True)
        self.leak = nn.LeakyReLU(0.01)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x)))
        opening = 2 * torch.sigmoid(self.gate(x))
        return x + opening * h

# %% in_place wrong: the product still in place
# The product is still written into the output of the sigmoid, which the sigmoid needs on the way back. Write opening = 2 * opening.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(0.01)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x)))
        opening = torch.sigmoid(self.gate(x))
        opening *= 2
        return x + opening * h

# %% in_place wrong: the error silenced by detach
# You detached the gate, so the error is gone, and with it the gradient: the gate never learns.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(0.01)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x)))
        opening = torch.sigmoid(self.gate(x)).detach()
        opening *= 2
        return x + opening * h

# %% in_place wrong: the error silenced by .data
# You multiply .data in place. Autograd does not see that: no error, but the sigmoid's gradient is computed from the doubled output.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(0.01)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x)))
        opening = torch.sigmoid(self.gate(x))
        opening.data *= 2
        return x + opening * h

# %% in_place wrong: the gate reads relu(x)
# Your gate reads relu(x). It reads x itself; only the other branch begins with a ReLU.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)

    def forward(self, x):
        bent = F.relu(x)
        h = F.leaky_relu(self.linear(bent))
        return x + 2 * torch.sigmoid(self.gate(bent)) * h

# %% in_place wrong: the skip adds relu(x)
# Your sum adds relu(x). What is carried past the block is x, negative numbers included.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)

    def forward(self, x):
        bent = F.relu(x)
        h = F.leaky_relu(self.linear(bent))
        return bent + 2 * torch.sigmoid(self.gate(x)) * h

# %% in_place wrong: added to x in place
# The last sum is written into x. The caller's tensor is changed, and a leaf that wants a gradient cannot be: write x + ..., not x += ...
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(0.01)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x)))
        x += 2 * torch.sigmoid(self.gate(x)) * h
        return x

# %% in_place wrong: a slope of 0.1
# The slope of your leaky ReLU is not 0.01.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)

    def forward(self, x):
        h = F.leaky_relu(self.linear(F.relu(x)), 0.1)
        return x + 2 * torch.sigmoid(self.gate(x)) * h

# %% in_place wrong: the factor is lost
# In mending the product you lost its factor: the gate is multiplied by 2.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(0.01)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x)))
        return x + torch.sigmoid(self.gate(x)) * h

# %% in_place wrong: the slope is False
# You wrote nn.LeakyReLU(False), meaning "not in place". The first argument is the slope, and False is 0: a plain ReLU.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(False)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x)))
        opening = 2 * torch.sigmoid(self.gate(x))
        return x + opening * h

# %% in_place wrong: relu of a detached x
# You protect x by detach(), so the branch through `linear` sends no gradient back to it. Use a ReLU that is not in place, or a clone.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(0.01)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x.detach())))
        opening = 2 * torch.sigmoid(self.gate(x))
        return x + opening * h

# %% in_place wrong: a bend behind the sum
# You put a ReLU behind the sum. What is carried past the block must arrive as it was.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(0.01)

    def forward(self, x):
        h = self.leak(self.linear(self.bend(x)))
        opening = 2 * torch.sigmoid(self.gate(x))
        return self.bend(x + opening * h)

# %% in_place wrong: the gate outside the leak
# The gate multiplies before the leaky ReLU in your block. It comes after: first leak, then gate.
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.bend = nn.ReLU()
        self.leak = nn.LeakyReLU(0.01)

    def forward(self, x):
        opening = 2 * torch.sigmoid(self.gate(x))
        return x + self.leak(opening * self.linear(self.bend(x)) - 0.1)

# %% own_bend right: a parabola of learned height
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.height = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x + self.height.squeeze() * x.square() / (1 + x.abs())


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.bend, self.last = nn.Linear(64, 48), Bend(), nn.Linear(48, 4)

    def forward(self, pictures):
        return self.last(self.bend(self.first(pictures.reshape(-1, 64))))


def train_net(x, y):
    net = Pictures()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.01)
    for step in range(80):
        optimiser.zero_grad()
        nn.functional.nll_loss(net(x).log_softmax(-1), y).backward()
        optimiser.step()
    return net

# %% own_bend right: a mixture of two bends, in two places
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Parameter(torch.tensor([0.7, 0.3]))

    def forward(self, x):
        return self.mix[0] * F.gelu(x) + self.mix[1] * torch.tanh(x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 48), Bend(), nn.Dropout(0.1), nn.Linear(48, 24), Bend(), nn.Linear(24, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.003)
    for step in range(90):
        rows = torch.randint(len(x), (200,))
        optimiser.zero_grad()
        F.cross_entropy(net(x[rows]), y[rows]).backward()
        optimiser.step()
    return net.eval()

# %% own_bend oracle
# The bend of torch that has a parameter: PReLU, behind a convolution that sees the whole picture.
class Bend(nn.PReLU):
    def __init__(self):
        super().__init__(1, init=-0.5)


def train_net(x, y):
    net = nn.Sequential(nn.Conv2d(1, 32, 8), Bend(), nn.Flatten(), nn.Linear(32, 4))
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.003, weight_decay=0.01)
    for step in range(120):
        rows = torch.randint(len(x), (64,))
        optimiser.zero_grad()
        F.cross_entropy(net(x[rows]), y[rows]).backward()
        optimiser.step()
    return net

# %% own_bend equivalent: for _ in range(41):
# One step of training more: the number of steps is free.

# %% own_bend equivalent: return torch.where(x >= 0, x, torch.sin(self.left) * x)
# At 0 both pieces are 0; which of their slopes counts there is free.

# %% own_bend equivalent: return torch.where(x > 1, x, torch.sin(self.left) * x)
# The place of the bend is free. This one jumps, and still learns.

# %% own_bend wrong: a ReLU beside it
# With Identity in the place of your Bend the net still bends: there is another activation in it. Your own has to carry it alone.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(0.1))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16), Bend(), nn.Linear(16, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: made, not used
# Your Bend is in the net but forward does not call it, or calls a ReLU in its stead. Its parameter gets no gradient.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(0.1))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.bend, self.last = nn.Linear(64, 48), Bend(), nn.Linear(48, 4)

    def forward(self, pictures):
        return self.last(F.relu(self.first(pictures.flatten(1))))


def train_net(x, y):
    net = Pictures()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: nothing is learned in it
# Your Bend has no parameter. A number in the constructor is not learned; make it an nn.Parameter.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = 0.1

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: a plain tensor
# The number in your Bend is a plain tensor. No optimiser finds it, and it is not saved: make it an nn.Parameter.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = torch.tensor(0.1, requires_grad=True)

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: no bend
# Your Bend multiplies by a learned number: that is a straight line, and the whole net with it. It cannot let bright and dark patches speak for the same quarter.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.scale * x


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: a softmax inside
# Your Bend uses a softmax, or a mean: each output depends on the other entries. An activation acts element by element.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.share = nn.Parameter(torch.tensor(0.5))

    def forward(self, x):
        return x.abs() + self.share * torch.softmax(x, dim=-1) if x.dim() else x.abs() + self.share


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: a slope for each unit
# Your Bend has one slope for each of 64 units, so it fits a last axis of 64 only. It has to take a tensor of any shape, a single number too.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.full((64,), 0.1))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: not trained
# The net has learned nothing: is the optimiser's step called, after backward and before the next zero_grad?
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(0.1))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(80):
        F.cross_entropy(net(x), y).backward()
        optimiser.zero_grad()
        optimiser.step()
    return net

# %% own_bend wrong: max-pooling beside it
# Pooling takes the largest of several numbers, and that bends too: without your Bend the net is no straight line. Use straight layers around it.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(-0.5))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


def train_net(x, y):
    net = nn.Sequential(nn.Conv2d(1, 16, 3), Bend(), nn.MaxPool2d(3), nn.Flatten(), nn.Linear(64, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(60):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: dropout still on
# The net comes back in training mode, with its dropout at work: the same picture gets other scores each time. Call eval() before you return it.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(-0.5))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Dropout(0.2), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: a spare parameter
# Your Bend has a parameter that does not take part: it is multiplied by nothing, and gets no gradient.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(-0.5))
        self.right = nn.Parameter(torch.tensor(1.0))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: in place
# Your Bend writes into its input. Whoever else reads it, a skip connection for instance, reads the bent numbers.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(-0.5))

    def forward(self, x):
        y = torch.where(x > 0, x, self.left * x)
        x.data.copy_(y.data)
        return y


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: hidden in a list
# Your layers stand in a plain Python list, which hides them: the net does not know its Bend, and its parameters are not found. Use nn.Sequential or nn.ModuleList.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(-0.5))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last, self.others = nn.Linear(64, 64), nn.Linear(64, 4), [Bend()]

    def forward(self, pictures):
        return self.last(self.others[0](self.first(pictures.flatten(1))))


def train_net(x, y):
    net = Listed()
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: a layer norm beside it
# Layer normalisation divides by the spread of each picture, and that is no straight line. Without your Bend the net still bends.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(-0.5))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.LayerNorm(64), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: a step
# Your Bend is a step: its slope is 0 everywhere, so nothing in front of it learns. Give it a slope where the inputs lie.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.height = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.height * torch.sign(x)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: scores of the bend outside
# Your Bend drops an axis of size one: it must return the shape it was given.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(-0.5))

    def forward(self, x):
        return torch.where(x > 0, x, self.left * x).squeeze()


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% own_bend wrong: a bend far away
# Your Bend bends at a place that no input reaches, so where the data lie it is a straight line.
class Bend(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.tensor(-0.5))

    def forward(self, x):
        return torch.where(x > -1000, x * self.left, self.left * x - 1000)


def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), Bend(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net
