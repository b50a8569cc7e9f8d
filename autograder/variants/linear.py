# Right and wrong answers to the exercises of `linear`. The comment below a wrong one is what a student is told.

# %% own_linear right: einsum, parameters registered by name
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = math.sqrt(1 / in_features)
        self.register_parameter("weight", nn.Parameter((2 * torch.rand(out_features, in_features, dtype=dtype) - 1) * k))
        self.register_parameter("bias", nn.Parameter((2 * torch.rand(out_features, dtype=dtype) - 1) * k) if bias else None)

    def forward(self, x):
        y = torch.einsum("...i,oi->...o", x, self.weight)
        if self.bias is not None:
            y = y + self.bias
        return y

# %% own_linear right: products written out, start values by nn.init
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        self.has_bias = bias
        self.weight = nn.Parameter(torch.zeros((out_features, in_features), dtype=dtype))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if bias:
            self.bias = nn.Parameter(torch.zeros(out_features, dtype=dtype))
            nn.init.uniform_(self.bias, -1 / math.sqrt(in_features), 1 / math.sqrt(in_features))

    def forward(self, x):
        totals = (x.unsqueeze(-2) * self.weight).sum(-1)
        return totals + self.bias if self.has_bias else totals

# %% own_linear right: tensordot
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super(OwnLinear, self).__init__()
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype)) if bias else None
        for parameter in self.parameters():
            parameter.data.uniform_(-(in_features**-0.5), in_features**-0.5)

    def forward(self, x):
        y = torch.tensordot(x, self.weight, dims=([-1], [1]))
        return torch.add(y, self.bias) if self.bias is not None else y

# %% own_linear oracle
class OwnLinear(nn.Linear):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__(in_features, out_features, bias=bias, dtype=dtype)

# %% own_linear wrong: weight stored as (in, out)
# The weight is stored as (in, out). torch keeps one row per output, (out, in), so the weights of an nn.Linear would not fit into your layer.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(in_features, out_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: bound from the number of outputs
# The start values shrink with the number of outputs. What grows is the sum over the inputs, so the bound is 1/sqrt(in_features).
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = out_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: bound without the square root
# The bound of your start values is 1/in_features. It is one over the square root of in_features; yours makes the outputs of a wide layer far too small.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = 1 / in_features
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: normal start values
# Your start values are normally distributed. torch draws them from a uniform distribution between -1/sqrt(in_features) and 1/sqrt(in_features).
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.randn(out_features, in_features, dtype=dtype) * k)
        self.bias = nn.Parameter(torch.randn(out_features, dtype=dtype) * k) if bias else None

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: bias starts at zero
# The bias starts at zero. Many schemes do that, but torch's Linear draws the bias from the same distribution as the weight, and so should yours.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.zeros(out_features, dtype=dtype)) if bias else None

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: a fixed seed inside the layer
# Your layer sets the random seed when it is made, so every layer of one size starts with the same numbers. Leave the seed to whoever builds the net.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        torch.manual_seed(0)
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: bias=False ignored
# The layer has a bias even when it is made with bias=False.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k))

    def forward(self, x):
        return x @ self.weight.T + self.bias

# %% own_linear wrong: dtype ignored
# The parameters are float32 whatever dtype says. Hand dtype on to the tensors from which you make them.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = x.to(self.weight.dtype) @ self.weight.T
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: float32 inside
# Your forward computes in float32 and turns only the result back: most digits of a float64 input are lost on the way.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = (x.float() @ self.weight.float().T).to(x.dtype)
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: view of the input
# Your forward calls view on the input, which fails for an input that is a transposed view; and it is not needed, since the matrix product takes any leading axes.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        rows = x.view(-1, x.shape[-1]) @ self.weight.T
        rows = rows if self.bias is None else rows + self.bias
        return rows.view(*x.shape[:-1], -1)

# %% own_linear wrong: squeeze at the end
# Your forward calls squeeze() without an axis, which takes the batch axis away from a batch of one.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = (self.weight @ x.unsqueeze(-1)).squeeze()
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: bias along the rows
# When a batch has as many rows as the layer has outputs, your bias is added along the rows. It always belongs to the last axis.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = x @ self.weight.T
        if self.bias is None:
            return y
        if y.dim() == 2 and len(y) == len(self.bias):
            return y + self.bias[:, None]
        return y + self.bias

# %% own_linear wrong: computes with .data
# Your forward computes with .data, which autograd does not see: weight and bias get no gradient, and the layer never learns.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = x @ self.weight.data.T
        return y if self.bias is None else y + self.bias.data

# %% own_linear wrong: transposed copy made at the first call
# Your layer keeps a transposed copy of the weight from its first call. When the weight changes, by loading or by training, the copy stays as it was.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None
        self.turned = None

    def forward(self, x):
        if self.turned is None:
            self.turned = self.weight.T.clone()
        y = x @ self.turned
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: float32 by default
# Without a dtype your parameters are float32. `None` means torch's default, which torch.set_default_dtype may have changed: hand `None` on as it is.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        dtype = dtype or torch.float32
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features, dtype=dtype).uniform_(-k, k)) if bias else None

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias

# %% own_linear wrong: bias copied from the weight
# Your bias repeats a column of the weight. It has the right distribution, but it has to be drawn by itself.
class OwnLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        super().__init__()
        k = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype).uniform_(-k, k))
        self.bias = nn.Parameter(self.weight.detach()[:, 0].clone()) if bias else None

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias

# %% keep_spread right: nn.init
def keep_spread(layer, gain=1.0):
    fan_in = layer.in_features
    nn.init.uniform_(layer.weight, -gain * (3.0 / fan_in) ** 0.5, gain * (3.0 / fan_in) ** 0.5)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer

# %% keep_spread right: copied in
def keep_spread(layer, gain=1.0):
    std = gain / math.sqrt(layer.weight.size(1))
    drawn = (torch.rand_like(layer.weight) - 0.5) * math.sqrt(12) * std
    with torch.no_grad():
        layer.weight.copy_(drawn)
        for name, parameter in layer.named_parameters():
            if name == "bias":
                parameter.fill_(0.0)
    return layer

# %% keep_spread oracle
def keep_spread(layer, gain=1.0):
    nn.init.kaiming_uniform_(layer.weight, mode="fan_in", nonlinearity="linear")
    with torch.no_grad():
        layer.weight.mul_(gain)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer

# %% keep_spread wrong: the standard deviation taken as the bound
# You use the standard deviation as the bound. A uniform distribution on [-a, a] has the standard deviation a/sqrt(3), so the bound must be sqrt(3) times larger.
def keep_spread(layer, gain=1.0):
    a = gain / math.sqrt(layer.in_features)
    with torch.no_grad():
        layer.weight.uniform_(-a, a)
        if layer.bias is not None:
            layer.bias.zero_()
    return layer

# %% keep_spread wrong: fan-out
# The spread follows the number of outputs. In a weight of shape (out, in) the fan-in is the second size.
def keep_spread(layer, gain=1.0):
    a = gain * math.sqrt(3 / layer.weight.shape[0])
    with torch.no_grad():
        layer.weight.uniform_(-a, a)
        if layer.bias is not None:
            layer.bias.zero_()
    return layer

# %% keep_spread wrong: normal instead of uniform
# The weights have the right standard deviation but are normally distributed; a uniform distribution was asked for.
def keep_spread(layer, gain=1.0):
    with torch.no_grad():
        layer.weight.normal_(0, gain / math.sqrt(layer.in_features))
        if layer.bias is not None:
            layer.bias.zero_()
    return layer

# %% keep_spread wrong: gain under the square root
# The gain stands under the square root, so a gain of 4 doubles the spread instead of making it four times as large.
def keep_spread(layer, gain=1.0):
    a = math.sqrt(3 * gain / layer.in_features)
    with torch.no_grad():
        layer.weight.uniform_(-a, a)
        if layer.bias is not None:
            layer.bias.zero_()
    return layer

