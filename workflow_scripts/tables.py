"""Table 1 and the table of every score, in every format, each with its origin."""

from running import start

job = start(snakemake)

from pathlib import Path

from toposhape.config import Method
from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.score_table import REFERENCES, read_scores
from toposhape.publication.publish import publish_table
from toposhape.publication.summary import count_shapes
from toposhape.publication.tables import HEADLINE, cell_table, collect_cells, details_table, table1

params, inputs = job.params, job.input
methods = {name: Method.model_validate(each) for name, each in params.methods.items()}
cells = collect_cells(read_scores(inputs.scores), methods)
parts = zip(params.categories, inputs.manifests, inputs.splits, strict=True)
shapes = {category: count_shapes(manifest, split) for category, manifest, split in parts}
for document, metrics in (
    (table1(cells, methods, params.categories), HEADLINE),
    (details_table(cells, methods, params.categories), list(METRICS)),
):
    publish_table(
        document,
        cell_table(cells, [*methods, *REFERENCES], metrics),
        Path(job.output[0]).parent,
        inputs=[*inputs.scores, *inputs.manifests, *inputs.splits],
        config_digest=params.config_digest,
        training_seeds=params.training_seeds,
        draws=params.draws,
        shapes=shapes,
        trainings=inputs.trainings,
    )
