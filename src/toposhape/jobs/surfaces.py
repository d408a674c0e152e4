"""Surfaces of scans: learned, drawn from networks, made by peers, scored."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

from toposhape.base.files import whole, write_atomically
from toposhape.evaluation.surface_scores import (
    LONGEST_SIDE,
    distances_to,
    largest_piece,
    one_sided,
    surface_betti_numbers,
    two_sided,
)
from toposhape.shapes.scans import Scan, read_scan
from toposhape.shapes.surfaces import Surface

BETTI = ("pieces", "handles", "cavities")


def draw_surface(weights: Path, scan_file: Path, resolution: int, mesh: Path, middle: Path) -> None:
    """Write the zero set of a network, and its values on the shape's middle plane.

    Args:
        weights: of the network.
        scan_file: what it was learned from.
        resolution: of the grid.
        mesh: PLY file to write, in the units of the scan's file.
        middle: npy file to write: (R, R) values at x = 0 of the shape frame; rows are y, columns z.
    """
    from toposhape.generators.scans.extraction import closed_surface, surface_field
    from toposhape.generators.scans.store import load_surface

    field = surface_field(load_surface(weights), resolution)
    write_surface(mesh, Surface(*closed_surface(field)), read_scan(scan_file))
    with whole(middle) as file, file.open("wb") as stream:
        np.save(stream, field[resolution // 2])


def reconstruct_by_peer(peer: str, scan_file: Path, mesh: Path) -> None:
    """Write the surface that a peer of ours makes of a scan.

    Args:
        peer: a name of `toposhape.generators.scans.peers.PEERS`.
        scan_file: of a scan with normals.
        mesh: PLY file to write, in the units of the scan's file.

    Raises:
        ValueError: if the scan has no normals.
        ModuleNotFoundError: if the peer's library is not installed.
    """
    from toposhape.generators.scans.peers import PEERS

    scan = read_scan(scan_file)
    if scan.normals is None:
        raise ValueError(f"{scan_file}: {peer} needs normals; leave it out (scans.peers: [])")
    write_surface(mesh, PEERS[peer](scan.points, scan.normals), scan)


def write_surface(path: Path, surface: Surface, scan: Scan) -> None:
    """Write a surface of the shape frame as PLY, in the units of the scan's file."""
    vertices = scan.transform.invert(np.asarray(surface.vertices, np.float64))
    with whole(path) as file:
        trimesh.Trimesh(vertices, surface.faces, process=False).export(file)


def read_surface(path: Path, scan: Scan) -> Surface:
    """Read what `write_surface` has written, into the shape frame."""
    mesh = trimesh.load_mesh(path, process=False)
    vertices = np.asarray(mesh.vertices, np.float64).reshape(-1, 3)
    return Surface(scan.transform.apply(vertices), np.asarray(mesh.faces, np.int64).reshape(-1, 3))


def true_surface(scan: Scan) -> Surface | None:
    """The truth of a scan, a mesh or a cloud; None if nobody knows it."""
    if scan.truth_vertices is None or scan.truth_faces is None:
        return None
    return Surface(scan.truth_vertices, scan.truth_faces)


def score_surface(
    mesh: Path, scan_file: Path, labels: Mapping[str, Any], samples: int, scores: Path
) -> None:
    """Write the scores of a surface (docs/scans.md).

    Args:
        mesh: PLY file.
        scan_file: what it was made from.
        labels: scan, method and seed, which are written with the scores.
        samples: points that are drawn on each mesh.
        scores: JSON file to write.
    """
    scan = read_scan(scan_file)
    found = surface_scores(read_surface(mesh, scan), scan, samples)
    write_atomically(scores, (json.dumps({**labels, **found}, indent=1) + "\n").encode())


def surface_scores(surface: Surface, scan: Scan, samples: int) -> dict[str, float | int | None]:
    """All that is known of a surface: distances in units of `LONGEST_SIDE`, Betti numbers.

    Args:
        surface: in the shape frame.
        scan: what it was made from.
        samples: points that are drawn on each mesh.

    Returns:
        By name; None where nothing is known or there is no surface.
    """
    truth, main = true_surface(scan), largest_piece(surface)
    unit = unit_of(scan)
    found = {"scan": one_sided(scan.points, surface)}
    if truth is not None:
        found["truth"] = two_sided(surface, truth, samples, 0)
        found["largest"] = two_sided(main, truth, samples, 0)
    distances = {
        f"{name}_{kind}": None if np.isnan(value) else unit * value
        for name, pair in found.items()
        for kind, value in pair._asdict().items()
    }
    made = surface_betti_numbers(surface) or (None, None, None)
    wanted = scan.betti or (None, None, None)
    return {
        **distances,
        **dict(zip(BETTI, made, strict=True)),
        **{f"true_{name}": number for name, number in zip(BETTI, wanted, strict=True)},
    }


def unit_of(scan: Scan) -> float:
    """What a length of the shape frame is multiplied by, so that the longest side is 75."""
    known = scan.points if scan.truth_vertices is None else scan.truth_vertices
    return LONGEST_SIDE / float(np.ptp(known, axis=0).max())


def draw_scan_sheet(
    scan_file: Path, surfaces: Mapping[str, Path], pixels: int
) -> NDArray[np.uint8]:
    """The scan, its surfaces and their errors, see `scan_sheet`.

    Args:
        scan_file: what the surfaces were made from.
        surfaces: PLY files by method.
        pixels: width and height of a picture.
    """
    from toposhape.publication.pictures.pieces import Mesh
    from toposhape.publication.pictures.scans import scan_sheet

    scan = read_scan(scan_file)
    made = {name: read_surface(file, scan) for name, file in surfaces.items()}
    shown = {name: (Mesh(*each), face_errors(each, scan)) for name, each in made.items()}
    truth = true_surface(scan)
    solid = Mesh(*truth) if truth is not None and len(truth.faces) else None
    return scan_sheet(scan.points, solid, shown, pixels)


def face_errors(surface: Surface, scan: Scan) -> NDArray[np.float64]:
    """Distance of each face's middle to the truth, or to the scan where there is none: (F,)."""
    if len(surface.faces) == 0:
        return np.zeros(0)
    none = np.zeros((0, 3), np.int64)
    goal = true_surface(scan) or Surface(scan.points, none)
    return unit_of(scan) * distances_to(surface.vertices[surface.faces].mean(axis=1), goal)
