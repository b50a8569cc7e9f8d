"""Test what the chapters in the part Start say about torch."""

import math
import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, saved, slope, tries

before_you_start = tries("before_you_start")
modules = tries("modules")
linear = tries("linear")
activations = tries("activations")
containers = tries("containers")


@before_you_start("`.numpy()` raises an error here and asks for `detach()` first")
def numpy_asks_for_detach() -> None:
    with pytest.raises(RuntimeError, match="detach"):
        torch.ones(1, requires_grad=True).numpy()
    assert torch.ones(1, requires_grad=True).item() == 1.0


@before_you_start(
    "Indexing with numbers and slices copies nothing, and neither do `view`, `permute`, and `expand`",
    "(Indexing with a tensor or a list makes a copy.)",
)
def views_copy_nothing() -> None:
    x = torch.randn(2, 3, 1)
    for seen in (x[0], x[:, 1:], x.view(6), x.permute(2, 0, 1), x.expand(2, 3, 4)):
        assert seen.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    for copied in (x[[0]], x[torch.tensor([1])], x[x > 0]):
        assert copied.untyped_storage().data_ptr() != x.untyped_storage().data_ptr()


@before_you_start("By default, `backward` fills the `.grad` of leaves only")
def only_leaves_get_a_grad() -> None:
    leaf = torch.ones(2, requires_grad=True)
    middle, kept = leaf * 2, leaf * 3
    kept.retain_grad()
    (middle + kept).sum().backward()
    assert leaf.grad is not None
    assert kept.grad is not None
    with warnings.catch_warnings(action="ignore"):
        assert middle.grad is None


@modules(
    "You can't assign a plain tensor to a parameter's name",
    "You may assign a plain tensor to any name that doesn't belong to a parameter or a submodule.",
)
def a_parameters_name_takes_no_tensor() -> None:
    layer = nn.Linear(2, 2)
    layer.weight = nn.Parameter(torch.zeros(2, 2))
    layer.bias = None
    layer.part, layer.free = nn.ReLU(), torch.ones(1)
    layer.register_buffer("shift", torch.ones(1))
    layer.free, layer.shift = torch.zeros(1), torch.zeros(1)
    for name in ("weight", "part"):
        with pytest.raises(TypeError):
            setattr(layer, name, torch.zeros(2, 2))


@modules("by the second `backward()` its graph has been freed")
def a_product_computed_once_has_one_backward() -> None:
    gain = nn.Parameter(torch.ones(2)) * 2
    (gain * torch.ones(2)).sum().backward()
    with pytest.raises(RuntimeError, match="second time"):
        (gain * torch.ones(2)).sum().backward()


@modules("an optimizer that stored it twice would update it twice")
def an_optimiser_that_holds_a_parameter_twice_updates_it_twice() -> None:
    p = nn.Parameter(torch.zeros(1))
    p.grad = torch.ones(1)
    with warnings.catch_warnings(action="ignore"):
        torch.optim.SGD([p, p], lr=1.0).step()
    assert p.item() == -2.0


@modules("a submodule that belongs to two modules is visited twice")
def apply_visits_a_shared_module_twice() -> None:
    part, seen = nn.Tanh(), []
    nn.Sequential(nn.Sequential(part), nn.Sequential(part)).apply(seen.append)
    assert len([module for module in seen if module is part]) == 2


@modules("`register_buffer` returns `None`.", "`register_buffer` does the registering; assign nothing")
def register_buffer_returns_none() -> None:
    module = nn.Module()
    assert module.register_buffer("shift", torch.ones(1)) is None
    module.shift = module.register_buffer("shift", torch.ones(1))
    assert module.shift is None
    assert not module.state_dict()


@modules("`train()` and `eval()` set it in the whole tree; most layers never read it")
@tries("debugging")(
    "`net.train()` turns on training mode *everywhere*, even in a layer that you froze in evaluation mode."
)
def train_reaches_the_whole_tree() -> None:
    net = nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.Dropout()), nn.ReLU())
    assert not any(module.training for module in net.eval().modules())
    assert all(module.training for module in net.train().modules())


