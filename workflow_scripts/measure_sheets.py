"""What the outer sheet of a cloud costs, on test shapes whose diagrams are known."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch
from truth_files import truth_files

from toposhape.base.files import whole
from toposhape.jobs.point_clouds import measure_sheets
from toposhape.learning.seeds import choose_device
from toposhape.settings.topology import Topology
from toposhape.shapes.prepared import PreparedShapes

torch.set_num_threads(job.threads)
given, params = job.input, job.params
sheets = measure_sheets(
    truth_files(given),
    PreparedShapes(given.manifest, given.grids),
    PreparedShapes(given.manifest, given.surfaces),
    Path(given.generator),
    Topology.model_validate(params.topology),
    device=choose_device(params.device),
    sampling=params.sampling,
)
with whole(job.output.sheets) as file:
    sheets.to_csv(file, index=False)
finish(job)
