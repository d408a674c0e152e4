"""The paper's preset, and data of its size: what is planned, and what becomes of broken files."""

import json
import sys
from pathlib import Path

import pytest

from toposhape.settings.implicit import Decoder
from toposhape.settings.shapes import Shapes
from toposhape.shapes.batches import assign_batches
from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.requests import list_requests

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "docs")]

import made_up_data  # noqa: E402
import scale  # noqa: E402
import scale_costs  # noqa: E402
import scale_work  # noqa: E402

REASONS = {
    "empty": "empty file",
    "truncated": "not readable",
    "truncated-scene": "not readable",
    "nan": "not finite",
    "triangle": "flat",
    "sheet": "flat",
    "counts": "claims 3000000000",
    "counts-stl": "claims 4294967295",
    "picture": "",
    "words": "no faces",
    "huge": "absurd scale",
    "point": "degenerate",
    "needle": "too thin",
    "indices": "",
    "no-faces": "no faces",
}


@pytest.fixture(scope="module")
def paper():
    return scale_work.paper()


def test_the_paper_has_published_sizes(paper):
    """Numbers from DeepSDF's specs.json and reconstruction, and 3DShape2VecSet's models_ae.py."""
    decoder, training = paper.shape_generator.decoder, paper.shape_generator.training
    assert (decoder.width, decoder.depth, decoder.latent_size) == (512, 8, 256)
    assert decoder.skip_layers == (4,)
    assert decoder.weight_norm
    assert decoder.tanh_output
    assert decoder.dropout == 0.2
    assert (training.shapes_per_batch, training.samples_per_shape) == (64, 16384)
    assert (training.learning_rate, training.code_learning_rate) == (5e-4, 1e-3)
    assert paper.evaluation.reconstruction.steps == 800
    sets = paper.vector_sets
    assert (sets.autoencoder.latents, sets.autoencoder.width, sets.autoencoder.layers) == (
        *(512, 512),
        24,
    )
    assert (sets.sampler.steps, sets.diffusion_training.averaging) == (18, 0.9999)


def test_the_paper_has_the_categories_of_deepsdf(paper):
    given = {c.synset: c for c in paper.categories.values()}
    for synset, plural, *_ in made_up_data.DEEPSDF_SPLITS:
        names = [Path(file).name for file in given[synset].split_files]
        assert names == [f"sv2_{plural}_train.json", f"sv2_{plural}_test.json"]
        assert (given[synset].source, given[synset].version) == ("shapenet", 2)
    assert len(given) == 3


@pytest.mark.parametrize("version", [1, 2])
def test_made_up_shapenet_is_listed_as_the_real_one(tmp_path, version):
    synset = made_up_data.Synset("03001627", "chairs", 30, 12)
    splits = tmp_path / "splits"
    made_up_data.write_shapenet(tmp_path / "data", splits, synsets=[synset], version=version)
    requests = list_requests(
        "shapenet",
        path=tmp_path / "data",
        synset="03001627",
        version=version,
        split_files=sorted(splits.iterdir()),
    )
    assert len(requests) == 42
    assert all(Path(request.source).is_file() for request in requests)
    assert (
        len(json.loads((splits / "sv2_chairs_test.json").read_text())["ShapeNetV2"]["03001627"])
        == 12
    )
    assert sum(map(len, assign_batches(requests, 10).values())) == 42


def test_every_broken_file_is_rejected_with_its_reason(tmp_path):
    made_up_data.write_furniture(tmp_path, len(made_up_data.BROKEN), broken_every=1)
    requests = list_requests("folder", path=tmp_path)
    small = Shapes(resolution=16, samples=200, surface_points=50, least_thickness=0)
    lines = prepare_batch(requests, tmp_path / "batch", small, progress=False).itertuples()
    found = {line.shape.split("-", 1)[1]: line for line in lines}
    for way, reason in REASONS.items():
        assert found[way].status == "rejected"
        assert found[way].reason
        assert reason in found[way].reason
    copies = {found[name].geometry_hash for name in ("twice-a", "twice-b")}
    assert len(copies) == 1
    assert len(found) == len(REASONS) + 2


@pytest.mark.slow
def test_the_paper_is_planned(tmp_path):
    options = scale.parser().parse_args(["plan", "--repetitions", "1"])
    numbers = scale.plan(tmp_path, options)
    assert numbers["models"] == 3281 + 832 + 4859 + 1216 + 1628 + 411
    assert numbers["jobs"] > 2 * numbers["batches"] > 2 * numbers["models"] / 75


def test_operations_of_a_decoder_are_those_of_its_matrices(paper):
    decoder = Decoder(width=32, depth=4, latent_size=5, skip_layers=(2,))
    generator = paper.shape_generator.model_copy(update={"decoder": decoder})
    small = paper.model_copy(update={"shape_generator": generator})
    cost = scale_costs.decoder_costs(small, paper.variants["DeepSDF"])
    products = 3 * 32 + 3 * 32**2 + 3 * 32 + 32  # a point's own; its code is the shape's
    assert cost.forward.operations == 2 * products
    inputs = 3 * 32 + 3 * 32  # points need no gradient, their weights do
    assert cost.data.operations == 2 * (3 * products - inputs)
    assert cost.code.operations == 2 * (2 * products - inputs)
    assert cost.data.kept_bytes > cost.code.kept_bytes > cost.forward.kept_bytes == 0


def test_second_derivatives_cost_four_times_the_data_term(paper):
    cost = scale_costs.decoder_costs(paper, paper.variants["DeepSDF-SE"])
    assert 1.9 < cost.eikonal.operations / cost.data.operations < 2.1
    assert 3.9 < cost.regularised.operations / cost.data.operations < 4.1


def test_pretraining_is_epochs_times_shapes_times_samples(paper):
    chair = scale_work.categories(paper)[0]
    assert (chair.training, chair.validation, chair.test) == (2871, 410, 832)
    variant = paper.variants["DeepSDF"]
    cost = scale_costs.decoder_costs(paper, variant)
    found = scale_work.pretraining(paper, variant, cost, chair)
    samples = 2000 * (2871 + 410 * 2 / 3) * 16384
    assert found == pytest.approx(samples * cost.data.operations, rel=0.01)


def test_rows_that_share_a_training_cost_shapes_only(paper, monkeypatch):
    one = scale_costs.DecoderCosts(*5 * [scale_costs.Cost(1.0, 1.0)])
    monkeypatch.setattr(scale_work, "decoder_costs", lambda *_: one)
    chair = scale_work.categories(paper)[0]
    work = scale_work.implicit_work(paper, chair)
    stages = {name: [w.stage for w in work if w.name == name] for name in paper.methods}
    assert stages["Placed-DeepSDF"] == ["joint training", "reconstruction", "synthesis"]
    assert stages["Placed-KDE"] == ["synthesis"]
    made = {w.name: w.operations for w in work if w.stage == "synthesis"}
    assert made["Placed-DeepSDF"] == 12 * chair.test * 64**3  # ten sets and two of posteriors
    assert made["Placed-KDE"] == 10 * chair.test * 64**3


def test_the_cores_hours_are_told_of_every_family(paper):
    measured = json.loads((ROOT / "docs" / "scale_measured.json").read_text())
    found = scale_work.processor_hours(paper, measured, scale_work.categories(paper))
    assert len(found) == 7
    assert all(seconds > 0 for _, seconds, _ in found)