# %% keep_spread wrong: bias left as it was
# The weights are right, but the bias keeps its old numbers. It should become zero.
def keep_spread(layer, gain=1.0):
    a = gain * math.sqrt(3 / layer.in_features)
    with torch.no_grad():
        layer.weight.uniform_(-a, a)
    return layer

# %% keep_spread wrong: a new Parameter
# You put a new Parameter in the place of the old one. An optimiser that was made before goes on moving the old one, and the layer never learns: write into the parameter that is there.
def keep_spread(layer, gain=1.0):
    a = gain * math.sqrt(3 / layer.in_features)
    layer.weight = nn.Parameter(torch.empty_like(layer.weight).uniform_(-a, a))
    if layer.bias is not None:
        layer.bias = nn.Parameter(torch.zeros_like(layer.bias))
    return layer

# %% keep_spread wrong: the weight is frozen
# To be allowed to write into the weight you switched requires_grad off, and it stayed off: the layer is frozen. Use torch.no_grad() instead.
def keep_spread(layer, gain=1.0):
    a = gain * math.sqrt(3 / layer.in_features)
    layer.weight.requires_grad_(False).uniform_(-a, a)
    if layer.bias is not None:
        layer.bias.requires_grad_(False).zero_()
    return layer

# %% keep_spread wrong: fails without a bias
# A layer made with bias=False has None where the bias would be, and None cannot be set to zero.
def keep_spread(layer, gain=1.0):
    a = gain * math.sqrt(3 / layer.in_features)
    with torch.no_grad():
        layer.weight.uniform_(-a, a)
        layer.bias.zero_()
    return layer

# %% keep_spread wrong: the same numbers every time
# Every call draws the same numbers, because you set the seed inside. Two layers started this way are copies of each other.
def keep_spread(layer, gain=1.0):
    a = gain * math.sqrt(3 / layer.in_features)
    own = torch.Generator().manual_seed(0)
    with torch.no_grad():
        layer.weight.uniform_(-a, a, generator=own)
        if layer.bias is not None:
            layer.bias.zero_()
    return layer

# %% keep_spread wrong: bias multiplied by zero
# You multiply the bias by zero. A bias that holds NaN or infinity stays NaN that way: write zeros over it.
def keep_spread(layer, gain=1.0):
    a = gain * math.sqrt(3 / layer.in_features)
    with torch.no_grad():
        layer.weight.uniform_(-a, a)
        if layer.bias is not None:
            layer.bias.mul_(0)
    return layer

# %% linear_backward right: einsum
def linear_backward(grad_y, x, weight):
    grad_x = torch.einsum("...o,oi->...i", grad_y, weight)
    grad_weight = torch.einsum("...o,...i->oi", grad_y, x)
    return grad_x, grad_weight, torch.einsum("...o->o", grad_y)

# %% linear_backward right: outer products added up
def linear_backward(grad_y, x, weight):
    leading = tuple(range(grad_y.dim() - 1))
    outer = grad_y.unsqueeze(-1) * x.unsqueeze(-2)
    grad_x = (grad_y.unsqueeze(-1) * weight).sum(-2)
    return (grad_x, outer.sum(leading), grad_y.sum(leading)) if leading else (grad_x, outer, grad_y.clone())

# %% linear_backward right: a loop over the rows
def linear_backward(grad_y, x, weight):
    grad_weight, grad_bias = torch.zeros_like(weight), torch.zeros_like(weight[:, 0])
    for g, row in zip(grad_y.reshape(-1, grad_y.shape[-1]), x.reshape(-1, x.shape[-1])):
        grad_weight += torch.outer(g, row)
        grad_bias += g
    return torch.matmul(grad_y, weight), grad_weight, grad_bias

# %% linear_backward oracle
def linear_backward(grad_y, x, weight):
    x, weight = x.detach().requires_grad_(), weight.detach().requires_grad_()
    bias = torch.zeros_like(weight[:, 0]).requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(F.linear(x, weight, bias), [x, weight, bias], grad_y)

# %% linear_backward wrong: mean over the rows
# You average over the rows. There is one table for all of them, and each row adds its share: the gradients of weight and bias are sums.
def linear_backward(grad_y, x, weight):
    g, rows = grad_y.reshape(-1, weight.shape[0]), x.reshape(-1, weight.shape[1])
    return grad_y @ weight, g.T @ rows / len(rows), g.mean(0)

# %% linear_backward wrong: weight gradient transposed
# The gradient of the weight has the shape (in, out). A gradient has the shape of its parameter, here (out, in).
def linear_backward(grad_y, x, weight):
    g, rows = grad_y.reshape(-1, weight.shape[0]), x.reshape(-1, weight.shape[1])
    return grad_y @ weight, rows.T @ g, g.sum(0)

# %% linear_backward wrong: two axes only
# Your formulas are right for a matrix of rows, but not for more leading axes or none: .T and sum(0) mean something else there. Lay the leading axes out as rows first.
def linear_backward(grad_y, x, weight):
    return grad_y @ weight, grad_y.mT @ x if x.dim() > 1 else torch.outer(grad_y, x), grad_y.sum(0)

# %% linear_backward wrong: flatten that needs a leading axis
# Your code lays out the leading axes by flatten(0, -2), which fails for a single row without a batch.
def linear_backward(grad_y, x, weight):
    g, rows = grad_y.flatten(0, -2), x.flatten(0, -2)
    return grad_y @ weight, g.T @ rows, g.sum(0)

# %% linear_backward wrong: float32 inside
# Somewhere your code turns the numbers into float32. float64 inputs must give float64 gradients with all their digits.
def linear_backward(grad_y, x, weight):
    grad_weight, grad_bias = torch.zeros(weight.shape), torch.zeros(len(weight))
    for g, row in zip(grad_y.reshape(-1, grad_y.shape[-1]), x.reshape(-1, x.shape[-1])):
        grad_weight += torch.outer(g, row)
        grad_bias += g
    return grad_y @ weight, grad_weight, grad_bias

# %% linear_backward wrong: grad_x added up over the rows
# You added the gradient of the input up over the rows. Every row of the input has a gradient of its own; only weight and bias are shared by all rows.
def linear_backward(grad_y, x, weight):
    g, rows = grad_y.reshape(-1, weight.shape[0]), x.reshape(-1, weight.shape[1])
    return (g.sum(0) @ weight).expand(x.shape), g.T @ rows, g.sum(0)

# %% linear_backward wrong: view of the input
# You call view, which fails when the input is a transposed view; reshape copies where it must.
def linear_backward(grad_y, x, weight):
    g, rows = grad_y.view(-1, weight.shape[0]), x.view(-1, weight.shape[1])
    return grad_y @ weight, g.T @ rows, g.sum(0)

# %% linear_backward wrong: the input is overwritten
# Your code changes x while it works. Whoever called the function still needs its input as it was.
def linear_backward(grad_y, x, weight):
    grad_bias = grad_y.reshape(-1, weight.shape[0]).sum(0)
    grad_weight = grad_y.reshape(-1, weight.shape[0]).T @ x.reshape(-1, weight.shape[1])
    grad_x = x.copy_(grad_y @ weight)
    return grad_x, grad_weight, grad_bias

# %% linear_backward wrong: whichever side fits
# You turn the weight round depending on which sizes happen to fit. With as many inputs as outputs both ways fit, and you take the wrong one.
def linear_backward(grad_y, x, weight):
    blame = grad_y.reshape(-1, weight.shape[0])
    rows = x.reshape(-1, weight.shape[1])
    table = weight.T if weight.shape[1] == grad_y.shape[-1] else weight
    return grad_y @ table, blame.T @ rows, blame.sum(0)

# %% linear_backward wrong: autograd by way of torch.func.vjp
# torch.func and torch.autograd.functional are autograd by other names. Write the three products yourself.
def linear_backward(grad_y, x, weight):
    bias = torch.zeros(len(weight), dtype=weight.dtype)
    return torch.func.vjp(lambda x, w, b: x @ w.T + b, x, weight, bias)[1](grad_y)

