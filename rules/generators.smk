"""Training of the generators: two pretrainings for each variant, a joint training for each method, codes to draw beside."""


rule train_shape_generator:
    input:
        samples=of_all_batches(f"{BATCH}/samples.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        weights=f"{PRETRAINED}/generator.safetensors",
        metadata=f"{PRETRAINED}/generator.json",
        history=f"{PRETRAINED}/history.csv",
    log:
        f"{LOGS}/train_shape_generator/{{category}}_{{variant}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/train_shape_generator/{{category}}_{{variant}}_{{seed}}.tsv"
    priority: 10  # the longest chain of jobs hangs on it
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus() * RUN.shape_generator.training.processes,
        mem_mb=2000,
        runtime=600,
    params:
        **settings_of("device"),
        shape_generator=shape_generator_settings,
        variant=variant_settings,
        run_seed=RUN.seed,
        checkpoints=f"{CHECKPOINTS}/shapes/{{category}}/{{variant}}/seed{{seed}}",
    message:
        "Pretraining {wildcards.variant} on {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train_shape_generator.py"


rule train_diagram_generator:
    input:
        weights=f"{PRETRAINED}/generator.safetensors",
        metadata=f"{PRETRAINED}/generator.json",
        diagrams=f"{SHAPES}/diagrams.parquet",
        split=f"{SHAPES}/split.json",
    output:
        weights=f"{PRETRAINED}/diagrams.safetensors",
        metadata=f"{PRETRAINED}/diagrams.json",
        history=f"{PRETRAINED}/diagrams_history.csv",
    log:
        f"{LOGS}/train_diagram_generator/{{category}}_{{variant}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/train_diagram_generator/{{category}}_{{variant}}_{{seed}}.tsv"
    priority: 10
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=1000,
        runtime=60,
    params:
        **settings_of("diagram_generator", "device"),
        min_persistence=RUN.topology.min_persistence,
        run_seed=RUN.seed,
        checkpoints=f"{CHECKPOINTS}/diagrams/{{category}}/{{variant}}/seed{{seed}}",
    message:
        "Pretraining the diagrams of {wildcards.variant} on {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train_diagram_generator.py"


rule train_jointly:
    input:
        weights=pretrained("generator.safetensors"),
        metadata=pretrained("generator.json"),
        diagram_weights=pretrained_diagrams("diagrams.safetensors"),
        diagram_metadata=pretrained_diagrams("diagrams.json"),
        diagrams=f"{SHAPES}/diagrams.parquet",
        samples=of_all_batches(f"{BATCH}/samples.npy"),
        manifest=f"{SHAPES}/manifest.csv",
    output:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        diagram_weights=f"{TRAINED}/diagrams.safetensors",
        diagram_metadata=f"{TRAINED}/diagrams.json",
        history=f"{TRAINED}/history.csv",
    log:
        f"{LOGS}/train_jointly/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/train_jointly/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=IMPLICIT,
    priority: 10
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=600,
    params:
        **settings_of(
            "shape_generator",
            "diagram_generator",
            "joint_training",
            "topology",
            "device",
        ),
        variant=variant_settings,
        terms=topological_terms,
        run_seed=RUN.seed,
        checkpoints=f"{CHECKPOINTS}/joint/{{category}}/{{method}}/seed{{seed}}",
    message:
        "Joint training of {wildcards.method} on {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train_jointly.py"


rule filter_codes:
    input:
        generator=generator_files,
        diagram_weights=f"{TRAINED}/diagrams.safetensors",
        diagram_metadata=f"{TRAINED}/diagrams.json",
    output:
        weights=f"{TRAINED}/filtered_codes.safetensors",
        metadata=f"{TRAINED}/filtered_codes.json",
    log:
        f"{LOGS}/filter_codes/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/filter_codes/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=IMPLICIT,
    priority: 5
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=120,
    params:
        **settings_of("code_filter", "topology", "device"),
        checkpoints=f"{CHECKPOINTS}/filtered_codes/{{category}}/{{method}}/seed{{seed}}",
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
    message:
        "Codes of {wildcards.method} whose shapes are as wanted, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/filter_codes.py"
