"""Pretraining against DeepSDF's published loop, and second derivatives against naive ones.

    git clone https://github.com/facebookresearch/DeepSDF ../DeepSDF
    OMP_NUM_THREADS=1 python benchmarks/training.py ../DeepSDF

Network, samples and batches are the same, and so is the data term. Rivals take their turn, an epoch
each; the least time of each counts. Writes docs/records/benchmarks_training.md, with larger batches
on a machine with a GPU docs/records/benchmarks_training_gpu.md; --device cpu leaves the GPU alone.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from deepsdf_loop import PublishedLoop, processor_seconds
from numpy.typing import NDArray
from second_derivatives import second_derivative_lines
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from toposhape.generators.implicit import epoch as shape_epoch
from toposhape.generators.implicit.samples import SampleSource
from toposhape.generators.implicit.state import ShapeTrainingState
from toposhape.learning.precision import fast_products
from toposhape.learning.prefetch import Prefetched
from toposhape.learning.seeds import choose_device
from toposhape.settings.implicit import Decoder, ShapeGenerator, ShapeTraining, Variant

RECORDS = Path(__file__).parents[1] / "docs" / "records"
ROUNDS = 5
DECODER = Decoder(
    width=512, depth=8, latent_size=256, skip_layers=(4,), narrow_skip=True, weight_norm=True,
    dropout=0.2, tanh_output=True, geometric_initialisation=False,
)  # fmt: skip
TRAINING = ShapeTraining(clamp=0.1, learning_rate=5e-4, code_learning_rate=1e-3)


class Load(NamedTuple):
    """What is measured, and how large.

    Attributes:
        scenes: shapes.
        batch: shapes and samples of each in a step.
        stored: samples of a shape in its file.
        workers: of the published loop's data loader.
        matrix: size of the matrices whose product shows the chip's limit.
        ways: settings of ours that differ from the published ones.
        explained: what is said of batches and time.
    """

    scenes: int
    batch: tuple[int, int]
    stored: int
    workers: int
    matrix: int
    ways: dict[str, dict[str, object]]
    explained: str


ON_CPU = Load(
    8, (4, 2048), 500_000, 1, 2048,
    {
        "toposhape, float32": {},
        "toposhape, float32, micro-batches of a shape": {"shapes_per_micro_batch": 1},
        "toposhape, bfloat16": {"precision": "bfloat16"},
    },
    "published are 64 x 16384, which one core does not hold. Processor time of one thread and of "
    "the loader's worker",
)  # fmt: skip
ON_GPU = Load(
    64, (16, 16384), 500_000, min(16, os.cpu_count() or 1), 8192,
    {
        "toposhape, float32": {},
        "toposhape, tf32": {"precision": "tf32"},
        "toposhape, bfloat16": {"precision": "bfloat16"},
        "toposhape, bfloat16, compiled": {"precision": "bfloat16", "compiled": True},
    },
    "published are 64 x 16384, for several GPUs. Seconds from an idle GPU to an idle GPU, the "
    "loader's workers beside it",
)  # fmt: skip
KINDS = {  # of operations, by parts of their names
    "matrix products": ("mm", "mkldnn", "bmm", "mv"),
    "dropout": ("bernoulli", "random_", "dropout"),
    "optimiser": ("adam", "sqrt", "addcmul", "addcdiv", "lerp"),
    "weight norm": ("weight_norm",),
    "copies and casts": ("copy_", "cat", "fill_", "index"),
}


class OurLoop:
    """Our epoch of pretraining, with everything that it does."""

    def __init__(
        self, samples: NDArray[np.float32], load: Load, changes: dict[str, object], device: str
    ) -> None:
        torch.manual_seed(0)
        names = [str(i) for i in range(len(samples))]
        self.source = SampleSource(dict(zip(names, samples, strict=True)), names)
        shapes, count = load.batch
        sizes = {"shapes_per_batch": shapes, "samples_per_shape": count}
        self.settings = TRAINING.model_copy(update=sizes | changes)
        self.variant = Variant()
        whole = ShapeGenerator(decoder=DECODER, training=self.settings)
        self.device = torch.device(device)
        counts = len(samples), 0
        self.state = ShapeTrainingState(whole, self.variant, counts, (0,), self.device)

    def epoch(self) -> float:
        """Seconds of an epoch."""
        torch.set_flush_denormal(True)
        begin = processor_seconds(self.device.type)
        with fast_products(self.settings.precision, self.device):
            shape_epoch.train_epoch(self.state, self.source, self.settings, self.variant, (0,))
        return processor_seconds(self.device.type) - begin

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


def made_up_samples(file: Path, scenes: int, stored: int) -> NDArray[np.float32]:
    """Samples of spheres, as `prepare_shapes` stores them: a memory map (shapes, 2, m/2, 4)."""
    random, half = np.random.default_rng(0), stored // 2
    made = np.lib.format.open_memmap(file, "w+", np.float32, (scenes, 2, half, 4))
    for scene in made:
        points = random.normal(size=(2, half, 3))
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        inside = 0.5 * random.random((half, 1)) ** (1 / 3)
        radii = np.stack([inside, 0.5 + 0.5 * random.random((half, 1))])
        scene[:] = np.concatenate([points * radii, radii - 0.5], axis=-1)
    made.flush()
    return np.load(file, mmap_mode="r")


def peak(precision: str, size: int, device: str) -> float:
    """Floating point operations a second in a large matrix product."""
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    with fast_products(precision, device):
        a @ b
        best = float("inf")
        for _ in range(5):
            begin = processor_seconds(device)
            for _ in range(4):
                a @ b
            best = min(best, (processor_seconds(device) - begin) / 4)
    return 2 * size**3 / best


def shares(epoch: Callable[[], float], device: str) -> dict[str, float]:
    """Of the operators' time on the device, by kind."""
    gpu = device == "cuda"
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if gpu else [])]
    with profile(activities=activities) as record:
        epoch()
    found = dict.fromkeys([*KINDS, "the rest"], 0.0)
    for event in record.key_averages():
        if event.device_type != DeviceType.CPU:  # a kernel, which its operator has counted
            continue
        kinds = (kind for kind, parts in KINDS.items() if any(p in event.key for p in parts))
        spent = event.self_device_time_total if gpu else event.self_cpu_time_total
        found[next(kinds, "the rest")] += spent
    total = sum(found.values())
    return {kind: value / total for kind, value in found.items()}


