"""Curves, pictures and numbers of diagrams: against loops over points, and their gradients."""

import numpy as np
import pytest
import torch

from toposhape.topology import (
    LevelSetPersistence,
    betti_curve,
    carlsson_coordinates,
    landscape,
    persistence_entropy,
    persistence_image,
    silhouette,
)

LEVELS = torch.linspace(-2, 2, 13, dtype=torch.float64)
LENGTHS = torch.linspace(0, 2, 7, dtype=torch.float64)


def random_fields():
    """Three images with many holes, one of them constant: it has no points."""
    fields = torch.from_numpy(np.random.default_rng(0).standard_normal((4, 8, 9)))
    fields[2] = 1.0
    return fields


def each(feature):
    """Pairs of a feature's row and the points of its item, (n, 2) in numpy."""
    diagrams = LevelSetPersistence(2)(random_fields())
    rows = feature(diagrams).numpy()
    assert len(rows) == 4
    assert np.abs(rows[[0, 1, 3]]).max() > 0
    return list(zip(rows, [d.points[1].numpy() for d in diagrams.unbind()], strict=True))


def tent(point, t):
    return max(0.0, min(t - point[0], point[1] - t))


def test_landscapes():
    for row, points in each(lambda d: landscape(d, 1, LEVELS, 3)):
        for j, t in enumerate(LEVELS.tolist()):
            tents = sorted((tent(p, t) for p in points), reverse=True) + [0.0] * 3
            np.testing.assert_allclose(row[:, j], tents[:3], atol=1e-12)


@pytest.mark.parametrize("power", [0, 1, 2.5])
def test_silhouettes(power):
    for row, points in each(lambda d: silhouette(d, 1, LEVELS, power)):
        weights = [(b - a) ** power for a, b in points]
        for j, t in enumerate(LEVELS.tolist()):
            mean = sum(w * tent(p, t) for w, p in zip(weights, points, strict=True))
            assert row[j] == pytest.approx(mean / sum(weights) if weights else 0, abs=1e-12)


def test_betti_curves():
    for row, points in each(lambda d: betti_curve(d, 1, LEVELS)):
        counts = [sum(a <= t < b for a, b in points) for t in LEVELS.tolist()]
        assert row.tolist() == counts
    diagrams = LevelSetPersistence(2)(random_fields())
    sharp, soft = (betti_curve(diagrams, 1, LEVELS, temperature=t) for t in (0, 1e-6))
    torch.testing.assert_close(soft, sharp)


@pytest.mark.parametrize("power", [0, 1])
def test_persistence_images(power):
    for row, points in each(lambda d: persistence_image(d, 1, LEVELS, LENGTHS, 0.3, power)):
        assert row.shape == (7, 13)
        for i, y in enumerate(LENGTHS.tolist()):
            for j, x in enumerate(LEVELS.tolist()):
                density = sum(
                    (b - a) ** power
                    * np.exp(-((x - a) ** 2 + (y - (b - a)) ** 2) / (2 * 0.3**2))
                    / (2 * np.pi * 0.3**2)
                    for a, b in points
                )
                assert row[i, j] == pytest.approx(density, abs=1e-12)


def test_entropy():
    for row, points in each(lambda d: persistence_entropy(d, 1)):
        lengths = np.array([b - a for a, b in points])
        shares = lengths / lengths.sum()
        assert row == pytest.approx(-(shares * np.log(shares)).sum(), abs=1e-12)


def test_carlsson_coordinates():
    for row, points in each(lambda d: carlsson_coordinates(d, 1)):
        low, high = points.T
        length, below = high - low, high.max(initial=-9) - high
        expected = [low @ length, below @ length, low**2 @ length**4, below**2 @ length**4]
        np.testing.assert_allclose(row, [*expected, length.max(initial=0)], atol=1e-12)


@pytest.mark.parametrize(
    "feature",
    [
        lambda d: landscape(d, 1, LEVELS, 3),
        lambda d: silhouette(d, 1, LEVELS, 2),
        lambda d: betti_curve(d, 1, LEVELS, 0.2),
        lambda d: persistence_image(d, 1, LEVELS, LENGTHS, 0.3),
        lambda d: persistence_entropy(d, 1),
        lambda d: carlsson_coordinates(d, 1),
    ],
)
def test_gradients(feature):
    fields = random_fields()[:2, :5, :5].clone().requires_grad_()
    layer = LevelSetPersistence(2)
    torch.autograd.gradcheck(lambda x: feature(layer(x)), fields, eps=1e-6, atol=1e-6)
