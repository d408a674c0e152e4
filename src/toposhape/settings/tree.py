"""All keys of a configuration, in order, with what they say of themselves."""

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from .base import Settings, declared
from .run import Config

NAMED = "<name>"
"""In a path: where a configuration has names of its own."""


class Key(NamedTuple):
    """A key, and where it stands."""

    path: tuple[str, ...]
    """From the top; `<name>` where a category, variant or method has its name."""
    field: FieldInfo
    group: type[Settings]
    """The group that declares it."""

    @property
    def comment(self) -> str:
        """Meaning [unit] (source)."""
        extra = declared(self.field)
        unit = f" [{extra['unit']}]" if "unit" in extra else ""
        source = f" ({extra['source']})" if "source" in extra else ""
        return f"{self.field.description or ''}{unit}{source}"

    @property
    def is_group(self) -> bool:
        """Whether further keys stand below it, whatever is written."""
        return isinstance(self.field.annotation, type) and issubclass(
            self.field.annotation, Settings
        )

    @property
    def default(self) -> str:
        """As it is written in YAML; empty where there is none."""
        if self.is_group or self.field.is_required():
            return ""
        return as_yaml(self.field.default)


def all_keys(group: type[Settings] = Config, path: tuple[str, ...] = ()) -> Iterator[Key]:
    """Every key, groups before what stands in them."""
    for name, field in group.model_fields.items():
        here = (*path, name)
        yield Key(here, field, group)
        named = get_origin(field.annotation) is dict
        known: set[tuple[str, ...]] = set()
        for inner in groups_in(field.annotation):
            for key in all_keys(inner, (*here, NAMED) if named else here):
                if key.path not in known:  # families share keys
                    known.add(key.path)
                    yield key


def groups_in(annotation: Any) -> list[type[Settings]]:
    """The groups of settings that may stand at a key."""
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return [annotation]
    parts = get_args(annotation)
    if get_origin(annotation) is Annotated:
        parts = parts[:1]
    return [group for part in parts for group in groups_in(part)]


def as_yaml(value: Any) -> str:
    """A plain value on one line; of groups with names what was said of them."""
    plain = list(value) if isinstance(value, tuple) else value
    if isinstance(value, dict) and value:
        plain = {
            name: each.model_dump(mode="json", exclude_unset=True) for name, each in value.items()
        }
    return yaml.safe_dump(plain, default_flow_style=True, width=1000).removesuffix("...\n").strip()
