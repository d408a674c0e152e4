"""Fields of implicit generators: every vertex by the network, or from coarse to fine.

    OMP_NUM_THREADS=1 python benchmarks/fields.py [results/furniture] [--category chair]

Needs trained shape generators. The same random codes are evaluated by the decoder itself, by
`evaluate_on_grid` with its recommended settings, and on half the resolution with interpolation. All
are timed in turn, shape by shape, in processor time on one thread. Errors are those of diagrams,
as the scores and the loss see them. Writes docs/records/benchmarks_fields.md.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gudhi
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from toposhape.generators import ImplicitDecoder, evaluate_on_grid, grid_points
from toposhape.generators.implicit.fields import SYNTHESIS_TOLERANCE, TRAINING_TOLERANCE, fast_dtype
from toposhape.generators.implicit.store import load_generator
from toposhape.topology import Diagram, diagram_distances, superlevel_diagrams

PAGE = Path(__file__).parents[1] / "docs" / "records" / "benchmarks_fields.md"
RESOLUTIONS, SHAPES = (48, 64), 24
MIN_PERSISTENCE = 0.01
Field = NDArray[np.float32]
Code = NDArray[np.float32]
Evaluation = Callable[[ImplicitDecoder, Code, int], Field]


def by_decoder(decoder: ImplicitDecoder, codes: Code, resolution: int) -> Field:
    """The network as it is trained, at every vertex: what all others are compared with."""
    code = torch.from_numpy(codes)
    with torch.no_grad():
        parts = [decoder(part[None], code)[0] for part in grid_points(resolution).split(2048)]
    return torch.cat(parts).view(1, resolution, resolution, resolution).numpy()


def by_half_the_resolution(decoder: ImplicitDecoder, codes: Code, resolution: int) -> Field:
    """The naive way to be eight times faster: trilinear interpolation."""
    coarse = torch.from_numpy(evaluate_on_grid(decoder, codes, resolution // 2))
    size = (resolution,) * 3
    return functional.interpolate(coarse[None], size, mode="trilinear", align_corners=True).numpy()[
        0
    ]


def by_grid(tolerance: float, dtype: torch.dtype) -> Evaluation:
    """`evaluate_on_grid` with its two settings."""
    return lambda decoder, codes, resolution: evaluate_on_grid(
        decoder, codes, resolution, tolerance=tolerance, dtype=dtype
    )


FAST = fast_dtype("cpu")
EVALUATIONS: dict[str, Evaluation] = {
    "the decoder itself, float32": by_decoder,
    "every vertex, float32": by_grid(0, torch.float32),
    f"every vertex, {str(FAST).removeprefix('torch.')}": by_grid(0, FAST),
    "half the resolution, trilinear": by_half_the_resolution,
    f"**synthesis: tolerance {SYNTHESIS_TOLERANCE}, float32**": by_grid(
        SYNTHESIS_TOLERANCE, torch.float32
    ),
    f"tolerance {TRAINING_TOLERANCE}, float32": by_grid(TRAINING_TOLERANCE, torch.float32),
    f"**training: tolerance {TRAINING_TOLERANCE}, {str(FAST).removeprefix('torch.')}**": by_grid(
        TRAINING_TOLERANCE, FAST
    ),
}


def evaluate_all(
    decoder: ImplicitDecoder, codes: Code, resolution: int
) -> tuple[dict[str, Field], dict[str, float]]:
    """Fields of all codes by each evaluation, and its seconds a field."""
    fields = {name: [] for name in EVALUATIONS}
    seconds = {name: [] for name in EVALUATIONS}
    for code in codes:
        for name, evaluate in EVALUATIONS.items():
            begin = time.process_time()
            field = evaluate(decoder, code[None], resolution)[0]
            seconds[name].append(time.process_time() - begin)
            fields[name].append(field)
    typical = {name: float(np.median(of_name)) for name, of_name in seconds.items()}
    return {name: np.stack(of_name) for name, of_name in fields.items()}, typical


def with_exact_values(diagram: Diagram, field: Field) -> Diagram:
    """The diagram's pairs of vertices with the values of another field: what a loss sees."""
    pairs = [field.ravel()[vertices] for vertices in diagram.vertices]
    kept = [pair[:, 1] >= pair[:, 0] for pair in pairs]
    return replace(
        diagram,
        points=tuple(p[k] for p, k in zip(pairs, kept, strict=True)),
        vertices=tuple(v[k] for v, k in zip(diagram.vertices, kept, strict=True)),
    )


