"""PointFlow's layout as a source: what it asks for, what is refused, what becomes of clouds."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

sys.path.insert(0, str(Path(__file__).parents[1] / "generators" / "gradient_fields"))
from test_gradient_field_training import SETTINGS

from toposhape.generators.gradient_fields.data import CloudSource, CloudSources
from toposhape.generators.gradient_fields.prior_training import train_code_prior
from toposhape.generators.gradient_fields.training import train_gradient_field
from toposhape.jobs.cloud_shapes import (
    CloudRecipe,
    prepare_cloud,
    prepare_cloud_batch,
    read_frame,
    write_frame,
)
from toposhape.jobs.point_clouds import measure_sheets
from toposhape.jobs.scoring import TruthFiles, score_truth
from toposhape.jobs.shapes import gather_batches, write_split
from toposhape.jobs.truth import describe_batch
from toposhape.settings.shapes import CLOUD_POINTS
from toposhape.settings.topology import Topology
from toposhape.shapes.batches import assign_batches
from toposhape.shapes.furniture import make_shape
from toposhape.shapes.normalisation import Transform
from toposhape.shapes.point_clouds import CloudRejected
from toposhape.shapes.prepared import PreparedShapes
from toposhape.shapes.requests import ShapeRequest, request_shapes
from toposhape.topology.tables import read_diagrams

SYNSET = "03001627"
PARTS = {"train": range(4), "val": range(4, 5), "test": range(5, 8)}
RECIPE = CloudRecipe(32, 0.06, 1, "y", 0, None)
RANDOM = np.random.default_rng(0)


def ball(radius: float = 1.0, centre: float = 0.0) -> np.ndarray:
    points = RANDOM.normal(size=(CLOUD_POINTS, 3))
    return radius * points / np.linalg.norm(points, axis=1, keepdims=True) + centre


def chair(number: int) -> np.ndarray:
    made = make_shape("chair", 0, number)
    mesh = trimesh.Trimesh(made.vertices, made.faces, process=False)
    return np.asarray(trimesh.sample.sample_surface(mesh, CLOUD_POINTS, seed=number)[0])


def saved(file, points) -> ShapeRequest:
    np.save(file, points)
    return ShapeRequest(file.stem, str(file))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Chairs in three folders; the first test shape is a training shape, too."""
    root = tmp_path_factory.mktemp("clouds")
    for part, numbers in PARTS.items():
        (root / SYNSET / part).mkdir(parents=True)
        for number in numbers:
            cloud = chair(0 if number == 5 else number).astype(np.float32)
            np.save(root / SYNSET / part / f"c{number}.npy", cloud)
    np.save(root / SYNSET / "train" / "broken.npy", chair(1)[:100])
    return root


def test_folders_are_the_parts(root):
    requests = request_shapes("point_clouds", path=root, synset=SYNSET)
    assert requests.parts == {
        "training": ["broken", "c0", "c1", "c2", "c3"],
        "validation": ["c4"],
        "test": ["c5", "c6", "c7"],
    }
    assert requests.shapes[1] == ("c0", str(root / SYNSET / "train" / "c0.npy"))


def test_one_name_in_two_folders_is_two_shapes(tmp_path):
    for part in ("train", "test"):
        (tmp_path / SYNSET / part).mkdir(parents=True)
        (tmp_path / SYNSET / part / "a.npy").touch()
    requests = request_shapes("point_clouds", path=tmp_path, synset=SYNSET)
    assert len({shape for shape, _ in requests.shapes}) == 2
    assert [len(part) for part in requests.parts.values()] == [1, 0, 1]


def test_a_folder_without_clouds_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no folder .*; mend its path"):
        request_shapes("point_clouds", path=tmp_path, synset=SYNSET)
    (tmp_path / SYNSET).mkdir()
    with pytest.raises(ValueError, match=r"no clouds train/<id>.npy, val/<id>.npy"):
        request_shapes("point_clouds", path=tmp_path, synset=SYNSET)


def with_nan() -> np.ndarray:
    points = ball()
    points[[3, 8], 1] = np.nan, np.inf
    return points


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (ball()[:2048], r"an array of shape \(2048, 3\); PointFlow's have \(15000, 3\)"),
        (np.hstack([ball(), ball()]), r"an array of shape \(15000, 6\)"),
        (ball()[None], r"an array of shape \(1, 15000, 3\)"),
        (np.zeros((0, 3)), r"an array of shape \(0, 3\)"),
        (with_nan(), "2 of 15000 points are not finite"),
        (ball() * [1, 0, 1], "flat"),
        (np.ones((CLOUD_POINTS, 3)), "degenerate: the whole cloud is 0 wide"),
        (ball(1e-30), "degenerate: the whole cloud is 2e-30 wide"),
        (ball(1e30), "absurd scale: coordinates up to 1e+"),
        (np.tile(ball()[:3000], (5, 1)), "copies: 3000 of 15000 points are different ones"),
        (np.array(["a", "b"]), "shape|not readable"),
    ],
)
def test_reasons(tmp_path, points, reason):
    with pytest.raises(CloudRejected, match=reason):
        prepare_cloud((saved(tmp_path / "a.npy", points), RECIPE))


def test_every_cloud_has_its_own_frame_and_its_points_stay_apart(tmp_path):
    points = ball(7, 3)
    request = saved(tmp_path / "a.npy", points)
    made = prepare_cloud((request, RECIPE))
    radii = np.linalg.norm(made.surface, axis=1)
    assert radii.max() == pytest.approx(1 / 1.03, rel=1e-3)
    back = made.surface / made.facts["scale"] + [made.facts[f"offset_{a}"] for a in "xyz"]
    for part in (slice(None, 10_000), slice(10_000, None)):
        assert np.allclose(np.sort(back[part], axis=0), np.sort(points[part], axis=0), atol=1e-4)
    assert not np.allclose(back, points, atol=0.1)
    again = prepare_cloud((request, RECIPE))
    assert np.array_equal(made.surface, again.surface)