@modules(
    "The parameters stay the same objects; only their contents are converted.",
    "Buffers, on the other hand, are new tensors",
)
@tries("optimizers")(
    "`net.to(device)` and `net.double()` change parameters in place, so an optimizer created before these calls"
)
def double_keeps_parameters_and_replaces_buffers() -> None:
    norm = nn.BatchNorm1d(2)
    weight, mean = norm.weight, norm.running_mean
    norm.double()
    assert norm.weight is weight
    assert weight.dtype == torch.float64
    assert norm.running_mean is not mean
    assert mean.dtype == torch.float32


@modules("and no call to `requires_grad_` on the module reaches it")
def requires_grad_leaves_buffers_alone() -> None:
    norm = nn.BatchNorm1d(2).requires_grad_(False).requires_grad_(True)
    assert all(p.requires_grad for p in norm.parameters())
    assert not any(b.requires_grad for b in norm.buffers())


@modules("A full backward hook fails if an in-place layer comes right after its module")
def a_full_backward_hook_forbids_in_place() -> None:
    layer = nn.Linear(1, 1)
    layer.register_full_backward_hook(lambda *_: None)
    with pytest.raises(RuntimeError, match="is a view and is being modified inplace"):
        nn.ReLU(inplace=True)(layer(torch.ones(1, 1, requires_grad=True)))


@modules("(`torch.nn.utils.stateless.functional_call` is its old name, and using it gives a warning.)")
def the_old_functional_call_warns() -> None:
    layer, x = nn.Linear(1, 1), torch.ones(1)
    with pytest.warns(FutureWarning):
        y = torch.nn.utils.stateless.functional_call(layer, {}, (x,))
    assert torch.equal(y, torch.func.functional_call(layer, {}, (x,)))


@linear(
    "the product</summary>\n\n`x @ self.weight.T` already works on the last dimension, "
    "with any number of leading dimensions"
)
def a_product_takes_any_leading_axes() -> None:
    layer = nn.Linear(4, 3)
    for shape in ((4,), (2, 4), (2, 5, 4), (0, 4)):
        x = torch.randn(*shape)
        assert close(layer(x), x @ layer.weight.T + layer.bias)


@linear("torch samples both `weight` and `bias` from the uniform distribution")
def linear_starts_uniformly() -> None:
    layer = nn.Linear(25, 4000)
    for p in (layer.weight, layer.bias):
        assert p.abs().max() <= 0.2
        assert abs(p.std().item() - 0.2 / 3**0.5) < 0.005


@linear(
    "and no later layer can tell them apart", "parallel lines stay parallel, and equal steps along a line stay equal"
)
def a_stack_of_linear_layers_is_affine() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)).double()
    a, b = torch.randn(2, 5, 2, dtype=torch.float64)
    assert close(net((a + b) / 2), (net(a) + net(b)) / 2)


@linear("No matrix of rank $r$ has a smaller squared error")
def the_svd_is_best() -> None:
    torch.manual_seed(0)
    w = torch.randn(6, 5, dtype=torch.float64)
    u, s, v = torch.linalg.svd(w)
    best = (w - u[:, :2] * s[:2] @ v[:2]).square().sum()
    assert torch.isclose(best, s[2:].square().sum())
    left, right = (torch.randn(6, 2, dtype=torch.float64), torch.randn(2, 5, dtype=torch.float64))
    for _ in range(200):  # alternating least squares finds no better solution
        right = torch.linalg.lstsq(left, w).solution
        left = torch.linalg.lstsq(right.T, w.T).solution.T
    assert (w - left @ right).square().sum() >= best - 1e-9


@linear("Before that call, the weight has no shape:")
def a_lazy_weight_has_no_shape() -> None:
    with pytest.raises(RuntimeError):
        print(nn.LazyLinear(2).weight.shape)


@linear("`squeeze()` without a dimension removes **every** dimension of size one")
def squeeze_removes_every_axis_of_one() -> None:
    assert torch.ones(1, 3, 1, 1).squeeze().shape == (3,)


