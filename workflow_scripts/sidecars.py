"""The sidecars of a figure of one category."""

from collections.abc import Iterable
from typing import Any

from toposhape.publication.summary import count_shapes
from toposhape.publication.traceability import write_sidecar


def write_figure_sidecars(job: Any, inputs: Iterable[str]) -> None:
    """Say beside the PNG and the PDF what a figure was made from.

    Args:
        job: Snakemake's object of a rule with inputs manifest, split and trainings.
        inputs: the files that the figure shows.
    """
    given = job.input
    for path in (job.output.png, job.output.pdf):
        write_sidecar(
            path,
            inputs=[*inputs, given.manifest, given.split, *given.trainings],
            config_digest=job.params.config_digest,
            training_seeds=job.params.training_seeds,
            draws=job.params.draws,
            shapes={job.wildcards.category: count_shapes(given.manifest, given.split)},
            trainings=given.trainings,
        )
