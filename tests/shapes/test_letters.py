"""Letters as shapes of the plane."""

import numpy as np

from toposhape.shapes.letters import letter_clouds, split_letters
from toposhape.shapes.normalisation import MARGIN


def test_letters_are_normalised_and_lie_on_their_outlines():
    clouds = letter_clouds(3000, 0)
    assert len(clouds) == 104
    for points in clouds.values():
        assert points.shape == (3000, 2)
        assert np.linalg.norm(points, axis=1).max() <= 1 / MARGIN + 1e-6
    box = clouds["I sans"]  # a rectangle
    low, high = box.min(axis=0), box.max(axis=0)
    to_the_sides = np.minimum(np.abs(box - low), np.abs(box - high)).min(axis=1)
    assert to_the_sides.max() < 1e-3
    sides = (np.minimum(np.abs(box - low), np.abs(box - high)) < 1e-3)[:, 0].mean()
    width, height = high - low
    np.testing.assert_allclose(sides, height / (width + height), atol=0.03)


def test_other_seeds_draw_other_points_of_the_same_letters():
    a, again, b = letter_clouds(50, 0), letter_clouds(50, 0), letter_clouds(50, 1)
    np.testing.assert_array_equal(a["Q mono"], again["Q mono"])
    assert not np.array_equal(a["Q mono"], b["Q mono"])


def test_held_out_letters_are_known_in_other_styles():
    learned, held_out = split_letters()
    assert not set(learned) & set(held_out)
    assert len(learned) + len(held_out) == 104
    for name in held_out:
        assert sum(other[0] == name[0] for other in learned) == 3
