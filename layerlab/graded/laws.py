"""The laws of the graded tasks: what their data looks like, and the plain guesses that a net is compared with.

A law is public; which instance of it a batch gets is drawn, and the labels held out never reach a student's process
(`tasks.py` beside this file says how).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

Sampler = Callable[[int], tuple[torch.Tensor, torch.Tensor]]
Guess = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Law:
    """One kind of data set: ``instance`` draws one and returns its sampler, ``count -> (inputs, labels)``."""

    instance: Callable[[torch.Generator], Sampler]
    train: int = 400  # samples to train on
    held: int = 400  # samples held out
    guesses: dict[str, Guess] = field(default_factory=dict)  # name -> inputs to plain predictions, without training


def bright_patch(generator: torch.Generator) -> Sampler:
    """8x8 images with one 3x3 patch, brighter or darker than the rest; the class is the quadrant it lies in.

    Which quadrant is which class is drawn. The patch's sign is random, so the mean image of every class is zero and a
    model linear in the pixels stays at chance; a net that forgets where things are stays there too.
    """
    classes = torch.randperm(4, generator=generator)

    def sample(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        images = 0.25 * torch.randn(count, 1, 8, 8, generator=generator)
        quadrant = torch.randint(4, (count,), generator=generator)
        sign = 2.0 * torch.randint(2, (count,), generator=generator) - 1.0
        jitter = torch.randint(2, (count, 2), generator=generator)
        for i in range(count):
            row = int(quadrant[i]) // 2 * 4 + int(jitter[i, 0])
            column = int(quadrant[i]) % 2 * 4 + int(jitter[i, 1])
            images[i, 0, row : row + 3, column : column + 3] += 1.5 * sign[i]
        return images, classes[quadrant]

    return sample


SEASON = 12  # steps
CHANGE = 1.15  # mean absolute change of the season in a step


def seasonal_series(generator: torch.Generator) -> Sampler:
    """Windows of 48 steps and the value after each: one season's shape for all, a level that drifts, some noise.

    Every window is a series of its own, at a phase of its own: none holds the value that another one asks for. The
    season repeats itself and the level does not, so neither the last value nor the value one season ago is near. Every
    season changes by as much from step to step, on the average: in a smoother one the last value would be nearer.
    """
    shape = torch.randn(SEASON, generator=generator)
    shape = CHANGE * (shape - shape.mean()) / (shape - shape.roll(1)).abs().mean()

    def sample(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        steps = torch.randint(SEASON, (count, 1), generator=generator) + torch.arange(49)
        level = (0.3 * torch.randn(count, 49, generator=generator)).cumsum(1)
        series = level + shape[steps % SEASON] + 0.1 * torch.randn(count, 49, generator=generator)
        return series[:, :48], series[:, 48]

    return sample


PAD, MARK, LETTERS = 0, 1, 4  # tokens: padding, the mark, and behind them the letters
PLACES = 12


def letter_beside_the_mark(generator: torch.Generator) -> Sampler:
    """Rows of 12 tokens, with a mark among letters and padding at the end; the class is the letter beside the mark.

    Drawn are how far from the mark that letter stands, one or two places before or behind it, and which letter is
    which class. Who knows all tokens of a row and not their order is right in less than half of the cases.
    """
    classes = torch.randperm(LETTERS, generator=generator)
    away = (-2, -1, 1, 2)[int(torch.randint(4, (1,), generator=generator))]

    def sample(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        letters = torch.randint(LETTERS, (count, PLACES), generator=generator)
        length = torch.randint(7, PLACES + 1, (count,), generator=generator)
        room = torch.rand(count, generator=generator) * (length - abs(away))
        mark, row = room.long() + max(0, -away), torch.arange(count)
        tokens = letters + MARK + 1
        tokens[row, mark] = MARK
        tokens[torch.arange(PLACES) >= length[:, None]] = PAD
        return tokens, classes[letters[row, mark + away]]

    return sample


SHARES = (0.8, 0.14, 0.04, 0.02)  # of the four classes; which class has which share is drawn


def rare_classes(generator: torch.Generator) -> Sampler:
    """Rows of 8 numbers in four classes of very unequal shares; every sample holds exactly these shares, shuffled.

    The frequent class lies around the origin, the next one on both sides of it, so that no linear model finds it. The
    two rare ones lie so near to the frequent one that whoever minds the shares says "frequent" for most of them, and
    whoever does not finds most of them. Axes and class numbers are drawn.
    """
    classes = torch.randperm(4, generator=generator)
    axes = torch.linalg.qr(torch.randn(8, 8, generator=generator))[0]
    away = torch.tensor([0.0, 3.5, 2.3, 2.3])

    def sample(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        counts = [round(share * count) for share in SHARES[1:]]
        kind = torch.arange(4).repeat_interleave(torch.tensor([count - sum(counts), *counts]))
        kind = kind[torch.randperm(count, generator=generator)]
        side = 2.0 * torch.randint(2, (count,), generator=generator) - 1.0
        far = away[kind] * torch.where(kind == 1, side, torch.ones(count))
        return torch.randn(count, 8, generator=generator) + far[:, None] * axes[kind], classes[kind]

    return sample


SIDE, PATCH = 16, 8  # pixels


def _textures() -> torch.Tensor:
    """Return five patterns of -1 and 1, (5, 8, 8): fine rows, fine columns, checks, coarse rows, coarse columns.

    As many pixels are 1 as are -1 in each, so neither the pixels' mean nor their histogram tells one from another.
    """
    at = torch.arange(PATCH)
    fine, coarse = at % 2 * 2.0 - 1, at // 2 % 2 * 2.0 - 1
    rows = [line[:, None].expand(PATCH, PATCH) for line in (fine, coarse)]
    return torch.stack([rows[0], rows[0].T, rows[0] * rows[0].T, rows[1], rows[1].T])


def small_pictures(generator: torch.Generator) -> Sampler:
    """3x16x16 uint8 pictures, a texture of 8x8 pixels at any place in each; the class is the texture.

    Which texture is which class is drawn. Colour and contrast of the texture are random with either sign, so the mean
    picture of every class is the same and a model linear in the pixels stays near chance; so does a net that looks at
    single pixels. The light of every picture is another.
    """
    classes = torch.randperm(5, generator=generator)
    textures = _textures()

    def sample(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        which = torch.randint(5, (count,), generator=generator)
        colour = torch.nn.functional.normalize(torch.randn(count, 3, generator=generator), dim=1)
        contrast = 40 + 30 * torch.rand(count, 1, generator=generator)
        light = 128 + 24 * torch.randn(count, 3, 1, 1, generator=generator)
        pictures = light + 20 * torch.randn(count, 3, SIDE, SIDE, generator=generator)
        marks = (contrast * colour)[:, :, None, None] * textures[which][:, None]
        places = torch.randint(SIDE - PATCH + 1, (count, 2), generator=generator)
        for picture, mark, (row, column) in zip(pictures, marks, places.tolist(), strict=True):
            picture[:, row : row + PATCH, column : column + PATCH] += mark
        return pictures.round().clamp(0, 255).to(torch.uint8), classes[which]

    return sample


LAWS = {
    "bright patch": Law(bright_patch),
    "seasonal series": Law(
        seasonal_series, guesses={"last value": lambda x: x[:, -1], "value one season ago": lambda x: x[:, -SEASON]}
    ),
    "letter beside the mark": Law(letter_beside_the_mark, train=2000, held=1000),
    "rare classes": Law(rare_classes, train=2000, held=4000),
    "small pictures": Law(small_pictures, train=600, held=600),
}
