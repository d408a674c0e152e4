"""Entries of an overlay: `methods: {3DShape2VecSet: null}` removes one, others come last.

Snakemake merges mappings, so that an overlay can change and add entries; a null takes one away.
Those that it adds stand before all others after that.
"""

from collections.abc import Mapping
from typing import Any

REMOVABLE = ("categories", "variants", "methods")


def without_removed(given: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without its null entries; figures no longer show what was removed."""
    kept, removed = dict(given), set()
    for section in REMOVABLE:
        entries = kept.get(section)
        if isinstance(entries, Mapping):
            removed |= {name for name, entry in entries.items() if entry is None}
            kept[section] = {name: e for name, e in entries.items() if e is not None}
    shown = kept.get("publication")
    if removed and isinstance(shown, Mapping):
        kept["publication"] = {name: _without(rows, removed) for name, rows in shown.items()}
    return kept


def added_last(given: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with the default run's entries first, in its order: rows of tables."""
    ordered = dict(given)
    for section in REMOVABLE:
        entries, first = given.get(section), default.get(section)
        if isinstance(entries, Mapping) and isinstance(first, Mapping):
            known = [name for name in first if name in entries]
            names = [*known, *(name for name in entries if name not in known)]
            ordered[section] = {name: entries[name] for name in names}
    return ordered


def _without(rows: Any, removed: set[str]) -> Any:
    """Rows of a figure without those names; figure 2 has two rows, and a category, or is none."""
    if isinstance(rows, (list, tuple)):
        return [name for name in rows if name not in removed]
    if isinstance(rows, Mapping):
        left = {key: _without(value, removed) for key, value in rows.items()}
        gone = [key for key, value in rows.items() if value and not left[key]]
        return None if gone else left
    return None if isinstance(rows, str) and rows in removed else rows
