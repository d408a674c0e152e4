"""Pictures and small meshes of the first shapes of a folder."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.pictures import picture_folder

picture_folder(Path(job.input.meshes), Path(job.output.folder), job.params.most, job.params.pixels)
finish(job)
