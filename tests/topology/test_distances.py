"""Equation (1) against the augmented assignment problem, its metric properties, equation (2)."""

import itertools
import subprocess
import sys

import lap
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toposhape.topology import Diagram, diagram_distance, diagram_distances, distribution_distance

SMOOTH = settings(deadline=None, max_examples=150, derandomize=True)


def random_diagram(rng, size, spread=0.3):
    birth = rng.random(size)
    return np.stack([birth - spread * rng.random(size), birth], axis=1)


def integer_diagram(rng, size):
    """Many ties: small integers, some points on the diagonal."""
    death = rng.integers(0, 4, size)
    return np.stack([death, death + rng.integers(0, 4, size)], axis=1).astype(float)


def crowd(rng, size):
    """Everybody's best partner is the same: tall points around one place."""
    centre = np.array([0.0, 1.0])
    return np.sort(centre + 1e-3 * rng.standard_normal((size, 2)), axis=1)


def ladder(rng, size):
    """A chain in which each point slightly prefers the partner of the one before."""
    step = np.arange(size) * 0.1
    return np.stack([step, step + 1.0 + 0.01 * rng.random()], axis=1)


MAKERS = [random_diagram, integer_diagram, crowd, ladder]
SIZES = [(0, 0), (0, 5), (1, 1), (7, 7), (3, 80), (60, 45), (100, 16)]


def whole_diagram(points_of_degrees):
    vertices = tuple(np.zeros(np.shape(p), np.int64) for p in points_of_degrees)
    return Diagram(tuple(points_of_degrees), vertices)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_equals_the_augmented_problem(maker, sizes):
    rng = np.random.default_rng(sum(sizes))
    for _ in range(5):
        p, q = maker(rng, sizes[0]), maker(rng, sizes[1])
        exact = diagram_distance(p, q, engine="lap")
        assert diagram_distance(p, q) == pytest.approx(exact, abs=1e-9)
        assert diagram_distance(q, p) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_makers_mixed(maker):
    rng = np.random.default_rng(1)
    for other in MAKERS:
        p, q = maker(rng, 40), other(rng, 25)
        exact = diagram_distance(p, q, engine="lap")
        assert diagram_distance(p, q) == pytest.approx(exact, abs=1e-9)


