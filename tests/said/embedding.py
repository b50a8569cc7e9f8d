"""Test what the chapter on embedding says about torch."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, tries

said = tries("embedding")


@said("The output has the dimensions of the indices, plus one more.", "Indices are integers, `int64` or `int32`.")
def the_output_has_one_axis_more() -> None:
    layer = nn.Embedding(7, 3)
    for shape in ((), (0,), (4,), (2, 5), (2, 0, 3), (2, 3, 4, 1)):
        for dtype in (torch.int64, torch.int32):
            assert layer(torch.zeros(shape, dtype=dtype)).shape == (*shape, 3)
    for dtype in (torch.float32, torch.uint8, torch.int16, torch.bool):
        with pytest.raises(RuntimeError):
            layer(torch.ones(2).to(dtype))


@said("So an embedding **is** a linear layer without bias on one-hot input")
def lookup_equals_the_product() -> None:
    weight, x = torch.randn(9, 4, dtype=torch.float64), torch.randint(9, (5, 6))
    assert close(F.embedding(x, weight), F.linear(F.one_hot(x, 9).double(), weight.T), 1e-12)


@said(
    "Rows that were not looked up get zeros.", "The option counts occurrences within the batch, not within the corpus."
)
def rows_that_nobody_met() -> None:
    weight = torch.randn(9, 4, requires_grad=True)
    x = torch.tensor([[1, 1], [7, 1]])
    for scaled, factor in ((False, 3.0), (True, 1.0)):
        (grad,) = torch.autograd.grad(F.embedding(x, weight, scale_grad_by_freq=scaled).sum(), weight)
        assert grad.abs().sum(1).nonzero().flatten().tolist() == [1, 7]
        assert close(grad[1], torch.full((4,), factor))


@said(
    "The layer reads whatever the row contains.",
    "A negative number counts from the end: `padding_idx=-1` is the last row.",
)
@tries("sharding")("that row is looked up like any other, but it gets no gradient.")
def the_padding_row_is_read() -> None:
    layer = nn.Embedding(5, 2, padding_idx=-1)
    assert layer.padding_idx == 4
    assert not layer.weight[4].any()
    nn.init.ones_(layer.weight)
    y = layer(torch.tensor([4, 0]))
    assert y.eq(1).all()
    y.sum().backward()
    assert not layer.weight.grad[4].any()
    assert layer.weight.grad[0].all()


@said('Per-sample weights work only with `mode="sum"`:')
def weights_need_the_sum() -> None:
    x, weight = torch.tensor([[1, 2]]), torch.randn(4, 3)
    for mode in ("mean", "max"):
        with pytest.raises(NotImplementedError):
            F.embedding_bag(x, weight, mode=mode, per_sample_weights=torch.ones(1, 2))


@said("The empty bag gives a row of zeros in all modes", "Every index belongs to exactly one bag")
def empty_bags_are_zero() -> None:
    x, weight = torch.randint(4, (9,)), torch.randn(4, 3) - 5
    for mode in ("sum", "mean", "max"):
        bags = F.embedding_bag(x, weight, torch.tensor([0, 3, 3, 9]), mode=mode)
        assert not bags[1].any()
        assert not bags[3].any()
        assert bags[0].all()
        assert bags[2].all()
    bags = F.embedding_bag(x, weight, torch.tensor([0, 2, 7]), mode="sum")
    assert close(bags.sum(0), weight[x].sum(0), 1e-4)


@said("`nn.EmbeddingBag.from_pretrained` has the same defaults.")
def from_pretrained_freezes_and_shares() -> None:
    for kind in (nn.Embedding, nn.EmbeddingBag):
        vectors = torch.ones(4, 2)
        layer = kind.from_pretrained(vectors, padding_idx=0)
        assert not layer.weight.requires_grad
        assert layer.weight.data_ptr() == vectors.data_ptr()
        assert layer.weight.all()
        assert kind.from_pretrained(vectors, freeze=False).weight.requires_grad


@said("Weight decay doesn't work with any optimizer here", "`SparseAdam`, in turn, rejects dense gradients.")
def which_optimisers_take_sparse_gradients() -> None:
    def step(name: str, sparse: bool, **options) -> None:
        layer = nn.Embedding(4, 2, sparse=sparse)
        layer(torch.tensor([1, 1])).sum().backward()
        getattr(torch.optim, name)(layer.parameters(), lr=0.1, **options).step()

    for name, options in (("SGD", {}), ("SGD", {"momentum": 0.9}), ("Adagrad", {}), ("SparseAdam", {})):
        step(name, True, **options)
        if name != "SparseAdam":
            with pytest.raises(RuntimeError):
                step(name, True, **options, weight_decay=0.1)
    for name in ("Adam", "AdamW", "RMSprop", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"):
        with pytest.raises(RuntimeError):
            step(name, True)
    with pytest.raises(RuntimeError):
        step("SparseAdam", False)


@said(
    "Autograd does not record the change, and it happens in evaluation mode as well as in training mode.",
    "once per call, however often its index occurs",
)
def max_norm_writes_in_evaluation() -> None:
    weight = torch.tensor([[3.0, 4.0], [30.0, 40.0]])
    layer = nn.Embedding.from_pretrained(weight, max_norm=1.0).eval()
    with torch.no_grad():
        layer(torch.tensor([0, 0, 0]))
    assert close(weight, torch.tensor([[0.6, 0.8], [30.0, 40.0]]))


@said("`parameters()` counts a shared parameter once, and an optimizer updates it once.")
@tries("from_paper")("`net.named_parameters(remove_duplicate=False)` lists a shared parameter under both of its names.")
def a_tied_parameter_moves_once() -> None:
    first, last = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
    last.weight = first.weight
    both = nn.ModuleList([first, last])
    assert len(list(both.parameters())) == 1
    assert len(both.state_dict()) == 2
    assert [name for name, _ in both.named_parameters(remove_duplicate=False)] == ["0.weight", "1.weight"]
    before = first.weight.detach().clone()
    last(first(torch.tensor([1]))).sum().backward()
    grad = first.weight.grad.clone()
    torch.optim.SGD(both.parameters(), lr=1.0).step()
    assert close(first.weight.detach(), before - grad)


@said("`F.one_hot` accepts only `int64`, and its result is `int64` too")
def one_hot_takes_int64_alone() -> None:
    x = torch.tensor([1, 0])
    assert F.one_hot(x, 3).dtype == torch.int64
    for dtype in (torch.int32, torch.uint8, torch.bool, torch.float32):
        with pytest.raises(RuntimeError):
            F.one_hot(x.to(dtype), 3)


@said("Up to torch 2.13, the norm of a sparse gradient is not implemented, so clip only the dense part.")
@said('`Adam`, weight decay, `mode="max"`, and up to torch 2.13 clipping by norm')
def what_does_not_run_after_a_sparse_bag() -> None:
    bag = nn.EmbeddingBag(10, 2, sparse=True)
    with pytest.raises(ValueError, match="offsets"):
        bag(torch.tensor([1, 2, 4]))
    bag(torch.tensor([[1, 2, 4]])).sum().backward()
    layer = nn.Embedding(4, 2, sparse=True)
    layer(torch.tensor([1])).sum().backward()
    for sparse in (bag, layer):
        with pytest.raises(NotImplementedError):
            nn.utils.clip_grad_norm_(sparse.parameters(), 1.0)
    with pytest.raises(ValueError, match="max mode"):
        nn.EmbeddingBag(10, 2, sparse=True, mode="max")(torch.tensor([[1, 2]]))


@said(
    "`zero_grad()` sets the gradients to None, and all is well. "
    "If you don't call `zero_grad()`, a sparse gradient grows by the rows of"
)
def sparse_gradients_grow() -> None:
    embedding = nn.Embedding(6, 2, sparse=True)
    for _ in range(2):
        embedding(torch.tensor([4, 1, 4])).sum().backward()
    gradient = embedding.weight.grad
    assert gradient is not None
    assert gradient._nnz() == 6
    embedding.zero_grad()
    assert embedding.weight.grad is None
