"""What publishing shows and what takes its time: ways between shapes, matrices, pictures."""


rule export_examples:
    input:
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        examples=directory(f"{SHAPES}/examples"),
    log:
        f"{LOGS}/export_examples/{{category}}.log",
    benchmark:
        f"{TIMES}/export_examples/{{category}}.tsv"
    conda:
        "../envs/gallery.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        examples=PICTURED,
    message:
        "Surfaces of training shapes, {wildcards.category}"
    script:
        "../workflow_scripts/export_examples.py"


rule interpolate_shapes:
    input:
        generator=generator_files,
        codes=f"{SYNTHETIC}/codes.npy",
    output:
        folder=directory(WALK),
    log:
        f"{LOGS}/interpolate_shapes/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/interpolate_shapes/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=IMPLICIT,
    conda:
        "../envs/generators.yaml"
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=30,
    params:
        **settings_of("topology", "device"),
        resolution=RUN.shapes.resolution,
        frames=WALK_FRAMES,
    message:
        "From one code to another with {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/interpolate_shapes.py"


rule interpolate_training_shapes:
    input:
        lipschitz=file_of_first_seed(
            f"{PRETRAINED}/generator.safetensors", variant=LIPSCHITZ
        ),
        topological=file_of_first_seed(
            f"{TRAINED}/generator.safetensors", method=TOPOLOGICAL
        ),
        metadata=file_of_first_seed(f"{PRETRAINED}/generator.json", variant=LIPSCHITZ),
        diagram_weights=file_of_first_seed(
            f"{TRAINED}/diagrams.safetensors", method=TOPOLOGICAL
        ),
        diagrams=f"{SHAPES}/diagrams.parquet",
        topology=f"{SHAPES}/topology.csv",
    output:
        *map(directory, INTERPOLATIONS),
    log:
        f"{LOGS}/interpolate_training_shapes/{{category}}.log",
    benchmark:
        f"{TIMES}/interpolate_training_shapes/{{category}}.tsv"
    priority: 5  # three jobs in a row hang on it
    conda:
        "../envs/generators.yaml"
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=30,
    params:
        **settings_of("topology", "device"),
        resolution=RUN.shapes.resolution,
        frames=8,
    message:
        "From one training shape to another, {wildcards.category}"
    script:
        "../workflow_scripts/interpolate_training_shapes.py"


rule compare_with_training:
    input:
        **TRUTH,
        synthetic=file_of_first_seed(
            f"{SYNTHETIC}/diagrams.parquet", method=MATRICES_METHOD
        ),
        generated=file_of_first_seed(
            f"{SYNTHETIC}/generated.parquet", method=MATRICES_METHOD
        ),
        synthetic_topology=file_of_first_seed(
            f"{SYNTHETIC}/topology.csv", method=MATRICES_METHOD
        ),
    output:
        matrices=MATRICES,
    log:
        f"{LOGS}/compare_with_training/{{category}}.log",
    benchmark:
        f"{TIMES}/compare_with_training/{{category}}.tsv"
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    message:
        "Training shapes against shapes and against generated diagrams, {wildcards.category}"
    script:
        "../workflow_scripts/compare_with_training.py"


rule picture_shapes:
    input:
        meshes=f"{RESULTS}/{{folder}}",
    output:
        folder=directory(f"{PICTURES}/{{folder}}"),
    log:
        f"{LOGS}/picture_shapes/{{folder}}.log",
    benchmark:
        f"{TIMES}/picture_shapes/{{folder}}.tsv"
    wildcard_constraints:
        folder=r"(shapes|synthetic|interpolations)/.+",
    conda:
        "../envs/gallery.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        most=PICTURED,
        pixels=RUN.publication.picture_pixels,
    message:
        "Pictures of {wildcards.folder}"
    script:
        "../workflow_scripts/picture_shapes.py"