# %% count_parameters right: dot product of shifted lists
def count_parameters(widths, bias=True, tied=False):
    widths = [int(width) for width in list(widths)]
    ins, outs = widths[:-1], widths[1:]
    if tied:
        ins, outs = zip(*dict.fromkeys(zip(ins, outs)))
    total = sum(a * b for a, b in zip(ins, outs))
    return total + sum(outs) if bias else total

# %% count_parameters right: a ones column for the bias
def count_parameters(widths, bias=True, tied=False):
    seen, total = [], 0
    for position in range(1, len(widths)):
        shape = int(widths[position - 1]), int(widths[position])
        if tied and shape in seen:
            continue
        seen.append(shape)
        total += (shape[0] + (1 if bias else 0)) * shape[1]
    return total

# %% count_parameters oracle
def count_parameters(widths, bias=True, tied=False):
    made, layers = {}, []
    for position in range(len(widths) - 1):
        shape = int(widths[position]), int(widths[position + 1])
        if not tied or shape not in made:
            made[shape] = nn.Linear(*shape, bias=bias, device="meta")
        layers.append(made[shape])
    return sum(p.numel() for p in nn.Sequential(*layers).parameters())

# %% count_parameters wrong: bias for the inputs
# The biases are counted by the number of inputs. There is one bias for each output of a layer.
def count_parameters(widths, bias=True, tied=False):
    widths = [int(width) for width in widths]
    layers = list(zip(widths, widths[1:]))
    if tied:
        layers = set(layers)
    return sum(into * out + (into if bias else 0) for into, out in layers)

# %% count_parameters wrong: direction forgotten
# With tied=True you take a layer from 3 to 5 and one from 5 to 3 for the same layer. Their tables have different shapes.
def count_parameters(widths, bias=True, tied=False):
    widths = [int(width) for width in widths]
    layers = list(zip(widths, widths[1:]))
    if tied:
        layers = {tuple(sorted(layer)): layer for layer in layers}.values()
    return sum(into * out + (out if bias else 0) for into, out in layers)

# %% count_parameters wrong: only neighbours are tied
# With tied=True you leave out a layer only if the one right before it has the same sizes. It is the same layer wherever in the chain it comes back.
def count_parameters(widths, bias=True, tied=False):
    widths = [int(width) for width in widths]
    layers = list(zip(widths, widths[1:]))
    if tied:
        layers = [layer for layer, before in zip(layers, [None, *layers]) if layer != before]
    return sum(into * out + (out if bias else 0) for into, out in layers)

# %% count_parameters wrong: only square layers are tied
# With tied=True you share only layers with as many outputs as inputs. A layer from 3 to 5 that comes twice is shared as well.
def count_parameters(widths, bias=True, tied=False):
    widths = [int(width) for width in widths]
    layers = list(zip(widths, widths[1:]))
    if tied:
        layers = [s for s in layers if s[0] != s[1]] + list({s for s in layers if s[0] == s[1]})
    return sum(into * out + (out if bias else 0) for into, out in layers)

# %% count_parameters wrong: the bias of a tied layer counted each time
# A tied layer's table is counted once but its bias each time it is used. Table and bias belong to the same layer.
def count_parameters(widths, bias=True, tied=False):
    widths = [int(width) for width in widths]
    layers = list(zip(widths, widths[1:]))
    tables = sum(into * out for into, out in (set(layers) if tied else layers))
    return tables + (sum(widths[1:]) if bias else 0)

# %% count_parameters wrong: computes in the widths' own type
# You compute in the type that the widths came in. NumPy's and torch's int32 wrap around at 2,147,483,648, and a set takes equal 0-dimensional tensors for different ones: turn the widths into Python's int first.
def count_parameters(widths, bias=True, tied=False):
    layers = list(zip(widths, widths[1:]))
    if tied:
        layers = set(layers)
    return sum(into * out + (out if bias else 0) for into, out in layers)

# %% count_parameters wrong: bias=False forgotten when tied
# Without biases your count is right, but not together with tied=True: there the biases are counted again.
def count_parameters(widths, bias=True, tied=False):
    widths = [int(width) for width in widths]
    layers = list(zip(widths, widths[1:]))
    if tied:
        return sum(into * out + out for into, out in set(layers))
    return sum(into * out + (out if bias else 0) for into, out in layers)

# %% count_parameters wrong: a float
# Your result is a float. A number of parameters is a whole number, and above 2**53 a float cannot hold every one: return a Python int.
def count_parameters(widths, bias=True, tied=False):
    widths = [int(width) for width in widths]
    layers = list(zip(widths, widths[1:]))
    if tied:
        layers = set(layers)
    return float(sum(into * out + (out if bias else 0) for into, out in layers))

# %% count_parameters wrong: a tensor
# Your result is a tensor. Return a Python int: `int(...)`, or `.item()`.
def count_parameters(widths, bias=True, tied=False):
    widths = [int(width) for width in widths]
    layers = list(zip(widths, widths[1:]))
    if tied:
        layers = sorted(set(layers))
    into, out = torch.tensor(layers, dtype=torch.int64).unbind(1)
    return (into * out).sum() + out.sum() * bool(bias)

# %% own_flatten right: list of sizes, -1 for the merged axis
def own_flatten(x, start_dim=0, end_dim=-1):
    sizes = list(x.shape)
    start = start_dim + len(sizes) if start_dim < 0 else start_dim
    end = end_dim + len(sizes) if end_dim < 0 else end_dim
    sizes[start : end + 1] = [-1]
    return x.reshape(sizes)


def own_unflatten(x, dim, sizes):
    shape = list(x.shape)
    dim = range(x.dim())[dim]
    shape[dim : dim + 1] = list(sizes)
    return torch.reshape(x, shape)

# %% own_flatten right: one axis at a time by stack and cat
def own_flatten(x, start_dim=0, end_dim=-1):
    start, end = range(x.dim())[start_dim], range(x.dim())[end_dim]
    for _ in range(end - start):
        x = torch.cat(x.unbind(start), dim=start)
    return x


def own_unflatten(x, dim, sizes):
    dim, sizes = range(x.dim())[dim], list(sizes)
    known = math.prod(size for size in sizes if size != -1)
    sizes = [x.shape[dim] // known if size == -1 else size for size in sizes]
    for position in range(len(sizes) - 1):
        x = torch.stack(x.chunk(sizes[position], dim=dim + position), dim=dim + position)
    return x

# %% own_flatten oracle
def own_flatten(x, start_dim=0, end_dim=-1):
    return torch.flatten(x, start_dim, end_dim)


def own_unflatten(x, dim, sizes):
    return torch.unflatten(x, dim, tuple(sizes))

# %% own_flatten wrong: end_dim not included
# Your flatten stops before end_dim. Both start_dim and end_dim belong to the axes that are merged.
def own_flatten(x, start_dim=0, end_dim=-1):
    start, end = start_dim % x.dim(), end_dim % x.dim()
    return x.reshape(*x.shape[:start], math.prod(x.shape[start:end]), *x.shape[end:])


def own_unflatten(x, dim, sizes):
    dim = dim % x.dim()
    return x.reshape(*x.shape[:dim], *sizes, *x.shape[dim + 1 :])

# %% own_flatten wrong: view
# You use view, which fails for a transposed input: its values do not lie in memory in the order in which they are read. reshape copies them first.
def own_flatten(x, start_dim=0, end_dim=-1):
    start, end = start_dim % x.dim(), end_dim % x.dim()
    return x.view(*x.shape[:start], -1, *x.shape[end + 1 :])


def own_unflatten(x, dim, sizes):
    dim = dim % x.dim()
    return x.view(*x.shape[:dim], *sizes, *x.shape[dim + 1 :])

# %% own_flatten wrong: read in the order of memory
# For a transposed input you read the values in the order in which they lie in memory, not in the order of their indices.
def own_flatten(x, start_dim=0, end_dim=-1):
    start, end = start_dim % x.dim(), end_dim % x.dim()
    stored = torch.as_strided(x, (x.numel(),), (1,), 0) if not x.is_contiguous() else x.reshape(-1)
    return stored.reshape(*x.shape[:start], -1, *x.shape[end + 1 :])


def own_unflatten(x, dim, sizes):
    dim = dim % x.dim()
    stored = torch.as_strided(x, (x.numel(),), (1,), 0) if not x.is_contiguous() else x.reshape(-1)
    return stored.reshape(*x.shape[:dim], *sizes, *x.shape[dim + 1 :])

# %% own_flatten wrong: the last axis of unflatten
# Unflatten fails for dim=-1: x.shape[dim + 1:] is then x.shape[0:], the whole shape. Turn a negative axis into an ordinary one first.
def own_flatten(x, start_dim=0, end_dim=-1):
    start, end = start_dim % x.dim(), end_dim % x.dim()
    return x.reshape(*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :])


