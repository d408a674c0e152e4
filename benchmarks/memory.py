"""Memory of each preset: measured by finished runs, and computed for GPUs.

    python benchmarks/memory.py [results]

What a run's rules took at most comes from Snakemake's measurements in results/<preset>/times. What
training takes on a GPU is computed: the project's own losses run on tensors without data, and the
bytes that automatic differentiation keeps are added up. Writes docs/records/benchmarks_memory.md.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.attention import SDPBackend, sdpa_kernel

from toposhape.generators import ImplicitDecoder
from toposhape.generators.implicit.data_term import data_term
from toposhape.generators.implicit.objectives import geometric_regulariser
from toposhape.generators.vector_sets.autoencoder import VectorSetAutoencoder
from toposhape.generators.vector_sets.autoencoder_training import occupancy_terms
from toposhape.generators.vector_sets.data import OccupancyBatch
from toposhape.generators.vector_sets.diffusion import LatentDenoiser, denoising_loss
from toposhape.publication.stage_times import stage_times
from toposhape.settings.implicit import Variant
from toposhape.settings.learning import StageTraining
from toposhape.settings.run import Config, read_config
from toposhape.settings.vector_sets import VectorSets

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "records" / "benchmarks_memory.md"
MEASURED = ("smoke", "furniture", "gpu")  # names of runs; furniture is config.yaml's
GIGABYTE = 1e9


def merged(base: Any, overlay: Any) -> Any:
    """As Snakemake lays one configuration over another."""
    if isinstance(base, dict) and isinstance(overlay, dict):
        return {**base, **{key: merged(base.get(key), value) for key, value in overlay.items()}}
    return overlay


def configurations() -> Iterator[tuple[str, Config]]:
    """The default run and every preset."""
    default = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    yield "config.yaml", read_config(default)
    for path in sorted((ROOT / "presets").glob("*.yaml")):
        overlay = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield f"presets/{path.name}", read_config(merged(default, overlay))


def kept_bytes(loss_of: Callable[[], Tensor]) -> int:
    """What automatic differentiation keeps until the loss's backward pass, parameters apart."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if not (tensor.is_leaf and tensor.requires_grad):
            kept[storage._cdata] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = loss_of()  # alive while the bytes are counted
        total = sum(kept.values())
    del loss
    return total


def training_bytes(config: Config, variant: Variant) -> tuple[int, int, int]:
    """Of a pretraining: kept by the data term, kept by (5), and all that learns, with Adam."""
    settings = config.shape_generator.training
    shapes = settings.shapes_per_micro_batch or settings.shapes_per_batch
    with torch.device("meta"):
        decoder = ImplicitDecoder(config.shape_generator.decoder, variant.activation)
        codes = torch.empty(shapes, decoder.latent_size, requires_grad=True)
        points = torch.empty(shapes, settings.samples_per_shape, 3)
        whole = settings.model_copy(update={"shapes_per_micro_batch": None, "compiled": False})
        data = kept_bytes(lambda: data_term(decoder, codes, points, points[..., 0], whole))
        regular = 0
        if variant.regularisation.weight > 0:
            count = min(shapes, settings.regularised_shapes)
            at = torch.empty(count, settings.regularised_points, 3)
            free = torch.empty(count, decoder.latent_size)
            regular = kept_bytes(lambda: sum(geometric_regulariser(decoder, at, free)))
    learned = 4 * 4 * sum(p.numel() for p in decoder.parameters())  # weight, gradient, two moments
    return data, regular, learned


