"""The theory's parts against closed forms; every part runs, small, and table and figures follow."""

import numpy as np
import pytest

from toposhape.jobs.theory import gathered_parts, run_theory
from toposhape.publication.figures.theory import theory_figure
from toposhape.publication.tables.formats import to_markdown
from toposhape.publication.tables.theory import OPEN, REFUTED, summary, theory_document
from toposhape.publication.tables.theory_claims import CLAIMS
from toposhape.theory import PARTS, recovery
from toposhape.theory.averages import matrices, printed_norm, quotients
from toposhape.theory.circle import circle_diagram, matched_rows
from toposhape.theory.derivatives import derived_point, derived_value, differences, printed_point
from toposhape.theory.extrema import expected_count, maxima_on_interval, wave
from toposhape.theory.recovery import aligned_error, objective, solve
from toposhape.theory.trigonometric import basis, critical_points, draw, extrema_between
from toposhape.theory.weights import functions_and_outer, linear_error

SMALL = {
    "seeds": [0, 1], "polynomials": 3, "critical_points": 60, "samples": 100_000,
    "functions": 20, "recoveries": 1, "fields": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("theory")
    files = [folder / part for part in PARTS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "STEPS", 1)
        for part, file in zip(PARTS, files, strict=True):
            run_theory(part, SMALL, file.with_suffix(".csv"), file.with_suffix(".npz"))
    return files


def test_every_claim_finds_its_numbers(runs):
    numbers = gathered_parts(file.with_suffix(".csv") for file in runs)
    assert numbers["value"].notna().all()
    document = theory_document(numbers)
    text = to_markdown(document)
    for claim in CLAIMS:
        assert claim.sentence in text
    assert len(summary(numbers)) * 2 == len(numbers)
    verdicts = {row.label: row.entries[1].value for row in document.tables[0].rows}
    certain = [c for c in CLAIMS if c.part in ("extrema", "derivatives", "stability")]
    for claim in certain:
        assert verdicts[f"{claim.place}: {claim.sentence}"] == claim.verdict != OPEN


def test_numbers_on_which_no_verdict_stands_leave_it_open(runs):
    numbers = gathered_parts(file.with_suffix(".csv") for file in runs)
    broken = (numbers["name"] == "pairs that break (6)") & (numbers["seed"] == 1)
    numbers.loc[broken, "value"] = 1.0
    rows = theory_document(numbers).tables[0].rows
    (row,) = [r for r in rows if "bottleneck distance" in r.label]
    assert [entry.value for entry in row.entries[1:]] == [OPEN, "1 of 2"]
    numbers.loc[numbers["name"] == "pairs that break (6)", "value"] = 1.0
    rows = theory_document(numbers).tables[0].rows
    (row,) = [r for r in rows if "bottleneck distance" in r.label]
    assert [entry.value for entry in row.entries[1:]] == [REFUTED, "0 of 2"]


def test_every_part_has_a_figure(runs):
    for file in runs:
        with np.load(file.with_suffix(".npz")) as pictures:
            figure = theory_figure(file.name, dict(pictures))
        assert all(axes.has_data() for axes in figure.axes)


def test_a_run_is_its_seed(runs, tmp_path):
    again = tmp_path / "averages"
    run_theory("averages", SMALL, again.with_suffix(".csv"), again.with_suffix(".npz"))
    (first,) = [file for file in runs if file.name == "averages"]
    assert first.with_suffix(".csv").read_text() == again.with_suffix(".csv").read_text()


def test_critical_points_of_waves():
    (x,) = critical_points(wave(3)[None])
    expected = np.arange(6) * np.pi / 3 + 0.1
    np.testing.assert_allclose(np.sort((x + 0.1) % (2 * np.pi)), expected)
    assert extrema_between(wave(3), x) == (3, 3)
    assert expected_count(1, 0.0) == 2
    assert maxima_on_interval(4) == 5


def test_a_degree_that_is_too_high_is_named():
    with pytest.raises(ValueError, match="sin 2x and cos 2x"):
        critical_points(np.array([[0.0, 1, 0, 0, 0]]))


def test_all_zeros_of_the_derivative_are_found():
    rng = np.random.default_rng(0)
    grid = np.linspace(0, 2 * np.pi, 4001)
    for a in draw(rng, 20, 5, 1.0):
        (x,) = critical_points(a[None])
        assert np.abs(basis(x, 5, 1) @ a).max() < 1e-9
        changes = np.sum(np.diff(np.sign(basis(grid, 5, 1) @ a)) != 0)
        assert len(x) == changes == sum(extrema_between(a, x))


def test_the_lemma_for_a_single_wave():
    a = np.array([[0.3, 0.8, 0.6]])  # 0.8 sin x + 0.6 cos x = cos(x - atan2(0.8, 0.6))
    c = np.arctan2(a[:, 1], a[:, 2])
    np.testing.assert_allclose(derived_point(a, c), [[0, 0.6, -0.8]], atol=1e-12)
    np.testing.assert_allclose(printed_point(a, c), [[0, 0.6, 0.8]], atol=1e-12)
    np.testing.assert_allclose(derived_value(a, c), [[1, 0.8, 0.6]], atol=1e-12)
    point, value = differences(a, c)
    np.testing.assert_allclose(point, derived_point(a, c), atol=1e-8)
    np.testing.assert_allclose(value, derived_value(a, c), atol=1e-8)


def test_the_diagram_of_a_circle_is_that_of_a_fine_grid():
    from toposhape.topology import superlevel_diagrams

    rng = np.random.default_rng(1)
    for a in draw(rng, 5, 4, 0.5):
        found = circle_diagram(a)
        x = np.linspace(0, 2 * np.pi, 20001)[:-1]
        f = basis(x, 4) @ a
        f = np.roll(f, -int(f.argmin()))
        fine = superlevel_diagrams(np.append(f, f[0]), essential=True)
        np.testing.assert_allclose(
            np.sort(found.points[:-1], axis=0), np.sort(fine.points[0], axis=0), atol=1e-5
        )
        np.testing.assert_allclose(found.points[-1], [f.min(), f.max()], atol=1e-5)
        assert sorted(found.pairs.ravel()) == list(range(len(found.x)))


@pytest.mark.parametrize("power", [-6, -10, -13, -18, -300])
def test_waves_that_are_almost_nothing_hide_no_critical_point(power):
    for a in draw(np.random.default_rng(9), 5, 3, 0.5):
        more = np.concatenate([a, [0, 0, 10.0**power, -(10.0**power), 0, 10.0**power]])
        found = circle_diagram(more)
        np.testing.assert_allclose(found.values, circle_diagram(a).values, atol=1e-4)


def test_a_constant_function_is_refused():
    with pytest.raises(ValueError, match="must not be constant: it is 2.0"):
        circle_diagram(np.array([2.0, 0, 0]))


def test_the_rows_are_equation_one():
    from toposhape.topology import diagram_distance

    rng = np.random.default_rng(2)
    for a, b in zip(draw(rng, 8, 5, 1.0), draw(rng, 8, 5, 1.0), strict=True):
        f, g = circle_diagram(a), circle_diagram(b)
        rows, goals, rest = matched_rows(f, g)
        expected = diagram_distance(f.points[:-1], g.points[:-1])
        expected += np.sum((f.points[-1] - g.points[-1]) ** 2)
        assert np.sum((rows @ f.values - goals) ** 2) + rest == pytest.approx(expected)


def test_derivatives_of_equation_three_are_those_of_differences():
    rng = np.random.default_rng(3)
    a, b = draw(rng, 2, 4, 1.0)
    penalty, step = np.full(9, 0.01), 1e-6
    _, gradient, second = objective(a, penalty, circle_diagram(b))
    for i in range(9):
        side = step * np.eye(9)[i]
        up, down = (objective(a + s, penalty, circle_diagram(b)) for s in (side, -side))
        assert (up[0] - down[0]) / (2 * step) == pytest.approx(gradient[i], abs=1e-6)
        np.testing.assert_allclose((up[1] - down[1]) / (2 * step), second[i], atol=1e-4)


def test_descent_ends_where_the_gradient_is_zero():
    rng = np.random.default_rng(4)
    truth, start = draw(rng, 2, 3, 1.0)
    penalty, target = np.full(7, 0.01), circle_diagram(truth)
    before = objective(start, penalty, target)[0]
    found, value = solve(start, penalty, target)
    assert value < before
    assert np.abs(objective(found, penalty, target)[1]).max() < 1e-2


def test_shifts_and_reflections_are_no_errors():
    rng = np.random.default_rng(5)
    (a,) = draw(rng, 1, 4, 1.0)
    x = np.arange(9) * 2 * np.pi / 9
    shift = 37 * 2 * np.pi / 256
    for sign in (1, -1):
        moved = np.linalg.solve(basis(x, 4), basis(sign * x + shift, 4) @ a)
        assert aligned_error(moved, a) < 1e-20
    assert aligned_error(np.zeros(9), a) == pytest.approx(1)


def test_quotients_vanish_in_one_order_of_the_coefficients():
    rng = np.random.default_rng(6)
    assert np.abs(quotients(rng, 100, 5, 0.7, mixed=False)).max() < 1e-9
    assert np.abs(quotients(rng, 100, 5, 0.7, mixed=True)).max() > 0.1


def test_the_error_matrix_of_any_function_has_norm_one_at_least():
    points = critical_points(draw(np.random.default_rng(7), 10, 4, 0.0))
    for weight in (1e-3, 1.0):
        each, mean = matrices(points, 4, np.full(4, weight))
        assert np.linalg.norm(each, 2, axis=(1, 2)).min() > 1 - 1e-9
        assert np.linalg.norm(mean, 2) < 1
    assert printed_norm(np.ones(1), m=1, h2=1.0) == pytest.approx(0.5)


def test_the_error_of_the_linear_problem_is_that_of_solving_it():
    rng = np.random.default_rng(8)
    a, outer = functions_and_outer(rng, 40, 1.0, "critical points")
    mu, noise = np.arange(1.0, 7), 0.2
    penalty = np.concatenate([[0], np.repeat(mu, 2)])
    errors = []
    for coefficients, points in zip(a, critical_points(a), strict=True):
        v = basis(points, 6)
        values = v @ coefficients + noise * rng.standard_normal((4000, len(points)))
        found = np.linalg.solve(v.T @ v + np.diag(penalty), v.T @ values.T)
        errors.append(np.sum((found.T - coefficients) ** 2, axis=1).mean())
    expected = np.sum(errors) / np.sum(a**2)
    assert linear_error(mu, outer, a, noise) == pytest.approx(expected, rel=0.02)
