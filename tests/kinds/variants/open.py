# %% pooling_net right: two convolutions, average pooling and normalisation
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 12, 3, padding=1)
        self.norm = nn.BatchNorm2d(12)
        self.second = nn.Conv2d(12, 24, 3, padding=1)
        self.head = nn.Linear(24 * 16, 4)

    def forward(self, x):
        x = F.relu(self.second(F.relu(self.norm(self.first(x)))))
        return self.head(F.adaptive_avg_pool2d(x, 4).flatten(1))


def build():
    return Net()


def fit(net, x, y):
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            optimizer.step()


# %% pooling_net oracle
# Each part is the simplest that torch has: squares, an average over a grid of 4 by 4, a linear layer fitted by L-BFGS.
class Squared(nn.Module):
    def forward(self, x):
        return x.square()


def build():
    smooth = nn.Conv2d(1, 4, 3, padding=1)
    return nn.Sequential(smooth, Squared(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(64, 4))


def fit(net, x, y):
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=60, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = F.cross_entropy(net(x), y) + 1e-3 * sum(p.square().sum() for p in net.parameters())
        value.backward()
        return value

    optimizer.step(loss)


# %% pooling_net wrong: pooled before anything was seen
# The pooling comes first and leaves one number per image: the mean brightness does not say where the patch is.
def build():
    head = nn.Sequential(nn.Flatten(), nn.Linear(1, 64), nn.ReLU(), nn.Linear(64, 4))
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), head)


def fit(net, x, y):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


# %% pooling_net wrong: no pooling
# There is no pooling layer: the linear layer fits images of 8 by 8 alone.
def build():
    features = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Flatten())
    return nn.Sequential(features, nn.Linear(512, 32), nn.ReLU(), nn.Linear(32, 4))


def fit(net, x, y):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


# %% pooling_net wrong: linear in the pixels
# Without a nonlinearity the net stays linear in the pixels, and bright and dark patches cancel.
def build():
    return nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(256, 4))


def fit(net, x, y):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


# %% pooling_net wrong: no step is taken
# The gradients are computed and never used: without optimizer.step() the net stays as it was drawn.
def build():
    features = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(4))
    return nn.Sequential(features, nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 4))


def fit(net, x, y):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()


# %% pooling_net wrong: a layer that takes no part
# A layer is registered but never called: its parameters get no gradient.
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(4))
        self.more = nn.Linear(256, 256)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 4))

    def forward(self, x):
        return self.head(self.features(x))


def build():
    return Net()


def fit(net, x, y):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


# %% pooling_net wrong: normalised over the batch in evaluation
# The normalisation keeps no running statistics, so in evaluation an image's scores depend on the others in its batch.
def build():
    features = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16, track_running_stats=False), nn.ReLU())
    head = nn.Sequential(nn.AdaptiveMaxPool2d(4), nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 4))
    return nn.Sequential(features, head)


def fit(net, x, y):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


# %% pooling_net equivalent: features = nn.Sequential(nn.Conv2d(1, 16, 4), nn.ReLU(), nn.AdaptiveMaxPool2d(4))
# The architecture is free: a kernel one pixel wider sees the patch as well.

# %% pooling_net equivalent: for _ in range(26):
# The training is free: one step more does no harm.
