"""Ways between shapes: their ends, their codes, and what is kept of them."""

import numpy as np
import pytest
import torch

from toposhape.evaluation.frames import read_frames, write_frames
from toposhape.evaluation.interpolation import (
    choose_ends,
    codes_between,
    codes_on_arc,
    pieces_of_code,
    shapes_of_codes,
)
from toposhape.generators import ImplicitDecoder, VariationalCodes
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.settings.implicit import Decoder
from toposhape.settings.topology import Topology
from toposhape.topology.tables import StoredDiagram


def diagram(*h1):
    none = np.empty((0, 2), np.float32)
    return StoredDiagram((none, np.array(h1, np.float32).reshape(-1, 2), none))


def test_the_ends_are_whole_everywhere_and_as_far_apart_as_that_allows():
    diagrams = [diagram((-height, 0.0)) for height in (0.5, 0.1, 0.2, 0.3, 0.0)]
    made = [2, 1, 1, 1, 0]  # the last one is empty
    assert choose_ends(diagrams, lambda i: (1, made[i])) == (1, 3)
    assert choose_ends(diagrams, lambda i: (1,)) == (0, 1)
    broken = [4, 3, 9, 2, 5]
    assert choose_ends(diagrams, lambda i: (broken[i],)) == (1, 3)  # the least broken ones


def test_no_more_shapes_are_looked_at_than_the_choice_needs():
    diagrams = [diagram((-height, 0.0)) for height in (0.5, 0.1, 0.2, 0.3, 0.0)]
    asked = []
    choose_ends(diagrams, lambda i: asked.append(i) or (1,))
    assert sorted(asked) == [0, 1]


def test_ends_of_equal_diagrams_are_two_shapes():
    assert choose_ends([diagram()] * 3, lambda i: (1,)) == (0, 1)
    with pytest.raises(ValueError, match="two shapes, there are 1"):
        choose_ends([diagram()], lambda i: (1,))


def test_codes_lie_on_the_straight_line():
    codes = codes_between(np.array([0.0, 2.0]), np.array([1.0, 0.0]), 5)
    assert codes.dtype == np.float32
    np.testing.assert_allclose(codes, [[0, 2], [0.25, 1.5], [0.5, 1], [0.75, 0.5], [1, 0]])


def test_codes_on_arc_go_along_the_arc():
    a, b = np.array([3.0, 0, 0]), np.array([0, 3.0, 0])
    codes = codes_on_arc(a, b, 5)
    np.testing.assert_allclose(codes[[0, -1]], [a, b], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 3, rtol=1e-6)
    np.testing.assert_allclose(codes[2], np.array([3, 3, 0]) / np.sqrt(2), rtol=1e-6)
    np.testing.assert_allclose(codes_on_arc(a, 2 * a, 3)[1], 1.5 * a, rtol=1e-6)


@pytest.mark.parametrize(
    ("first", "last", "count", "message"),
    [
        ([1, 0], [-1, 0], 3, "opposite"),
        ([0, 0], [1, 0], 3, "direction"),
        ([1, 0], [1, 0, 0], 3, "walk"),
        ([1, 0], [0, 1], 1, "walk"),
    ],
)
def test_codes_without_a_way_between_them_are_refused(first, last, count, message):
    with pytest.raises(ValueError, match=message):
        codes_on_arc(first, last, count)


def test_frames_are_read_as_they_were_written(tmp_path):
    torch.manual_seed(0)
    decoder = ImplicitDecoder(Decoder(width=16, depth=2, latent_size=2, skip_layers=[]), "relu")
    generator = ImplicitGenerator(decoder.eval(), VariationalCodes(1, 2), ("a",), {})
    topology, codes = Topology(), codes_between([0.0, 0.0], [1.0, 1.0], 3)
    made = list(shapes_of_codes(generator, codes, 16, topology))
    write_frames(tmp_path / "asked", codes, made, generated=[diagram((-0.2, 0.1))] * 3)
    write_frames(tmp_path / "plain", codes, made)
    frames = read_frames(tmp_path / "asked")
    assert [frame.name for frame in frames] == ["000", "001", "002"]
    for frame, shape, code in zip(frames, made, codes, strict=True):
        assert frame.betti == shape.topology.betti
        assert frame.betti[0] == pieces_of_code(generator, code, 16, topology)
        for stored, points in zip(frame.diagram.points, shape.topology.diagram.points, strict=True):
            assert len(stored) == len(points)
        np.testing.assert_allclose(frame.generated.points[1], [[-0.2, 0.1]], rtol=1e-6)
    assert all(frame.generated is None for frame in read_frames(tmp_path / "plain"))
    np.testing.assert_array_equal(np.load(tmp_path / "plain" / "codes.npy"), codes)
    assert len(list((tmp_path / "plain").glob("*.ply"))) == 3