def test_scales_of_very_different_size():
    rng = np.random.default_rng(2)
    p = np.concatenate([random_diagram(rng, 20), 1e-6 * random_diagram(rng, 20)])
    q = np.concatenate([random_diagram(rng, 15), 1e-6 * random_diagram(rng, 30)])
    for scale in (1e-8, 1.0, 1e6):
        exact = diagram_distance(scale * p, scale * q, engine="lap")
        assert diagram_distance(scale * p, scale * q) == pytest.approx(exact, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_equals_the_augmented_problem_for_many(maker):
    rng = np.random.default_rng(11)
    for _ in range(400):
        other = MAKERS[rng.integers(len(MAKERS))]
        p, q = maker(rng, rng.integers(0, 120)), other(rng, rng.integers(0, 120))
        exact = diagram_distance(p, q, engine="lap")
        assert diagram_distance(p, q) == pytest.approx(exact, abs=1e-9)


def points(largest=6):
    """Small diagrams on a lattice, so that ties and equal points are common."""
    coordinate = st.integers(-4, 4)
    pair = st.tuples(coordinate, coordinate).map(sorted)
    return st.lists(pair, max_size=largest).map(lambda p: np.array(p, float).reshape(-1, 2) / 4)


def brute_force(p, q):
    """Try every partial matching."""
    alone = lambda x: (x[1] - x[0]) ** 2 / 2  # noqa: E731
    best = np.inf
    for partners in itertools.product(range(-1, len(q)), repeat=len(p)):
        used = [j for j in partners if j >= 0]
        if len(set(used)) < len(used):
            continue
        cost = sum(alone(q[j]) for j in range(len(q)) if j not in used)
        for i, j in enumerate(partners):
            cost += alone(p[i]) if j < 0 else ((p[i] - q[j]) ** 2).sum()
        best = min(best, cost)
    return best


@settings(deadline=None, max_examples=60, derandomize=True)
@given(points(4), points(4))
def test_equals_every_partial_matching_tried(p, q):
    assert diagram_distance(p, q) == pytest.approx(brute_force(p, q), abs=1e-12)


@SMOOTH
@given(points(), points(), points())
def test_root_is_a_metric(p, q, r):
    pq, qp = diagram_distance(p, q), diagram_distance(q, p)
    assert pq == pytest.approx(qp, abs=1e-12)
    legs = np.sqrt(diagram_distance(p, r)) + np.sqrt(diagram_distance(r, q))
    assert np.sqrt(pq) <= legs + 1e-9


@SMOOTH
@given(points(), points())
def test_zero_exactly_for_equal_multisets(p, q):
    off_diagonal = [sorted(map(tuple, x[x[:, 0] < x[:, 1]])) for x in (p, q)]
    assert (diagram_distance(p, q) == 0.0) == (off_diagonal[0] == off_diagonal[1])


@SMOOTH
@given(points(), points(), st.randoms(use_true_random=False))
def test_order_and_points_on_the_diagonal_do_not_matter(p, q, random):
    order = list(range(len(p)))
    random.shuffle(order)
    shuffled = np.concatenate([p[order], [[0.3, 0.3]]])
    assert diagram_distance(shuffled, q) == pytest.approx(diagram_distance(p, q), abs=1e-12)


@pytest.mark.parametrize("engine", ["native", "lap"])
def test_matching_attains_the_distance(engine):
    rng = np.random.default_rng(3)
    for sizes in [(30, 50), (50, 30), (0, 4), (4, 0)]:
        p, q = random_diagram(rng, sizes[0]), random_diagram(rng, sizes[1])
        cost, matching = diagram_distance(p, q, return_matching=True, engine=engine)
        assert matching.dtype == np.int64
        assert matching.shape[1] == 2
        i, j = matching.T
        assert (np.diff(i) > 0).all()
        assert len(set(j.tolist())) == len(j)
        alone = lambda x, used: ((np.diff(np.delete(x, used, 0)) ** 2) / 2).sum()  # noqa: E731
        total = ((p[i] - q[j]) ** 2).sum() + alone(p, i) + alone(q, j)
        assert total == pytest.approx(cost, abs=1e-12)


def test_known_values():
    assert diagram_distance([[0.0, 1.0]], []) == pytest.approx(0.5)
    assert diagram_distance([[0.0, 1.0]], [[0.0, 1.5]]) == pytest.approx(0.25)
    far_apart = diagram_distance([[0.0, 0.2]], [[1.0, 1.2]])
    assert far_apart == pytest.approx(0.04)


def test_lap_is_asked_where_it_is_named_and_nowhere_else(monkeypatch):
    """The oracle of these tests would not be one if the native engine answered in its place."""
    asked = []
    lapjv = lap.lapjv

    def count(costs):
        asked.append(costs.shape)
        return lapjv(costs)

    monkeypatch.setattr(lap, "lapjv", count)
    p, q = np.array([[0.0, 1.0]]), np.array([[0.0, 1.5], [0.2, 0.4]])
    diagram_distance(p, q), diagram_distances([p], [q, p])
    assert asked == []
    diagram_distance(p, q, engine="lap")
    assert asked == [(3, 3)]
    diagram_distances([p], [q, p], engine="lap")
    assert asked == [(3, 3), (3, 3), (2, 2)]


def test_matrix_of_arrays():
    rng = np.random.default_rng(4)
    ps = [random_diagram(rng, n).astype(np.float32) for n in (0, 5, 17, 40)]
    qs = [random_diagram(rng, n) for n in (3, 0, 60)]
    expected = [[diagram_distance(p, q) for q in qs] for p in ps]
    for threads in (1, 3):
        np.testing.assert_array_equal(diagram_distances(ps, qs, threads=threads), expected)
    np.testing.assert_allclose(diagram_distances(ps, qs, engine="lap"), expected, atol=1e-12)


def test_matrix_with_itself():
    rng = np.random.default_rng(5)
    ps = [random_diagram(rng, n) for n in (12, 0, 30, 7)]
    matrix = diagram_distances(ps)
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(np.diag(matrix), 0)
    np.testing.assert_allclose(matrix, diagram_distances(ps, ps), atol=1e-12)


def test_whole_diagrams_sum_their_degrees():
    rng = np.random.default_rng(6)
    ps = [whole_diagram([random_diagram(rng, n) for n in (k, 9, 0)]) for k in range(4)]
    qs = ps[1:]
    parts = diagram_distances(ps, qs, parts=True)
    assert parts.shape == (3, 4, 3)
    for degree in range(3):
        one = diagram_distances([p.points[degree] for p in ps], [q.points[degree] for q in qs])
        np.testing.assert_array_equal(parts[degree], one)
        np.testing.assert_array_equal(diagram_distances(ps, qs, degrees=(degree,)), one)
    np.testing.assert_allclose(diagram_distances(ps, qs), parts.sum(axis=0), rtol=1e-15)


def test_lists_without_diagrams():
    assert diagram_distances([], []).shape == (0, 0)
    assert diagram_distances([], [np.zeros((2, 2))]).shape == (0, 1)
    assert diagram_distances([np.zeros((2, 2))], []).shape == (1, 0)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((3, 3)), r"p has shape \(3, 3\)"),
        ([[0.0, 1.0], [0.0, np.inf]], r"p: point 1 is \(0.0, inf\)"),
        ([[0.0, 1.0], [np.nan, 0.0]], "p: point 1"),
        ([[1.0, 0.0]], "death must not exceed birth"),
    ],
)
def test_wrong_points_are_refused(points, message):
    with pytest.raises(ValueError, match=message):
        diagram_distance(points, [[0.0, 1.0]])


