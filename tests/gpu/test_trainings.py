"""Every training on a GPU: it runs, ends in a CPU's weights, goes on from its checkpoints.

The simulated GPU has the CPU's kernels, in another order here and there (optimisers and attention
choose theirs by the device); a real one rounds otherwise, and trainings this short stay near.
"""

import json
from pathlib import Path

import pytest
import small_trainings
import torch
from simulated import WAITS

from toposhape.generators import ImplicitDecoder
from toposhape.learning import loop
from toposhape.settings.implicit import Variant
from toposhape.settings.joint import TopologicalTerms

SIMULATED = not torch.cuda.is_available()
ROUNDING = 1e-5 if SIMULATED else 2e-2  # Adam makes a step of a gradient's last bits
PRETRAININGS = {
    "DeepSDF": {},
    "clamped, one shape at a time": {"clamp": 0.1, "shapes_per_micro_batch": 1},
    "regularised": {"variant": small_trainings.SMOOTH},
    "regularised in parts": {"variant": small_trainings.SMOOTH, "shapes_per_micro_batch": 1},
    "Lipschitz": {"variant": Variant(activation="softplus", lipschitz_weight=1e-4)},
    "sine, Muon": {"variant": Variant(activation="sine"), "optimiser": "muon"},
    "published network": {
        "decoder": {"narrow_skip": True, "weight_norm": True, "tanh_output": True}
    },
}


def assert_same(
    ours: Path, others: Path, name: str = "generator", tolerance: float = ROUNDING
) -> None:
    """Compare the weights of two trainings."""
    torch.testing.assert_close(
        small_trainings.tensors(ours, name),
        small_trainings.tensors(others, name),
        rtol=tolerance,
        atol=tolerance,
    )


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Path:
    """Pretrained generators, made on a CPU."""
    folder = tmp_path_factory.mktemp("start")
    small_trainings.pretrain(folder, "cpu")
    small_trainings.pretrain_diagrams(folder, "cpu", folder)
    return folder


@pytest.mark.parametrize("what", PRETRAININGS)
def test_pretraining(what: str, tmp_path: Path, gpu):
    small_trainings.pretrain(tmp_path / "cpu", "cpu", **PRETRAININGS[what])
    small_trainings.pretrain(tmp_path / "gpu", gpu, **PRETRAININGS[what])
    assert_same(tmp_path / "gpu", tmp_path / "cpu")
    metadata = json.loads((tmp_path / "gpu" / "generator.json").read_text())
    assert metadata["device"] == torch.cuda.get_device_name()
    assert "gpu_memory_bytes" in metadata


@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
def test_low_precision_is_of_the_pretraining_alone(precision, tmp_path: Path, gpu, monkeypatch):
    seen, forward = set(), ImplicitDecoder.forward

    def watched(self, points, codes, dtype=None):
        seen.add((torch.get_float32_matmul_precision(), dtype))
        return forward(self, points, codes, dtype)

    monkeypatch.setattr(ImplicitDecoder, "forward", watched)
    small_trainings.pretrain(tmp_path, gpu, precision=precision, variant=small_trainings.SMOOTH)
    lowered = torch.bfloat16 if precision == "bfloat16" else None
    assert seen == {("high", lowered), ("high", None)}  # the regulariser stays in float32
    assert torch.get_float32_matmul_precision() == "highest"


@pytest.mark.slow
@pytest.mark.skipif(SIMULATED, reason="torch.compile writes kernels for a real GPU")
def test_compiled_pretraining(tmp_path: Path, gpu):
    small_trainings.pretrain(tmp_path / "plain", gpu)
    small_trainings.pretrain(tmp_path / "compiled", gpu, compiled=True)
    assert_same(tmp_path / "compiled", tmp_path / "plain")


def test_dropout_of_the_gpu_is_seeded_and_leaves_its_random_state(tmp_path: Path, gpu):
    for run in "ab":
        torch.rand(1, device=gpu)
        before = torch.cuda.get_rng_state()
        small_trainings.pretrain(tmp_path / run, gpu, decoder={"dropout": 0.2})
        assert torch.equal(torch.cuda.get_rng_state(), before)
    assert_same(tmp_path / "a", tmp_path / "b", tolerance=0.0)


def test_diagram_generator(start: Path, tmp_path: Path, gpu):
    small_trainings.pretrain_diagrams(tmp_path, gpu, start)
    assert_same(tmp_path, start, "diagrams")


def test_diagram_generator_with_optimal_matchings(start: Path, tmp_path: Path, gpu):
    changes = {"matching": "optimal", "smoothness_matching": "optimal"}
    small_trainings.pretrain_diagrams(tmp_path / "gpu", gpu, start, **changes)
    small_trainings.pretrain_diagrams(tmp_path / "cpu", "cpu", start, **changes)
    assert_same(tmp_path / "gpu", tmp_path / "cpu", "diagrams")


