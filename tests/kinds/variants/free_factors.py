# %% low_rank right: the values on the other side
def low_rank(weight, rank):
    left, values, right = torch.svd(weight)
    root = values[:rank].sqrt()
    return left[:, :rank] * root, (right[:, :rank] * root).T


# %% low_rank right: projection on the leading directions
def low_rank(weight, rank):
    basis = torch.linalg.eigh(weight @ weight.T).eigenvectors[:, -rank:]
    return -basis, -basis.T @ weight


# %% low_rank oracle
# Power iteration in float64, one direction after the other, with the rest orthogonalised away.
def low_rank(weight, rank):
    rest, columns, rows = weight.double(), [], []
    for _ in range(rank):
        v = torch.ones(rest.shape[1], dtype=torch.float64) + torch.arange(rest.shape[1]) / 7
        for _ in range(400):
            v = rest.T @ (rest @ v)
            v = v / v.norm()
        u = rest @ v
        columns.append(u)
        rows.append(v)
        rest = rest - torch.outer(u, v)
    return torch.stack(columns, 1).to(weight.dtype), torch.stack(rows).to(weight.dtype)


# %% low_rank wrong: the singular values are left out
# The factors hold the singular vectors only: multiply one of them by the singular values.
def low_rank(weight, rank):
    left, values, right = torch.linalg.svd(weight)
    return left[:, :rank], right[:rank]


# %% low_rank wrong: the values twice
# The singular values are multiplied into both factors, so the product holds their squares.
def low_rank(weight, rank):
    left, values, right = torch.linalg.svd(weight)
    return left[:, :rank] * values[:rank], values[:rank, None] * right[:rank]


# %% low_rank wrong: the smallest values
# The smallest singular values are kept: eigh and svd sort in opposite directions.
def low_rank(weight, rank):
    left, values, right = torch.linalg.svd(weight, full_matrices=False)
    return left[:, -rank:] * values[-rank:], right[-rank:]


# %% low_rank wrong: the first rows as they are
# The first rows are kept and the others written as combinations of them; that is a matrix of the right rank, but not the nearest.
def low_rank(weight, rank):
    rows = weight[:rank]
    return weight @ torch.linalg.pinv(rows), rows
