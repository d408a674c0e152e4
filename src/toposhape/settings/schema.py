"""A JSON schema of configurations and of overlays, for editors."""

from typing import Any

from .run import Config
from .tree import Key, all_keys

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> dict[str, Any]:
    """The schema of `config.yaml` and of every overlay: nothing is required.

    What depends on several keys is for `read_config` to check.
    """
    schema = Config.model_json_schema()
    for definition in schema["$defs"].values():
        _plain(definition)
    _plain(schema)
    for key in all_keys():
        property_of(schema, key)["description"] = key.comment
    properties = schema["properties"]
    for section in ("categories", "variants", "methods"):
        _by_name(properties[section])
    for section in ("virtual", "methods"):
        _by_name(schema["$defs"]["Scans"]["properties"][section])
    category = schema["$defs"]["Category"]
    name = {"type": "string", "description": "of the category"}
    schema["$defs"]["NamedCategory"] = {
        **category,
        "properties": {"name": name, **category["properties"]},
        "required": ["name"],
    }
    properties["categories"] = {
        "description": properties["categories"].pop("description"),
        "anyOf": [
            properties["categories"],
            {"type": "array", "items": {"$ref": "#/$defs/NamedCategory"}},
        ],
    }
    only = properties["only"]
    several = {name: only.pop(name) for name in ("type", "items")}
    only["anyOf"] = [several["items"], several]
    return {"$schema": DIALECT, **schema}


def property_of(schema: dict[str, Any], key: Key) -> dict[str, Any]:
    """What the schema says of a key."""
    top = len(key.path) == 1
    group = schema if top else schema["$defs"][key.group.__name__]
    told: dict[str, Any] = group["properties"][key.path[-1]]
    return told


def _plain(definition: dict[str, Any]) -> None:
    """Without titles, defaults of whole groups, and what is required of a complete run."""
    definition.pop("title", None)
    definition.pop("required", None)
    for key in definition.get("properties", {}).values():
        key.pop("title", None)
        if isinstance(key.get("default"), dict):
            del key["default"]
        for extra in ("unit", "source", "neutral", "without_influence"):
            key.pop(extra, None)


def _by_name(section: dict[str, Any]) -> None:
    """A mapping by name, whose entries an overlay may remove by null."""
    section.pop("minProperties", None)
    ((pattern, entry),) = section["patternProperties"].items()
    choices = entry.get("oneOf", [entry])
    section["patternProperties"] = {pattern: {"anyOf": [*choices, {"type": "null"}]}}
    section["additionalProperties"] = False
