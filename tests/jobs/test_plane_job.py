"""Plane reproduction from end to end, in small."""

import numpy as np
import pandas as pd
import pytest

from toposhape.generators.scans import descents, known_surfaces
from toposhape.generators.scans.initial_spheres import initial_radii
from toposhape.jobs import plane
from toposhape.publication.figures.plane import plane_figure
from toposhape.publication.tables.formats import to_markdown
from toposhape.publication.tables.plane import plane_document
from toposhape.settings.scans import SurfaceNetwork


def test_descents_end_in_minima_and_theorem_3_holds():
    found = descents.descents(0)
    assert found["away"].shape == (18, descents.STEPS // descents.BETWEEN + 1)
    assert (found["away"][:, -1] < 1e-2).all()
    assert (found["curvatures"] > 0).sum() == 2
    assert (np.diff(found["heights"], axis=0) < 1e-12).all()


def test_calibrated_spheres_have_the_wanted_radius_and_flat_softplus_none():
    settings = SurfaceNetwork(width=64, depth=3)
    radii = initial_radii(settings, (0, 0), calibrated=True)
    assert np.nanmedian(radii) == pytest.approx(0.5, abs=0.1)
    flat = SurfaceNetwork(activation="softplus", sharpness=20)
    assert np.isnan(initial_radii(flat, (0, 0), calibrated=False)).all()


def test_the_job_writes_what_table_and_figure_show(tmp_path, monkeypatch):
    small = known_surfaces.FITTING.model_copy(update={"max_epochs": 4, "points_per_step": 64})
    monkeypatch.setattr(known_surfaces, "FITTING", small)
    monkeypatch.setattr(known_surfaces, "MEASURED", 500)
    monkeypatch.setattr(plane, "NETWORKS", {n: SurfaceNetwork(width=16) for n in plane.NETWORKS})
    plane.reproduce_plane([0], 0, tmp_path / "errors.csv", tmp_path / "pictures.npz")
    errors = pd.read_csv(tmp_path / "errors.csv")
    assert errors.groupby(["surface", "start"]).size().shape == (4,)
    assert (errors["median"] < errors["mean"]).all()
    text = to_markdown(plane_document(errors))
    assert "| plane, printed | 0.003 | 0.04 |" in text
    with np.load(tmp_path / "pictures.npz") as pictures:
        assert len(plane_figure(dict(pictures)).axes) == 8
