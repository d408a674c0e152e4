"""Pretraining against DeepSDF's published loop, and second derivatives against naive ones.

    git clone https://github.com/facebookresearch/DeepSDF ../DeepSDF
    OMP_NUM_THREADS=1 python benchmarks/training.py ../DeepSDF

Network, samples and batches are the same, and so is the data term. Rivals take their turn, an epoch
each; the least processor time of each counts. Writes docs/benchmarks_training.md.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from deepsdf_loop import PublishedLoop, processor_seconds
from numpy.typing import NDArray
from second_derivatives import second_derivative_lines
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from toposhape.config import Decoder, ShapeGenerator, ShapeTraining, Variant
from toposhape.training import SampleSource, shape_epoch
from toposhape.training.data_term import fast_products
from toposhape.training.prefetch import Prefetched
from toposhape.training.shape_state import ShapeTrainingState

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks_training.md"
SCENES, SCENES_PER_BATCH, SAMPLES_PER_SCENE = 8, 4, 2048
STORED, ROUNDS = 500_000, 3
DECODER = Decoder(
    width=512, depth=8, latent_size=256, skip_layers=(4,), narrow_skip=True, weight_norm=True,
    dropout=0.2, tanh_output=True, geometric_initialisation=False,
)  # fmt: skip
TRAINING = ShapeTraining(
    shapes_per_batch=SCENES_PER_BATCH, samples_per_shape=SAMPLES_PER_SCENE, clamp=0.1,
    learning_rate=5e-4, code_learning_rate=1e-3,
)  # fmt: skip
WAYS = {
    "toposhape, float32": {},
    "toposhape, float32, micro-batches of a shape": {"shapes_per_micro_batch": 1},
    "toposhape, bfloat16": {"precision": "bfloat16"},
}
KINDS = {  # of operations, by parts of their names
    "matrix products": ("mm", "mkldnn", "bmm", "mv"),
    "dropout": ("bernoulli", "random_", "dropout"),
    "optimiser": ("adam", "sqrt", "addcmul", "addcdiv", "lerp"),
    "weight norm": ("weight_norm",),
    "copies and casts": ("copy_", "cat", "fill_", "index"),
}


class OurLoop:
    """Our epoch of pretraining, with everything that it does."""

    def __init__(self, samples: NDArray[np.float32], changes: dict[str, object]) -> None:
        torch.manual_seed(0)
        names = [str(i) for i in range(len(samples))]
        self.source = SampleSource(dict(zip(names, samples, strict=True)), names)
        self.settings = TRAINING.model_copy(update=changes)
        self.variant = Variant()
        whole = ShapeGenerator(decoder=DECODER, training=self.settings)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        counts = len(samples), 0
        self.state = ShapeTrainingState(whole, self.variant, counts, (0,), self.device)

    def epoch(self) -> float:
        """Processor seconds of an epoch."""
        torch.set_flush_denormal(True)
        begin = processor_seconds()
        with fast_products(self.settings, self.device):
            shape_epoch.train_epoch(self.state, self.source, self.settings, self.variant, (0,))
        return processor_seconds() - begin

    def products_per_epoch(self) -> int:
        """Floating point operations of the matrix products of an epoch."""
        with FlopCounterMode(display=False) as counter:
            self.epoch()
        return counter.get_total_flops()


class Watched(Prefetched):
    """Remembers all that were made, and so how long steps waited."""

    made: list[Prefetched] = []

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self.made.append(self)


def made_up_samples(file: Path) -> NDArray[np.float32]:
    """Samples of spheres, as `prepare_shapes` stores them: a memory map (shapes, 2, m/2, 4)."""
    random = np.random.default_rng(0)
    points = random.normal(size=(SCENES, 2, STORED // 2, 3)).astype(np.float32)
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    inside = 0.5 * random.random((SCENES, STORED // 2, 1)) ** (1 / 3)
    outside = 0.5 + 0.5 * random.random((SCENES, STORED // 2, 1))
    radii = np.stack([inside, outside], axis=1).astype(np.float32)
    np.save(file, np.concatenate([points * radii, radii - 0.5], axis=-1))
    return np.load(file, mmap_mode="r")


def peak(dtype: torch.dtype, size: int = 2048) -> float:
    """Floating point operations a second in a large matrix product."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    a @ b
    best = float("inf")
    for _ in range(5):
        begin = processor_seconds()
        for _ in range(4):
            a @ b
        best = min(best, (processor_seconds() - begin) / 4)
    return 2 * size**3 / best


def shares(epoch: Callable[[], float]) -> dict[str, float]:
    """Of the operators' processor time, by kind."""
    with profile(activities=[ProfilerActivity.CPU]) as record:
        epoch()
    found = dict.fromkeys([*KINDS, "the rest"], 0.0)
    for event in record.key_averages():
        kinds = (kind for kind, parts in KINDS.items() if any(p in event.key for p in parts))
        found[next(kinds, "the rest")] += event.self_cpu_time_total
    total = sum(found.values())
    return {kind: value / total for kind, value in found.items()}


