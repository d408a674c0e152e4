"""Values that are right by themselves, and cannot be together."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .implicit import require_room_for_skips
from .learning import require_short_warmup
from .methods import ImplicitMethod, SharedMethod
from .shapes import CLOUD_POINTS

if TYPE_CHECKING:
    from .run import Config


def contradictions(config: "Config") -> list[str]:
    """A line for each: the key, its value, and the key that it contradicts."""
    return [
        *_more_points_than_prepared(config),
        *_solids_of_clouds(config),
        *_own_baselines(config),
        *_rows_without_codes_or_diagrams(config),
        *_places_on_another_grid(config),
        *_only_warmup(config),
        *_narrow_skips_without_room(config),
        *_same_logs(config),
        *_rows_of_two_chapters(config),
    ]


def _more_points_than_prepared(config: "Config") -> Iterator[str]:
    clouds = config.cloud_categories
    prepared, where = config.shapes.surface_points, "shapes.surface_points"
    if clouds and (prepared > CLOUD_POINTS or len(clouds) == len(config.chosen_categories)):
        prepared, where = CLOUD_POINTS, f"a cloud of categories.{clouds[0]}"
    wanted = {
        "evaluation.chamfer_points": config.evaluation.chamfer_points,
        "evaluation.reconstruction.surface_points": config.evaluation.reconstruction.surface_points,
    }
    if config.methods_of("vector_sets"):
        key = "vector_sets.autoencoder_training.surface_points"
        wanted[key] = config.vector_sets.autoencoder_training.surface_points
    if config.methods_of("gradient_fields"):
        training = config.gradient_fields.training
        key = "gradient_fields.training.points and encoded_points, of two thirds"
        wanted[key] = -(-3 * (training.points + training.encoded_points) // 2)
    for key, points in wanted.items():
        if points > prepared:
            yield f"{key}: {points} of {prepared} prepared points ({where})"


def _solids_of_clouds(config: "Config") -> Iterator[str]:
    """One line however many methods there are: a run of clouds leaves all of them out."""
    needing = config.methods_of("implicit") + config.methods_of("vector_sets")
    if needing and config.cloud_categories:
        yield (
            f"categories.{config.cloud_categories[0]}.source: point_clouds has no solids, which "
            f"the families implicit and vector_sets learn from; leave these methods out (null): "
            f"{', '.join(needing)}; presets/shapenet15k.yaml does"
        )


def _own_baselines(config: "Config") -> Iterator[str]:
    for name, method in config.methods.items():
        if method.baseline == name:
            yield f"methods.{name}.baseline: a method is not compared with itself; null: with none"


def _rows_without_codes_or_diagrams(config: "Config") -> Iterator[str]:
    without = config.methods_of("vector_sets") + config.methods_of("gradient_fields")
    rows = {name: m for name, m in config.methods.items() if isinstance(m, SharedMethod)}
    for name, row in rows.items():
        if row.prior != "normal" and row.trained_as in without:
            key = f"methods.{name}.prior: {row.prior}"
            yield f"{key} needs codes of training shapes, and {row.trained_as} has none"
        if row.best_of > 1 and row.trained_as in without:
            key = f"methods.{name}.best_of: {row.best_of}"
            yield f"{key} needs a diagram generator, and {row.trained_as} has none; 1: without"


def _places_on_another_grid(config: "Config") -> Iterator[str]:
    of_truth = config.shapes.resolution
    grid = config.joint_training.resolution or of_truth
    for name in config.methods_of("implicit"):
        method = config.methods[name]
        if isinstance(method, ImplicitMethod) and method.topology.place_radius and grid != of_truth:
            yield (
                f"methods.{name}.topology.place_radius: joint_training.resolution {grid} is not "
                f"shapes.resolution {of_truth}, and places are vertices of one grid: set "
                f"joint_training.resolution to {of_truth} or null"
            )


def _only_warmup(config: "Config") -> Iterator[str]:
    """A category's own budget, against the warm-up that all categories share."""
    warmup = config.shape_generator.training.warmup_epochs
    for name, category in config.categories.items():
        if category.max_epochs:
            try:
                require_short_warmup(warmup, category.max_epochs, f"categories.{name}.max_epochs")
            except ValueError as error:
                yield f"shape_generator.training: {error}"


def _narrow_skips_without_room(config: "Config") -> Iterator[str]:
    """A category's own width, against the skip layers that all categories share."""
    for name, category in config.categories.items():
        if category.width:
            try:
                require_room_for_skips(config.shape_generator.decoder, category.width)
            except ValueError as error:
                yield f"categories.{name}.width: {error}"


def _same_logs(config: "Config") -> Iterator[str]:
    """Logs and times are named <category>_<method>: a_b of c and b_c of a would share one."""
    for section, names in (("methods", config.methods), ("variants", config.variants)):
        for joined in _repeated(f"{c}_{name}" for c in config.categories for name in names):
            yield f"{section}: two categories and names are both written {joined}; rename one"


def _rows_of_two_chapters(config: "Config") -> Iterator[str]:
    """Both chapters keep a row's files under its name."""
    for name in config.point_clouds.methods:
        if name in config.methods:
            yield f"methods.{name}: point_clouds has a row of that name; give it another one"


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]
