"""Drawn digits have the topology of digits; MNIST's files are read, or refused with the reason."""

import numpy as np
import pytest
from idx_files import write_idx
from skimage.measure import euler_number, label

from toposhape.layer_experiments.digits import draw_digits, load_digits, read_idx

HOLES = (1, 0, 0, 0, 1, 0, 1, 0, 2, 1)


def test_drawn_digits_hang_together_and_have_their_holes():
    digits = draw_digits(200, seed=0)
    assert digits.images.shape == (200, 28, 28)
    assert digits.images.dtype == np.float32
    assert 0 == digits.images.min() < digits.images.max() == 1
    inside = digits.images > 0.5
    pieces = [label(image, connectivity=2).max() for image in inside]
    holes = [1 - euler_number(image, connectivity=2) for image in inside]
    right = np.array(holes) == np.array(HOLES)[digits.labels]
    assert np.mean(np.array(pieces) == 1) > 0.99
    assert np.mean(right) > 0.95


def test_digits_are_those_of_their_seed():
    one, same, other = (draw_digits(9, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.images, same.images)
    assert (one.images != other.images).any()
    sets = load_digits("", 20, 20, seed=3)
    assert (sets.train.images != sets.test.images).any()


@pytest.fixture
def mnist(tmp_path):
    rng = np.random.default_rng(0)
    for part, suffix in (("train", ".gz"), ("t10k", "")):
        images = rng.integers(0, 256, (30, 28, 28), dtype=np.uint8)
        write_idx(tmp_path / f"{part}-images-idx3-ubyte{suffix}", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte{suffix}", images[:, 0, 0] % 10)
    return tmp_path


def test_mnist_is_read(mnist):
    sets = load_digits(str(mnist), 20, 10, seed=0)
    assert len(sets.train.images) == 20
    assert len(sets.test.images) == 10
    first = np.round(sets.train.images[:, 0, 0] * 255).astype(int)
    np.testing.assert_array_equal(first % 10, sets.train.labels)


def test_broken_mnist_is_refused(mnist):
    with pytest.raises(ValueError, match="40 images of 28 x 28 are needed"):
        load_digits(str(mnist), 40, 10, seed=0)
    labels = mnist / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1])
    with pytest.raises(ValueError, match="is damaged: 29 bytes"):
        read_idx(labels)
    labels.write_bytes(b"PNG, perhaps")
    with pytest.raises(ValueError, match="is no IDX file"):
        read_idx(labels)
    labels.unlink()
    with pytest.raises(ValueError, match="neither t10k-labels-idx1-ubyte nor"):
        load_digits(str(mnist), 10, 10, seed=0)
