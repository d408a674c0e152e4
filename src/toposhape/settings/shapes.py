"""Where shapes come from, and how they are prepared."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import model_validator

from .base import Count, NotNegative, Positive, PositiveShare, Settings, Share, Unique, key

Furniture = Literal["chair", "table", "sofa"]
CLOUD_POINTS = 15_000
"""Of a shape in PointFlow's data."""
LEARNED_SHARE = 2 / 3
"""Of a shape's points, the first ones; the rest is for measuring. Of PointFlow's, 10,000."""


class Category(Settings):
    """Where the shapes of one category come from."""

    source: Literal["procedural", "folder", "shapenet", "point_clouds"] = key(
        "procedural",
        "procedural (count), folder (path), shapenet (path, synset) or point_clouds (path, "
        "synset): PointFlow's, which only gradient_fields learn from",
    )
    furniture: Furniture | None = key(
        None, "procedural: chair, table or sofa; null: the category's name"
    )
    count: int | None = key(None, "procedural: how many shapes", ge=1, le=1_000_000)
    path: str | None = key(None, "the folder of meshes, with folders in it, or the root of synsets")
    synset: str | None = key(None, "ShapeNet's number of the category", pattern=r"^\d{8}$")
    version: Literal[1, 2] = key(2, "of ShapeNetCore")
    up: Literal["x", "y", "z", "-x", "-y", "-z"] = key("y", "axis of the meshes that points upward")
    data: Literal["meshes", "scans", "clouds"] = key(
        "meshes",
        "scans: all but the test shapes are virtual scans of the meshes; clouds: the folder holds "
        "point clouds; section scanned_shapes",
        source="ours",
        neutral="meshes",
    )
    mirrored: bool = key(
        False,
        "all shapes are alike left and right (x): implicit generators make fields of |x|, y, z, "
        "which learn each leg once",
        source="ours",
        neutral=False,
    )
    max_epochs: Count | None = key(
        None,
        "of pretraining in this category, in place of shape_generator.training.max_epochs",
        unit="epochs",
        source="ours",
        neutral=None,
    )
    width: int | None = key(
        None,
        "of hidden layers in this category, in place of shape_generator.decoder.width",
        source="ours",
        neutral=None,
        ge=8,
        le=65_536,
    )
    normalisation: Literal["shape", "category"] = key(
        "shape",
        "point_clouds: shape, each in a frame of its own; category, all in one, sizes stay",
        source="PointFlow: category, ShapeGF: shape",
        neutral="shape",
    )
    split_files: Annotated[tuple[str, ...], Unique] = key(
        (), "JSON files with the ids of each part; []: drawn by seed", source="DeepSDF's format"
    )

    @model_validator(mode="after")
    def _source_has_what_it_needs(self) -> "Category":
        needs, allows = {
            "procedural": (("count", "furniture"), ()),
            "folder": (("path",), ("synset", "split_files")),
            "shapenet": (("path", "synset"), ("split_files",)),
            "point_clouds": (("path", "synset"), ()),
        }[self.source]
        missing = [key for key in needs if getattr(self, key) is None]
        if missing:
            choice = f" ({', '.join(get_args(Furniture))})" if "furniture" in missing else ""
            raise ValueError(f"source '{self.source}' also needs: {', '.join(missing)}{choice}")
        others = {"count", "furniture", "path", "synset", "split_files"} - {*needs, *allows}
        unused = sorted(key for key in others if getattr(self, key))
        if self.source != "point_clouds" and self.normalisation != "shape":
            unused.append("normalisation")
        if self.source == "point_clouds" and self.data != "meshes":
            unused.append("data")
        if unused:
            raise ValueError(
                f"source '{self.source}' does not use: {', '.join(unused)} (null takes a key away)"
            )
        if self.data == "clouds" and self.source != "folder":
            raise ValueError(f"data 'clouds' is for source 'folder', not for '{self.source}'")
        return self


def categories_by_name(value: Any) -> Any:
    """Categories as they are written: a mapping, or a list of entries that have a `name`.

    A category with the name of a piece of furniture is that furniture, unless it says otherwise.

    Raises:
        ValueError: if a name is missing or stands twice in a list.
    """
    if isinstance(value, (list, tuple)):
        if any(not isinstance(each, Mapping) or "name" not in each for each in value):
            raise ValueError("write them as `categories: {chair: {count: 160}}`")
        names = [each["name"] for each in value]
        if len(set(names)) < len(names):
            raise ValueError(f"each name may stand once, not {names}")
        value = {each["name"]: {k: v for k, v in each.items() if k != "name"} for each in value}
    if not isinstance(value, Mapping):
        return value
    return {name: _furniture_by_name(name, entry) for name, entry in value.items()}


def _furniture_by_name(name: str, entry: Any) -> Any:
    if not isinstance(entry, Mapping) or entry.get("source", "procedural") != "procedural":
        return entry
    return {"furniture": name, **entry} if name in get_args(Furniture) else entry


class Split(Settings):
    """Shares of the shapes for training, for every choice (validation) and for the tables."""

    training: PositiveShare = key(0.7, "what generators are trained with")
    validation: Share = key(0.1, "what every choice is made by; 0: training shapes are watched")
    test: PositiveShare = key(0.2, "what tables compare with")

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> "Split":
        total = self.training + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"training + validation + test must be 1, not {total:g}")
        return self


class Shapes(Settings):
    """Normalisation, signed distance and samples of the given meshes."""

    resolution: int = key(
        64,
        "of the grid on [-1, 1]^3",
        unit="vertices along an edge",
        source="reading 3",
        ge=8,
        le=512,
    )
    samples: int = key(
        100_000,
        "signed-distance samples of a shape, half of them inside",
        source="DeepSDF: 500000",
        ge=64,
        le=100_000_000,
        multiple_of=2,
    )
    surface_points: int = key(
        30_000,
        "on the visible surface, for Chamfer distances",
        source="DeepSDF: 30000",
        ge=1,
        le=10_000_000,
    )
    sheet_thickness: NotNegative = key(
        0.03,
        "what an open sheet is thickened to; 0 leaves it out",
        unit="normalised units",
        le=1,
    )
    least_thickness: NotNegative = key(
        1.5,
        "what thinner parts are thickened to, so that the grid does not tear them; 0: not",
        unit="spacings of the grid",
        source="reading 19",
        le=10,
        neutral=0,
    )
    batch_size: Count = key(20, "shapes that one job prepares", without_influence=True)
    max_faces: Count = key(2_000_000, "a mesh with more is rejected")
    seconds_per_shape: Positive = key(300, "a shape that takes longer is rejected", unit="s")
    max_rejected: Share = key(
        0.5,
        "the run stops when a larger share of a category's shapes is rejected",
        without_influence=True,
    )
    split: Split = key(Split(), "shares of the shapes; near-duplicates stay together")

    @property
    def spacing(self) -> float:
        """Of the grid [normalised units]."""
        return 2 / (self.resolution - 1)
