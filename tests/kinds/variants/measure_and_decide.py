# %% one_or_two right: the layers are built and counted
def parameters(n, m, r):
    def count(*layers):
        return sum(p.numel() for layer in layers for p in layer.parameters())

    return count(nn.Linear(n, m)), count(nn.Linear(n, r, bias=False), nn.Linear(r, m))


def choose(n, m, r):
    counts = parameters(n, m, r)
    return ("one", "two")[counts.index(min(counts))]


# %% one_or_two oracle
def parameters(n, m, r):
    one = nn.utils.parameters_to_vector(nn.Linear(n, m).parameters())
    two = nn.Sequential(nn.Linear(n, r, bias=False), nn.Linear(r, m))
    return len(one), len(nn.utils.parameters_to_vector(two.parameters()))


def choose(n, m, r):
    one, two = parameters(n, m, r)
    return "one" if one <= two else "two"


# %% one_or_two wrong: a bias too many
# The first of the two layers is counted with a bias; it has none.
def parameters(n, m, r):
    return n * m + m, n * r + r + r * m + m


def choose(n, m, r):
    one, two = parameters(n, m, r)
    return "two" if two < one else "one"


# %% one_or_two wrong: a tie goes to two
# With as many parameters the answer is "two"; one layer does, so it is the one to take.
def parameters(n, m, r):
    return n * m + m, n * r + r * m + m


def choose(n, m, r):
    one, two = parameters(n, m, r)
    return "two" if two <= one else "one"


# %% one_or_two wrong: decided by half the width
# The choice compares r with half of the smaller width; the two layers win when r < n * m / (n + m), which is that only for n = m.
def parameters(n, m, r):
    return n * m + m, n * r + r * m + m


def choose(n, m, r):
    return "two" if r < min(n, m) / 2 else "one"


# %% one_or_two wrong: multiplications counted
# Weights are counted and biases are not: these are the multiplications, parameters include the biases.
def parameters(n, m, r):
    return n * m, n * r + r * m


def choose(n, m, r):
    one, two = parameters(n, m, r)
    return "two" if two < one else "one"
