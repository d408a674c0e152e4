"""What is done with trained generators, on a GPU: fields, meshes, diagrams, codes as on a CPU."""

from pathlib import Path

import numpy as np
import pytest
import small_trainings
import torch
from numpy.testing import assert_allclose, assert_array_equal

from toposhape.evaluation.generated import diagrams_of_codes
from toposhape.evaluation.interpolation import codes_between, pieces_of_code, shapes_of_codes
from toposhape.evaluation.synthesis import synthesise
from toposhape.generators import Examples, ImplicitDecoder, evaluate_on_grid, load
from toposhape.generators.diagrams.health import diagram_statistics, generated_distance, probe_codes
from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.generators.implicit.fields import fast_dtype, points_in_a_block
from toposhape.generators.implicit.reconstruction import reconstruct
from toposhape.generators.implicit.store import load_generator, save_generator
from toposhape.generators.priors import normal_numbers
from toposhape.learning.seeds import choose_device
from toposhape.settings.implicit import Decoder, Reconstruction
from toposhape.topology import SuperlevelPersistence

RESOLUTION = 20
CODES = normal_numbers(1, 3, 2, seed=0)[0]
NEAR = {"rtol": 1e-3, "atol": 1e-4}  # of one pass through a small network


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Path:
    """Everything trained, on a CPU."""
    folder = tmp_path_factory.mktemp("start")
    small_trainings.pretrain(folder, "cpu", max_epochs=60)
    small_trainings.pretrain_diagrams(folder, "cpu", folder)
    return folder


@pytest.mark.parametrize("activation", ["relu", "silu", "softplus", "sine"])
@pytest.mark.parametrize(("tolerance", "dtype"), [(0.0, "float32"), (0.2, "float32"), (0.3, None)])
def test_fields(activation: str, tolerance: float, dtype: str | None, gpu):
    torch.manual_seed(0)
    decoder = ImplicitDecoder(Decoder(**small_trainings.DECODER), activation)
    kind = fast_dtype(gpu) if dtype is None else getattr(torch, dtype)
    given = {"resolution": RESOLUTION, "tolerance": tolerance, "dtype": kind}
    expected = evaluate_on_grid(decoder, CODES, **given)
    decoder.to(gpu)
    for codes in (CODES, torch.from_numpy(CODES).to(gpu)):
        found = evaluate_on_grid(decoder, codes, **given)
        rough = 0.02 if kind == torch.bfloat16 else 1e-4
        assert_allclose(found, expected, rtol=0, atol=rough)


def test_blocks_follow_from_the_memory_of_the_gpu(gpu):
    memory = torch.cuda.get_device_properties(gpu).total_memory
    assert points_in_a_block(128, gpu) == points_in_a_block(128, gpu, memory) > 1 << 10


def test_a_generator_is_loaded_to_the_gpu_and_written_from_it(start: Path, tmp_path: Path, gpu):
    loaded = load_generator(start / "generator.safetensors", choose_device("auto"))
    everything = [*loaded.decoder.parameters(), *loaded.codes.parameters()]
    assert all(each.device.type == gpu.type for each in everything)
    copy = tmp_path / "generator.safetensors"
    save_generator(copy, copy.with_suffix(".json"), loaded.decoder, loaded.codes, loaded.metadata)
    assert copy.read_bytes() == (start / "generator.safetensors").read_bytes()


def test_synthesis(start: Path, gpu):
    made = []
    for device in ("cpu", gpu):
        generator = load(start / "generator.safetensors", device)
        codes = generator.priors["posterior"](CODES, 0)
        shapes = synthesise(
            generator, codes, RESOLUTION, small_trainings.TOPOLOGY, points=32, seed=0, threads=1
        )
        made.append((codes, list(shapes)))
    (their_codes, theirs), (codes, shapes) = made
    assert_allclose(codes, their_codes, **NEAR)
    for shape, other in zip(shapes, theirs, strict=True):
        assert len(shape.faces)
        assert shape.topology.betti == other.topology.betti
        assert_allclose(shape.vertices, other.vertices, **NEAR)


