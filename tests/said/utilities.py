"""Test what the chapter on utilities says about torch."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import vmap
from torch.nn.utils import parametrizations

from tests.said.tried import close, tries

said = tries("utilities")


@said(
    "There is one norm over *all* parameters and one factor for all gradients, "
    "so clipping doesn't change the direction of the whole gradient."
)
def one_factor() -> None:
    layer = nn.Linear(5, 4)
    layer(torch.randn(7, 5)).square().sum().backward()
    before = torch.cat([p.grad.flatten() for p in layer.parameters()])
    nn.utils.clip_grad_norm_(layer.parameters(), 0.1)
    after = torch.cat([p.grad.flatten() for p in layer.parameters()])
    assert F.cosine_similarity(before, after, dim=0).item() == pytest.approx(1.0)


@said("`right_inverse` goes the other way, from a weight to the stored tensor.")
def assigned() -> None:
    for wrap in (parametrizations.weight_norm, parametrizations.orthogonal):
        layer = wrap(nn.Linear(3, 3))
        wanted = torch.linalg.qr(torch.randn(3, 3))[0]
        layer.weight = wanted
        assert close(layer.weight, wanted, 1e-4)


@said(
    "The gradient with respect to $v$ is at right angles to $v$, so a step in $v$ turns the row; "
    "only $g$ makes the row longer or shorter."
)
def right_angles() -> None:
    layer = parametrizations.weight_norm(nn.Linear(6, 4))
    layer(torch.randn(9, 6)).square().sum().backward()
    v = layer.parametrizations.weight.original1
    assert close((v * v.grad).sum(1), torch.zeros(4), 1e-4)


@said("The estimate is never larger than the true value.")
def estimate_from_below() -> None:
    for seed in range(20):
        torch.manual_seed(seed)
        layer = parametrizations.spectral_norm(nn.Linear(8, 6))
        assert torch.linalg.matrix_norm(layer.weight, 2).item() >= 1 - 1e-5


@said("In evaluation mode, reading the weight changes nothing: not `_u`, not `_v`, and not the weight.")
def still_in_evaluation() -> None:
    layer = parametrizations.spectral_norm(nn.Linear(8, 6)).eval()
    before = {name: t.clone() for name, t in layer.state_dict().items()}
    first = layer.weight
    assert torch.equal(first, layer.weight)
    assert all(torch.equal(t, before[name]) for name, t in layer.state_dict().items())


@said("The new weight norm still loads a `state_dict` with the old names.")
def old_state() -> None:
    with pytest.warns(FutureWarning):
        old = nn.utils.weight_norm(nn.Linear(3, 2))
    new = parametrizations.weight_norm(nn.Linear(3, 2))
    new.load_state_dict(old.state_dict())
    x = torch.randn(4, 3)
    assert close(new(x), old(x))


@said("Also, no gradient flows through `vector_to_parameters`, and it accepts a vector that is too long.")
def vector_written() -> None:
    layer, vector = nn.Linear(3, 2), torch.randn(11, requires_grad=True)
    nn.utils.vector_to_parameters(vector, layer.parameters())
    layer(torch.ones(1, 3)).sum().backward()
    assert vector.grad is None


@said('with `randomness="different"`, every row samples its own values; the default raises an error.')
def masks_of_rows() -> None:
    same = torch.ones(8, 64)
    dropped = vmap(F.dropout, randomness="different")(same)
    assert len(dropped.unique(dim=0)) == 8
    with pytest.raises(RuntimeError, match="randomness"):
        vmap(F.dropout)(same)