@pytest.mark.parametrize(
    ("terms", "variant"),
    [
        (small_trainings.ALL_TERMS, small_trainings.SMOOTH),
        (
            small_trainings.ALL_TERMS.model_copy(update={"independent_targets": True}),
            small_trainings.VARIANT,
        ),
        (small_trainings.PLACED, small_trainings.VARIANT),
        (TopologicalTerms(), small_trainings.VARIANT),
    ],
    ids=["all terms", "independent targets", "places", "none"],
)
def test_joint_training(terms, variant, start: Path, tmp_path: Path, gpu):
    small_trainings.train_both(tmp_path / "cpu", "cpu", start, terms, variant)
    small_trainings.train_both(tmp_path / "gpu", gpu, start, terms, variant)
    for name in ("generator", "diagrams"):
        assert_same(tmp_path / "gpu", tmp_path / "cpu", name)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_vector_sets(precision: str, tmp_path: Path, gpu, bfloat16_products):
    """Attention has another kernel there than on a CPU; in bfloat16 another rounding as well."""
    small_trainings.train_sets(tmp_path / "cpu", "cpu", precision=precision)
    small_trainings.train_sets(tmp_path / "gpu", gpu, precision=precision)
    for name in ("autoencoder", "generator"):
        rough = 0.02 if precision == "bfloat16" else max(ROUNDING, 1e-4)
        assert_same(tmp_path / "gpu", tmp_path / "cpu", name, rough)


class Killed(Exception):
    """Takes the place of kill -9."""


def killed_after(monkeypatch, epochs: int) -> None:
    """Let a training die when it asks for one epoch more."""
    original, begun = loop._run_epoch, []

    def dying(*args, **kwargs):
        begun.append(None)
        if len(begun) > epochs:
            raise Killed
        return original(*args, **kwargs)

    monkeypatch.setattr(loop, "_run_epoch", dying)


@pytest.mark.parametrize(
    "stage", ["implicit.pretraining", "diagrams.pretraining", "joint.training"]
)
def test_going_on_from_a_checkpoint(stage: str, start: Path, tmp_path: Path, gpu, monkeypatch):
    trained = {
        "implicit.pretraining": lambda out: small_trainings.pretrain(out, gpu, optimiser="muon"),
        "diagrams.pretraining": lambda out: small_trainings.pretrain_diagrams(out, gpu, start),
        "joint.training": lambda out: small_trainings.train_both(out, gpu, start),
    }[stage]
    trained(tmp_path / "whole")
    with monkeypatch.context() as patch:
        killed_after(patch, 1 if stage == "joint.training" else 2)
        with pytest.raises(Killed):
            trained(tmp_path / "cut")
    trained(tmp_path / "cut")
    for file in (tmp_path / "whole").glob("*.safetensors"):
        assert_same(tmp_path / "cut", tmp_path / "whole", file.stem, tolerance=0.0)


def test_going_on_with_vector_sets(tmp_path: Path, gpu, monkeypatch):
    small_trainings.train_sets(tmp_path / "whole", gpu)
    with monkeypatch.context() as patch:
        killed_after(patch, 2)
        with pytest.raises(Killed):
            small_trainings.train_sets(tmp_path / "cut", gpu)
    small_trainings.train_sets(tmp_path / "cut", gpu)
    for name in ("autoencoder", "generator"):
        assert_same(tmp_path / "cut", tmp_path / "whole", name, tolerance=0.0)


@pytest.mark.skipif(not SIMULATED, reason="a real GPU does not count who waits for it")
def test_steps_of_a_pretraining_do_not_wait_for_the_gpu(tmp_path: Path, gpu):
    """More steps an epoch, and as often a wait: the host never stops between two steps."""
    waits = []
    for size in (4, 1):
        WAITS.clear()
        small_trainings.pretrain(
            tmp_path / str(size), gpu, variant=small_trainings.SMOOTH, shapes_per_batch=size
        )
        waits.append(dict(WAITS))
    assert waits[0] == waits[1]


@pytest.mark.skipif(not SIMULATED, reason="a real GPU does not count who waits for it")
def test_joint_training_waits_for_what_diagrams_need(start: Path, tmp_path: Path, gpu):
    """For each synthetic shape its field, where to refine it, the values of its diagram."""
    waits = []
    for codes in (1, 3):
        WAITS.clear()
        small_trainings.train_both(tmp_path / str(codes), gpu, start, consistency_codes=codes)
        waits.append(sum(WAITS.values()))
    assert (waits[1] - waits[0]) / (2 * small_trainings.JOINT.steps) <= 9
