"""Surfaces from raw scans: Gropp et al., Implicit Geometric Regularization (IGR), ICML 2020."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator

from .base import Count, Name, NotNegative, Positive, Seed, Settings, Share, Unique, key
from .implicit import Decoder
from .learning import Budget
from .shapes import Furniture


def _without_null(entries: Any) -> Any:
    """An overlay takes an entry away by null."""
    if not isinstance(entries, Mapping):
        return entries
    return {name: entry for name, entry in entries.items() if entry is not None}


class Scanner(Settings):
    """A virtual range scanner."""

    views: int = key(12, "places of the scanner on a sphere around the shape", ge=1, le=1000)
    pixels: int = key(100, "rays of a view along each edge", ge=8, le=4096)
    baseline: float = key(
        15.0, "between camera and laser; both must see a point", unit="degrees", ge=0, lt=90
    )
    grazing: float = key(
        80.0, "largest angle between a ray and the surface's normal", unit="degrees", gt=0, le=90
    )
    noise: NotNegative = key(
        0.0025,
        "of depth, standard deviation",
        unit="longest sides",
        source="benchmark scans: .002 to .003",
        le=1,
    )
    misalignment: NotNegative = key(
        0.001,
        "of each view: standard deviation of its shift [longest sides] and turn [radians]",
        le=1,
    )
    normals: Literal["pca", "geometric"] = key(
        "pca", "estimated from neighbours (pca) or those of the mesh (geometric)"
    )
    outliers: Share = key(0.0, "share of points that lie anywhere in the box", lt=1)


class VirtualScan(Scanner):
    """A scan of a piece of furniture by a virtual range scanner."""

    furniture: Furniture = key(..., "chair, table or sofa")
    index: int = key(0, "which one of the run's seed", ge=0, le=1_000_000)


class CloudReading(Settings):
    """What is done to point clouds that nobody has checked."""

    min_points: int = key(200, "a cloud with fewer is rejected", ge=16, le=1_000_000)
    max_points: int = key(
        200_000, "a larger cloud is thinned at random to so many", ge=1000, le=10_000_000
    )
    outlier_factor: NotNegative = key(
        6.0,
        "a point is left out if its 8th neighbour is farther than so many medians; 0: none is",
    )
    max_removed: Share = key(
        0.3, "a cloud that loses a larger share as outliers or not finite is rejected"
    )


class SurfaceNetwork(Settings):
    """The network f(x) of one surface."""

    width: int = key(128, "of hidden layers", source="IGR: 512", ge=8, le=65_536)
    depth: int = key(4, "hidden layers", source="IGR: 8", ge=2, le=32)
    skip_layers: Annotated[tuple[Count, ...], Unique] = key(
        (), "hidden layers, the first is 0, that see x again", source="IGR: 4"
    )
    activation: Literal["silu", "softplus", "sine"] = key(
        "silu", "silu takes half of softplus's time", source="IGR: softplus"
    )
    sharpness: Positive = key(100, "beta of softplus and of silu", source="IGR: 100")
    initialisation: Literal["sphere", "plain"] = key(
        "sphere", "sphere: f starts as |x| - radius, calibrated; plain: torch's own", source="IGR"
    )
    radius: Positive = key(0.5, "of that sphere", unit="normalised units", source="IGR's code: 1")

    def decoder(self, latent_size: int = 1) -> Decoder:
        """The settings of a decoder; the code of a single surface, one number, is always 0."""
        return Decoder(
            width=self.width,
            depth=self.depth,
            latent_size=latent_size,
            skip_layers=self.skip_layers,
            narrow_skip=bool(self.skip_layers),
            sharpness=self.sharpness,
            sine_frequency=30,
            geometric_initialisation=self.initialisation == "sphere",
        )


class PointFitting(Budget):
    """How a network learns from points: IGR's loss (2)."""

    network: SurfaceNetwork = key(SurfaceNetwork(), "f(x)")
    max_epochs: Count = key(50, "the budget", unit="epochs")
    warmup_epochs: int = key(2, "the learning rate rises over these", unit="epochs", ge=0)
    cooldown_share: Share = key(0.5, "of the budget, over which the learning rate falls at the end")
    steps_per_epoch: Count = key(20, "an epoch is so many steps", source="IGR: 100000 in all")
    points_per_step: Count = key(1024, "on the surface", source="IGR: 16384")
    points_around: Positive = key(
        2.0, "around the surface, for each on it", source="docs/scans.md", neutral=2.0, le=16
    )
    learning_rate: Positive = key(
        2e-3, "of Adam: of the network, or of what is no hidden matrix", source="IGR: 1e-4"
    )
    eikonal_weight: NotNegative = key(0.1, "lambda of (2)", source="IGR: 0.1")
    normal_weight: NotNegative = key(1.0, "tau of (2), where normals are used", source="IGR: 1")
    neighbours: Count = key(
        50,
        "around a point x is drawn by a Gaussian as wide as the distance to so many neighbours",
        source="IGR: 50",
    )
    uniform_share: Share = key(
        0.5, "of the points around the surface, drawn from the box", source="IGR: 1/2, its code 1/9"
    )
    box: Positive = key(1.1, "half the width of that box", unit="normalised units")


