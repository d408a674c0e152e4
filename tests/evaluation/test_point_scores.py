"""Scores of sets of clouds: by hand on few points, and what must hold of any."""

import numpy as np
import pytest

from toposhape.evaluation.chamfer import chamfer_matrix
from toposhape.evaluation.earth_mover import earth_mover_matrix
from toposhape.evaluation.point_scores import CLOUD_METRICS, CloudReference, score_clouds


def clouds(count, seed=0, shift=0.0, points=24):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-0.4, 0.4, (count, 1, 3)) + shift
    return (centres + rng.normal(0, 0.1, (count, points, 3))).astype(np.float32)


def test_every_score_is_that_of_its_matrix():
    reference, made = clouds(5), clouds(5, seed=1)
    found = score_clouds(made, CloudReference.of(reference, 16))
    assert set(found) == set(CLOUD_METRICS)
    for kind, matrix in (
        ("cd", chamfer_matrix(reference, made)),
        ("emd", earth_mover_matrix(reference[:, :16], made[:, :16])),
    ):
        assert found[f"mmd_{kind}"] == pytest.approx(matrix.min(axis=1).mean())
        assert found[f"cov_{kind}"] == len(set(matrix.argmin(axis=0))) / 5


def test_copies_of_the_reference_are_near_and_cover_it_and_cannot_be_told():
    reference = clouds(6)
    found = score_clouds(reference.copy(), CloudReference.of(reference, 24))
    assert found["mmd_cd"] == found["mmd_emd"] == found["jsd"] == 0
    assert found["cov_cd"] == found["cov_emd"] == 1
    assert found["nna_cd"] == found["nna_emd"] == 0


def test_far_away_clouds_are_always_told_and_share_no_cell():
    found = score_clouds(clouds(6, seed=1, shift=5.0), CloudReference.of(clouds(6), 24))
    assert found["nna_cd"] == found["nna_emd"] == 1
    assert found["jsd"] == pytest.approx(1)


def test_one_cloud_many_times_covers_one():
    made = np.repeat(clouds(1, seed=3), 6, axis=0)
    found = score_clouds(made, CloudReference.of(clouds(6), 24), earth_mover=False)
    assert found["cov_cd"] == pytest.approx(1 / 6)
    assert not any(name.endswith("emd") for name in found)


def test_other_numbers_of_points_are_refused():
    reference = CloudReference.of(clouds(3), 24)
    with pytest.raises(ValueError, match=r"equally many points, not \(12, 3\) and \(24, 3\)"):
        score_clouds(clouds(3, points=12), reference)
    with pytest.raises(ValueError, match="30 of 24 points"):
        CloudReference.of(clouds(3), 30)
