"""Lower links: geometry, candidates and tables against their definitions, over all cases."""

import itertools

import networkx as nx
import numpy as np
import pytest

from toposhape.topology.grids.candidates import (
    binary_sum,
    cubical_candidates,
    freudenthal_candidates,
)
from toposhape.topology.grids.geometry import cubical_geometry, forward_steps, freudenthal_geometry
from toposhape.topology.grids.layout import layout
from toposhape.topology.grids.links import ABSENT, FREUDENTHAL_CODES, ROOT

GEOMETRIES = {"freudenthal": freudenthal_geometry, "cubical": cubical_geometry}
MASKS = np.arange(FREUDENTHAL_CODES)


def bits(mask, n):
    return [i for i in range(n) if mask >> i & 1]


@pytest.fixture(scope="module")
def freudenthal_graph():
    return nx.Graph(freudenthal_geometry().edges.tolist())


@pytest.mark.parametrize(
    ("complex", "sizes"), [("freudenthal", (14, 36, 24)), ("cubical", (6, 12, 8))]
)
def test_the_link_is_a_sphere(complex, sizes):
    geometry = GEOMETRIES[complex]()
    n, m, t = sizes
    assert (len(geometry.steps), len(geometry.edges), len(geometry.triangles)) == sizes
    assert n - m + t == 2
    assert nx.is_connected(nx.Graph(geometry.edges.tolist()))
    for edge, sides in zip(geometry.edges, geometry.edge_triangles, strict=True):
        assert len(sides) == 2
        assert all(set(edge) <= set(geometry.triangles[side]) for side in sides)


@pytest.mark.parametrize("complex", GEOMETRIES)
def test_directions_and_steps(complex):
    geometry = GEOMETRIES[complex]()
    np.testing.assert_array_equal(geometry.steps, -geometry.steps[::-1])
    assert [tuple(s) for s in geometry.steps] == sorted(map(tuple, geometry.steps))
    forward = forward_steps(geometry)
    assert (
        len(forward)
        == len(geometry.upward_steps) // 2
        == {"freudenthal": 7, "cubical": 13}[complex]
    )
    for i, (a, b) in enumerate(geometry.edges):
        ends = [
            (s, geometry.steps[d])
            for s, d in zip(geometry.far_start[i], geometry.far_direction[i], strict=True)
        ]
        boundary = {tuple(geometry.steps[a]), tuple(geometry.steps[b])}
        reached = {tuple(s) for s, _ in ends} | {tuple(s + d) for s, d in ends}
        assert boundary <= reached
        assert len(reached) == len(ends) + 1


def test_binary_sum_counts():
    rows = np.random.default_rng(0).integers(0, 2, (21, 200))
    digits = binary_sum([row.astype(np.uint8) for row in rows])
    total = sum(digit.astype(int) << i for i, digit in enumerate(digits))
    np.testing.assert_array_equal(total, rows.sum(axis=0))


def test_components_of_all_freudenthal_links(freudenthal_graph):
    """The table against networkx, on every seventh of all masks and the extreme ones."""
    components = layout((3, 3, 3), "freudenthal").link.value.components
    for mask in [*range(0, FREUDENTHAL_CODES, 7), FREUDENTHAL_CODES - 1]:
        inside = bits(mask, 14)
        outside = sorted(set(range(14)) - set(inside))
        parts = [
            nx.number_connected_components(freudenthal_graph.subgraph(s)) for s in (inside, outside)
        ]
        assert (components[mask] & 15, components[mask] >> 4) == tuple(parts)


def test_components_obey_alexander_duality():
    """Euler characteristic of the lower link = its components - (components of the rest - 1)."""
    geometry = freudenthal_geometry()
    components = layout((3, 3, 3), "freudenthal").link.value.components.astype(int)
    lower, upper = components & 15, components >> 4
    has = [(MASKS >> d) & 1 for d in range(14)]
    characteristic = sum(has)
    characteristic -= sum(has[a] & has[b] for a, b in geometry.edges)
    characteristic += sum(has[a] & has[b] & has[c] for a, b, c in geometry.triangles)
    proper = (MASKS > 0) & (MASKS < FREUDENTHAL_CODES - 1)
    np.testing.assert_array_equal(characteristic[proper], (lower - upper + 1)[proper])


def test_freudenthal_candidates_hold_all_critical_vertices():
    components = layout((3, 3, 3), "freudenthal").link.value.components
    words = [-((MASKS >> d) & 1) for d in range(14)]
    candidates = freudenthal_candidates(words) != 0
    critical = components != 0x11
    assert not (critical & ~candidates).any()
    assert (candidates & ~critical).mean() < 0.01


