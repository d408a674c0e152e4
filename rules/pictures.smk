"""What publishing shows and what takes its time: ways between shapes, matrices, pictures."""


rule describe_shapes:
    input:
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        topology=f"{SHAPES}/topology.csv",
        examples=directory(f"{SHAPES}/examples"),
    log:
        f"{LOGS}/describe_shapes/{{category}}.log",
    benchmark:
        f"{TIMES}/describe_shapes/{{category}}.tsv"
    conda:
        "../envs/generators.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        **settings_of("topology"),
        examples=PICTURED,
    message:
        "Pieces, handles and cavities of the shapes, {wildcards.category}"
    script:
        "../workflow_scripts/describe_shapes.py"


rule interpolate_shapes:
    input:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
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
        lipschitz=of_first_seed(
            f"{PRETRAINED}/generator.safetensors", variant=LIPSCHITZ
        ),
        topological=of_first_seed(
            f"{TRAINED}/generator.safetensors", method=TOPOLOGICAL
        ),
        metadata=of_first_seed(f"{PRETRAINED}/generator.json", variant=LIPSCHITZ),
        diagram_weights=of_first_seed(
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
        codes=of_first_seed(f"{SYNTHETIC}/codes.npy", method=PLAIN),
        diagrams=of_first_seed(f"{SYNTHETIC}/diagrams.parquet", method=PLAIN),
        diagram_weights=of_first_seed(f"{TRAINED}/diagrams.safetensors", method=PLAIN),
        true_diagrams=f"{SHAPES}/diagrams.parquet",
        split=f"{SHAPES}/split.json",
    output:
        matrices=MATRICES,
    log:
        f"{LOGS}/compare_with_training/{{category}}.log",
    benchmark:
        f"{TIMES}/compare_with_training/{{category}}.tsv"
    conda:
        "../envs/generators.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        min_persistence=RUN.topology.min_persistence,
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
