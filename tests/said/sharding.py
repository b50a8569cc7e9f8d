"""Test what the chapter on sharding says about torch."""

from __future__ import annotations

import io

import torch
import torch._dynamo  # otherwise, each rank imports it
import torch.distributed as dist
from torch import nn
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Shard, distribute_tensor

import layerlab as lab
from tests.said.tried import tries

said = tries("sharding")


@said("`chunk` rounds the size up, so all pieces except the last have this size.")
def chunk_rounds_up() -> None:
    for n in range(1, 30):
        for world in range(1, 9):
            sizes = [len(piece) for piece in torch.arange(n).chunk(world)]
            assert set(sizes[:-1]) <= {-(-n // world)}
            assert sizes[-1] <= -(-n // world)


@said("`DTensor` and FSDP cut as `chunk` does, and any rank left over gets an empty piece.")
def dtensor_cuts_as_chunk() -> None:
    def work(rank: int) -> list[int]:
        mesh = dist.init_device_mesh("cpu", (4,))
        whole = distribute_tensor(torch.arange(10.0), mesh, [Shard(0)])
        few = distribute_tensor(torch.arange(5.0), mesh, [Shard(0)])
        layer = nn.Linear(2, 5, bias=False)
        fully_shard(layer, mesh=mesh)
        return [len(t.to_local()) for t in (whole, few, layer.weight)]

    assert lab.ranks(work, world=4) == [[3, 2, 2], [3, 2, 2], [3, 1, 1], [1, 0, 0]]


@said("It changes a module in place, and each parameter becomes a DTensor that is sharded along dimension 0.")
def fully_shard_makes_dtensors() -> None:
    def work(rank: int) -> bool:
        net = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))
        same = fully_shard(net, mesh=dist.init_device_mesh("cpu", (2,)))
        return same is net and all(isinstance(p, DTensor) and p.placements == (Shard(0),) for p in net.parameters())

    assert lab.ranks(work) == [True, True]


@said("`nn.utils.clip_grad_norm_` handles DTensors correctly, because their norm is a DTensor, too.")
def clipping_knows_dtensors() -> None:
    def whole(t: torch.Tensor | None) -> torch.Tensor:
        assert t is not None
        return t.full_tensor() if isinstance(t, DTensor) else t

    def work(rank: int) -> bool:
        torch.manual_seed(0)
        net, other = nn.Linear(4, 8), nn.Linear(4, 8)
        other.load_state_dict(net.state_dict())
        fully_shard(net, mesh=dist.init_device_mesh("cpu", (2,)))
        for module in (net, other):
            module(torch.ones(1, 4)).sum().backward()
            nn.utils.clip_grad_norm_(module.parameters(), 0.5)
        pairs = zip(net.parameters(), other.parameters(), strict=True)
        return all(torch.allclose(whole(p.grad), whole(q.grad)) for p, q in pairs)

    assert lab.ranks(work) == [True, True]


@said("if two names share one storage, it is written once, and the names are still tied after loading.")
def save_keeps_ties() -> None:
    weight = torch.zeros(100, 1000)
    buffer = io.BytesIO()
    torch.save({"a": weight, "b": weight.detach()}, buffer)
    assert len(buffer.getvalue()) < 500_000
    buffer.seek(0)
    loaded = torch.load(buffer, weights_only=True)
    assert loaded["a"].data_ptr() == loaded["b"].data_ptr()


@said("`torch.optim` keys its state by number, not by name.")
def optimizers_number_their_state() -> None:
    a, b = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    net = nn.Sequential(a, b, nn.Linear(2, 1, bias=False))
    b.weight = a.weight
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    assert list(optimizer.state_dict()["state"]) == [0, 1]