def computed_lines() -> list[str]:
    """A line for each configuration and variant."""
    lines = [
        "| configuration | variant | samples at a time | data term, GB | (5), GB | learned, MB |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for name, config in configurations():
        settings = config.shape_generator.training
        shapes = settings.shapes_per_micro_batch or settings.shapes_per_batch
        for variant, each in config.variants.items():
            data, regular, learned = training_bytes(config, each)
            lines.append(
                f"| {name} | {variant} | {shapes} x {settings.samples_per_shape} "
                f"| {data / GIGABYTE:.2f} | {regular / GIGABYTE:.2f} | {learned / 1e6:.0f} |"
            )
    return lines


def shapes_at_a_time(training: StageTraining) -> int:
    """Of a step of 3DShape2VecSet."""
    return training.shapes_per_micro_batch or training.shapes_per_batch


def autoencoder_bytes(sets: VectorSets) -> tuple[int, int]:
    """Of 3DShape2VecSet's first stage: kept by a step, and all that learns."""
    settings, training = sets.autoencoder, sets.autoencoder_training
    shapes = shapes_at_a_time(training)
    with torch.device("meta"):
        network = VectorSetAutoencoder(settings)
        surface = torch.empty(shapes, training.surface_points, 3)
        points = torch.empty(shapes, training.volume_points + training.near_points, 3)
        noise = torch.empty(shapes, settings.latents, settings.channels)
        batch = OccupancyBatch(surface, points, points[..., 0], noise)
        with sdpa_kernel(SDPBackend.MATH):
            kept = kept_bytes(lambda: occupancy_terms(network, batch, training).sum())
    return kept, 4 * 4 * sum(p.numel() for p in network.parameters())


def diffusion_bytes(sets: VectorSets) -> tuple[int, int]:
    """The same of its second stage, which also keeps the mean of the weights."""
    rows = sets.autoencoder.latents if sets.autoencoder.queries == "learned" else 1
    with torch.device("meta"):
        moments = torch.empty(2, rows, sets.autoencoder.channels)
        network = LatentDenoiser(sets.denoiser, *moments, sets.autoencoder.latents)
        shapes = shapes_at_a_time(sets.diffusion_training)
        latents = torch.empty(shapes, sets.autoencoder.latents, sets.autoencoder.channels)
        sigma = torch.empty(shapes)
        with sdpa_kernel(SDPBackend.MATH):
            kept = kept_bytes(lambda: denoising_loss(network, latents, latents, sigma))
    return kept, 5 * 4 * sum(p.numel() for p in network.parameters())


def vector_set_lines() -> list[str]:
    """A line for each configuration and stage of 3DShape2VecSet."""
    lines = [
        "| configuration | 3DShape2VecSet | shapes at a time | a step, GB | learned, MB |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for name, config in configurations():
        sets = config.vector_sets
        for stage, training, (kept, learned) in (
            ("autoencoder", sets.autoencoder_training, autoencoder_bytes(sets)),
            ("diffusion", sets.diffusion_training, diffusion_bytes(sets)),
        ):
            lines.append(
                f"| {name} | {stage} | {shapes_at_a_time(training)} "
                f"| {kept / GIGABYTE:.2f} | {learned / 1e6:.0f} |"
            )
    return lines


def measured_lines(results: Path) -> list[str]:
    """The rules of finished runs that took the most memory, on the CPU."""
    runs = {name: results / name / "times" for name in MEASURED}
    tables = {
        name: stage_times(folder).set_index("rule")["largest_memory_mb"]
        for name, folder in runs.items()
        if folder.is_dir()
    }
    rules = sorted(set().union(*(table.index for table in tables.values())))
    lines = [f"| rule | {' | '.join(tables)} |", "| --- |" + " ---: |" * len(tables)]
    for rule in rules:
        cells = [f"{table[rule]:.0f}" if rule in table else "-" for table in tables.values()]
        lines.append(f"| {rule} | {' | '.join(cells)} |")
    largest = [f"**{table.max():.0f}**" for table in tables.values()]
    return [*lines, f"| **largest** | {' | '.join(largest)} |"]


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=ROOT / "results")
    results = parser.parse_args().results
    page = [
        "# Memory",
        "",
        "Written by `python benchmarks/memory.py [results]`, the folder of the finished runs.",
        "",
        "## Measured, on a CPU",
        "",
        "Largest resident memory of a job [MB], by Snakemake's measurements of the runs that are "
        "there; furniture is the run of config.yaml.",
        "",
        *measured_lines(results),
        "",
        "## Computed, for a GPU",
        "",
        "Not measured: what automatic differentiation keeps of the samples that are in memory at a "
        "time, whole batches or `shapes_per_micro_batch`, by the project's own losses on tensors "
        "without data. Add a quarter for what kernels need meanwhile. *Learned*: weights of the "
        "network, their gradients and Adam's moments. A training on a GPU writes what it really "
        "took, `gpu_memory_bytes`, into its JSON file.",
        "",
        *computed_lines(),
        "",
        "3DShape2VecSet in the same way, in float32 whatever `precision` says, with the attention "
        "matrices, which fused attention does not keep; the denoiser's weights also have a mean.",
        "",
        *vector_set_lines(),
        "",
    ]
    PAGE.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