def errors(diagrams: list[Diagram], exact: list[Diagram]) -> NDArray[np.float64]:
    """Equation (1) between each shape's two diagrams."""
    return np.array(
        [diagram_distances([a], [b])[0, 0] for a, b in zip(diagrams, exact, strict=True)]
    )


def bottleneck(diagrams: list[Diagram], exact: list[Diagram]) -> float:
    """The largest bottleneck distance of all shapes and degrees."""
    return max(
        gudhi.bottleneck_distance(ours, theirs)
        for a, b in zip(diagrams, exact, strict=True)
        for ours, theirs in zip(a.points, b.points, strict=True)
    )


def rows(fields: dict[str, Field], seconds: dict[str, float]) -> list[str]:
    """A line for each evaluation."""
    truth = fields[next(iter(EVALUATIONS))]
    whole = superlevel_diagrams(-truth, threads=1)
    exact = [d.restricted(MIN_PERSISTENCE) for d in whole]
    between = diagram_distances(exact, exact)
    scale = between[~np.eye(len(exact), dtype=bool)].mean()
    near = np.abs(truth) < 2 / (truth.shape[1] - 1)
    slowest = seconds[next(iter(EVALUATIONS))]
    lines = []
    for name, of_name in fields.items():
        all_points = superlevel_diagrams(-of_name, threads=1)
        diagrams = [d.restricted(MIN_PERSISTENCE) for d in all_points]
        error = 100 * errors(diagrams, exact) / scale
        corrected = [with_exact_values(d, -f) for d, f in zip(diagrams, truth, strict=True)]
        changed = sum(
            a.betti_numbers(0.0) != b.betti_numbers(0.0)
            for a, b in zip(all_points, whole, strict=True)
        )
        cells = [
            f"{1000 * seconds[name]:.0f}",
            f"{slowest / seconds[name]:.1f}",
            f"{error.mean():.2f} %",
            f"{error.max():.1f} %",
            f"{100 * errors(corrected, exact).mean() / scale:.2f} %",
            f"{bottleneck(diagrams, exact):.4f}",
            f"{changed} of {len(exact)}",
            f"{np.abs(of_name - truth)[near].mean():.5f}",
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


HEADER = [
    "| evaluation | ms a field | times faster | diagram error, mean | largest "
    "| with critical values exact | bottleneck | Betti numbers changed | error near the surface |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
]

EXPLANATION = """
- *ms a field*: processor time on one thread, the median of all shapes; for each shape, all
  evaluations take their turn. *times faster*: than the decoder itself.
- *diagram error*: equation (1) between the diagrams of the cheap and of the exact field (points of
  persistence {threshold} and more), in per cent of its mean between the exact diagrams of different
  shapes.
- *with critical values exact*: the same after the decoder has been asked again at the critical
  vertices, as the consistency loss does.
- *bottleneck*: the largest of all shapes and degrees, in normalised units.
- *Betti numbers changed*: shapes whose solid has other Betti numbers, of any persistence.
- *error near the surface*: mean error of values at vertices within a spacing of the zero level
  set, in normalised units; it moves the mesh by as much.
"""


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", type=Path, default=Path("results/furniture"))
    parser.add_argument("--category", default="chair")
    parser.add_argument("--shapes", type=int, default=SHAPES)
    given = parser.parse_args()
    torch.set_num_threads(1)
    found = sorted(given.run.glob(f"generators/{given.category}/*/seed*/generator.safetensors"))
    if not found:
        parser.error(f"no trained generators of {given.category} in {given.run}: train them first")
    one_of_each = {path.parts[-3]: path for path in reversed(found)}
    page = [
        "# Fields on grids",
        "",
        "Written by `OMP_NUM_THREADS=1 python benchmarks/fields.py "
        f"results/{given.run.name} --category {given.category}`; {platform.processor() or 'CPU'}, "
        f"{os.cpu_count()} cores, torch {torch.__version__}. "
        f"Fields of {given.shapes} codes z ~ N(0, I).",
        EXPLANATION.format(threshold=MIN_PERSISTENCE),
    ]
    for variant, path in sorted(one_of_each.items()):
        decoder = load_generator(path).decoder
        codes = np.random.default_rng(0).standard_normal(
            (given.shapes, decoder.latent_size), dtype=np.float32
        )
        for resolution in RESOLUTIONS:
            title = f"## {variant} ({decoder.activation}), {resolution}^3"
            lines = rows(*evaluate_all(decoder, codes, resolution))
            page += [title, "", *HEADER, *lines, ""]
            PAGE.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
