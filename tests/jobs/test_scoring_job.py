"""Scores from files: the right files, ids that look like numbers or nothing, and no torch."""

import json
import subprocess
import sys

import numpy as np
import pytest
from small_run import IDS, POINTS, SPLIT, prepared, solid, synthetic

from toposhape.evaluation.generator_scores import score_generated
from toposhape.evaluation.score_table import TEST, score_generator
from toposhape.evaluation.shape_sets import field_set, synthetic_sets
from toposhape.evaluation.topology_table import BETTI, read_topology
from toposhape.jobs.scoring import (
    Scored,
    compare_diagrams,
    read_sets,
    score_synthetic,
    score_truth,
)
from toposhape.topology import diagram_distances, read_diagrams


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("shapes"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return synthetic(tmp_path_factory.mktemp("run") / "synthetic")


def value(table, metric, draw=0):
    return table[table.metric == metric].value.iloc[draw]


def test_every_prepared_shape_is_described_once_under_its_own_name(truth):
    table = read_topology(truth.topology)
    assert sorted(table.index) == sorted(IDS)
    of_fields = field_set(np.stack([solid(i) for i in range(len(IDS))]), points=4)
    expected = of_fields.table.set_axis(IDS, axis=0)
    for shape in IDS:
        assert table.loc[shape].to_dict() == pytest.approx(expected.loc[shape].to_dict(), abs=1e-6)
    assert table.loc["NA", BETTI].tolist() == [1, 1, 0]
    assert table.loc["nan", BETTI].tolist() == [1, 0, 0]


def test_a_score_table_is_that_of_the_shapes_of_the_files(truth, made, tmp_path):
    reconstruction = tmp_path / "reconstruction.csv"
    reconstruction.write_text("shape,chamfer\nNA,0.1\nnan,0.2\n000,0.6\n")
    generated = made.diagrams.with_name("generated.parquet")
    table = score_synthetic(
        Scored("NA", "007", 3), truth, made, POINTS, made, generated, reconstruction
    )
    test, draws = truth.shapes("test", POINTS), synthetic_sets(*made)
    assert test.measured == draws[0].measured
    assert test.betti.tolist() == [[1, 1, 0], [1, 0, 0], [1, 1, 0]]
    of_diagrams = score_generated(
        read_sets(generated, made.topology),
        read_sets(made.diagrams, made.topology),
        read_diagrams(truth.diagrams, SPLIT["test"]),
        read_diagrams(truth.diagrams, SPLIT["training"]),
    )
    training = truth.shapes("training", POINTS).surfaces
    direct = score_generator(
        "NA", "007", 3, draws, test, [0.1, 0.2, 0.6], draws, training, of_diagrams
    )
    assert table.equals(direct)
    assert value(table, "cd_reconstruction") == pytest.approx(0.3)
    assert value(table, "one_piece_share") == 1
    assert value(table, "handles_mean") == pytest.approx(2 / 3)  # numbers 8, 9, 10
    assert value(table, "handles_mean", 1) == pytest.approx(1 / 3)  # 11, 12, 13
    assert value(table, "generator_pd_lap") > 0


def test_optional_files_add_their_scores_alone(truth, made):
    bare = score_synthetic(Scored("c", "m", 0), truth, made, POINTS)
    assert not any("posterior" in m or "generator" in m for m in bare.metric)
    assert "cd_reconstruction" not in set(bare.metric)


def test_the_truth_is_scored_from_the_same_files(truth):
    table = score_truth("c", truth, 2, None, POINTS)
    of_test = table[table.method == TEST].set_index("metric").value
    assert of_test["handles_mean"] == pytest.approx(2 / 3)


def test_too_few_stored_points_are_refused(truth, made):
    with pytest.raises(ValueError, match="surface points"):
        score_synthetic(Scored("c", "m", 0), truth, made, POINTS // 2)


def test_figure_3_compares_training_shapes_with_both(truth, made):
    generated = made.diagrams.with_name("generated.parquet")
    found = compare_diagrams(truth, made.diagrams, generated, made.topology)
    training = read_diagrams(truth.diagrams, SPLIT["training"])
    names = ["000", "001", "002"]
    for name, path in (("shapes", made.diagrams), ("diagrams", generated)):
        both = [d for draw in (0, 1) for d in read_diagrams(path, names, set_number=draw)]
        np.testing.assert_array_equal(found[name], diagram_distances(training, both[:4]))


def test_scoring_and_figures_import_no_torch():
    code = (
        "import sys, toposhape.jobs.scoring, toposhape.jobs.publication, toposhape.jobs.truth;"
        "import json; print(json.dumps([m for m in ('torch', 'snakemake') if m in sys.modules]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == []
