"""Test what the chapter on data says about torch."""

import random
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset, default_collate, get_worker_info

from tests.said.tried import tries

said = tries("data")


class Sampled(Dataset):
    """A dataset whose items contain the worker's id and a number from each random generator that a dataset may use."""

    def __init__(self) -> None:
        self.own = torch.Generator().manual_seed(0)
        self.calls = 0

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> list[int]:
        self.calls += 1
        info = get_worker_info()
        worker = -1 if info is None else info.id
        own = int(torch.randint(10**6, (), generator=self.own))
        return [worker, random.randrange(10**6), int(np.random.randint(10**6)), int(torch.randint(10**6, ())), own]


def epoch(data: Dataset, **settings: object) -> list[list[int]]:
    """Return the items that two workers load in an epoch."""
    return [[int(n) for n in item] for item in DataLoader(data, batch_size=None, num_workers=2, **settings)]


@said("Anything that has a length and can be indexed is a dataset.")
def a_list_is_a_dataset() -> None:
    assert list(DataLoader(["a", "b", "c"], batch_size=2)) == [["a", "b"], ["c"]]
    assert [x.tolist() for x in DataLoader(np.arange(3), batch_size=2)] == [[0, 1], [2]]


@said("If you seed it with 0 again, you get the same two epochs again.")
def a_seed_brings_back_both_epochs() -> None:
    generator = torch.Generator()
    loader = DataLoader(range(9), shuffle=True, generator=generator)
    runs = []
    for _ in range(2):
        generator.manual_seed(0)
        runs.append([[int(x) for x in loader] for _ in range(2)])
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[0][1]


@said("The default collate function stacks tensors, turns numbers into tensors, and does the same inside tuples")
def default_collate_goes_into_tuples() -> None:
    batch = default_collate([(1, 0.5, {"x": torch.ones(2)})] * 3)
    assert (batch[0].dtype, batch[1].dtype, batch[2]["x"].shape) == (torch.int64, torch.float64, (3, 2))


@said("batch $b$ goes to worker $b \\bmod W$")
def workers_take_turns() -> None:
    with warnings.catch_warnings(action="ignore"):  # there may be fewer processors
        items = DataLoader(Sampled(), batch_size=2, num_workers=3)
        assert [set(batch[0].tolist()) for batch in items] == [{0}, {1}, {2}, {0}]


@said(
    "torch also seeds `torch`, `random`, and `numpy.random` differently in each worker and epoch.",
    "But a generator that the dataset *owns* is copied along with the dataset.",
    "Both workers sample the same numbers, in every epoch",
)
def only_global_generators_differ() -> None:
    data = Sampled()
    first, second = epoch(data), epoch(data)
    for column in (1, 2, 3):
        numbers = [item[column] for item in first + second]
        assert len(set(numbers)) > len(numbers) - 3
    own = [item[4] for item in first]
    assert own[0::2] == own[1::2]
    assert own == [item[4] for item in second]


@said("With that option, the state does change from epoch to epoch, but both workers still sample the same numbers.")
def persistent_workers_keep_the_generator() -> None:
    loader = DataLoader(Sampled(), batch_size=None, num_workers=2, persistent_workers=True)
    epochs = [[int(item[4]) for item in loader] for _ in range(2)]
    assert all(own[0::2] == own[1::2] for own in epochs)
    assert epochs[0] != epochs[1]


@said("Whatever a worker changes in its copy stays in that copy.")
def changes_stay_in_the_worker() -> None:
    data = Sampled()
    epoch(data)
    assert data.calls == 0


@said("in the main process, it returns `None`")
def no_worker_in_the_main_process() -> None:
    assert get_worker_info() is None


@said("`to` returns the tensor itself if nothing has to change.")
def to_returns_the_tensor_itself() -> None:
    x = torch.ones(2)
    assert x.to("cpu", non_blocking=True) is x
    assert x.to(torch.float32) is x


@said("torch does that only for 0-dimensional CPU tensors", "so `meta` finds most mistakes but not all")
def meta_rejects_most_mixtures() -> None:
    m, c = torch.ones(2, 2, device="meta"), torch.ones(2, 2)
    for mixed in (lambda: m + c, lambda: torch.cat([m, c]), lambda: nn.Linear(2, 2)(m)):
        with pytest.raises(RuntimeError):
            mixed()
    assert (m * torch.tensor(2.0)).device.type == "meta"
    assert (m @ c).device.type == m[torch.tensor([0])].device.type == "meta"


@said("In each epoch, the loader samples a base seed for its workers from the same generator, even without workers.")
def a_loader_moves_its_generator() -> None:
    generator, other = torch.Generator().manual_seed(0), torch.Generator().manual_seed(0)
    loader = DataLoader(range(4), generator=generator)
    for _ in range(2):
        list(loader)
        torch.empty((), dtype=torch.int64).random_(generator=other)
        assert torch.equal(generator.get_state(), other.get_state())


@said("with float32 outputs and float64 targets, a loss either computes in float64 or raises an error")
def float64_targets_promote_or_raise() -> None:
    scores, target = torch.rand(3), torch.rand(3, dtype=torch.float64)
    assert F.mse_loss(scores, target).dtype == torch.float64
    with pytest.raises(RuntimeError):
        F.binary_cross_entropy(scores, target)


@said("`to` moves parameters and buffers, not tensors that `forward` creates.")
def to_moves_parameters_and_buffers() -> None:
    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("slope", torch.ones(2))
            self.plain = torch.ones(2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + torch.arange(2)

    net = Steps().to("meta")
    assert (net.slope.device.type, net.plain.device.type) == ("meta", "cpu")
    with pytest.raises(RuntimeError):
        net(torch.ones(2, device="meta"))


@said("`TensorDataset(a, b)` returns tuples of rows")
def tensor_dataset_returns_tuples() -> None:
    item = TensorDataset(torch.arange(6).view(3, 2), torch.arange(3))[1]
    assert isinstance(item, tuple)
    assert [part.tolist() for part in item] == [[2, 3], 1]
