"""Meshes to signed distance, or clouds to outer sheets; ground-truth diagrams and a split."""

CLOUD_CATEGORIES = RUN.cloud_categories


rule prepare_shapes:
    input:
        meshes=mesh_files,
    output:
        samples=f"{BATCH}/samples.npy",
        grid=f"{BATCH}/grid.npy",
        surface=f"{BATCH}/surface.npy",
        manifest=f"{BATCH}/manifest.csv",
    log:
        f"{LOGS}/prepare_shapes/{{category}}_{{batch}}.log",
    benchmark:
        f"{TIMES}/prepare_shapes/{{category}}_{{batch}}.tsv"
    wildcard_constraints:
        category=alternatives(GIVEN_AS_MESHES),
    priority: 20  # all trainings of its category wait for it, and it takes all cores
    conda:
        "../envs/shapes.yaml"
    threads: 2
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        requests=batch_requests,
        up=lambda wildcards: RUN.categories[wildcards.category].up,
        seed=RUN.seed,
        shapes=preparation_settings(),
    message:
        "Signed distance of {wildcards.category} shapes, batch {wildcards.batch}"
    script:
        "../workflow_scripts/prepare_shapes.py"


rule frame_clouds:
    input:
        clouds=files_of_category,
    output:
        frame=f"{SHAPES}/frame.json",
    log:
        f"{LOGS}/frame_clouds/{{category}}.log",
    wildcard_constraints:
        category=alternatives(CLOUD_CATEGORIES),
    priority: 20
    conda:
        "../envs/generators.yaml"
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        requests=category_requests,
        up=lambda wildcards: RUN.categories[wildcards.category].up,
    message:
        "One frame for all {wildcards.category} clouds"
    script:
        "../workflow_scripts/frame_clouds.py"


rule prepare_clouds:
    input:
        clouds=mesh_files,
        frame=frame_of_category,
    output:
        grid=f"{BATCH}/grid.npy",
        surface=f"{BATCH}/surface.npy",
        manifest=f"{BATCH}/manifest.csv",
    log:
        f"{LOGS}/prepare_clouds/{{category}}_{{batch}}.log",
    benchmark:
        f"{TIMES}/prepare_clouds/{{category}}_{{batch}}.tsv"
    wildcard_constraints:
        category=alternatives(CLOUD_CATEGORIES),
    priority: 20
    conda:
        "../envs/generators.yaml"
    threads: 2
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        requests=batch_requests,
        up=lambda wildcards: RUN.categories[wildcards.category].up,
        seed=RUN.seed,
        resolution=RUN.shapes.resolution,
        offset=RUN.gradient_fields.surface.offset,
        neighbours=RUN.gradient_fields.surface.neighbours,
        seconds=RUN.shapes.seconds_per_shape,
    message:
        "Outer sheets of {wildcards.category} clouds, batch {wildcards.batch}"
    script:
        "../workflow_scripts/prepare_clouds.py"


rule compute_diagrams:
    input:
        grid=f"{BATCH}/grid.npy",
        manifest=f"{BATCH}/manifest.csv",
    output:
        diagrams=f"{BATCH}/diagrams.parquet",
        topology=f"{BATCH}/topology.csv",
    log:
        f"{LOGS}/compute_diagrams/{{category}}_{{batch}}.log",
    benchmark:
        f"{TIMES}/compute_diagrams/{{category}}_{{batch}}.tsv"
    priority: 20
    conda:
        "../envs/shapes.yaml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **settings_of("topology"),
    message:
        "Ground-truth diagrams and topology of {wildcards.category} shapes, batch {wildcards.batch}"
    script:
        "../workflow_scripts/compute_diagrams.py"


rule gather_shapes:
    input:
        manifests=of_all_batches(f"{BATCH}/manifest.csv"),
        diagrams=of_all_batches(f"{BATCH}/diagrams.parquet"),
        topology=of_all_batches(f"{BATCH}/topology.csv"),
    output:
        manifest=f"{SHAPES}/manifest.csv",
        diagrams=f"{SHAPES}/diagrams.parquet",
        topology=f"{SHAPES}/topology.csv",
    log:
        f"{LOGS}/gather_shapes/{{category}}.log",
    priority: 20
    conda:
        "../envs/shapes.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        max_rejected=RUN.shapes.max_rejected,
    message:
        "One manifest, one table of diagrams and one of topology of all {wildcards.category} shapes"
    script:
        "../workflow_scripts/gather_shapes.py"


rule split_shapes:
    input:
        manifest=f"{SHAPES}/manifest.csv",
        given=if_scanned(f"{TRUE_SHAPES}/split.json"),
    output:
        split=f"{SHAPES}/split.json",
    log:
        f"{LOGS}/split_shapes/{{category}}.log",
    priority: 20
    conda:
        "../envs/shapes.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        shares=Parameters(RUN.shapes.split),
        seed=RUN.seed,
        given=given_parts,
    message:
        "Training, validation and test {wildcards.category} shapes"
    script:
        "../workflow_scripts/split_shapes.py"