def cubical_masks(code_vertices, corner_bits):
    """Vertices, edges and triangles of the lower link when these of the 26 vertices are lower."""
    geometry = cubical_geometry()
    edges = [
        i
        for i, (a, b) in enumerate(geometry.edges.tolist())
        if {a, b} <= set(code_vertices) and corner_bits >> i & 1
    ]
    number = geometry.edge_number
    triangles = [
        i
        for i, cell in enumerate(geometry.triangles.tolist())
        if all(number[a, b] in edges for a, b in itertools.combinations(cell, 2))
        and corner_bits >> (12 + i) & 1
    ]
    return edges, triangles


def test_cubical_candidates_hold_all_critical_vertices():
    """On random sets of lower vertices: critical unless connected with characteristic 1."""
    geometry = cubical_geometry()
    rng = np.random.default_rng(1)
    cases = (rng.random((3000, 26)) < rng.random((3000, 1)) ** 0.3).astype(np.int64)
    words = [-column for column in cases.T]
    candidates = cubical_candidates(words) != 0
    for case, candidate in zip(cases, candidates, strict=True):
        vertices = [a for a in range(6) if case[a]]
        corners = sum(int(bit) << i for i, bit in enumerate(case[6:]))
        edges, triangles = cubical_masks(vertices, corners)
        graph = nx.Graph()
        graph.add_nodes_from(vertices)
        graph.add_edges_from(geometry.edges[edges].tolist())
        characteristic = len(vertices) - len(edges) + len(triangles)
        regular = characteristic == 1 and nx.number_connected_components(graph) == 1
        assert candidate == (not regular)


def assert_spans(parents, vertices, graph):
    """A packed forest has the vertices' components as trees, and edges of the graph only."""
    roots = 0
    for direction in range(16):
        parent = parents >> (4 * direction) & 15
        if direction not in vertices:
            assert direction >= len(graph) or parent == ABSENT
        elif parent == ROOT:
            roots += 1
        else:
            assert graph.has_edge(direction, parent)
            walk = [direction]
            while (up := parents >> (4 * walk[-1]) & 15) != ROOT:
                assert up not in walk
                walk.append(up)
    assert roots == nx.number_connected_components(graph.subgraph(vertices))


def test_freudenthal_forests(freudenthal_graph):
    forests = layout((3, 3, 3), "freudenthal").link.value.forests
    for mask in range(0, FREUDENTHAL_CODES, 11):
        parents = int(forests[mask]) & (1 << 56) - 1
        assert_spans(parents, bits(mask, 14), freudenthal_graph)


def test_cubical_forests():
    geometry = cubical_geometry()
    forests = layout((3, 3, 3), "cubical").link.value.forests
    rng = np.random.default_rng(2)
    for _ in range(2000):
        vertices = bits(int(rng.integers(64)), 6)
        edges = [
            i
            for i, (a, b) in enumerate(geometry.edges.tolist())
            if {a, b} <= set(vertices) and rng.random() < 0.7
        ]
        graph = nx.Graph()
        graph.add_nodes_from(range(6))
        graph.add_edges_from(geometry.edges[edges].tolist())
        code = sum(1 << a for a in vertices) | sum(1 << e for e in edges) << 6
        assert_spans(int(forests[code]), vertices, graph)


def test_critical_triangles_of_all_freudenthal_links():
    """One fewer than the holes; the two sides of each are open; together they join all holes."""
    link = layout((3, 3, 3), "freudenthal").link.value
    graph = nx.Graph(freudenthal_geometry().edges.tolist())
    for mask in range(1, FREUDENTHAL_CODES - 1):
        holes = (int(link.components[mask]) >> 4) - 1
        if holes < 1 or mask % 5:
            continue
        upper = [d for d in range(14) if not mask >> d & 1]
        part = {}
        for number, component in enumerate(nx.connected_components(graph.subgraph(upper))):
            part |= dict.fromkeys(component, number)
        joined = nx.Graph()
        joined.add_nodes_from(range(holes + 1))
        for edge, one, other in link.saddles[mask, :holes].tolist():
            a, b = link.sphere.edges[edge]
            assert mask >> a & 1 and mask >> b & 1
            joined.add_edge(part[one], part[other])
        assert nx.is_connected(joined)


def test_layout_leaves_room_around_the_grid():
    grid = layout((3, 4, 5), "freudenthal")
    vertices = np.stack(np.meshgrid(*map(range, (3, 4, 5)), indexing="ij"), axis=-1)
    padded = vertices @ np.array([5 * 6, 6, 1]) + grid.start
    inside = np.unpackbits(grid.inside().view(np.uint8), bitorder="little")
    np.testing.assert_array_equal(np.flatnonzero(inside), padded.reshape(-1))
    steps = freudenthal_geometry().steps
    for step, offset in zip(steps, grid.link.value.down, strict=True):
        around = vertices + step
        within = ((around >= 0) & (around < (3, 4, 5))).all(-1)
        np.testing.assert_array_equal(inside[padded + offset] == 1, within)
