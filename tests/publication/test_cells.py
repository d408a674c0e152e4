"""What tables say of a method: every number by hand."""

import pandas as pd
import pytest

from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.score_table import COLUMNS, FLOOR
from toposhape.publication.tables.cells import as_printed, cell_table, collect_cells
from toposhape.settings.methods import ImplicitMethod

METHODS = {
    "Base": ImplicitMethod(variant="V", published="DeepSDF-VAD"),
    "Ours": ImplicitMethod(variant="V", published="Ours-DeepSDF", baseline="Base"),
}


def scores(lines):
    """Lines (method, seed, draw, metric, value, n) of chairs."""
    table = pd.DataFrame([("chair", *line) for line in lines], columns=COLUMNS)
    return table.astype({"training_seed": "Int64", "draw": "Int64"})


def of_draws(method, seed, values, metric="pd_lap", n=32):
    return [(method, seed, draw, metric, value, n) for draw, value in enumerate(values)]


def test_a_seed_counts_once_however_many_draws_it_has():
    lines = [*of_draws("Ours", 0, (1.0, 1.0, 1.0, 1.0)), *of_draws("Ours", 1, (3.0,))]
    cell = collect_cells(scores(lines), METHODS)["Ours", "chair", "pd_lap"]
    assert cell.mean == 2  # not 1.4, the mean over the draws
    assert cell.deviation == pytest.approx(2**0.5)
    assert cell.deviation_over == "seeds"


def test_of_sets_of_different_sizes_the_smallest_is_said():
    lines = [*of_draws("Ours", 0, (1.0,), n=20), *of_draws("Ours", 1, (1.0,), n=30)]
    assert collect_cells(scores(lines), METHODS)["Ours", "chair", "pd_lap"].n == 20


def test_a_single_value_has_no_deviation_and_draws_have_the_sample_deviation():
    one, several = of_draws("Base", 0, (2.0,)), of_draws("Ours", 0, (1.0, 2.0, 6.0))
    cells = collect_cells(scores([*one, *several]), METHODS)
    assert cells["Base", "chair", "pd_lap"].deviation is None
    assert cells["Ours", "chair", "pd_lap"].deviation == pytest.approx(7**0.5)  # 14 / (3 - 1)
    assert cells["Ours", "chair", "pd_lap"].deviation_over == "draws"


def test_references_without_seeds_are_averaged_and_compared_with_nobody():
    lines = [*of_draws(FLOOR, None, (1.0, 2.0)), *of_draws("Base", 0, (4.0,))]
    cell = collect_cells(scores(lines), METHODS)[FLOOR, "chair", "pd_lap"]
    assert (cell.mean, cell.deviation_over, cell.best) == (1.5, "draws", False)
    assert (cell.baseline, cell.change, cell.published) == (None, None, None)


def test_changes_refer_to_the_named_baseline_alone():
    lines = [*of_draws("Ours", 0, (3.0,)), *of_draws("Base", 0, (4.0,))]
    cells = collect_cells(scores(lines), METHODS)
    assert cells["Ours", "chair", "pd_lap"].change == pytest.approx(-0.25)
    assert cells["Ours", "chair", "pd_lap"].baseline == "Base"
    assert cells["Ours", "chair", "pd_lap"].published == 0.86
    assert cells["Base", "chair", "pd_lap"].change is None
    alone = collect_cells(scores(of_draws("Ours", 0, (3.0,))), METHODS)["Ours", "chair", "pd_lap"]
    assert alone.change is None and alone.better_seeds is None


def test_a_change_against_nothing_is_none():
    lines = [
        *of_draws("Ours", 0, (0.5,), "empty_share"),
        *of_draws("Base", 0, (0.0,), "empty_share"),
    ]
    assert collect_cells(scores(lines), METHODS)["Ours", "chair", "empty_share"].change is None


