"""Codes near those of training shapes are tried; the best stay whose shapes are as wanted."""

import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.base.progress import reported
from toposhape.evaluation.describe import FieldTopology, describe_fields
from toposhape.generators.contract import fields_of
from toposhape.generators.filtered_codes import FilteredCodes
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.settings.code_filter import CodeFilter
from toposhape.settings.topology import Topology

from .wanted import Made, Wanted

AT_A_TIME = 8


class Tried(NamedTuple):
    """A shape, as critics see it.

    Attributes:
        code: (d,).
        topology: what its field is like.
    """

    code: NDArray[np.float32]
    topology: FieldTopology


def filter_codes(
    generator: ImplicitGenerator,
    cost: Callable[[Made], float],
    settings: CodeFilter,
    *,
    resolution: int,
    topology: Topology,
    seed: int,
    threads: int | None = None,
    title: str = "codes",
) -> tuple[FilteredCodes, dict[str, Any]]:
    """Try codes near those of every training shape until enough are as wanted; keep the best.

    Near a training shape where none is as wanted none is kept. If none is anywhere, say because
    lamps hang and do not stand, the best of all are kept, and the log and `wanted: 0` tell so.

    Args:
        generator: whose codes they are.
        cost: of a shape; those of the least are kept.
        settings: which are tried, what is wanted, of how many, and how many are kept.
        resolution: R of the fields.
        topology: how pieces are counted.
        seed: of the codes.
        threads: for diagrams.
        title: names the work in progress lines.

    Returns:
        The codes, and what the JSON file beside them says (docs/formats.md).
    """
    wanted = Wanted(settings.one_piece, settings.stands, settings.nothing_dangles)
    means = generator.codes.means.detach().cpu().numpy()
    random = np.random.default_rng([seed, 0xF0])
    tried: list[list[Tried]] = [[] for _ in means]
    found: list[list[Tried]] = [[] for _ in means]
    for _ in reported(range(settings.attempts), settings.attempts, f"{title}: rounds"):
        noise = random.standard_normal(means.shape, dtype=np.float32)
        near = [i for i, shapes in enumerate(found) if len(shapes) < settings.wanted]
        shrunk = np.sqrt(1 - settings.bandwidth**2) * means[near]
        codes = (shrunk + settings.bandwidth * noise[near]).astype(np.float32)
        described = _described(generator, codes, resolution, topology, threads)
        for i, shape in zip(near, described, strict=True):
            tried[i].append(shape)
            if wanted.accepts(shape.topology):
                found[i].append(shape)
    every, accepted = (sum(map(len, shapes)) for shapes in (tried, found))
    best = [sorted(shapes, key=cost)[: settings.kept] for shapes in (found if accepted else tried)]
    kept = [shape.code for shapes in best for shape in shapes]
    without = [name for name, shapes in zip(generator.shape_ids, found, strict=True) if not shapes]
    sys.stderr.write(
        f"{title}: {every} tried, {accepted} as wanted ({wanted.words() or 'anything'}), "
        f"{len(kept)} kept, near {len(means) - len(without)} of {len(means)} training shapes\n"
    )
    if not accepted:
        sys.stderr.write(
            f"{title}: WARNING: none is as wanted: those are kept whose diagrams are nearest to "
            "PD(z). Want less (code_filter.one_piece, stands, nothing_dangles) or raise "
            "code_filter.attempts\n"
        )
    near_of = np.repeat(np.arange(len(means)), [len(shapes) for shapes in best])
    return FilteredCodes(np.stack(kept), near_of), {
        "generator": generator.metadata["sha256"],
        "settings": settings.model_dump(mode="json"),
        "seed": seed,
        "tried": every,
        "wanted": accepted,
        "kept": len(kept),
        "without": without,
    }


def _described(
    generator: ImplicitGenerator,
    codes: NDArray[np.float32],
    resolution: int,
    topology: Topology,
    threads: int | None,
) -> Iterator[Tried]:
    for first in range(0, len(codes), AT_A_TIME):
        block = codes[first : first + AT_A_TIME]
        fields = np.stack(list(fields_of(generator.shapes(block, resolution))))
        yield from map(Tried, block, describe_fields(fields, topology, threads))