def test_the_grid_is_the_signed_distance_of_the_outer_sheet(tmp_path):
    recipe = RECIPE._replace(frame=Transform(0.7, np.zeros(3)))
    made = prepare_cloud((saved(tmp_path / "a.npy", ball()), recipe))
    vertices = np.stack(np.meshgrid(*3 * [np.linspace(-1, 1, 32)], indexing="ij"), axis=-1)
    exact = np.linalg.norm(vertices, axis=-1) - 0.7
    assert np.abs(made.grid - exact)[exact > -0.4].max() < 0.03
    assert made.facts["inside_share"] == 1


def test_one_frame_keeps_sizes_and_has_no_place_for_other_units(tmp_path):
    sizes = {"a": 1.0, "b": 0.5, "c": 0.7, "huge": 1000.0, "tiny": 0.001}
    requests = {name: saved(tmp_path / f"{name}.npy", ball(r)) for name, r in sizes.items()}
    bad = saved(tmp_path / "bad.npy", with_nan())
    write_frame([*requests.values(), bad], "y", tmp_path / "frame.json")
    recipe = RECIPE._replace(frame=read_frame(tmp_path / "frame.json"))
    radii = {
        name: np.linalg.norm(prepare_cloud((requests[name], recipe)).surface, axis=1).max()
        for name in "abc"
    }
    assert radii["a"] <= 1
    assert radii["b"] / radii["a"] == pytest.approx(0.5, rel=1e-3)
    with pytest.raises(CloudRejected, match="huge: reaches .* times as far"):
        prepare_cloud((requests["huge"], recipe))
    with pytest.raises(CloudRejected, match="tiny: 0.001 wide"):
        prepare_cloud((requests["tiny"], recipe))
    with pytest.raises(ValueError, match="no cloud of the category can be read"):
        write_frame([bad], "y", tmp_path / "none.json")


@pytest.fixture(scope="module")
def prepared(root, tmp_path_factory):
    """A category of chairs through the functions of the rules, as far as its split."""
    folder = tmp_path_factory.mktemp("prepared")
    requests = request_shapes("point_clouds", path=root, synset=SYNSET)
    batches = assign_batches(requests.shapes, 20)
    found = []
    for name, shapes in batches.items():
        place = folder / "batches" / name
        prepare_cloud_batch(shapes, place, RECIPE, seconds=60, progress=False)
        files = [place / file for file in ("manifest.csv", "grid.npy")]
        written = [place / file for file in ("diagrams.parquet", "topology.csv")]
        describe_batch(*files, *written, Topology(), threads=1)
        found.append(place)
    names = {"manifest": "manifest.csv", "joined": "diagrams.parquet", "topology": "topology.csv"}
    files = {name: folder / file for name, file in names.items()}
    inputs = [[place / file for place in found] for file in names.values()]
    gather_batches(*inputs, **files, max_rejected=0.5)
    write_split(
        files["manifest"], folder / "split.json", seed=0, given=requests.parts,
        shares={"training": 0.7, "validation": 0.1, "test": 0.2},
    )  # fmt: skip
    return TruthFiles(
        files["joined"], files["topology"], [place / "surface.npy" for place in found],
        files["manifest"], folder / "split.json",
    )  # fmt: skip


def test_copies_in_other_parts_and_refused_clouds_are_left_out(prepared):
    assert json.loads(prepared.split.read_text()) == {
        "training": ["c1", "c2", "c3"],
        "validation": ["c4"],
        "test": ["c5", "c6", "c7"],
    }


def test_chairs_of_clouds_have_diagrams_and_are_scored_as_others(prepared):
    diagrams = read_diagrams(prepared.diagrams, ["c6"])[0]
    assert len(diagrams.points[0])  # a piece at least
    scores = score_truth("chair", prepared, 1, None, 300)
    assert set(scores["metric"]) >= {"pd_lap", "one_piece_share"}


def test_what_sheets_of_fewer_points_cost_is_measured_against_those_of_all(prepared, tmp_path):
    surfaces = PreparedShapes(prepared.manifest, prepared.surfaces)
    sources = CloudSources(
        *(CloudSource(surfaces, prepared.ids(part)) for part in ("training", "validation"))
    )
    training = SETTINGS.training.model_copy(update={"epochs": 2})
    common = {"seed": (0, 0), "checkpoints": tmp_path / "checkpoints"}
    field = tmp_path / "field.safetensors"
    train_gradient_field(
        sources, SETTINGS.encoder, SETTINGS.denoiser, training, **common,
        weights=field, metadata=tmp_path / "field.json", history=tmp_path / "history.csv",
    )  # fmt: skip
    weights = tmp_path / "generator.safetensors"
    train_code_prior(
        field, sources, "gaussian", SETTINGS, **common,
        weights=weights, metadata=tmp_path / "generator.json", history=tmp_path / "prior.csv",
    )  # fmt: skip
    grids = PreparedShapes(prepared.manifest, [f.with_name("grid.npy") for f in prepared.surfaces])
    sampling = {"sampler": {"levels": 3}}
    sheets = measure_sheets(prepared, grids, surfaces, weights, Topology(), sampling=sampling)
    means = sheets.groupby("field")["distance"].mean()
    assert means["true points"] < 0.2 * means["another shape"]
    assert sheets.query("field == 'true points'")["iou"].min() > 0.8
