"""Joint training of a method, from the files of its variant's pretraining."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from toposhape.base.checksums import DamagedFileError
from toposhape.generators.diagrams.pretraining import stored_points
from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.generators.implicit.samples import Rows
from toposhape.generators.implicit.store import load_generator
from toposhape.generators.joint.places import Places
from toposhape.generators.joint.terms import JointSettings
from toposhape.generators.joint.training import train_jointly
from toposhape.learning.seeds import choose_device
from toposhape.settings.diagrams import DiagramGeneratorSettings
from toposhape.settings.implicit import ShapeGenerator, Variant
from toposhape.settings.joint import JointTraining, TopologicalTerms
from toposhape.settings.topology import Topology
from toposhape.topology.diagram import vertex_places
from toposhape.topology.tables import StoredDiagram, read_diagrams


class Start(NamedTuple):
    """Files that joint training starts from (docs/formats.md).

    Attributes:
        generator: weights of the pretrained shape generator.
        diagram_generator: of the diagram generator; None: a new one.
        diagrams: of the category's shapes.
    """

    generator: Path
    diagram_generator: Path | None
    diagrams: Path


def train_method(
    start: Start,
    samples: Rows,
    settings: Mapping[str, Any],
    *,
    device: str,
    seed: tuple[int, ...],
    checkpoints: Path,
    history: Path,
    title: str,
) -> None:
    """Train the generators of a method and write them beside the history, see `train_jointly`.

    Args:
        start: files of the pretraining.
        samples: signed-distance samples by shape.
        settings: plain values of the sections joint_training, variant (one), shape_generator,
            diagram_generator and topology, and of the method's `terms`.
        device: cpu, cuda or auto.
        seed: of every random number.
        checkpoints: folder.
        history: CSV file to write.
        title: names this training in messages.

    Raises:
        DamagedFileError: if terms with a `place_radius` need vertices that the diagrams lack.
    """
    chosen = choose_device(device)
    shapes, given = load_generator(start.generator, chosen), start.diagram_generator
    network = DiagramGeneratorSettings.model_validate(settings["diagram_generator"])
    joint = JointTraining.model_validate(settings["joint_training"])
    terms = TopologicalTerms.model_validate(settings["terms"])
    truth = read_diagrams(start.diagrams, shapes.shape_ids)
    train_jointly(
        samples,
        stored_points(truth),
        shapes,
        load_diagram_generator(given, chosen) if given else None,
        JointSettings(
            joint,
            terms,
            Variant.model_validate(settings["variant"]),
            ShapeGenerator.model_validate(settings["shape_generator"]).training,
            network.training,
            Topology.model_validate(settings["topology"]),
        ),
        network,
        seed=seed,
        checkpoints=checkpoints,
        output=history.parent,
        history=history,
        places=_places(start.diagrams, truth, joint.grid) if terms.place_radius else None,
        title=title,
    )


def _places(file: Path, diagrams: Sequence[StoredDiagram], resolution: int) -> list[Places]:
    """Where the points of diagrams on the grid of joint training are.

    Raises:
        DamagedFileError: if the file does not tell, or tells of another grid.
    """
    found: list[Places] = []
    for diagram in diagrams:
        if diagram.vertices is None:
            raise DamagedFileError(file, "it is of an earlier version and tells no vertices")
        try:
            found.append([vertex_places(each, resolution) for each in diagram.vertices])
        except ValueError as error:
            raise DamagedFileError(file, f"its vertices are not of {resolution}^3") from error
    return found
