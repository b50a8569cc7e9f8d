# %% conv_shape right: windows counted
def conv_shape(shape, channels, kernel, stride=1, padding=0, dilation=1):
    starts = [range(-padding, n + padding - dilation * (kernel - 1), stride) for n in shape[2:]]
    return torch.Size([shape[0], channels, len(starts[0]), len(starts[1])])


# %% conv_shape right: with NumPy
def conv_shape(shape, channels, kernel, stride=1, padding=0, dilation=1):
    image = np.array(shape[2:]) + 2 * padding
    image = np.floor_divide(image - dilation * (kernel - 1) - 1, stride) + 1
    return [np.int64(shape[0]), torch.tensor(channels), *image]


# %% conv_shape oracle
def conv_shape(shape, channels, kernel, stride=1, padding=0, dilation=1):
    layer = nn.Conv2d(shape[1], channels, kernel, stride, padding, dilation, device="meta")
    return layer(torch.empty(tuple(shape), device="meta")).shape


# %% conv_shape wrong: rounded up
# The division is rounded up: a window that does not fit whole is left out, so it is rounded down.
def conv_shape(shape, channels, kernel, stride=1, padding=0, dilation=1):
    span = dilation * (kernel - 1) + 1
    height, width = [math.ceil((n + 2 * padding - span) / stride) + 1 for n in shape[2:]]
    return shape[0], channels, height, width


# %% conv_shape wrong: padding on one side
# The padding is counted once; it is added on both sides.
def conv_shape(shape, channels, kernel, stride=1, padding=0, dilation=1):
    span = dilation * (kernel - 1) + 1
    height, width = [(n + padding - span) // stride + 1 for n in shape[2:]]
    return shape[0], channels, height, width


# %% conv_shape wrong: dilation forgotten
# The dilation is not used: it spreads the kernel over dilation * (kernel - 1) + 1 pixels.
def conv_shape(shape, channels, kernel, stride=1, padding=0, dilation=1):
    height, width = [(n + 2 * padding - kernel) // stride + 1 for n in shape[2:]]
    return shape[0], channels, height, width


# %% conv_shape wrong: channels of the input
# The second axis keeps the input's channels; a convolution gives as many as it has filters.
def conv_shape(shape, channels, kernel, stride=1, padding=0, dilation=1):
    span = dilation * (kernel - 1) + 1
    height, width = [(n + 2 * padding - span) // stride + 1 for n in shape[2:]]
    return shape[0], shape[1], height, width


# %% conv_shape wrong: true division
# The lengths are divided with `/`, which leaves fractions: a number of windows is a whole number, rounded down.
def conv_shape(shape, channels, kernel, stride=1, padding=0, dilation=1):
    span = dilation * (kernel - 1) + 1
    height, width = [(n + 2 * padding - span) / stride + 1 for n in shape[2:]]
    return shape[0], channels, height, width