def own_unflatten(x, dim, sizes):
    return x.reshape(*x.shape[:dim], *sizes, *x.shape[dim + 1 :])

# %% own_flatten wrong: unflatten in the wrong order
# Your unflatten has the right shape but the new axes are filled in the wrong order: the last one must move fastest, as it does in the flattened axis.
def own_flatten(x, start_dim=0, end_dim=-1):
    start, end = start_dim % x.dim(), end_dim % x.dim()
    return x.reshape(*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :])


def own_unflatten(x, dim, sizes):
    dim, count = dim % x.dim(), len(sizes)
    split = x.reshape(*x.shape[:dim], *reversed(sizes), *x.shape[dim + 1 :])
    order = [*range(dim), *reversed(range(dim, dim + count)), *range(dim + count, split.dim())]
    return split.permute(order)

# %% own_flatten wrong: flatten merges in the wrong order
# Your flatten has the right shape but the merged axes are read in the wrong order. The last of them moves fastest; nothing is transposed.
def own_flatten(x, start_dim=0, end_dim=-1):
    start, end = start_dim % x.dim(), end_dim % x.dim()
    shape = *x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :]
    middle = list(range(start, end + 1))
    return x.permute(*range(start), *reversed(middle), *range(end + 1, x.dim())).reshape(shape)


def own_unflatten(x, dim, sizes):
    dim = dim % x.dim()
    return x.reshape(*x.shape[:dim], *sizes, *x.shape[dim + 1 :])

# %% own_flatten wrong: through NumPy
# You go through NumPy, and autograd does not follow: no gradient flows back to the input.
def own_flatten(x, start_dim=0, end_dim=-1):
    start, end = start_dim % x.dim(), end_dim % x.dim()
    values = x.detach().numpy()
    return torch.from_numpy(values.reshape(*values.shape[:start], -1, *values.shape[end + 1 :]).copy())


def own_unflatten(x, dim, sizes):
    dim = dim % x.dim()
    values = x.detach().numpy()
    return torch.from_numpy(values.reshape(*values.shape[:dim], *sizes, *values.shape[dim + 1 :]).copy())

# %% own_flatten wrong: float32 out of flatten
# own_flatten turns its input into float32. Only the shape may change: whole numbers stay whole, float64 stays float64.
def own_flatten(x, start_dim=0, end_dim=-1):
    s, e = start_dim % x.dim(), end_dim % x.dim()
    return x.float().reshape(*x.shape[:s], math.prod(x.shape[s : e + 1]), *x.shape[e + 1 :])


def own_unflatten(x, dim, sizes):
    d = dim % x.dim()
    return x.reshape(*x.shape[:d], *sizes, *x.shape[d + 1 :])

# %% own_flatten wrong: float32 out of unflatten
# own_unflatten turns its input into float32. It splits an axis and leaves the dtype alone.
def own_flatten(x, start_dim=0, end_dim=-1):
    s, e = start_dim % x.dim(), end_dim % x.dim()
    return x.reshape(*x.shape[:s], math.prod(x.shape[s : e + 1]), *x.shape[e + 1 :])


def own_unflatten(x, dim, sizes):
    d = dim % x.dim()
    return x.float().reshape(*x.shape[:d], *sizes, *x.shape[d + 1 :])

# %% own_flatten wrong: four axes taken for granted
# You count negative axes from 4, as if every tensor had four of them. Count from x.dim().
def own_flatten(x, start_dim=0, end_dim=-1):
    s, e = start_dim % 4, end_dim % 4
    return x.reshape(*x.shape[:s], math.prod(x.shape[s : e + 1]), *x.shape[e + 1 :])


def own_unflatten(x, dim, sizes):
    d = dim % x.dim()
    return x.reshape(*x.shape[:d], *sizes, *x.shape[d + 1 :])

# %% own_flatten wrong: the method of torch.Tensor
# torch.Tensor.unflatten is the function that you were to write.
def own_flatten(x, start_dim=0, end_dim=-1):
    s, e = start_dim % x.dim(), end_dim % x.dim()
    return x.reshape(*x.shape[:s], math.prod(x.shape[s : e + 1]), *x.shape[e + 1 :])


def own_unflatten(x, dim, sizes):
    d = dim % x.dim()
    return torch.Tensor.unflatten(x, d, sizes)

# %% photo_net faulty start
# The net as given makes a row of every channel, has no ReLU, and loses the batch axis of a batch of one. in_features counts all pixels of all channels, and flatten(1) keeps the batch.

# %% photo_net right: nn.Flatten and nn.ReLU as layers
class PhotoNet(nn.Module):
    def __init__(self, channels, height, width, classes):
        super().__init__()
        self.rows = nn.Flatten()
        self.hidden = nn.Linear(math.prod((channels, height, width)), 16)
        self.bend = nn.ReLU()
        self.out = nn.Linear(16, classes)

    def forward(self, pictures):
        return self.out(self.bend(self.hidden(self.rows(pictures))))

# %% photo_net right: the hidden layer as one large convolution
class PhotoNet(nn.Module):
    def __init__(self, channels, height, width, classes):
        super().__init__()
        self.size = (channels, height, width)
        self.hidden = nn.Linear(channels * height * width, 16)
        self.out = nn.Linear(16, classes)

    def forward(self, pictures):
        seen = F.conv2d(pictures, self.hidden.weight.reshape(16, *self.size), self.hidden.bias)
        return self.out(seen[:, :, 0, 0].clamp(min=0))

# %% photo_net oracle
class PhotoNet(nn.Sequential):
    def __init__(self, channels, height, width, classes):
        super().__init__()
        self.add_module("flatten", nn.Flatten())
        self.add_module("hidden", nn.Linear(channels * height * width, 16))
        self.add_module("relu", nn.ReLU())
        self.add_module("out", nn.Linear(16, classes))

# %% photo_net wrong: no ReLU
# Shapes and batches are right now, but there is nothing between the two linear layers: together they are one linear layer.
class PhotoNet(nn.Module):
    def __init__(self, channels, height, width, classes):
        super().__init__()
        self.hidden = nn.Linear(channels * height * width, 16)
        self.out = nn.Linear(16, classes)

    def forward(self, pictures):
        return self.out(self.hidden(pictures.flatten(1)))

# %% photo_net wrong: squeeze kept
# Only squeeze() is left of the mistakes: it takes the batch axis away from a batch of one.
class PhotoNet(nn.Module):
    def __init__(self, channels, height, width, classes):
        super().__init__()
        self.hidden = nn.Linear(channels * height * width, 16)
        self.out = nn.Linear(16, classes)

    def forward(self, pictures):
        return self.out(F.relu(self.hidden(pictures.flatten(1)))).squeeze()