class SurfaceFitting(PointFitting):
    """How a network learns the surface of one scan."""

    matrix_learning_rate: Positive | None = key(
        None, "of hidden matrices, by Muon; null: Adam learns them", source="ours", neutral=None
    )

    def for_method(self, method: "SurfaceMethod") -> Self:
        """The same with what a method asks for in its place."""
        asked: dict[str, Any] = {
            name: value
            for name in ("normal_weight", "matrix_learning_rate")
            if (value := getattr(method, name)) is not None
        }
        if method.activation is not None:
            asked["network"] = self.network.model_copy(update={"activation": method.activation})
        return self.model_copy(update=asked)


class SurfaceMethod(Settings):
    """A row of the table: what a surface is learned from."""

    normals: bool | Literal["estimated"] = key(
        True,
        "true: the scan's; false: none; estimated: of the points alone, turned to where they are "
        "seen from",
        source="IGR: true and false",
    )
    activation: Literal["silu", "softplus", "sine"] | None = key(
        None, "in place of the network's; sine: SIREN", source="SIREN, DiGS: sine", neutral=None
    )
    normal_weight: NotNegative | None = key(None, "in place of the fitting's", neutral=None)
    matrix_learning_rate: Positive | None = key(
        None, "of Muon, in place of the fitting's", source="ours", neutral=None
    )
    off_surface_weight: NotNegative = key(
        0.0,
        "of exp(-100 |f|) in the box: f shall vanish at the points alone",
        source="SIREN: 1/30 of the surface's",
        neutral=0.0,
    )
    divergence_weight: NotNegative = key(
        0.0,
        "of the second derivative of f along its gradient; it falls to 0 over half of the budget",
        source="StEik: 1/30 of the surface's",
        neutral=0.0,
    )
    topology_weight: NotNegative = key(
        0.0,
        "of the wanted Betti numbers, those of the true solid or of `betti`; 0: not told",
        source="not in the paper",
        neutral=0.0,
    )
    topology_from: Share = key(
        0.5,
        "share of the budget after which they count",
        source="not in the paper",
        neutral=0.5,
    )


