# %% own_batch_norm right: sums written out, buffers assigned anew
class OwnBatchNorm(nn.Module):
    def __init__(self, width, momentum=0.1, eps=1e-5):
        super().__init__()
        self.keep, self.eps = 1 - momentum, eps
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_var", torch.full((width,), 1.0))

    def forward(self, x):
        if not self.training:
            return (x - self.running_mean) * torch.rsqrt(self.running_var + self.eps)
        count = x.shape[0]
        mean = x.sum(0) / count
        centred = x - mean
        squares = torch.einsum("bi,bi->i", centred, centred)
        self.running_mean = self.keep * self.running_mean + (1 - self.keep) * mean.detach()
        self.running_var = self.keep * self.running_var + (1 - self.keep) * squares.detach() / (count - 1)
        return centred * torch.rsqrt(squares / count + self.eps)


# %% own_batch_norm oracle
class OwnBatchNorm(nn.BatchNorm1d):
    def __init__(self, width, momentum=0.1, eps=1e-5):
        super().__init__(width, momentum=momentum, eps=eps, affine=False)


# %% own_batch_norm wrong: biased running variance
# running_var is fed with the variance divided by B; it remembers the unbiased one, divided by B - 1.
class OwnBatchNorm(nn.Module):
    def __init__(self, width, momentum=0.1, eps=1e-5):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_var", torch.ones(width))

    def forward(self, x):
        mean, variance = self.running_mean, self.running_var
        if self.training:
            mean, variance = x.mean(0), x.var(0, correction=0)
            self.running_mean.lerp_(mean.detach(), self.momentum)
            self.running_var.lerp_(variance.detach(), self.momentum)
        return (x - mean) / (variance + self.eps).sqrt()


# %% own_batch_norm wrong: momentum the wrong way round
# The old statistics are kept with weight momentum; in torch the new ones are taken in with weight momentum.
class OwnBatchNorm(nn.Module):
    def __init__(self, width, momentum=0.1, eps=1e-5):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_var", torch.ones(width))

    def forward(self, x):
        mean, variance = self.running_mean, self.running_var
        if self.training:
            mean, variance = x.mean(0), x.var(0, correction=0)
            self.running_mean.lerp_(mean.detach(), 1 - self.momentum)
            self.running_var.lerp_(x.var(0).detach(), 1 - self.momentum)
        return (x - mean) / (variance + self.eps).sqrt()


# %% own_batch_norm wrong: evaluation moves the statistics
# The buffers are updated in evaluation too; what a net answers then depends on what it was asked before.
class OwnBatchNorm(nn.Module):
    def __init__(self, width, momentum=0.1, eps=1e-5):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_var", torch.ones(width))

    def forward(self, x):
        mean, variance = self.running_mean.clone(), self.running_var.clone()
        if len(x) > 1:
            self.running_mean.lerp_(x.mean(0).detach(), self.momentum)
            self.running_var.lerp_(x.var(0).detach(), self.momentum)
        if self.training:
            mean, variance = x.mean(0), x.var(0, correction=0)
        return (x - mean) / (variance + self.eps).sqrt()


# %% own_batch_norm wrong: no gradient through the statistics
# Mean and variance are detached before they are used: the output is right, the gradient misses what flows through them.
class OwnBatchNorm(nn.Module):
    def __init__(self, width, momentum=0.1, eps=1e-5):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_var", torch.ones(width))

    def forward(self, x):
        mean, variance = self.running_mean, self.running_var
        if self.training:
            with torch.no_grad():
                mean, variance = x.mean(0), x.var(0, correction=0)
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(0), self.momentum)
        return (x - mean) / (variance + self.eps).sqrt()


# %% own_batch_norm wrong: statistics as plain attributes
# The running statistics are plain tensors, not buffers: state_dict does not save them and .double() leaves them behind.
class OwnBatchNorm(nn.Module):
    def __init__(self, width, momentum=0.1, eps=1e-5):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.running_mean, self.running_var = torch.zeros(width), torch.ones(width)

    def forward(self, x):
        mean, variance = self.running_mean, self.running_var
        if self.training:
            mean, variance = x.mean(0), x.var(0, correction=0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean.detach()
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0).detach()
        return (x - mean) / (variance + self.eps).sqrt()