def test_seeds_are_compared_one_by_one_where_both_have_them():
    lines = [
        line
        for seed, (ours, base) in enumerate([(1.0, 2.0), (3.0, 2.0), (1.0, 1.0), (0.5, 4.0)])
        for line in (*of_draws("Ours", seed, (ours,)), *of_draws("Base", seed, (base,)))
    ]
    lines += of_draws("Ours", 9, (0.0,))  # the baseline has no such seed
    cell = collect_cells(scores(lines), METHODS)["Ours", "chair", "pd_lap"]
    assert cell.better_seeds == (2, 4)  # an equal one is not better


def test_of_scores_where_more_is_better_more_is_best():
    lines = [
        *of_draws("Ours", 0, (0.7,), "coverage"),
        *of_draws("Base", 0, (0.6,), "coverage"),
        *of_draws(FLOOR, None, (0.9,), "coverage"),
        *of_draws("Ours", 0, (0.7,), "spread"),
        *of_draws("Base", 0, (0.6,), "spread"),
    ]
    best = {key[:1] + key[2:] for key, c in collect_cells(scores(lines), METHODS).items() if c.best}
    assert best == {("Ours", "coverage")}


def test_best_is_decided_within_a_category_and_a_score():
    lines = [*of_draws("Ours", 0, (2.0,)), *of_draws("Base", 0, (3.0,))]
    other = scores([*of_draws("Ours", 0, (9.0,)), *of_draws("Base", 0, (8.0,))])
    table = pd.concat([scores(lines), other.assign(category="sofa")], ignore_index=True)
    best = {key for key, cell in collect_cells(table, METHODS).items() if cell.best}
    assert best == {("Ours", "chair", "pd_lap"), ("Base", "sofa", "pd_lap")}


def test_a_tie_at_the_shown_decimals_is_shared_by_the_best():
    lines = [
        *of_draws("Ours", 0, (0.01001,)),
        *of_draws("Base", 0, (0.00999,)),
        *of_draws("Third", 0, (0.02,)),
    ]
    methods = {**METHODS, "Third": ImplicitMethod(variant="V")}
    best = [key[0] for key, c in collect_cells(scores(lines), methods).items() if c.best]
    assert sorted(best) == ["Base", "Ours"]


def test_numbers_are_printed_in_the_units_of_their_score():
    assert as_printed(0.012345, METRICS["pd_lap"]) == "1.23"
    assert as_printed(0.012345, METRICS["pd_lap_h0"]) == "1.234"
    assert as_printed(0.012345, METRICS["cd_nearest"]) == "12.35"
    assert as_printed(0.5, METRICS["coverage"]) == "50.0"


def test_the_table_for_machines_has_every_field_in_shown_units():
    lines = [
        *of_draws("Base", 0, (0.02, 0.04)),
        *of_draws("Ours", 0, (0.01, 0.02)),
        *of_draws("Ours", 0, (0.5,), "coverage"),
        *of_draws(FLOOR, None, (0.005,)),
    ]
    cells = collect_cells(scores(lines), METHODS)
    table = cell_table(cells, ["Ours", FLOOR, "Base"], ["coverage", "pd_lap"])
    assert list(table.columns) == [
        *("category", "method", "metric", "unit", "mean", "deviation", "deviation_over", "n"),
        *("published", "baseline", "change", "published_change", "better_seeds", "best"),
    ]
    rows = list(zip(table["method"], table["metric"], strict=True))
    assert rows == [
        ("Ours", "coverage"),
        ("Ours", "pd_lap"),
        (FLOOR, "pd_lap"),
        ("Base", "pd_lap"),
    ]
    ours = table.iloc[1].to_dict()
    expected = {
        "category": "chair",
        "unit": "x 100",
        "mean": pytest.approx(1.5),
        "deviation": pytest.approx(100 * 0.01 / 2**0.5),
        "deviation_over": "draws",
        "n": 32,
        "published": 0.86,
        "baseline": "Base",
        "change": pytest.approx(-0.5),
        "published_change": pytest.approx(0.86 / 1.86 - 1),
        "best": True,
    }
    assert {name: ours[name] for name in expected} == expected
    assert table["unit"][0] == "%" and table["mean"][0] == 50
    assert pd.isna(table["deviation"][0]) and pd.isna(table["better_seeds"][1])
    assert table["best"].tolist() == [False, True, False, False]
