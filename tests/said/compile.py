"""Test what the chapter on graphs, breaks, and export says about torch."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.said.tried import tries

said = tries("compile")


def _graphs(f, *calls, **options) -> int:
    """Compile a function, call it with each tuple of arguments, and return how many graphs torch captures."""
    torch._dynamo.reset()
    graphs = []

    def backend(graph, example_inputs):
        graphs.append(graph)
        return graph

    compiled = torch.compile(f, backend=backend, **options)
    for args in calls:
        compiled(*args)
    return len(graphs)


@said("Sizes 0 and 1 are always static, because broadcasting treats size 1 differently")
@said("A batch of one needs a graph of its own in every mode.")
def sizes_of_one_are_static() -> None:
    for dynamic in (None, True, False):
        for n in (0, 1):
            before = [(torch.ones(size, 40),) for size in (3, 5)]
            after = [*before, (torch.ones(n, 40),)]
            assert _graphs(torch.sin, *after, dynamic=dynamic) == _graphs(torch.sin, *before, dynamic=dynamic) + 1


@said(
    "If the size of a dimension has changed in an earlier call, a graph for another dtype treats that size as symbolic "
    "from the start."
)
def history_belongs_to_the_code() -> None:
    calls = [(torch.ones(n, dtype=dtype),) for n, dtype in ((3, torch.float32), (5, torch.float32))]
    calls += [(torch.ones(n, dtype=torch.float64),) for n in (5, 7, 9)]
    assert _graphs(torch.sin, *calls) == 3


@said("A graph that was captured with shape `(5, 5)` fits `(7, 7)` but not `(7, 5)`.")
def equal_sizes_share_a_symbol() -> None:
    square = [(torch.ones(5, 5),), (torch.ones(7, 7),)]
    assert _graphs(torch.sin, *square, dynamic=True) == 1
    assert _graphs(torch.sin, *square, (torch.ones(7, 5),), dynamic=True) == 2


@said("Like a size, an integer or float argument becomes symbolic when it changes.")
def changing_arguments_become_symbolic() -> None:
    for numbers in (range(3, 11), [n / 7 for n in range(3, 11)]):
        assert _graphs(lambda x, n: x * n, *[(torch.ones(2), n) for n in numbers]) == 2


@said("An example input with a batch of one makes the size static, and `export` raises an exception")
@said("Yes. Size 1 is always static, which contradicts the declaration.")
def an_example_with_one_row_is_rejected() -> None:
    shapes = ({0: torch.export.Dim("batch")},)
    with pytest.raises(Exception, match="batch"):
        torch.export.export(nn.Linear(2, 2), (torch.ones(1, 2),), dynamic_shapes=shapes)
    torch.export.export(nn.Linear(2, 2), (torch.ones(2, 2),), dynamic_shapes=shapes)


@said("dropout stays on in the program forever, and `program.module().eval()` raises an exception")
def exported_dropout_stays_on() -> None:
    program = torch.export.export(nn.Dropout(0.5), (torch.ones(200),)).module()
    assert (program(torch.ones(200)) == 0).any()
    with pytest.raises(NotImplementedError):
        program.eval()


@said("neither may return one of its operands or change one in place")
def branches_return_new_tensors() -> None:
    x = torch.ones(3)
    for branch in (lambda x: x, lambda x: x.add_(1)):
        with pytest.raises(RuntimeError, match="unless it is captured completely"):
            torch.cond(x.sum() > 0, branch, torch.cos, (x,))


@said("or call `net.compile()`, which compiles the network in place and keeps the names")
def compiling_in_place_keeps_names() -> None:
    net = nn.Linear(2, 2)
    net.compile(backend="eager")
    net(torch.ones(1, 2))
    assert [*net.state_dict()] == ["weight", "bias"]