@linear(
    "Neither layer has parameters or changes the order of the values.",
    "The function `torch.flatten` starts at dimension **0** unless you tell it otherwise",
)
def flatten_keeps_the_order() -> None:
    x = torch.arange(24.0).view(2, 3, 4)
    assert (torch.flatten(x).shape, nn.Flatten()(x).shape) == ((24,), (2, 12))
    for layer in (nn.Flatten(), nn.Unflatten(1, (3, 1)), nn.Flatten(0)):
        assert not list(layer.parameters())
        assert layer(x).flatten().tolist() == x.flatten().tolist()


@linear("Its constructor takes any arguments and ignores them; it has no parameters.")
@tries("from_paper")(
    "`nn.Identity()` and an empty `nn.Sequential()` return their input and have no entries in `state_dict()`."
)
def identity_takes_any_arguments() -> None:
    x = torch.randn(2)
    for layer in (nn.Identity(54, unused=True), nn.Sequential()):
        assert layer(x) is x
        assert not layer.state_dict()


@activations(
    "The gradient of ELU is continuous only for $\\alpha = 1$",
    "The gradient of CELU is continuous for every $\\alpha$.",
)
def elu_jumps_and_celu_does_not() -> None:
    for alpha in (0.5, 1.0, 2.0, 3.0):
        left, right = slope(nn.ELU(alpha), -1e-9, 1e-9)
        assert math.isclose(left, right, rel_tol=1e-6) is (alpha == 1.0)
        left, right = slope(nn.CELU(alpha), -1e-9, 1e-9)
        assert math.isclose(left, right, rel_tol=1e-6)
    left, right = slope(nn.SELU(), -1e-9, 1e-9)
    assert left > right * 1.5


@activations("It is the only element-wise activation in torch that has a parameter.")
def only_prelu_has_a_parameter() -> None:
    names = (
        "ReLU ReLU6 LeakyReLU RReLU ELU SELU CELU GELU SiLU Mish Softplus Softsign Tanh Sigmoid Hardtanh Hardsigmoid"
    )
    names += " Hardswish LogSigmoid Softshrink Hardshrink Tanhshrink"
    assert not any(list(getattr(nn, name)().parameters()) for name in names.split())
    assert len(list(nn.PReLU().parameters())) == 1


@activations("the inputs of the next layer have a mean above 0 (unless all of them are 0)")
def a_relu_has_a_mean_above_zero() -> None:
    assert F.relu(torch.randn(1000)).mean() > 0
    assert F.relu(-torch.ones(10)).mean() == 0


@activations(
    "ELU and leaky ReLU are not in `torch` itself, only in `F` and `nn`; CELU and SELU are in all three.",
    "There is no `nn.Swish` in torch.",
)
@modules("(A few have no such function, for example `nn.LSTM` and `nn.Flatten`.)")
@tries("softmax")("There is no `nn.softmax`, no `nn.softmin`, and no `torch.softmin`.")
def where_the_functions_are() -> None:
    for place, absent in ((torch, "elu leaky_relu softmin"), (F, "lstm flatten"), (nn, "Swish softmax softmin")):
        assert not any(hasattr(place, name) for name in absent.split())
    assert all(hasattr(place, name) for place in (torch, F) for name in ("celu", "selu"))


@activations("Far to the left, float32 still rounds it to 0")
def softplus_rounds_to_zero() -> None:
    assert F.softplus(torch.tensor(-110.0)) == 0
    assert F.softplus(torch.tensor(-50.0)) > 0


@activations("sigmoid, tanh, and ReLU save their *output* for the backward pass; GELU and leaky ReLU save their input.")
@tries("custom_layers")(
    "a sum saves nothing, a product saves its factors, and an activation function saves its input or its output"
)
def what_an_activation_keeps() -> None:
    x = torch.ones(3, requires_grad=True)
    assert saved(lambda t: t + 1, x)[1] == []
    assert saved(lambda t: t * t, x)[1] == [x.data_ptr()] * 2
    for activation in (torch.sigmoid, torch.tanh, torch.relu, F.gelu, F.leaky_relu):
        y, kept = saved(activation, x)
        assert kept == [(x if activation in (F.gelu, F.leaky_relu) else y).data_ptr()]


