"""Figure 4: the first shapes of some methods, side by side in two categories."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.publication.pictures.portraits import read_pictures
from toposhape.publication.pictures.sheets import comparison_sheet, save_sheet

params = job.params
folders = iter(job.input.synthetic)  # category by category, in the methods' order
blocks = {
    category: {method: read_pictures(next(folders), params.columns) for method in params.methods}
    for category in params.categories
}
save_sheet(comparison_sheet(blocks), job.output.png, job.output.pdf)
write_sidecars(job)
