"""Define the laws of the graded tasks: how to generate their data, and the baselines that networks are compared with.

A law is public, but each batch of submissions gets a random instance, and held-out labels never reach a student's
process (`tasks.py` in this folder explains how).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F

from layerlab.shipped import data

Sampler = Callable[[int], tuple[torch.Tensor, torch.Tensor]]
Guess = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Law:
    """A kind of dataset; ``instance`` draws a dataset and returns its sampler, ``count -> (inputs, labels)``."""

    instance: Callable[[torch.Generator], Sampler]
    train: int = 400  # training samples
    held: int = 400  # held-out samples
    guesses: dict[str, Guess] = field(default_factory=dict)  # baselines: name -> function from inputs to predictions


def bright_patch(generator: torch.Generator) -> Sampler:
    """Return a sampler of 1x8x8 images with a brighter or darker 3x3 patch, whose quadrant is the class.

    The assignment of quadrants to classes is random. The patch's sign is random too, so the mean image of every class
    is zero. A model that is linear in the pixels performs at chance level, and so does a network that ignores
    positions.
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
CHANGE = 1.15  # mean absolute change of the season per step


def seasonal_series(generator: torch.Generator) -> Sampler:
    """Return a sampler of 48-step windows, each with the next value as its label.

    A series is the sum of a repeating season, a drifting level, and noise. Every window is a separate series at its own
    phase, so no window contains the label of another window. The season repeats but the level does not, so
    neither the last value nor the value one season earlier is close to the next value. All instances have the same mean
    absolute change per step; in a smoother series, the last value would be closer to the next.
    """
    shape = torch.randn(SEASON, generator=generator)
    shape = CHANGE * (shape - shape.mean()) / (shape - shape.roll(1)).abs().mean()

    def sample(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        steps = torch.randint(SEASON, (count, 1), generator=generator) + torch.arange(49)
        level = (0.3 * torch.randn(count, 49, generator=generator)).cumsum(1)
        series = level + shape[steps % SEASON] + 0.1 * torch.randn(count, 49, generator=generator)
        return series[:, :48], series[:, 48]

    return sample


PAD, MARK, LETTERS = 0, 1, 4  # tokens: padding, the mark, and then this many letters
PLACES = 12


def letter_beside_the_mark(generator: torch.Generator) -> Sampler:
    """Return a sampler of 12-token rows: letters, one mark, and trailing padding; a letter near the mark is the class.

    Each instance chooses at random which position relative to the mark counts (one or two positions before or after
    it), and which letter means which class. A model that knows all tokens of a row but not their order is right less
    than half of the time.
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


SHARES = (0.8, 0.14, 0.04, 0.02)  # shares of the four classes, which are assigned to class numbers at random


def rare_classes(generator: torch.Generator) -> Sampler:
    """Return a sampler of rows of 8 values in four classes with very unequal shares, which are exact in every sample.

    The most frequent class surrounds the origin, and the second class is on both sides of the origin, so no linear
    model can find the second class. The two rare classes are very close to the most frequent class. So a model that
    takes the shares into account predicts the most frequent class for most rows of the rare classes, while a model that
    ignores the shares recognizes most of these rows. Directions and class numbers are random, and samples are shuffled.
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
    """Return five patterns of -1 and 1, shape (5, 8, 8): fine rows, fine columns, checks, coarse rows, coarse columns.

    In each pattern, half of the pixels are 1. So neither the mean nor the histogram distinguishes the patterns.
    """
    at = torch.arange(PATCH)
    fine, coarse = at % 2 * 2.0 - 1, at // 2 % 2 * 2.0 - 1
    rows = [line[:, None].expand(PATCH, PATCH) for line in (fine, coarse)]
    return torch.stack([rows[0], rows[0].T, rows[0] * rows[0].T, rows[1], rows[1].T])


def small_pictures(generator: torch.Generator) -> Sampler:
    """Return a sampler of 3x16x16 uint8 images with an 8x8 texture at a random position; the texture is the class.

    The assignment of textures to classes is random. The texture's color and contrast are random and of either sign, so
    the mean image of every class is the same. A model that is linear in the pixels stays near chance level, and so does
    a network that looks at single pixels. The brightness of every image is random.
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


def _dealer(left: torch.Tensor) -> Callable[[int], torch.Tensor]:
    """Return a function that deals out the indices in ``left`` in order, each once, so that samples share no index.

    Raises:
        ValueError: if more indices are requested than are left.
    """

    def deal(count: int) -> torch.Tensor:
        nonlocal left
        if count > len(left):
            raise ValueError(f"{count} samples are requested, and {len(left)} are left")
        dealt, left = left[:count], left[count:]
        return dealt

    return deal


def signed_digits(generator: torch.Generator) -> Sampler:
    """Return a sampler of the shipped digits (ten classes), 1x8x8 with values from -1 to 1, each with a random sign.

    The split into training and held-out images is random, and so is the class number of each digit. The random sign
    makes the mean image of every class zero, so a model that is linear in the pixels fails although it would get 95% of
    the plain digits right.
    """
    digits, classes = data("digits"), torch.randperm(10, generator=generator)
    deal = _dealer(torch.randperm(len(digits["labels"]), generator=generator))

    def sample(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        rows = deal(count)
        sign = 2.0 * torch.randint(2, (count, 1, 1, 1), generator=generator) - 1.0
        return sign * digits["images"][rows, None].float() / 16, classes[digits["labels"][rows]]

    return sample


FIELD = 14  # pixels along each side of a scattered digit's image


def scattered(chosen: torch.Tensor, generator: torch.Generator, *, even: bool = False) -> Sampler:
    """Return a sampler of 1x14x14 images, each of a shipped digit at a random position; digit ``chosen[k]`` is class k.

    The split into training and held-out digits is random, and so are each image's position, sign, gain, and noise. A
    model that doesn't recognize a shape at another position gets far fewer labels right than a convolutional network.
    If ``even`` is true, a sample has the same number of images of each class, until the digits of one class run out.
    """
    digits = data("digits")
    rows = (digits["labels"][:, None] == chosen).any(1).nonzero()[:, 0]
    images = F.pad(digits["images"][rows].float() / 16, (0, FIELD - 8, 0, FIELD - 8))
    labels = (digits["labels"][rows, None] == chosen).long().argmax(1)
    order = torch.randperm(len(rows), generator=generator)
    if even:  # first one image of each class, then a second one of each, and so on
        seen = F.one_hot(labels[order]).cumsum(0)[torch.arange(len(rows)), labels[order]]
        order = order[seen.argsort(stable=True)]
    deal = _dealer(order)

    def sample(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        taken = deal(count)
        shifts = torch.randint(FIELD - 8 + 1, (count, 2), generator=generator).tolist()
        moved = [image.roll(shift, (0, 1)) for image, shift in zip(images[taken], shifts, strict=True)]
        sign = 2.0 * torch.randint(2, (count, 1, 1), generator=generator) - 1.0
        gain = 0.7 + 0.6 * torch.rand(count, 1, 1, generator=generator)
        noise = 0.1 * torch.randn(count, FIELD, FIELD, generator=generator)
        return (sign * gain * torch.stack(moved) + noise)[:, None], labels[taken]

    return sample


def scattered_digits(generator: torch.Generator) -> Sampler:
    """Return a sampler of five scattered digits; the choice of digits and their class numbers are random."""
    return scattered(torch.randperm(10, generator=generator)[:5], generator)


def few_scattered_digits(generator: torch.Generator) -> Sampler:
    """Return a sampler of the scattered digits 5 to 9, with the same number of each, and with random class numbers.

    The shipped weights `cnn-scattered` were trained on the digits 0 to 4. With few labels, a network that starts from
    these weights gets more labels right than one that starts from random weights.
    """
    return scattered(5 + torch.randperm(5, generator=generator), generator, even=True)


def blobs(generator: torch.Generator) -> Sampler:
    """Return a sampler of noise and independent labels; the labels are points in the plane that form five blobs.

    The center, the width, and the direction of each blob are random, and so are the shares of the blobs. A network that
    learns the points turns held-out noise into new points. The judge `energy` compares these points with the labels.
    """
    angle = 2 * math.pi * (torch.arange(5) + 0.6 * torch.rand(5, generator=generator)) / 5
    radius = 1.5 + torch.rand(5, generator=generator)
    centers = radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
    turned = torch.linalg.qr(torch.randn(5, 2, 2, generator=generator))[0]
    widths = torch.tensor([0.15, 0.35]) * (0.7 + 0.6 * torch.rand(5, 1, generator=generator))
    shares = 0.5 + torch.rand(5, generator=generator)

    def sample(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        which = torch.multinomial(shares, count, replacement=True, generator=generator)
        spread = (widths[which] * torch.randn(count, 2, generator=generator))[:, None]
        points = centers[which] + (spread @ turned[which])[:, 0]
        return torch.randn(count, 2, generator=generator), points

    return sample


LAWS = {
    "bright patch": Law(bright_patch),
    "seasonal series": Law(
        seasonal_series, guesses={"last value": lambda x: x[:, -1], "value one season ago": lambda x: x[:, -SEASON]}
    ),
    "letter beside the mark": Law(letter_beside_the_mark, train=2000, held=1000),
    "rare classes": Law(rare_classes, train=2000, held=4000),
    "small pictures": Law(small_pictures, train=600, held=600),
    "signed digits": Law(signed_digits, train=1297, held=500),
    "scattered digits": Law(scattered_digits, train=600, held=250),
    "few scattered digits": Law(few_scattered_digits, train=60, held=800),
    "blobs": Law(blobs, train=1000, held=1000),
}
