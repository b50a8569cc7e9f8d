"""Test what the chapter on several processes says about torch."""

import warnings

import pytest
import torch
import torch._dynamo  # otherwise, the first wrapper imports it in each rank
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler

import layerlab as lab
from tests.said.tried import tries

said = tries("parallel")


def weight_of_one(rank: int) -> tuple[DistributedDataParallel, torch.Tensor]:
    """Return a wrapped layer with one weight, and an input, which is 1 on rank 0 and 3 on rank 1."""
    return DistributedDataParallel(nn.Linear(1, 1, bias=False)), torch.tensor([[1.0 + 2 * rank]])


@said("`dist.all_reduce(t)` replaced `t` on both ranks with the sum.")
def all_reduce_works_in_place() -> None:
    def work(rank: int) -> bool:
        total = torch.tensor([1.0, 10.0]) * (rank + 1)
        before = total.data_ptr()
        dist.all_reduce(total)
        return total.tolist() == [3.0, 30.0] and total.data_ptr() == before

    assert lab.ranks(work) == [True, True]


@said("When you create it, it sends the weights and buffers of rank 0 to all ranks.")
def the_first_weights_are_sent() -> None:
    def work(rank: int) -> list[float]:
        net = nn.BatchNorm1d(1)
        nn.init.constant_(net.weight, 5.0 + rank)
        net.running_mean.fill_(7.0 + rank)
        DistributedDataParallel(net)
        return [net.weight.item(), net.running_mean.item()]

    assert lab.ranks(work) == [[5.0, 7.0], [5.0, 7.0]]


@said("The wrapper prepares the averaging in its own `forward`.")
def past_the_wrapper_nothing_is_averaged() -> None:
    def work(rank: int) -> list[float]:
        wrapped, x = weight_of_one(rank)
        found = []
        for forward in (wrapped, wrapped.module):
            wrapped.zero_grad()
            forward(x).sum().backward()
            found.append(wrapped.module.weight.grad.item())
        return found

    assert lab.ranks(work) == [[2.0, 1.0], [2.0, 3.0]]


@said("The forward pass has to be inside the block too, because the wrapper decides there whether to average.")
def no_sync_is_decided_in_forward() -> None:
    def work(rank: int) -> float:
        wrapped, x = weight_of_one(rank)
        y = wrapped(x).sum()
        with wrapped.no_sync():
            y.backward()
        return wrapped.module.weight.grad.item()

    assert lab.ranks(work) == [2.0, 2.0]


@said("If you don't, each epoch repeats the order of the first.")
def the_epoch_is_to_be_set() -> None:
    sampler = DistributedSampler(range(50), 2, 1, seed=3)
    first = list(sampler)
    assert first == list(sampler)
    sampler.set_epoch(1)
    assert first != list(sampler)


@said("All ranks must get the same number of rows")
def all_ranks_get_equally_many() -> None:
    for rows in range(12):
        for drop_last in (False, True):
            shares = [list(DistributedSampler(range(rows), 5, rank, drop_last=drop_last)) for rank in range(5)]
            assert len({len(share) for share in shares}) == 1
            assert drop_last or {row for share in shares for row in share} == set(range(rows))


@said(
    "Rows 0 and 1 are taken twice, so that each rank has three rows.",
    "With `drop_last=True`, rows 8 and 9 are left out instead.",
    "so the sampler shuffles with the seed `seed + epoch`.",
)
def ten_rows_for_four_ranks() -> None:
    def dealt(**options: bool) -> list[int]:
        shares = [list(DistributedSampler(range(10), 4, rank, shuffle=False, **options)) for rank in range(4)]
        assert len({len(share) for share in shares}) == 1
        return sorted(row for share in shares for row in share)

    assert dealt() == sorted([*range(10), 0, 1])
    assert dealt(drop_last=True) == list(range(8))
    first, second = (DistributedSampler(range(50), 2, 1, seed=seed) for seed in (3, 7))
    first.set_epoch(4)
    assert list(first) == list(second)


@said("The sampler already shuffles, so the loader must not shuffle too.")
def a_sampler_excludes_shuffle() -> None:
    with pytest.raises(ValueError, match="mutually exclusive"):
        DataLoader(range(6), shuffle=True, sampler=DistributedSampler(range(6), 2, 0))


@said("collectives have no names, so the first call of one rank is matched with the first call of the other")
def calls_in_another_order_are_mixed_up() -> None:
    def work(rank: int) -> list[float]:
        a, b = torch.tensor([1.0]), torch.tensor([50.0])
        for t in (a, b) if rank == 0 else (b, a):
            dist.all_reduce(t)
        return [a.item(), b.item()]

    assert lab.ranks(work) == [[51.0, 51.0], [51.0, 51.0]]


