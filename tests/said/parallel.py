"""Test what the chapter on several processes says about torch."""

import warnings

import torch
import torch._dynamo  # otherwise, the first wrapper imports it in each rank
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DistributedSampler

import layerlab as lab
from tests.said.tried import tries

said = tries("parallel")


def weight_of_one(rank: int) -> tuple[DistributedDataParallel, torch.Tensor]:
    """Return a wrapped layer with one weight, and an input, which is 1 on rank 0 and 3 on rank 1."""
    return DistributedDataParallel(nn.Linear(1, 1, bias=False)), torch.tensor([[1.0 + 2 * rank]])


@said("When you create it, it sends the weights and buffers of rank 0 to all ranks.")
def the_first_weights_are_sent() -> None:
    def work(rank: int) -> list[float]:
        net = nn.BatchNorm1d(1)
        nn.init.constant_(net.weight, 5.0 + rank)
        net.running_mean.fill_(7.0 + rank)
        DistributedDataParallel(net)
        return [net.weight.item(), net.running_mean.item()]

    assert lab.ranks(work) == [[5.0, 7.0], [5.0, 7.0]]


@said("The forward pass has to be inside the block too, because the wrapper decides there whether to average.")
def no_sync_is_decided_in_forward() -> None:
    def work(rank: int) -> float:
        wrapped, x = weight_of_one(rank)
        y = wrapped(x).sum()
        with wrapped.no_sync():
            y.backward()
        return wrapped.module.weight.grad.item()

    assert lab.ranks(work) == [2.0, 2.0]


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


@said("In a real run, the wait lasts as long as the `timeout` of `init_process_group`, 30 minutes")
def the_time_out_of_gloo() -> None:
    assert dist.distributed_c10d.default_pg_timeout.total_seconds() == 30 * 60


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


@said("write `wrapped.module.in_features`, not `wrapped.in_features`.")
def attributes_are_those_of_the_net_inside() -> None:
    wrapped = nn.DataParallel(nn.Linear(2, 1))
    assert wrapped.module.in_features == 2
    assert not hasattr(wrapped, "in_features")