def throughput_lines(checkout: Path, load: Load, device: str) -> list[str]:
    """Samples a second of all rivals, how far from the chip's limit, and where time goes."""
    shape_epoch.Prefetched = Watched
    with tempfile.TemporaryDirectory() as folder:
        samples = made_up_samples(Path(folder) / "samples.npy", load.scenes, load.stored)
        published = PublishedLoop(
            checkout, Path(folder) / "deepsdf", samples, load.batch, load.workers, device
        )
        ours = {name: OurLoop(samples, load, way, device) for name, way in load.ways.items()}
        rivals = {"DeepSDF, published loop": published, **ours}
        times: dict[str, list[float]] = {name: [] for name in rivals}
        for _ in range(ROUNDS):
            for name, rival in rivals.items():
                times[name].append(rival.epoch())
        operations = next(iter(ours.values())).products_per_epoch()
        begin = time.perf_counter()
        waited_before = sum(each.seconds_waited for each in Watched.made)
        next(iter(ours.values())).epoch()
        passed = time.perf_counter() - begin
        waited = sum(each.seconds_waited for each in Watched.made) - waited_before
        profiled = {name: rival for name, rival in rivals.items() if "micro" not in name}
        parts = {name: shares(rival.epoch, device) for name, rival in profiled.items()}
    return [
        *_speed(times, operations, load, device),
        "",
        f"Steps of ours waited {1000 * waited:.1f} ms for samples in an epoch of {passed:.1f} s.",
        "",
        *_where(parts),
    ]


