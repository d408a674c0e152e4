"""What the jobs of ShapeGF share: the shapes of a split as clouds, from the batches' surfaces."""

import json
from pathlib import Path
from typing import Any

from toposhape.generators.gradient_fields.data import CloudSource, CloudSources
from toposhape.shapes.prepared import PreparedShapes


def cloud_source(inputs: Any, part: str) -> CloudSource:
    """The shapes of `training`, `validation` or `test` of a job with surfaces, manifest, split."""
    split = json.loads(Path(inputs.split).read_text(encoding="utf-8"))
    return CloudSource(PreparedShapes(inputs.manifest, inputs.surfaces), split[part])


def cloud_sources(inputs: Any) -> CloudSources:
    """Training and validation shapes."""
    return CloudSources(*(cloud_source(inputs, part) for part in CloudSources._fields))
