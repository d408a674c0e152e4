"""What a folder of meshes is worth for training, before hours are spent on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from toposhape.base.threads import available_cores
from toposhape.base.workers import run_isolated
from toposhape.evaluation.describe import describe_fields
from toposhape.settings.shapes import Shapes
from toposhape.settings.topology import Topology
from toposhape.shapes.mesh_topology import Betti
from toposhape.shapes.meshes import MeshRejected
from toposhape.shapes.normalisation import Up
from toposhape.shapes.orientation import sample_triangles, unit_normals
from toposhape.shapes.requests import UNUSABLE, UNUSABLE_REASON, ShapeRequest, list_requests
from toposhape.shapes.signature import geometry_signature, near_duplicates
from toposhape.shapes.signed_distance import Solid, area_of

from .solids import SHEET_THICKNESS, read_solid

PROBES = 2000  # points of a surface at which its thickness is measured
GRIDS = (32, 48, 64, 96, 128, 192, 256)
THIN = 0.05
"""Share of the surface that may be thinner than the grid's spacing without a word."""
LEAST_SPACINGS = Shapes().least_thickness
MEMORY_BYTES = 8_000_000_000  # of one mesh, as in the pipeline


class Checked(NamedTuple):
    """What is known of one mesh file.

    Attributes:
        shape: its name by `mesh_names`.
        file: its path.
        rejected: why the pipeline would not take it; empty if it would.
        faces: triangles, coincident vertices merged.
        watertight: whether every edge has two faces.
        parts: that share no vertex.
        mesh_betti: pieces, handles, cavities by its triangles; None where they do not say.
        betti: the same of the solid on the grid, thin parts thickened as in the pipeline.
        inside_share: share of its surface that separates inside from outside.
        thin_share: share of its surface under which it is given thinner than the grid's spacing.
        needs_grid: the coarsest of `GRIDS` on which that share is at most `THIN`; None if it is
            none of them.
        copy_of: another shape of the same geometry, the first one.
        signature: of the geometry, by which copies are found.
    """

    shape: str
    file: str
    rejected: str = ""
    faces: int = 0
    watertight: bool = False
    parts: int = 0
    mesh_betti: Betti | None = None
    betti: Betti | None = None
    inside_share: float = 0.0
    thin_share: float = 0.0
    needs_grid: int | None = None
    copy_of: str = ""
    signature: str = ""

    @property
    def remarks(self) -> list[str]:
        """What a person should know before training with it."""
        if self.rejected:
            return [f"rejected: {self.rejected}"]
        found = []
        if not self.watertight:
            found.append("not watertight")
        if self.inside_share < 1 - THIN:
            found.append(f"{1 - self.inside_share:.0%} open sheets")
        if self.betti and self.betti[0] > 1:
            torn = self.mesh_betti is not None and self.betti[0] > self.mesh_betti[0]
            found.append(f"{self.betti[0]} pieces{', torn by the grid' if torn else ''}")
        if self.thin_share > THIN:
            grid = f"try {self.needs_grid}" if self.needs_grid else f"no grid to {GRIDS[-1]} helps"
            found.append(f"{self.thin_share:.0%} thinner than the grid, thickened ({grid})")
        if self.copy_of:
            found.append(f"copy of {self.copy_of}")
        return found


def check_folder(
    folder: str | Path, *, resolution: int = 64, up: Up = "y", workers: int | None = None
) -> Iterator[Checked]:
    """Check every mesh of a folder and those below it, in the order in which they are done.

    Files that cannot be read, crash a parser, or take too long are lines like all others. Copies
    are not known yet: `with_copies` finds them.

    Args:
        folder: with meshes.
        resolution: R of the grid.
        up: the meshes' axis that points upward.
        workers: processes; all cores if None.

    Raises:
        ValueError: if the folder is not there.
    """
    requests = requested_meshes(folder)
    names = mesh_names(folder, requests)
    tasks = [(request, resolution, up) for request in requests]
    outcomes = run_isolated(
        _check,
        tasks,
        workers=min(workers or available_cores(), len(tasks)),
        seconds=Shapes().seconds_per_shape,
        memory_bytes=MEMORY_BYTES,
    )
    for task, found, failure in outcomes:
        request = requests[task]
        checked = Checked("", request.source, failure) if failure else found
        yield checked._replace(shape=names[request.shape])


