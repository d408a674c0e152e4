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

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from toposhape.settings import Count, Name, NotNegative, Positive, Settings, Share
from toposhape.vector_set_settings import VectorSets


class ConfigError(ValueError):
    """The configuration is wrong; the message lists every wrong key."""


class Category(Settings):
    """Where the shapes of one category come from."""

    name: Name
    source: Literal["procedural", "folder", "shapenet"] = "procedural"
    furniture: Literal["chair", "table", "sofa"] | None = None
    count: Count | None = None
    path: str | None = None
    synset: Annotated[str, Field(pattern=r"^\d{8}$")] | None = None
    version: Literal[1, 2] = 2
    up: Literal["x", "y", "z", "-x", "-y", "-z"] = "y"
    split_files: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _source_has_what_it_needs(self) -> "Category":
        needs = {"procedural": ["count"], "folder": ["path"], "shapenet": ["path", "synset"]}
        missing = [key for key in needs[self.source] if getattr(self, key) is None]
        if missing:
            raise ValueError(f"source '{self.source}' also needs: {', '.join(missing)}")
        if self.source == "procedural" and self.procedure not in ("chair", "table", "sofa"):
            raise ValueError(
                f"'{self.name}' is no procedural furniture: set furniture to chair, table or sofa"
            )
        return self

    @property
    def procedure(self) -> str:
        """The procedural furniture that is made: `furniture`, or else the category's name."""
        return self.furniture or self.name


class Split(Settings):
    """Shares of the shapes for training, for every choice (validation) and for the tables."""

    training: Share = 0.7
    validation: Share = 0.1
    test: Share = 0.2

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> "Split":
        total = self.training + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"training + validation + test must be 1, not {total:g}")
        return self


class Shapes(Settings):
    """Normalisation, signed distance and samples of the given meshes."""

    resolution: Annotated[int, Field(ge=8, le=512)] = 64
    samples: Annotated[int, Field(ge=64, multiple_of=2)] = 100_000
    surface_points: Count = 30_000
    sheet_thickness: NotNegative = 0.03
    batch_size: Count = 50
    max_faces: Count = 2_000_000
    seconds_per_shape: Positive = 300
    max_rejected: Share = 0.5
    split: Split = Split()


class Topology(Settings):
    """How a field becomes persistence diagrams (readings 1 to 4)."""

    complex: Literal["freudenthal", "cubical"] = "freudenthal"
    side: Literal["interior", "exterior"] = "interior"
    min_persistence: NotNegative = 0.01
    engine: Literal["native", "gudhi"] = "native"


class Decoder(Settings):
    """DeepSDF's decoder f(x, z)."""

    width: Annotated[int, Field(ge=8)] = 128
    depth: Annotated[int, Field(ge=2, le=32)] = 6
    latent_size: Count = 12
    skip_layers: tuple[Count, ...] = (3,)
    narrow_skip: bool = False
    weight_norm: bool = False
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    tanh_output: bool = False
    sharpness: Positive = 100
    sine_frequency: Positive = 10
    geometric_initialisation: bool = True


class LatentPrior(Settings):
    """What pulls the codes {z_i} towards N(0, I): equation (11), reading 10."""

    shape_weight: NotNegative = 1e-4
    moment_weight: NotNegative = 1e-3
    initial_mean_deviation: Positive = 0.9
    initial_deviation: Positive = 0.1


class Budget(Settings):
    """How long a training lasts and how its learning rate goes."""

    max_epochs: Count = 900
    warmup_epochs: Annotated[int, Field(ge=0)] = 5
    cooldown_share: Share = 0.4
    patience_epochs: Count | None = None
    flat_tolerance: Share = 0.01
    final_learning_rate_share: Annotated[float, Field(gt=0, le=1)] = 0.02
    gradient_clip: Positive = 1.0
    checkpoint_every: Count = 10


class ShapeTraining(Budget):
    """Pretraining of the shape generator: equation (11)."""

    patience_epochs: Count | None = 80
    shapes_per_batch: Count = 8
    samples_per_shape: Annotated[int, Field(ge=2, multiple_of=2)] = 256
    optimiser: Literal["adam", "muon"] = "adam"
    learning_rate: Positive = 1e-3
    matrix_learning_rate: Positive = 1e-2
    code_learning_rate: Positive = 4e-3
    clamp: Positive | None = None
    regularised_shapes: Count = 4
    regularised_points: Count = 64
    regularise_every: Count = 2
    shapes_per_micro_batch: Count | None = None
    precision: Literal["float32", "tf32", "bfloat16"] = "float32"
    compiled: bool = False
    processes: Count = 1
    codes: LatentPrior = LatentPrior()


