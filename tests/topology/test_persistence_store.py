"""The store of kept cycles grows when it is full, and forgets nothing."""

import numpy as np
import pytest
from persistence_fields import COMPLEXES, KINDS, assert_equal_diagrams, field, gyroid

from toposhape.topology import superlevel_diagrams
from toposhape.topology.grids import engine, workspace


@pytest.fixture
def sizes(monkeypatch):
    """The sizes that stores are enlarged to."""
    grown = []

    def enlarged(store, edges):
        grown.append(edges)
        return workspace.enlarged(store, edges)

    monkeypatch.setattr(engine, "enlarged", enlarged)
    return grown


def test_an_enlarged_store_holds_what_the_small_one_held():
    """Two cycles of two and three entries, and half of a third that found no room."""
    store = workspace.new_store(3, 6)
    store.vertices[:], store.edges[:] = [5, 3, 9, 8, 7, 4], [1, 2, 4, 8, 16, 32]
    store.start[:3], store.kept[0] = [0, 2, 5], 2
    larger = workspace.enlarged(store, 13)
    assert larger.vertices.size == larger.edges.size == 13
    np.testing.assert_array_equal(larger.vertices[:5], [5, 3, 9, 8, 7])
    np.testing.assert_array_equal(larger.edges[:5], [1, 2, 4, 8, 16])
    np.testing.assert_array_equal(larger.start[:3], [0, 2, 5])
    assert larger.kept[0] == 2


@pytest.mark.parametrize(
    ("complex", "periods"), [("freudenthal", 3), ("cubical", 3), ("cubical", 6)]
)
def test_long_cycles_outgrow_the_store(monkeypatch, sizes, complex, periods):
    """A gyroid against itself with room for all its cycles from the beginning."""
    values = gyroid(48, periods)
    grown = superlevel_diagrams(values, complex=complex)
    times = len(sizes)
    assert times > 0
    monkeypatch.setattr(engine, "STORED_PER_CYCLE", 1000)
    assert_equal_diagrams(grown, superlevel_diagrams(values, complex=complex))
    assert len(sizes) == times


@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("constant", "linear")])
def test_a_store_that_begins_with_nothing(monkeypatch, sizes, kind, complex):
    """Room for one edge at first: the engine goes on from each cycle that found no room."""
    values = field(kind, (9, 10, 11), 3)
    expected = superlevel_diagrams(values, complex=complex, engine="gudhi")
    monkeypatch.setattr(engine, "new_store", lambda cycles, _: workspace.new_store(cycles, 1))
    assert_equal_diagrams(superlevel_diagrams(values, complex=complex), expected)
    assert len(sizes) > 3