# %% photo_net wrong: view of a transposed picture
# view fails for pictures that are a transposed view. flatten(1) and reshape copy where they must.
class PhotoNet(nn.Module):
    def __init__(self, channels, height, width, classes):
        super().__init__()
        self.hidden = nn.Linear(channels * height * width, 16)
        self.out = nn.Linear(16, classes)

    def forward(self, pictures):
        rows = pictures.view(len(pictures), -1)
        return self.out(F.relu(self.hidden(rows)))

# %% photo_net wrong: ReLU behind the last layer
# There is a second ReLU behind the last layer, so no class can get a negative score. The scores leave the net as the layer `out` gives them.
class PhotoNet(nn.Module):
    def __init__(self, channels, height, width, classes):
        super().__init__()
        self.hidden = nn.Linear(channels * height * width, 16)
        self.out = nn.Linear(16, classes)

    def forward(self, pictures):
        return F.relu(self.out(F.relu(self.hidden(pictures.flatten(1)))))

# %% photo_net wrong: pixels in another order
# The pixels are laid out with the channels last, so they meet the wrong weights. A picture of shape (channels, height, width) is read in that order.
class PhotoNet(nn.Module):
    def __init__(self, channels, height, width, classes):
        super().__init__()
        self.hidden = nn.Linear(channels * height * width, 16)
        self.out = nn.Linear(16, classes)

    def forward(self, pictures):
        rows = pictures.permute(0, 2, 3, 1).flatten(1)
        return self.out(F.relu(self.hidden(rows)))

# %% collapse right: asked at zero and at the unit vectors
def collapse(stack):
    linears = []
    for layer in stack:
        if isinstance(layer, nn.Linear):
            linears.append(layer)
        elif not isinstance(layer, nn.Identity):
            raise ValueError(f"{type(layer).__name__} bends")
    first, last = linears[0], linears[-1]
    like = {"dtype": first.weight.dtype}
    with torch.no_grad():
        at_zero = stack(torch.zeros(first.in_features, **like))
        columns = stack(torch.eye(first.in_features, **like)) - at_zero
    one = nn.Linear(first.in_features, last.out_features, bias=any(l.bias is not None for l in linears), **like)
    one.weight.data.copy_(columns.T)
    if one.bias is not None:
        one.bias.data.copy_(at_zero)
    return one

# %% collapse right: from the last layer back
def collapse(stack):
    if any(not isinstance(layer, (nn.Linear, nn.Identity)) for layer in stack):
        raise ValueError("there is a layer that is not linear")
    table, fixed = None, None
    for layer in reversed([layer for layer in stack if isinstance(layer, nn.Linear)]):
        W, b = layer.weight.detach(), None if layer.bias is None else layer.bias.detach()
        if b is not None:
            moved = b if table is None else table @ b
            fixed = moved if fixed is None else fixed + moved
        table = W if table is None else table @ W
    one = nn.Linear(table.shape[1], table.shape[0], bias=fixed is not None)
    one.weight = nn.Parameter(table.clone())
    if fixed is not None:
        one.bias = nn.Parameter(fixed.clone())
    return one

# %% collapse oracle
def collapse(stack):
    if not all(type(layer) in (nn.Linear, nn.Identity) for layer in stack):
        raise ValueError("not linear")
    layers = [layer for layer in stack if type(layer) is nn.Linear]
    start = torch.zeros(layers[0].in_features, dtype=layers[0].weight.dtype)
    with torch.enable_grad():
        slope = torch.autograd.functional.jacobian(stack, start)
    one = nn.Linear(*reversed(slope.shape), bias=not all(layer.bias is None for layer in layers), dtype=slope.dtype)
    state = {"weight": slope.detach()}
    if one.bias is not None:
        state["bias"] = stack(start).detach()
    one.load_state_dict(state)
    return one

# %% collapse wrong: only the last bias
# Your bias is that of the last layer alone. The earlier ones travel through the tables behind them and add up.
def collapse(stack):
    layers = [layer for layer in stack if not isinstance(layer, nn.Identity)]
    if not all(isinstance(layer, nn.Linear) for layer in layers):
        raise ValueError("only linear layers collapse into one")
    weight = layers[0].weight.detach().clone()
    for layer in layers[1:]:
        weight = layer.weight.detach() @ weight
    one = nn.Linear(weight.shape[1], weight.shape[0], bias=layers[-1].bias is not None, dtype=weight.dtype)
    with torch.no_grad():
        one.weight.copy_(weight)
        if one.bias is not None:
            one.bias.copy_(layers[-1].bias)
    return one

# %% collapse wrong: a layer without bias wipes the bias out
# When a layer without bias comes, you drop the bias that was collected before it. It still has to go through that layer's table.
def collapse(stack):
    layers = [layer for layer in stack if not isinstance(layer, nn.Identity)]
    if not all(isinstance(layer, nn.Linear) for layer in layers):
        raise ValueError("only linear layers collapse into one")
    weight, bias = None, None
    for layer in layers:
        weight = layer.weight.detach().clone() if weight is None else layer.weight.detach() @ weight
        if layer.bias is None:
            bias = None
        else:
            bias = layer.bias.detach().clone() if bias is None else layer(bias).detach()
    one = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, dtype=weight.dtype)
    one.weight.data.copy_(weight)
    if bias is not None:
        one.bias.data.copy_(bias)
    return one

# %% collapse wrong: always a bias
# The result has a bias even if no layer of the stack has one.
def collapse(stack):
    layers = [layer for layer in stack if not isinstance(layer, nn.Identity)]
    if not all(isinstance(layer, nn.Linear) for layer in layers):
        raise ValueError("only linear layers collapse into one")
    size, dtype = layers[0].in_features, layers[0].weight.dtype
    one = nn.Linear(size, layers[-1].out_features, dtype=dtype)
    with torch.no_grad():
        at_zero = stack(torch.zeros(size, dtype=dtype))
        one.bias.copy_(at_zero)
        one.weight.copy_((stack(torch.eye(size, dtype=dtype)) - at_zero).T)
    return one

# %% collapse wrong: a bend is passed over
# Your function leaves out every layer that it does not know, so a stack with a ReLU collapses into something that computes another function. Raise a ValueError there.
def collapse(stack):
    layers = [layer for layer in stack if isinstance(layer, nn.Linear)]
    size, dtype = layers[0].in_features, layers[0].weight.dtype
    one = nn.Linear(size, layers[-1].out_features, bias=any(l.bias is not None for l in layers), dtype=dtype)
    with torch.no_grad():
        weight, bias = torch.eye(size, dtype=dtype), torch.zeros(size, dtype=dtype)
        for layer in layers:
            weight, bias = layer.weight @ weight, layer(bias)
        one.weight.copy_(weight)
        if one.bias is not None:
            one.bias.copy_(bias)
    return one

# %% collapse wrong: a single layer is handed back
# A stack of one layer comes back as that very layer. Whoever changes the result then changes the stack: make a new layer.
def collapse(stack):
    layers = [layer for layer in stack if not isinstance(layer, nn.Identity)]
    if not all(isinstance(layer, nn.Linear) for layer in layers):
        raise ValueError("only linear layers collapse into one")
    one = layers[0]
    for layer in layers[1:]:
        has_bias = one.bias is not None or layer.bias is not None
        both = nn.Linear(one.in_features, layer.out_features, bias=has_bias, dtype=one.weight.dtype)
        with torch.no_grad():
            both.weight.copy_(layer.weight @ one.weight)
            if has_bias:
                both.bias.copy_(layer(one(torch.zeros(one.in_features, dtype=one.weight.dtype))))
        one = both
    return one

# %% collapse wrong: float32 result
# The result is float32 although the stack is float64. Give the new layer the dtype of the stack.
def collapse(stack):
    layers = [layer for layer in stack if not isinstance(layer, nn.Identity)]
    if not all(isinstance(layer, nn.Linear) for layer in layers):
        raise ValueError("only linear layers collapse into one")
    size, dtype = layers[0].in_features, layers[0].weight.dtype
    one = nn.Linear(size, layers[-1].out_features, bias=any(l.bias is not None for l in layers))
    with torch.no_grad():
        at_zero = stack(torch.zeros(size, dtype=dtype))
        one.weight.copy_((stack(torch.eye(size, dtype=dtype)) - at_zero).T)
        if one.bias is not None:
            one.bias.copy_(at_zero)
    return one

