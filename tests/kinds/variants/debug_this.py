# %% masked_mean right: each sequence sliced
def masked_mean(x, lengths):
    rows = [sequence[: int(n)].sum(0) / int(n) for sequence, n in zip(x.unbind(0), lengths, strict=True)]
    return torch.stack(rows)


# %% masked_mean right: cumulative sums
def masked_mean(x, lengths):
    inside = (torch.ones(x.shape[:2]).cumsum(1) <= lengths.unsqueeze(1)).unsqueeze(2)
    return torch.where(inside, x, torch.zeros((), dtype=x.dtype)).sum(dim=1).div(lengths.unsqueeze(1))


# %% masked_mean oracle
def masked_mean(x, lengths):
    total = [[0.0] * x.shape[2] for _ in range(x.shape[0])]
    for i in range(x.shape[0]):
        for t in range(int(lengths[i])):
            for j in range(x.shape[2]):
                total[i][j] = total[i][j] + x[i, t, j].double() / int(lengths[i])
    return torch.stack([torch.stack(row) for row in total]).to(x.dtype)


# %% masked_mean faulty start
# One step too many is kept, the padding is multiplied by zero (a nan stays a nan), and the sum is divided by the padded length.

# %% masked_mean wrong: one step too many
# The comparison keeps the step at index `lengths`: steps count from 0, so a sequence of length 2 ends at index 1.
def masked_mean(x, lengths):
    padded = torch.arange(x.shape[1])[None, :] > lengths[:, None]
    return x.masked_fill(padded[:, :, None], 0.0).sum(1) / lengths[:, None]


# %% masked_mean wrong: divided by the padded length
# The sum is divided by the number of steps with the padding; each sequence has its own length.
def masked_mean(x, lengths):
    padded = torch.arange(x.shape[1])[None, :] >= lengths[:, None]
    return x.masked_fill(padded[:, :, None], 0.0).mean(1)


# %% masked_mean wrong: the padding is multiplied by zero
# The padding is multiplied by zero, but zero times nan is nan: fill it instead.
def masked_mean(x, lengths):
    inside = torch.arange(x.shape[1])[None, :] < lengths[:, None]
    return (x * inside[:, :, None]).sum(1) / lengths[:, None]


# %% masked_mean wrong: the input is filled in place
# The padding is overwritten in the caller's own tensor; masked_fill without the underscore makes a copy.
def masked_mean(x, lengths):
    padded = torch.arange(x.shape[1])[None, :] >= lengths[:, None]
    with torch.no_grad():
        x.masked_fill_(padded[:, :, None], 0.0)
    return x.sum(1) / lengths[:, None]


# %% masked_mean wrong: the mean of the whole batch's length
# The mean length of the batch divides every sequence; each sequence has its own length.
def masked_mean(x, lengths):
    padded = torch.arange(x.shape[1])[None, :] >= lengths[:, None]
    return x.masked_fill(padded[:, :, None], 0.0).sum(1) / lengths.to(x.dtype).mean()