def test_interpolation(start: Path, gpu):
    generators = [load(start / "generator.safetensors", device) for device in ("cpu", gpu)]
    between = codes_between(CODES[0], CODES[1], 3)
    frames = [
        list(shapes_of_codes(generator, between, RESOLUTION, small_trainings.TOPOLOGY, 1))
        for generator in generators
    ]
    for ours, theirs in zip(*frames, strict=True):
        assert_allclose(ours.vertices, theirs.vertices, **NEAR)
    pieces = [
        pieces_of_code(generator, between[1], RESOLUTION, small_trainings.TOPOLOGY)
        for generator in generators
    ]
    assert pieces[0] == pieces[1]


def test_reconstruction(start: Path, gpu):
    settings = Reconstruction(steps=20, samples_per_shape=64)
    codes = [
        reconstruct(
            load_generator(start / "generator.safetensors", device).decoder,
            small_trainings.rows()["samples"], ["t4", "t5"], settings, seed=0,
        )
        for device in ("cpu", gpu)
    ]  # fmt: skip
    assert_allclose(codes[1], codes[0], rtol=0, atol=1e-3)


def test_diagrams_of_the_diagram_generator(start: Path, gpu):
    found = []
    for device in ("cpu", gpu):
        generator = load_diagram_generator(start / "diagrams.safetensors", device).diagrams
        probes = probe_codes(generator.latent_size, torch.Generator().manual_seed(0)).to(device)
        truth = small_trainings.diagrams()[:3]
        codes = torch.from_numpy(CODES).to(device)
        found.append((
            diagrams_of_codes(generator, CODES, 0.01),
            diagram_statistics(generator, probes, truth, 0.01),
            generated_distance(generator, codes, truth, 0.01),
        ))  # fmt: skip
    (theirs, statistics, distance), (ours, our_statistics, our_distance) = found
    assert our_statistics == pytest.approx(statistics, abs=0.05)
    assert our_distance == pytest.approx(distance, rel=1e-3)
    for mine, other in zip(ours, theirs, strict=True):
        for points, others in zip(mine.points, other.points, strict=True):
            assert_allclose(points, others, **NEAR)


def test_the_layer(gpu):
    field = torch.from_numpy(-np.stack(list(small_trainings.rows()["grids"].values())[:2]))
    gradients, found = [], []
    for device in ("cpu", gpu):
        values = field.detach().to(device).requires_grad_()
        diagrams = SuperlevelPersistence(min_persistence=0.01, threads=1)(values)
        sum(points.square().sum() for each in diagrams for points in each.points).backward()
        gradients.append(values.grad.cpu().numpy())
        found.append([v.cpu().numpy() for each in diagrams for v in each.vertices])
    assert_allclose(gradients[1], gradients[0], rtol=1e-6)
    for ours, theirs in zip(found[1], found[0], strict=True):
        assert_array_equal(ours, theirs)


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> Path:
    """A 3DShape2VecSet, trained on the CPU."""
    folder = tmp_path_factory.mktemp("sets")
    small_trainings.train_sets(folder, "cpu")
    return folder


def test_vector_sets(sets: Path, gpu):
    noise = np.random.default_rng(0).standard_normal((2, 8), dtype=np.float32)
    given = small_trainings.rows()
    examples = Examples(["t0"], given["samples"], given["surfaces"])
    made = []
    for device in ("cpu", gpu):
        generator = load(sets / "generator.safetensors", device, {"steps": 4})
        shapes = [
            *generator.shapes(noise, RESOLUTION),
            *generator.reconstruct(examples, RESOLUTION),
        ]
        made.append(np.stack([shape.field for shape in shapes]))
    assert_allclose(made[1], made[0], rtol=0, atol=1e-3)