def _speed(times: dict[str, list[float]], operations: int, load: Load, device: str) -> list[str]:
    precisions = ("float32", *(("tf32",) if device == "cuda" else ()), "bfloat16")
    limits = {precision: peak(precision, load.matrix, device) for precision in precisions}
    published = next(iter(times.values()))
    lines = [
        "| loop | samples a second | times faster | round by round | products, GFLOP/s "
        "| of the measured peak |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, each in times.items():
        seconds = min(each)
        ratios = [theirs / ours for theirs, ours in zip(published, each, strict=True)]
        limit = limits[load.ways.get(name, {}).get("precision", "float32")]
        rate = operations / seconds if each is not published else float("nan")
        achieved = f"{rate / 1e9:.0f} | {100 * rate / limit:.0f} %" if rate == rate else "- | -"
        count = load.scenes * load.batch[1] / seconds
        faster = f"**{min(published) / seconds:.2f}** | {min(ratios):.2f} to {max(ratios):.2f}"
        lines.append(f"| {name} | {count:.0f} | {faster} | {achieved} |")
    measured = ", ".join(f"{precision} {v / 1e9:.0f}" for precision, v in limits.items())
    of = f"{load.matrix} x {load.matrix}"
    return [*lines, "", f"Peak, a product of {of} matrices [GFLOP/s]: {measured}."]


def _where(parts: dict[str, dict[str, float]]) -> list[str]:
    kinds = [*KINDS, "the rest"]
    lines = [f"| where operators spend their time | {' | '.join(kinds)} |"]
    lines.append("| --- |" + " ---: |" * len(kinds))
    for name, of_name in parts.items():
        lines.append(f"| {name} | " + " | ".join(f"{of_name[k]:.0%}" for k in kinds) + " |")
    return lines


def explanation(load: Load) -> str:
    """What is compared."""
    return f"""
The published network (8 layers of 512, latent size 256, weight norm, dropout 0.2 in all hidden
layers) on {load.scenes} shapes with {load.stored} stored samples each, in batches of
{load.batch[0]} x {load.batch[1]} samples; {load.explained}; the least of {ROUNDS} epochs each, in
turn. The published loop is the code of its authors, with its data loader (workers: {load.workers})
and npz files; ours is `train_epoch` with memory-mapped samples. Both minimise the clamped L1
distance with Adam; ours also takes both KL terms of the codes, clips gradients and keeps the
history. The two differ where a layer sees (x, z) again: published is one weight norm for it, ours
one for each part.

*Products* counts multiplications and additions of matrix products, forward and backward.
*The rest* is activations, masks, sums; of the published loop also that it makes its network.
"""


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, help="of github.com/facebookresearch/DeepSDF")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    given = parser.parse_args()
    if not (given.checkout / "train_deep_sdf.py").is_file():
        parser.error(f"{given.checkout} is no checkout of DeepSDF: it has no train_deep_sdf.py")
    device = choose_device(given.device).type
    load = ON_GPU if device == "cuda" else ON_CPU
    torch.set_num_threads(1)
    chip = torch.cuda.get_device_name() if device == "cuda" else platform.processor() or "CPU"
    page = [
        "# Speed of training",
        "",
        "Written by `OMP_NUM_THREADS=1 python benchmarks/training.py <checkout of DeepSDF>`; "
        f"{chip}, {os.cpu_count()} cores, torch {torch.__version__}, one thread.",
        "",
        "## Pretraining against the published loop",
        explanation(load),
        *throughput_lines(given.checkout.resolve(), load, device),
        "",
        "## The regulariser (5)",
        "",
        "H grad f as half the gradient of |grad f|^2 against the Hessian row by row; the default "
        "network, forward and backward of 4 x 512 points, the least time of 7, in turn.",
        "",
        *second_derivative_lines(device),
        "",
    ]
    name = "benchmarks_training_gpu.md" if device == "cuda" else "benchmarks_training.md"
    (RECORDS / name).write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
