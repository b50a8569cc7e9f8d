# %% own_dropout right: a Bernoulli mask that is filled in
class OwnDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.rate = p

    def forward(self, x):
        if self.training:
            dropped = torch.bernoulli(torch.full_like(x, self.rate)).bool()
            x = x.masked_fill(dropped, 0.0).div(1 - self.rate)
        return x


# %% own_dropout oracle
class OwnDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return F.dropout(x, self.p, self.training)


# %% own_dropout wrong: not rescaled
# What is kept is not divided by 1 - p: the sum that the next layer sees is smaller in training than in evaluation.
class OwnDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) if self.training else x


# %% own_dropout wrong: p taken as the probability of keeping
# p is used as the probability of keeping an entry; in torch it is the probability of dropping one.
class OwnDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x * (torch.rand_like(x) < self.p) / self.p if self.training else x


# %% own_dropout wrong: one mask for the whole batch
# All rows of the batch share one mask: each entry is to be dropped independently of all others.
class OwnDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x * (torch.rand_like(x[:1]) >= self.p) / (1 - self.p) if self.training else x


# %% own_dropout wrong: rescaled in evaluation
# The scale moves to evaluation, as in the first paper: torch rescales in training, so that evaluation is the identity.
class OwnDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) if self.training else x * (1 - self.p)


# %% own_dropout wrong: the mask is drawn once
# The first mask is kept for all later calls; a new one is drawn at each call.
class OwnDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.kept = p, None

    def forward(self, x):
        if not self.training:
            return x
        if self.kept is None or self.kept.shape != x.shape:
            self.kept = torch.rand_like(x) >= self.p
        return x * self.kept / (1 - self.p)


# %% own_dropout wrong: dropped without a gradient
# The output is built from x.detach(): it is right, but nothing before this layer would learn.
class OwnDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        kept = (torch.rand_like(x) >= self.p) / (1 - self.p)
        return x.detach() * kept + 0 * x


# %% own_dropout equivalent: kept = torch.rand_like(x) > self.p
# A uniform number hits p exactly once in 2^24 draws or never: the distribution is the same.