# %% collapse wrong: result with a history
# Weight and bias of the result are plain tensors that still hang on the stack's graph. Make them parameters of their own, with no history.
def collapse(stack):
    layers = [layer for layer in stack if not isinstance(layer, nn.Identity)]
    if not all(isinstance(layer, nn.Linear) for layer in layers):
        raise ValueError("only linear layers collapse into one")
    one = nn.Linear(layers[0].in_features, layers[-1].out_features, bias=any(l.bias is not None for l in layers))
    weight = torch.eye(layers[0].in_features, dtype=layers[0].weight.dtype)
    bias = torch.zeros_like(weight[0])
    for layer in layers:
        weight, bias = layer.weight @ weight, layer(bias)
    del one.weight
    one.weight = weight
    if one.bias is not None:
        del one.bias
        one.bias = bias
    return one

# %% collapse wrong: only activations and dropout refused
# You refuse activations and dropout, but leave out every other layer. A LayerNorm or a Flatten is not linear either: refuse whatever is neither nn.Linear nor nn.Identity.
def collapse(stack):
    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack:
            if isinstance(layer, nn.Identity):
                continue
            if type(layer).__module__.endswith(("activation", "dropout")):
                raise ValueError(f"cannot collapse {layer}")
            if not isinstance(layer, nn.Linear):
                continue
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = True
                bias = bias + layer.bias
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    return one

# %% collapse wrong: only layers without parameters refused
# You refuse layers without parameters only. A normalisation or a convolution has parameters and is no nn.Linear.
def collapse(stack):
    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack:
            if isinstance(layer, nn.Identity):
                continue
            if not list(layer.parameters()):
                raise ValueError(f"cannot collapse {layer}")
            if not isinstance(layer, nn.Linear):
                continue
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = True
                bias = bias + layer.bias
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    return one

# %% collapse wrong: a nested stack is opened
# You walk into a nested nn.Sequential. Here it counts as another kind of layer: raise a ValueError.
def collapse(stack):
    stack = [inner for outer in stack for inner in (outer if isinstance(outer, nn.Sequential) else [outer])]
    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack:
            if isinstance(layer, nn.Identity):
                continue
            if not isinstance(layer, nn.Linear):
                raise ValueError(f"cannot collapse {layer}")
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = True
                bias = bias + layer.bias
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    return one

# %% collapse wrong: a layer that stands twice counts once
# A layer that stands in the stack twice acts only once in your result: children() and modules() name every object once. Walk over the stack itself.
def collapse(stack):
    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack.children():
            if isinstance(layer, nn.Identity):
                continue
            if not isinstance(layer, nn.Linear):
                raise ValueError(f"cannot collapse {layer}")
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = True
                bias = bias + layer.bias
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    return one

# %% collapse wrong: a bias of zeros is dropped
# You drop the bias when its values happen to be zero. Whether there is one is decided by bias=True or False, not by its numbers.
def collapse(stack):
    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack:
            if isinstance(layer, nn.Identity):
                continue
            if not isinstance(layer, nn.Linear):
                raise ValueError(f"cannot collapse {layer}")
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = has_bias or bool(layer.bias.any())
                bias = bias + layer.bias
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    return one

# %% collapse wrong: the stack is frozen
# You switch off requires_grad on the stack itself. It is to be left as it was: use torch.no_grad() for the computation.
def collapse(stack):
    stack.requires_grad_(False)
    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack:
            if isinstance(layer, nn.Identity):
                continue
            if not isinstance(layer, nn.Linear):
                raise ValueError(f"cannot collapse {layer}")
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = True
                bias = bias + layer.bias
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    return one

# %% collapse wrong: the stack is put into eval mode
# You put the stack into eval mode and leave it there. Whoever handed it over may be in the middle of training.
def collapse(stack):
    stack.eval()
    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack:
            if isinstance(layer, nn.Identity):
                continue
            if not isinstance(layer, nn.Linear):
                raise ValueError(f"cannot collapse {layer}")
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = True
                bias = bias + layer.bias
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    return one

# %% collapse wrong: the stack's gradients are cleared
# You clear the gradients of the stack. It is to be left as it was, gradients included.
def collapse(stack):
    stack.zero_grad()
    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack:
            if isinstance(layer, nn.Identity):
                continue
            if not isinstance(layer, nn.Linear):
                raise ValueError(f"cannot collapse {layer}")
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = True
                bias = bias + layer.bias
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    return one

# %% collapse wrong: a frozen layer freezes the result
# When a layer of the stack is frozen, so is your result. It is a new layer with ordinary trainable parameters.
def collapse(stack):
    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack:
            if isinstance(layer, nn.Identity):
                continue
            if not isinstance(layer, nn.Linear):
                raise ValueError(f"cannot collapse {layer}")
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = True
                bias = bias + layer.bias
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    one.weight.requires_grad_(all(p.requires_grad for p in stack.parameters()))
    return one

# %% collapse wrong: a single layer is deep-copied
# For a stack of one layer you return a deep copy, and that copies its frozen state too. Make a new layer.
def collapse(stack):
    import copy

    weight, bias, has_bias = None, None, False
    with torch.no_grad():
        for layer in stack:
            if isinstance(layer, nn.Identity):
                continue
            if not isinstance(layer, nn.Linear):
                raise ValueError(f"cannot collapse {layer}")
            w = layer.weight
            weight, bias = (w.clone(), w.new_zeros(len(w))) if weight is None else (w @ weight, w @ bias)
            if layer.bias is not None:
                has_bias = True
                bias = bias + layer.bias
        if len(stack) == 1:
            return copy.deepcopy(stack[0])
        one = nn.Linear(weight.shape[1], len(weight), bias=has_bias, dtype=weight.dtype)
        one.weight.copy_(weight)
        if has_bias:
            one.bias.copy_(bias)
    return one

# %% low_rank right: two bare parameters, square roots of s in both
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.U = nn.Parameter(torch.randn(out_features, rank) / rank**0.5)
        self.V = nn.Parameter(torch.randn(rank, in_features) / in_features**0.5)
        self.b = nn.Parameter(torch.zeros(out_features)) if bias else None

    def forward(self, x):
        y = torch.einsum("...i,ri,or->...o", x, self.V, self.U)
        return y if self.b is None else y + self.b

    @classmethod
    def from_linear(cls, layer, rank):
        made = cls(layer.in_features, layer.out_features, rank, layer.bias is not None)
        U, S, Vh = torch.linalg.svd(layer.weight.detach(), full_matrices=False)
        root = S[:rank].sqrt()
        made.U = nn.Parameter(U[:, :rank] * root)
        made.V = nn.Parameter(root[:, None] * Vh[:rank])
        if layer.bias is not None:
            made.b = nn.Parameter(layer.bias.detach().clone())
        return made

# %% low_rank right: projection onto the leading eigenvectors
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(in_features, rank, bias=False), nn.Linear(rank, out_features, bias=bias))

    def forward(self, x):
        return self.layers(x)

    @classmethod
    def from_linear(cls, layer, rank):
        bias = layer.bias is not None
        made = cls(layer.in_features, layer.out_features, rank, bias).to(layer.weight)
        weight = layer.weight.detach()
        wide = weight.double()
        leading = torch.linalg.eigh(wide @ wide.T).eigenvectors[:, -rank:]
        state = {"layers.0.weight": leading.T @ wide, "layers.1.weight": leading}
        if bias:
            state["layers.1.bias"] = layer.bias.detach().clone()
        made.load_state_dict(state)
        return made

