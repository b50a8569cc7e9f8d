"""Test what the chapter on recurrent layers says about torch."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import rnn as rnn_utils

from tests.said.tried import close, tries

said = tries("recurrent")

LAYERS = (nn.RNN, nn.GRU, nn.LSTM)


def h_of(state: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Return the hidden state, which is the first of an LSTM's two states."""
    return state[0] if isinstance(state, tuple) else state


@said("The number of parameters does not depend on the length.", "5 steps or 500, the same")
def the_length_adds_no_parameters() -> None:
    for kind in LAYERS:
        layer = kind(3, 4)
        before = sum(p.numel() for p in layer.parameters())
        for length in (1, 50):
            assert layer(torch.randn(length, 2, 3))[0].shape == (length, 2, 4)
        assert sum(p.numel() for p in layer.parameters()) == before


@said(
    "But the lists above show that only the LSTM does, because its state is a pair.",
    "All layers take `input_size`, `hidden_size`, `num_layers=1`, `bias=True`, `batch_first=False`, `dropout=0.0`",
)
def what_the_three_have_of_their_own() -> None:
    base = set(vars(nn.RNNBase))
    own = {kind: {n for n in vars(kind) if not n.startswith("__")} & base for kind in LAYERS}
    assert own[nn.LSTM] == {"check_forward_args", "permute_hidden"}
    assert not own[nn.RNN]
    assert not own[nn.GRU]
    for kind in LAYERS:
        kind(input_size=2, hidden_size=3, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False)
    with pytest.raises(NotImplementedError):
        nn.RNNBase("GRU", 3, 4)(torch.randn(5, 2, 3))


@said(
    "`h_n` holds the last step of every layer and direction.",
    "With or without `batch_first=True`, the shape of `h_n` is `(layers · directions, N, H)`.",
)
def states_are_never_batch_first() -> None:
    for kind in LAYERS:
        for batch_first in (False, True):
            layer = kind(3, 4, num_layers=3, bidirectional=True, batch_first=batch_first)
            output, state = layer(torch.randn(*((5, 7) if batch_first else (7, 5)), 3))
            assert h_of(state).shape == (6, 5, 4)
            time = 1 if batch_first else 0
            assert torch.equal(output.select(time, -1)[:, :4], h_of(state)[-2])
            assert torch.equal(output.select(time, 0)[:, 4:], h_of(state)[-1])


@said("The module remembers **nothing** between calls; its weights are all it has.")
def no_state_between_calls() -> None:
    for kind in LAYERS:
        layer, x = kind(3, 4), torch.randn(6, 2, 3)
        assert torch.equal(layer(x)[0], layer(x)[0])
        assert not list(layer.buffers())


@said("If you pass the state on, the pieces equal the whole; if you don't, they differ.")
def pieces_equal_the_whole() -> None:
    for kind in LAYERS:
        layer, x = kind(3, 4), torch.randn(6, 2, 3)
        first, state = layer(x[:4])
        assert close(torch.cat([first, layer(x[4:], state)[0]]), layer(x)[0])
        assert not close(layer(x[4:])[0], layer(x)[0][4:])


@said("torch multiplies the product, including its bias, by $r$.")
def the_gru_of_torch() -> None:
    cell, x, h = nn.GRUCell(3, 4), torch.randn(2, 3), torch.randn(2, 4)
    a = F.linear(x, cell.weight_ih, cell.bias_ih).chunk(3, 1)
    b = F.linear(h, cell.weight_hh, cell.bias_hh).chunk(3, 1)
    r, z = torch.sigmoid(a[0] + b[0]), torch.sigmoid(a[1] + b[1])
    assert close(cell(x, h), (1 - z) * torch.tanh(a[2] + r * b[2]) + z * h)


@said("the backward state began in the padding", "In the padding, the output is 0.")
def padding_is_read_unless_packed() -> None:
    x, lengths = torch.randn(3, 6, 2), torch.tensor([2, 6, 4])
    for kind in LAYERS:
        layer = kind(2, 4, batch_first=True, bidirectional=True)
        packed = rnn_utils.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, state = layer(packed)
        padded, _ = rnn_utils.pad_packed_sequence(output, batch_first=True)
        for row, length in enumerate(lengths.tolist()):
            alone, last = layer(x[row, :length])
            assert close(padded[row, :length], alone)
            assert not padded[row, length:].any()
            assert close(h_of(state)[:, row], h_of(last))


@said("The number of sequences can only decrease from step to step, so the longest sequence comes first.")
def batch_sizes_fall() -> None:
    sequences = [torch.randn(n, 2) for n in (3, 5, 1, 5)]
    packed = rnn_utils.pack_sequence(sequences, enforce_sorted=False)
    assert (packed.batch_sizes.diff() <= 0).all()
    assert len(sequences[int(packed.sorted_indices[0])]) == 5
    assert all(torch.equal(a, b) for a, b in zip(sequences, rnn_utils.unpack_sequence(packed), strict=True))


@said("A packed sequence works with torch's recurrent layers and with hardly anything else.")
def packed_sequences_elsewhere() -> None:
    packed = rnn_utils.pack_sequence([torch.randn(3, 2)])
    with pytest.raises(TypeError):
        nn.Linear(2, 2)(packed)
    with pytest.raises((TypeError, AttributeError, RuntimeError)):
        nn.GRUCell(2, 2)(packed)


@said("so the sum of two values in the forget gate can't exceed $2/\\sqrt H = 1$.")
def the_start_of_all_parameters() -> None:
    for kind in LAYERS:
        for p in kind(3, 16, num_layers=2).parameters():
            assert p.abs().max() <= 1 / math.sqrt(16)


@said("and `nn.LSTM` takes `proj_size=0`", "$h$ is multiplied by a matrix `weight_hr` and becomes shorter than $c$")
def projections() -> None:
    layer = nn.LSTM(3, 8, proj_size=5).double()
    _, (h, c) = layer(torch.randn(4, 2, 3).double())
    assert (h.shape[-1], c.shape[-1], tuple(layer.weight_hr_l0.shape)) == (5, 8, (5, 8))
    for kind in (nn.RNN, nn.GRU):
        with pytest.raises((TypeError, ValueError)):
            kind(3, 8, proj_size=5)


@said('still calls the earlier state "the hidden state of the previous layer at time `t-1`". That is wrong')
def docstring_of_rnn_names_another_layer() -> None:
    assert "hidden state of the previous layer at time `t-1`" in " ".join(str(nn.RNN.__doc__).split())
    rnn, x = nn.RNN(2, 3, num_layers=2), torch.randn(4, 1, 2)
    lower = nn.RNN(2, 3)
    lower.load_state_dict({name: value for name, value in rnn.state_dict().items() if name.endswith("l0")})
    states = [torch.zeros(3)]
    for step in lower(x)[0][:, 0]:
        a = rnn.weight_ih_l1 @ step + rnn.bias_ih_l1 + rnn.weight_hh_l1 @ states[-1] + rnn.bias_hh_l1
        states.append(a.tanh())
    assert close(rnn(x)[0][:, 0], torch.stack(states[1:]), 1e-4)
