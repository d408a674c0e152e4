"""From virtual scans to a shape space, its scores, table and pictures."""

import numpy as np
import pandas as pd
import pytest

from toposhape.jobs.scan_space import (
    FRAMES,
    KINDS,
    draw_space_sheet,
    draw_ways_sheet,
    score_scan_space,
    space_scans,
    train_scan_space,
)
from toposhape.publication.tables.formats import to_markdown
from toposhape.publication.tables.scan_space import scan_space_document
from toposhape.settings.scans import ScanSpace

SETTINGS = ScanSpace(
    scan={"furniture": "sofa", "views": 6, "pixels": 40}, training_scans=3, new_scans=2,
    network={"width": 32, "depth": 2}, latent_size=4, max_epochs=4, shapes_per_step=3,
    points_per_step=64, code_steps=4, tuning_steps=2, field_resolution=32,
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("space")
    weights = folder / "w.safetensors"
    train_scan_space(
        SETTINGS, (0, 0), checkpoints=folder / "checkpoints", weights=weights,
        metadata=folder / "w.json", history=folder / "h.csv",
    )  # fmt: skip
    score_scan_space(weights, SETTINGS, (0, 0), 500, (folder / "s.csv", folder / "f.npz"))
    return folder


def test_new_scans_are_others_than_those_learned_from():
    old, new = (space_scans(SETTINGS, 0, new=new) for new in (False, True))
    assert (len(old), len(new)) == (3, 2)
    clouds = [scan.points for scan in old + new]
    assert len({(len(each), float(each.sum())) for each in clouds}) == 5
    again = space_scans(SETTINGS, 0, new=True)
    np.testing.assert_array_equal(again[0].points, new[0].points)


def test_every_kind_is_scored_and_told_in_quantiles(made):
    scores = pd.read_csv(made / "s.csv")
    assert scores.groupby("kind", sort=False).size().to_dict() == dict.fromkeys(KINDS, 2)
    text = to_markdown(scan_space_document(scores))
    middle = scores[scores["kind"] == KINDS[0]]["truth_chamfer"].median()
    assert f"{middle:.3f}" in text
    assert "of 2 right" in text


def test_sheets_have_a_column_for_each_new_scan_and_frame(made):
    with np.load(made / "f.npz") as fields:
        assert fields["code"].shape == fields["tuned"].shape == (2, 32, 32, 32)
        assert fields["ways"].shape == (1, FRAMES, 32, 32, 32)
        np.testing.assert_allclose(fields["ways"][0, 0], fields["code"][0], atol=1e-5)
    assert draw_space_sheet(made / "f.npz", SETTINGS, 0, 48).shape[0] > 4 * 48
    assert draw_ways_sheet(made / "f.npz", 48).shape[:2] == (48, FRAMES * 52 - 4)