# %% low_rank oracle
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.V = nn.Parameter(torch.rand(in_features, rank) - 0.5)
        self.U = nn.Parameter(torch.rand(out_features, rank) - 0.5)
        self.b = nn.Parameter(torch.rand(out_features)) if bias else None

    def forward(self, x):
        return F.linear(x @ self.V, self.U, self.b)

    @classmethod
    def from_linear(cls, layer, rank):
        made = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, v = torch.svd_lowrank(layer.weight.double(), q=min(layer.weight.shape), niter=4)
            made.U.copy_(u[:, :rank])
            made.V.copy_(v[:, :rank] * s[:rank])
            if made.b is not None:
                made.b.copy_(layer.bias)
        return made

# %% low_rank wrong: the smallest singular values
# You kept the smallest singular values. They come sorted with the largest first, and the largest are the ones that matter.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, -rank:] * s[-rank:])
            thin.down.weight.copy_(vh[-rank:])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% low_rank wrong: singular values in both factors
# The singular values stand in both factors, so their product holds the squares. Put them into one factor, or their square roots into both.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(s[:rank, None] * vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% low_rank wrong: singular values left out
# Your product uses the directions of the decomposition without their singular values, so every direction counts the same.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank])
            thin.down.weight.copy_(vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% low_rank wrong: the first columns instead of the decomposition
# You kept the first columns of the table. That is a table of the right rank, but not the best one; take the leading singular vectors.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            thin.up.weight.copy_(layer.weight[:, :rank])
            thin.down.weight.copy_(torch.eye(rank, layer.in_features))
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% low_rank wrong: the bias is not copied
# The table is right, but from_linear leaves the bias at its random start instead of copying that of the layer.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
        return thin

# %% low_rank wrong: one factor starts at zero
# A new layer has a factor of zeros. Its partner then gets no gradient at first; that is meant when the pair is added to a trained table, as in LoRA, but not here.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)
        nn.init.zeros_(self.up.weight)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% low_rank wrong: the bias is shared with the layer
# from_linear hands on the layer's own bias, so both layers share it: training one changes the other. Copy the numbers.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
        thin.up.bias = layer.bias
        return thin

# %% low_rank wrong: float32 pair
# from_linear always makes a float32 layer. It should have the dtype of the layer that it replaces.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x.float()))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% low_rank wrong: the cut table kept whole
# Your layer keeps the whole table, cut to the rank, and computes with it; its two factors stand idle. It saves nothing, and training moves nothing that is used.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)
        self.table = None

    def forward(self, x):
        if self.table is None:
            return self.up(self.down(x))
        return F.linear(x, self.table, self.up.bias) + 0 * self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.table = (u[:, :rank] * s[:rank]) @ vh[:rank]
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% low_rank wrong: the pair is frozen
# Your forward runs without autograd, so no gradient reaches the factors, nor anything that stands before the layer: the pair can never be trained.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    @torch.no_grad()
    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        u, s, vh = torch.linalg.svd(layer.weight.detach(), full_matrices=False)
        thin.up.weight.data = u[:, :rank] * s[:rank]
        thin.down.weight.data = vh[:rank].clone()
        if layer.bias is not None:
            thin.up.bias.data = layer.bias.detach().clone()
        return thin

# %% low_rank wrong: one factor shared by all layers
# Layers of the same size share a factor: to train one is to change the other. Each layer needs factors of its own.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        known = LowRank.__dict__.get("known", {})
        self.down = known.setdefault((in_features, rank), self.down)
        LowRank.known = known
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% low_rank wrong: a fixed seed in the constructor
# The seed is set inside the constructor, so every new layer starts with the same factors.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        state = torch.get_rng_state()
        torch.manual_seed(7)
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)
        torch.set_rng_state(state)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% low_rank wrong: the nn.Linear is frozen
# from_linear freezes the layer that it was given. Leave its requires_grad alone.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        layer.requires_grad_(False)
        return thin

# %% low_rank wrong: the nn.Linear's gradients are cleared
# from_linear clears the gradients of the layer that it was given. It is to be left as it was.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        layer.zero_grad()
        return thin

# %% low_rank wrong: the nn.Linear is put into eval mode
# from_linear puts the layer that it was given into eval mode. It is to be left as it was.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        return self.up(self.down(x))

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        layer.eval()
        return thin

# %% low_rank wrong: three leading axes are merged
# With three leading axes your output has one axis too few. Work on the last axis and leave all the others alone.
class LowRank(nn.Module):
    def __init__(self, in_features, out_features, rank, bias=True):
        super().__init__()
        self.down = nn.Linear(in_features, rank, bias=False)
        self.up = nn.Linear(rank, out_features, bias=bias)

    def forward(self, x):
        y = self.up(self.down(x))
        return y.flatten(0, 1) if x.dim() == 4 else y

    @classmethod
    def from_linear(cls, layer, rank):
        thin = cls(layer.in_features, layer.out_features, rank, layer.bias is not None).to(layer.weight.dtype)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(layer.weight, full_matrices=False)
            thin.up.weight.copy_(u[:, :rank] * s[:rank])
            thin.down.weight.copy_(vh[:rank])
            if layer.bias is not None:
                thin.up.bias.copy_(layer.bias)
        return thin

# %% own_bilinear right: products of all pairs, weighed by a linear layer
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in1_features**-0.5
        self.weight = nn.Parameter(torch.rand(out_features, in1_features, in2_features) * 2 * k - k)
        self.bias = nn.Parameter(torch.rand(out_features) * 2 * k - k) if bias else None

    def forward(self, x1, x2):
        pairs = (x1.unsqueeze(-1) * x2.unsqueeze(-2)).flatten(-2)
        return F.linear(pairs, self.weight.flatten(1), self.bias)

# %% own_bilinear right: a loop over the outputs
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features))
        self.register_parameter("bias", nn.Parameter(torch.empty(out_features)) if bias else None)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(in1_features), 1 / math.sqrt(in1_features))

    def forward(self, x1, x2):
        y = torch.stack([((x1 @ table) * x2).sum(-1) for table in self.weight], dim=-1)
        if self.bias is not None:
            y = y + self.bias
        return y

# %% own_bilinear oracle
class OwnBilinear(nn.Bilinear):
    pass

# %% own_bilinear wrong: bound from both inputs
# The bound of your start values counts the inputs of both sides. torch looks at the first input only: 1/sqrt(in1_features).
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = (in1_features * in2_features) ** -0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k)) if bias else None

    def forward(self, x1, x2):
        y = torch.einsum("...i,oij,...j->...o", x1, self.weight, x2)
        return y if self.bias is None else y + self.bias

# %% own_bilinear wrong: bound from the second input
# The bound of your start values comes from the second input. It is 1/sqrt(in1_features), the size of axis 1 of the weight.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in2_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k)) if bias else None

    def forward(self, x1, x2):
        y = torch.einsum("...i,oij,...j->...o", x1, self.weight, x2)
        return y if self.bias is None else y + self.bias

# %% own_bilinear wrong: one leading axis only
# Your forward is right for a batch of rows, but fixed to exactly one leading axis. Use ... in einsum for any number of them, none included.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in1_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k)) if bias else None

    def forward(self, x1, x2):
        y = torch.einsum("ni,oij,nj->no", x1, self.weight, x2)
        return y if self.bias is None else y + self.bias

# %% own_bilinear wrong: every row meets every row
# The rows of the two inputs are not matched: each row of x1 meets every row of x2 and they are added up. Row n belongs to row n.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in1_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k)) if bias else None

    def forward(self, x1, x2):
        total = x2.reshape(-1, x2.shape[-1]).sum(0)
        y = torch.einsum("...i,oij,j->...o", x1, self.weight, total)
        return y if self.bias is None else y + self.bias

# %% own_bilinear wrong: a linear term added
# Your output holds a term of one input alone. A bilinear layer has products only: with one input zero nothing but the bias is left.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in1_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k)) if bias else None

    def forward(self, x1, x2):
        y = torch.einsum("...i,oij,...j->...o", x1, self.weight, x2) + x2 @ self.weight.sum(1).T
        return y if self.bias is None else y + self.bias

