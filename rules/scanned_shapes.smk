"""Shapes that are known from scans: `data: scans` and `data: clouds` of a category."""


use rule prepare_shapes as prepare_true_shapes with:
    output:
        samples=temp(f"{TRUE_BATCH}/samples.npy"),
        grid=temp(f"{TRUE_BATCH}/grid.npy"),
        surface=f"{TRUE_BATCH}/surface.npy",
        manifest=f"{TRUE_BATCH}/manifest.csv",
    log:
        f"{LOGS}/prepare_true_shapes/{{category}}_{{batch}}.log",
    benchmark:
        f"{TIMES}/prepare_true_shapes/{{category}}_{{batch}}.tsv"
    wildcard_constraints:
        category=alternatives(SCANNED),
    message:
        "Signed distance of the meshes of {wildcards.category}, batch {wildcards.batch}"


rule split_true_shapes:
    input:
        of_all_batches(f"{TRUE_BATCH}/manifest.csv"),
    output:
        manifest=f"{TRUE_SHAPES}/manifest.csv",
        split=f"{TRUE_SHAPES}/split.json",
    log:
        f"{LOGS}/split_true_shapes/{{category}}.log",
    conda:
        "../envs/scans.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        shares=Parameters(RUN.shapes.split),
        seed=RUN.seed,
        given=given_parts,
        max_rejected=RUN.shapes.max_rejected,
    message:
        "Which meshes of {wildcards.category} are test shapes, and are not scanned"
    script:
        "../workflow_scripts/split_true_shapes.py"


rule scan_shapes:
    input:
        meshes=mesh_files,
        manifest=if_scanned(f"{TRUE_BATCH}/manifest.csv"),
        split=if_scanned(f"{TRUE_SHAPES}/split.json"),
    output:
        samples=f"{BATCH}/samples.npy",
        grid=f"{BATCH}/grid.npy",
        surface=f"{BATCH}/surface.npy",
        manifest=f"{BATCH}/manifest.csv",
    log:
        f"{LOGS}/scan_shapes/{{category}}_{{batch}}.log",
    benchmark:
        f"{TIMES}/scan_shapes/{{category}}_{{batch}}.tsv"
    wildcard_constraints:
        category=alternatives(SCANNED + FITTED_CLOUDS),
    conda:
        "../envs/scans.yaml"
    threads: 2
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        requests=batch_requests,
        up=lambda wildcards: RUN.categories[wildcards.category].up,
        seed=RUN.seed,
        shapes=preparation_settings(),
        scanned=as_parameters(RUN.scanned_shapes),
    message:
        "Surfaces from scans of {wildcards.category}, batch {wildcards.batch}"
    script:
        "../workflow_scripts/scan_shapes.py"
