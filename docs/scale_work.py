"""How much there is to do in the paper's setting: operations, hours of processors, bytes."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from scale_costs import DecoderCosts, VectorSetCosts, decoder_costs

from toposhape.settings.implicit import Variant
from toposhape.settings.methods import ImplicitMethod
from toposhape.settings.run import Config, read_config

DOCS = Path(__file__).parent
ROOT = DOCS.parent
TF32_PEAK, FLOAT32_PEAK = 494.7e12, 67e12
"""Operations a second of an H100 SXM5, dense (NVIDIA's datasheet; TF32: 989 with sparsity)."""
TF32_SHARE, FLOAT32_SHARE = 0.3, 0.6
"""Of the peaks, assumed."""
SIZES = {"chair": (3281, 832), "table": (4859, 1216), "sofa": (1628, 411)}
"""Training and test shapes of DeepSDF's split files."""
TEST_SHAPES_MEASURED, TRAINING_SHAPES_MEASURED = 32, 112
"""Of a category of docs/records/benchmarks_share.md's run: 160 shapes, shares of 0.2 and 0.7."""


class Category(NamedTuple):
    """Shapes of a category."""

    name: str
    training: int
    validation: int
    test: int

    @property
    def shapes(self) -> int:
        """All of them."""
        return self.training + self.validation + self.test


class Work(NamedTuple):
    """One training, or one generator's shapes, of one category."""

    stage: str
    category: str
    name: str
    """Variant or method."""
    operations: float
    precision: str = "float32"

    @property
    def hours(self) -> float:
        """On one GPU."""
        exact = self.precision == "float32"
        rate = FLOAT32_SHARE * FLOAT32_PEAK if exact else TF32_SHARE * TF32_PEAK
        return self.operations / rate / 3600


def merged(base: Any, overlay: Any) -> Any:
    """As Snakemake lays a preset over config.yaml: mappings are merged, lists replaced."""
    if isinstance(base, dict) and isinstance(overlay, dict):
        return {**base, **{key: merged(base.get(key), overlay[key]) for key in overlay}}
    return overlay


def paper() -> Config:
    """The paper's preset."""
    files = (ROOT / "config.yaml", ROOT / "presets" / "paper.yaml")
    return read_config(merged(*(yaml.safe_load(f.read_text(encoding="utf-8")) for f in files)))


def categories(config: Config) -> list[Category]:
    """Sizes as they are after validation shapes were cut from training (`split_shapes`)."""
    split = config.shapes.split
    share = split.validation / (split.training + split.validation)
    found = []
    for name, (training, test) in SIZES.items():
        validation = round(share * training)
        found.append(Category(name, training - validation, validation, test))
    return found


def pretraining(config: Config, variant: Variant, cost: DecoderCosts, shapes: Category) -> float:
    """Operations of equation (11)."""
    training, regular = config.shape_generator.training, variant.regularisation
    samples = shapes.training * training.samples_per_shape * cost.data.operations
    samples += shapes.validation * training.samples_per_shape * cost.code.operations
    points = training.regularised_shapes * training.regularised_points / training.regularise_every
    early = regular.divergence_until if regular.divergence_weight > 0 else 0
    point = early * cost.regularised.operations + (1 - early) * cost.eikonal.operations
    steps = -(-shapes.training // training.shapes_per_batch) * (regular.weight > 0)
    return training.max_epochs * (samples + steps * points * point)


def joint(config: Config, method: ImplicitMethod, cost: DecoderCosts) -> float:
    """Operations of (13) and (15); of (14) the networks are small, of the anchor the points few."""
    training = config.shape_generator.training
    settings = config.joint_training.of_method(method.topology)
    samples = training.shapes_per_batch * training.samples_per_shape
    step = samples * (cost.data.operations + cost.code.operations)
    if config.variants[method.variant].regularisation.weight > 0:
        points = training.regularised_shapes * training.regularised_points
        step += points / training.regularise_every * cost.eikonal.operations
    if method.topology.uses_diagrams:
        step += settings.consistency_codes * settings.resolution**3 * cost.forward.operations
    return settings.steps * step


def implicit_work(config: Config, shapes: Category) -> list[Work]:
    """Everything that networks of implicit methods do for a category."""
    costs = {name: decoder_costs(config, variant) for name, variant in config.variants.items()}
    precision = config.shape_generator.training.precision
    work = []
    for name, variant in config.variants.items():
        operations = pretraining(config, variant, costs[name], shapes)
        work.append(Work("pretraining", shapes.name, name, operations, precision))
    fit = config.evaluation.reconstruction
    for name in config.methods:
        trained = config.methods[config.trained_as(name)]
        if not isinstance(trained, ImplicitMethod):
            continue
        cost = costs[trained.variant]
        if config.trained_as(name) == name:
            fitted = shapes.test * fit.steps * fit.samples_per_shape * cost.code.operations
            work.append(Work("joint training", shapes.name, name, joint(config, trained, cost)))
            work.append(Work("reconstruction", shapes.name, name, fitted))
        fields = sets_of(config, name) * shapes.test
        if getattr(config.methods[name], "prior", None) == "filtered_density":  # at most
            fields += config.code_filter.attempts * shapes.training
        fields *= config.shapes.resolution**3
        work.append(Work("synthesis", shapes.name, name, fields * cost.forward.operations))
    return work


def sets_of(config: Config, method: str) -> int:
    """Sets of shapes that are drawn of a method; codes with a posterior have further ones."""
    with_posterior = isinstance(config.methods[method], ImplicitMethod)
    return config.evaluation.draws + with_posterior * config.evaluation.posterior_draws


def vector_set_work(config: Config, cost: VectorSetCosts, shapes: Category) -> list[Work]:
    """The same of 3DShape2VecSet."""
    sets, name = config.vector_sets, "3DShape2VecSet"
    first, second = sets.autoencoder_training, sets.diffusion_training
    autoencoder = first.epochs * shapes.training * cost.autoencoder.operations
    views = second.views * shapes.training * cost.encoding.operations
    diffusion = second.epochs * shapes.training * cost.denoiser.operations
    made = config.evaluation.draws * shapes.test
    made *= cost.sample.operations + cost.decoding.operations
    return [
        Work("autoencoder", shapes.name, name, autoencoder, first.precision),
        Work("diffusion", shapes.name, name, views),
        Work("diffusion", shapes.name, name, diffusion, second.precision),
        Work("synthesis", shapes.name, name, made),
        Work(
            "reconstruction",
            shapes.name,
            name,
            shapes.test * (cost.encoding.operations + cost.decoding.operations),
        ),
    ]


def cell(page: str, *starts: str, column: int) -> float:
    """A number of a page: of the first row whose first cells start so."""
    for line in (DOCS / "records" / page).read_text(encoding="utf-8").splitlines():
        cells = [part.strip(" *") for part in line.strip("|").split("|")]
        if len(cells) > column and all(
            c.startswith(s) for c, s in zip(cells, starts, strict=False)
        ):
            return float(re.sub(r"[^\d.]", "", cells[column]))
    raise SystemExit(f"{page} has no row {starts}: was its benchmark changed?")


def processor_hours(
    config: Config, measured: dict[str, Any], sizes: Sequence[Category]
) -> list[tuple[str, float, str]]:
    """Work of processors: what, core hours, where its rate comes from."""
    shapes = sum(c.shapes for c in sizes)
    sets = sum(sets_of(config, name) for name in config.methods)
    implicit = [m for m in config.methods.values() if isinstance(m, ImplicitMethod)]
    topological_steps = sum(
        config.joint_training.of_method(method.topology).steps
        for method in implicit
        if method.topology.uses_diagrams
    )
    fields = sets * sum(c.test for c in sizes)
    pairs = sets * sum(2 * c.test**2 for c in sizes)
    share, distances = "benchmarks_share.md", "benchmarks_distances.md"
    slowest = max(row["seconds"] for row in measured["paper"]["rows"])
    diagram = cell("benchmarks_persistence.md", "64^3", "network, inside", column=3) / 1e3
    cloud = cell(distances, "clouds on furniture", column=1) / 350**2
    pair = cell(distances, "diagrams, points as", column=1) / 350**2
    step = sum(
        cell(share, row, column=1)
        for row in ("generated diagrams", "diagrams", "matching", "epoch of the diagram generator")
    )
    jobs, seconds = (cell(share, "train_diagram_generator", column=k) for k in (1, 2))
    pretrained = len({method.variant for method in implicit})
    made, made_seconds = (cell(share, "synthesise", column=k) for k in (1, 2))
    surface = made_seconds / made / (10 * TEST_SHAPES_MEASURED)
    return [
        ("preparing all shapes", shapes * slowest, "measured below, meshes of 25,000 faces"),
        (
            "their diagrams",
            shapes * diagram,
            "docs/records/benchmarks_persistence.md, 64^3, a network's",
        ),
        (
            "pretraining diagram generators",
            pretrained * sum(c.training for c in sizes) * seconds / jobs / TRAINING_SHAPES_MEASURED,
            "docs/records/benchmarks_share.md, by the number of shapes",
        ),
        (
            "diagrams in joint training",
            topological_steps * len(sizes) * step / 1e3,
            "docs/records/benchmarks_share.md, by the number of steps",
        ),
        (
            "meshes and points of generated shapes",
            fields * surface,
            "docs/records/benchmarks_share.md",
        ),
        ("Chamfer distances", pairs * cloud, "docs/records/benchmarks_distances.md"),
        ("distances of diagrams", pairs * pair, "docs/records/benchmarks_distances.md"),
    ]


def disk(config: Config, shapes: Category) -> tuple[float, float]:
    """Bytes of the prepared shapes and of the points of generated ones."""
    shape = 16 * config.shapes.samples + 4 * config.shapes.resolution**3
    shape += 12 * config.shapes.surface_points
    sets = sum(sets_of(config, name) for name in config.methods)
    generated = sets * shapes.test * 12 * config.evaluation.chamfer_points
    return shapes.shapes * shape, generated
