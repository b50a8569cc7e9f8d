# %% share_gradients right: all gradients in one message
import torch.distributed as dist


def share_gradients(model, rows):
    parameters = list(model.parameters())
    flat = torch.cat([p.grad.flatten() for p in parameters] + [torch.ones(1, dtype=parameters[0].dtype)]) * rows
    dist.all_reduce(flat, op=dist.ReduceOp.SUM)
    flat = flat[:-1] / flat[-1]
    for p, piece in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
        p.grad = piece.view_as(p)


# %% share_gradients oracle
# Every rank sends all its gradients to every other, as plain numbers, and averages them in a loop.
import torch.distributed as dist


def share_gradients(model, rows):
    everyone = [None] * dist.get_world_size()
    dist.all_gather_object(everyone, (rows, [p.grad.tolist() for p in model.parameters()]))
    total = sum(count for count, _ in everyone)
    for i, p in enumerate(model.parameters()):
        mean = torch.zeros_like(p, dtype=torch.float64)
        for count, gradients in everyone:
            mean += count / total * torch.tensor(gradients[i], dtype=torch.float64)
        p.grad = mean.to(p.dtype)


# %% share_gradients wrong: the mean of means
# The gradients are averaged over the ranks, as if all had as many rows: weigh each with its rows.
import torch.distributed as dist


def share_gradients(model, rows):
    for parameter in model.parameters():
        dist.all_reduce(parameter.grad)
        parameter.grad /= dist.get_world_size()


# %% share_gradients wrong: divided by the own rows
# Each rank divides by its own number of rows, so the ranks end with different gradients and their models drift apart.
import torch.distributed as dist


def share_gradients(model, rows):
    for parameter in model.parameters():
        parameter.grad *= rows
        dist.all_reduce(parameter.grad)
        parameter.grad /= rows * dist.get_world_size()


# %% share_gradients wrong: reduced to rank 0 alone
# The sum arrives on rank 0 only: `reduce` has one receiver, `all_reduce` tells everyone.
import torch.distributed as dist


def share_gradients(model, rows):
    total = torch.tensor(rows)
    dist.all_reduce(total)
    for parameter in model.parameters():
        parameter.grad *= rows
        dist.reduce(parameter.grad, dst=0)
        parameter.grad /= total


# %% share_gradients wrong: the result is thrown away
# The mean is computed in a copy and never written back to the gradient.
import torch.distributed as dist


def share_gradients(model, rows):
    total = torch.tensor(rows)
    dist.all_reduce(total)
    for parameter in model.parameters():
        gradient = parameter.grad * rows
        dist.all_reduce(gradient)
        gradient = gradient / total


# %% share_gradients wrong: rank 0 stays away
# One rank returns early, and the others wait for it without end: every rank makes the same collective calls.
import torch.distributed as dist


def share_gradients(model, rows):
    if dist.get_rank() == 0:
        return
    total = torch.tensor(rows)
    dist.all_reduce(total)
    for parameter in model.parameters():
        parameter.grad *= rows
        dist.all_reduce(parameter.grad)
        parameter.grad /= total
