"""The public function: inputs of every form, options, refusals, threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from persistence_fields import (
    COMPLEXES,
    assert_equal_diagrams,
    assert_values_at_vertices,
    field,
)

from toposhape.topology import Diagram, superlevel_diagrams


@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_points_are_values_at_their_vertices(complex, dtype):
    values = field("noise", (9, 8, 7), 0, dtype)
    diagram = superlevel_diagrams(values, complex=complex)
    assert all(size > 0 for size in diagram.sizes)
    assert all(points.dtype == dtype for points in diagram.points)
    assert all(vertices.dtype == np.int64 for vertices in diagram.vertices)
    assert_values_at_vertices(diagram, values)


@pytest.mark.parametrize("complex", COMPLEXES)
def test_a_batch_is_its_fields_one_by_one(complex):
    batch = np.stack([field("smooth", (7, 6, 5), seed) for seed in range(5)])
    together = superlevel_diagrams(batch, complex=complex, threads=3)
    assert isinstance(together, list) and len(together) == 5
    for values, diagram in zip(batch, together, strict=True):
        assert_equal_diagrams(diagram, superlevel_diagrams(values, complex=complex))


def test_a_sequence_may_mix_shapes_and_dtypes():
    mixed = [
        field("noise", (30,), 0, np.float32),
        field("noise", (6, 9), 1),
        field("noise", (4, 5, 6), 2, np.float32),
    ]
    for values, diagram in zip(mixed, superlevel_diagrams(mixed), strict=True):
        assert_equal_diagrams(diagram, superlevel_diagrams(values))
        assert_values_at_vertices(diagram, values)
    assert superlevel_diagrams([]) == []


@pytest.mark.parametrize("complex", COMPLEXES)
def test_strides_do_not_matter(complex):
    values = field("noise", (12, 10, 14), 3, np.float32)
    views = [values[::2, 1::3, ::-1], values.transpose(2, 0, 1), np.asfortranarray(values)]
    for view in views:
        diagram = superlevel_diagrams(view, complex=complex)
        assert_equal_diagrams(diagram, superlevel_diagrams(view.copy(), complex=complex))
        assert_values_at_vertices(diagram, view)


def test_the_field_is_left_alone_and_may_be_read_only():
    values = field("noise", (6, 6, 6), 4)
    values.flags.writeable = False
    before = values.copy()
    superlevel_diagrams(values)
    np.testing.assert_array_equal(values, before)


def test_negative_zero_is_zero():
    values = field("binary", (5, 5, 5), 5, np.float32)
    signed = np.where(field("binary", (5, 5, 5), 6) == 1, values, -values).astype(np.float32)
    signed[values == 1] = 1
    assert_equal_diagrams(superlevel_diagrams(signed), superlevel_diagrams(values))


@pytest.mark.parametrize("complex", COMPLEXES)
def test_extreme_values(complex):
    """Huge, tiny and denormal numbers are ordered like any others."""
    scale = np.array([1e-310, -1e-310, 1e300, -1e300, 0.0, 1.0])
    values = scale[np.random.default_rng(7).integers(0, 6, (5, 5, 5))]
    expected = superlevel_diagrams(values, complex=complex, engine="gudhi")
    assert_equal_diagrams(superlevel_diagrams(values, complex=complex), expected)


@pytest.mark.parametrize("engine", ["native", "gudhi"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_with_its_position(engine, bad):
    values = field("noise", (4, 5, 6), 8)
    values[2, 3, 1] = bad
    with pytest.raises(ValueError, match=rf"{bad} at index \(2, 3, 1\)"):
        superlevel_diagrams(values, engine=engine)
    with pytest.raises(ValueError, match=r"field 1 of the batch holds .* at index \(3,\)"):
        superlevel_diagrams([np.zeros(5), np.array([0, 1, 2, bad])], engine=engine)
    after = field("noise", (4, 5, 6), 8)
    expected = superlevel_diagrams(after, engine="gudhi")
    assert_equal_diagrams(superlevel_diagrams(after, engine=engine), expected)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (0, 4, 4, 4)])
def test_empty_and_scalar_fields(shape):
    if len(shape) == 4:
        assert superlevel_diagrams(np.zeros(shape)) == []
    else:
        with pytest.raises(ValueError, match="has shape"):
            superlevel_diagrams(np.zeros(shape))


def test_mistakes_are_named():
    values = np.zeros((3, 3, 3))
    with pytest.raises(TypeError, match=r"dtype int64; convert it with .astype"):
        superlevel_diagrams(np.zeros((3, 3, 3), dtype=np.int64))
    with pytest.raises(ValueError, match="complex must be one of freudenthal, cubical"):
        superlevel_diagrams(values, complex="simplicial")
    with pytest.raises(ValueError, match="engine must be one of native, gudhi"):
        superlevel_diagrams(values, engine="ripser")
    with pytest.raises(ValueError, match="min_persistence"):
        superlevel_diagrams(values, min_persistence=-0.1)
    with pytest.raises(ValueError, match="threads must be at least 1"):
        superlevel_diagrams(values, threads=0)
    with pytest.raises(ValueError, match="field 0 of the batch has shape"):
        superlevel_diagrams(np.zeros((2, 2, 2, 2, 2)))


@pytest.mark.parametrize("shape", [(5,), (4, 5), (3, 4, 5), (2, 3, 4, 5), (1, 2, 3, 4, 5)])
def test_tensors_are_refused_whatever_their_shape(shape):
    """A tensor of (D, H, W) is no batch of D pictures."""
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"a Tensor and no .* use .detach\(\).cpu\(\).numpy"):
        superlevel_diagrams(torch.zeros(shape))
    with pytest.raises(TypeError, match=r"field 1 of the batch is a Tensor"):
        superlevel_diagrams([np.zeros(3), torch.zeros(shape)])


def test_what_could_mean_a_field_or_a_batch_is_refused():
    class Foreign:
        """An array of another library."""

        ndim, shape = 3, (3, 3, 3)

        def __array__(self, dtype=None, copy=None):
            return np.zeros(self.shape)

        def __iter__(self):
            return iter(np.zeros(self.shape))

    with pytest.raises(TypeError, match=r"the field is a Foreign .* use np.asarray"):
        superlevel_diagrams(Foreign())
    with pytest.raises(TypeError, match="field 0 of the batch is a Foreign"):
        superlevel_diagrams([Foreign()])
    with pytest.raises(TypeError, match="field 0 of the batch is a list"):
        superlevel_diagrams([[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(TypeError, match="field 0 of the batch is a float"):
        superlevel_diagrams([0.0, 1.0])


def test_a_batch_may_be_anything_that_gives_fields():
    batch = np.stack([field("noise", (4, 5, 6), seed) for seed in range(3)])
    expected = superlevel_diagrams(batch)
    for form in (list(batch), tuple(batch), iter(batch), dict(enumerate(batch)).values()):
        for one, other in zip(superlevel_diagrams(form), expected, strict=True):
            assert_equal_diagrams(one, other)


@pytest.mark.parametrize("mask", [False, [False, True, False]])
def test_masks_are_refused(mask):
    masked = np.ma.masked_array([0.0, 5.0, 1.0], mask)
    with pytest.raises(TypeError, match=r"the field is a masked array.*\.filled\(value\)"):
        superlevel_diagrams(masked)
    with pytest.raises(TypeError, match="field 1 of the batch is a masked array"):
        superlevel_diagrams([np.zeros(3), masked])
    with pytest.raises(TypeError, match="field 0 of the batch is a masked array"):
        superlevel_diagrams(np.ma.masked_array(np.zeros((2, 2, 2, 2))))


def test_the_threshold_itself_is_kept():
    """Two peaks of 3 and 2 with a valley of 1 between: one point, of persistence 1."""
    values = np.array([0.0, 3.0, 1.0, 2.0, 0.0])
    above = np.nextafter(1.0, 2.0)
    assert superlevel_diagrams(values, min_persistence=1.0).sizes == (1, 0, 0)
    assert superlevel_diagrams(values, min_persistence=above).sizes == (0, 0, 0)
    everything = superlevel_diagrams(values)
    assert everything.restricted(1.0).sizes == (1, 0, 0)
    assert everything.restricted(above).sizes == (0, 0, 0)


def test_what_dies_at_the_value_of_its_birth_is_left_out():
    values = np.array([0.0, 1.0, 1.0, 0.5])
    pairs = (np.array([[1, 2], [0, 3]]), np.array([[2, 1]]), np.zeros((0, 2), np.int64))
    diagram = Diagram.from_vertices(values, pairs)
    assert diagram.sizes == (1, 0, 0)
    np.testing.assert_array_equal(diagram.vertices[0], [[0, 3]])
    assert superlevel_diagrams(np.array([1.0, 0.0, 0.0, 1.0])).sizes == (1, 0, 0)


def test_the_longest_life_of_all():
    """Its length is no float64, which is no reason to leave it out or to warn."""
    most = np.finfo(np.float64).max
    diagram = superlevel_diagrams(np.array([most, -most, most]), min_persistence=most)
    np.testing.assert_array_equal(diagram.points[0], [[-most, most]])


def test_min_persistence_keeps_the_points_at_least_that_long():
    values = field("noise", (9, 9, 9), 9)
    everything = superlevel_diagrams(values)
    kept = superlevel_diagrams(values, min_persistence=0.5)
    assert_equal_diagrams(kept, everything.restricted(0.5))
    for degree in range(3):
        assert kept.sizes[degree] == (everything.persistence(degree) >= 0.5).sum()
        assert 0 < kept.sizes[degree] < everything.sizes[degree]


def test_threads_do_not_disturb_each_other():
    """Fields of one shape share workspaces, one after the other."""
    batch = [field("noise", (10, 11, 12), seed % 4, np.float32) for seed in range(40)]
    alone = [superlevel_diagrams(values) for values in batch[:4]]
    with ThreadPoolExecutor(8) as pool:
        for i, diagram in enumerate(pool.map(superlevel_diagrams, batch)):
            assert_equal_diagrams(diagram, alone[i % 4])


def test_a_diagram_must_be_consistent():
    empty = np.empty((0, 2))
    with pytest.raises(ValueError, match="must both have shape"):
        Diagram((np.zeros((1, 2)), empty, empty), (empty, empty, empty))
    for points, vertices in ((0, 0), (2, 3), (3, 2)):
        with pytest.raises(ValueError, match="for the same degrees"):
            Diagram((empty,) * points, (empty,) * vertices)


def test_betti_numbers_of_two_bumps():
    diagram = superlevel_diagrams(np.array([0.0, 3.0, 1.0, 2.0, 0.0]))
    np.testing.assert_array_equal(diagram.points[0], [[1.0, 2.0]])
    np.testing.assert_array_equal(diagram.vertices[0], [[2, 3]])
    counts = {3.0: 1, 2.5: 1, 2.0: 2, 1.5: 2, 1.0: 1, 0.0: 1}
    assert all(diagram.betti_numbers(level) == (n, 0, 0) for level, n in counts.items())
