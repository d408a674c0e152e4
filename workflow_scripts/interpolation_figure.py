"""Shapes between two training shapes, by a Lipschitz-regularised generator and by our method."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.evaluation.frames import read_frames
from toposhape.publication.interpolation_figure import Step, interpolation_figure
from toposhape.publication.portraits import read_pictures
from toposhape.publication.style import save_figure

rows = {
    method: [
        Step(picture, frame.diagram, *frame.betti[:2], frame.generated)
        for picture, frame in zip(read_pictures(pictures), read_frames(folder), strict=True)
    ]
    for method, folder, pictures in zip(
        job.params.methods, job.input.frames, job.input.pictures, strict=True
    )
}
save_figure(interpolation_figure(rows), job.output.png, job.output.pdf)
write_sidecars(job)