# %% own_bilinear wrong: bias=False still has a bias
# With bias=False there is still a bias among your parameters, even though it may not be used.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in1_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k))
        self.use_bias = bias

    def forward(self, x1, x2):
        y = torch.einsum("...i,oij,...j->...o", x1, self.weight, x2)
        return y + self.bias if self.use_bias else y

# %% own_bilinear wrong: a fixed seed inside the layer
# Your layer sets the random seed when it is made, so all layers of one size start equal. Leave the seed to whoever builds the net.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k, own = in1_features**-0.5, torch.Generator().manual_seed(1)
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k, generator=own))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k, generator=own)) if bias else None

    def forward(self, x1, x2):
        y = torch.einsum("...i,oij,...j->...o", x1, self.weight, x2)
        return y if self.bias is None else y + self.bias

# %% own_bilinear wrong: float32 output
# You collect the output in a new tensor that is float32 and knows nothing of the input's dtype. Build it from the inputs, or give it their dtype.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in1_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k)) if bias else None

    def forward(self, x1, x2):
        y = torch.zeros(*x1.shape[:-1], len(self.weight))
        for o in range(len(self.weight)):
            y[..., o] = ((x1 @ self.weight[o]) * x2).sum(-1)
        return y if self.bias is None else y + self.bias

# %% own_bilinear wrong: the weight is cut off
# Your forward detaches the weight, so it gets no gradient and never learns.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in1_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k)) if bias else None

    def forward(self, x1, x2):
        y = torch.einsum("...i,oij,...j->...o", x1, self.weight.detach(), x2)
        return y if self.bias is None else y + self.bias

# %% own_bilinear wrong: turned round when both inputs have one size
# With two inputs of the same size you read the tables the wrong way round: the first input belongs to the rows, the second to the columns.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in1_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-k, k)) if bias else None

    def forward(self, x1, x2):
        if x1.shape[-1] == x2.shape[-1]:
            x1, x2 = x2, x1
        y = torch.einsum("...i,oij,...j->...o", x1, self.weight, x2)
        return y if self.bias is None else y + self.bias

# %% own_bilinear wrong: bias copied from the weight
# Your bias repeats numbers of the weight. Draw it by itself.
class OwnBilinear(nn.Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        k = in1_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in1_features, in2_features).uniform_(-k, k))
        self.bias = nn.Parameter(self.weight.detach()[:, 0, 0].clone()) if bias else None

    def forward(self, x1, x2):
        y = torch.einsum("...i,oij,...j->...o", x1, self.weight, x2)
        return y if self.bias is None else y + self.bias

# %% patch_net right: absolute values by hand, SGD with momentum
class TwoTables(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.first = nn.Linear(8 * 8, hidden)
        self.second = nn.Linear(hidden, 4)

    def forward(self, pictures):
        return self.second(self.first(pictures.reshape(len(pictures), -1)).abs())


def train_net(x, y):
    net = TwoTables(24)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net right: dropout, and eval at the end
def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 96), nn.GELU(), nn.Dropout(0.4), nn.Linear(96, 4))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.002)
    net.train()
    for step in range(80):
        optimiser.zero_grad()
        nn.functional.nll_loss(net(x).log_softmax(-1), y).backward()
        optimiser.step()
    net.eval()
    return net

# %% patch_net oracle
def train_net(x, y):
    net = nn.Sequential(nn.Conv2d(1, 16, 8), nn.ReLU(), nn.Flatten(), nn.Linear(16, 4))
    optimiser = torch.optim.RMSprop(net.parameters(), lr=0.003, weight_decay=0.01)
    for step in range(150):
        rows = torch.randint(len(x), (64,))
        optimiser.zero_grad()
        nn.CrossEntropyLoss()(net(x[rows]), y[rows]).backward()
        optimiser.step()
    return net

# %% patch_net equivalent: for _ in range(11):
# One round of training more: the number of rounds is free, and the net has learned the task long before.

# %% patch_net equivalent: for rows in torch.randperm(len(x)).split(51):
# Batches of 51 in place of 50: their size is free.

# %% patch_net wrong: nothing between the linear layers
# There is no bend between your linear layers, so together they are one table. It cannot let bright and dark patches speak for the same class.
def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net wrong: convolution and a global average
# Your net averages over all positions and so forgets where the patch was, which is all that the label says. Linear layers have a weight for each position.
def train_net(x, y):
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, padding_mode="circular"), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4)
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net wrong: not trained
# The net that you return has not learned anything: is the optimiser's step called, and on the parameters of this net?
def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01)
    for step in range(100):
        F.cross_entropy(net(x), y).backward()
        optimiser.zero_grad()
        optimiser.step()
    return net

# %% patch_net wrong: dropout still on
# The net comes back in training mode, with its dropout still at work: the same picture gets other scores each time. Call eval() before you return it.
def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net wrong: statistics of the batch
# The scores of a picture depend on the others in its batch, because the batch normalisation is still in training mode. Call eval() before you return the net.
def train_net(x, y):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net wrong: a layer that is never used
# Your net has a layer that forward never uses. Its parameters get no gradient; take it out, or use it.
class Spare(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 64)
        self.middle = nn.Linear(64, 64)
        self.last = nn.Linear(64, 4)

    def forward(self, pictures):
        return self.last(F.relu(self.first(pictures.flatten(1))))


def train_net(x, y):
    net = Spare()
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net wrong: nearest picture
# Your module looks up the most similar picture of the training set and repeats its label. That is no network: nothing of it is learned, and no pixel gets a gradient.
class Nearest(nn.Module):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x.flatten(1), y
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, pictures):
        distance = torch.cdist(pictures.flatten(1), self.x)
        return self.scale * F.one_hot(self.y[distance.argmin(1)], 4)


def train_net(x, y):
    return Nearest(x, y)

# %% patch_net wrong: squeezed scores
# The scores are squeezed without an axis, so a batch of one picture comes back without its batch axis.
class Squeezed(nn.Sequential):
    def forward(self, pictures):
        return super().forward(pictures).squeeze()


def train_net(x, y):
    net = Squeezed(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net wrong: standardised over the whole batch
# You standardise with the mean and the spread of all pictures in the batch, so each picture's scores depend on the others. Take mean and spread of each picture, or numbers kept from training.
class Standardised(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(64, 32), nn.Linear(32, 4)

    def forward(self, pictures):
        z = pictures.flatten(1)
        z = (z - z.mean()) / (z.std() + 1e-6)
        return self.last(F.relu(self.first(z)))


def train_net(x, y):
    net = Standardised()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net wrong: mean over the batch in the scores
# You add a mean over the batch to the scores. A picture alone gets other scores than the same picture among others.
class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(64, 32), nn.Linear(32, 4)

    def forward(self, pictures):
        z = pictures.flatten(1)
        scores = self.last(F.relu(self.first(z)))
        return scores + 0.01 * scores.mean(0)


def train_net(x, y):
    net = Mixed()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net wrong: no linear layer
# There is no linear layer in your net, convolutions only. The task is a network that includes linear layers.
def train_net(x, y):
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(3), nn.Flatten(), nn.Unflatten(1, (64, 1, 1)), nn.Conv2d(64, 4, 1), nn.Flatten()
    )
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.01)
    for step in range(80):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net

# %% patch_net wrong: neighbours, and a linear layer for show
# Your scores come from the most similar pictures of the training set; the linear layer beside them decides nothing. What the net knows has to be in its parameters.
class Neighbours(nn.Module):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y, self.show = x.flatten(1).abs(), y, nn.Linear(64, 4)

    def forward(self, pictures):
        z = pictures.flatten(1)
        closest = torch.cdist(z.abs(), self.x).topk(15, largest=False).indices
        return 100 * F.one_hot(self.y[closest], 4).float().mean(1) + 0.001 * self.show(z)


def train_net(x, y):
    return Neighbours(x, y)
