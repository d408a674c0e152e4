"""What a run consists of, as far as it is known before anything runs.

Snakemake imports this module while it plans, so it needs nothing heavy.
"""

from collections.abc import Iterable, Mapping, Sequence

from toposhape.settings.methods import ImplicitMethod
from toposhape.settings.run import Config

from .paths import Paths

TABLES = ("table1", "table2", "details", "shapes")
FORMATS = ("csv", "md", "html", "tex")
FIGURES = ("samples", "diagrams", "betti")
"""Of every run, by category."""


class PlanError(ValueError):
    """A run cannot be as it is configured; the message names the key and the number."""


def interpolated_categories(run: Config) -> tuple[str, ...]:
    """The categories that have figure 2."""
    rows = run.publication.interpolation
    if rows is None:
        return ()
    return tuple(c for c in run.chosen_categories if not rows.categories or c in rows.categories)


def used_variants(run: Config, category: str) -> tuple[str, ...]:
    """The variants that a category's methods start from or figures show; no other is trained."""
    used = {m.variant for m in run.methods.values() if isinstance(m, ImplicitMethod)}
    rows = run.publication.interpolation
    if rows and category in interpolated_categories(run):
        used.add(rows.lipschitz)
    return tuple(variant for variant in run.variants if variant in used)


def published_files(run: Config, paths: Paths) -> list[str]:
    """Everything that a run publishes."""
    shown = run.publication
    figures = [
        *FIGURES,
        *(("training",) if used_variants(run, run.chosen_categories[0]) else ()),
        *(("overview", "barcodes", "latents") if shown.overview_methods else ()),
        *(("matrices",) if shown.matrices_method else ()),
    ]
    names = [f"{table}.{format}" for table in TABLES for format in FORMATS]
    names += ["comparison.png"] if shown.compared_methods else []
    names += ["gallery.html"]
    names += [f"interpolation_{category}.png" for category in interpolated_categories(run)]
    names += [
        f"{figure}_{category}.png" for figure in figures for category in run.chosen_categories
    ]
    return [f"{paths.publication}/{name}" for name in names]


def require_enough_shapes(run: Config, requested: Mapping[str, Sequence[object]]) -> None:
    """Refuse categories that are too small for their split, and sets larger than it can give.

    Args:
        run: the configuration.
        requested: the shapes that each category asks for.

    Raises:
        PlanError: with the numbers. What is rejected later is not known yet; see
            `set_size` for the number of test shapes that there really are.
    """
    split = run.shapes.split
    parts = sum(share > 0 for share in (split.training, split.validation, split.test))
    for category, shapes in requested.items():
        if len(shapes) < parts:
            raise PlanError(
                f"category {category}: {len(shapes)} shapes cannot be split into {parts} parts "
                "(shapes.split); it needs more of them"
            )
        most = len(shapes) - parts + 1
        if (run.evaluation.shapes_per_draw or 0) > most:
            raise PlanError(
                f"evaluation.shapes_per_draw: {run.evaluation.shapes_per_draw} synthetic shapes "
                f"are compared with as many test shapes, and of the {len(shapes)} shapes of "
                f"{category} at most {most} are for the test; null takes all of them"
            )


def set_size(shapes_per_draw: int | None, test_shapes: int) -> int:
    """How many synthetic shapes are compared with as many test shapes: n of equation (2).

    Raises:
        PlanError: if more are asked for than there are test shapes.
    """
    if shapes_per_draw is not None and shapes_per_draw > test_shapes:
        raise PlanError(
            f"evaluation.shapes_per_draw: {shapes_per_draw} synthetic shapes are compared with as "
            f"many test shapes, and there are {test_shapes}; set it to {test_shapes} or null"
        )
    return shapes_per_draw or test_shapes


def alternatives(names: Iterable[str]) -> str:
    """A regular expression of exactly these names; of none, one that no name matches."""
    return "|".join(names) or "(?!)"
