"""Every experiment runs, tiny; its parts against closed forms; the table says what numbers say."""

import json

import numpy as np
import pytest
import torch
from idx_files import write_idx

from toposhape.jobs.layer_experiments import gathered_numbers, run_layer_experiment
from toposhape.layer_experiments import (
    EXPERIMENTS,
    attack,
    comparison,
    denoising,
    generator,
    mapping,
    voxels,
)
from toposhape.layer_experiments.claims import CLAIMS
from toposhape.layer_experiments.classifiers import DirectionalFeatures
from toposhape.layer_experiments.clusters import gaps
from toposhape.layer_experiments.digits import draw_digits
from toposhape.layer_experiments.image_scores import first_wasserstein, inception_score
from toposhape.layer_experiments.lines import curves, maxima
from toposhape.layer_experiments.penalised import errors_of
from toposhape.publication.figures.layer_experiments import WORDS, errors_figure, pictures_figure
from toposhape.publication.tables.formats import to_markdown
from toposhape.publication.tables.layer_experiments import layer_experiments_document, summary
from toposhape.shapes.furniture import make_shape
from toposhape.shapes.grids import signed_distance_grid
from toposhape.shapes.normalisation import normalising_transform
from toposhape.shapes.signed_distance import make_solid
from toposhape.topology import AlphaPersistence, LevelSetPersistence, wasserstein_loss

TINY = {
    "seeds": [0], "train_images": 60, "test_images": 30, "points": 20, "point_steps": 2,
    "regression_trials": 2, "regression_steps": 3, "image_steps": 2, "generator_iterations": 2,
    "generator_more": 1, "generated": 12, "attacked": 4, "chairs": 12, "voxel_iterations": 2,
    "voxels_scored": 6,
}  # fmt: skip


@pytest.fixture(scope="module")
def few_steps():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attack, "STEPS", {"signs": 1, "Adam": 2})
        patch.setattr(denoising, "STEPS", 2)
        patch.setattr(generator, "TOPOLOGY_STEPS", 2)
        patch.setattr(generator, "DIAGRAM_STEPS", 2)
        patch.setattr(generator, "QUERY_STEPS", 2)
        patch.setattr(voxels, "STEPS", 2)
        patch.setattr(mapping, "EPOCHS", 1)
        patch.setattr(comparison, "STEPS", 2)
        yield


@pytest.fixture(scope="module")
def runs(tmp_path_factory, few_steps):
    folder = tmp_path_factory.mktemp("layer_experiments")
    files = [folder / name for name in EXPERIMENTS]
    for name, file in zip(EXPERIMENTS, files, strict=True):
        run_layer_experiment(name, 0, TINY, file.with_suffix(".json"), file.with_suffix(".npz"))
    return files


def test_every_claim_finds_its_numbers(runs):
    numbers = gathered_numbers(file.with_suffix(".json") for file in runs)
    text = to_markdown(layer_experiments_document(numbers))
    for claim in CLAIMS:
        assert claim.sentence in text
    assert numbers["value"].notna().all()
    assert len(summary(numbers)) == len(numbers)
    assert {claim.experiment for claim in CLAIMS} == set(EXPERIMENTS)


def test_every_experiment_has_a_figure(runs):
    numbers = gathered_numbers(file.with_suffix(".json") for file in runs)
    for file in runs:
        if file.name in ("clusters", "lines"):
            figure = errors_figure("x", numbers[numbers["experiment"] == file.name])
            assert len(figure.axes) == 2
        else:
            with np.load(file.with_suffix(".npz")) as pictures:
                figure = pictures_figure("x", dict(pictures))
            titles = [axes.get_title(loc="left") for axes in figure.axes]
            assert [WORDS.get(name, name) for name in pictures.files] == titles[
                : len(pictures.files)
            ]


def test_a_run_is_its_seed(runs, tmp_path):
    again = tmp_path / "again"
    run_layer_experiment("lines", 0, TINY, again.with_suffix(".json"), again.with_suffix(".npz"))
    (first,) = [file for file in runs if file.name == "lines"]
    contents = [json.loads(f.with_suffix(".json").read_text()) for f in (first, again)]
    assert contents[0] == contents[1]