def with_copies(checked: Sequence[Checked]) -> list[Checked]:
    """The same, sorted by their names, each copy with the first shape of its geometry."""
    ordered = sorted(checked, key=lambda each: each.shape)
    accepted = [each for each in ordered if not each.rejected]
    groups = near_duplicates([each.signature for each in accepted]).tolist()
    first: dict[int, str] = {}
    copies = {}
    for each, group in zip(accepted, groups, strict=True):
        copies[each.shape] = first.get(group, "")
        first.setdefault(group, each.shape)
    return [each._replace(copy_of=copies.get(each.shape, "")) for each in ordered]


def summary(checked: Sequence[Checked]) -> dict[str, Any]:
    """Counts over a folder, of the meshes that are not rejected but for `meshes` and `rejected`."""
    accepted = [each for each in checked if not each.rejected]
    handles = Counter(each.betti[1] for each in accepted if each.betti)
    return {
        "meshes": len(checked),
        "rejected": len(checked) - len(accepted),
        "watertight": sum(each.watertight for each in accepted),
        "in_one_piece": sum(each.betti is not None and each.betti[0] == 1 for each in accepted),
        "too_thin": sum(each.thin_share > THIN for each in accepted),
        "copies": sum(bool(each.copy_of) for each in accepted),
        "handles": {str(number): handles[number] for number in sorted(handles)},
    }


def requested_meshes(folder: str | Path) -> list[ShapeRequest]:
    """The mesh files of a folder and those below it.

    Raises:
        ValueError: if the folder is not there, or has no mesh.
    """
    requests = list_requests("folder", path=str(folder))
    if not requests:
        raise ValueError(f"{folder}: no mesh in it or below it (.ply, .obj, .glb, .stl, .off, ...)")
    return requests


def mesh_names(folder: str | Path, requests: Sequence[ShapeRequest]) -> dict[str, str]:
    """By their ids, what people call the meshes of a folder: the path in it without suffix.

    Files that differ by their suffix alone keep it. An id has another spelling where tables would
    misread the name, as `_003` for `003.glb` (`toposhape.shapes.ids`).
    """
    files = [
        Path(request.source.removeprefix(UNUSABLE)).relative_to(folder) for request in requests
    ]
    stems = Counter(file.with_suffix("") for file in files)
    return {
        request.shape: (file if stems[stem := file.with_suffix("")] > 1 else stem).as_posix()
        for request, file in zip(requests, files, strict=True)
    }


def _check(task: tuple[ShapeRequest, int, Up]) -> Checked:
    """Check one mesh.

    Raises:
        ValueError: with the reason, if it cannot be used.
    """
    request, resolution, up = task
    spacing = 2 / (resolution - 1)
    if request.source.startswith(UNUSABLE):
        raise ValueError(UNUSABLE_REASON)
    try:
        read = read_solid(request.source, up, least_thickness=LEAST_SPACINGS * spacing)
    except MeshRejected as error:
        raise error.__cause__ or error from None  # the reason alone: the file has its own column
    mesh = read.mesh
    given = replace(
        read.solid, thin_middles=read.solid.thin_middles[:0], sheet_thickness=SHEET_THICKNESS
    )
    thin = {grid: thin_share(given, 2 / (grid - 1)) for grid in {*GRIDS, resolution}}
    field = read.field(resolution)
    enough = [grid for grid in GRIDS if thin[grid] <= THIN]
    return Checked(
        request.shape,
        request.source,
        faces=len(mesh.faces),
        watertight=mesh.watertight,
        parts=mesh.components,
        mesh_betti=read.betti(),
        betti=describe_fields(field[None], Topology())[0].betti,
        inside_share=round(float(read.solid.inside_share), 4),
        thin_share=round(thin[resolution], 4),
        needs_grid=enough[0] if enough else None,
        signature=geometry_signature(field),
    )


def thin_share(solid: Solid, depth: float) -> float:
    """Share of a solid's surface under which, that deep, is no longer its inside.

    Args:
        solid: in the shape frame.
        depth: along the inward normal, in normalised units.
    """
    sheets = 2 * area_of(solid.sheets)
    separating = area_of(solid.separating)
    share = 0.0
    if separating:
        points, chosen = sample_triangles(solid.separating, PROBES, np.random.default_rng(0))
        inwards = -depth * unit_normals(solid.separating)[chosen]
        distances = [solid.signed_distance(points + way) for way in (inwards, -inwards)]
        share = float((np.minimum(*distances) >= 0).mean())  # whichever side is inside
    return (share * separating + (depth > SHEET_THICKNESS) * sheets) / (separating + sheets)