class ShapeGenerator(Settings):
    """The implicit shape generator that all methods share."""

    decoder: Decoder = Decoder()
    training: ShapeTraining = ShapeTraining()


class Regularisation(Settings):
    """The geometric regulariser l_reg, equation (5), on synthetic shapes."""

    weight: NotNegative = 0.0
    eikonal_power: Annotated[float, Field(ge=1, le=4)] = 1.0
    divergence_weight: NotNegative = 0.0
    divergence_until: Share = 0.5


class Variant(Settings):
    """A shape generator as it is pretrained: what methods start from."""

    activation: Literal["relu", "silu", "softplus", "sine"] = "relu"
    lipschitz_weight: NotNegative = 0.0
    regularisation: Regularisation = Regularisation()

    @model_validator(mode="after")
    def _second_derivatives_exist(self) -> "Variant":
        needs_curvature = self.regularisation.divergence_weight * self.regularisation.weight > 0
        if needs_curvature and self.activation == "relu":
            raise ValueError(
                "regularisation.divergence_weight needs second derivatives, which vanish on a "
                "ReLU network: set activation to silu, softplus or sine"
            )
        return self


class DiagramNetwork(Settings):
    """PD_k(z), a PointNet that decodes: reading 7."""

    embedding_size: Count = 16
    width: Count = 64
    rectifier: Literal["straight_through", "relu", "softplus"] = "straight_through"


class DiagramTraining(Budget):
    """Pretraining of the diagram generator: equation (12)."""

    max_epochs: Count = 150
    matching: Literal["forced", "optimal"] = "forced"
    shapes_per_batch: Count = 16
    learning_rate: Positive = 2e-3
    smoothness_weight: NotNegative = 0.01
    smoothness_step: Positive = 0.05
    smoothness_matching: Literal["index", "optimal"] = "index"
    smoothness_codes: Count = 16


class DiagramGeneratorSettings(Settings):
    """The diagram generator that all methods share."""

    network: DiagramNetwork = DiagramNetwork()
    training: DiagramTraining = DiagramTraining()


class JointTraining(Settings):
    """The second stage, equations (13) to (15): the same number of steps for every method."""

    steps: Count = 500
    warmup_share: Share = 0.05
    cooldown_share: Share = 0.5
    final_learning_rate_share: Annotated[float, Field(gt=0, le=1)] = 0.03
    learning_rate: Positive = 1e-3
    code_learning_rate: Positive = 2e-3
    diagram_learning_rate: Positive = 5e-4
    gradient_clip: Positive = 1.0
    consistency_clip: Positive = 0.1
    consistency_codes: Count = 4
    anchor_points: Annotated[int, Field(ge=2, multiple_of=2)] = 256
    resolution: Annotated[int, Field(ge=8, le=512)] = 48
    min_persistence: NotNegative = 0.005
    checkpoint_every: Count = 5


class TopologicalTerms(Settings):
    """Weights of the topological terms of a method; all 0: a plain baseline."""

    consistency_weight: NotNegative = 0.0
    diagram_weight: NotNegative = 0.0
    smoothness_weight: NotNegative = 0.0
    pull_weight: NotNegative = 0.0
    anchor_weight: NotNegative = 0.0
    pretrained_diagrams: bool = True
    independent_targets: bool = False

    @model_validator(mode="after")
    def _weights_act_together(self) -> "TopologicalTerms":
        others = (
            self.diagram_weight + self.smoothness_weight + self.pull_weight + self.anchor_weight
        )
        if others > 0 and self.consistency_weight == 0:
            raise ValueError(
                "without consistency_weight no diagram generator takes part: set the other "
                "weights to 0, too"
            )
        return self

    @property
    def uses_diagrams(self) -> bool:
        """Whether a diagram generator takes part."""
        return self.consistency_weight > 0