@activations("Softshrink is the proximal step of an $L_1$ penalty")
def softshrink_is_a_proximal_step() -> None:
    x, y = torch.randn(100, 1, dtype=torch.float64), torch.linspace(-4, 4, 8001, dtype=torch.float64)
    best = y[((y - x).square() / 2 + 0.5 * y.abs()).argmin(1)]
    assert close(best, F.softshrink(x[:, 0], 0.5), 2e-3)


@activations("The two are the same curve, shifted and scaled: $\\tanh x = 2\\sigma(2x) - 1$.")
def tanh_is_a_sigmoid() -> None:
    x = torch.randn(100, dtype=torch.float64)
    assert close(x.tanh(), 2 * torch.sigmoid(2 * x) - 1, 1e-12)


@containers("`insert`, `del`, and `pop` renumber all layers after the position that you change")
def edits_renumber() -> None:
    net = nn.Sequential(nn.ReLU(), nn.Linear(1, 1), nn.Linear(1, 2))
    net.pop(0)
    assert list(net.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    net.insert(0, nn.Tanh())
    assert list(net.state_dict()) == ["1.weight", "1.bias", "2.weight", "2.bias"]
    del net[0]
    assert "0.weight" in net.state_dict()


@containers("`self.layers[:2]` is a ModuleList that contains the first two layers themselves, not copies.")
def a_slice_of_a_modulelist_is_numbered_anew() -> None:
    layers = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1), nn.Linear(1, 1)])
    assert layers[:2][1] is layers[1]
    assert list(layers[2:].state_dict()) == ["0.weight", "0.bias"]


@containers('if *no* parameter is registered: "optimizer got an empty parameter list".')
def an_optimiser_of_nothing_raises() -> None:
    with pytest.raises(ValueError, match="optimizer got an empty parameter list"):
        torch.optim.SGD([], lr=0.1)


@containers("a subclass of `nn.Module` that registers its keyword arguments. It still works, but it gives a warning.")
def container_registers_its_arguments() -> None:
    with pytest.warns(FutureWarning, match="Container"):
        made = nn.Container(linear=nn.Linear(1, 1))
    assert [name for name, _ in made.named_children()] == ["linear"]


@containers("`append`, `insert`, `extend`, `pop`, `del`, and `editable[0] = …` all work")
def a_sequential_can_be_edited() -> None:
    net = nn.Sequential(nn.ReLU(), nn.Tanh())
    net.append(nn.Sigmoid())
    net.insert(0, nn.ELU())
    net.extend([nn.GELU()])
    net.pop(1)
    del net[0]
    net[0] = nn.SiLU()
    assert [type(layer) for layer in net] == [nn.SiLU, nn.Sigmoid, nn.GELU]


@containers("and so do `append`, `extend`, `insert`, `del`, `len`, and `reversed`.")
def a_modulelist_is_a_list() -> None:
    layers = nn.ModuleList([nn.ReLU()])
    layers.append(nn.Tanh())
    layers.extend([nn.ELU()])
    layers.insert(0, nn.GELU())
    del layers[1]
    assert len(layers) == 3
    assert [type(layer) for layer in reversed(layers)] == [nn.ELU, nn.Tanh, nn.GELU]


@containers(
    "Both containers turn a plain tensor into a parameter when you put it in",
    "a plain tensor with `requires_grad` is not",
)
def parameter_containers_wrap_tensors() -> None:
    module = nn.Module()
    module.w = torch.ones(1, requires_grad=True)
    assert not list(module.parameters())
    in_list, in_dict = nn.ParameterList([torch.zeros(1)]), nn.ParameterDict({"a": torch.zeros(1)})
    in_list.append(torch.ones(1))
    in_list[0], in_dict["b"] = torch.ones(2), torch.ones(2)
    assert all(isinstance(p, nn.Parameter) for p in (*in_list, *in_dict.values()))
    assert len(list(in_list.parameters())) == len(list(in_dict.parameters())) == 2
