# %% he_normal right: a scaled copy of standard normal numbers
def he_normal_(weight, slope=0.0):
    fan_in = math.prod(weight.shape[1:])
    gain = (2 / (1 + slope**2)) ** 0.5
    weight.data.copy_(torch.randn(weight.shape) * gain * fan_in**-0.5)
    return weight


# %% he_normal oracle
def he_normal_(weight, slope=0.0):
    return nn.init.kaiming_normal_(weight, a=slope, nonlinearity="leaky_relu")


# %% he_normal wrong: fan-out in place of fan-in
# The variance is divided by the number of outputs; to keep the forward signal it is divided by the number of inputs.
def he_normal_(weight, slope=0.0):
    fan_out = weight.shape[0] * weight[0, 0].numel()
    with torch.no_grad():
        return weight.normal_(0.0, math.sqrt(2 / ((1 + slope**2) * fan_out)))


# %% he_normal wrong: the kernel is not counted
# The fan-in counts channels only; every output of a convolution sums over the kernel's height and width too.
def he_normal_(weight, slope=0.0):
    with torch.no_grad():
        return weight.normal_(0.0, math.sqrt(2 / ((1 + slope**2) * weight.shape[1])))


# %% he_normal wrong: uniform numbers of the same spread
# The numbers are uniform; their spread is right, but a normal distribution is asked for.
def he_normal_(weight, slope=0.0):
    bound = math.sqrt(3 * 2 / ((1 + slope**2) * weight[0].numel()))
    with torch.no_grad():
        return weight.uniform_(-bound, bound)


# %% he_normal wrong: the slope is forgotten
# The slope of the leaky ReLU is not used: what passes its negative side adds to the variance.
def he_normal_(weight, slope=0.0):
    with torch.no_grad():
        return weight.normal_(0.0, math.sqrt(2 / weight[0].numel()))


# %% he_normal wrong: every row the same
# One row is drawn and copied to all others: units that start equal stay equal, because they get the same gradient.
def he_normal_(weight, slope=0.0):
    row = torch.randn(weight[0].shape) * math.sqrt(2 / ((1 + slope**2) * weight[0].numel()))
    with torch.no_grad():
        return weight.copy_(row.expand_as(weight))


# %% he_normal wrong: a new tensor is returned
# A new tensor is returned and the one that was given stays as it was; the name ends in an underscore because it fills in place.
def he_normal_(weight, slope=0.0):
    return torch.randn(weight.shape) * math.sqrt(2 / ((1 + slope**2) * weight[0].numel()))


# %% he_normal equivalent: fan_in = weight[1].numel()
# Every row of a weight holds the same number of values.
