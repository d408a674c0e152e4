"""Two folders of meshes: every score with its certainty, and the worst shapes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.base.threads import available_cores
from toposhape.evaluation.half_samples import LEAST, Certainty, certain_scores
from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.scores import diagram_metric
from toposhape.evaluation.set_scores import Comparison, Reference, ShapeSet
from toposhape.evaluation.shape_sets import field_set
from toposhape.publication.comparison_page import Beside, Group, Line, comparison_page
from toposhape.publication.pictures.pictures import picture
from toposhape.publication.pictures.pieces import Mesh
from toposhape.settings.shapes import Shapes
from toposhape.shapes.normalisation import Up
from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.surfaces import extract_surface

from .checking import mesh_names, requested_meshes

SAMPLES = 2000  # of a signed distance: prepared with the rest, and not looked at
PIXELS = 220


class Side(NamedTuple):
    """One of the two folders.

    Attributes:
        folder: where its meshes are.
        names: of its shapes (`checking.mesh_names`).
        fields: (n, R, R, R) signed distances.
        shapes: what scores need to know of them.
        rejected: reasons, by the names of meshes that are no shapes.
    """

    folder: str
    names: list[str]
    fields: NDArray[np.float32]
    shapes: ShapeSet
    rejected: dict[str, str]

    def take(self, count: int, seed: int) -> Side:
        """So many of its shapes, by the seed."""
        if count == len(self.names):
            return self
        chosen = self.shapes.indices(count, seed)
        names = [self.names[i] for i in chosen]
        return self._replace(
            names=names, fields=self.fields[chosen], shapes=self.shapes.take(chosen)
        )


class Compared(NamedTuple):
    """Two sides of one size, their distances and scores.

    Attributes:
        reference: A.
        synthetic: B.
        distances: between and within.
        scores: by the names of `METRICS`.
        left_out: shapes of the larger side that were not looked at.
    """

    reference: Side
    synthetic: Side
    distances: Comparison
    scores: dict[str, Certainty]
    left_out: int

    def as_json(self) -> dict[str, Any]:
        """Scores in plain units, and who was compared."""
        sides = {"reference": self.reference, "synthetic": self.synthetic}
        return {
            **{
                name: {"folder": side.folder, "shapes": side.names, "rejected": side.rejected}
                for name, side in sides.items()
            },
            "left_out": self.left_out,
            "scores": {name: score._asdict() for name, score in self.scores.items()},
        }


def read_side(
    folder: str | Path,
    *,
    resolution: int = 64,
    points: int = 2048,
    up: Up = "y",
    least: int = LEAST,
    most: int | None = None,
    progress: bool = False,
) -> Side:
    """Read, normalise and describe every mesh of a folder and those below it.

    Args:
        folder: with meshes.
        resolution: R of the grid.
        points: on each surface.
        up: the meshes' axis that points upward.
        least: meshes that are needed.
        most: so many of them are read, in the order of their ids; all if None.
        progress: whether a bar is shown.

    Raises:
        ValueError: if the folder is not there, or too few of its meshes can be used.
    """
    requests = sorted(requested_meshes(folder))[:most]
    known = mesh_names(folder, requests)
    with tempfile.TemporaryDirectory() as place:
        manifest = prepare_batch(
            requests,
            Path(place) / "batch",
            Shapes(resolution=resolution, samples=SAMPLES, surface_points=points),
            up=up,
            workers=available_cores(),
            progress=progress,
        )
        fields = np.load(Path(place) / "batch" / "grid.npy")
    manifest["shape"] = manifest["shape"].map(known)
    accepted, rejected = (manifest[manifest["status"] == s] for s in ("ok", "rejected"))
    reasons = dict(zip(rejected["shape"].tolist(), rejected["reason"].tolist(), strict=True))
    if len(accepted) < least:
        first = next(iter(reasons.items()), None)
        why = f"; {first[0]}: {first[1]}" if first else ""
        raise ValueError(
            f"{folder}: {len(accepted)} of {len(manifest)} meshes can be used, and {least} are "
            f"needed (toposhape check says more){why}"
        )
    names = accepted.sort_values("row")["shape"].tolist()
    return Side(str(folder), names, fields, field_set(fields, points=points), reasons)


def compare_sides(reference: Side, synthetic: Side, *, samples: int, seed: int = 0) -> Compared:
    """Score one side against the other; of the larger one so many shapes as the smaller has.

    Args:
        reference: A, the truth.
        synthetic: B, what is judged.
        samples: halves drawn for intervals and floor.
        seed: of drawing.
    """
    sizes = len(reference.names), len(synthetic.names)
    a, b = (side.take(min(sizes), seed) for side in (reference, synthetic))
    distances = Comparison.of(b.shapes, Reference.of(a.shapes))
    scores = certain_scores(distances, samples=samples, seed=seed)
    ordered = {name: scores[name] for name in METRICS if name in scores}
    return Compared(a, b, distances, ordered, max(sizes) - min(sizes))


def page_of(compared: Compared, worst: int) -> str:
    """The page: scores, and pictures of the worst shapes beside what they are nearest to.

    Args:
        compared: both sides.
        worst: shapes of each kind.
    """
    lines = [Line(METRICS[name], *score) for name, score in compared.scores.items()]
    kinds = zip(("A", "B"), (compared.reference, compared.synthetic), strict=True)
    facts = [
        f"{kind}: {side.folder}, {len(side.names)} meshes"
        + (f", {len(side.rejected)} rejected" if side.rejected else "")
        for kind, side in kinds
    ]
    if compared.left_out:
        facts.append(f"left out of the larger folder, by the seed: {compared.left_out}")
    return comparison_page(facts, lines, _worst(compared, worst))


def _worst(compared: Compared, count: int) -> list[Group]:
    """The worst shapes of each kind, farthest first."""
    topology = diagram_metric(compared.distances.costs)
    geometry = compared.distances.chamfer
    pieces = compared.synthetic.shapes.betti[:, 0]
    draw = _Pictures(compared)
    loose = [int(i) for i in np.argsort(-pieces, kind="stable")[:count] if pieces[i] > 1]
    far = [np.argsort(-m.min(axis=0), kind="stable")[:count] for m in (topology, geometry)]
    missed = np.argsort(-geometry.min(axis=1), kind="stable")[:count]
    return [
        Group(
            "B: topology unlike any in A",
            "Distance of diagrams to the nearest of A (root of equation 1), x 100.",
            [draw.of_synthetic(i, topology, lambda d: f"{100 * d:.1f}") for i in far[0]],
        ),
        Group(
            "B: surface unlike any in A",
            "Chamfer distance to the nearest of A, x 1000.",
            [draw.of_synthetic(i, geometry, lambda d: f"{1000 * d:.1f}") for i in far[1]],
        ),
        Group(
            "B: most pieces",
            "Pieces but the largest are red.",
            [draw.of_synthetic(i, topology, lambda d: f"{100 * d:.1f}") for i in loose],
        ),
        Group(
            "A: nothing like it in B",
            "Chamfer distance to the nearest of B, x 1000.",
            [draw.of_reference(i, geometry, lambda d: f"{1000 * d:.1f}") for i in missed],
        ),
    ]


class _Pictures:
    """Draws each shape once."""

    def __init__(self, compared: Compared) -> None:
        self._sides = {"A": compared.reference, "B": compared.synthetic}
        self._drawn: dict[tuple[str, int], NDArray[np.uint8]] = {}

    def of_synthetic(
        self, i: int, distances: NDArray[np.float64], told: Callable[[float], str]
    ) -> Beside:
        """A shape of B beside its nearest of A."""
        nearest = int(distances[:, i].argmin())
        return self._beside(("B", i), ("A", nearest), told(float(distances[nearest, i])))

    def of_reference(
        self, i: int, distances: NDArray[np.float64], told: Callable[[float], str]
    ) -> Beside:
        """A shape of A beside its nearest of B."""
        nearest = int(distances[i].argmin())
        return self._beside(("A", i), ("B", nearest), told(float(distances[i, nearest])))

    def _beside(self, one: tuple[str, int], other: tuple[str, int], distance: str) -> Beside:
        pictures = self._picture(one), self._picture(other)
        return Beside(self._name(one), self._name(other), distance, *pictures)

    def _name(self, which: tuple[str, int]) -> str:
        """A shape's name and its Betti numbers."""
        side, i = self._sides[which[0]], which[1]
        return f"{side.names[i]} ({' '.join(map(str, side.shapes.betti[i].tolist()))})"

    def _picture(self, which: tuple[str, int]) -> NDArray[np.uint8]:
        if which not in self._drawn:
            field = self._sides[which[0]].fields[which[1]]
            self._drawn[which] = picture(Mesh(*extract_surface(field)), PIXELS)
        return self._drawn[which]
