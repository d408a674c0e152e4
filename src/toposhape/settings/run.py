"""The vocabulary of a run: every setting, its type, its bounds and its default.

`config.yaml` at the top of the repository is the same list with units and sources, as a
person edits it; `read_config` turns such a mapping into frozen objects and, when something
is wrong, names every wrong key at once. This module is light: it is imported while
Snakemake plans.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ValidationError,
    field_validator,
    model_validator,
)

from .base import Name, Seed, Settings, Unique, key
from .code_filter import CodeFilter
from .contradictions import contradictions
from .diagrams import DiagramGeneratorSettings
from .evaluation import Evaluation
from .gradient_fields import GradientFields
from .implicit import ShapeGenerator, Variant
from .joint import JointTraining
from .layer_experiments import LayerExperiments
from .methods import AnyMethod, SharedMethod
from .point_clouds import PointClouds
from .publication import Publication
from .references import broken_references
from .removal import REMOVABLE, without_removed
from .scans import ScannedShapes, Scans
from .shapes import Category, Shapes, categories_by_name
from .theory import Theory
from .topology import Topology
from .vector_sets import VectorSets

_REMEDY = "; a file that only says what differs comes last: --configfile config.yaml <that file>"


class ConfigError(ValueError):
    """The configuration is wrong; the message lists every wrong key."""


class Config(Settings):
    """A whole run."""

    name: Name = key("chairs", "results lie in results/<name>")
    seed: Seed = key(0, "every random number of a run comes from it")
    training_seeds: Annotated[tuple[Seed, ...], Unique] = key(
        (0,), "one training of every generator for each", min_length=1, max_length=1000
    )
    only: Annotated[tuple[Name, ...], Unique] = key(
        (), "names of the categories to run; [] runs all"
    )
    device: Literal["auto", "cpu", "cuda"] = key(
        "auto", "where networks run: cpu, cuda, or auto (cuda if there is one)"
    )
    categories: Annotated[dict[Name, Category], BeforeValidator(categories_by_name)] = key(
        ..., "where shapes come from; a list takes the place of all of these", min_length=1
    )
    shapes: Shapes = key(Shapes(), "how the meshes are prepared")
    scanned_shapes: ScannedShapes = key(
        ScannedShapes(),
        "how shapes of categories with `data: scans` or `data: clouds` become meshes",
        neutral=ScannedShapes(),
    )
    topology: Topology = key(Topology(), "how a field becomes persistence diagrams")
    shape_generator: ShapeGenerator = key(
        ShapeGenerator(), "the implicit shape generator that all variants share"
    )
    diagram_generator: DiagramGeneratorSettings = key(
        DiagramGeneratorSettings(), "PD_k(z)", source="reading 7"
    )
    joint_training: JointTraining = key(
        JointTraining(), "the second stage, (13) to (15), of every method, baselines too"
    )
    vector_sets: VectorSets = key(VectorSets(), "3DShape2VecSet", source="reading 15")
    gradient_fields: GradientFields = key(
        GradientFields(), "ShapeGF", source="Cai et al. 2020", neutral=GradientFields()
    )
    variants: dict[Name, Variant] = key(
        ..., "pretrained shape generators: what methods start from", min_length=1
    )
    methods: dict[Name, AnyMethod] = key(
        ..., "rows of the tables, in this order; an entry of your own adds a row", min_length=1
    )
    code_filter: CodeFilter = key(
        CodeFilter(),
        "codes that are tried after joint training, for rows with the prior filtered_density",
        source="not in the paper",
        neutral=CodeFilter(),
    )
    evaluation: Evaluation = key(Evaluation(), "what is synthesised and scored")
    publication: Publication = key(
        Publication(), "figures, their rows by name; none ([] or null): no such figure"
    )
    layer_experiments: LayerExperiments = key(
        LayerExperiments(),
        "experiments of the TopologyLayer paper, a target of their own: layer_experiments",
        without_influence=True,
    )
    scans: Scans = key(
        Scans(),
        "surfaces from scans by IGR, a target of their own: scans",
        without_influence=True,
    )
    point_clouds: PointClouds = key(
        PointClouds(),
        "tables and figures of the ShapeGF paper, a target of their own: point_clouds",
        without_influence=True,
    )

    theory: Theory = key(
        Theory(),
        "the paper's section 4 and appendices, verified; a target of their own: theory",
        without_influence=True,
    )

    @field_validator("only", mode="before")
    @classmethod
    def _one_name_is_a_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _keys_fit_each_other(self) -> "Config":
        if wrong := [*broken_references(self), *contradictions(self)]:
            raise ValueError("\n".join(wrong))
        return self

    @property
    def chosen_categories(self) -> tuple[Name, ...]:
        """The names of the categories that this run works on."""
        return tuple(name for name in self.categories if not self.only or name in self.only)

    @property
    def cloud_categories(self) -> tuple[Name, ...]:
        """Those of them that are clouds of points, without solids."""
        chosen = self.chosen_categories
        return tuple(c for c in chosen if self.categories[c].source == "point_clouds")

    def methods_of(self, family: str) -> tuple[Name, ...]:
        """The names of the methods of a family."""
        return tuple(name for name, method in self.methods.items() if method.family == family)

    def shape_generator_of(self, category: Name) -> ShapeGenerator:
        """The settings of a category's implicit shape generators."""
        decoder, training = self.shape_generator.decoder, self.shape_generator.training
        shapes = self.categories[category]
        if shapes.mirrored:
            decoder = decoder.model_copy(update={"mirrored": True})
        if shapes.width:
            decoder = decoder.model_copy(update={"width": shapes.width})
        if shapes.max_epochs:
            training = training.model_copy(update={"max_epochs": shapes.max_epochs})
        return self.shape_generator.model_copy(update={"decoder": decoder, "training": training})

    def trained_as(self, method: Name) -> Name:
        """The method that trains the generator of a row: itself, or the one that it names."""
        row = self.methods[method]
        return row.trained_as if isinstance(row, SharedMethod) else method

    def digest(self) -> str:
        """Twelve hexadecimal digits that change with any setting that results depend on."""
        return digest(self)