@said("In a real run, the wait lasts as long as the `timeout` of `init_process_group`, 30 minutes")
def the_time_out_of_gloo() -> None:
    assert dist.distributed_c10d.default_pg_timeout.total_seconds() == 30 * 60


@said(
    "If no rank uses a parameter, its gradient stays `None`",
    "if one of two ranks uses it, both get its gradient, halved.",
)
def unused_parameters() -> None:
    def work(rank: int) -> list[float | None]:
        net = nn.ModuleDict({name: nn.Linear(1, 1, bias=False) for name in "abc"})
        net.forward = lambda x: net["a"](x) + (net["b"](x) if rank else 0)
        wrapped = DistributedDataParallel(net, find_unused_parameters=True)
        wrapped(torch.ones(1, 1)).sum().backward()
        return [None if p.grad is None else p.grad.item() for p in net.parameters()]

    assert lab.ranks(work) == [[1.0, 0.5, None]] * 2


@said("Without a process group, or in evaluation mode, it also runs on a CPU and works like a plain batch norm layer.")
def sync_batch_norm_on_a_cpu() -> None:
    x = torch.randn(6, 3)
    assert torch.equal(nn.SyncBatchNorm(3)(x), nn.BatchNorm1d(3)(x))
    answers = lab.ranks(lambda rank: nn.SyncBatchNorm(3).eval()(x * (rank + 1)))
    assert all(torch.equal(y, nn.BatchNorm1d(3).eval()(x * (rank + 1))) for rank, y in enumerate(answers))


@said("torch warned that the result may be silently incorrect.")
def autograd_warns_of_a_collective() -> None:
    def work(rank: int) -> str:
        x = torch.ones(1, requires_grad=True)
        doubled = 2 * x
        with warnings.catch_warnings(record=True, action="always") as warned:
            dist.all_reduce(doubled)
            doubled.sum().backward()
        return str(warned[0].message)

    assert all("silently incorrect" in message for message in lab.ranks(work))


@said("the first call after a training step sends the buffers of rank 0 to all ranks.")
def an_evaluation_by_one_rank() -> None:
    def tried(by_wrapper: bool) -> list[int]:
        def work(rank: int) -> int:
            net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
            wrapped = DistributedDataParallel(net)
            wrapped(torch.randn(4, 2)).sum().backward()
            wrapped.eval()
            if rank == 0:
                with torch.no_grad():
                    (wrapped if by_wrapper else net)(torch.ones(1, 2))
            dist.barrier()
            return rank

        return lab.ranks(work, seconds=6)

    assert tried(by_wrapper=False) == [0, 1]
    with pytest.raises(lab.RankError):
        tried(by_wrapper=True)


@said("In training, it sends the *buffers* of rank 0 to all ranks before each forward pass")
def buffers_of_rank_0() -> None:
    def work(rank: int) -> list[float]:
        norm = nn.BatchNorm1d(1, momentum=1.0)
        wrapped = DistributedDataParallel(norm)
        wrapped(torch.tensor([[0.0], [2.0]]) + 10 * rank)
        after = norm.running_mean.item()
        norm.momentum = 0.0
        wrapped(torch.randn(2, 1))
        return [after, norm.running_mean.item()]

    assert lab.ranks(work) == [[1.0, 1.0], [11.0, 1.0]]


@said("A network that *is* a batch norm layer cannot replace itself; use the returned module.")
def a_converted_net_is_returned() -> None:
    bare, inside = nn.BatchNorm1d(3), nn.Sequential(nn.BatchNorm1d(3))
    assert type(nn.SyncBatchNorm.convert_sync_batchnorm(bare)) is nn.SyncBatchNorm
    assert type(bare) is nn.BatchNorm1d
    nn.SyncBatchNorm.convert_sync_batchnorm(inside)
    assert type(inside[0]) is nn.SyncBatchNorm


@said("Without a GPU, the wrapper only passes its input on to the network:")
def data_parallel_without_a_gpu() -> None:
    layer, x = nn.Linear(2, 1), torch.randn(3, 2)
    wrapped = nn.DataParallel(layer)
    assert wrapped.device_ids == []
    assert torch.equal(wrapped(x), layer(x))
    assert list(wrapped.state_dict()) == ["module.weight", "module.bias"]


@said("write `wrapped.module.in_features`, not `wrapped.in_features`.")
def attributes_are_those_of_the_net_inside() -> None:
    wrapped = nn.DataParallel(nn.Linear(2, 1))
    assert wrapped.module.in_features == 2
    assert not hasattr(wrapped, "in_features")
