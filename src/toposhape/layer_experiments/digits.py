"""Images of digits: drawn here by default, or MNIST's own files where the user has them."""

from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE = 28
Stroke = list[tuple[float, float]]


class Digits(NamedTuple):
    """Images ``(N, 28, 28)`` float32 from 0 to 1, and labels ``(N,)``."""

    images: NDArray[np.float32]
    labels: NDArray[np.int64]


class DigitSets(NamedTuple):
    """What experiments learn from, and what they are judged by."""

    train: Digits
    test: Digits


def load_digits(mnist: str, train: int, test: int, seed: int) -> DigitSets:
    """Draw digits, or read MNIST's.

    Args:
        mnist: folder with MNIST's four IDX files, gzipped or not; empty: digits are drawn.
        train: number of images to learn from.
        test: number of images to judge by.
        seed: of what is drawn, or of which images are taken.

    Raises:
        ValueError: if a file is missing, is no IDX file, or has too few images.
    """
    if not mnist:
        return DigitSets(draw_digits(train, 2 * seed), draw_digits(test, 2 * seed + 1))
    return DigitSets(
        _read_mnist(Path(mnist), "train", train, seed), _read_mnist(Path(mnist), "t10k", test, seed)
    )


def draw_digits(count: int, seed: int) -> Digits:
    """Draw digits 0 to 9 with strokes of 2.2 to 3.4 pixels, moved, turned and sheared at random."""
    rng = np.random.default_rng([seed, 28])
    labels = rng.integers(0, 10, count)
    images = np.stack([_draw(STROKES[label], rng) for label in labels])
    return Digits(images.astype(np.float32), labels)


def _draw(strokes: list[Stroke], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw the strokes of one digit, a different one every time."""
    turn, shear = rng.uniform(-0.2, 0.2, 2)
    size = rng.uniform(17, 21) * np.array([rng.uniform(0.7, 0.95), 1])
    shift = SIDE / 2 - 0.5 + rng.uniform(-1.5, 1.5, 2)
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    skew = np.array([[1, shear], [0, 1]])
    width = rng.uniform(1.1, 1.7)
    starts, ends = [], []
    for stroke in strokes:
        points = np.array(stroke) - 0.5 + rng.normal(0, 0.008, (len(stroke), 2))
        points = (points * size) @ (rotation @ skew).T + shift
        starts.append(points[:-1])
        ends.append(points[1:])
    distance = _distance_to_segments(np.concatenate(starts), np.concatenate(ends))
    return np.clip(width + 0.5 - distance, 0, 1)


def _distance_to_segments(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each pixel's distance to the nearest segment, ``(28, 28)``."""
    y, x = np.mgrid[:SIDE, :SIDE]
    pixels = np.stack([x, y], axis=2)[:, :, None]
    along = b - a
    length = np.maximum(np.square(along).sum(axis=1), 1e-12)
    share = np.clip(((pixels - a) * along).sum(axis=3) / length, 0, 1)
    nearest = a + share[..., None] * along
    distances: NDArray[np.float64] = np.linalg.norm(pixels - nearest, axis=3).min(axis=2)
    return distances


def _arc(x: float, y: float, rx: float, ry: float, start: float, stop: float) -> Stroke:
    """Return a piece of an ellipse, in degrees from the right, downwards, both ends included."""
    angles = np.radians(np.linspace(start, stop, 14))
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


STROKES: tuple[list[Stroke], ...] = (
    [_arc(0.5, 0.5, 0.42, 0.48, 0, 360)],
    [[(0.3, 0.22), (0.52, 0.03), (0.52, 0.97)]],
    [[*_arc(0.5, 0.28, 0.36, 0.26, 190, 400), (0.12, 0.96), (0.9, 0.96)]],
    [_arc(0.42, 0.26, 0.38, 0.24, 200, 450) + _arc(0.42, 0.73, 0.42, 0.24, 270, 520)],
    [[(0.68, 0.97), (0.68, 0.03), (0.1, 0.66), (0.94, 0.66)]],
    [[(0.84, 0.04), (0.22, 0.04), (0.16, 0.45), *_arc(0.45, 0.67, 0.4, 0.29, 240, 520)]],
    [[(0.72, 0.03), (0.3, 0.34), *_arc(0.5, 0.68, 0.37, 0.29, 190, 550)]],
    [[(0.1, 0.04), (0.9, 0.04), (0.36, 0.97)]],
    [_arc(0.5, 0.25, 0.31, 0.23, 90, 450), _arc(0.5, 0.74, 0.38, 0.25, -90, 270)],
    [[*_arc(0.48, 0.3, 0.35, 0.27, 0, 360), (0.83, 0.3), (0.72, 0.97)]],
)
"""Of 0 to 9, in a unit box: x to the right, y down."""


def _read_mnist(folder: Path, part: str, count: int, seed: int) -> Digits:
    """Take images and labels of one part of MNIST at random."""
    images = read_idx(_existing(folder, f"{part}-images-idx3-ubyte"))
    labels = read_idx(_existing(folder, f"{part}-labels-idx1-ubyte"))
    if images.shape[1:] != (SIDE, SIDE) or len(images) != len(labels) or len(images) < count:
        raise ValueError(
            f"{folder}: images {images.shape} and labels {labels.shape} of {part!r} do not fit; "
            f"{count} images of {SIDE} x {SIDE} are needed"
        )
    chosen = np.random.default_rng([seed, 28]).permutation(len(images))[:count]
    return Digits((images[chosen] / 255).astype(np.float32), labels[chosen].astype(np.int64))


def _existing(folder: Path, name: str) -> Path:
    """Return a file or its gzipped form."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise ValueError(f"{folder} has neither {name} nor {name}.gz: put MNIST's four IDX files there")


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an IDX file of bytes, gzipped if its name says so.

    Raises:
        ValueError: if the magic number or the size is wrong.
    """
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    axes = content[3] if len(content) > 3 and content[:3] == b"\0\0\x08" else 0
    header = 4 + 4 * axes
    if not axes or len(content) < header:
        raise ValueError(f"{path} is no IDX file of bytes: its magic number is {content[:4]!r}")
    shape = struct.unpack(f">{axes}I", content[4:header])
    if len(content) - header != math.prod(shape):
        raise ValueError(f"{path} is damaged: {len(content) - header} bytes for shape {shape}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
