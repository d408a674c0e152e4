"""Pictures and small meshes of the first shapes of a folder."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from toposhape.publication.pictures import portray_files

meshes = sorted(Path(job.input.meshes).glob("*.ply"))[: job.params.most]
portray_files(meshes, job.output.folder, job.params.pixels)
finish(job)
