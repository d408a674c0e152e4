"""The tables of docs/configuration.md: every key of a configuration."""

from typing import Any

from .base import declared
from .schema import config_schema, property_of
from .tree import Key, all_keys, groups_in

BEGIN = "<!-- What follows is written by `make config`. -->\n"
HEAD = "| key | default | allowed | meaning | source |\n| --- | --- | --- | --- | --- |\n"


def with_tables(page: str) -> str:
    """A page with the tables of today's keys below its mark.

    Raises:
        ValueError: if the page has no mark.
    """
    prose, mark, _ = page.partition(BEGIN)
    if not mark:
        raise ValueError(f"the page lacks the line {BEGIN.strip()}")
    return prose + mark + _tables()


def _tables() -> str:
    schema = config_schema()
    keys = list(all_keys())
    top = [key for key in keys if len(key.path) == 1]
    text = _table("The run", [key for key in top if not groups_in(key.field.annotation)], schema)
    for group in top:
        below = [key for key in keys if key.path[0] == group.path[0] and len(key.path) > 1]
        text += _table(group.path[0], below, schema, f"{group.comment}\n\n") if below else ""
    return text


def _table(title: str, keys: list[Key], schema: dict[str, Any], before: str = "") -> str:
    return f"\n## {title}\n\n{before}{HEAD}" + "".join(_row(key, schema) for key in keys)


def _row(key: Key, schema: dict[str, Any]) -> str:
    extra = declared(key.field)
    unit = f" [{extra['unit']}]" if "unit" in extra else ""
    cells = (
        f"`{'.'.join(key.path)}`",
        f"`{key.default}`" if key.default else "",
        "" if key.is_group else allowed(property_of(schema, key)),
        f"{key.field.description}{unit}",
        extra.get("source", ""),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def allowed(property: dict[str, Any]) -> str:
    """What a schema lets stand at a key, for a person."""
    if "anyOf" in property:
        return " or ".join(each for each in map(allowed, property["anyOf"]) if each)
    if "enum" in property:
        return ", ".join(map(str, property["enum"]))
    if "const" in property:
        return str(property["const"])
    kind = property.get("type")
    if kind == "array":
        return f"list: {allowed(property['items'])}"
    if kind in ("integer", "number"):
        return _bounds(property, "whole number" if kind == "integer" else "number")
    return {"boolean": "true, false", "null": "null", "string": "text"}.get(kind or "", "")


def _bounds(property: dict[str, Any], number: str) -> str:
    if property.get("multipleOf") == 2:
        number = "even number"
    elif "multipleOf" in property:
        number = f"multiple of {property['multipleOf']}"
    low = property.get("minimum", property.get("exclusiveMinimum"))
    high = property.get("maximum", property.get("exclusiveMaximum"))
    open_low, open_high = "exclusiveMinimum" in property, "exclusiveMaximum" in property
    if low is not None and high is not None and not (open_low or open_high):
        return f"{number}, {_short(low)} to {_short(high)}"
    bounds = [(">" if open_low else "≥", low), ("<" if open_high else "≤", high)]
    return ", ".join([number, *(f"{sign} {_short(b)}" for sign, b in bounds if b is not None)])


def _short(bound: float) -> str:
    exponent = len(str(bound)) - 1
    return f"10^{exponent}" if exponent > 4 and bound == 10**exponent else str(bound)