def test_large_numbers_have_distances_as_long_as_float64_holds_them():
    for scale in (1e100, 1e149):
        p, q = scale * np.array([[0.0, 1.0], [0.2, 0.6]]), scale * np.array([[0.0, 2.0]])
        assert diagram_distance(p, q) / scale**2 == pytest.approx(1.08, rel=1e-12)
    for engine in ("native", "lap"):
        with pytest.raises(ValueError, match=r"q: point 1 is \(0.0, 2e\+150\).*up to 1e\+150"):
            diagram_distance([[0.0, 1.0]], [[0.0, 1.0], [0.0, 2e150]], engine=engine)
    with pytest.raises(ValueError, match="diagram 1 of ps, degree 2: point 0"):
        far = np.array([[-1e154, 1e154]])
        diagram_distances([whole_diagram([far[:0]] * 3), whole_diagram([far[:0], far[:0], far])])
    with pytest.raises(ValueError, match=r"costs\[0, 1\] is 1e\+301"):
        distribution_distance([[0.0, 1e301], [0.0, 0.0]])


def test_masks_are_refused():
    masked = np.ma.masked_array([[0.0, 1.0], [0.0, 5.0]], [[False, False], [True, True]])
    with pytest.raises(TypeError, match="p is a masked array"):
        diagram_distance(masked, [[0.0, 1.0]])


def test_lists_may_be_arrays():
    batch = np.sort(np.random.default_rng(9).random((3, 5, 2)), axis=2)
    np.testing.assert_array_equal(
        diagram_distances(batch, batch), diagram_distances(list(batch), list(batch))
    )


def test_errors_name_the_diagram():
    good, bad = np.array([[0.0, 1.0]]), np.array([[0.0, np.nan]])
    with pytest.raises(ValueError, match="diagram 1 of qs: point 0"):
        diagram_distances([good], [good, bad])
    with pytest.raises(ValueError, match="diagram 0 of ps, degree 2: point 0"):
        diagram_distances([whole_diagram([good, good, bad])])
    with pytest.raises(ValueError, match="not both"):
        diagram_distances([good, whole_diagram([good] * 3)])
    with pytest.raises(ValueError, match="parts"):
        diagram_distances([good], parts=True)
    with pytest.raises(ValueError, match="engine must be one of native, lap; got 'hera'"):
        diagram_distance(good, good, engine="hera")
    with pytest.raises(ValueError, match="engine"):
        diagram_distances([good], engine="hera")
    with pytest.raises(ValueError, match="threads"):
        diagram_distances([good], threads=0)


def test_distribution_distance_tries_every_permutation():
    costs = np.random.default_rng(7).random((6, 6))
    rows = np.arange(6)
    best = min(costs[rows, list(order)].sum() for order in itertools.permutations(range(6)))
    assert distribution_distance(costs) == pytest.approx(best / 6, rel=1e-12)


def test_distribution_distance_of_a_shuffled_set_is_zero():
    rng = np.random.default_rng(8)
    ps = [random_diagram(rng, 8) for _ in range(7)]
    assert distribution_distance(diagram_distances(ps, ps[::-1])) == 0.0


@pytest.mark.parametrize("costs", [np.zeros((2, 3)), np.zeros((0, 0)), np.zeros(4), [[np.nan]]])
def test_distribution_distance_refuses(costs):
    with pytest.raises(ValueError, match="costs"):
        distribution_distance(costs)


def test_importing_the_room_is_light():
    heavy = {"torch", "scipy.optimize", "scipy.spatial", "pyarrow", "gudhi", "lap"}
    code = f"import sys, toposhape.topology; print({heavy} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "set()", answer.stderr
