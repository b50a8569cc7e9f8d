"""lab.ranks: processes that answer, raise, hang or die, and never outlive the call."""

import multiprocessing
import os
import time

import pytest
import torch
import torch.distributed as dist

import layerlab as lab


def test_values_come_back_by_rank():
    weight = torch.ones(2, requires_grad=True)

    def work(rank):
        total = torch.full((2,), float(rank + 1))
        dist.all_reduce(total)
        return {"rank": rank, "total": total * weight, "pair": (rank, [dist.get_world_size(), "text"])}

    answers = lab.ranks(work, world=3)
    assert [a["rank"] for a in answers] == [0, 1, 2]
    assert all(torch.equal(a["total"], torch.full((2,), 6.0)) for a in answers)
    assert answers[2]["pair"] == (2, [3, "text"])
    assert not dist.is_initialized(), "the caller stays outside the group"


def test_what_a_rank_changes_is_its_own():
    values = [0]

    def work(rank):
        values[0] = rank + 1
        return values[0]

    assert lab.ranks(work) == [1, 2]
    assert values == [0]


def test_a_rank_that_raises_is_named_before_the_others_wait_in_vain():
    def work(rank):
        if rank == 1:
            raise ValueError("no such share")
        dist.barrier()

    began = time.monotonic()
    with pytest.raises(lab.RankError, match="rank 1: ValueError: no such share"):
        lab.ranks(work, seconds=15)
    assert time.monotonic() - began < 10


def test_ranks_that_wait_for_each_other_are_ended():
    def work(rank):
        if rank == 0:
            dist.barrier()
        return rank

    with pytest.raises(lab.RankError, match="no answer from rank 0 in time"):
        lab.ranks(work, seconds=3)
    assert multiprocessing.active_children() == []


def test_a_rank_that_dies_is_named():
    def work(rank):
        if rank == 1:
            os._exit(3)
        time.sleep(10)

    with pytest.raises(lab.RankError, match="rank 1 ended without an answer"):
        lab.ranks(work)
    assert multiprocessing.active_children() == []


def test_an_object_with_code_is_refused():
    with pytest.raises(lab.RankError, match="rank 0 returned something else than tensors"):
        lab.ranks(lambda rank: object(), world=1)


def test_a_caller_that_computed_with_several_threads_can_still_fork():
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        torch.ones(400, 400).matmul(torch.ones(400, 400)).sin().sum()

        def work(rank):
            x = torch.full((400, 400), 0.01 * (rank + 1), requires_grad=True)
            (x @ x).sin().sum().backward()
            return x.grad.isfinite().all().item()

        assert lab.ranks(work) == [True, True]
    finally:
        torch.set_num_threads(threads)
