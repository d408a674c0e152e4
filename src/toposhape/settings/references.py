"""Names in a configuration that refer to something: categories, variants, methods."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .methods import ImplicitMethod, SharedMethod

if TYPE_CHECKING:
    from .run import Config


def broken_references(config: "Config") -> list[str]:
    """A line for each name that nothing has: the key, the name, and the names that there are."""
    return [
        *_of_categories(config),
        *_of_methods(config),
        *_of_figures(config),
        *_of_point_clouds(config),
    ]


def _of_categories(config: "Config") -> Iterator[str]:
    yield from _unknown("only", config.only, "category", config.categories)


def _of_methods(config: "Config") -> Iterator[str]:
    for name, method in config.methods.items():
        key = f"methods.{name}"
        if method.baseline is not None:
            yield from _unknown(f"{key}.baseline", [method.baseline], "method", config.methods)
        if isinstance(method, ImplicitMethod):
            yield from _unknown(f"{key}.variant", [method.variant], "variant", config.variants)
        if isinstance(method, SharedMethod):
            trained = [n for n, m in config.methods.items() if not isinstance(m, SharedMethod)]
            what = "method that is trained"
            yield from _unknown(f"{key}.trained_as", [method.trained_as], what, trained)


def _of_figures(config: "Config") -> Iterator[str]:
    shown = config.publication
    for key, names in shown.methods_shown().items():
        yield from _unknown(f"publication.{key}", names, "method", config.methods)
        known = [name for name in names if name in config.methods]
        others = [name for name in known if config.methods[name].family != "implicit"]
        if others and key != "compared_methods":
            yield f"publication.{key}: {others} are not of the family implicit"
    if shown.interpolation:
        variant = shown.interpolation.lipschitz
        key = "publication.interpolation.lipschitz"
        yield from _unknown(key, [variant], "variant", config.variants)
        key, drawn = "publication.interpolation.categories", shown.interpolation.categories
        yield from _unknown(key, drawn, "category", config.categories)


def _of_point_clouds(config: "Config") -> Iterator[str]:
    chapter = config.point_clouds
    if chapter.category is not None:
        key = "point_clouds.category"
        yield from _unknown(key, [chapter.category], "category", config.chosen_categories)
    yield from _unknown("point_clouds.compared", chapter.compared, "method", config.methods)


def _unknown(key: str, names: Iterable[str], what: str, known: Iterable[str]) -> Iterator[str]:
    there_are = list(known)
    if unknown := [name for name in names if name not in there_are]:
        yield f"{key}: no such {what} {', '.join(unknown)}; there are {', '.join(there_are)}"