class Method(Settings):
    """One row of the tables: a variant, and the terms of its joint training."""

    kind: Literal["implicit", "vector_sets"] = "implicit"
    variant: Name | None = None
    baseline: Name | None = None
    published: str | None = None
    topology: TopologicalTerms = TopologicalTerms()

    @model_validator(mode="after")
    def _implicit_methods_have_a_variant(self) -> "Method":
        if self.kind == "implicit" and self.variant is None:
            raise ValueError("an implicit method needs a variant, one of those under `variants`")
        return self


class Reconstruction(Settings):
    """Fitting a code to a test shape (DeepSDF's reconstruction), for CD-mean's third reading."""

    steps: Count = 300
    samples_per_shape: Annotated[int, Field(ge=2, multiple_of=2)] = 256
    learning_rate: Positive = 2e-2
    prior_weight: NotNegative = 1e-4
    surface_points: Count = 30_000


class Evaluation(Settings):
    """Synthetic shapes and their scores: equation (2), readings 6 and 13."""

    draws: Count = 10
    posterior_draws: Count = 2
    shapes_per_draw: Count | None = None
    chamfer_points: Count = 2048
    reconstruction: Reconstruction = Reconstruction()


class Publication(Settings):
    """Pictures."""

    shapes_per_row: Count = 6
    compared_methods: tuple[Name, ...] = (
        "DeepSDF-VAD",
        "DeepSDF-SE-VAD",
        "3DShape2VecSet",
        "Ours-DeepSDF",
        "Ours-DeepSDF-SE",
    )
    picture_pixels: Annotated[int, Field(ge=64, le=4096)] = 320


class Config(Settings):
    """A whole run."""

    name: Name = "furniture"
    seed: Annotated[int, Field(ge=0)] = 0
    training_seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)] = (0,)
    only: tuple[Name, ...] = ()
    device: Literal["auto", "cpu", "cuda"] = "auto"
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    shapes: Shapes = Shapes()
    topology: Topology = Topology()
    shape_generator: ShapeGenerator = ShapeGenerator()
    diagram_generator: DiagramGeneratorSettings = DiagramGeneratorSettings()
    joint_training: JointTraining = JointTraining()
    variants: Annotated[dict[Name, Variant], Field(min_length=1)]
    methods: Annotated[dict[Name, Method], Field(min_length=1)]
    vector_sets: VectorSets = VectorSets()
    evaluation: Evaluation = Evaluation()
    publication: Publication = Publication()

    @field_validator("only", mode="before")
    @classmethod
    def _one_name_is_a_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _names_refer_to_something(self) -> "Config":
        names = [category.name for category in self.categories]
        if len(set(names)) < len(names):
            raise ValueError(f"categories: each name may stand once, not {names}")
        if unknown := sorted(set(self.only) - set(names)):
            raise ValueError(f"only: no such category {unknown}; there are {names}")
        for method, settings in self.methods.items():
            if settings.baseline is not None and settings.baseline not in self.methods:
                raise ValueError(f"methods.{method}.baseline: no such method {settings.baseline!r}")
            if settings.variant is not None and settings.variant not in self.variants:
                raise ValueError(f"methods.{method}.variant: no such variant {settings.variant!r}")
        return self

    @property
    def chosen_categories(self) -> tuple[Category, ...]:
        """The categories that this run works on."""
        return tuple(c for c in self.categories if not self.only or c.name in self.only)

    def category(self, name: str) -> Category:
        """The category of that name."""
        return next(c for c in self.categories if c.name == name)

    def digest(self) -> str:
        """Twelve hexadecimal digits that change with any setting."""
        return digest(self)


def digest(settings: Settings) -> str:
    """Twelve hexadecimal digits that name these settings (SHA-256 of their sorted JSON)."""
    text = json.dumps(settings.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_config(mapping: Mapping[str, Any]) -> Config:
    """Check a configuration and freeze it.

    Args:
        mapping: the content of `config.yaml` with its overlays.

    Raises:
        ConfigError: with one line for every wrong key: the key, what is allowed, its value.
    """
    try:
        return Config.model_validate(dict(mapping))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        lines = "\n".join(f"  {_problem(p)}" for p in problems)
        raise ConfigError(f"{len(problems)} mistakes in the configuration:\n{lines}") from None


def _problem(problem: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "(top level)"
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key (value {problem['input']!r}); remove it or mend its name"
    if problem["type"] == "missing":
        return f"{key}: this key is required"
    value = problem["input"]
    shown = "" if isinstance(value, (Mapping, BaseModel)) else f", not {value!r}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {message}{shown}"
