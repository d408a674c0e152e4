import numpy as np
import pytest
import torch

from toposhape.generators.implicit.samples import SampleSource
from toposhape.learning.seeds import random_source


def numbered(shapes: int, count: int) -> dict[str, np.ndarray]:
    """Samples whose x says which one it is; distance < 0 inside."""
    rows = {}
    for i in range(shapes):
        row = np.zeros((2, count, 4), np.float32)
        row[..., 0] = np.arange(count)
        row[..., 1] = i
        row[0, :, 3], row[1, :, 3] = -1, 1
        rows[f"s{i}"] = row
    return rows


def test_half_inside_half_outside_of_the_right_shape():
    source = SampleSource(numbered(4, 50), ["s2", "s0", "s3"])
    points, distances = source.draw([2, 0], 20, random_source(0))
    assert points.shape == (2, 20, 3)
    assert points.dtype == torch.float32
    assert points[:, :, 1].unique(dim=1).flatten().tolist() == [3, 2]
    assert (distances[:, :10] < 0).all()
    assert (distances[:, 10:] > 0).all()


def test_windows_are_contiguous_go_round_the_end_and_reach_every_sample():
    source = SampleSource(numbered(1, 13), ["s0"])
    seen = set()
    for i in range(60):
        inside = source.draw([0], 8, random_source(i))[0][0, :4, 0].tolist()
        assert [(b - a) % 13 for a, b in zip(inside, inside[1:], strict=False)] == [1, 1, 1]
        seen |= set(inside)
    assert seen == set(range(13))


def test_a_window_larger_than_the_shape_repeats_it():
    points, _ = SampleSource(numbered(1, 3), ["s0"]).draw([0], 20, random_source(0))
    assert sorted(np.bincount(points[0, :10, 0].numpy().astype(int))) == [3, 3, 4]


def test_samples_are_read_from_the_map_only_when_drawn(tmp_path):
    np.save(tmp_path / "samples.npy", np.stack(list(numbered(2, 50).values())))
    mapped = np.load(tmp_path / "samples.npy", mmap_mode="r")
    source = SampleSource({"a": mapped[0], "b": mapped[1]}, ["a", "b"])
    assert all(isinstance(row, np.memmap) for row in source._rows)
    assert source.draw([1], 6, random_source(0))[0][0, 0, 1] == 1


def test_draws_depend_on_the_key_alone():
    source = SampleSource(numbered(2, 50), ["s0", "s1"])
    first, again, other = (source.draw([0, 1], 8, random_source(*k))[0] for k in [(1,), (1,), (2,)])
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_broken_samples_are_named():
    with pytest.raises(ValueError, match=r"'s1' have the form \(2, 4\)"):
        SampleSource({"s1": np.zeros((2, 4), np.float32)}, ["s1"])