def digest(settings: Settings) -> str:
    """Twelve hexadecimal digits that name these settings (SHA-256 of their identity's JSON)."""
    text = json.dumps(settings.identity(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_config(mapping: Mapping[str, Any]) -> Config:
    """Check a configuration and freeze it.

    Args:
        mapping: the content of `config.yaml` with its overlays.

    Raises:
        ConfigError: with one line for every wrong key: the key, what is allowed, its value.
    """
    try:
        return _with_one_grid(Config.model_validate(without_removed(mapping)))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        lines = [line for problem in found for line in _lines(problem)]
        told = "\n".join(f"  {line}" for line in lines)
        count = "1 mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
        raise ConfigError(f"{count} in the configuration:\n{told}") from None


def _with_one_grid(config: Config) -> Config:
    """With the resolution of joint training, if it is left to that of the shapes."""
    if config.joint_training.resolution is not None:
        return config
    known = {"resolution": config.shapes.resolution}
    return config.model_copy(
        update={"joint_training": config.joint_training.model_copy(update=known)}
    )


def _lines(problem: Mapping[str, Any]) -> list[str]:
    """What is wrong with one key; or, of the whole, every line that was found."""
    key = ".".join(_path(problem["loc"]))
    message = problem["msg"].removeprefix("Value error, ")
    if not key:
        lines: list[str] = message.splitlines()
        return lines
    if problem["type"] == "extra_forbidden":
        return [f"{key}: unknown key (value {problem['input']!r}); remove it or mend its name"]
    if problem["type"] == "missing":
        return [f"{key}: this key is required{_REMEDY if key in REMOVABLE else ''}"]
    value = problem["input"]
    shown = "" if isinstance(value, (Mapping, BaseModel)) else f", not {value!r}"
    return [f"{key}: {message}{shown}"]


def _path(location: tuple[str | int, ...]) -> list[str]:
    """A key's path as it is written; pydantic puts a method's family between name and key."""
    parts = [str(part) for part in location]
    return parts[:2] + parts[3:] if parts[:1] == ["methods"] and parts[2:3] else parts
