"""Meshes to signed distance, ground-truth diagrams and a split."""


rule prepare_shapes:
    output:
        samples=f"{BATCH}/samples.npy",
        grid=f"{BATCH}/grid.npy",
        surface=f"{BATCH}/surface.npy",
        manifest=f"{BATCH}/manifest.csv",
    input:
        meshes=mesh_files,
    params:
        requests=batch_requests,
        up=lambda wildcards: RUN.category(wildcards.category).up,
        seed=RUN.seed,
        shapes=preparation_settings(),
    threads: 2
    resources:
        mem_mb=3000,
        runtime=120,
    log:
        f"{LOGS}/prepare_shapes/{{category}}_{{batch}}.log",
    benchmark:
        f"{TIMES}/prepare_shapes/{{category}}_{{batch}}.tsv"
    conda:
        "../envs/shapes.yaml"
    message:
        "Signed distance of {wildcards.category} shapes, batch {wildcards.batch}"
    script:
        "../workflow_scripts/prepare_shapes.py"


rule compute_diagrams:
    output:
        diagrams=f"{BATCH}/diagrams.parquet",
    input:
        grid=f"{BATCH}/grid.npy",
        manifest=f"{BATCH}/manifest.csv",
    params:
        **settings_of("topology"),
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    log:
        f"{LOGS}/compute_diagrams/{{category}}_{{batch}}.log",
    benchmark:
        f"{TIMES}/compute_diagrams/{{category}}_{{batch}}.tsv"
    conda:
        "../envs/shapes.yaml"
    message:
        "Ground-truth diagrams of {wildcards.category} shapes, batch {wildcards.batch}"
    script:
        "../workflow_scripts/compute_diagrams.py"


rule gather_shapes:
    output:
        manifest=f"{SHAPES}/manifest.csv",
        diagrams=f"{SHAPES}/diagrams.parquet",
    input:
        manifests=of_all_batches(f"{BATCH}/manifest.csv"),
        diagrams=of_all_batches(f"{BATCH}/diagrams.parquet"),
    params:
        max_rejected=RUN.shapes.max_rejected,
    resources:
        mem_mb=2000,
        runtime=10,
    log:
        f"{LOGS}/gather_shapes/{{category}}.log",
    conda:
        "../envs/shapes.yaml"
    message:
        "One manifest and one table of diagrams of all {wildcards.category} shapes"
    script:
        "../workflow_scripts/gather_shapes.py"


rule split_shapes:
    output:
        split=f"{SHAPES}/split.json",
    input:
        manifest=f"{SHAPES}/manifest.csv",
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        given=given_split_files,
    params:
        shares=RUN.shapes.split.model_dump(),
        seed=RUN.seed,
        synset=lambda wildcards: RUN.category(wildcards.category).synset,
    resources:
        mem_mb=2000,
        runtime=10,
    log:
        f"{LOGS}/split_shapes/{{category}}.log",
    conda:
        "../envs/shapes.yaml"
    message:
        "Training, validation and test {wildcards.category} shapes"
    script:
        "../workflow_scripts/split_shapes.py"
