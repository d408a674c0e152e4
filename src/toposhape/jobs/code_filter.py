"""Codes near those of training shapes are tried; the best stay whose shapes are as wanted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.base.locks import sole_writer
from toposhape.base.progress import reported
from toposhape.evaluation.describe import FIELDS_AT_A_TIME, FieldTopology, describe_fields
from toposhape.generators.contract import fields_of
from toposhape.generators.filtered_codes import FilteredCodes
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.learning.checkpoints import Checkpoint, CheckpointFolder
from toposhape.learning.identity import identity
from toposhape.settings.code_filter import CodeFilter
from toposhape.settings.topology import Topology

from .wanted import Made, Wanted


class Tried(NamedTuple):
    """Codes that were tried, in the order of the trials.

    Attributes:
        codes: (t, d) float32.
        near: (t,) int64: near which training shape's code each was drawn.
        costs: (t,) float64, of their shapes: how far they are from what they were tried near.
        wanted: (t,) bool: whether these are as wanted.
    """

    codes: NDArray[np.float32]
    near: NDArray[np.int64]
    costs: NDArray[np.float64]
    wanted: NDArray[np.bool_]

    def joined(self, others: Tried) -> Tried:
        """These, then others."""
        return Tried(
            np.concatenate([self.codes, others.codes]),
            np.concatenate([self.near, others.near]),
            np.concatenate([self.costs, others.costs]),
            np.concatenate([self.wanted, others.wanted]),
        )


class Candidate(NamedTuple):
    """A shape that was made near a training shape, as critics see it.

    Attributes:
        code: of the training shape: whether its topology stays is asked.
        topology: what the shape's field is like.
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
    checkpoints: str | Path,
    threads: int | None = None,
    title: str = "codes",
) -> tuple[FilteredCodes, dict[str, Any]]:
    """Try codes near those of every training shape until enough are as wanted; keep the best.

    Near a training shape where none is as wanted none is kept. If none is anywhere, say because
    lamps hang and do not stand, the best of all are kept, and the log and `wanted: 0` tell so.
    What was killed goes on after its last round and ends in the same codes.

    Of those that are as wanted the nearest to the diagrams of the training shape's code, PD(mu_i),
    are kept. PD(z) at their own codes would cost variety: between the codes of training shapes PD
    forgets what few of these have.

    Args:
        generator: whose codes they are.
        cost: of a candidate; those of the least are kept.
        settings: which are tried, what is wanted, of how many, and how many are kept.
        resolution: R of the fields.
        topology: how pieces are counted.
        seed: of the codes.
        checkpoints: folder; what was tried lies in `<identity>/`.
        threads: for diagrams.
        title: names the work in progress lines.

    Returns:
        The codes, and what the JSON file beside them says (docs/formats.md).

    Raises:
        FolderInUseError: if another process does the same.
        CheckpointError: if all checkpoints are damaged.
    """
    wanted = Wanted(settings.one_piece, settings.stands, settings.nothing_dangles)
    means = generator.codes.means.detach().cpu().numpy()

    def attempt(codes: NDArray[np.float32], near: NDArray[np.int64]) -> Tried:
        described = _described(generator, codes, resolution, topology, threads)
        shapes = list(map(Candidate, means[near], described))
        accepted = np.array([wanted.accepts(shape.topology) for shape in shapes], bool)
        return Tried(codes, near, np.array([cost(shape) for shape in shapes]), accepted)

    given = generator.metadata["sha256"]
    name = identity(
        generator=given, settings=settings, resolution=resolution, topology=topology, seed=seed
    )
    with sole_writer(folder := Path(checkpoints) / name):
        tried = _try_codes(means, attempt, settings, seed, CheckpointFolder(folder), title)
    among = tried.wanted if tried.wanted.any() else np.ones_like(tried.wanted)
    kept = _cheapest(tried, among, settings.kept)
    without = np.setdiff1d(np.arange(len(means)), tried.near[tried.wanted])
    found = {
        "tried": len(tried.codes),
        "wanted": int(tried.wanted.sum()),
        "kept": len(kept),
        "without": [generator.shape_ids[i] for i in without],
    }
    _tell(title, found, wanted, len(means))
    described = {
        "generator": given,
        "settings": settings.model_dump(mode="json"),
        "seed": seed,
        **found,
    }
    return FilteredCodes(tried.codes[kept], tried.near[kept]), described


def _try_codes(
    means: NDArray[np.float32],
    attempt: Callable[[NDArray[np.float32], NDArray[np.int64]], Tried],
    settings: CodeFilter,
    seed: int,
    store: CheckpointFolder,
    title: str,
) -> Tried:
    """In every round a code near each training shape of which too few are as wanted so far."""
    random = np.random.default_rng([seed, 0xF0])
    done = 0
    tried = Tried(means[:0], np.empty(0, np.int64), np.empty(0), np.empty(0, bool))
    if checkpoint := store.latest():
        done = checkpoint.epoch
        tried = Tried(**{name: each.numpy() for name, each in checkpoint.tensors.items()})
    for number in reported(range(1, settings.attempts + 1), settings.attempts, f"{title}: rounds"):
        noise = random.standard_normal(means.shape, dtype=np.float32)
        found = np.bincount(tried.near[tried.wanted], minlength=len(means))
        near = np.flatnonzero(found < settings.wanted)
        if number <= done or not len(near):
            continue
        shrunk = np.sqrt(1 - settings.bandwidth**2) * means[near]
        codes = (shrunk + settings.bandwidth * noise[near]).astype(np.float32)
        tried = tried.joined(attempt(codes, near))
        tensors = {name: torch.from_numpy(each) for name, each in tried._asdict().items()}
        store.save(Checkpoint(number, tensors, {}))
    return tried


def _cheapest(tried: Tried, among: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """So many of these near each training shape, in the order of the shapes, then of the costs."""
    order = np.lexsort((tried.costs, tried.near))
    order = order[among[order]]
    near = tried.near[order]
    rank = np.arange(len(near)) - np.searchsorted(near, near)
    return order[rank < count]


def _tell(title: str, found: dict[str, Any], wanted: Wanted, shapes: int) -> None:
    """Write to the log what trying codes near so many training shapes has found."""
    sys.stderr.write(
        f"{title}: {found['tried']} tried, {found['wanted']} as wanted "
        f"({wanted.words() or 'anything'}), {found['kept']} kept, "
        f"near {shapes - len(found['without'])} of {shapes} training shapes\n"
    )
    if not found["wanted"]:
        sys.stderr.write(
            f"{title}: WARNING: none is as wanted: those are kept whose diagrams are nearest to "
            "PD(mu_i). Want less (code_filter.one_piece, stands, nothing_dangles) or raise "
            "code_filter.attempts\n"
        )


def _described(
    generator: ImplicitGenerator,
    codes: NDArray[np.float32],
    resolution: int,
    topology: Topology,
    threads: int | None,
) -> Iterator[FieldTopology]:
    for first in range(0, len(codes), FIELDS_AT_A_TIME):
        block = codes[first : first + FIELDS_AT_A_TIME]
        fields = np.stack(list(fields_of(generator.shapes(block, resolution))))
        yield from describe_fields(fields, topology, threads)
