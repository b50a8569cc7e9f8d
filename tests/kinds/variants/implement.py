# %% own_rms_norm right: by the norm of the vector
class OwnRMSNorm(nn.Module):
    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.width, self.eps = width, eps
        self.weight = nn.Parameter(torch.full((width,), 1.0))

    def forward(self, x):
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        return torch.einsum("...i,i->...i", x * torch.rsqrt(length**2 / self.width + self.eps), self.weight)


# %% own_rms_norm oracle
class OwnRMSNorm(nn.RMSNorm):
    def __init__(self, width, eps=1e-6):
        super().__init__(width, eps=eps)


# %% own_rms_norm wrong: the mean is taken off first
# The mean is subtracted before dividing: that is layer normalisation. RMSNorm divides by the root mean square of x itself.
class OwnRMSNorm(nn.Module):
    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        x = x - x.mean(-1, keepdim=True)
        return self.weight * x / (x.square().mean(-1, keepdim=True) + self.eps).sqrt()


# %% own_rms_norm wrong: eps outside the root
# eps is added after the square root; it belongs under it, where it keeps the gradient finite at zero.
class OwnRMSNorm(nn.Module):
    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * x / (x.square().mean(-1, keepdim=True).sqrt() + self.eps)


# %% own_rms_norm wrong: the divisor is detached
# The root mean square is cut out of the graph: the output is right, but the gradient misses the part that flows through the divisor.
class OwnRMSNorm(nn.Module):
    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * x / (x.square().mean(-1, keepdim=True) + self.eps).sqrt().detach()


# %% own_rms_norm wrong: sum in place of mean
# The squares are summed, not averaged: the output is smaller by the square root of the width.
class OwnRMSNorm(nn.Module):
    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * x / (x.square().sum(-1, keepdim=True) + self.eps).sqrt()


# %% own_rms_norm wrong: the weight is no parameter
# The weight is an ordinary tensor: no optimizer will find it and state_dict does not save it. Wrap it in nn.Parameter.
class OwnRMSNorm(nn.Module):
    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = torch.ones(width)

    def forward(self, x):
        return self.weight * x / (x.square().mean(-1, keepdim=True) + self.eps).sqrt()
