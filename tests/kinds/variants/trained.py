# %% own_prelu right: torch.where
class OwnPReLU(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels) / 4)

    def forward(self, x):
        slope = self.weight.reshape((1, -1) + (1,) * (x.dim() - 2))
        return torch.where(x > 0, x, slope * x)


# %% own_prelu oracle
class OwnPReLU(nn.PReLU):
    def __init__(self, channels):
        super().__init__(channels)


# %% own_prelu wrong: the slope is no parameter
# The slope is an ordinary tensor: the optimizer never sees it, and it stays at 0.25.
class OwnPReLU(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = torch.full((channels,), 0.25)

    def forward(self, x):
        slope = self.weight if x.dim() == 2 else self.weight[:, None]
        return x.clamp(min=0) + slope * x.clamp(max=0)


# %% own_prelu wrong: the slope is detached
# The slope is used through .data or .detach(): the output is right, but the weight gets no gradient and never moves.
class OwnPReLU(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), 0.25))

    def forward(self, x):
        slope = self.weight.detach() if x.dim() == 2 else self.weight.detach()[:, None]
        return x.clamp(min=0) + slope * x.clamp(max=0) + 0 * self.weight.sum()


# %% own_prelu wrong: one slope for all channels
# All channels share the mean of the slopes; each channel has its own.
class OwnPReLU(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), 0.25))

    def forward(self, x):
        return x.clamp(min=0) + self.weight.mean() * x.clamp(max=0)


# %% own_prelu wrong: slopes along the last axis
# The slopes broadcast over the last axis; channels are axis 1, which is the last one only for inputs with two axes.
class OwnPReLU(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), 0.25))

    def forward(self, x):
        return x.clamp(min=0) + self.weight * x.clamp(max=0)


# %% own_prelu wrong: starts at 0.01
# The slope starts at 0.01, the default of nn.LeakyReLU; here it starts at 0.25.
class OwnPReLU(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), 0.01))

    def forward(self, x):
        slope = self.weight if x.dim() == 2 else self.weight[:, None]
        return x.clamp(min=0) + slope * x.clamp(max=0)
