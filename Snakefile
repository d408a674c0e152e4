"""From meshes to the paper's tables and figures: one chapter after the other."""

from snakemake.utils import min_version

min_version("9.20")


configfile: "config.yaml"


report: "report/workflow.rst"


container: "containers/toposhape.sif"


include: "rules/common.smk"
include: "rules/common_batches.smk"
include: "rules/common_publication.smk"
include: "rules/common_points.smk"
include: "rules/common_progress.smk"
include: "rules/common_scans.smk"
include: "rules/shapes.smk"
include: "rules/scanned_shapes.smk"
include: "rules/generators.smk"
include: "rules/vector_sets.smk"
include: "rules/gradient_fields.smk"
include: "rules/evaluation.smk"
include: "rules/pictures.smk"
include: "rules/publication.smk"
include: "rules/layer_experiments.smk"
include: "rules/point_clouds.smk"
include: "rules/scans.smk"
include: "rules/scans_plane.smk"
include: "rules/scans_space.smk"
include: "rules/theory.smk"


onstart:
    require_gpu()
    store_plan()
    tell_of_files_left_out()
    start_progress()


onsuccess:
    end_progress("Done")


onerror:
    end_progress("Stopped by an error")


localrules:
    all,
    publication,


rule all:
    default_target: True
    input:
        published_files(RUN, PATHS),


rule publication:
    input:
        rules.all.input,
