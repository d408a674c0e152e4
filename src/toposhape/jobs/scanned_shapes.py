"""Shapes that are known from scans alone: points become meshes before these are prepared."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from toposhape.generators.scans.extraction import closed_surface, surface_field
from toposhape.generators.scans.fitting import fit_surface
from toposhape.generators.scans.store import load_surface
from toposhape.settings.scans import ScannedShapes, SurfaceMethod
from toposhape.shapes.manifests import gather_manifests, write_manifest
from toposhape.shapes.meshes import Mesh, MeshRejected, clean_mesh
from toposhape.shapes.normalisation import normalising_transform, turn_upright
from toposhape.shapes.point_clouds import PointCloud, check_cloud, read_cloud
from toposhape.shapes.preparation import ReadShape, Recipe, read_mesh, require_usable_name
from toposhape.shapes.prepared import read_manifest
from toposhape.shapes.requests import ShapeRequest
from toposhape.shapes.scanner import scan_mesh

from .shapes import write_split


@dataclass(frozen=True)
class CloudReader:
    """Reads the point clouds of a folder: `toposhape.shapes.preparation.Reader`."""

    settings: ScannedShapes

    def __call__(self, request: ShapeRequest, recipe: Recipe) -> ReadShape:
        """A surface through the points of a file.

        Raises:
            CloudRejected: if the file is no scan.
            MeshRejected: if no surface comes of it.
        """
        require_usable_name(request)
        cloud = read_cloud(request.source)
        normals = None if cloud.normals is None else turn_upright(cloud.normals, recipe.up)
        upright = PointCloud(turn_upright(cloud.points, recipe.up), normals)
        return surface_of_cloud(upright, self.settings, recipe, request.shape), {"up": recipe.up}


@dataclass(frozen=True)
class ScanningReader:
    """Scans meshes virtually, but those of test shapes: `toposhape.shapes.preparation.Reader`.

    Attributes:
        settings: of scanner and fit.
        test: ids of the shapes that stay as they are.
        rejected: reasons by id, of shapes that cannot be used even as meshes.
    """

    settings: ScannedShapes
    test: frozenset[str] = frozenset()
    rejected: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, request: ShapeRequest, recipe: Recipe) -> ReadShape:
        """A mesh, or a surface through the points of its scan, in the mesh's units.

        What is known of the mesh's topology stands beside the surface's, for the grids' account.

        Raises:
            MeshRejected: with the reason.
            CloudRejected: if too little of the mesh is seen.
        """
        if request.shape in self.rejected:
            raise MeshRejected(self.rejected[request.shape])
        mesh, known = read_mesh(request, recipe)
        if request.shape in self.test:
            return mesh, known
        random = np.random.default_rng([recipe.seed, *request.shape.encode(), 0x5CA])
        cloud = scan_mesh(mesh.vertices, mesh.faces, self.settings.scanner, random)
        return surface_of_cloud(cloud, self.settings, recipe, request.shape), known


def surface_of_cloud(
    cloud: PointCloud, settings: ScannedShapes, recipe: Recipe, shape: str
) -> Mesh:
    """Learn a surface from points by IGR, with their normals, or estimated ones.

    Args:
        cloud: upright, in any units.
        settings: of checks and fit.
        recipe: of the shape's preparation.
        shape: its id; with the run's seed it gives all random numbers.

    Returns:
        The surface, in the units of the cloud.

    Raises:
        CloudRejected: if the points cannot be a scan.
        MeshRejected: if no surface comes of them.
        DivergenceError: when training goes wrong.
    """
    seed = (recipe.seed, *shape.encode())
    points, normals = check_cloud(cloud, settings.reading, np.random.default_rng(seed)).cloud
    transform = normalising_transform(points)
    with TemporaryDirectory() as folder:
        weights = Path(folder, "network.safetensors")
        fit_surface(
            transform.apply(points).astype(np.float32),
            None if normals is None else normals.astype(np.float32),
            settings.fitting,
            SurfaceMethod(normals="estimated" if normals is None else True),
            seed=seed,
            checkpoints=Path(folder, "checkpoints"),
            weights=weights,
            metadata=Path(folder, "network.json"),
            history=Path(folder, "history.csv"),
            title=shape,
        )
        distances = surface_field(load_surface(weights), settings.resolution)
    vertices, faces = closed_surface(distances)
    if len(faces) == 0:
        raise MeshRejected("no surface: the field that was learned from the scan has one sign")
    return clean_mesh(transform.invert(vertices), faces, max_faces=recipe.shapes.max_faces)


def scanning_reader(
    settings: ScannedShapes, true_manifest: str | Path, true_split: str | Path
) -> ScanningReader:
    """What scans the shapes of a batch.

    Args:
        settings: of scanner and fit.
        true_manifest: of the batch's meshes.
        true_split: of the category's meshes.
    """
    lines = read_manifest(true_manifest)
    rejected = {
        str(line.shape): str(line.reason) for line in lines.itertuples() if line.status != "ok"
    }
    split = json.loads(Path(true_split).read_text(encoding="utf-8"))
    return ScanningReader(settings, frozenset(split["test"]), rejected)


def split_true_shapes(
    manifests: Sequence[str | Path],
    manifest: str | Path,
    output: str | Path,
    *,
    shares: Mapping[str, float],
    seed: int,
    given: Mapping[str, Sequence[str]] | None,
    max_rejected: float,
) -> None:
    """Split a category's meshes before they are scanned: test shapes are not.

    Args:
        manifests: of the batches of meshes.
        manifest: is written, that of all meshes.
        output: the JSON file.
        shares: as for `write_split`.
        seed: as for `write_split`.
        given: as for `write_split`.
        max_rejected: largest share of rejected meshes.

    Raises:
        TooManyRejected: if more were rejected.
        ValueError: as `write_split` does.
    """
    write_manifest(gather_manifests(manifests, max_rejected), manifest)
    write_split(manifest, output, shares=shares, seed=seed, given=given)