class ScanSpace(PointFitting):
    """An auto-decoder over virtual scans: f(x; z_j), loss (2) plus alpha |z_j|."""

    scan: VirtualScan = key(
        VirtualScan(furniture="chair"), "the first one; the others have the indices after it"
    )
    training_scans: int = key(32, "that it learns from", ge=2, le=100_000)
    new_scans: int = key(8, "whose codes are found afterwards", ge=2, le=100_000)
    latent_size: int = key(32, "of codes", source="IGR: 256", ge=1, le=4096)
    max_epochs: Count = key(60, "the budget", unit="epochs")
    points_per_step: Count = key(256, "on each surface", source="IGR: 16384")
    shapes_per_step: Count = key(8, "scans of a step", source="IGR: 32")
    code_learning_rate: Positive = key(2e-3, "of Adam, of codes", source="IGR: 5e-4")
    code_weight: NotNegative = key(0.01, "alpha", source="IGR: 0.01")
    code_steps: Count = key(300, "that find the code of a new scan", source="IGR: 800")
    new_code_learning_rate: Positive = key(
        5e-3, "of these; a tenth in their second half", source="IGR's code: 5e-3"
    )
    tuning_steps: int = key(
        100, "in which network and code then learn the new scan alone", ge=0, le=1_000_000
    )
    tuning_learning_rate: Positive = key(5e-4, "of these")
    field_resolution: int = key(
        64, "of the grid of their surfaces", unit="vertices along an edge", ge=32, le=512
    )


VIRTUAL = {
    "chair": VirtualScan(furniture="chair", index=3),
    "chair-noisy": VirtualScan(furniture="chair", index=3, noise=0.01),
}
METHODS = {
    "IGR": SurfaceMethod(normals=True),
    "IGR-muon": SurfaceMethod(normal_weight=0.1, matrix_learning_rate=1e-2),
    "IGR-no-normals": SurfaceMethod(normals=False),
    "IGR-estimated-normals": SurfaceMethod(normals="estimated"),
    "IGR-divergence": SurfaceMethod(normals=False, divergence_weight=0.03),
    "IGR-sine": SurfaceMethod(normals=True, activation="sine", off_surface_weight=0.03),
    "IGR-sine-topology": SurfaceMethod(
        normals=True, activation="sine", off_surface_weight=0.03, topology_weight=1.0
    ),
}


class Scans(Settings):
    """`snakemake --cores all scans`; nothing else depends on these keys."""

    seeds: Annotated[tuple[Seed, ...], Unique] = key(
        (0,), "each surface is learned once for each", min_length=1, max_length=100
    )
    folder: str = key(
        "",
        "point clouds (.ply, .xyz, .npy, .npz, vertices of .obj, .off; .pcd, .las by an extra), or "
        "scans/ and ground_truth/; empty: virtual scans",
    )
    virtual: Annotated[dict[Name, VirtualScan], BeforeValidator(_without_null)] = key(
        VIRTUAL, "virtual scans; null removes one"
    )
    reading: CloudReading = key(CloudReading(), "which point clouds of a folder are taken")
    betti: dict[Name, tuple[int, int, int]] = key(
        {}, "pieces, handles and cavities by scan, for methods that are told them"
    )
    fitting: SurfaceFitting = key(SurfaceFitting(), "how surfaces are learned")
    methods: Annotated[dict[Name, SurfaceMethod], BeforeValidator(_without_null)] = key(
        METHODS, "rows of the table; null removes one"
    )
    peers: Annotated[tuple[Literal["Poisson", "Ball-pivoting"], ...], Unique] = key(
        (), "further rows, of scans with normals; they need pip install toposhape[peers]"
    )
    resolution: int = key(
        128,
        "of the grid of marching cubes",
        unit="vertices along an edge",
        source="IGR: 256, 512",
        ge=32,
        le=1024,
    )
    samples: Count = key(100_000, "points that are drawn on a mesh for its distances")
    space: ScanSpace = key(ScanSpace(), "one network for many scans")


class ScannedShapes(Settings):
    """How the shapes of categories with `data: scans` or `data: clouds` become meshes."""

    scanner: Scanner = key(Scanner(views=20), "of `data: scans`")
    reading: CloudReading = key(CloudReading(), "which point clouds are taken")
    fitting: SurfaceFitting = key(
        SurfaceFitting(
            max_epochs=12,
            points_around=1,
            learning_rate=4e-3,
            matrix_learning_rate=2e-2,
            normal_weight=0.3,
        ),
        "of IGR, with the scan's normals or estimated ones",
    )
    resolution: int = key(
        96, "of the grid of marching cubes", unit="vertices along an edge", ge=32, le=512
    )