def test_a_run_on_mnist_files(few_steps, tmp_path):
    """Drawn digits, as IDX files: rounded to bytes, the same experiment."""
    for part, seed in (("train", 0), ("t10k", 1)):
        digits = draw_digits(60, seed)
        images = np.round(255 * digits.images).astype(np.uint8)
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", digits.labels.astype(np.uint8))
    settings = TINY | {"mnist": str(tmp_path)}
    for name in ("comparison", "denoising"):
        ends = [tmp_path / f"{name}.json", tmp_path / f"{name}.npz"]
        run_layer_experiment(name, 0, settings, *ends)
        numbers = json.loads(ends[0].read_text())["numbers"]
        assert np.isfinite(list(numbers.values())).all()
    with np.load(tmp_path / "comparison.npz") as pictures:
        bytes_of = np.round(255 * pictures["image"]).astype(np.uint8)
    nines = np.round(255 * digits.images[digits.labels == 9]).astype(np.uint8)
    assert (nines == bytes_of).all(axis=(1, 2)).any()


def test_gaps_are_the_bars_of_numbers():
    numbers = torch.rand(3, 12, generator=torch.Generator().manual_seed(0))
    diagrams = AlphaPersistence(1, weak=True)(numbers[:, :, None])
    for own, diagram in zip(gaps(numbers), diagrams.unbind(), strict=True):
        lengths = diagram.points[0][:, 1] - diagram.points[0][:, 0]
        torch.testing.assert_close(own.sort().values, lengths.sort().values)


def test_the_lines_have_three_maxima():
    for line in curves().values():
        one = torch.from_numpy(line)[None]
        assert maxima(one, skip=0).item() > 1
        assert maxima(one, skip=2).item() == 0


def test_least_squares_with_enough_samples_is_the_truth():
    truth = torch.randn(3, 10, generator=torch.Generator().manual_seed(1))
    found = errors_of(truth, 40, {"none": lambda b: 0 * b.sum(1)}, noise=0.0, steps=1, seed=0)
    assert found["OLS"][0] < 1e-8
    assert max(found["none"]) < 0.2  # Adam's first step is as long as its rate


def test_voxels_are_the_signed_distance_cut_off():
    made = make_shape("chair", 3, 1)
    vertices = normalising_transform(made.vertices).apply(made.vertices)
    solid = make_solid(vertices, made.faces, sheet_thickness=0)
    distance = signed_distance_grid(solid, voxels.SIDE).values * (voxels.SIDE - 1) / 2
    assert np.allclose(voxels.voxel_chairs(2, seed=3)[1], np.clip(1.5 - distance, 0, 1), atol=1e-5)


def test_chairs_in_voxels_hang_together():
    chairs = voxels.voxel_chairs(8, seed=3)
    assert chairs.min() == 0 and chairs.max() == 1
    assert generator.in_one_piece(chairs, voxels.PIECES) == 1
    crumbs = chairs.copy()
    crumbs[:4, 0, 0, 0] = 1
    assert generator.in_one_piece(crumbs, voxels.PIECES) == 0.5


def test_views_show_what_is_above_above():
    solid = np.zeros((1, voxels.SIDE, voxels.SIDE, voxels.SIDE), np.float32)
    solid[0, 8:12, 14:18, 8:12] = 1
    rows = voxels.views(solid)[0].max(axis=1).nonzero()[0]
    assert 0 < rows.max() < len(voxels.views(solid)[0]) / 2


def test_first_wasserstein_is_the_loss_of_order_one():
    rng = np.random.default_rng(0)
    for _ in range(5):
        image = torch.from_numpy(rng.random((1, 6, 6)))
        goal = np.sort(rng.random((4, 2)), axis=1)
        diagrams = LevelSetPersistence(2)(image)
        expected = wasserstein_loss(diagrams, 0, [torch.from_numpy(goal)], order=1.0).item()
        points = diagrams.unbind()[0].points[0].numpy()
        assert first_wasserstein(points, goal) == pytest.approx(expected)


def test_inception_scores_of_the_sure_and_the_unsure():
    images = torch.arange(10.0)
    one_hot = torch.nn.functional.one_hot
    sure = inception_score(lambda x: 100.0 * one_hot(x.long(), 10), images)
    unsure = inception_score(lambda x: torch.zeros(len(x), 10), images)
    assert sure == pytest.approx(10, abs=1e-4)
    assert unsure == pytest.approx(1)


def test_features_of_eight_directions_have_gradients():
    images = torch.from_numpy(draw_digits(2, 0).images).requires_grad_()
    features = DirectionalFeatures()(images)
    assert features.shape == (2, 400)
    features.sum().backward()
    assert images.grad.isfinite().all()
    assert images.grad.abs().max() > 0