def throughput_lines(checkout: Path) -> list[str]:
    """Samples a second of all rivals, how far from the chip's limit, and where time goes."""
    shape_epoch.Prefetched = Watched
    with tempfile.TemporaryDirectory() as folder:
        samples = made_up_samples(Path(folder) / "samples.npy")
        published = PublishedLoop(
            checkout, Path(folder) / "deepsdf", samples, SCENES_PER_BATCH, SAMPLES_PER_SCENE
        )
        ours = {name: OurLoop(samples, changes) for name, changes in WAYS.items()}
        rivals = {"DeepSDF, published loop": published, **ours}
        best = dict.fromkeys(rivals, float("inf"))
        for _ in range(ROUNDS):
            for name, rival in rivals.items():
                best[name] = min(best[name], rival.epoch())
        operations = next(iter(ours.values())).products_per_epoch()
        begin = time.perf_counter()
        waited_before = sum(each.seconds_waited for each in Watched.made)
        next(iter(ours.values())).epoch()
        passed = time.perf_counter() - begin
        waited = sum(each.seconds_waited for each in Watched.made) - waited_before
        profiled = {name: rival for name, rival in rivals.items() if "micro" not in name}
        parts = {name: shares(rival.epoch) for name, rival in profiled.items()}
    return [
        *_speed(best, operations),
        "",
        f"Steps of ours waited {1000 * waited:.1f} ms for samples in an epoch of {passed:.1f} s.",
        "",
        *_where(parts),
    ]


def _speed(best: dict[str, float], operations: int) -> list[str]:
    limits = {dtype: peak(dtype) for dtype in (torch.float32, torch.bfloat16)}
    slowest = next(iter(best.values()))
    lines = [
        "| loop | samples a second | times faster | products, GFLOP/s | of the measured peak |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, seconds in best.items():
        limit = limits[torch.bfloat16 if "bfloat16" in name else torch.float32]
        rate = operations / seconds if name != next(iter(best)) else float("nan")
        achieved = f"{rate / 1e9:.0f} | {100 * rate / limit:.0f} %" if rate == rate else "- | -"
        count = SCENES * SAMPLES_PER_SCENE / seconds
        lines.append(f"| {name} | {count:.0f} | **{slowest / seconds:.2f}** | {achieved} |")
    measured = ", ".join(
        f"{str(t).removeprefix('torch.')} {v / 1e9:.0f}" for t, v in limits.items()
    )
    return [*lines, "", f"Peak, a product of 2048 x 2048 matrices [GFLOP/s]: {measured}."]


def _where(parts: dict[str, dict[str, float]]) -> list[str]:
    kinds = [*KINDS, "the rest"]
    lines = [f"| where operators spend their time | {' | '.join(kinds)} |"]
    lines.append("| --- |" + " ---: |" * len(kinds))
    for name, of_name in parts.items():
        lines.append(f"| {name} | " + " | ".join(f"{of_name[k]:.0%}" for k in kinds) + " |")
    return lines


EXPLANATION = f"""
The published network (8 layers of 512, latent size 256, weight norm, dropout 0.2 in all hidden
layers) on {SCENES} shapes with {STORED} stored samples each, in batches of {SCENES_PER_BATCH} x
{SAMPLES_PER_SCENE} samples; published are 64 x 16384, which one core does not hold. The published
loop is the code of its authors, with its data loader (one worker) and npz files; ours is
`train_epoch` with memory-mapped samples. Both minimise the clamped L1 distance with Adam; ours also
takes both KL terms of the codes, clips gradients and keeps the history. The two differ where a
layer sees (x, z) again: published is one weight norm for it, ours one for each part.
Processor time of one thread and of the loader's worker; the least of {ROUNDS} epochs each, in turn.

*Products* counts multiplications and additions of matrix products, forward and backward.
*The rest* is activations, masks, sums; of the published loop also that it makes its network.
"""


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, help="of github.com/facebookresearch/DeepSDF")
    given = parser.parse_args()
    if not (given.checkout / "train_deep_sdf.py").is_file():
        parser.error(f"{given.checkout} is no checkout of DeepSDF: it has no train_deep_sdf.py")
    torch.set_num_threads(1)
    gpu = torch.cuda.is_available()
    chip = torch.cuda.get_device_name() if gpu else platform.processor() or "CPU"
    page = [
        "# Speed of training",
        "",
        "Written by `OMP_NUM_THREADS=1 python benchmarks/training.py <checkout of DeepSDF>`; "
        f"{chip}, {os.cpu_count()} cores, torch {torch.__version__}, one thread.",
        "",
        "## Pretraining against the published loop",
        EXPLANATION,
        *throughput_lines(given.checkout.resolve()),
        "",
        "## The regulariser (5)",
        "",
        "H grad f as half the gradient of |grad f|^2 against the Hessian row by row; the default "
        "network, forward and backward of 4 x 512 points, the least processor time of 7, in turn.",
        "",
        *second_derivative_lines(),
        "",
    ]
    PAGE.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
