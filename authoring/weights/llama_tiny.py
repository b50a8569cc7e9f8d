"""Train the network of `llama-tiny`: a Llama with 162,240 parameters that has read this book, except four chapters.

Parameters are named as in published checkpoints, which omit the head because it is tied to the embedding.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

VOCABULARY, WIDTH, INNER, LAYERS, EPS, THETA = 512, 64, 160, 3, 1e-5, 10_000.0
HEADS, SHARED = 4, 2  # query heads, and key and value heads
STEPS, BATCH, WINDOW, RATE = 5000, 16, 128, 6e-3


class Attention(nn.Module):
    """Causal attention in which two query heads share one key head and one value head."""

    def __init__(self) -> None:
        super().__init__()
        self.width = WIDTH // HEADS
        self.q_proj = nn.Linear(WIDTH, WIDTH, bias=False)
        self.k_proj = nn.Linear(WIDTH, SHARED * self.width, bias=False)
        self.v_proj = nn.Linear(WIDTH, SHARED * self.width, bias=False)
        self.o_proj = nn.Linear(WIDTH, WIDTH, bias=False)

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        """Mix each row of ``x`` (N, L, 64) with the rows before it; ``cos`` and ``sin`` have shape (L, head width)."""

        def heads(y: torch.Tensor) -> torch.Tensor:
            return y.unflatten(-1, (-1, self.width)).transpose(1, 2)

        def rotated(y: torch.Tensor) -> torch.Tensor:
            first, second = y.chunk(2, -1)
            return y * cos + torch.cat([-second, first], -1) * sin

        q, k, v = heads(self.q_proj(x)), heads(self.k_proj(x)), heads(self.v_proj(x))
        mixed = F.scaled_dot_product_attention(rotated(q), rotated(k), v, is_causal=True, enable_gqa=True)
        return self.o_proj(mixed.transpose(1, 2).flatten(2))


class MLP(nn.Module):
    """The gated feed-forward part of a block."""

    def __init__(self) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(WIDTH, INNER, bias=False)
        self.up_proj = nn.Linear(WIDTH, INNER, bias=False)
        self.down_proj = nn.Linear(INNER, WIDTH, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map each row separately."""
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    """Attention and a feed-forward part, each after a norm and inside a residual connection."""

    def __init__(self) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(WIDTH, EPS)
        self.self_attn = Attention()
        self.post_attention_layernorm = nn.RMSNorm(WIDTH, EPS)
        self.mlp = MLP()

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        """Return ``x`` (N, L, 64) with both parts added."""
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    """The network without its head, which maps tokens (N, L) to features (N, L, 64)."""

    def __init__(self) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.layers = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.RMSNorm(WIDTH, EPS)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the normalized features of each token."""
        width = WIDTH // HEADS
        rates = THETA ** (-torch.arange(0, width, 2) / width)
        angles = (torch.arange(tokens.shape[1])[:, None] * rates).repeat(1, 2)
        x = self.embed_tokens(tokens)
        for block in self.layers:
            x = block(x, angles.cos(), angles.sin())
        return self.norm(x)


class Llama(nn.Module):
    """The network, which maps tokens (N, L) to logits (N, L, 512)."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Body()
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                after = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(parameter, std=0.05 / math.sqrt(6) if after else 0.05)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the logits for the token that follows each token."""
        return self.model(tokens) @ self.model.embed_tokens.weight.T


def train(tokens: torch.Tensor, steps: int = STEPS, seed: int = 0) -> Llama:
    """Train a network on random windows of a text's tokens, and return it; the seed decides everything random."""
    torch.manual_seed(seed)
    net = Llama()
    norms = [parameter for parameter in net.parameters() if parameter.dim() == 1]
    groups = [
        {"params": [parameter for parameter in net.parameters() if parameter.dim() == 2], "weight_decay": 0.1},
        {"params": norms, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.95))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps, pct_start=0.05, cycle_momentum=False)
    for _ in range(steps):
        starts = torch.randint(len(tokens) - WINDOW, (BATCH, 1))
        windows = tokens[starts + torch.arange(WINDOW + 1)]
        optimizer.zero_grad()
        F.cross_entropy(net(windows[:, :-1]).flatten(0, 1), windows[:, 1:].flatten()).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return net


def loss(net: Llama, tokens: torch.Tensor) -> float:
    """Return the mean loss in nats per token, computed on separate windows."""
    windows = tokens[: (len(tokens) - 1) // WINDOW * WINDOW + 1].unfold(0, WINDOW + 1, WINDOW)
    with torch.no_grad():
        return float(F.cross_entropy(net(windows[:, :-1]).flatten(0, 1), windows[:, 1:].flatten()))
