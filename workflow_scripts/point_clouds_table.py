"""The ShapeGF paper's tables beside our numbers."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import pandas as pd

from toposhape.publication.tables.point_clouds import chapter_data, point_clouds_document
from toposhape.publication.tables.publish import publish_table

given = job.input
reconstruction, sheets, letters, ablation = (
    pd.read_csv(file)
    for file in (given.reconstruction[0], given.sheets[0], given.letters, given.ablation)
)
clouds, topology = (
    pd.concat(map(pd.read_csv, files), ignore_index=True)
    for files in (given.clouds, given.topology)
)
publish_table(
    point_clouds_document(
        reconstruction, clouds, topology, sheets, letters, ablation,
        job.params.points, job.params.earth_mover_points, job.params.without_meshes,
    ),
    chapter_data(reconstruction, clouds, topology, sheets),
    Path(job.output[0]).parent,
    inputs=list(given),
    config_digest=job.params.digest,
    training_seeds=job.params.seeds,
    draws=job.params.draws,
)  # fmt: skip
finish(job)
